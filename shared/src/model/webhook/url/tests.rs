//! Good and bad URLs, and the addresses that deliveries are sent to.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn good_urls_are_read_as_they_are() {
    for good in [
        "https://example.com",
        "https://example.com/",
        "https://example.com:8443/hooks?a=b",
        "HTTPS://Example.com/x",
        "https://93.184.216.34/hook",
        "https://[2606:4700::1111]:443/hook",
        "https://dialer.example.com/add?phone=[callee]&text=[whisper_text]",
        "https://example.com/leads/[lead_id]?type=[type]",
        "https://xn--bcher-kva.example/",
    ] {
        let url = EndpointUrl::parse(good);
        assert_eq!(url.as_ref().map(EndpointUrl::as_str), Ok(good));
    }
    assert_eq!(
        EndpointUrl::parse(" https://example.com/x \n")
            .unwrap()
            .as_str(),
        "https://example.com/x"
    );
}

#[test]
fn bad_urls_are_refused_with_what_is_wrong() {
    for (bad, error) in [
        ("", InvalidUrl::NotHttps),
        ("example.com", InvalidUrl::NotHttps),
        ("http://example.com/", InvalidUrl::NotHttps),
        ("ftp://example.com/", InvalidUrl::NotHttps),
        ("http://localhost:9000/", InvalidUrl::NotHttps),
        ("https://", InvalidUrl::Host),
        ("https:///path", InvalidUrl::Host),
        ("https://example.com:0/", InvalidUrl::Host),
        ("https://example.com:65536/", InvalidUrl::Host),
        ("https://example.com:+80/", InvalidUrl::Host),
        ("https://example.com:/", InvalidUrl::Host),
        ("https://exa%6dple.com/", InvalidUrl::Host),
        ("https://user:password@example.com/", InvalidUrl::UserInfo),
        ("https://example.com/#there", InvalidUrl::Fragment),
        ("https://example.com/a b", InvalidUrl::Character(22)),
        ("https://bücher.example/", InvalidUrl::Character(10)),
        ("https://example.com/\r\nhost: x", InvalidUrl::Character(21)),
        ("https://[callee].example.com/", InvalidUrl::Bracket),
        ("https://example.[did]/", InvalidUrl::Bracket),
        ("https://example.com/?a=[callee", InvalidUrl::Bracket),
        ("https://example.com/?a=callee]", InvalidUrl::Bracket),
        ("https://example.com/?a=[[callee]]", InvalidUrl::Bracket),
        (
            "https://example.com/?a=[password]",
            InvalidUrl::UnknownToken("password".to_owned()),
        ),
        (
            "https://example.com/?a=[]",
            InvalidUrl::UnknownToken(String::new()),
        ),
        ("https://localhost/", InvalidUrl::Address),
        ("https://LOCALHOST./", InvalidUrl::Address),
        ("https://api.localhost/", InvalidUrl::Address),
        ("https://127.0.0.1/", InvalidUrl::Address),
        ("https://10.1.2.3/", InvalidUrl::Address),
        (
            "https://169.254.169.254/latest/meta-data/",
            InvalidUrl::Address,
        ),
        ("https://[::1]/", InvalidUrl::Address),
        ("https://[::ffff:10.0.0.1]/", InvalidUrl::Address),
        ("https://[fd00:ec2::254]/", InvalidUrl::Address),
    ] {
        assert_eq!(EndpointUrl::parse(bad), Err(error), "{bad}");
    }
    let long = format!("https://example.com/{}", "a".repeat(2_048));
    assert_eq!(EndpointUrl::parse(&long), Err(InvalidUrl::TooLong));
    let unknown = EndpointUrl::parse("https://example.com/?a=[password]").unwrap_err();
    assert!(
        unknown.to_string().contains("[callee], [callprocess_id]"),
        "{unknown}"
    );
}

#[test]
fn a_local_url_is_of_this_machine_only() {
    for good in [
        "http://127.0.0.1:9000/x",
        "http://localhost/",
        "http://[::1]:80/",
        "https://10.0.0.1/",
    ] {
        assert!(EndpointUrl::parse_local(good).is_ok(), "{good}");
    }
    for bad in [
        "http://10.0.0.1/",
        "http://example.com/",
        "http://127.0.0.1.example.com/",
    ] {
        assert_eq!(
            EndpointUrl::parse_local(bad),
            Err(InvalidUrl::NotHttps),
            "{bad}"
        );
    }
}

#[test]
fn tokens_are_filled_with_encoded_values() {
    let event = json!({"type": "rapidresponse.queued", "data": {"callee": "+12065550100", "whisper_text": "a&b [did]"}});
    for (url, filled) in [
        (
            "https://x.example/add?p=[callee]&t=[whisper_text]",
            "https://x.example/add?p=%2B12065550100&t=a%26b%20%5Bdid%5D",
        ),
        (
            "https://x.example/[type]/[amount]/end",
            "https://x.example/rapidresponse.queued//end",
        ),
        (
            "https://[2606:4700::1111]/[callee]",
            "https://[2606:4700::1111]/%2B12065550100",
        ),
        ("https://x.example", "https://x.example"),
    ] {
        assert_eq!(EndpointUrl::parse(url).unwrap().filled(&event), filled);
    }
}

#[test]
fn only_addresses_of_the_internet_are_public() {
    for (address, public) in [
        ("8.8.8.8", true),
        ("1.1.1.1", true),
        ("100.63.255.255", true),
        ("100.64.0.1", false),
        ("100.127.255.255", false),
        ("172.15.0.1", true),
        ("172.16.0.1", false),
        ("172.31.255.255", false),
        ("172.32.0.1", true),
        ("0.0.0.0", false),
        ("0.1.2.3", false),
        ("10.255.255.255", false),
        ("127.0.0.1", false),
        ("127.255.255.254", false),
        ("169.254.169.254", false),
        ("192.168.1.1", false),
        ("192.0.0.8", false),
        ("192.0.2.1", false),
        ("198.18.0.1", false),
        ("198.51.100.1", false),
        ("203.0.113.1", false),
        ("224.0.0.1", false),
        ("239.255.255.255", false),
        ("240.0.0.1", false),
        ("255.255.255.255", false),
        ("2606:4700::1111", true),
        ("2a00:1450:4001::1", true),
        ("::", false),
        ("::1", false),
        ("::ffff:8.8.8.8", false),
        ("::ffff:10.0.0.1", false),
        ("::10.0.0.1", false),
        ("64:ff9b::10.0.0.1", false),
        ("64:ff9b:1::1", false),
        ("100::1", false),
        ("2001::1", false),
        ("2001:1ff::1", false),
        ("2001:200::1", true),
        ("2001:db8::1", false),
        ("2002:a00:1::1", false),
        ("3fff::1", false),
        ("fc00::1", false),
        ("fd00:ec2::254", false),
        ("fe80::1", false),
        ("fec0::1", false),
        ("ff02::1", false),
    ] {
        assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
    }
}

proptest! {
    #[test]
    fn a_filled_url_keeps_its_host_and_has_no_tokens(
        text in "https://[a-z]{1,9}(:[0-9]{1,5})?/?[a-z?=&]{0,9}(\\[(callee|id|did)\\])?[a-z]{0,3}",
        value in any::<String>(),
    ) {
        if let Ok(url) = EndpointUrl::parse(&text) {
            let event = json!({"id": value, "data": {"callee": value, "did": value}});
            let filled = url.filled(&event);
            prop_assert!(EndpointUrl::parse(&filled).is_ok() || filled.len() > LONGEST, "{filled}");
            let of = |text: &str| parts(text).unwrap().host.to_owned();
            prop_assert_eq!(of(&filled), of(&text));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Ok(url) = EndpointUrl::parse(&text) {
            prop_assert_eq!(EndpointUrl::parse(url.as_str()), Ok(url));
        }
    }
}
