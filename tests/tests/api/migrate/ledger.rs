//! What is in the ledger after a migration, against what the earlier version answered.

use std::time::Duration;

use callbook::ledger::{Creation, PastCall};
use callbook::model::call::{CallSid, CallingParty, CostId, Direction};
use callbook::model::cost::Cost;
use callbook::model::pair::entry::State;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::PhoneNumber;
use callbook::model::report::Disposition;
use callbook::model::summary::grouping::Question;
use callbook::model::summary::measures::Measure;
use callbook::model::text::Notes;
use callbook::model::time::{Instant, Range, Zone};
use callbook_tests::earlier::{self, Answers};
use serde_json::{Value, json};

use super::{acknowledged, assert_same, comparable, earlier_world, sum};

#[tokio::test]
async fn every_acknowledged_cost_is_one_entry_under_its_id() {
    let (world, answers) = (earlier_world().await, Answers::read());
    let done = earlier::migrate(&world, &world.ledger).await;
    let [first, second] = answers.accounts();
    for (answer, guid) in answers.acknowledged() {
        let id = CostId::parse(answer["cost_id"].as_str().unwrap()).unwrap();
        let of = |account| world.ledger.acknowledged_cost(account, &id);
        let row = match of(&first).await.unwrap() {
            Some(row) => row,
            None => of(&second).await.unwrap().expect("the entry"),
        };
        let inserted = &answer["inserted"];
        assert_eq!(
            row.amount().four_places().parse(),
            Ok(decimal(&answer["cost"]))
        );
        assert_eq!(row.guid, guid, "the request that billed it");
        assert_eq!(row.call_to.as_e164(), inserted["call_to"]);
        assert_eq!(row.call_from, inserted["call_from"].as_str().unwrap());
        assert_eq!(json!(row.method_id), inserted["method_id"]);
        let notes = row.notes.as_ref().map_or("", |notes| notes.as_str());
        assert_eq!(notes, inserted["notes"]);
        assert!(row.credential_id.is_some(), "the credential that billed it");
    }
    for (at, account) in [first, second].iter().enumerate() {
        let expected = acknowledged(&answers, at);
        assert_eq!(sum(&world, account.as_str(), None).await, expected);
        assert_eq!(done[at].costs.acknowledged.amount, expected);
        let states = ["in_force", "superseded", "void"];
        let mut states_sum = rust_decimal::Decimal::ZERO;
        for state in states {
            states_sum += sum(&world, account.as_str(), Some(state)).await;
        }
        assert_eq!(states_sum, expected, "the identity");
    }
    assert!(done[1].left.is_empty());
    let left: Vec<_> = done[0].left.iter().map(|left| left.why.as_str()).collect();
    assert_eq!(
        left.len(),
        1,
        "the call whose imported cost was replaced: {left:?}"
    );
    assert!(left[0].contains("import its file again"), "{left:?}");
}

fn decimal(value: &Value) -> rust_decimal::Decimal {
    value
        .as_str()
        .unwrap_or_default()
        .parse()
        .expect("an amount")
}

#[tokio::test]
async fn costs_are_decided_by_the_present_rules() {
    let (world, answers) = (earlier_world().await, Answers::read());
    earlier::migrate(&world, &world.ledger).await;
    let [first, second] = answers.accounts();
    let state_of = async |name: &str| {
        let id = answers.named(name)["answer"]["cost_id"].as_str().unwrap();
        let id = CostId::parse(id).unwrap();
        for account in [&first, &second] {
            if let Some(row) = world.ledger.acknowledged_cost(account, &id).await.unwrap() {
                return (row.entry.state, row.call_sid.is_some());
            }
        }
        panic!("{name} has no entry");
    };
    for (name, state, matched) in [
        ("bill before any call", State::InForce, true),
        ("bill 1", State::Superseded, true),
        ("bill 1 dearer", State::InForce, true),
        ("bill 1 of another platform", State::InForce, true),
        ("bill 2 with key", State::Superseded, true),
        ("zero", State::InForce, true),
        ("bill 2 of no call", State::InForce, false),
        ("bill as json", State::InForce, false),
        ("bill of the switch call", State::Superseded, true),
        ("bill of the switch call without date", State::InForce, true),
        ("bill of what rang", State::InForce, true),
        (
            "bill of an imported call without a cost",
            State::InForce,
            true,
        ),
        ("bill of another imported call", State::Superseded, true),
        ("bill of it again, dearer", State::InForce, true),
        ("bill 1 later", State::InForce, true),
        ("second unmatched", State::InForce, false),
    ] {
        assert_eq!(state_of(name).await, (state, matched), "{name}");
    }
}

#[tokio::test]
async fn every_call_answers_under_its_sid_with_what_was_known_of_it() {
    let (world, answers) = (earlier_world().await, Answers::read());
    earlier::migrate(&world, &world.ledger).await;
    let [first, _] = answers.accounts();
    let rows = answers.named("report")["answer"]["data"]
        .as_array()
        .unwrap();
    assert!(rows.len() >= 20);
    let mut joined = 0;
    for old in rows {
        let sid = CallSid::parse(old["call_id"].as_str().unwrap()).unwrap();
        let row = world
            .ledger
            .call(&first, &sid)
            .await
            .unwrap()
            .expect("the call");
        joined += usize::from(row.sid != sid);
        assert_eq!(row.to, old["call_to"].as_str().unwrap());
        let withheld = old["call_from"] == "266696687";
        let from = if withheld {
            "withheld"
        } else {
            old["call_from"].as_str().unwrap()
        };
        assert_eq!(row.from, from);
        if let Some(disposition) = old["disposition"].as_str() {
            assert_eq!(row.disposition.as_deref(), Some(disposition));
        }
        if let Some(seconds) = old["duration"].as_u64() {
            assert_eq!(row.seconds, Some(seconds));
        }
        let story = world
            .ledger
            .call_story(&first, &sid)
            .await
            .unwrap()
            .unwrap();
        let own = story.reports.iter().any(|report| report.sid == sid);
        assert!(own, "the report that has the sid");
    }
    assert_eq!(joined, 1, "what rang, from the lookup and from the switch");
}

#[tokio::test]
async fn the_sources_of_calls_follow_from_what_was_written() {
    let (world, answers) = (earlier_world().await, Answers::read());
    earlier::migrate(&world, &world.ledger).await;
    let account = answers.accounts()[0].as_str().to_owned();
    let calls = world.engine.items().unwrap();
    let mut sources: Vec<(String, String)> = calls
        .iter()
        .filter(|item| item["type"].as_s().is_ok_and(|kind| kind == "call"))
        .filter(|item| item["account_id"].as_s().is_ok_and(|id| *id == account))
        .map(|item| {
            let text = |name: &str| item[name].as_s().cloned().unwrap_or_default();
            let sources = item["sources"].as_l().unwrap().iter();
            let sources: Vec<_> = sources.map(|one| one.as_s().unwrap().as_str()).collect();
            (text("call_from"), sources.join("+"))
        })
        .collect();
    sources.sort();
    let count = |from: &str, source: &str| {
        let found = sources.iter();
        found
            .filter(|(f, s)| f.ends_with(from) && s == source)
            .count()
    };
    assert_eq!(count("5550101", "lookup"), 3, "{sources:?}");
    assert_eq!(count("5550101", "cdr"), 1);
    assert_eq!(count("5550130", "startend"), 3);
    assert_eq!(count("5550140", "switch"), 1);
    let mut both = sources.iter().filter(|(from, _)| from.ends_with("5550143"));
    assert!(both.all(|(_, source)| source.contains("lookup") && source.contains("switch")));
    assert_eq!(
        count("5550163", "cdr+cdr"),
        1,
        "its end was reported afterwards"
    );
    assert_eq!(count("withheld", "lookup"), 1);
}

#[tokio::test]
async fn a_second_migration_finds_nothing_and_changes_nothing() {
    let (world, answers) = (earlier_world().await, Answers::read());
    earlier::migrate(&world, &world.ledger).await;
    let mut before = comparable(&world);
    world.wait(10);
    let done = earlier::migrate(&world, &world.ledger).await;
    for done in done {
        assert_eq!((done.calls, done.costs.acknowledged.count), (0, 0));
        assert!(done.left.is_empty());
    }
    let mut after = comparable(&world);
    // What could not be converted was named once; the account is marked now.
    for id in answers.accounts() {
        let key = (format!("A#{id}"), "ACCOUNT".to_owned());
        assert!(earlier::account(&world.ledger, &id).await.is_migrated());
        for items in [&mut before, &mut after] {
            items.remove(&key);
        }
    }
    assert_same(&before, &after);
}

#[tokio::test]
async fn the_stream_sums_up_what_is_converted() {
    let (world, answers) = (earlier_world().await, Answers::read());
    world.catch_up().await;
    assert!(
        world.items("sums").await.is_empty(),
        "nothing is counted twice"
    );
    earlier::migrate(&world, &world.ledger).await;
    world.roll_up().await;
    let [first, _] = answers.accounts();
    let account = earlier::account(&world.ledger, &first).await;
    let question = Question {
        range: Range {
            from: Instant::from_millis(1_790_000_000_000),
            to: world.clock.now(),
        },
        zone: account.zone.clone(),
        by: Vec::new(),
        vendor: None,
        did: None,
        shift: 0,
        overdue: Instant::from_millis(0),
    };
    let numbers = world
        .ledger
        .numbers_of_summary(&first, &[], question.range)
        .await
        .unwrap();
    let summed = world
        .ledger
        .summary(&first, &question, &numbers, false)
        .await;
    let total = summed.unwrap().unwrap().total;
    let inbound = world.engine.items().unwrap();
    let inbound = inbound.iter().filter(|item| {
        let is = |name: &str, wanted: &str| {
            item.get(name)
                .is_some_and(|value| value.as_s().is_ok_and(|text| text == wanted))
        };
        is("type", "call") && is("direction", "inbound") && is("account_id", first.as_str())
    });
    let calls = total.sums.get(Measure::Calls);
    assert_eq!(calls, rust_decimal::Decimal::from(inbound.count()));
}

/// A row of the file that the earlier version imported.
fn imported(
    hours: u64,
    from: &str,
    cost: Option<&str>,
    more: impl FnOnce(&mut PastCall),
) -> PastCall {
    let midnight = Instant::parse("2026-11-25", &Zone::utc()).unwrap();
    let number = |text: &str| PhoneNumber::from_stored(text).unwrap();
    let mut call = PastCall {
        started: midnight.plus(Duration::from_secs(hours * 3_600)),
        direction: Direction::Inbound,
        from: CallingParty::Number(number(from)),
        to: number("+13105550112"),
        ended: None,
        seconds: None,
        disposition: None,
        cost: cost.map(|cost| Cost::parse(cost).unwrap()),
        billed: None,
        notes: None,
        external_id: None,
        call_sid: None,
    };
    more(&mut call);
    call
}

#[tokio::test]
async fn a_file_that_is_imported_again_adds_only_the_cost_that_was_lost() {
    let (world, answers) = (earlier_world().await, Answers::read());
    earlier::migrate(&world, &world.ledger).await;
    let [first, _] = answers.accounts();
    let account = earlier::account(&world.ledger, &first).await;
    let before = sum(&world, first.as_str(), None).await;
    let after = |call: &PastCall, seconds| Some(call.started.plus(Duration::from_secs(seconds)));
    let lost = imported(10, "+12065550161", Some("7"), |call| {
        (call.ended, call.seconds) = (after(call, 30), Some(30));
        call.billed = call.ended;
        call.notes = Some(Notes::parse("kept").unwrap());
        call.external_id = ExternalId::parse("y-1").unwrap();
    });
    let billed_later = imported(11, "+12065550162", None, |call| {
        (call.ended, call.seconds) = (after(call, 31), Some(31));
        call.disposition = Some(Disposition::parse("Answered").unwrap());
        call.notes = Some(Notes::parse("kept").unwrap());
        call.external_id = ExternalId::parse("y-2").unwrap();
    });
    let ended_later = imported(11, "+12065550163", None, |_| {});
    let with_cost = imported(12, "+13105550112", Some("1.10"), |call| {
        call.direction = Direction::Outbound;
        call.to = PhoneNumber::from_stored("+12065550164").unwrap();
        (call.ended, call.seconds) = (after(call, 10), Some(10));
        call.billed = call.ended;
        call.disposition = Some(Disposition::parse("Failed").unwrap());
    });
    for (call, outcome) in [
        (&lost, Creation::Created(())),
        (&lost, Creation::Exists(())),
        (&billed_later, Creation::Exists(())),
        (&ended_later, Creation::Exists(())),
        (&with_cost, Creation::Exists(())),
    ] {
        let import = world.ledger.import_call(&account, call, world.clock.now());
        assert_eq!(import.await.unwrap(), outcome, "{:?}", call.started);
    }
    let added = sum(&world, first.as_str(), None).await - before;
    assert_eq!(added, rust_decimal::Decimal::from(7));
}
