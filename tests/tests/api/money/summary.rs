//! Summaries: what `GET summary` answers, and that the sums follow the rows whatever happens.

use callbook::ids;
use callbook::ledger::{CostAct, CostDecision};
use callbook::model::call::CostId;
use callbook::model::credential::CredentialKind;
use callbook::model::phone::PhoneNumber;
use callbook_tests::faults::{self, Fault};
use callbook_tests::fd_calls;
use callbook_tests::teletracker::basic;
use callbook_tests::tld::{CID, DID, Platform};
use callbook_tests::{Key, Reply, World, vendor};
use serde_json::{Value, json};

async fn ask(world: &World, user: &Key, query: &str) -> Reply {
    let authorization = basic(user);
    let headers = [("authorization", authorization.as_str())];
    let path = format!("/callbook/v1/summary?{query}");
    world.send("GET", &path, &headers, b"").await
}

pub(super) async fn summary(world: &World, user: &Key, query: &str) -> Value {
    let reply = ask(world, user, query).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// Some members of a group or of the totals.
pub(super) fn members(of: &Value, names: &[&str]) -> Value {
    Value::Array(names.iter().map(|name| of[*name].clone()).collect())
}

const MONEY: [&str; 5] = ["calls", "cost", "unmatched", "superseded", "void"];

pub(super) async fn platform() -> (Platform, Key) {
    let platform = Platform::new().await;
    let (world, account) = (&platform.world, &platform.account);
    vendor::add(world, account, "acme").await;
    let did = PhoneNumber::parse(DID).unwrap();
    let registered = world
        .ledger
        .register_number(account, &did, world.clock.now());
    registered.await.unwrap();
    vendor::assign(world, account, DID, Some("acme")).await;
    let user = world.credential(account, CredentialKind::User).await;
    (platform, user)
}

#[tokio::test]
async fn a_summary_follows_calls_bills_corrections_and_voids() {
    let (platform, user) = platform().await;
    let world = &platform.world;
    let now = summary(world, &user, "by=vendor").await;
    assert_eq!((&now["groups"], &now["as_of"]), (&json!([]), &Value::Null));

    platform.call().await;
    platform.call_of("+12069735102", DID).await;
    platform.call_of("anonymous", DID).await;
    assert_eq!(platform.bill("25", &[]).await.status, 200);
    let other = [("cid", "+13105550111")];
    let fields = [("did", DID), ("cost", "7.5"), other[0]];
    assert_eq!(platform.form(&fields).await.status, 200);
    world.roll_up().await;
    let now = summary(world, &user, "by=vendor,hour&unique_callers=true").await;
    let group = &now["groups"][0];
    assert_eq!(group["keys"], json!({"vendor": "acme", "hour": "12"}));
    assert_eq!(
        members(group, &MONEY),
        json!([3, "25.0000", "7.5000", "0.0000", "0.0000"])
    );
    assert_eq!(
        members(
            group,
            &[
                "cost_per_call",
                "unique_callers",
                "cost_per_unique_caller",
                "billed_calls"
            ]
        ),
        json!(["8.3333", 2, "12.5000", 1])
    );
    assert_eq!(now["groups"].as_array().unwrap().len(), 1);
    assert_eq!(members(&now["totals"], &MONEY), members(group, &MONEY));
    assert!(now["as_of"].is_string());

    // A new price supersedes the old one, and a void brings it back.
    world.wait(200);
    let reply = platform.bill("30", &[]).await;
    world.roll_up().await;
    let now = summary(world, &user, "").await;
    assert_eq!(
        members(&now["totals"], &MONEY),
        json!([3, "30.0000", "7.5000", "25.0000", "0.0000"])
    );
    let act = CostAct {
        account: &platform.account,
        cost_id: &CostId::parse(reply.json()["cost_id"].as_str().unwrap()).unwrap(),
        decision: &CostDecision::Void { all: false },
        by: "jane",
        reason: "a test",
        request: None,
        guid: ids::guid(),
        now: world.clock.now(),
    };
    world.ledger.decide_cost(&act).await.unwrap();
    world.roll_up().await;
    let now = summary(world, &user, "").await;
    assert_eq!(
        members(
            &now["totals"],
            &["cost", "superseded", "void", "void_count", "acknowledged"]
        ),
        json!(["25.0000", "0.0000", "30.0000", 1, "62.5000"])
    );

    // A call that is recorded after its bill takes the bill.
    platform.call_of("+13105550111", DID).await;
    world.roll_up().await;
    let now = summary(world, &user, "").await;
    assert_eq!(
        members(&now["totals"], &["calls", "cost", "unmatched"]),
        json!([4, "32.5000", "0.0000"])
    );
}

#[tokio::test]
async fn filters_groupings_and_the_period_before() {
    let (platform, user) = platform().await;
    let world = &platform.world;
    platform.call().await;
    platform.bill("10", &[]).await;
    world.wait(86_400);
    platform.call_of(CID, "+18005550100").await;
    let switch = world
        .credential(&platform.account, CredentialKind::Fonedynamics)
        .await;
    let property = fd_calls::property(world, &platform.account, None).await;
    let call = [
        ("From", "+12065550177"),
        ("To", DID),
        ("Disposition", "ANSWERED"),
    ];
    fd_calls::record(world, &switch, &property, &call).await;
    world.roll_up().await;

    let groups = |answer: &Value, by: &str| -> Value {
        let groups = answer["groups"].as_array().unwrap().iter();
        groups
            .map(|group| json!([group["keys"][by], group["calls"]]))
            .collect()
    };
    let all = "from=2026-11-21&to=2026-11-22";
    for (by, expected) in [
        ("day", json!([["2026-11-21", 1], ["2026-11-22", 2]])),
        ("weekday", json!([["saturday", 1], ["sunday", 2]])),
        ("week", json!([["2026-W47", 3]])),
        ("month", json!([["2026-11", 3]])),
        ("vendor", json!([[null, 1], ["acme", 2]])),
        ("did", json!([["+12069735100", 2], ["+18005550100", 1]])),
        ("disposition", json!([[null, 2], ["answered", 1]])),
        ("source", json!([[null, 3]])),
        ("property", json!([[null, 3]])),
    ] {
        let answer = summary(world, &user, &format!("{all}&by={by}")).await;
        assert_eq!(groups(&answer, by), expected, "{by}");
    }
    for (filter, calls) in [
        ("vendor=acme", 2),
        ("did=8005550100", 1),
        ("vendor=nobody", 0),
    ] {
        let answer = summary(world, &user, &format!("{all}&{filter}")).await;
        assert_eq!(answer["totals"]["calls"], calls, "{filter}");
    }
    let hour = "from=2026-11-21T12:00:00Z&to=2026-11-21T13:00:00Z";
    assert_eq!(summary(world, &user, hour).await["totals"]["calls"], 1);

    let query = "from=2026-11-22&to=2026-11-22&by=day&compare=previous";
    let compared = summary(world, &user, query).await;
    let group = &compared["groups"][0];
    assert_eq!(group["keys"], json!({"day": "2026-11-22"}));
    assert_eq!(members(group, &["calls", "cost"]), json!([2, "0.0000"]));
    assert_eq!(
        members(&group["previous"], &["calls", "cost"]),
        json!([1, "10.0000"])
    );
    assert_eq!(
        members(&compared["totals"]["previous"], &["calls"]),
        json!([1])
    );
    assert_eq!(compared["previous"]["from"], "2026-11-21T00:00:00+00:00");
}

#[tokio::test]
async fn several_groupings_are_answered_from_one_reading() {
    let (world, proxy) = faults::world().await;
    let platform = Platform::on(world, |_| {}).await;
    let world = &platform.world;
    let user = world
        .credential(&platform.account, CredentialKind::User)
        .await;
    platform.call().await;
    platform.call_of("+12069735102", "+18005550100").await;
    platform.bill("10", &[]).await;
    world.roll_up().await;
    let range = "from=2026-11-15&to=2026-11-21&compare=previous&unique_callers=true";
    let one = summary(world, &user, &format!("{range}&by=did")).await;
    let reads = async |by: &str| {
        proxy.heal();
        let answer = summary(world, &user, &format!("{range}&by={by}")).await;
        (answer, proxy.verbs())
    };
    let (_, cost) = reads("did").await;
    let (several, costs) = reads("did;did,day;hour").await;
    assert_eq!(cost, costs, "several groupings cost as much as one");
    for member in ["groups", "totals", "previous"] {
        assert_eq!(several[member], one[member], "{member}");
    }
    assert_eq!(one.get("also"), None);
    let also = several["also"].as_array().unwrap();
    for (place, by) in ["did,day", "hour"].into_iter().enumerate() {
        let alone = summary(world, &user, &format!("{range}&by={by}")).await;
        let words: Vec<_> = by.split(',').collect();
        assert_eq!(also[place]["by"], json!(words));
        assert_eq!(also[place]["groups"], alone["groups"], "{by}");
    }
    for by in [
        "did;did",
        "did;",
        "a;did",
        "did;did,did",
        "did;day;hour;week;month;vendor;source",
    ] {
        assert_eq!(
            ask(world, &user, &format!("by={by}")).await.status,
            400,
            "{by}"
        );
    }
    let of_one = summary(world, &user, "by=did&did=8005550100").await;
    assert_eq!(of_one["totals"]["calls"], 1);
}

#[tokio::test]
async fn damaged_sums_are_made_again_from_the_rows() {
    let (platform, _user) = platform().await;
    let world = &platform.world;
    platform.call().await;
    platform.call_of("+12069735102", DID).await;
    platform.bill("25", &[]).await;
    world.roll_up().await;
    let items = world.engine.items().unwrap();
    let client = world.engine.client();
    for (kind, name) in [("sums", "h_12c"), ("callers", "h_12")] {
        let item = items.iter().find(|item| {
            item.get("type")
                .and_then(|kind| kind.as_s().ok())
                .is_some_and(|is| is == kind)
        });
        let item = item.unwrap();
        let update = client
            .update_item()
            .table_name(callbook_local::engine::TABLE)
            .key("pk", item["pk"].clone())
            .key("sk", item["sk"].clone())
            .update_expression("REMOVE #n")
            .expression_attribute_names("#n", name);
        update.send().await.unwrap();
    }
    // The stream is followed meanwhile, as a deployment does. Its records have the machine's time.
    let clock = callbook::clock::Clock::system();
    let following = world.follow_stream().await;
    let day = world.clock.now().utc_day();
    let rebuilt = world.ledger.rebuild_sums(&platform.account, day, &clock);
    let rebuilt = rebuilt.await.unwrap();
    following.abort();
    assert_eq!((rebuilt.items, rebuilt.corrected, rebuilt.left), (2, 2, 0));
    world.check_sums();
}

#[tokio::test]
async fn every_fault_of_a_question_is_named() {
    let (platform, user) = platform().await;
    for (query, field) in [
        ("colour=red", "colour"),
        ("by=colour", "by"),
        ("by=vendor,did,day", "by"),
        ("by=vendor,vendor", "by"),
        ("compare=next", "compare"),
        ("from=2026-11-22&to=2026-11-21", "from"),
        ("from=2026-11-21T12:30:00Z&to=2026-11-22", "from"),
        ("to=tomorrow", "to"),
        ("vendor=a%20b", "vendor"),
        ("did=1", "did"),
        ("unique_callers=yes", "unique_callers"),
        ("by=disposition&unique_callers=true", "unique_callers"),
    ] {
        let reply = ask(&platform.world, &user, query).await;
        assert_eq!(reply.status, 400, "{query}: {}", reply.body);
        assert_eq!(reply.json()["errors"][0]["field"], field, "{query}");
    }
}

#[tokio::test]
async fn a_zone_off_the_full_hour_is_counted_in_quarters() {
    let platform = Platform::with(|account| {
        account.zone = callbook::model::time::Zone::parse("Asia/Kolkata").unwrap();
    })
    .await;
    let world = &platform.world;
    let user = world
        .credential(&platform.account, CredentialKind::User)
        .await;
    world.wait(20 * 60);
    platform.call().await;
    world.wait(15 * 60);
    platform.call_of("+12069735102", DID).await;
    world.roll_up().await;
    let answer = summary(world, &user, "by=hour").await;
    let hours: Vec<_> = answer["groups"].as_array().unwrap().iter().collect();
    let hours: Vec<_> = hours.iter().map(|group| &group["keys"]["hour"]).collect();
    assert_eq!(hours, ["17", "18"]);
}

#[tokio::test]
async fn a_batch_that_comes_twice_or_dies_half_way_counts_once() {
    let (world, proxy) = faults::world().await;
    let platform = Platform::on(world, |_| {}).await;
    let world = &platform.world;
    let patient = callbook::ledger::Ledger::new(proxy.client(), callbook_local::engine::TABLE);
    for caller in 0..40 {
        platform
            .call_of(&format!("+120697351{caller:02}"), DID)
            .await;
    }
    platform.bill("25", &[]).await;
    let records = world.stream_records();
    // The store is gone after the first transactions of the batch.
    proxy.forget_tokens();
    proxy.plan(|seen| (seen.number > 4).then_some(Fault::Down));
    let half = &records[..records.len() / 2];
    let answer = world.deliver_records(&patient, half).await;
    assert!(answer.is_none_or(|answer| answer["state"] == json!({})));
    // The answer of each transaction is lost, and the store has forgotten its token.
    proxy.plan(|seen| {
        let lost = seen.verb == "TransactWriteItems" && seen.attempt == 1;
        lost.then_some(Fault::LoseAnswer)
    });
    for part in [half, &records[3..], &records, half, &records] {
        let answer = world.deliver_records(&patient, part).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
        assert_eq!(answer["state"], json!({}));
    }
    proxy.heal();
    world.check_sums();
}
