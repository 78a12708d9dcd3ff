//! Every notation of an amount that call platforms send, and texts that are not amounts.

use callbook_tests::tld::{CID, DID, JSON, Platform};
use serde_json::json;

/// Amounts as sent, and as answered.
const AMOUNTS: [(&str, &str); 19] = [
    ("25", "25"),
    ("25.00", "25.00"),
    ("25.5", "25.5"),
    ("25.5000", "25.5000"),
    ("0", "0"),
    ("0.00", "0.00"),
    ("0.0001", "0.0001"),
    ("$25", "25"),
    ("$1,025.5", "1025.5"),
    ("1,025", "1025"),
    ("1,234,567.89", "1234567.89"),
    ("$0.10", "0.10"),
    (" 25 ", "25"),
    ("025", "25"),
    (".5", "0.5"),
    ("12.34560", "12.3456"),
    ("12.3456000000", "12.3456"),
    ("99999999.9999", "99999999.9999"),
    ("0.1", "0.1"),
];

const INVALID_AMOUNTS: [&str; 29] = [
    "-1",
    "-0.01",
    "$-1",
    "-$1",
    "1e3",
    "1E3",
    "1e-3",
    "12.34567",
    "0.00001",
    "NaN",
    "nan",
    "Infinity",
    "inf",
    "[Call:ConversionPayout]",
    "[tag:payout]",
    "{{payout}}",
    "--A--x--B--",
    "free",
    "25 USD",
    "€25",
    "1.2.3",
    "25,50",
    "1,02,5",
    "0x10",
    "1_000",
    "+",
    "$",
    ".",
    "99999999999999999999999999999",
];

#[tokio::test]
async fn every_notation_of_an_amount_is_accepted_and_answered_normalised() {
    let platform = Platform::new().await;
    for (n, (sent, answered)) in AMOUNTS.into_iter().enumerate() {
        platform.world.wait(1);
        // Different notes keep bills of the same amount from being repeats.
        let reply = platform
            .bill(sent, &[("notes", &format!("form {n}"))])
            .await;
        assert_eq!(reply.status, 200, "{sent}: {}", reply.body);
        assert_eq!(reply.json()["cost"], answered, "{sent}");
        assert_eq!(reply.json()["inserted"]["cost"], answered, "{sent}");
        let reply = platform
            .json(&json!({"did": DID, "cid": CID, "cost": sent, "notes": format!("json {n}")}))
            .await;
        assert_eq!(reply.json()["cost"], answered, "{sent} in JSON");
    }
    assert_eq!(platform.world.items("cost").await.len(), 2 * AMOUNTS.len());
}

#[tokio::test]
async fn an_invalid_amount_is_refused_and_nothing_is_recorded() {
    let platform = Platform::new().await;
    for sent in INVALID_AMOUNTS {
        for reply in [
            platform.bill(sent, &[]).await,
            platform
                .json(&json!({"did": DID, "cid": CID, "cost": sent}))
                .await,
        ] {
            assert_eq!(reply.status, 400, "{sent}: {}", reply.body);
            assert_eq!(
                reply.json(),
                json!({"error": "Missing or Invalid Cost"}),
                "{sent}"
            );
        }
    }
    assert_eq!(platform.world.items("cost").await, []);
}

#[tokio::test]
async fn a_json_number_keeps_its_digits() {
    let platform = Platform::new().await;
    for (sent, answered) in [
        ("25", "25"),
        ("25.5000", "25.5000"),
        ("0.1", "0.1"),
        ("12.34560", "12.3456"),
        ("99999999.9999", "99999999.9999"),
        // A double would turn 9007199254.7409 into ...408.
        ("9007199254.7409", "9007199254.7409"),
    ] {
        let body = format!("{{\"did\":\"{DID}\",\"cid\":\"{CID}\",\"cost\":{sent}}}");
        let reply = platform.post("", JSON, &body).await;
        assert_eq!(
            (reply.status, &reply.json()["cost"]),
            (200, &json!(answered)),
            "{sent}"
        );
    }
    for sent in [
        "-1",
        "1e3",
        "1E2",
        "12.34567",
        "true",
        "[25]",
        "{\"amount\":25}",
        "null",
    ] {
        let body = format!("{{\"did\":\"{DID}\",\"cid\":\"{CID}\",\"cost\":{sent}}}");
        let reply = platform.post("", JSON, &body).await;
        assert_eq!(
            reply.json(),
            json!({"error": "Missing or Invalid Cost"}),
            "{sent}"
        );
        assert_eq!(reply.status, 400, "{sent}");
    }
}

#[tokio::test]
async fn amounts_add_up_exactly_in_the_table() {
    let platform = Platform::new().await;
    for cost in ["0.1", "0.2", "9007199254.7409"] {
        platform.bill(cost, &[]).await;
    }
    let costs = platform.world.items("cost").await;
    let costs = costs
        .iter()
        .map(|item| item.text("cost").parse::<rust_decimal::Decimal>().unwrap());
    assert_eq!(
        costs.sum::<rust_decimal::Decimal>().to_string(),
        "9007199255.0409"
    );
}

#[tokio::test]
async fn an_absent_or_empty_cost_is_answered_as_missing() {
    let platform = Platform::new().await;
    for fields in [
        &[("did", DID), ("cid", CID)][..],
        &[("did", DID), ("cid", CID), ("cost", " ")],
    ] {
        let reply = platform.form(fields).await;
        assert_eq!(
            (reply.status, reply.json()),
            (400, json!({"error": "Missing or Invalid Cost"}))
        );
    }
}
