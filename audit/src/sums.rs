//! Whether the kept sums are what the rows say. Sums lag behind rows until the stream was followed.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::str::FromStr;

use callbook::model::call::CostId;
use callbook::model::time::{Instant, Zone};
use rust_decimal::Decimal;

use super::finding::masked;
use super::table::{Entry, Item, Table, amount, number, text};

/// A number or a set: its partition, sort key and attribute.
type Place = (String, String, String);

/// Numbers by their places.
type Numbers = BTreeMap<Place, Decimal>;

/// The sums of rows, or those that are kept.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    numbers: Numbers,
    /// How many callers there are.
    callers: BTreeMap<Place, usize>,
}

/// Every difference between the kept sums and the rows of a table.
#[must_use]
pub fn differences(items: &[Item], now: i64) -> Vec<String> {
    let table = Table::new(items, now);
    let mut rows = RowSums::default();
    rows.count(&table);
    let found = rows.sums().differences(&kept(&table));
    let texts = found.iter().map(|((pk, sk, _), what)| {
        let key = masked(pk, sk);
        format!("{key} {what}")
    });
    texts.collect()
}

impl Sums {
    /// The places where these sums, which are of rows, are not what is kept, with what is wrong.
    #[must_use]
    pub fn differences(&self, kept: &Self) -> Vec<(Place, String)> {
        let mut wrong = Vec::new();
        let keys: BTreeSet<_> = self.numbers.keys().chain(kept.numbers.keys()).collect();
        for key in keys {
            let of = |sums: &Self| sums.numbers.get(key).copied().unwrap_or_default();
            let (rows, kept) = (of(self).normalize(), of(kept).normalize());
            if rows != kept {
                let what = format!("{}: {kept} kept, {rows} by rows", key.2);
                wrong.push((key.clone(), what));
            }
        }
        let keys: BTreeSet<_> = self.callers.keys().chain(kept.callers.keys()).collect();
        for key in keys {
            let of = |sums: &Self| sums.callers.get(key).copied().unwrap_or_default();
            let (rows, kept) = (of(self), of(kept));
            if rows != kept {
                let what = format!("{}: {kept} callers kept, {rows} by rows", key.2);
                wrong.push((key.clone(), what));
            }
        }
        wrong
    }
}

/// The sums that the items of a table hold.
#[must_use]
pub fn kept(table: &Table<'_>) -> Sums {
    let mut sums = Sums::default();
    for entry in table.of("sums") {
        for (name, value) in entry.item {
            let value = value.as_n().ok().and_then(|n| Decimal::from_str(n).ok());
            if name.starts_with("h_") {
                let key = (entry.pk.to_owned(), entry.sk.to_owned(), name.clone());
                sums.numbers.insert(key, value.unwrap_or_default());
            }
        }
    }
    // A caller may be in more than one part of its place, and is one caller.
    let mut callers: BTreeMap<Place, BTreeSet<&[u8]>> = BTreeMap::new();
    for entry in table.of("callers") {
        for (name, value) in entry.item {
            if let Ok(set) = value.as_bs() {
                let sk = place_of(entry.sk).to_owned();
                let known = callers.entry((entry.pk.to_owned(), sk, name.clone()));
                known.or_default().extend(set.iter().map(AsRef::as_ref));
            }
        }
    }
    let counts = callers.into_iter().map(|(key, all)| (key, all.len()));
    sums.callers = counts.collect();
    sums
}

/// The sort key of the first part of the callers that an item is a part of; the key itself of other items.
#[must_use]
pub fn place_of(sk: &str) -> &str {
    let mut parts = sk.match_indices('#').map(|(at, _)| at);
    match parts.nth(2).filter(|_| sk.starts_with("CALLERS#")) {
        Some(digits) => sk.get(..digits).unwrap_or(sk),
        None => sk,
    }
}

/// The sums of rows, while they are counted.
#[derive(Debug, Default)]
pub struct RowSums {
    numbers: Numbers,
    callers: BTreeMap<Place, BTreeSet<String>>,
}

impl RowSums {
    /// Counts the rows of a table. What is not in its form is not counted, and is left to the rules.
    pub fn count(&mut self, table: &Table<'_>) {
        of_calls(table, self);
        of_costs(table, self);
        of_adjustments(table, self);
        of_refused(table, self);
        of_callers(table, self);
    }

    /// The sums of what was counted.
    #[must_use]
    pub fn sums(&self) -> Sums {
        let numbers = self.numbers.iter().filter(|(_, value)| !value.is_zero());
        let callers = self.callers.iter();
        Sums {
            numbers: numbers.map(|(key, value)| (key.clone(), *value)).collect(),
            callers: callers.map(|(key, all)| (key.clone(), all.len())).collect(),
        }
    }

    /// The sums of one partition, which are no longer held.
    #[must_use]
    pub fn take(&mut self, pk: &str) -> Sums {
        let (numbers, callers) = (mem::take(&mut self.numbers), mem::take(&mut self.callers));
        let (taken, left) = numbers.into_iter().partition(|((of, ..), _)| of == pk);
        let (taken_callers, left_callers) = callers.into_iter().partition(|((of, ..), _)| of == pk);
        (self.numbers, self.callers) = (left, left_callers);
        let taken = Self {
            numbers: taken,
            callers: taken_callers,
        };
        taken.sums()
    }

    fn add(&mut self, pk: &str, sk: &str, slot: &str, letters: &[(char, Decimal)]) {
        for (letter, value) in letters {
            let key = (pk.to_owned(), sk.to_owned(), format!("{slot}{letter}"));
            *self.numbers.entry(key).or_default() += value;
        }
    }
}

/// The time zone of the account that a row is of.
fn zone(table: &Table<'_>, entry: Entry<'_>) -> Option<Zone> {
    let account = table.own(entry.account()?, "ACCOUNT")?;
    Zone::parse(account.text("timezone")?).ok()
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
    let account = entry.account().unwrap_or_default();
    let day = Instant::from_millis(millis).utc_day();
    format!("A#{account}#SUM#{day}")
}

/// Where a call is counted: the partition, the time of day, and its number.
fn place<'a>(table: &Table<'_>, call: Entry<'a>) -> Option<(String, String, &'a str)> {
    let started = call.number("started_at")?;
    let slot = slot(started, &zone(table, call)?);
    Some((partition(call, started), slot, call.text("call_to")?))
}

fn inbound<'a>(table: &Table<'a>) -> impl Iterator<Item = Entry<'a>> {
    let calls = table.of("call");
    calls.filter(|call| call.text("direction") == Some("inbound"))
}

fn of_calls(table: &Table<'_>, sums: &mut RowSums) {
    for call in inbound(table) {
        let Some((pk, slot, did)) = place(table, call) else {
            continue;
        };
        let said = call.text("disposition").unwrap_or_default();
        let said = said.trim().to_lowercase();
        let vendor = call.text("vendor_id").unwrap_or("*");
        let answered = i64::from(said == "answered");
        let billed = i64::from(call.has("cost"));
        let seconds = call.number("duration_seconds").unwrap_or(0);
        let key = |vendor: &str| format!("SUM#{did}#{vendor}#={said}");
        let counts = [
            ('c', 1),
            ('a', answered),
            ('s', seconds),
            ('b', billed),
            ('t', i64::from(call.has("two_vendors"))),
        ];
        let counts = counts.map(|(letter, count)| (letter, Decimal::from(count)));
        sums.add(&pk, &key(vendor), &slot, &counts);
        for cost in call.maps("costs") {
            let vendor = text(cost, "vendor_id").unwrap_or("*");
            let entries = Decimal::from(number(cost, "count").unwrap_or_default());
            let letters = [('n', entries), ('m', amount(cost, "amount"))];
            sums.add(&pk, &key(vendor), &slot, &letters);
            if call.has("two_vendors") {
                sums.add(&pk, &key(vendor), &slot, &[('d', entries)]);
            }
        }
    }
}

fn of_costs(table: &Table<'_>, sums: &mut RowSums) {
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
        let id = cost.text("cost_id").and_then(|id| CostId::parse(id).ok());
        let (Some(id), Some(zone)) = (id, zone(table, cost)) else {
            continue;
        };
        let billed = id.billed().millis();
        let did = cost.text("call_to").unwrap_or_default();
        let vendor = cost.text("vendor_id").unwrap_or("*");
        let money = cost.money("cost").unwrap_or_default();
        let mut numbers = Vec::new();
        if let Some((count, sum)) = letters {
            numbers.extend([(count, Decimal::ONE), (sum, money)]);
        }
        let flags = [
            ('o', "maybe_second"),
            ('r', "id_reused"),
            ('p', "other_price"),
        ];
        let raised = flags
            .into_iter()
            .filter(|(_, flag)| cost.flag(flag) == Some(true));
        numbers.extend(raised.map(|(letter, _)| (letter, Decimal::ONE)));
        sums.add(
            &partition(cost, billed),
            &format!("SUM#{did}#{vendor}#="),
            &slot(billed, &zone),
            &numbers,
        );
    }
}

fn of_adjustments(table: &Table<'_>, sums: &mut RowSums) {
    for adjustment in table.of("adjustment") {
        if adjustment.text("direction") == Some("outbound") {
            continue;
        }
        let id = adjustment.text("adjustment_id");
        let id = id.and_then(|id| CostId::parse(id).ok());
        let (Some(id), Some(zone)) = (id, zone(table, adjustment)) else {
            continue;
        };
        let made = id.billed().millis();
        let did = adjustment.text("call_to").unwrap_or_default();
        let vendor = adjustment.text("vendor_id").unwrap_or("*");
        let money = adjustment.money("adjusted").unwrap_or_default();
        sums.add(
            &partition(adjustment, made),
            &format!("SUM#{did}#{vendor}#="),
            &slot(made, &zone),
            &[('j', Decimal::ONE), ('k', money)],
        );
    }
}

fn of_refused(table: &Table<'_>, sums: &mut RowSums) {
    for bill in table.of("refused_bill") {
        let (Some(refused), Some(zone)) = (bill.number("refused_at"), zone(table, bill)) else {
            continue;
        };
        let did = bill.text("call_to").unwrap_or_default();
        let vendor = bill.text("vendor_id").unwrap_or("*");
        let money = bill.money("cost").unwrap_or_default();
        sums.add(
            &partition(bill, refused),
            &format!("SUM#{did}#{vendor}#="),
            &slot(refused, &zone),
            &[('f', Decimal::ONE), ('e', money)],
        );
    }
}

fn of_callers(table: &Table<'_>, sums: &mut RowSums) {
    for call in inbound(table) {
        let caller = call.text("call_from").unwrap_or_default();
        let Some((pk, slot, did)) = place(table, call).filter(|_| caller != "withheld") else {
            continue;
        };
        let vendor = call.text("vendor_id").unwrap_or("*");
        let key = (pk, format!("CALLERS#{did}#{vendor}"), slot);
        let callers = sums.callers.entry(key).or_default();
        callers.insert(caller.to_owned());
    }
}
