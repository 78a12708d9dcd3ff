//! Whether the kept sums are what the rows say. Only a test that has just followed the stream to its end can
//! ask this: until then sums lag behind.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use callbook::model::call::CostId;
use callbook::model::time::{Instant, Zone};
use rust_decimal::Decimal;

use super::masked;
use super::table::{Entry, Item, Table, amount, number, text};

/// Numbers by partition, sort key and attribute.
type Sums = BTreeMap<(String, String, String), Decimal>;

/// Every difference between the kept sums and the rows of a table.
#[must_use]
pub fn differences(items: &[Item], now: i64) -> Vec<String> {
    let table = Table::new(items, now);
    let (rows, kept) = (of_rows(&table), kept(&table));
    let keys: BTreeSet<_> = rows.keys().chain(kept.keys()).collect();
    let mut wrong = Vec::new();
    for key in keys {
        let of = |sums: &Sums| sums.get(key).copied().unwrap_or_default();
        if of(&rows) != of(&kept) {
            let (pk, sk, name) = key;
            let key = masked(pk, sk);
            wrong.push(format!(
                "{key} {name}: {} kept, {} by rows",
                of(&kept),
                of(&rows)
            ));
        }
    }
    wrong.extend(callers(&table));
    wrong
}

fn kept(table: &Table<'_>) -> Sums {
    let mut sums = Sums::new();
    for entry in table.of("sums") {
        for (name, value) in entry.item {
            if name.starts_with("h_") {
                let value = Decimal::from_str(value.as_n().expect("a number"));
                let key = (entry.pk.to_owned(), entry.sk.to_owned(), name.clone());
                sums.insert(key, value.expect("a decimal"));
            }
        }
    }
    sums
}

/// The time zone of the account that a row is of.
fn zone(table: &Table<'_>, entry: Entry<'_>) -> Zone {
    let account = entry.account().expect("an account");
    let account = table.own(account, "ACCOUNT").expect("the account");
    Zone::parse(account.text("timezone").expect("a zone")).expect("a zone")
}

/// The time of day that a moment is counted in.
fn slot(millis: i64, zone: &Zone) -> String {
    let at = Instant::from_millis(millis);
    let minutes = millis.rem_euclid(86_400_000) / 60_000;
    match at.is_on_utc_hours(zone) {
        true => format!("h_{:02}", minutes / 60),
        false => format!("h_{:02}q{}", minutes / 60, minutes % 60 / 15),
    }
}

fn partition(entry: Entry<'_>, millis: i64) -> String {
    let account = entry.account().expect("an account");
    let day = Instant::from_millis(millis).utc_day();
    format!("A#{account}#SUM#{day}")
}

fn of_rows(table: &Table<'_>) -> Sums {
    let mut sums = Sums::new();
    let mut add = |pk: &str, sk: String, slot: &str, letters: &[(char, Decimal)]| {
        for (letter, value) in letters {
            let key = (pk.to_owned(), sk.clone(), format!("{slot}{letter}"));
            *sums.entry(key).or_default() += value;
        }
    };
    for call in table.of("call") {
        if call.text("direction") != Some("inbound") {
            continue;
        }
        let started = call.number("started_at").expect("a start");
        let (pk, slot) = (partition(call, started), slot(started, &zone(table, call)));
        let did = call.text("call_to").expect("a number");
        let said = call.text("disposition").unwrap_or_default();
        let said = said.trim().to_lowercase();
        let vendor = call.text("vendor_id").unwrap_or("*");
        let answered = i64::from(said == "answered");
        let billed = i64::from(call.has("cost"));
        let seconds = call.number("duration_seconds").unwrap_or(0);
        let key = |vendor: &str| format!("SUM#{did}#{vendor}#={said}");
        let twice = i64::from(call.has("two_vendors"));
        let counts = [
            ('c', 1),
            ('a', answered),
            ('s', seconds),
            ('b', billed),
            ('t', twice),
        ];
        let counts = counts.map(|(letter, count)| (letter, Decimal::from(count)));
        add(&pk, key(vendor), &slot, &counts);
        for cost in call.maps("costs") {
            let vendor = text(cost, "vendor_id").unwrap_or("*");
            let entries = Decimal::from(number(cost, "count").expect("a count"));
            let sums = [('n', entries), ('m', amount(cost, "amount"))];
            add(&pk, key(vendor), &slot, &sums);
        }
    }
    for cost in table.of("cost") {
        if cost.text("direction") == Some("outbound") {
            continue;
        }
        let letters = match (cost.text("state"), cost.has("call_sid")) {
            (Some("in_force"), true) => None,
            (Some("in_force"), false) => Some(('w', 'u')),
            (Some("superseded"), _) => Some(('y', 'x')),
            _ => Some(('z', 'v')),
        };
        let id = CostId::parse(cost.text("cost_id").expect("an id")).expect("an id");
        let billed = id.billed().millis();
        let did = cost.text("call_to").expect("a number");
        let vendor = cost.text("vendor_id").unwrap_or("*");
        let money = cost.money("cost").expect("an amount");
        let mut numbers = Vec::new();
        if let Some((count, sum)) = letters {
            numbers.extend([(count, Decimal::ONE), (sum, money)]);
        }
        let flags = [('o', "maybe_second"), ('r', "id_reused")];
        let raised = flags
            .into_iter()
            .filter(|(_, flag)| cost.flag(flag) == Some(true));
        numbers.extend(raised.map(|(letter, _)| (letter, Decimal::ONE)));
        add(
            &partition(cost, billed),
            format!("SUM#{did}#{vendor}#="),
            &slot(billed, &zone(table, cost)),
            &numbers,
        );
    }
    for adjustment in table.of("adjustment") {
        if adjustment.text("direction") == Some("outbound") {
            continue;
        }
        let id = adjustment.text("adjustment_id").expect("an id");
        let made = CostId::parse(id).expect("an id").billed().millis();
        let did = adjustment.text("call_to").unwrap_or_default();
        let vendor = adjustment.text("vendor_id").unwrap_or("*");
        let money = adjustment.money("adjusted").expect("an amount");
        add(
            &partition(adjustment, made),
            format!("SUM#{did}#{vendor}#="),
            &slot(made, &zone(table, adjustment)),
            &[('j', Decimal::ONE), ('k', money)],
        );
    }
    for bill in table.of("refused_bill") {
        let refused = bill.number("refused_at").expect("a moment");
        let did = bill.text("call_to").expect("a number");
        let vendor = bill.text("vendor_id").unwrap_or("*");
        let money = bill.money("cost").expect("an amount");
        add(
            &partition(bill, refused),
            format!("SUM#{did}#{vendor}#="),
            &slot(refused, &zone(table, bill)),
            &[('f', Decimal::ONE), ('e', money)],
        );
    }
    sums.retain(|_, value| !value.is_zero());
    sums
}

/// Sets that do not have as many callers as the rows.
fn callers(table: &Table<'_>) -> Vec<String> {
    let mut rows: BTreeMap<(String, String, String), BTreeSet<&str>> = BTreeMap::new();
    for call in table.of("call") {
        let caller = call.text("call_from").expect("a caller");
        if call.text("direction") != Some("inbound") || caller == "withheld" {
            continue;
        }
        let started = call.number("started_at").expect("a start");
        let did = call.text("call_to").expect("a number");
        let vendor = call.text("vendor_id").unwrap_or("*");
        let sk = format!("CALLERS#{did}#{vendor}");
        let slot = slot(started, &zone(table, call));
        let key = (partition(call, started), sk, slot);
        rows.entry(key).or_default().insert(caller);
    }
    let mut kept: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for entry in table.of("callers") {
        for (name, value) in entry.item {
            if let Ok(set) = value.as_bs() {
                let key = (entry.pk.to_owned(), entry.sk.to_owned(), name.clone());
                kept.insert(key, set.len());
            }
        }
    }
    let keys: BTreeSet<_> = rows.keys().chain(kept.keys()).cloned().collect();
    let mut wrong = Vec::new();
    for key in keys {
        let (here, there) = (
            kept.get(&key).copied().unwrap_or(0),
            rows.get(&key).map_or(0, BTreeSet::len),
        );
        if here != there {
            let (pk, sk, name) = key;
            let key = masked(&pk, &sk);
            wrong.push(format!(
                "{key} {name}: {here} callers kept, {there} by rows"
            ));
        }
    }
    wrong
}
