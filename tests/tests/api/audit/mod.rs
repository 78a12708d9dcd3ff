//! Tests of the auditor: a table written by requests is correct, and each rule finds its own damage.

mod access;
mod calls;
mod contacts;
pub mod correct;
mod costs;
mod events;
mod format;
mod numbers;
mod terms;
mod vendors;
mod walk;
mod webhooks;
mod wire;

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_audit::{self as audit, Entry, Finding, Item, Table, masked, shapes::SHAPES};
use callbook_tests::World;
use callbook_tests::watch::Watch;
use correct::{Correct, correct};

/// One way to damage a correct table.
struct Case {
    /// The rule that it breaks.
    rule: &'static str,
    /// Damages the table and returns the keys of the items that then break the rule, with what is wrong.
    damage: fn(&mut Damaged) -> Vec<Broken>,
}

/// The key of an item, and what is wrong with it.
type Broken = (String, String, &'static str);

/// A damaged table.
struct Damaged(Correct);

impl Damaged {
    fn items(&mut self) -> &mut Vec<Item> {
        &mut self.0.items
    }

    fn account(&self) -> String {
        self.0.account.clone()
    }

    /// The first item of a type, by key, for which `wanted` is true.
    fn find(&self, kind: &str, wanted: impl Fn(Entry<'_>) -> bool) -> usize {
        let table = Table::new(&self.0.items, self.0.now);
        let found = table.of(kind).find(|entry| wanted(*entry));
        let found = found
            .unwrap_or_else(|| panic!("there is no such {kind}"))
            .item;
        let place = self.0.items.iter().position(|item| item == found);
        place.expect("it is in the table")
    }

    /// An item's key with what is wrong with it.
    fn key(&self, index: usize, what: &'static str) -> Broken {
        let text = |name| {
            audit::text(&self.0.items[index], name)
                .unwrap_or_default()
                .to_owned()
        };
        (text("pk"), text("sk"), what)
    }

    fn text(&self, index: usize, name: &str) -> String {
        let text = audit::text(&self.0.items[index], name);
        text.unwrap_or_else(|| panic!("there is no {name}"))
            .to_owned()
    }

    fn number(&self, index: usize, name: &str) -> i64 {
        let number = audit::number(&self.0.items[index], name);
        number.unwrap_or_else(|| panic!("there is no {name}"))
    }

    fn set(&mut self, index: usize, name: &str, value: AttributeValue) {
        self.0.items[index].insert(name.to_owned(), value);
    }

    /// Sets a member of a map.
    fn set_in(&mut self, index: usize, map: &str, name: &str, value: AttributeValue) {
        let map = self.0.items[index].get_mut(map);
        let Some(AttributeValue::M(map)) = map else {
            panic!("there is no such map");
        };
        map.insert(name.to_owned(), value);
    }

    /// Sets a member of a map in a list.
    fn set_at(&mut self, index: usize, list: &str, at: usize, name: &str, value: AttributeValue) {
        self.map_at(index, list, at).insert(name.to_owned(), value);
    }

    /// A map in a list.
    fn map_at(&mut self, index: usize, list: &str, at: usize) -> &mut Item {
        let list = self.0.items[index].get_mut(list);
        let Some(AttributeValue::L(list)) = list else {
            panic!("there is no such list");
        };
        let Some(AttributeValue::M(map)) = list.get_mut(at) else {
            panic!("there is no such map");
        };
        map
    }

    fn unset(&mut self, index: usize, name: &str) {
        let was = self.0.items[index].remove(name);
        assert!(was.is_some(), "there is no {name}");
    }

    fn remove(&mut self, index: usize) -> Item {
        self.0.items.remove(index)
    }
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: impl Into<i64>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

fn flag(flag: bool) -> AttributeValue {
    AttributeValue::Bool(flag)
}

/// Damages a correct table in each way, and asserts exactly the findings of each.
async fn prove(cases: &[Case]) {
    for Case { rule, damage } in cases {
        let mut damaged = Damaged(correct().await);
        let mut expected: Vec<_> = damage(&mut damaged)
            .into_iter()
            .map(|(pk, sk, what)| (masked(&pk, &sk), what.to_owned()))
            .collect();
        expected.sort();
        let found = audit::audit(&damaged.0.items, damaged.0.now);
        assert!(
            found.iter().all(|one| one.rule == *rule),
            "{rule}: {found:#?}"
        );
        let mut found: Vec<_> = found.into_iter().map(|one| (one.key, one.what)).collect();
        found.sort();
        assert_eq!(found, expected, "{rule}");
    }
}

fn every_case() -> impl Iterator<Item = &'static Case> {
    [
        format::CASES,
        access::CASES,
        numbers::CASES,
        vendors::CASES,
        calls::CASES,
        costs::CASES,
        terms::CASES,
        contacts::CASES,
        events::CASES,
        webhooks::CASES,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn every_rule_has_a_case_that_it_finds() {
    let rules: BTreeSet<_> = audit::rules().map(|rule| rule.name).collect();
    let proved: BTreeSet<_> = every_case().map(|case| case.rule).collect();
    assert_eq!(
        audit::rules().count(),
        rules.len(),
        "the names of rules are unique"
    );
    assert_eq!(proved, rules);
    assert!(audit::rules().all(|rule| !rule.says.is_empty()));
}

#[tokio::test]
async fn a_table_written_by_requests_is_correct_and_has_every_type() {
    let Correct { items, now, .. } = correct().await;
    assert_eq!(audit::audit(&items, now), []);
    let kinds: BTreeSet<_> = items
        .iter()
        .filter_map(|item| audit::text(item, "type"))
        .collect();
    let mut known: BTreeSet<_> = SHAPES.iter().map(|shape| shape.kind).collect();
    // It takes more entries to be decided at once than a transaction holds.
    known.remove("settling");
    // Only a migration writes it.
    known.remove("former_cost");
    // Only bills of days before the account or behind today write it.
    known.remove("billed_span");
    // Only commands about whole tables and accounts write these.
    known.remove("restore");
    known.remove("account_deletion");
    assert_eq!(kinds, known);
    assert_eq!(audit::audit(&[], now), [], "an empty table is correct");
}

#[tokio::test]
async fn no_finding_shows_a_phone_number() {
    let mut damaged = Damaged(correct().await);
    for item in damaged.items() {
        item.insert("v".to_owned(), n(2));
        item.insert("unknown".to_owned(), n(2));
        item.insert("guid".to_owned(), s("+12065550100"));
    }
    let found = audit::audit(&damaged.0.items, damaged.0.now);
    let digits = |text: &str| {
        text.split(|c: char| !c.is_ascii_digit())
            .any(|run| run.len() >= 10)
    };
    for Finding {
        rule, key, what, ..
    } in found
    {
        let phone = key
            .split(['#', ' '])
            .any(|part| part.starts_with('+') && digits(part));
        assert!(!phone && !what.contains("+1"), "{rule}: {key}: {what}");
    }
}

fn country(code: &str) -> Item {
    let texts = [
        ("pk", "COUNTRIES"),
        ("sk", code),
        ("type", "country"),
        ("country", code),
    ];
    let texts = texts.map(|(name, text)| (name.to_owned(), s(text)));
    let others = [
        ("v".to_owned(), n(2)),
        ("requires_address".to_owned(), flag(true)),
    ];
    texts.into_iter().chain(others).collect()
}

fn panics(watch: &Watch, items: &[Item]) -> Option<String> {
    let caught = std::panic::catch_unwind(|| watch.settle(items, 0));
    caught
        .err()
        .map(|panic| *panic.downcast::<String>().expect("a message"))
}

#[test]
fn a_watch_accepts_expected_findings_and_no_others() {
    let items = [country("AU"), country("AT")];
    let watch = Watch::default();
    let said = panics(&watch, &items).expect("two findings");
    assert!(said.contains("version: COUNTRIES AT: v is not 1") && said.contains("COUNTRIES AU"));
    watch.expect("version", ("COUNTRIES", "AU"), "the test wrote it");
    let said = panics(&watch, &items).expect("one finding");
    assert!(
        said.contains("COUNTRIES AT") && !said.contains("COUNTRIES AU"),
        "{said}"
    );
    watch.expect("version", ("COUNTRIES", "AT"), "the test wrote it");
    assert_eq!(panics(&watch, &items), None);
    watch.expect("version", ("COUNTRIES", "US"), "the test wrote it");
    let said = panics(&watch, &items).expect("an expectation that is not met");
    assert!(
        said.contains("COUNTRIES US") && said.contains("the test wrote it"),
        "{said}"
    );
}

#[tokio::test]
#[should_panic(expected = "account-listed: A#7 ACCOUNT")]
async fn a_test_that_leaves_an_incorrect_table_fails_at_its_end() {
    let world = World::new().await;
    let account = correct().await;
    let account = account.items.iter().find(|item| {
        audit::text(item, "type") == Some("account")
            && audit::text(item, "account_id") == Some(account.empty.as_str())
    });
    let mut account = account.expect("an account").clone();
    account.insert("pk".to_owned(), s("A#7"));
    account.insert("account_id".to_owned(), s("7"));
    let client = world.engine.client();
    let put = client.put_item().table_name(callbook_local::engine::TABLE);
    put.set_item(Some(account))
        .send()
        .await
        .expect("it is written");
}
