use proptest::prelude::*;

use super::*;

/// Reference implementation of a rule, simple and slow.
fn naive(pattern: &[u8], path: &[u8]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((b'*', rest)) => (0..=path.len()).any(|skipped| naive(rest, &path[skipped..])),
        Some((byte, rest)) => path.first() == Some(byte) && naive(rest, &path[1..]),
    }
}

#[test]
fn rules_match_the_paths_of_the_contract() {
    let forms = [
        "/api/ingress/calls/inbound/billable",
        "/api/ingress/calls/inbound/billable/",
        "/api/ingress/calls/inbound/billable/2065550100",
        "/api/ingress/calls/inbound/billable/2065550100/2065550101",
    ];
    for rule in [
        "/api/ingress/calls/inbound/billable*",
        "*",
        "/*",
        "/api/*/billable*",
        "*bill*",
        "/**",
    ] {
        let rule = EndpointRule::parse(rule).unwrap();
        for form in forms {
            assert!(rule.matches(&NormalPath::of(form)), "{rule} {form}");
        }
    }
    let table = [
        ("/a/b", "/a/b", true),
        ("/a/b", "/a/b/", true),
        ("/a/b/", "/a/b", true),
        (" /a/b /\n", "/a/b", true),
        ("/a/b", "/a/b/c", false),
        ("/a/b", "/A/b", false),
        ("/", "/", true),
        ("//", "/", true),
        ("/", "/a", false),
        ("/a/*", "/a/b/c", true),
        ("/a/*", "/ab", false),
        ("*/c", "/a/b/c", true),
        ("*/c", "/a/b/cc", false),
        ("/a*a", "/a", false),
        ("/a*a", "/aa", true),
        ("/a*b*b", "/ab", false),
        ("/a.c", "/abc", false),
        ("/a[b]", "/ab", false),
    ];
    for (rule, path, expected) in table {
        let rule = EndpointRule::parse(rule).unwrap();
        assert_eq!(
            rule.matches(&NormalPath::of(path)),
            expected,
            "{rule} {path}"
        );
    }
}

#[test]
fn no_spelling_of_a_path_evades_a_rule() {
    let rule = EndpointRule::parse("/api/v1").unwrap();
    for same in [
        "/api/v1",
        "api/v1",
        "/api//v1",
        "//api/v1//",
        "/api/./v1",
        "/api/x/../v1",
        "/../../api/v1",
        "/api%2Fv1",
        "/api%2fv1",
        "/%61pi/v1",
        "/api%252Fv1",
        "/api/x/%2e%2e/v1",
        "/api/x%2F..%2Fv1",
        "/api/v1%2F",
    ] {
        assert!(rule.matches(&NormalPath::of(same)), "{same}");
    }
    for other in [
        "/api/v1/../v2",
        "/api/v1%2f..%2fv2",
        "/api/v1%252e",
        "/api\\v1",
        "/api/v1;x",
        "/",
    ] {
        assert!(!rule.matches(&NormalPath::of(other)), "{other}");
    }
}

#[test]
fn an_invalid_rule_is_refused_with_its_reason() {
    assert_eq!(EndpointRule::parse("  "), Err(InvalidRule::Empty));
    assert_eq!(
        EndpointRule::parse("https://calls.example/api"),
        Err(InvalidRule::NotAPath)
    );
    assert_eq!(
        EndpointRule::parse(&"/".repeat(1_025)),
        Err(InvalidRule::TooLong)
    );
    for text in [
        "/api//v1",
        "//api",
        "/api/./v1",
        "/api/../v1",
        "/api/*/../v1",
        "/api%2Av1",
        "/api%252Av1",
        "/api/v1?resp_type=simple",
        "/a?",
        "*//v1",
        "*/./v1",
    ] {
        let refused = EndpointRule::parse(text);
        assert_eq!(refused, Err(InvalidRule::NotNormal), "{text}");
        let stored = serde_json::to_string(text).unwrap();
        let rule: EndpointRule = serde_json::from_str(&stored).unwrap();
        assert!(!rule.matches(&NormalPath::of("/api/v1")), "{text}");
    }
    for text in ["/a b/é", "/100%", "/a.b", "*", "/**", "/a*/", "//"] {
        assert!(EndpointRule::parse(text).is_ok(), "{text}");
    }
    for text in [
        "",
        "10.0.0",
        "10.0.0.0/33",
        "10.0.0.256",
        "example.org",
        "2001:db8::/129",
        "1.2.3.4:80",
    ] {
        assert_eq!(
            IpRule::parse(text),
            Err(InvalidRule::NotAnAddress),
            "{text}"
        );
    }
}

#[test]
fn a_range_contains_its_addresses_in_either_family() {
    let table = [
        ("203.0.113.7", "203.0.113.7", true),
        ("203.0.113.7", "203.0.113.8", false),
        ("10.0.0.0/8", "10.255.0.1", true),
        ("10.1.2.3/8", "10.255.0.1", true),
        ("10.0.0.0/8", "11.0.0.1", false),
        ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ("::ffff:10.0.0.1", "10.0.0.1", true),
        ("::ffff:10.0.0.0/104", "10.9.9.9", true),
        ("::ffff:10.0.0.0/104", "11.9.9.9", false),
        ("0.0.0.0/0", "198.51.100.1", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::1", "2001:db8::1", true),
        ("2001:db8::1", "2001:db8::2", false),
        ("::/0", "2001:db8::1", true),
    ];
    for (rule, address, expected) in table {
        let contains = IpRule::parse(rule)
            .unwrap()
            .contains(address.parse().unwrap());
        assert_eq!(contains, expected, "{rule} {address}");
    }
}

#[test]
fn rules_are_stored_as_they_are_shown() {
    for (text, shown) in [
        (" 203.0.113.7/32 ", "203.0.113.7"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("2001:DB8::1", "2001:db8::1"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
    ] {
        let rule = IpRule::parse(text).unwrap();
        assert_eq!(rule.to_string(), shown);
        let stored = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<IpRule>(&stored).unwrap(), rule);
    }
    let rule = EndpointRule::parse("/api/*/").unwrap();
    assert_eq!(serde_json::to_string(&rule).unwrap(), "\"/api/*\"");
    assert!(serde_json::from_str::<EndpointRule>("\"example.org\"").is_err());
}

#[test]
fn matching_a_rule_with_many_stars_is_not_exponential() {
    let rule = EndpointRule::parse(&format!("/{}b", "*a".repeat(500))).unwrap();
    assert!(!rule.matches(&NormalPath::of(&"a".repeat(100_000))));
}

proptest! {
    #[test]
    fn the_matcher_agrees_with_the_naive_one(rule in "/[ab/*]{0,8}", path in "/[ab/]{0,10}") {
        let rule = EndpointRule::read(&rule).unwrap();
        let path = NormalPath::of(&path);
        prop_assert_eq!(rule.matches(&path), naive(rule.0.as_bytes(), path.as_str().as_bytes()));
    }

    #[test]
    fn every_text_has_a_normal_path(raw in any::<String>()) {
        check(&NormalPath::of(&raw))?;
    }

    #[test]
    fn every_tricky_path_has_a_normal_form(raw in "(/|\\.|\\.\\.|%2e|%2F|%252f|%|a|\\\\){0,16}") {
        check(&NormalPath::of(&raw))?;
    }

    #[test]
    fn rules_never_panic(text in any::<String>(), address in any::<[u8; 16]>()) {
        let _ = IpRule::parse(&text).map(|rule| rule.contains(IpAddr::from(address)));
        let _ = EndpointRule::parse(&text).map(|rule| rule.matches(&NormalPath::of(&text)));
    }

    #[test]
    fn a_range_contains_its_own_address(bytes in any::<[u8; 4]>(), prefix in 0_u8..=32) {
        let address = IpAddr::from(bytes);
        let rule = IpRule::parse(&format!("{address}/{prefix}")).unwrap();
        prop_assert!(rule.contains(address));
        prop_assert_eq!(IpRule::parse(&rule.to_string()), Ok(rule));
    }
}

fn check(path: &NormalPath) -> Result<(), TestCaseError> {
    let text = path.as_str();
    prop_assert!(text.starts_with('/'));
    prop_assert!(text == "/" || !text.ends_with('/'));
    prop_assert!(!text.contains("//"));
    prop_assert!(
        !text
            .split('/')
            .any(|segment| segment == "." || segment == "..")
    );
    Ok(())
}
