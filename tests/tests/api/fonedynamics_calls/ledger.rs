//! One ledger: calls recorded by other dialects are listed here, and calls recorded here are visible there.

use callbook::model::credential::Limits;
use callbook_tests::call_data::{rows, user};
use callbook_tests::fd_calls::{each, get, hold, list, of_property, property, token};
use callbook_tests::fonedynamics::{NUMBER, Site, done, path_of as path_of_number};
use callbook_tests::tld::Platform;
use callbook_tests::truecnam::Pbx;
use callbook_tests::{NOON, World};
use serde_json::Value;

use super::{Desk, JANE, JOHN, OTHER, OURS, path_of};

#[tokio::test]
async fn a_call_recorded_by_caller_id_belongs_to_the_property_that_holds_the_number() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let key = token(&world, &pbx.account).await;
    let one = property(&world, &pbx.account, None).await;
    let other = property(&world, &pbx.account, None).await;
    hold(&world, &pbx.account, OURS, &one, NOON - 1_000, None).await;
    hold(&world, &pbx.account, OTHER, &other, NOON - 1_000, None).await;
    let inbound = [
        ("calling_number", "12069735100"),
        ("called_number", "18005550100"),
    ];
    assert_eq!(pbx.get(&world, &inbound).await.status, 200);
    world.wait(1);
    pbx.start(&world, "18005550199", "13105550111").await;
    world.wait(1);
    let nobodys = [
        ("calling_number", "12069735100"),
        ("called_number", "18005550142"),
    ];
    assert_eq!(pbx.get(&world, &nobodys).await.status, 200);

    let of_one = list(&world, &key, &of_property(&one), &[]).await;
    assert_eq!(each(&of_one, "Direction"), ["Inbound"]);
    assert_eq!(each(&of_one, "PropertySid"), [one.as_str()]);
    let of_other = list(&world, &key, &of_property(&other), &[]).await;
    assert_eq!(each(&of_other, "Direction"), ["Outbound"]);
    assert_eq!(each(&of_other, "From"), [OTHER]);
    assert_eq!(each(&of_other, "PropertySid"), [other.as_str()]);
    let path = callbook_tests::fd_calls::of_account(&pbx.account);
    let all = list(&world, &key, &path, &[]).await;
    assert_eq!(
        each(&all, "PropertySid"),
        [one.as_str(), other.as_str(), "null"]
    );
    for call in all["Calls"].as_array().unwrap() {
        let shown = get(&world, &key, &path_of(call), &[]).await;
        assert_eq!(shown.json(), *call);
    }
}

#[tokio::test]
async fn calls_stay_with_the_property_that_held_the_number_at_the_time() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let key = token(&world, &pbx.account).await;
    let one = property(&world, &pbx.account, None).await;
    let other = property(&world, &pbx.account, None).await;
    let minute = |n: i64| NOON + n * 60_000;
    hold(&world, &pbx.account, OURS, &one, minute(1), Some(minute(3))).await;
    hold(
        &world,
        &pbx.account,
        OURS,
        &other,
        minute(3),
        Some(minute(4)),
    )
    .await;
    hold(&world, &pbx.account, OURS, &one, minute(5), None).await;
    let call = [
        ("calling_number", "12069735100"),
        ("called_number", "18005550100"),
    ];
    for _ in 0..7 {
        assert_eq!(pbx.get(&world, &call).await.status, 200);
        world.wait(60);
    }
    for (property, expected) in [(&one, vec![1, 2, 5, 6]), (&other, vec![3])] {
        let found = list(&world, &key, &of_property(property), &[]).await;
        let expected: Vec<_> = expected
            .into_iter()
            .map(|n| (minute(n) / 1_000).to_string())
            .collect();
        assert_eq!(each(&found, "Started"), expected);
        assert_eq!(found["TotalCount"], expected.len());
    }
}

#[tokio::test]
async fn calls_between_purchase_and_release_stay_with_the_property() {
    let site = Site::new().await;
    let world = &site.world;
    let pbx = Pbx::of(world, site.account.clone(), Limits::default()).await;
    let property = site.property("Roofing").await;
    let called = NUMBER.trim_start_matches('+');
    let call = [("calling_number", "12069735100"), ("called_number", called)];
    let source = [("Attribution_Source", "google")];
    let mut recorded = Vec::new();
    for step in ["before", "bought", "given back", "bought again"] {
        match step {
            "before" => {}
            "given back" => drop(done(&site.delete(&path_of_number(NUMBER)).await)),
            _ => {
                done(&site.buy(&property, NUMBER).await);
                done(&site.post(&path_of_number(NUMBER), &source).await);
            }
        }
        world.wait(60);
        assert_eq!(pbx.get(world, &call).await.status, 200, "{step}");
        recorded.push((world.clock.now().millis() / 1_000).to_string());
        world.wait(60);
    }
    let path = format!("/v2/Properties/{property}/Calls");
    let found = list(world, &site.key, &path, &[]).await;
    let between = [recorded[1].clone(), recorded[3].clone()];
    assert_eq!(each(&found, "Started"), between);
    assert_eq!(each(&found, "Attribution_Source"), ["google", "google"]);
    let filtered = list(world, &site.key, &path, &source).await;
    assert_eq!(filtered["Calls"], found["Calls"]);
}

#[tokio::test]
async fn a_call_to_a_propertys_number_belongs_to_the_property_that_recorded_it() {
    let desk = Desk::new().await;
    hold(&desk.world, &desk.account, OTHER, &desk.property, 0, None).await;
    let elsewhere = property(&desk.world, &desk.account, None).await;
    let call = [("From", OTHER), ("To", OURS)];
    callbook_tests::fd_calls::record(&desk.world, &desk.key, &elsewhere, &call).await;
    assert_eq!(
        desk.calls(&[]).await["TotalCount"],
        0,
        "the call belongs to the property of its request"
    );
    let pbx = Pbx::of(&desk.world, desk.account.clone(), Limits::default()).await;
    pbx.start(&desk.world, "12069735100", "18005550199").await;
    assert_eq!(
        desk.calls(&[]).await["TotalCount"],
        0,
        "an outbound call belongs to its calling number"
    );
    assert_eq!(desk.all(&[]).await["TotalCount"], 2);
}

#[tokio::test]
async fn a_recorded_call_is_billed_and_its_cost_is_shown() {
    let platform = Platform::new().await;
    let (world, account) = (&platform.world, &platform.account);
    let key = token(world, account).await;
    let property = property(world, account, None).await;
    let call = [("From", "+12069735101"), ("To", "+12069735100")];
    let recorded = callbook_tests::fd_calls::record(world, &key, &property, &call).await;
    world.wait(5);
    let billed = platform.bill("25.50", &[]).await;
    assert_eq!((billed.status, &billed.json()["updated"]), (200, &1.into()));
    assert_eq!(billed.json()["first_contact"], 1);
    let mut expected = recorded.clone();
    expected["Cost"] = "25.5000".into();
    expected["Billed"] = (NOON / 1_000 + 5).into();
    let shown = get(world, &key, &path_of(&recorded), &[]).await;
    assert_eq!(shown.json(), expected);
    let listed = list(world, &key, &of_property(&property), &[]).await;
    assert_eq!(listed["Calls"][0], expected);
}

#[tokio::test]
async fn a_recorded_call_is_in_call_data() {
    let desk = Desk::new().await;
    let reader = user(&desk.world, &desk.account).await;
    let said = [
        ("Started", "1795262000"),
        ("Ended", "1795262090"),
        ("Disposition", "Answered"),
    ];
    let call = desk.record(JANE, OURS, &said).await;
    desk.record(OURS, JOHN, &[("Direction", "Outbound")]).await;
    let today = [("start_date", "2026-11-21"), ("end_date", "2026-11-21")];
    let found = rows(&desk.world, &reader, &today).await;
    let column = |name: &str| {
        found
            .iter()
            .map(|row| row[name].clone())
            .collect::<Vec<Value>>()
    };
    assert_eq!(column("direction"), ["inbound", "outbound"]);
    assert_eq!(found[0]["call_id"], call["CallSid"]);
    assert_eq!(found[0]["duration"], 90);
    assert_eq!(found[0]["disposition"], "Answered");
    assert!(found[0]["lead_id"].is_string(), "its caller has a lead");
    assert_eq!(column("call_from"), [JANE, OURS]);
}

#[tokio::test]
async fn a_caller_known_from_one_dialect_is_known_in_every_other() {
    let desk = Desk::new().await;
    let pbx = Pbx::of(&desk.world, desk.account.clone(), Limits::default()).await;
    let call = [
        ("calling_number", "12069735100"),
        ("called_number", "18005550100"),
    ];
    assert_eq!(pbx.get(&desk.world, &call).await.status, 200);
    desk.world.wait(61);
    desk.record(JANE, OURS, &[]).await;
    desk.world.wait(1);
    desk.record(JOHN, OURS, &[]).await;
    let unique = desk.all(&[("Unique", "Unique")]).await;
    assert_eq!(each(&unique, "From"), [JANE, JOHN]);
    let repeat = desk.all(&[("Unique", "Repeat")]).await;
    assert_eq!(each(&repeat, "From"), [JANE]);
    assert_eq!(each(&repeat, "PropertySid"), [desk.property.as_str()]);
    assert_eq!(desk.world.items("first_contact").await.len(), 2);
}
