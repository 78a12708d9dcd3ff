//! Requests to the store in each case, by a process that has the credential in its cache.

mod told;

use std::collections::BTreeMap;

use callbook::model::credential::{CredentialKind, Limits, Status};
use callbook_tests::faults::{self, Proxy};
use callbook_tests::office::{Office, TODAY};
use callbook_tests::tld::{CID, DID, Platform, form};
use callbook_tests::{Key, Reply, World};
use serde_json::json;

/// Runs `work`, and returns its result and the number of store requests by verb.
pub async fn asked<T>(
    proxy: &Proxy,
    work: impl Future<Output = T>,
) -> (T, BTreeMap<String, usize>) {
    proxy.heal();
    let done = work.await;
    (done, proxy.verbs())
}

pub fn verbs<const N: usize>(verbs: [(&str, usize); N]) -> BTreeMap<String, usize> {
    verbs
        .into_iter()
        .map(|(verb, times)| (verb.to_owned(), times))
        .collect()
}

async fn platform() -> (Platform, Proxy) {
    let (world, proxy) = faults::world().await;
    (Platform::on(world, |_| {}).await, proxy)
}

async fn feedback(world: &World, key: &Key, body: &str) -> Reply {
    let headers = [("x-api-key", key.secret.as_str())];
    world
        .send("POST", "/1.0/phone_feedback", &headers, body.as_bytes())
        .await
}

fn good_feedback() -> String {
    let body = json!({
        "response_id": "T_1", "phone": CID, "phone_status": "Connected",
        "phone_right_party_contact": true,
    });
    body.to_string()
}

async fn extended(world: &World, key: &Key, cid: &str) -> Reply {
    let query = form(&[
        ("username", &key.name),
        ("password", &key.secret),
        ("resp_type", "extended"),
        ("calling_number", cid),
        ("called_number", DID),
    ]);
    world
        .send("GET", &format!("/api/v1?{query}"), &[], b"")
        .await
}

#[tokio::test]
async fn malformed_input_costs_no_store_request_even_with_an_empty_cache() {
    let (platform, proxy) = platform().await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    let (reply, none) = asked(&proxy, feedback(&platform.world, &key, "{\"phone\":")).await;
    assert_eq!((reply.status, none), (400, verbs([])));
    let broken = platform.post("", "application/json", "{\"cost\":");
    let (reply, none) = asked(&proxy, broken).await;
    assert_eq!((reply.status, none), (400, verbs([])));
    let (reply, none) = asked(&proxy, platform.world.send("POST", "/api/v1", &[], b"")).await;
    assert_eq!((reply.status, none), (200, verbs([])));
}

#[tokio::test]
async fn invalid_fields_cost_one_note_in_ten_seconds_once_the_credential_is_cached() {
    let (platform, proxy) = platform().await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    assert_eq!(
        feedback(&platform.world, &key, &good_feedback())
            .await
            .status,
        200
    );
    platform.call().await;
    assert_eq!(platform.bill("25", &[]).await.status, 200);

    // The first of its kind is noted for the people of the account; those that follow are added up.
    for noted in [verbs([("UpdateItem", 1)]), verbs([])] {
        let (reply, seen) = asked(&proxy, feedback(&platform.world, &key, "{}")).await;
        assert_eq!((reply.status, &seen), (400, &noted));
        let (reply, seen) = asked(&proxy, platform.bill("NaN", &[])).await;
        assert_eq!((reply.status, &seen), (400, &noted));
        let (reply, seen) = asked(&proxy, extended(&platform.world, &platform.switch, "1")).await;
        assert_eq!((reply.json()["err"].as_str(), &seen), (Some("4"), &noted));
    }
}

#[tokio::test]
async fn refusals_of_a_cached_credential_cost_no_store_request() {
    let (platform, proxy) = platform().await;
    let (world, account) = (&platform.world, &platform.account);
    let key = world.credential(account, CredentialKind::Trestle).await;
    for key in [&key, &platform.key, &platform.switch] {
        let id = &key.credential.id;
        world
            .ledger
            .set_credential_status(&account.id, id, Status::Disabled)
            .await
            .unwrap();
    }
    // The first refusal of an hour is noticed, and noted with those of its kind, beside the reads of credential and
    // account.
    for (round, most) in [("first", 4), ("second", 0)] {
        let (reply, seen) = asked(&proxy, feedback(world, &key, &good_feedback())).await;
        assert_eq!(reply.json()["errorCode"], "FORBIDDEN");
        assert!(seen.values().sum::<usize>() <= most, "{round}: {seen:?}");
        let (reply, seen) = asked(&proxy, platform.bill("25", &[])).await;
        assert_eq!(reply.json()["error"], "API Key Disabled");
        assert!(seen.values().sum::<usize>() <= most, "{round}: {seen:?}");
        let (reply, seen) = asked(&proxy, extended(world, &platform.switch, CID)).await;
        assert_eq!(reply.json()["err"], "3");
        assert!(seen.values().sum::<usize>() <= most, "{round}: {seen:?}");
    }
}

#[tokio::test]
async fn feedback_costs_one_transaction() {
    let (platform, proxy) = platform().await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    assert_eq!(
        feedback(&platform.world, &key, &good_feedback())
            .await
            .status,
        200
    );
    let other = good_feedback().replace("T_1", "T_2");
    let (reply, seen) = asked(&proxy, feedback(&platform.world, &key, &other)).await;
    assert_eq!(
        (reply.status, seen),
        (200, verbs([("TransactWriteItems", 1)]))
    );
    // A repeat learns from the first transaction what it replaces.
    platform.world.wait(1);
    let (reply, seen) = asked(&proxy, feedback(&platform.world, &key, &good_feedback())).await;
    assert_eq!(
        (reply.status, seen),
        (200, verbs([("TransactWriteItems", 2)]))
    );
}

#[tokio::test]
async fn the_first_feedback_of_a_process_reads_the_credential_and_no_account() {
    let (platform, proxy) = platform().await;
    let key = platform
        .world
        .credential(&platform.account, CredentialKind::Trestle)
        .await;
    let (reply, seen) = asked(&proxy, feedback(&platform.world, &key, &good_feedback())).await;
    assert_eq!(
        (reply.status, seen),
        (200, verbs([("GetItem", 1), ("TransactWriteItems", 1)]))
    );
}

#[tokio::test]
async fn a_bill_costs_three_reads_at_once_and_one_transaction_whatever_its_outcome() {
    let (platform, proxy) = platform().await;
    assert_eq!(platform.bill("1", &[]).await.status, 200);
    // At once: the pair, the caller's lead and the vendor of the number. Then the transaction.
    let two = verbs([("GetItem", 1), ("Query", 2), ("TransactWriteItems", 1)]);
    let (reply, seen) = asked(&proxy, platform.bill("25", &[])).await;
    assert_eq!((reply.status, &seen), (200, &two), "without a call");
    let (reply, seen) = asked(&proxy, platform.bill("25", &[])).await;
    // A repeat without key, call id and date also reads the entry, to see whether it has another call.
    let three = verbs([("GetItem", 2), ("Query", 2), ("TransactWriteItems", 1)]);
    assert_eq!(
        (reply.header("idempotent-replayed"), &seen),
        (Some("true"), &three),
        "a repeat"
    );
    platform.call().await;
    let (reply, seen) = asked(&proxy, platform.bill("26", &[])).await;
    assert_eq!(
        (&reply.json()["updated"], &seen),
        (&json!(1), &two),
        "with a call"
    );
    let (_, seen) = asked(&proxy, platform.bill_once("k", "27", &[])).await;
    assert_eq!(seen, two, "with a key");
    let (reply, seen) = asked(&proxy, platform.bill_once("k", "28", &[])).await;
    let mut noted = two;
    noted.insert("UpdateItem".to_owned(), 1);
    assert_eq!(
        (reply.status, seen),
        (409, noted),
        "with a key that was used before"
    );
}

#[tokio::test]
async fn an_extended_terminating_query_costs_at_most_six_store_requests() {
    let (platform, proxy) = platform().await;
    let extended = |cid| extended(&platform.world, &platform.switch, cid);
    extended(CID).await;
    for cid in ["+12069735102", CID, "20697351", "912069735101"] {
        let (reply, seen) = asked(&proxy, extended(cid)).await;
        assert_eq!(reply.json()["err"], "0");
        assert!(
            seen.values().sum::<usize>() <= 6,
            "{} digits: {seen:?}",
            cid.len()
        );
    }
}

#[tokio::test]
async fn a_limit_costs_one_more_update() {
    let (platform, proxy) = platform().await;
    let (world, account) = (&platform.world, &platform.account);
    let limits = Limits {
        per_minute: Some(1_000),
        ..Limits::default()
    };
    let limited = |kind| world.credential_with(account, kind, move |new| new.limits = limits);

    let key = limited(CredentialKind::Trestle).await;
    feedback(world, &key, &good_feedback()).await;
    let (_, seen) = asked(&proxy, feedback(world, &key, &good_feedback())).await;
    assert_eq!(seen, verbs([("TransactWriteItems", 1), ("UpdateItem", 1)]));

    let key = limited(CredentialKind::Tld).await;
    let platform = Platform { key, ..platform };
    let world = &platform.world;
    platform.bill("1", &[]).await;
    let (_, seen) = asked(&proxy, platform.bill("2", &[])).await;
    assert_eq!(
        seen,
        verbs([
            ("GetItem", 1),
            ("Query", 2),
            ("TransactWriteItems", 1),
            ("UpdateItem", 1),
        ])
    );

    let limits = Limits {
        per_minute: Some(1_000),
        ..Limits::default()
    };
    let key = world
        .credential_with(&platform.account, CredentialKind::Truecnam, |new| {
            new.limits = limits;
        })
        .await;
    extended(world, &key, CID).await;
    let (_, seen) = asked(&proxy, extended(world, &key, CID)).await;
    assert!(seen.values().sum::<usize>() <= 7, "{seen:?}");
    assert_eq!(seen.get("UpdateItem"), Some(&1));
}

#[tokio::test]
async fn the_call_log_reads_the_day_and_a_call_its_pair_and_its_costs() {
    let (world, proxy) = faults::world().await;
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    office.platform.call().await;
    office.bill("25", &[]).await;
    office.read("calls", &TODAY).await;
    let (log, seen) = asked(&proxy, office.read("calls", &TODAY)).await;
    assert_eq!(seen, verbs([("GetItem", 1), ("Query", 1)]), "at once");
    let path = format!("calls/{}", log["calls"][0]["call_sid"].as_str().unwrap());
    let (_, seen) = asked(&proxy, office.read(&path, &[])).await;
    assert_eq!(
        seen,
        verbs([("GetItem", 3), ("BatchGetItem", 1), ("Query", 1)])
    );
}
