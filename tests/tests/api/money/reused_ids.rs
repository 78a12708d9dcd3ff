//! Call ids that one credential sends for more than one pair of DID and caller.

use std::collections::BTreeSet;

use callbook_tests::office::{Office, column};
use callbook_tests::tld::{CID, DID, FORM, PATH, Platform, form};
use callbook_tests::{faults, send_to};
use serde_json::{Value, json};

use crate::budget::{asked, verbs};

const OTHER: &str = "+13105550123";
const DAY: u64 = 86_400;

/// The costs that are flagged.
async fn flagged(office: &Office) -> Value {
    let range = [("from", "2026-11-01"), ("to", "2027-03-01")];
    let query = [&range[..], &[("flag", "id_reused")]].concat();
    office.read("costs", &query).await
}

async fn reused(office: &Office) -> Vec<String> {
    column(&flagged(office).await["costs"], "amount")
}

#[tokio::test]
async fn the_id_of_another_pairs_bill_makes_another_bill_that_is_flagged() {
    let office = Office::new().await;
    let first = office.bill("25", &[("call_id", "x1")]).await;
    let second = office.bill_of(OTHER, "25", &[("call_id", "x1")]).await;
    assert_ne!(first, second);
    for (id, flags) in [(&first, json!([])), (&second, json!(["id_reused"]))] {
        let cost = office.read(&format!("costs/{id}"), &[]).await;
        assert_eq!(
            (&cost["flags"], &cost["state"]),
            (&flags, &json!("in_force"))
        );
    }
    assert_eq!(reused(&office).await, ["25.0000"]);
    office.world().wait(700);
    // From then on every new price is of an id that was sent for two pairs.
    office.bill("30", &[("call_id", "x1")]).await;
    assert_eq!(reused(&office).await, ["25.0000", "30.0000"]);
    // Another credential's ids are its own.
    let another = office.another_platform(None).await;
    let headers = [
        ("tld-api-id", another.name.as_str()),
        ("tld-api-key", another.secret.as_str()),
        ("content-type", FORM),
    ];
    let body = form(&[
        ("did", DID),
        ("cid", CID),
        ("cost", "31"),
        ("call_id", "x1"),
    ]);
    let app = &office.world().app;
    let reply = send_to(app, "POST", PATH, &headers, body.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    office.bill_of(OTHER, "32", &[("call_id", "x2")]).await;
    assert_eq!(reused(&office).await, ["25.0000", "30.0000"]);
}

#[tokio::test]
async fn after_thirty_days_an_id_may_be_another_pairs() {
    let office = Office::new().await;
    office.bill("25", &[("call_id", "x1")]).await;
    office.world().wait(32 * DAY);
    office.bill_of(OTHER, "26", &[("call_id", "x1")]).await;
    assert!(reused(&office).await.is_empty());
    office.world().wait(29 * DAY);
    office.bill("27", &[("call_id", "x1")]).await;
    assert_eq!(reused(&office).await, ["27.0000"]);
}

#[tokio::test]
async fn an_id_that_comes_with_every_bill_stays_flagged_and_is_rarely_written() {
    let office = Office::new().await;
    let mut noted = BTreeSet::new();
    for day in 0..70_u64 {
        for caller in [
            format!("+120655501{}", 10 + day),
            format!("+131055501{}", 10 + day),
        ] {
            office
                .bill_of(&caller, "25", &[("call_id", "campaign 7")])
                .await;
            noted.insert(office.world().only("sent_id").await.text("noted_at"));
            office.world().wait(DAY / 2);
        }
    }
    assert_eq!(noted.len(), 71, "the second pair, and once a day");
    let counted = &flagged(&office).await["totals"]["acknowledged"]["count"];
    assert_eq!(counted, 139, "all but the first");
}

#[tokio::test]
async fn bills_of_two_pairs_with_one_id_at_once_are_not_both_the_first() {
    let office = Office::new().await;
    let bill = |cid: &'static str| {
        let platform = &office.platform;
        async move {
            let fields = [
                ("did", DID),
                ("cid", cid),
                ("cost", "25"),
                ("call_id", "x1"),
            ];
            assert_eq!(platform.form(&fields).await.status, 200);
        }
    };
    futures_util::join!(bill(CID), bill(OTHER), bill("+13105550124"));
    assert_eq!(reused(&office).await.len(), 2);
}

#[tokio::test]
async fn a_call_id_costs_two_reads_more_at_once() {
    let (world, proxy) = faults::world().await;
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    let platform = &office.platform;
    assert_eq!(platform.bill("1", &[]).await.status, 200);
    // At once: the pair, the lead, the vendor of the number, and the id in the pair and of the credential.
    let with_id = verbs([("GetItem", 3), ("Query", 2), ("TransactWriteItems", 1)]);
    for id in ["x1", "x2"] {
        let (reply, seen) = asked(&proxy, platform.bill("25", &[("call_id", id)])).await;
        assert_eq!((reply.status, seen), (200, with_id.clone()), "{id}");
    }
}
