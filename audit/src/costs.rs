//! Costs: the entries of bills in their pairs, their rows, and the sums of them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;

use super::calls::has_report;
use super::ended::{Retained, outlived};
use super::finding::{Report, Rule};
use super::table::{Entry, Item, Table, amount, flag, number, text};
use super::{form, shown};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "pair-cost",
        says: "an entry of a pair has a row that says the same, and where the entry is",
        check: rows,
    },
    Rule {
        name: "cost-pair",
        says: "a cost's row has one entry, in a call or among the unmatched ones, unless it does not count \
               and its call has left it out",
        check: places,
    },
    Rule {
        name: "pair-unmatched",
        says: "a pair's head counts its unmatched entries",
        check: unmatched,
    },
    Rule {
        name: "entry-state",
        says: "an entry is in force, superseded or void by the rules",
        check: states,
    },
    Rule {
        name: "entry-pin",
        says: "an entry is where a person pinned it",
        check: pins,
    },
    Rule {
        name: "entry-price",
        says: "a new price without a date is where the earlier price of its bill is",
        check: prices,
    },
    Rule {
        name: "cost-history",
        says: "the last line of a cost's history says what its row says",
        check: histories,
    },
    Rule {
        name: "cost-identity",
        says: "what was acknowledged is in force, superseded or void, entry by entry",
        check: identity,
    },
    Rule {
        name: "lead-cost",
        says: "a lead's cost is what the entries in force of its inbound calls amount to",
        check: leads,
    },
    Rule {
        name: "pair-id",
        says: "an external id names the reports and the last bills that carry it, and only those",
        check: ids,
    },
];

/// For how long a bill that says neither date nor call id replaces an earlier one, in milliseconds.
const LAST_WORD: i64 = 86_400_000;

/// What an entry has in its row and in its pair. Flags that are not set may be absent.
const ENTRY: &[&str] = &[
    "moment",
    "dating",
    "window_days",
    "received_at",
    "biller",
    "amount",
    "date_billed",
    "call_id",
    "reprices",
    "next_price",
    "pin",
    "state",
];

/// An entry of a pair.
#[derive(Clone, Copy)]
struct Placed<'a> {
    /// The item that holds it: a call of the pair, or the entry's own.
    holder: Entry<'a>,
    entry: &'a Item,
}

impl<'a> Placed<'a> {
    fn call(&self) -> Option<&'a str> {
        self.holder.text("call_sid")
    }

    fn id(&self) -> &'a str {
        text(self.entry, "cost_id").unwrap_or_default()
    }
}

/// Every entry of every pair.
fn entries<'a>(table: &Table<'a>) -> Vec<Placed<'a>> {
    let matched = table.of("pair_call").flat_map(|holder| {
        let entries = holder.maps("entries");
        entries.map(move |entry| Placed { holder, entry })
    });
    let unmatched = table.of("pair_bill").map(|holder| Placed {
        holder,
        entry: holder.item,
    });
    matched.chain(unmatched).collect()
}

/// The rows by account and id.
fn by_id<'a>(table: &Table<'a>) -> BTreeMap<(&'a str, &'a str), Vec<Entry<'a>>> {
    table.grouped("cost", |cost| Some((cost.part(1), cost.text("cost_id")?)))
}

fn rows(table: &Table<'_>, report: &mut Report) {
    let costs = by_id(table);
    for placed in entries(table) {
        let Placed { holder, entry } = placed;
        let Some(row) = costs
            .get(&(holder.part(1), placed.id()))
            .and_then(|rows| rows.first())
        else {
            report.check_cost(false, holder, placed.id(), "an entry has no row");
            continue;
        };
        for name in ENTRY {
            let same = shown::equal(row.item.get(*name), entry.get(*name));
            report.check(same, *row, &format!("{name} is not what its pair says"));
        }
        let noted = shown::noted(holder, entry) == row.has("notes");
        report.check(noted, *row, "its pair says otherwise whether it has notes");
        let kept = entry
            .get("notes")
            .is_none_or(|kept| row.item.get("notes") == Some(kept));
        report.check(kept, *row, "notes is not what its pair says");
        for name in ["adds", "repriced", "void", "other_pair"] {
            let same = flag(row.item, name) == flag(entry, name);
            report.check(same, *row, &format!("{name} is not what its pair says"));
        }
        let (way, to, from) = holder.pair();
        let of_way = (way == "out") == (row.text("direction") == Some("outbound"));
        let of_pair =
            of_way && row.text("call_to") == Some(to) && row.text("call_from") == Some(from);
        let other = flag(entry, "other_pair");
        report.check(
            of_pair != other,
            *row,
            "its entry is in another pair, or says so and is not",
        );
        let there = row.text("call_sid") == placed.call();
        report.check(there, *row, "call_sid is not where its entry is");
    }
}

fn places(table: &Table<'_>, report: &mut Report) {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for placed in entries(table) {
        let key = (placed.holder.part(1), placed.id());
        *places.entry(key).or_default() += 1;
    }
    for cost in table.of("cost") {
        let key = (cost.part(1), cost.text("cost_id").unwrap_or_default());
        match places.get(&key) {
            None if cost.flag("archived") == Some(true) => {
                let counts = shown::counts(cost.item);
                report.check(!counts, cost, "it counts, and its call has left it out");
            }
            None if outlived(table, cost) => {}
            None => report.add(cost, "its entry is in no pair"),
            Some(1) => {}
            Some(_) => report.add(cost, "its entry is in more than one place"),
        }
    }
}

fn unmatched(table: &Table<'_>, report: &mut Report) {
    let bills = table.grouped("pair_bill", |bill| Some(bill.pk));
    for head in table.of("pair") {
        let count = bills.get(head.pk).map_or(0, Vec::len);
        let (count, said) = (i64::try_from(count).ok(), head.number("unmatched"));
        // The head goes on to count those that have ended.
        let ends = Retained::of(table, head.part(1)).costs_end();
        let good = count == said || (ends && count < said);
        report.check(good, head, "unmatched is not the number of such entries");
    }
}

/// Which entries have a newer price that counts in their place: a later price of the bill that is not void,
/// or that has such a newer one itself.
fn repriced<'a>(entries: &[Placed<'a>]) -> BTreeMap<(&'a str, &'a str), bool> {
    let mut later: BTreeMap<(&str, &str), Vec<&Placed<'a>>> = BTreeMap::new();
    for placed in entries {
        if let Some(id) = text(placed.entry, "reprices") {
            let prices = later.entry((placed.holder.part(1), id)).or_default();
            prices.push(placed);
        }
    }
    let mut repriced = BTreeMap::new();
    for placed in entries {
        let account = placed.holder.part(1);
        let mut pending: Vec<&str> = vec![placed.id()];
        let (mut newer, mut seen) = (false, 0);
        // Damaged prices could replace each other in a circle.
        while let Some(id) = pending.pop().filter(|_| seen <= entries.len()) {
            seen += 1;
            for price in later.get(&(account, id)).into_iter().flatten() {
                newer |= !flag(price.entry, "void");
                pending.push(price.id());
            }
        }
        repriced.insert((account, placed.id()), newer);
    }
    repriced
}

/// Whether the later price of an entry may have ended with its call, which is not that of the entry.
fn next_may_be_gone(table: &Table<'_>, entries: &[Placed<'_>], placed: &Placed<'_>) -> bool {
    let account = placed.holder.part(1);
    let Some(next) = text(placed.entry, "next_price") else {
        return false;
    };
    let there = |other: &Placed<'_>| other.holder.part(1) == account && other.id() == next;
    let cost = table.cost(account, next);
    !entries.iter().any(there) && cost.is_some_and(|cost| outlived(table, cost))
}

/// Whether `later` is the last word of its biller in place of `entry`, both being on one call.
fn replaces(later: &Item, entry: &Item) -> bool {
    let ids = (text(later, "call_id"), text(entry, "call_id"));
    let differ = matches!(ids, (Some(one), Some(other)) if one != other);
    let says_either = text(later, "dating") != Some("none") || ids.0.is_some();
    let limit = number(entry, "received_at").map(|at| at + LAST_WORD);
    shown::receipt(later) > shown::receipt(entry)
        && !flag(later, "void")
        && !flag(later, "adds")
        && text(later, "biller") == text(entry, "biller")
        && !differ
        && (says_either || number(later, "received_at") <= limit)
}

fn states(table: &Table<'_>, report: &mut Report) {
    let entries = entries(table);
    let repriced = repriced(&entries);
    for placed in &entries {
        let Placed { holder, entry } = *placed;
        let newer = repriced.get(&(holder.part(1), placed.id())) == Some(&true);
        let newer = newer || flag(entry, "repriced") && next_may_be_gone(table, &entries, placed);
        let said = flag(entry, "repriced") == newer;
        report.check_cost(
            said,
            holder,
            placed.id(),
            "repriced is not what the prices of the bill say",
        );
        let mut others = holder.maps("entries");
        let state = if flag(entry, "void") {
            "void"
        } else if newer || others.any(|later| replaces(later, entry)) {
            "superseded"
        } else {
            "in_force"
        };
        let good = text(entry, "state") == Some(state);
        let what = "an entry's state is not what the rules say";
        report.check_cost(good, holder, placed.id(), what);
    }
}

fn pins(table: &Table<'_>, report: &mut Report) {
    for placed in entries(table) {
        let good = match placed.entry.get("pin") {
            Some(AttributeValue::M(pin)) => {
                let sid = text(pin, "call").unwrap_or_default();
                placed.call().is_some() && has_report(placed.holder, sid)
            }
            Some(_) => placed.call().is_none(),
            None => true,
        };
        let what = "an entry is not where its pin says";
        report.check_cost(good, placed.holder, placed.id(), what);
        let put = placed.entry.contains_key("pin") || text(placed.entry, "reprices").is_some();
        let good = put || !flag(placed.entry, "other_pair");
        let what = "an entry of another pair was not matched by a person";
        report.check_cost(good, placed.holder, placed.id(), what);
    }
}

fn prices(table: &Table<'_>, report: &mut Report) {
    let entries = entries(table);
    let places: BTreeMap<_, _> = entries
        .iter()
        .map(|placed| ((placed.holder.part(1), placed.id()), placed.call()))
        .collect();
    for placed in &entries {
        let earlier = text(placed.entry, "reprices");
        let own = text(placed.entry, "dating") != Some("none") || placed.entry.contains_key("pin");
        let earlier = earlier.filter(|_| !own);
        let kept = Retained::of(table, placed.holder.part(1));
        let gone = |id: &str| {
            let cost = table.cost(placed.holder.part(1), id);
            let outlived = cost.is_some_and(|cost| outlived(table, cost));
            outlived || cost.is_none() && kept.cost_may_be_gone(form::billed(id).map(|(at, _)| at))
        };
        let earlier =
            earlier.filter(|id| places.contains_key(&(placed.holder.part(1), *id)) || !gone(id));
        let place = earlier.map(|id| places.get(&(placed.holder.part(1), id)));
        let good = place.is_none_or(|place| place == Some(&placed.call()));
        let what = "an entry is not where its bill went";
        report.check_cost(good, placed.holder, placed.id(), what);
    }
}

fn histories(table: &Table<'_>, report: &mut Report) {
    for cost in table.of("cost") {
        let last = cost.maps("history").last();
        let good = last.is_none_or(|last| {
            text(last, "state") == cost.text("state")
                && text(last, "call_sid") == cost.text("call_sid")
        });
        report.check(good, cost, "its history ends otherwise");
    }
}

fn identity(table: &Table<'_>, report: &mut Report) {
    for cost in table.of("cost") {
        let same = cost.money("cost") == Some(amount(cost.item, "amount"));
        report.check(same, cost, "it is acknowledged with another amount");
    }
    let costs = table.grouped("cost", |cost| cost.account());
    let calls = table.grouped("call", |call| call.account());
    let bills = table.grouped("pair_bill", |bill| bill.account());
    for account in table.of("account") {
        let id = account.account().unwrap_or_default();
        let rows = costs.get(id).map(Vec::as_slice).unwrap_or_default();
        let money = |entry: &Entry<'_>| entry.money("cost").unwrap_or_default();
        let acknowledged: Decimal = rows.iter().map(money).sum();
        let gone = rows
            .iter()
            .filter(|cost| !shown::counts(cost.item) || outlived(table, **cost));
        let gone: Decimal = gone.map(|cost| amount(cost.item, "amount")).sum();
        let matched = calls.get(id).into_iter().flatten();
        let matched: Decimal = matched.map(money).sum();
        let unmatched = bills.get(id).into_iter().flatten();
        let unmatched = unmatched.filter(|bill| shown::counts(bill.item));
        let unmatched: Decimal = unmatched.map(|bill| amount(bill.item, "amount")).sum();
        let holds = acknowledged == gone + matched + unmatched;
        report.check(holds, account, "its costs do not add up");
    }
}

fn leads(table: &Table<'_>, report: &mut Report) {
    let calls = table.grouped("pair_call", |call| {
        let (way, _, from) = call.pair();
        (way == "in" && form::is_phone(from)).then_some((call.part(1), from))
    });
    for lead in table.of("lead") {
        let key = lead.account().zip(lead.text("phone"));
        let calls = key.and_then(|key| calls.get(&key));
        let entries = calls
            .into_iter()
            .flatten()
            .flat_map(|call| call.maps("entries"));
        let counting = entries.filter(|entry| shown::counts(entry));
        let sum: Decimal = counting.map(|entry| amount(entry, "amount")).sum();
        let total = lead.money("total_cost").unwrap_or_default();
        let account = lead.account().unwrap_or_default();
        // It goes on to count the calls that have ended.
        let old = Retained::of(table, account).report_may_be_gone(lead.number("created_at"));
        let good = total == sum || (old && total > sum);
        report.check(good, lead, "total_cost is not what its calls cost");
    }
}

fn ids(table: &Table<'_>, report: &mut Report) {
    let said = |pk: &str, id: &str| table.at(pk, &format!("ID#{id}"));
    for call in table.of("pair_call") {
        for one in call.maps("reports") {
            let kept = Retained::of(table, call.part(1));
            let gone = kept.report_may_be_gone(number(one, "recorded_at"));
            if let (Some(id), Some(sid), false) = (text(one, "external_id"), text(one, "sid"), gone)
            {
                let named =
                    said(call.pk, id).is_some_and(|found| found.set("calls").any(|s| s == sid));
                report.check(named, call, "an external id does not name its report");
            }
        }
    }
    // The last bill of each credential with each id, within a pair.
    let mut last: BTreeMap<(String, String), i64> = BTreeMap::new();
    for cost in table.of("cost") {
        let text = |name| cost.text(name).unwrap_or_default();
        let (to, from) = (text("call_to"), text("call_from"));
        let pk = format!("A#{}#PAIR#in#{to}#{from}", cost.part(1));
        if let (Some(id), Some(credential), Some(at)) = (
            cost.text("call_id"),
            cost.text("credential_id"),
            cost.number("received_at"),
        ) {
            let named = said(&pk, id)
                .is_some_and(|found| found.map(&format!("bill_{credential}")).is_some());
            let gone = Retained::of(table, cost.part(1)).cost_may_be_gone(Some(at));
            report.check(
                named || gone,
                cost,
                "its call id does not name a bill of its credential",
            );
            let latest = last
                .entry((format!("{pk} ID#{id}"), credential.to_owned()))
                .or_insert(at);
            *latest = at.max(*latest);
        }
    }
    let costs = by_id(table);
    let mut carried: BTreeMap<(&str, &str), Option<&str>> = BTreeMap::new();
    for call in table.of("pair_call") {
        for one in call.maps("reports") {
            let sid = text(one, "sid").unwrap_or_default();
            carried.insert((call.pk, sid), text(one, "external_id"));
        }
    }
    for id in table.of("pair_id") {
        let name = id.sk.strip_prefix("ID#");
        let kept = Retained::of(table, id.part(1));
        let calls = id.set("calls").all(|sid| {
            let carrier = carried.get(&(id.pk, sid));
            carrier == Some(&name) || (carrier.is_none() && kept.call_may_be_gone(sid))
        });
        report.check(calls, id, "a report that it names does not carry it");
        let bills = id.item.iter().filter_map(|(attribute, bill)| {
            Some((attribute.strip_prefix("bill_")?, bill.as_m().ok()?))
        });
        for (credential, bill) in bills {
            let row = costs
                .get(&(id.part(1), text(bill, "cost_id").unwrap_or_default()))
                .and_then(|rows| rows.first());
            let latest = last.get(&(format!("{} {}", id.pk, id.sk), credential.to_owned()));
            let good = row.is_some_and(|row| {
                row.text("call_id") == name
                    && row.text("credential_id") == Some(credential)
                    && amount(row.item, "amount") == amount(bill, "amount")
                    && row.number("received_at") == number(bill, "received_at")
                    && latest == row.number("received_at").as_ref()
            });
            let gone = row.is_none() && kept.cost_may_be_gone(number(bill, "received_at"));
            report.check(good || gone, id, "its bill is not the last that carries it");
        }
    }
}
