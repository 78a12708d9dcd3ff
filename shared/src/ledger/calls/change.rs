//! Writing a pair: the difference between what was read and what was decided, as one transaction.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;

use crate::ledger::calls::pair::{Head, NOTED, PairState};
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys;
use crate::ledger::table::end::{end, end_of_all, ending};
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
use crate::model::phone::PhoneNumber;
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

/// What changes of one pair.
pub(super) struct Part<'a> {
    pub(super) pair: &'a Pair,
    head: &'a Head,
    tag: Tag,
    pub(super) before: (&'a [PairCall], &'a [CostEntry]),
    pub(super) after: (&'a [PairCall], &'a [CostEntry]),
}

impl Part<'_> {
    /// By how much the costs of its calls change.
    fn cost_change(&self) -> Decimal {
        let sum = |calls: &[PairCall]| -> Decimal {
            let counting = calls.iter().flat_map(PairCall::in_force);
            counting.map(|entry| entry.amount.decimal()).sum()
        };
        sum(self.after.0) - sum(self.before.0)
    }
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
        for part in self.parts() {
            self.write_head(&part, &mut transaction)?;
            self.write_calls(&part, &mut transaction, rows)?;
        }
        self.write_entries(&mut transaction)?;
        Ok(transaction)
    }

    /// What changes of the pair, and then of each other pair whose calls have entries of it. All of them are
    /// written on condition that their heads are those that were read.
    pub(super) fn parts(&self) -> Vec<Part<'_>> {
        let (before, after) = (&self.before.slice, self.after);
        let own = Part {
            pair: self.pair,
            head: &self.before.head,
            tag: Tag::Head,
            before: (&before.calls, &before.unmatched),
            after: (&after.calls, &after.unmatched),
        };
        let others = before.others.iter().zip(&after.others);
        let others = others.zip(&self.before.other_heads);
        let others = others.map(|((before, after), head)| Part {
            pair: &after.pair,
            head,
            tag: Tag::OtherHead,
            before: (&before.calls, &before.unmatched),
            after: (&after.calls, &after.unmatched),
        });
        [own].into_iter().chain(others).collect()
    }

    fn write_head(
        &self,
        part: &Part<'_>,
        transaction: &mut Transaction<Tag>,
    ) -> Result<(), StoreError> {
        let before = part.head;
        let (was, is) = (part.before.1.len(), part.after.1.len());
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let head = Head {
            version: before.version + 1,
            guid: self.act.guid.to_string(),
            unmatched: (before.unmatched + count(is)).saturating_sub(count(was)),
            unsettled: match part.tag {
                Tag::Head => self.unsettled.clone(),
                _ => before.unsettled.clone(),
            },
            moving: false,
        };
        let key = || keys::pair_head(&self.account.id, part.pair);
        let end = end_of_all(self.account, self.act.now);
        let item = ending(stored(key(), "pair", &head)?, end);
        if before.version == 0 {
            transaction.put(part.tag, item, ABSENT);
            return Ok(());
        }
        // An end that it had and has no more is taken away.
        let old = ending(stored(key(), "pair", before)?, Some(0));
        let seen = i64::try_from(before.version).unwrap_or(i64::MAX);
        transaction
            .rewrite(part.tag, "pair", &old, item, "#version = :seen")
            .name("#version", "version")
            .value(":seen", n(seen));
        Ok(())
    }

    fn write_calls(
        &self,
        part: &Part<'_>,
        transaction: &mut Transaction<Tag>,
        rows: &BTreeMap<CallSid, Vec<(String, Option<AttributeValue>)>>,
    ) -> Result<(), StoreError> {
        let account = &self.account.id;
        for call in part.after.0 {
            let earlier = part.before.0.iter();
            let earlier = earlier.clone().find(|other| other.sid == call.sid);
            let new_end = self.new_end(call);
            if earlier != Some(call) {
                self.write_call(part.pair, transaction, call, new_end)?;
            }
            let shown = call.shown();
            let extra = rows.get(&call.sid);
            let reported = earlier.map(|earlier| earlier.reports.len());
            let unchanged = earlier.map(PairCall::shown).as_ref() == Some(&shown)
                && reported == Some(call.reports.len())
                && new_end.is_none();
            if unchanged && extra.is_none() {
                continue;
            }
            let mut attributes = self.row(part.pair, call, &shown)?;
            attributes.extend(new_end.map(end));
            attributes.extend(extra.into_iter().flatten().cloned());
            let key = keys::call(account, &call.sid);
            let new = earlier.is_none() && self.act.what != MIGRATE;
            let tag = if new { Tag::Row } else { Tag::Pair };
            let write = transaction.upsert(tag, key, "call", attributes);
            if new {
                write.only_if(NOT_OLD);
            }
        }
        for gone in part.before.0 {
            if part.after.0.iter().any(|call| call.sid == gone.sid) {
                continue;
            }
            let key = keys::pair_call(account, part.pair, &gone.sid);
            transaction.delete(Tag::Pair, key, ALWAYS);
            let into = self.after.call(&gone.sid);
            let joined = into.map(|call| s(call.sid.as_str()));
            let removed = ROW.iter().map(|name| ((*name).to_owned(), None));
            let end = into.map(|call| end(self.end_by_setting(call)));
            let attributes = removed.chain([("joined_into".to_owned(), joined)]);
            let attributes = attributes.chain(end);
            let key = keys::call(account, &gone.sid);
            transaction.upsert(Tag::Pair, key, "joined_call", attributes);
        }
        self.write_joined(part, transaction);
        self.write_parted(part, transaction);
        Ok(())
    }

    /// Writes which call a new report joined, so that its own sid answers with that call from the start.
    fn write_joined(&self, part: &Part<'_>, transaction: &mut Transaction<Tag>) {
        let known = |report: &SourceReport| {
            let mut before = part.before.0.iter();
            before.any(|call| call.has_report(&report.sid))
        };
        for call in part.after.0 {
            let others = call.reports.iter().filter(|report| report.sid != call.sid);
            for report in others.filter(|report| !known(report)) {
                let joined = ("joined_into".to_owned(), Some(s(call.sid.as_str())));
                let key = keys::joined_report(&self.account.id, &report.sid);
                let end = end(self.end_by_setting(call));
                transaction.upsert(Tag::Pair, key, "joined_report", [joined, end]);
            }
        }
    }

    /// Writes where each report of a call that parted is now: its sid may be known as that of a call which
    /// was joined before.
    fn write_parted(&self, part: &Part<'_>, transaction: &mut Transaction<Tag>) {
        let place = |report: &SourceReport| self.after.call(&report.sid);
        for call in part.before.0 {
            let sid = |report| place(report).map(|call| &call.sid);
            let mut places = call.reports.iter().map(sid);
            let first = places.next();
            if places.all(|other| Some(other) == first) {
                continue;
            }
            for report in call.reports.iter().filter(|report| report.sid != call.sid) {
                let Some(call) = place(report).filter(|call| call.sid != report.sid) else {
                    continue;
                };
                let joined = ("joined_into".to_owned(), Some(s(call.sid.as_str())));
                let key = keys::call(&self.account.id, &report.sid);
                let end = end(self.end_by_setting(call));
                transaction.upsert(Tag::Pair, key, "joined_call", [joined, end]);
            }
        }
    }

    fn write_call(
        &self,
        pair: &Pair,
        transaction: &mut Transaction<Tag>,
        call: &PairCall,
        new_end: Option<Option<i64>>,
    ) -> Result<(), StoreError> {
        let noted = call.entries.iter().filter(|entry| entry.noted);
        let noted: Vec<_> = noted.map(|entry| s(entry.cost_id.as_str())).collect();
        let noted = (!noted.is_empty()).then_some(AttributeValue::L(noted));
        let key = keys::pair_call(&self.account.id, pair, &call.sid);
        let attributes = [
            ("call_sid", s(call.sid.as_str())),
            ("reports", nested("pair_call", &call.reports)?),
            ("entries", nested("pair_call", &call.entries)?),
            ("crowded", AttributeValue::Bool(call.crowded)),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), Some(value)));
        let recorded = ("recorded".to_owned(), self.recorded(call));
        let noted = (NOTED.to_owned(), noted);
        let attributes = attributes.into_iter().chain([recorded, noted]);
        let attributes = attributes.chain(new_end.map(end));
        transaction.upsert(Tag::Pair, key, "pair_call", attributes);
        Ok(())
    }

    /// Which reports and entries of a call this write records, and does not merely move: the stream tells them
    /// apart by it. What is converted from an earlier version is not recorded now.
    fn recorded(&self, call: &PairCall) -> Option<AttributeValue> {
        let before = &self.before.slice;
        let others = before.others.iter().flat_map(|part| &part.calls);
        let known: BTreeSet<&CallSid> = before
            .calls
            .iter()
            .chain(others)
            .flat_map(|call| call.reports.iter().map(|report| &report.sid))
            .collect();
        let reports = call.reports.iter().map(|report| &report.sid);
        let reports = reports.filter(|sid| !known.contains(sid));
        let entries = call.entries.iter().map(|entry| &entry.cost_id);
        let entries = entries.filter(|id| before.entry(id).is_none());
        let ids = reports.map(|sid| s(sid.as_str()));
        let ids = ids.chain(entries.map(|id| s(id.as_str())));
        (self.act.what != MIGRATE).then(|| AttributeValue::L(ids.collect()))
    }

    /// The attributes of a call's row (pattern 8) that its pair decides.
    fn row(
        &self,
        pair: &Pair,
        call: &PairCall,
        shown: &Shown,
    ) -> Result<Vec<(String, Option<AttributeValue>)>, StoreError> {
        let text = |text: &str| Some(s(text));
        let flag = |flag: bool| flag.then_some(AttributeValue::Bool(true));
        let lead = pair
            .lead()
            .map(|phone| LeadId::of(&self.account.sid, phone));
        let direction = match pair.direction {
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
            ("call_from", text(pair.from.as_str())),
            ("call_to", text(pair.to.as_e164())),
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
            // The pair's call has them. An earlier version wrote them here too.
            ("notes", None),
            ("reported_notes", flag(shown.notes.is_some())),
            ("noted_by", shown.noted_by.as_ref().map(|id| s(id.as_str()))),
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

    /// By how much the costs of a caller's inbound calls change.
    pub(in crate::ledger) fn cost_change(&self, phone: &PhoneNumber) -> Decimal {
        let parts = self.parts();
        let of_caller = parts.iter().filter(|part| part.pair.lead() == Some(phone));
        of_caller.map(Part::cost_change).sum()
    }

    /// The callers of the inbound calls of other pairs.
    pub(in crate::ledger) fn other_callers(&self) -> BTreeSet<&PhoneNumber> {
        let others = self.after.others.iter();
        others.filter_map(|part| part.pair.lead()).collect()
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
    "reported_notes",
    "noted_by",
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
        let attributes = self.row(self.pair, call, &call.shown())?;
        Ok(row_item(self.account, call, attributes))
    }
}
