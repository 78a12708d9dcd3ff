//! Calls of numbers that a property had once: however long it had them, and whichever version ended that.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ledger::PastCall;
use callbook::model::call::{CallingParty, Direction};
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Instant;
use callbook_local::engine::TABLE;
use callbook_tests::fd_calls::{each, hold};
use callbook_tests::{NOON, World};

use super::{Desk, JANE, OURS};

const DAY: i64 = 86_400_000;

/// Records a call to our number, for no property.
async fn call(desk: &Desk, at: i64) {
    let call = PastCall {
        started: Instant::from_millis(at),
        direction: Direction::Inbound,
        from: CallingParty::Number(PhoneNumber::parse_e164(JANE).unwrap()),
        to: PhoneNumber::parse_e164(OURS).unwrap(),
        ended: None,
        seconds: None,
        disposition: None,
        cost: None,
        billed: None,
        notes: None,
        external_id: None,
        call_sid: None,
    };
    let now = desk.world.clock.now();
    let imported = desk.world.ledger.import_call(&desk.account, &call, now);
    imported.await.unwrap();
}

/// The starts of the property's calls within a second around an instant.
async fn listed(desk: &Desk, at: i64) -> Vec<String> {
    let end = |at: i64| Instant::from_millis(at).rfc3339(&callbook::model::time::Zone::utc());
    let (from, to) = (end(at - 1_000), end(at + 1_000));
    let range = [("Date_From", from.as_str()), ("Date_To", to.as_str())];
    let calls = desk.calls(&range).await;
    for sid in each(&calls, "PropertySid") {
        assert_eq!(sid, desk.property.as_str());
    }
    each(&calls, "From")
}

/// Ends every assignment in its place, as versions before D-547 did.
async fn end_in_place(world: &World) {
    let client = world.engine.client();
    for kind in ["tenure", "past_tenure"] {
        for mut item in world.raw_items(kind) {
            let text = |name: &str| item[name].as_s().unwrap().clone();
            let (pk, sk) = (text("pk"), text("sk"));
            if sk.starts_with("TENURE#+") {
                continue;
            }
            let delete = client
                .delete_item()
                .table_name(TABLE)
                .key("pk", AttributeValue::S(pk))
                .key("sk", AttributeValue::S(sk.clone()));
            delete.send().await.unwrap();
            if kind == "tenure" {
                let sk = sk.replace("#ENDED#", "#");
                item.insert("sk".to_owned(), AttributeValue::S(sk));
                let put = client.put_item().table_name(TABLE).set_item(Some(item));
                put.send().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_property_lists_the_calls_of_its_former_numbers_however_long_it_had_them() {
    let desk = Desk::new().await;
    // How long, in half days, from the latest to the earliest.
    let lasted = [1, 2, 3, 16, 17, 128, 129, 1_024, 1_025, 4_000];
    let (mut end, mut spans) = (NOON - DAY, Vec::new());
    for half_days in lasted {
        let from = end - half_days * DAY / 2;
        hold(
            &desk.world,
            &desk.account,
            OURS,
            &desk.property,
            from,
            Some(end),
        )
        .await;
        spans.push((from, end));
        end = from - 60_000;
    }
    for (from, until) in &spans {
        for at in [*from, until - 1_000, *until + 5_000] {
            call(&desk, at).await;
        }
    }
    let check = async || {
        for (from, until) in &spans {
            assert_eq!(listed(&desk, *from).await, [JANE], "it begins");
            assert_eq!(listed(&desk, until - 1_000).await, [JANE], "it ends");
            assert!(
                listed(&desk, until + 5_000).await.is_empty(),
                "it has ended"
            );
        }
    };
    check().await;
    end_in_place(&desk.world).await;
    check().await;
    let ledger = &desk.world.ledger;
    let moved = ledger.move_ended_assignments(&desk.account.id).await;
    assert_eq!(moved.unwrap(), lasted.len());
    assert_eq!(desk.world.raw_items("past_tenure").len(), lasted.len());
    check().await;
    let again = ledger.move_ended_assignments(&desk.account.id).await;
    assert_eq!(again.unwrap(), 0);
}

#[tokio::test]
async fn a_number_that_an_earlier_version_released_after_the_migration_is_still_listed() {
    let desk = Desk::new().await;
    let ledger = &desk.world.ledger;
    assert_eq!(
        ledger
            .move_ended_assignments(&desk.account.id)
            .await
            .unwrap(),
        0
    );
    let (from, until) = (NOON - 2 * DAY, NOON - DAY);
    hold(
        &desk.world,
        &desk.account,
        OURS,
        &desk.property,
        from,
        Some(until),
    )
    .await;
    end_in_place(&desk.world).await;
    call(&desk, from + 60_000).await;
    assert_eq!(listed(&desk, from + 60_000).await, [JANE]);
    let assignments = desk.world.assignments(&desk.account.id).await;
    assert_eq!(assignments.len(), 1);
}
