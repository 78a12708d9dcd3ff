//! The rows of calls that other dialects recorded.

use std::time::Duration;

use callbook::ledger::{Creation, ExistsDifferent, Ledger, PastCall};
use callbook::model::call::{CallSid, Direction};
use callbook::model::cost::Cost;
use callbook::model::credential::CredentialKind;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::text::Notes;
use callbook::model::time::Zone;
use callbook_local::engine::TABLE;
use callbook_tests::World;
use callbook_tests::call_data::{rows, user};
use callbook_tests::faults::{self, Fault};
use callbook_tests::tld::{self, FORM, form};
use callbook_tests::truecnam::{CALLED, CALLING, Pbx};
use serde_json::{Value, json};

use super::{TODAY, column, inbound, past, record};

async fn new_york(world: &World) -> Pbx {
    Pbx::with(world, |account| {
        account.carrier = true;
        account.zone = Zone::parse("America/New_York").unwrap();
    })
    .await
}

async fn bill(world: &World, pbx: &Pbx, cid: &str, more: &[(&str, &str)]) {
    let key = world.credential(&pbx.account, CredentialKind::Tld).await;
    let body = form(&[&[("did", CALLED), ("cid", cid)], more].concat());
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", key.secret.as_str()),
        ("content-type", FORM),
    ];
    let reply = world
        .send("POST", tld::PATH, &headers, body.as_bytes())
        .await;
    assert_eq!(
        (reply.status, &reply.json()["updated"]),
        (200, &json!(1)),
        "{}",
        reply.body
    );
}

fn pair(call: &str) -> [(&str, &str); 2] {
    [("calling_number", call), ("called_number", CALLED)]
}

#[tokio::test]
async fn the_row_of_an_inbound_call_has_its_cost_and_feedback() {
    let world = World::new().await;
    let pbx = new_york(&world).await;
    let key = user(&world, &pbx.account).await;
    pbx.get(&world, &pair(CALLING)).await;
    world.wait(60);
    bill(
        &world,
        &pbx,
        CALLING,
        &[("cost", "25.5"), ("notes", "first \"one\"")],
    )
    .await;
    pbx.name(&world, CALLING, "Waidong Syrws").await;
    let rows = rows(&world, &key, &TODAY).await;
    let lead = world.only("lead").await.text("lead_id");
    let call = world.only("call").await.text("call_sid");
    assert_eq!(
        rows,
        [json!({
            "call_id": call,
            "account_id": pbx.account.id.as_str(),
            "direction": "inbound",
            "call_date": "2026-11-21T07:00:00-05:00",
            "end_date": null,
            "duration": null,
            "call_from": "+12069735100",
            "call_to": "+16465557000",
            "disposition": null,
            "cost": "25.5000",
            "date_billed": "2026-11-21T07:01:00-05:00",
            "lead_id": lead,
            "name": "Waidong Syrws",
            "phone_status": "Connected",
            "right_party_contact": true,
            "notes": "first \"one\"",
        })]
    );
}

#[tokio::test]
async fn the_row_of_an_outbound_call_has_its_duration_and_called_party() {
    let world = World::new().await;
    let pbx = new_york(&world).await;
    let key = user(&world, &pbx.account).await;
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(200);
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    pbx.report(&world, "T_1", CALLED, None, "Disconnected", false)
        .await;
    let rows = rows(&world, &key, &TODAY).await;
    assert_eq!(rows.len(), 1);
    for (column, value) in [
        ("direction", json!("outbound")),
        ("call_date", json!("2026-11-21T07:00:00-05:00")),
        ("end_date", json!("2026-11-21T07:03:20-05:00")),
        ("duration", json!(200)),
        ("call_from", json!("+12069735100")),
        ("call_to", json!("+16465557000")),
        ("cost", Value::Null),
        ("date_billed", Value::Null),
        ("lead_id", Value::Null),
        ("name", Value::Null),
        ("phone_status", json!("Disconnected")),
        ("right_party_contact", json!(false)),
    ] {
        assert_eq!(rows[0][column], value, "{column}");
    }
}

#[tokio::test]
async fn a_call_without_bill_and_feedback_has_nulls() {
    let world = World::new().await;
    let pbx = new_york(&world).await;
    let key = user(&world, &pbx.account).await;
    pbx.get(&world, &pair("20697351")).await;
    pbx.name(&world, CALLED, "Our own number").await;
    let rows = rows(&world, &key, &TODAY).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rows[0]["call_from"], "20697351",
        "a caller that is not a number is unchanged"
    );
    for column in [
        "name",
        "phone_status",
        "right_party_contact",
        "lead_id",
        "notes",
    ] {
        assert_eq!(rows[0][column], Value::Null, "{column}");
    }
}

/// The latest feedback in the only row.
async fn latest_feedback(world: &World, key: &callbook_tests::Key) -> [Value; 3] {
    let mut rows = rows(world, key, &TODAY).await;
    assert_eq!(rows.len(), 1);
    ["name", "phone_status", "right_party_contact"].map(|column| rows[0][column].take())
}

#[tokio::test]
async fn a_row_has_the_latest_feedback_and_the_latest_name_with_right_party_contact() {
    let world = World::new().await;
    let pbx = new_york(&world).await;
    let key = user(&world, &pbx.account).await;
    pbx.get(&world, &pair(CALLING)).await;
    let mut rows = Vec::new();
    for (id, name, status, right, expected) in [
        (
            "a",
            Some("Ann"),
            "Connected",
            true,
            json!(["Ann", "Connected", true]),
        ),
        (
            "b",
            Some("Bob"),
            "Connected",
            false,
            json!(["Ann", "Connected", false]),
        ),
        (
            "c",
            None,
            "Disconnected",
            false,
            json!(["Ann", "Disconnected", false]),
        ),
        (
            "d",
            Some("Dee"),
            "Connected",
            true,
            json!(["Dee", "Connected", true]),
        ),
        (
            "e",
            None,
            "Connected",
            true,
            json!(["Dee", "Connected", true]),
        ),
        // The response that gave the name withdraws it.
        (
            "d",
            None,
            "Connected",
            false,
            json!([null, "Connected", false]),
        ),
    ] {
        world.wait(1);
        pbx.report(&world, id, CALLING, name, status, right).await;
        rows.push((json!(latest_feedback(&world, &key).await), expected));
    }
    for (found, expected) in rows {
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn feedback_received_earlier_is_stored_and_does_not_change_the_row() {
    let world = World::new().await;
    let pbx = new_york(&world).await;
    let key = user(&world, &pbx.account).await;
    pbx.get(&world, &pair(CALLING)).await;
    let noon = world.clock.now();
    world.wait(10);
    pbx.report(&world, "later", CALLING, Some("Late"), "Connected", true)
        .await;
    world.clock.set(noon);
    pbx.report(
        &world,
        "earlier",
        CALLING,
        Some("Early"),
        "Disconnected",
        true,
    )
    .await;
    assert_eq!(world.items("feedback").await.len(), 2, "both are stored");
    assert_eq!(
        json!(latest_feedback(&world, &key).await),
        json!(["Late", "Connected", true])
    );
}

#[tokio::test]
async fn feedback_processed_out_of_order_keeps_the_name_received_last() {
    // Response, name, and second of receipt, in the order of processing.
    for (through, expected) in [
        (&[("b", None, 2), ("a", Some("Ann"), 1)][..], Some("Ann")),
        (
            &[("c", None, 3), ("a", Some("Ann"), 1), ("b", Some("Bob"), 2)],
            Some("Bob"),
        ),
        (
            &[("c", None, 3), ("b", Some("Bob"), 2), ("a", Some("Ann"), 1)],
            Some("Bob"),
        ),
        (&[("c", Some("Cid"), 3), ("a", Some("Ann"), 1)], Some("Cid")),
        // A response's later feedback wins, even if it withdraws the name.
        (&[("a", None, 2), ("a", Some("Ann"), 1)], None),
        (
            &[("a", Some("Ann"), 1), ("b", None, 3), ("a", None, 2)],
            None,
        ),
    ] {
        let world = World::new().await;
        let pbx = new_york(&world).await;
        let key = user(&world, &pbx.account).await;
        pbx.get(&world, &pair(CALLING)).await;
        let noon = world.clock.now();
        for (response, name, second) in through {
            world.clock.set(noon.plus(Duration::from_secs(*second)));
            pbx.report(&world, response, CALLING, *name, "Connected", true)
                .await;
        }
        world.clock.set(noon.plus(Duration::from_secs(10)));
        let asked = pbx.ask(&world, CALLING, None).await;
        assert_eq!(asked["extended_name"], expected.unwrap_or_default());
        assert_eq!(
            json!(latest_feedback(&world, &key).await),
            json!([expected, "Connected", true]),
            "{through:?}"
        );
    }
}

#[tokio::test]
async fn an_imported_call_can_be_billed_and_shares_the_lead_of_its_caller() {
    let world = World::new().await;
    let pbx = new_york(&world).await;
    let key = user(&world, &pbx.account).await;
    let call = past(
        "2026-11-20T12:00:00Z",
        Direction::Inbound,
        "+12069735100",
        "+16465557000",
    );
    record(&world, &pbx.account, &call).await;
    bill(&world, &pbx, CALLING, &[("cost", "7")]).await;
    world.wait(1);
    pbx.get(&world, &pair(CALLING)).await;
    let days = [("start_date", "2026-11-20"), ("end_date", "2026-11-21")];
    let rows = rows(&world, &key, &days).await;
    assert_eq!(column(&rows, "cost"), ["7.0000", "null"]);
    assert_eq!(rows[0]["lead_id"], rows[1]["lead_id"]);
    let first = world.only("first_contact").await.text("call_sid");
    assert_eq!(
        rows[0]["call_id"], first,
        "the imported call was the first contact"
    );
    world.only("lead").await;
}

#[tokio::test]
async fn an_imported_call_with_a_lost_answer_is_recorded_once() {
    let (world, proxy) = faults::world().await;
    proxy.forget_tokens();
    let account = world.account().await;
    let call = inbound("2026-11-20T12:00:00Z");
    let ledger = Ledger::new(proxy.client(), TABLE);
    proxy.plan(|seen| {
        (seen.verb == "TransactWriteItems" && seen.attempt == 1).then_some(Fault::LoseAnswer)
    });
    let first = ledger
        .import_call(&account, &call, world.clock.now())
        .await
        .unwrap();
    assert_eq!(
        first,
        Creation::Created(()),
        "the retry recognizes its own first attempt"
    );
    assert!(
        proxy.verbs()["TransactWriteItems"] > 1,
        "the lost answer is retried"
    );
    proxy.heal();
    let again = ledger
        .import_call(&account, &call, world.clock.now())
        .await
        .unwrap();
    assert_eq!(again, Creation::Exists(()));
    world.only("call").await;
    world.only("pair_call").await;
}

#[tokio::test]
async fn importing_a_call_again_with_other_values_is_refused_and_with_the_same_values_is_not() {
    let world = World::new().await;
    let pbx = new_york(&world).await;
    let costs = |cost: &str| PastCall {
        cost: Some(Cost::parse(cost).unwrap()),
        external_id: ExternalId::parse("A").unwrap(),
        ..past("2026-11-20T12:00:00Z", Direction::Inbound, CALLING, CALLED)
    };
    let import = async |call: &PastCall| {
        let imported = world
            .ledger
            .import_call(&pbx.account, call, world.clock.now())
            .await;
        imported.unwrap()
    };
    assert_eq!(import(&costs("5")).await, Creation::Created(()));
    assert_eq!(import(&costs("5.00")).await, Creation::Exists(()));
    assert_eq!(
        import(&costs("7")).await,
        Creation::Refused(ExistsDifferent)
    );
    let mut noted = costs("5");
    noted.notes = Some(Notes::parse("twice").unwrap());
    assert_eq!(import(&noted).await, Creation::Refused(ExistsDifferent));
    // Later changes of the call do not count as values of its row.
    bill(&world, &pbx, CALLING, &[("cost", "9")]).await;
    assert_eq!(import(&costs("5")).await, Creation::Exists(()));
    assert_eq!(
        import(&costs("9")).await,
        Creation::Refused(ExistsDifferent)
    );
    world.only("call").await;
    let mut other = costs("7");
    other.external_id = ExternalId::parse("B").unwrap();
    assert_eq!(import(&other).await, Creation::Created(()));
    assert_eq!(world.items("call").await.len(), 2);
}

#[tokio::test]
async fn an_imported_row_with_the_sid_of_a_recorded_call_is_that_call() {
    let world = World::new().await;
    let pbx = new_york(&world).await;
    pbx.get(&world, &pair(CALLING)).await;
    let sid = CallSid::parse(&world.only("call").await.text("call_sid")).unwrap();
    let mut call = inbound("2026-11-21T12:00:00Z");
    call.external_id = ExternalId::parse(sid.as_str()).unwrap();
    call.call_sid = Some(sid);
    let imported = world
        .ledger
        .import_call(&pbx.account, &call, world.clock.now())
        .await;
    assert_eq!(imported.unwrap(), Creation::Exists(()));
    world.only("call").await;
    // In another account the same row is a new call, recorded once.
    let other = world.account().await;
    record(&world, &other, &call).await;
    let again = world
        .ledger
        .import_call(&other, &call, world.clock.now())
        .await;
    assert_eq!(again.unwrap(), Creation::Exists(()));
}
