//! Writing a pair: the difference between what was read and what was decided, as one transaction.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::ledger::calls::pair::{Head, PairCallItem, PairState};
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, money, n, nested, s, stored};
use crate::ledger::table::transaction::{ABSENT, ALWAYS, Transaction};
use crate::model::account::Account;
use crate::model::call::{CallSid, Direction, LeadId};
use crate::model::id::Guid;
use crate::model::pair::Pair;
use crate::model::pair::call::{PairCall, Shown};
use crate::model::pair::entry::CostEntry;
use crate::model::pair::settle::Slice;
use crate::model::pair::source_report::SourceReport;
use crate::model::time::Instant;

/// Who changes a pair, when and why; it becomes part of the history of every entry that changes with it.
#[derive(Clone, Copy, Debug)]
pub(in crate::ledger) struct Act<'a> {
    /// What was done: `bill`, `report`, `void`, `pin`, ...
    pub(in crate::ledger) what: &'static str,
    /// Who did it: a credential's id, or a person's name.
    pub(in crate::ledger) by: &'a str,
    /// Why, where a person said so.
    pub(in crate::ledger) reason: Option<&'a str>,
    /// The request.
    pub(in crate::ledger) guid: Guid,
    /// Now.
    pub(in crate::ledger) now: Instant,
}

/// What the act is called that converts what an earlier version wrote.
pub(in crate::ledger) const MIGRATE: &str = "migrate";

/// The condition that the row of a new call is not one that an earlier version wrote: what that says would
/// be lost. Rows of this version name their sources, unless they are of calls that were joined.
const NOT_OLD: &str =
    "attribute_not_exists(pk) OR attribute_exists(sources) OR attribute_exists(joined_into)";

/// A pair as it was read and as it shall be.
pub(in crate::ledger) struct PairChange<'a> {
    pub(in crate::ledger) account: &'a Account,
    pub(in crate::ledger) pair: &'a Pair,
    pub(in crate::ledger) before: &'a PairState,
    pub(in crate::ledger) after: &'a Slice,
    /// The calls around which entries are left to be moved.
    pub(in crate::ledger) unsettled: Vec<CallSid>,
    pub(in crate::ledger) act: Act<'a>,
}

/// One line of the history of an entry.
#[derive(Serialize)]
struct HistoryLine<'a> {
    at: Instant,
    what: &'static str,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    guid: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_sid: Option<&'a CallSid>,
}

/// An entry, and the call that it is matched to.
type Placed<'a> = (&'a CostEntry, Option<&'a CallSid>);

/// Every entry of a slice by its id.
fn entries(slice: &Slice) -> BTreeMap<&str, Placed<'_>> {
    let matched = slice.calls.iter().flat_map(|call| {
        let entries = call.entries.iter();
        entries.map(|entry| (entry.cost_id.as_str(), (entry, Some(&call.sid))))
    });
    let unmatched = slice.unmatched.iter();
    let unmatched = unmatched.map(|entry| (entry.cost_id.as_str(), (entry, None)));
    matched.chain(unmatched).collect()
}

impl PairChange<'_> {
    /// The transaction that writes the difference, except for the caller's contact.
    ///
    /// `rows` are attributes of call rows that the pair does not decide, by sid.
    pub(in crate::ledger) fn transaction(
        &self,
        rows: &BTreeMap<CallSid, Vec<(String, Option<AttributeValue>)>>,
    ) -> Result<Transaction<Tag>, StoreError> {
        let mut transaction = Transaction::new();
        self.write_head(&mut transaction)?;
        self.write_calls(&mut transaction, rows)?;
        self.write_entries(&mut transaction)?;
        Ok(transaction)
    }

    fn write_head(&self, transaction: &mut Transaction<Tag>) -> Result<(), StoreError> {
        let before = &self.before.head;
        let (was, is) = (
            self.before.slice.unmatched.len(),
            self.after.unmatched.len(),
        );
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let head = Head {
            version: before.version + 1,
            guid: self.act.guid.to_string(),
            unmatched: (before.unmatched + count(is)).saturating_sub(count(was)),
            unsettled: self.unsettled.clone(),
        };
        let key = keys::pair_head(&self.account.id, self.pair);
        let seen = i64::try_from(before.version).unwrap_or(i64::MAX);
        let write = transaction.put(Tag::Head, stored(key, "pair", &head)?, ABSENT);
        if before.version > 0 {
            write
                .only_if("#version = :seen")
                .name("#version", "version")
                .value(":seen", n(seen));
        }
        Ok(())
    }

    fn write_calls(
        &self,
        transaction: &mut Transaction<Tag>,
        rows: &BTreeMap<CallSid, Vec<(String, Option<AttributeValue>)>>,
    ) -> Result<(), StoreError> {
        let account = &self.account.id;
        for call in &self.after.calls {
            let earlier = self.before.slice.calls.iter();
            let earlier = earlier.clone().find(|other| other.sid == call.sid);
            if earlier != Some(call) {
                self.write_call(transaction, call)?;
            }
            let shown = call.shown();
            let extra = rows.get(&call.sid);
            let reported = earlier.map(|earlier| earlier.reports.len());
            let unchanged = earlier.map(PairCall::shown).as_ref() == Some(&shown)
                && reported == Some(call.reports.len());
            if unchanged && extra.is_none() {
                continue;
            }
            let mut attributes = self.row(call, &shown)?;
            attributes.extend(extra.into_iter().flatten().cloned());
            let key = keys::call(account, &call.sid);
            let new = earlier.is_none() && self.act.what != MIGRATE;
            let tag = if new { Tag::Row } else { Tag::Pair };
            let write = transaction.upsert(tag, key, "call", attributes);
            if new {
                write.only_if(NOT_OLD);
            }
        }
        for gone in &self.before.slice.calls {
            if self.after.calls.iter().any(|call| call.sid == gone.sid) {
                continue;
            }
            let key = keys::pair_call(account, self.pair, &gone.sid);
            transaction.delete(Tag::Pair, key, ALWAYS);
            let joined = self.after.call(&gone.sid).map(|call| s(call.sid.as_str()));
            let removed = ROW.iter().map(|name| ((*name).to_owned(), None));
            let attributes = removed.chain([("joined_into".to_owned(), joined)]);
            let key = keys::call(account, &gone.sid);
            transaction.upsert(Tag::Pair, key, "joined_call", attributes);
        }
        self.write_parted(transaction);
        Ok(())
    }

    /// Writes where each report of a call that parted is now: its sid may be known as that of a call which
    /// was joined before.
    fn write_parted(&self, transaction: &mut Transaction<Tag>) {
        let place = |report: &SourceReport| self.after.call(&report.sid).map(|call| &call.sid);
        for call in &self.before.slice.calls {
            let mut places = call.reports.iter().map(place);
            let first = places.next();
            if places.all(|other| Some(other) == first) {
                continue;
            }
            for report in call.reports.iter().filter(|report| report.sid != call.sid) {
                let Some(sid) = place(report).filter(|sid| **sid != report.sid) else {
                    continue;
                };
                let joined = ("joined_into".to_owned(), Some(s(sid.as_str())));
                let key = keys::call(&self.account.id, &report.sid);
                transaction.upsert(Tag::Pair, key, "joined_call", [joined]);
            }
        }
    }

    fn write_call(
        &self,
        transaction: &mut Transaction<Tag>,
        call: &PairCall,
    ) -> Result<(), StoreError> {
        let item = PairCallItem {
            call_sid: call.sid.clone(),
            reports: call.reports.clone(),
            entries: call.entries.clone(),
            crowded: call.crowded,
        };
        let key = keys::pair_call(&self.account.id, self.pair, &call.sid);
        let attributes = [
            ("call_sid", s(call.sid.as_str())),
            ("reports", nested("pair_call", &item.reports)?),
            ("entries", nested("pair_call", &item.entries)?),
            ("crowded", AttributeValue::Bool(item.crowded)),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), Some(value)));
        transaction.upsert(Tag::Pair, key, "pair_call", attributes);
        Ok(())
    }

    /// The attributes of a call's row (pattern 8) that its pair decides.
    fn row(
        &self,
        call: &PairCall,
        shown: &Shown,
    ) -> Result<Vec<(String, Option<AttributeValue>)>, StoreError> {
        let text = |text: &str| Some(s(text));
        let flag = |flag: bool| flag.then_some(AttributeValue::Bool(true));
        let lead = self.pair.lead();
        let lead = lead.map(|phone| LeadId::of(&self.account.sid, phone));
        let direction = match self.pair.direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        };
        let ids = &shown.external_ids;
        let ids = (!ids.is_empty()).then(|| nested("call", ids)).transpose()?;
        let costs = &shown.costs;
        let costs = (!costs.is_empty()).then(|| nested("call", costs));
        let sources: Vec<_> = call.reports.iter().map(|report| report.source).collect();
        let values = [
            ("call_sid", text(call.sid.as_str())),
            ("account_id", text(self.account.id.as_str())),
            ("direction", text(direction)),
            ("call_from", text(self.pair.from.as_str())),
            ("call_to", text(self.pair.to.as_e164())),
            ("started_at", Some(at(shown.start))),
            ("ended_at", shown.ended.map(at)),
            ("duration_seconds", shown.seconds.map(n)),
            (
                "disposition",
                shown.disposition.as_ref().map(|text| s(text.as_str())),
            ),
            ("lead_id", lead.map(|lead| s(lead.as_str()))),
            (
                "property_sid",
                shown.property.as_ref().map(|sid| s(sid.as_str())),
            ),
            ("notes", shown.notes.as_ref().map(|notes| s(notes.as_str()))),
            ("external_ids", ids),
            ("sources", Some(nested("call", &sources)?)),
            ("cost", shown.cost.map(|cost| money(cost.decimal()))),
            ("costs", costs.transpose()?),
            ("vendor_id", shown.vendor.as_ref().map(|id| s(id.as_str()))),
            ("date_billed", shown.billed.map(at)),
            ("two_vendors", flag(shown.two_vendors)),
            ("crowded", flag(call.crowded)),
            ("joined_into", None),
        ];
        let values = values.into_iter();
        Ok(values
            .map(|(name, value)| (name.to_owned(), value))
            .collect())
    }

    /// Writes the entries that were there before and are other than before, with a line in their history.
    fn write_entries(&self, transaction: &mut Transaction<Tag>) -> Result<(), StoreError> {
        let account = &self.account.id;
        let before = entries(&self.before.slice);
        let after = entries(self.after);
        for (entry, _) in before
            .iter()
            .filter(|(id, _)| !after.contains_key(*id))
            .map(|(_, e)| e)
        {
            // Its call has no room for it any more; it does not count, and stays as it is.
            let key = keys::cost(account, &entry.cost_id);
            transaction
                .update(Tag::Pair, key, "SET archived = :yes", ALWAYS)
                .value(":yes", AttributeValue::Bool(true));
        }
        for (id, (entry, call)) in after {
            let earlier = before.get(id);
            if let Some((was, place)) = earlier
                && (*was != entry || *place != call)
            {
                let key = keys::cost(account, &entry.cost_id);
                let line = self.line(entry, call)?;
                transaction
                    .update(Tag::Pair, key, self.entry_expression(entry, call), ALWAYS)
                    .value(":state", s(entry.state.as_str()))
                    .name("#state", "state")
                    .value(":void", AttributeValue::Bool(entry.void))
                    .name("#void", "void")
                    .value(":repriced", AttributeValue::Bool(entry.repriced))
                    .value(":none", AttributeValue::L(Vec::new()))
                    .value(":line", AttributeValue::L(vec![line]))
                    .values(call.map(|sid| (":call", s(sid.as_str()))))
                    .values(
                        entry
                            .next_price
                            .as_ref()
                            .map(|id| (":next", s(id.as_str()))),
                    )
                    .values(match &entry.pin {
                        Some(pin) => Some((":pin", nested("cost", pin)?)),
                        None => None,
                    });
            }
            let was_unmatched = earlier.is_some_and(|(_, call)| call.is_none());
            let changed = earlier.is_none_or(|(was, place)| *was != entry || *place != call);
            let key = keys::pair_bill(account, self.pair, entry);
            if call.is_none() && changed {
                transaction.put(Tag::Pair, stored(key, "pair_bill", entry)?, ALWAYS);
            } else if call.is_some() && was_unmatched {
                transaction.delete(Tag::Pair, key, ALWAYS);
            }
        }
        Ok(())
    }

    fn entry_expression(&self, entry: &CostEntry, call: Option<&CallSid>) -> String {
        let mut set = "SET #state = :state, #void = :void, repriced = :repriced, \
             history = list_append(if_not_exists(history, :none), :line)"
            .to_owned();
        let mut removed = Vec::new();
        if entry.next_price.is_some() {
            set.push_str(", next_price = :next");
        }
        match call {
            Some(_) => set.push_str(", call_sid = :call"),
            None => removed.push("call_sid"),
        }
        match &entry.pin {
            Some(_) => set.push_str(", pin = :pin"),
            None => removed.push("pin"),
        }
        if !removed.is_empty() {
            set.push_str(" REMOVE ");
            set.push_str(&removed.join(", "));
        }
        set
    }

    fn line(
        &self,
        entry: &CostEntry,
        call: Option<&CallSid>,
    ) -> Result<AttributeValue, StoreError> {
        nested(
            "cost",
            &HistoryLine {
                at: self.act.now,
                what: self.act.what,
                by: self.act.by,
                reason: self.act.reason,
                guid: self.act.guid.to_string(),
                state: entry.state.as_str(),
                call_sid: call,
            },
        )
    }

    /// By how much the costs of the pair's calls change.
    pub(in crate::ledger) fn cost_change(&self) -> Decimal {
        let sum = |slice: &Slice| -> Decimal {
            let calls = slice.calls.iter();
            calls
                .flat_map(PairCall::in_force)
                .map(|entry| entry.amount.decimal())
                .sum()
        };
        sum(self.after) - sum(&self.before.slice)
    }
}

/// The attributes that a call's row has while it is a call.
pub(in crate::ledger) const ROW: &[&str] = &[
    "direction",
    "call_from",
    "call_to",
    "started_at",
    "ended_at",
    "duration_seconds",
    "disposition",
    "lead_id",
    "first_contact",
    "property_sid",
    "notes",
    "external_ids",
    "sources",
    "cost",
    "costs",
    "vendor_id",
    "date_billed",
    "two_vendors",
    "crowded",
];

/// The earliest report of any call of a slice.
pub(in crate::ledger) fn earliest(slice: &Slice) -> Option<(&PairCall, &SourceReport)> {
    let calls = slice.calls.iter();
    calls
        .filter_map(|call| Some((call, call.earliest()?)))
        .min_by_key(|(_, report)| (report.start, report.sid.clone()))
}

/// The row of a call, as [`PairChange`] writes it.
pub(in crate::ledger) fn row_item(
    account: &Account,
    call: &PairCall,
    attributes: Vec<(String, Option<AttributeValue>)>,
) -> Item {
    let key = keys::call(&account.id, &call.sid);
    let mut item: Item = attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    item.insert(keys::SK.to_owned(), s(key.sk));
    item
}

impl PairChange<'_> {
    /// The row of a call of the pair, as it is afterwards.
    pub(in crate::ledger) fn row_of(&self, call: &PairCall) -> Result<Item, StoreError> {
        Ok(row_item(self.account, call, self.row(call, &call.shown())?))
    }
}
