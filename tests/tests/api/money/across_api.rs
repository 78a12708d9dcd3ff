//! Matching a cost to a call of another caller or another DID, and what follows from it.

use callbook_tests::office::{Office, TODAY, column, faults, text};
use callbook_tests::tld::{CID, DID};
use callbook_tests::{World, fd_calls};
use serde_json::{Value, json};

const OTHER: &str = "+13105550123";
const OTHER_DID: &str = "+18005550100";

/// The sid of the call from a caller to a DID.
async fn call_of(office: &Office, cid: &str, did: &str) -> String {
    let log = office.read("calls", &TODAY).await;
    let mut calls = log["calls"].as_array().unwrap().iter();
    let call = calls.find(|call| call["call_from"] == cid && call["call_to"] == did);
    text(&call.unwrap_or_else(|| panic!("no such call: {log}"))["call_sid"])
}

async fn matched(office: &Office, id: &str, sid: &str) -> Value {
    let body = json!({"call_sid": sid, "reason": "recorded otherwise"});
    let reply = office.post(&format!("costs/{id}/match"), &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

async fn cost_of(office: &Office, sid: &str) -> Value {
    office.read(&format!("calls/{sid}"), &[]).await["cost"].clone()
}

/// What the lead of a caller costs.
async fn lead_cost(world: &World, phone: &str) -> String {
    let leads = world.items("lead").await;
    let lead = leads.iter().find(|lead| lead.text("phone") == phone);
    lead.expect("a lead").text("total_cost")
}

#[tokio::test]
async fn a_cost_counts_where_a_person_matched_it_whoever_called() {
    let office = Office::new().await;
    office.platform.call().await;
    office.platform.call_of(OTHER, OTHER_DID).await;
    let id = office.bill("25", &[]).await;
    let (own, other) = (
        call_of(&office, CID, DID).await,
        call_of(&office, OTHER, OTHER_DID).await,
    );
    let cost = matched(&office, &id, &other).await;
    assert_eq!(
        (
            &cost["call_sid"],
            &cost["pinned"],
            &cost["did"],
            &cost["cid"]
        ),
        (&json!(other), &json!(true), &json!(DID), &json!(CID)),
        "it stays what was billed"
    );
    assert_eq!(cost_of(&office, &own).await, Value::Null);
    assert_eq!(cost_of(&office, &other).await, "25.0000");
    assert_eq!(lead_cost(office.world(), CID).await, "0");
    assert_eq!(lead_cost(office.world(), OTHER).await, "25");
    let by_call = office.costs(&[("by", "call")]).await;
    assert_eq!(column(&by_call["costs"], "call_sid"), [other.as_str()]);

    let reply = office
        .post(
            &format!("costs/{id}/unpin"),
            &json!({"reason": "a mistake"}),
        )
        .await;
    assert_eq!(reply.json()["call_sid"], own);
    assert_eq!(cost_of(&office, &own).await, "25.0000");
    assert_eq!(cost_of(&office, &other).await, Value::Null);
    assert_eq!(lead_cost(office.world(), CID).await, "25");
    assert_eq!(lead_cost(office.world(), OTHER).await, "0");
    office.world().roll_up().await;
}

#[tokio::test]
async fn a_call_that_was_billed_under_the_number_and_recorded_as_withheld_is_matched() {
    let office = Office::new().await;
    office.platform.call_of("anonymous", DID).await;
    let id = office.bill("25", &[]).await;
    let sid = call_of(&office, "withheld", DID).await;
    matched(&office, &id, &sid).await;
    assert_eq!(cost_of(&office, &sid).await, "25.0000");
    let story = office.read(&format!("costs/{id}"), &[]).await;
    assert_eq!(story["call"]["call_from"], "withheld");
    let void = json!({"reason": "wrong number", "all": true});
    let reply = office.post(&format!("costs/{id}/void"), &void).await;
    assert_eq!(reply.json()["state"], "void", "{}", reply.body);
    assert_eq!(cost_of(&office, &sid).await, Value::Null);
}

#[tokio::test]
async fn the_later_bill_counts_where_two_pairs_meet_on_one_call() {
    let office = Office::new().await;
    office.platform.call().await;
    office.platform.call_of(OTHER, DID).await;
    let first = office.bill("25", &[]).await;
    office.world().wait(5);
    let second = office.bill_of(OTHER, "30", &[]).await;
    let sid = call_of(&office, OTHER, DID).await;
    let cost = matched(&office, &first, &sid).await;
    assert_eq!(cost["state"], "superseded");
    assert_eq!(cost_of(&office, &sid).await, "30.0000");
    let void = json!({"reason": "not ours"});
    let reply = office.post(&format!("costs/{second}/void"), &void).await;
    assert_eq!(reply.json()["revived"], json!([first]));
    assert_eq!(cost_of(&office, &sid).await, "25.0000");
    office.world().roll_up().await;
}

#[tokio::test]
async fn a_new_price_goes_where_its_bill_was_matched() {
    let office = Office::new().await;
    office.platform.call().await;
    office.platform.call_of(OTHER, DID).await;
    let first = office.bill("25", &[("call_id", "x1")]).await;
    let sid = call_of(&office, OTHER, DID).await;
    matched(&office, &first, &sid).await;
    office.world().wait(5);
    let reply = office.platform.bill("30", &[("call_id", "x1")]).await;
    let answer = reply.json();
    assert_eq!(cost_of(&office, &sid).await, "30.0000");
    // The call that it is for is that of the other caller, and so is the lead.
    let leads = office.world().items("lead").await;
    let lead = leads.iter().find(|lead| lead.text("phone") == OTHER);
    assert_eq!(answer["lead"]["lead_id"], lead.unwrap().text("lead_id"));
    let reply = office
        .post(
            &format!("costs/{first}/unpin"),
            &json!({"reason": "a mistake"}),
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let own = call_of(&office, CID, DID).await;
    assert_eq!(cost_of(&office, &own).await, "30.0000", "both come home");
}

#[tokio::test]
async fn a_match_needs_an_inbound_call_of_the_account() {
    let office = Office::new().await;
    let (world, account) = (office.world(), &office.platform.account);
    office.platform.call().await;
    let id = office.bill("25", &[]).await;
    let token = fd_calls::token(world, account).await;
    let property = fd_calls::property(world, account, None).await;
    let call = [("From", DID), ("To", OTHER), ("Direction", "Outbound")];
    let outbound = fd_calls::record(world, &token, &property, &call).await;
    let another = world.account().await;
    let token = fd_calls::token(world, &another).await;
    let property = fd_calls::property(world, &another, None).await;
    let call = [("From", CID), ("To", DID), ("Direction", "Inbound")];
    let foreign = fd_calls::record(world, &token, &property, &call).await;
    for sid in [outbound, foreign].map(|call| text(&call["CallSid"])) {
        let body = json!({"call_sid": sid, "reason": "r"});
        let reply = office.post(&format!("costs/{id}/match"), &body).await;
        assert_eq!(faults(&reply), ["call_sid"]);
    }
}
