//! Writing the entries that a change of a pair changes, and their histories.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::ledger::calls::change::{MIGRATE, PairChange, Part};
use crate::ledger::calls::pair::NOTED;
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys;
use crate::ledger::table::end::{END, ending};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{n, nested, s, stored};
use crate::ledger::table::transaction::{ALWAYS, PRESENT, Transaction};
use crate::model::call::CallSid;
use crate::model::pair::call::PairCall;
use crate::model::pair::entry::CostEntry;
use crate::model::time::Instant;

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

/// Every entry by its id.
type Entries<'a> = BTreeMap<&'a str, Placed<'a>>;

fn add<'a>(entries: &mut Entries<'a>, calls: &'a [PairCall], unmatched: &'a [CostEntry]) {
    for call in calls {
        let matched = call.entries.iter();
        entries.extend(matched.map(|entry| (entry.cost_id.as_str(), (entry, Some(&call.sid)))));
    }
    let unmatched = unmatched.iter();
    entries.extend(unmatched.map(|entry| (entry.cost_id.as_str(), (entry, None))));
}

impl PairChange<'_> {
    /// Writes the entries that were there before and are other than before, with a line in their history.
    pub(super) fn write_entries(
        &self,
        transaction: &mut Transaction<Tag>,
    ) -> Result<(), StoreError> {
        let account = &self.account.id;
        let (mut before, mut after) = (Entries::new(), Entries::new());
        let parts = self.parts();
        for part in &parts {
            add(&mut before, part.before.0, part.before.1);
            add(&mut after, part.after.0, part.after.1);
        }
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
                let end = self.entry_end(entry, call);
                transaction
                    .update(Tag::Pair, key, entry_expression(entry, call, end), PRESENT)
                    .values(end.map(|end| (":end", n(end))))
                    .value(":state", s(entry.state.as_str()))
                    .name("#state", "state")
                    .value(":void", AttributeValue::Bool(entry.void))
                    .name("#void", "void")
                    .value(":repriced", AttributeValue::Bool(entry.repriced))
                    .value(":other", AttributeValue::Bool(entry.other_pair))
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
            } else if earlier.is_some()
                && let Some(end) = self.later_entry_end(entry, call)
            {
                let key = keys::cost(account, &entry.cost_id);
                let expression = match end {
                    Some(_) => format!("SET {END} = :end"),
                    None => format!("REMOVE {END}"),
                };
                transaction
                    .update(Tag::Pair, key, expression, PRESENT)
                    .values(end.map(|end| (":end", n(end))));
            }
            let was_unmatched = earlier.is_some_and(|(_, call)| call.is_none());
            let changed = earlier.is_none_or(|(was, place)| *was != entry || *place != call);
            // An entry leaves its pair, and comes back to it, only where that is the pair that is changed.
            let lists = |part: &&Part<'_>| {
                let mut unmatched = part.before.1.iter().chain(part.after.1);
                unmatched.any(|other| other.cost_id == entry.cost_id)
            };
            let pair = parts.iter().find(lists).map_or(self.pair, |part| part.pair);
            let key = keys::pair_bill(account, pair, entry);
            if call.is_none() && changed {
                let end = self.account.costs_kept.end(entry.received_at);
                let mut new = ending(stored(key.clone(), "pair_bill", entry)?, end);
                if entry.noted {
                    new.insert(NOTED.to_owned(), AttributeValue::Bool(true));
                }
                if earlier.is_none() && self.act.what != MIGRATE {
                    new.insert("recorded".to_owned(), AttributeValue::Bool(true));
                }
                match earlier.filter(|(_, place)| place.is_none()) {
                    Some((was, _)) => {
                        let mut old = stored(key, "pair_bill", was)?;
                        // An earlier version kept the notes here; their row has them.
                        old.insert("notes".to_owned(), AttributeValue::Null(true));
                        // An end that it had and has no more is taken away.
                        let old = ending(old, Some(0));
                        transaction.rewrite(Tag::Pair, "pair_bill", &old, new, ALWAYS);
                    }
                    None => {
                        transaction.put(Tag::Pair, new, ALWAYS);
                    }
                }
            } else if call.is_some() && was_unmatched {
                transaction.delete(Tag::Pair, key, ALWAYS);
            }
        }
        Ok(())
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
}

fn entry_expression(entry: &CostEntry, call: Option<&CallSid>, end: Option<i64>) -> String {
    let mut set = "SET #state = :state, #void = :void, repriced = :repriced, other_pair = :other, \
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
    match end {
        Some(_) => set.push_str(", expires_at = :end"),
        None => removed.push(END),
    }
    if !removed.is_empty() {
        set.push_str(" REMOVE ");
        set.push_str(&removed.join(", "));
    }
    set
}
