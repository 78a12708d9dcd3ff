//! What the log says of money that goes wrong, and how it is counted.

use callbook::model::credential::{CredentialKind, NewCredential};
use callbook::model::phone::PhoneNumber;
use callbook::model::vendor::VendorId;
use callbook_tests::tld::{CID, DID, FORM, PATH, Platform, form};
use callbook_tests::{Key, Reply, vendor};
use serde_json::{Value, json};

/// A platform of a vendor, with its key.
async fn of_vendor(platform: &Platform, id: &str) -> Key {
    let (world, account) = (&platform.world, &platform.account);
    vendor::add(world, account, id).await;
    let of = |new: &mut NewCredential| {
        new.vendor = Some(VendorId::parse(id).unwrap());
        new.label = format!("key of {id}");
    };
    world
        .credential_with(account, CredentialKind::Tld, of)
        .await
}

async fn bill(platform: &Platform, key: &Key, cost: &str) -> Reply {
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", key.secret.as_str()),
        ("content-type", FORM),
    ];
    let body = form(&[("did", DID), ("cid", CID), ("cost", cost)]);
    let sent = platform.world.send("POST", PATH, &headers, body.as_bytes());
    sent.await
}

fn last(platform: &Platform) -> Value {
    serde_json::from_str(platform.world.logs().last().unwrap()).unwrap()
}

/// Names and dimensions of the metrics that a line declares beyond those of every line.
fn rare(line: &Value) -> Vec<(String, Value)> {
    let declared = line["_aws"]["CloudWatchMetrics"].as_array().unwrap().iter();
    let metrics = declared.flat_map(|part| {
        let names = part["Metrics"].as_array().unwrap().iter();
        names.map(|metric| {
            let name = metric["Name"].as_str().unwrap().to_owned();
            (name, part["Dimensions"].clone())
        })
    });
    metrics
        .filter(|(name, _)| !name.ends_with("_errors"))
        .collect()
}

#[tokio::test]
async fn a_bill_that_is_refused_for_its_did_is_counted_and_says_why() {
    let platform = Platform::new().await;
    let (world, account) = (&platform.world, &platform.account);
    let (acme, blue) = (
        of_vendor(&platform, "acme").await,
        of_vendor(&platform, "blue").await,
    );
    let did = PhoneNumber::parse(DID).unwrap();
    let registered = world
        .ledger
        .register_number(account, &did, world.clock.now());
    registered.await.unwrap();
    vendor::assign(world, account, DID, Some("acme")).await;

    assert_eq!(bill(&platform, &acme, "25").await.status, 200);
    let line = last(&platform);
    assert_eq!((&line["refusal"], rare(&line)), (&Value::Null, Vec::new()));

    let refused = bill(&platform, &blue, "25").await;
    assert_ne!(refused.status, 200, "{}", refused.body);
    let line = last(&platform);
    assert_eq!(line["refusal"], "the DID is another vendor's");
    assert_eq!(line["label"], "key of blue");
    assert_eq!(line["refused_dids"], 1);
    assert_eq!(rare(&line), [("refused_dids".to_owned(), json!([[]]))]);
}

#[tokio::test]
async fn a_number_that_is_not_the_accounts_is_a_refusal_for_the_did() {
    let platform = Platform::with(|account| account.registered_dids_only = true).await;
    let refused = platform.bill("25", &[]).await;
    assert_ne!(refused.status, 200, "{}", refused.body);
    let line = last(&platform);
    assert_eq!(line["refusal"], "not a number of the account");
    assert_eq!(line["refused_dids"], 1);
}

#[tokio::test]
async fn a_second_vendors_bill_of_one_call_says_so() {
    let platform = Platform::new().await;
    let (acme, blue) = (
        of_vendor(&platform, "acme").await,
        of_vendor(&platform, "blue").await,
    );
    // Without a call, nobody can tell.
    for key in [&acme, &blue] {
        assert_eq!(bill(&platform, key, "25").await.status, 200);
        assert_eq!(rare(&last(&platform)), Vec::new());
    }
    platform.world.wait(600);
    platform.call().await;
    platform.world.wait(2);
    for (key, counted) in [(&acme, false), (&acme, false), (&blue, true)] {
        platform.world.wait(700);
        let billed = bill(&platform, key, "30").await;
        assert_eq!(billed.status, 200, "{}", billed.body);
        let line = last(&platform);
        assert!(line["call_sid"].is_string());
        // The metric is counted from the stream, where calls that are recorded later are seen as well.
        let expected = if counted { json!(1) } else { Value::Null };
        assert_eq!((&line["two_vendors"], rare(&line)), (&expected, Vec::new()));
    }
}

#[tokio::test]
async fn costs_that_have_no_call_after_a_day_are_counted_by_account() {
    let platform = Platform::new().await;
    let other = Platform::of(platform.world, &platform.account).await;
    let world = &other.world;
    let (nobody, empty) = (world.account().await, world.account().await);
    assert_ne!(nobody.id, empty.id);
    let task = json!({"task": "unmatched"});
    let cost = |cid, cost| [("did", DID), ("cid", cid), ("cost", cost)];
    assert_eq!(other.form(&cost(CID, "25")).await.status, 200);
    let late = cost("+12069735109", "7.5");
    assert_eq!(other.form(&late).await.status, 200);
    // This one is matched.
    other.call_of("+12069735108", DID).await;
    let matched = cost("+12069735108", "100");
    assert_eq!(other.form(&matched).await.status, 200);
    world.roll_up().await;
    let nothing: [Value; 0] = [];
    assert_eq!(world.deliver_schedule(&task).await, nothing);
    world.wait(86_400);
    assert_eq!(world.deliver_schedule(&task).await, nothing, "yesterday");
    world.wait(86_400);
    let found = world.deliver_schedule(&task).await;
    assert_eq!(found.len(), 1, "one line for the account: {found:?}");
    let line = &found[0];
    assert_eq!(line["account_id"], other.account.id.as_str());
    assert_eq!(line["message"], "unmatched");
    assert_eq!(line["unmatched_costs"], 2);
    assert_eq!(
        (&line["amount"], &line["currency"]),
        (&json!("32.5000"), &json!("USD"))
    );
    assert_eq!(line["billed_before"], "2026-11-22T00:00:00+00:00");
    let counted = [("unmatched_costs".to_owned(), json!([["stack"]]))];
    assert_eq!(
        (rare(line), &line["stack"]),
        (counted.to_vec(), &json!("acme"))
    );

    // What is older than the billing window stays without a call.
    world.wait(28 * 86_400);
    assert_eq!(world.deliver_schedule(&task).await.len(), 1);
    world.wait(86_400);
    assert_eq!(world.deliver_schedule(&task).await, nothing);
}
