//! Bodies and headers as clients really send them: codings, charsets, media types, repeated headers.

use callbook_tests::tld::{CID, DID, FORM, JSON, PATH, Platform, form};
use callbook_tests::{Reply, gzip};
use serde_json::json;

/// Sends a body with headers besides the credential.
async fn send(platform: &Platform, rest: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let headers = [&platform.headers(), headers].concat();
    let path = format!("{PATH}{rest}");
    platform.world.send("POST", &path, &headers, body).await
}

fn notes(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let notes = &reply.json()["inserted"]["notes"];
    notes.as_str().expect("text").to_owned()
}

#[tokio::test]
async fn a_coded_body_is_read_and_never_ignored() {
    let platform = Platform::new().await;
    let body = json!({"did": DID, "cid": CID, "cost": "1"}).to_string();
    let headers = [("content-type", JSON), ("content-encoding", "gzip")];
    let reply = send(&platform, "", &headers, &gzip(body.as_bytes())).await;
    assert_eq!((reply.status, &reply.json()["cost"]), (200, &json!("1")));
    // The amount of the body counts, and not that of the URL.
    let rest = format!("/{DID}/{CID}?cost=3");
    let headers = [("content-type", FORM), ("content-encoding", "GZIP")];
    let reply = send(&platform, &rest, &headers, &gzip(b"notes=gzip&cost=7")).await;
    assert_eq!(
        (notes(&reply).as_str(), &reply.json()["cost"]),
        ("gzip", &json!("7"))
    );
    for coding in ["br", "zstd", "gzip, br"] {
        let headers = [("content-type", FORM), ("content-encoding", coding)];
        let reply = send(&platform, &rest, &headers, b"cost=8").await;
        assert_eq!(
            (reply.status, reply.json()),
            (415, json!({"error": "Unsupported Content Type"})),
            "{coding}"
        );
        assert_eq!(
            reply.header("accept-encoding"),
            Some("gzip, deflate"),
            "{coding}"
        );
    }
    let headers = [("content-type", FORM), ("content-encoding", "gzip")];
    let reply = send(&platform, &rest, &headers, b"cost=8").await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    let bomb = gzip(&vec![b' '; 10 * 1024 * 1024]);
    assert!(bomb.len() < 16 * 1024);
    let reply = send(&platform, &rest, &headers, &bomb).await;
    assert_eq!(
        (reply.status, reply.json()),
        (413, json!({"error": "Request Body Too Large"}))
    );
    assert_eq!(
        platform.world.items("cost").await.len(),
        2,
        "no refused bill is recorded"
    );
}

#[tokio::test]
async fn text_outside_utf_8_keeps_its_letters_and_two_texts_stay_two() {
    let platform = Platform::new().await;
    let bill = |notes: &str| format!("did={}&cid={}&cost=1&notes={notes}", &DID[1..], &CID[1..]);
    for (body, expected) in [
        ("8%E0%E9%E7w", "8àéçw"),
        ("Jos%E8", "Josè"),
        ("Jos%E9", "José"),
        ("Jos%C3%A9!", "José!"),
        ("%80%205", "€ 5"),
    ] {
        let reply = send(
            &platform,
            "",
            &[("content-type", FORM)],
            bill(body).as_bytes(),
        )
        .await;
        assert_eq!(notes(&reply), expected);
        assert_eq!(reply.header("idempotent-replayed"), None, "{body}");
    }
    // A charset says how the bytes are read, also where they would be UTF-8 too.
    let latin = "application/x-www-form-urlencoded; charset=ISO-8859-1";
    let reply = send(
        &platform,
        "",
        &[("content-type", latin)],
        bill("%C3%A9").as_bytes(),
    )
    .await;
    assert_eq!(notes(&reply), "Ã©");
    let mut json_body = json!({"did": DID, "cid": CID, "cost": 2, "notes": "?"})
        .to_string()
        .into_bytes();
    let at = json_body.iter().position(|byte| *byte == b'?').unwrap();
    json_body[at] = 0xe9;
    for media_type in [JSON, "application/json; charset=windows-1252"] {
        let reply = send(&platform, "", &[("content-type", media_type)], &json_body).await;
        assert_eq!(notes(&reply), "é", "{media_type}");
    }
    let query = format!("?{}", bill("caf%E9"));
    assert_eq!(notes(&send(&platform, &query, &[], b"").await), "café");
    let stored = platform.world.items("cost").await;
    assert_eq!(stored.len(), 8, "the two in JSON are one bill");
    assert!(
        stored
            .iter()
            .all(|item| !item.text("notes").contains('\u{FFFD}'))
    );
}

#[tokio::test]
async fn a_media_type_is_read_with_its_parameters_and_counts_once() {
    let platform = Platform::new().await;
    let multipart = |boundary: &str| {
        let part = |name: &str, value: &str| {
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        };
        let parts =
            [("did", DID), ("cid", CID), ("cost", "2")].map(|(name, value)| part(name, value));
        format!("{}--{boundary}--\r\n", parts.concat())
    };
    let json_body = json!({"did": DID, "cid": CID, "cost": "3"}).to_string();
    for (media_type, body) in [
        (
            "multipart/form-data; boundary=abc ; charset=utf-8",
            multipart("abc"),
        ),
        ("multipart/form-data ;boundary=\"a b\"", multipart("a b")),
        (
            "Multipart/Form-Data; charset=utf-8; Boundary=abc",
            multipart("abc"),
        ),
        ("application/json,application/json", json_body.clone()),
        (
            "application/json , application/json; charset=utf-8",
            json_body.clone(),
        ),
        ("application/json;", json_body.clone()),
    ] {
        let reply = send(
            &platform,
            "",
            &[("content-type", media_type)],
            body.as_bytes(),
        )
        .await;
        assert_eq!(reply.status, 200, "{media_type}: {}", reply.body);
    }
    for media_type in [
        "application/json, text/plain",
        "text/json",
        "multipart/form-data, application/json",
    ] {
        let reply = send(
            &platform,
            "",
            &[("content-type", media_type)],
            json_body.as_bytes(),
        )
        .await;
        assert_eq!(reply.status, 415, "{media_type}: {}", reply.body);
    }
    let unbounded = send(
        &platform,
        "",
        &[("content-type", "multipart/form-data")],
        b"x",
    )
    .await;
    assert_eq!(unbounded.status, 400, "{}", unbounded.body);
    assert!(unbounded.body.contains("boundary"), "{}", unbounded.body);
}

#[tokio::test]
async fn a_credential_that_was_sent_twice_alike_is_one() {
    let platform = Platform::new().await;
    let body = form(&[("did", DID), ("cid", CID), ("cost", "4")]);
    let once = [("content-type", FORM)];
    let twice = [&platform.headers()[..], &once].concat();
    let reply = send(&platform, "", &twice, body.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let mut other = platform.headers();
    other[1].1 = "another";
    let reply = send(
        &platform,
        "",
        &[&other[..], &once].concat(),
        body.as_bytes(),
    )
    .await;
    assert_eq!(
        (reply.status, reply.json()),
        (401, json!({"error": "Invalid API ID or API Key"}))
    );
}

#[tokio::test]
async fn an_amount_that_javascript_computed_is_the_amount_that_it_means() {
    let platform = Platform::new().await;
    for (number, cost) in [
        ("0.30000000000000004", "0.3"),
        ("0.1999999999999993", "0.2"),
        ("434.99999999999994", "435"),
    ] {
        for quote in ["", "\""] {
            let body = format!(r#"{{"did":"{DID}","cid":"{CID}","cost":{quote}{number}{quote}}}"#);
            let reply = platform.post("", JSON, &body).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            assert_eq!(reply.json()["cost"], cost, "{number}");
        }
        let stored = platform.world.items("cost").await;
        let amounts: Vec<String> = stored.iter().map(|item| item.text("amount")).collect();
        let whole: Vec<&str> = amounts
            .iter()
            .map(|text| text.trim_end_matches('0').trim_end_matches('.'))
            .collect();
        assert!(whole.contains(&cost), "{amounts:?}");
    }
    for number in ["0.12345", "0.30000000000001", "0.300000001"] {
        let body = format!(r#"{{"did":"{DID}","cid":"{CID}","cost":{number}}}"#);
        let reply = platform.post("", JSON, &body).await;
        assert_eq!(
            (reply.status, reply.json()),
            (400, json!({"error": "Missing or Invalid Cost"})),
            "{number}"
        );
    }
}

#[tokio::test]
async fn the_account_says_whether_the_month_or_the_day_comes_first() {
    use callbook::model::account::DateOrder;
    for (order, date, expected) in [
        (DateOrder::Mdy, "11/10/2026", Some("2026-11-10 00:00:00")),
        (DateOrder::Dmy, "11/10/2026", Some("2026-10-11 00:00:00")),
        (
            DateOrder::Dmy,
            "2/11/2026, 10:15:03\u{202f}am",
            Some("2026-11-02 10:15:03"),
        ),
        (DateOrder::Mdy, "13/11/2026", None),
        (DateOrder::Dmy, "11/13/2026", None),
    ] {
        let platform = Platform::with(|account| account.date_order = order).await;
        let reply = platform.bill("1", &[("call_date", date)]).await;
        match expected {
            Some(expected) => {
                assert_eq!(reply.status, 200, "{}", reply.body);
                assert_eq!(reply.json()["inserted"]["call_date"], expected, "{date}");
            }
            None => assert_eq!(
                (reply.status, reply.json()),
                (400, json!({"error": "Invalid call_date"})),
                "{date}"
            ),
        }
    }
}
