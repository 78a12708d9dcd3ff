//! Parameters: five places, many names, and their precedence.

use callbook_tests::Reply;
use callbook_tests::tld::{CID, DID, FORM, JSON, PATH, Platform, form};
use serde_json::{Value, json};

const OTHER: &str = "+13105550123";

fn numbers(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let inserted = &reply.json()["inserted"];
    let text = |name: &str| inserted[name].as_str().unwrap().to_owned();
    (text("call_to"), text("call_from"))
}

fn both() -> (String, String) {
    (DID.to_owned(), CID.to_owned())
}

fn multipart(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).collect::<String>() + "--XX--\r\n"
}

const MULTIPART: &str = "multipart/form-data; boundary=XX";

/// Sends the fields in each of the four places where parameters have names.
async fn everywhere(platform: &Platform, fields: &[(&str, &str)]) -> [(&'static str, Reply); 4] {
    let object: Value = fields
        .iter()
        .map(|(name, value)| (*name, json!(value)))
        .collect();
    [
        ("form", platform.post("", FORM, &form(fields)).await),
        (
            "multipart",
            platform.post("", MULTIPART, &multipart(fields)).await,
        ),
        ("json", platform.post("", JSON, &object.to_string()).await),
        (
            "query",
            platform.post(&format!("?{}", form(fields)), JSON, "").await,
        ),
    ]
}

#[tokio::test]
async fn each_number_has_four_names_in_every_place() {
    let platform = Platform::new().await;
    for did in ["inbound_number", "number_dialed", "call_to", "did"] {
        for cid in ["phone_number", "phone", "cid", "call_from"] {
            let fields = [(did, "2069735100"), (cid, "2069735101"), ("cost", "1")];
            for (place, reply) in everywhere(&platform, &fields).await {
                assert_eq!(numbers(&reply), both(), "{did}, {cid} in the {place}");
                assert_eq!(reply.json()["did"], "2069735100", "as provided");
                assert_eq!(reply.json()["cid"], "2069735101", "as provided");
            }
        }
    }
}

#[tokio::test]
async fn the_first_name_with_a_value_wins() {
    let platform = Platform::new().await;
    let names = [
        ["inbound_number", "number_dialed", "call_to", "did"],
        ["phone_number", "phone", "cid", "call_from"],
    ];
    for (row, rest) in [
        (names[0], [("cid", CID), ("cost", "1")]),
        (names[1], [("did", DID), ("cost", "1")]),
    ] {
        let right = if rest[0].0 == "cid" { DID } else { CID };
        for (place, name) in row.iter().enumerate() {
            let mut fields = rest.to_vec();
            // Names of higher precedence are sent blank, and names of lower precedence with another number.
            fields.extend(row[..place].iter().map(|before| (*before, " ")));
            fields.extend(row[place + 1..].iter().map(|behind| (*behind, OTHER)));
            fields.push((name, right));
            for (where_, reply) in everywhere(&platform, &fields).await {
                assert_eq!(numbers(&reply), both(), "{name} in the {where_}");
            }
        }
    }
}

#[tokio::test]
async fn the_body_takes_precedence_over_the_query_string_and_that_over_the_path() {
    let platform = Platform::new().await;
    let path = |did: &str, cid: &str| {
        format!(
            "/{}/{}",
            did.trim_start_matches('+'),
            cid.trim_start_matches('+')
        )
    };
    let query =
        |did: &str, cid: &str, cost: &str| form(&[("did", did), ("cid", cid), ("cost", cost)]);

    let reply = platform
        .post(&format!("{}?cost=1", path(DID, CID)), FORM, "")
        .await;
    assert_eq!(numbers(&reply), both(), "the path alone");
    let rest = format!("{}?{}", path(OTHER, OTHER), query(DID, CID, "2"));
    let reply = platform.post(&rest, FORM, "").await;
    assert_eq!(
        (numbers(&reply), &reply.json()["cost"]),
        (both(), &json!("2")),
        "the query string"
    );
    for (media_type, body) in [
        (FORM, query(DID, CID, "3")),
        (
            MULTIPART,
            multipart(&[("did", DID), ("cid", CID), ("cost", "3")]),
        ),
        (JSON, json!({"did": DID, "cid": CID, "cost": 3}).to_string()),
    ] {
        let rest = format!("{}?{}", path(OTHER, OTHER), query(OTHER, OTHER, "9"));
        let reply = platform.post(&rest, media_type, &body).await;
        assert_eq!(
            (numbers(&reply), &reply.json()["cost"]),
            (both(), &json!("3")),
            "{media_type}"
        );
    }
    // Each value on its own: one that is empty in the body is read from the query string or the path.
    let rest = format!("/{}?{}", &DID[1..], query("", CID, "4"));
    let reply = platform.post(&rest, FORM, "did=&cid=+&notes=x").await;
    assert_eq!(
        (numbers(&reply), &reply.json()["cost"]),
        (both(), &json!("4"))
    );
    // Any name in the body takes precedence over the first name in the query string.
    let reply = platform
        .post(
            &format!("?{}", form(&[("inbound_number", OTHER)])),
            FORM,
            &query(DID, CID, "5"),
        )
        .await;
    assert_eq!(numbers(&reply), both());
}

#[tokio::test]
async fn every_notation_of_a_number_is_accepted() {
    let platform = Platform::new().await;
    for (n, number) in [
        "+1 (206) 973-5100",
        "12069735100",
        "2069735100",
        "tel:+1-206-973-5100",
        "+12069735100",
        " 12069735100",
        " 1 (206) 973-5100",
        "(206) 973-5100",
        "206.973.5100",
        "1-206-973-5100",
        "206-973-5100 x7",
        "+12069735100;ext=7",
        "２０６９７３５１００",
    ]
    .into_iter()
    .enumerate()
    {
        let cost = n.to_string();
        for (place, reply) in
            everywhere(&platform, &[("did", number), ("cid", CID), ("cost", &cost)]).await
        {
            assert_eq!(numbers(&reply), both(), "{number:?} in the {place}");
            // The first is sent as a form, where a plus is a space. The others repeat it.
            let spelled = match number.strip_prefix(' ') {
                Some(rest) => format!("+{rest}"),
                None => number.to_owned(),
            };
            assert_eq!(reply.json()["did"], spelled, "as provided");
        }
    }
}

#[tokio::test]
async fn a_plus_decoded_as_a_space_is_accepted_in_query_form_and_path() {
    let platform = Platform::new().await;
    let fields = "did=+12069735100&cid=+12069735101&cost=1";
    assert_eq!(
        numbers(&platform.post(&format!("?{fields}"), FORM, "").await),
        both()
    );
    assert_eq!(numbers(&platform.post("", FORM, fields).await), both());
    for path in [
        "/+12069735100/+12069735101",
        "/%2B12069735100/%2B12069735101",
        "/%2012069735100/%2012069735101/",
        "/2069735100/2069735101",
        "/(206)%20973-5100/206.973.5101",
    ] {
        let reply = platform.post(&format!("{path}?cost=2"), FORM, "").await;
        assert_eq!(numbers(&reply), both(), "{path}");
    }
}

#[tokio::test]
async fn a_number_whose_plus_was_not_encoded_stays_in_its_country() {
    let platform = Platform::new().await;
    // Without the plus these could be read as American numbers.
    let (did, cid) = ("+3225551234", "+4723456789");
    let fields = format!("did={did}&cid={cid}&cost=1");
    for (place, reply) in [
        ("form", platform.post("", FORM, &fields).await),
        (
            "query",
            platform.post(&format!("?{fields}"), FORM, "").await,
        ),
        (
            "path",
            platform
                .post(&format!("/{did}/{cid}?cost=1"), FORM, "")
                .await,
        ),
    ] {
        assert_eq!(numbers(&reply), (did.to_owned(), cid.to_owned()), "{place}");
        assert_eq!(reply.json()["did"], did, "as provided in the {place}");
        assert_eq!(reply.json()["cid"], cid, "as provided in the {place}");
    }
}

#[tokio::test]
async fn a_phone_number_can_be_a_json_number() {
    let platform = Platform::new().await;
    let body = json!({"did": 12_069_735_100_u64, "cid": 2_069_735_101_u64, "cost": 1});
    let reply = platform.json(&body).await;
    assert_eq!(numbers(&reply), both());
    assert_eq!(reply.json()["did"], "12069735100");
}

#[tokio::test]
async fn did_and_cid_can_be_split_between_path_and_body() {
    let platform = Platform::new().await;
    for rest in ["/2069735100", "/2069735100/"] {
        let reply = platform.post(rest, FORM, "cid=2069735101&cost=1").await;
        assert_eq!(numbers(&reply), both(), "{rest}");
    }
    let trailing = platform
        .post(
            "/",
            JSON,
            &json!({"did": DID, "cid": CID, "cost": 1}).to_string(),
        )
        .await;
    assert_eq!(numbers(&trailing), both());
}

#[tokio::test]
async fn an_empty_body_has_no_parameters_whatever_its_media_type() {
    let platform = Platform::new().await;
    let rest = "/2069735100/2069735101?cost=1";
    for media_type in [
        JSON,
        FORM,
        MULTIPART,
        "multipart/form-data",
        "text/plain",
        "application/xml",
        "nonsense",
    ] {
        for body in ["", " ", "\r\n"] {
            let reply = platform.post(rest, media_type, body).await;
            assert_eq!(numbers(&reply), both(), "{media_type}, {body:?}");
        }
    }
    let path = format!("{PATH}{rest}");
    let reply = platform
        .world
        .send("POST", &path, &platform.headers(), b"")
        .await;
    assert_eq!(numbers(&reply), both(), "without a media type");
}

#[tokio::test]
async fn a_body_is_read_as_json_only_if_its_media_type_is_json() {
    let platform = Platform::new().await;
    let body = json!({"did": DID, "cid": CID, "cost": 1}).to_string();
    for media_type in [JSON, "application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(
            platform.post("", media_type, &body).await.status,
            200,
            "{media_type}"
        );
    }
    for media_type in ["text/plain", "text/json", "application/xml"] {
        let reply = platform.post("", media_type, &body).await;
        let unsupported = json!({"error": "Unsupported Content Type"});
        assert_eq!(
            (reply.status, reply.json()),
            (415, unsupported),
            "{media_type}"
        );
    }
}

#[tokio::test]
async fn notes_can_hold_up_to_4096_characters_of_any_kind() {
    let platform = Platform::new().await;
    let longest = "é".repeat(4_096);
    for (n, notes) in ["", "x", "{\"a\":[1]}", "línea\nzwei\ttab 🎉", &longest]
        .into_iter()
        .enumerate()
    {
        let reply = platform.bill(&n.to_string(), &[("notes", notes)]).await;
        assert_eq!(
            (reply.status, &reply.json()["inserted"]["notes"]),
            (200, &json!(notes))
        );
    }
    let reply = platform
        .bill("9", &[("notes", &format!("{longest}é"))])
        .await;
    assert_eq!(
        (reply.status, reply.json()),
        (400, json!({"error": "Notes Too Long"}))
    );
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let platform = Platform::new().await;
    let reply = platform
        .bill("1", &[("sub_id", "x"), ("DID", OTHER), ("cost[]", "9")])
        .await;
    assert_eq!(numbers(&reply), both());
}

#[tokio::test]
async fn notes_are_stored_as_they_were_sent() {
    let platform = Platform::new().await;
    let notes = "  two\nlines, and space around them  ";
    let body = json!({"did": DID, "cid": CID, "cost": "1", "notes": notes});
    let reply = platform.json(&body).await;
    assert_eq!(
        (reply.status, &reply.json()["inserted"]["notes"]),
        (200, &json!(notes))
    );
    let reply = platform
        .json(&json!({"did": DID, "cid": CID, "cost": "2", "notes": "   "}))
        .await;
    assert_eq!(
        reply.json()["inserted"]["notes"],
        json!(""),
        "notes of white space alone are no notes"
    );
}
