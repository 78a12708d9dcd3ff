//! Leads, first contacts and queue entries end, and a number that is heard of again is new.

use std::time::Duration;

use callbook::ledger::PastCall;
use callbook::model::account::Account;
use callbook::model::call::CallingParty;
use callbook::model::credential::CredentialKind;
use callbook::model::retention::Kept;
use callbook_audit::{Item, text};
use callbook_tests::World;
use callbook_tests::office::Office;
use callbook_tests::teletracker::{self, PROCESS, basic};
use callbook_tests::tld::{CID, Platform};

use super::marks::{past, phone};
use super::{
    CALLS, COSTS, DAY, delete_ended, end, from_now, keeping, kind, number, platform, set, table,
};

/// Queues a callee.
pub async fn queue(world: &World, account: &Account, callee: &str) {
    let processes = world.ledger.call_processes(&account.id).await;
    if processes.expect("the store").is_empty() {
        teletracker::add_process(world, account, PROCESS).await;
    }
    let user = world.credential(account, CredentialKind::User).await;
    let process = PROCESS.to_string();
    let parameters = [
        ("callee", callee),
        ("whisper_text", "Asked for a call back"),
        ("callprocess_id", process.as_str()),
    ];
    let reply = teletracker::respond(&world.app, &basic(&user), &parameters).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// The only item of a type.
fn only(world: &World, wanted: &str) -> Item {
    let found = table(world).into_values();
    let mut found = found.filter(|item| kind(item) == wanted);
    let item = found.next().unwrap_or_else(|| panic!("no {wanted}"));
    assert!(found.next().is_none(), "more than one {wanted}");
    item
}

fn created(world: &World) -> Option<i64> {
    number(&only(world, "lead"), "created_at")
}

#[tokio::test]
async fn whatever_names_a_lead_puts_its_end_off() {
    let office = Office::of(platform().await).await;
    let world = office.world();
    let account = &office.platform.account;
    office.platform.call().await;
    let made = created(world);
    for step in 0..4 {
        world.wait(50 * DAY);
        match step {
            0 => office.platform.call().await,
            1 => drop(office.bill("25", &[]).await),
            2 => queue(world, account, CID).await,
            // The same day, which changes no end.
            _ => office.platform.call().await,
        }
        let wanted = from_now(world, COSTS);
        assert_eq!(end(&only(world, "lead")), wanted, "{step}");
        if step != 2 {
            assert_eq!(end(&only(world, "first_contact")), wanted, "{step}");
        }
        assert_eq!(created(world), made, "{step}");
    }
    assert_eq!(
        end(&only(world, "queue_entry")),
        from_now(world, CALLS).map(|end| end - 50 * DAY as i64)
    );
}

/// The types of the events of an account.
async fn told(world: &World, account: &Account) -> Vec<String> {
    world.publish().await;
    let events = world.events(&account.id).await;
    events
        .iter()
        .map(|event| event.kind.as_str().to_owned())
        .collect()
}

#[tokio::test]
async fn a_number_that_is_heard_of_after_its_end_is_a_new_lead_whether_it_was_deleted_or_not() {
    for (deleted, queued) in [(false, false), (false, true), (true, false), (true, true)] {
        let office = Office::of(platform().await).await;
        let world = office.world();
        let account = &office.platform.account;
        office.platform.call().await;
        office.bill("25", &[]).await;
        let lead = only(world, "lead");
        let before = told(world, account).await;
        assert_eq!(
            before.iter().filter(|kind| *kind == "lead.created").count(),
            1
        );
        world.wait((u64::from(COSTS) + 1) * DAY);
        if deleted {
            assert!(delete_ended(world, |_| true).await > 3);
        }
        match queued {
            true => queue(world, account, CID).await,
            false => office.platform.call().await,
        }
        let again = only(world, "lead");
        assert_eq!(
            text(&again, "lead_id"),
            text(&lead, "lead_id"),
            "it is the number's"
        );
        assert_eq!(
            number(&again, "created_at"),
            Some(world.clock.now().millis())
        );
        assert_eq!(again.get("total_cost"), None, "its costs have ended");
        assert_eq!(end(&again), from_now(world, COSTS));
        if !queued {
            assert_eq!(end(&only(world, "first_contact")), from_now(world, COSTS));
        }
        let events = told(world, account).await;
        // Events of before have ended too.
        assert_eq!(
            events.iter().filter(|kind| *kind == "lead.created").count(),
            1,
            "{events:?}"
        );
    }
}

#[tokio::test]
async fn nothing_ends_earlier_than_before_until_a_change_is_applied() {
    let office = Office::of(Platform::with(keeping).await).await;
    let world = office.world();
    let mut account = office.platform.account.clone();
    office.platform.call().await;
    assert_eq!(end(&only(world, "lead")), from_now(world, COSTS));
    set(world, &mut account, super::days(CALLS), super::days(400)).await;
    world.wait(DAY);
    office.platform.call().await;
    for wanted in ["lead", "first_contact"] {
        assert_eq!(end(&only(world, wanted)), None, "{wanted}");
    }
    super::apply(&world.ledger, &account.id).await;
    for wanted in ["lead", "first_contact"] {
        assert_eq!(end(&only(world, wanted)), from_now(world, 400), "{wanted}");
    }
}

#[tokio::test]
async fn an_earlier_call_of_a_caller_whose_first_call_has_ended_is_recorded() {
    let office = Office::of(
        Platform::with(|account| {
            keeping(account);
            account.contacts_kept = Kept::default();
        })
        .await,
    )
    .await;
    let world = office.world();
    let account = &office.platform.account;
    office.platform.call().await;
    let started = world.clock.now().minus(Duration::from_secs(60));
    world.wait((u64::from(CALLS) + 1) * DAY);
    delete_ended(world, |_| true).await;
    let call = PastCall {
        from: CallingParty::Number(phone(CID)),
        to: phone("16465557000"),
        cost: None,
        ..past(started, "earlier")
    };
    let imported = world.ledger.import_call(account, &call, world.clock.now());
    imported.await.expect("it is recorded");
    assert_eq!(
        number(&only(world, "first_contact"), "contacted_at"),
        Some(started.millis())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_meet_at_an_ended_lead_make_one_and_nobody_is_refused() {
    for _ in 0..8 {
        let office = Office::of(platform().await).await;
        let world = office.world();
        let account = &office.platform.account;
        office.platform.call().await;
        // The call process and its user are there before.
        queue(world, account, "12065550123").await;
        world.wait((u64::from(COSTS) + 1) * DAY);
        tokio::join!(
            office.platform.call(),
            queue(world, account, CID),
            office.platform.call_of(CID, "16465557000"),
        );
        let leads = table(world).into_values();
        let leads: Vec<Item> = leads
            .filter(|item| kind(item) == "lead" && text(item, "phone") == Some(CID))
            .collect();
        let [lead] = leads.as_slice() else {
            panic!("one lead");
        };
        assert_eq!(end(lead), from_now(world, COSTS));
        let now = world.clock.now().millis();
        assert_eq!(number(lead, "created_at"), Some(now));
    }
}
