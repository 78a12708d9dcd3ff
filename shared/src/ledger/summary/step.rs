//! What a few records of the stream change, as one transaction.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;

use crate::ledger::keys;
use crate::ledger::summary::callers::{CallerPlace, hashes, hashes_of};
use crate::ledger::summary::checkpoint::Checkpoint;
use crate::ledger::summary::event::StreamRecord;
use crate::ledger::summary::flagged::Flagged;
use crate::ledger::summary::names;
use crate::ledger::summary::parts::{FullParts, MOST_CALLERS, Part};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, money, n, s, stored, version};
use crate::ledger::table::transaction::{ABSENT, ALWAYS, Refusals, Transaction, Write};
use crate::model::account::AccountId;
use crate::model::summary::delta::Delta;
use crate::model::summary::measures::Measures;
use crate::model::summary::place::{Slot, SumKey};

/// How many items a transaction adds to; DynamoDB takes 100, and one is the checkpoint.
const MOST_ITEMS: usize = 99;

/// How many numbers of one item a transaction adds to, so that the expression stays within DynamoDB's 4 KB.
const MOST_NUMBERS: usize = 150;

/// The writes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Tag {
    /// How far the shard is followed.
    Checkpoint,
    /// Sums, and what is settling.
    Sums,
    /// A part of callers, by its place among those of the step.
    Callers(usize),
}

/// The sums of one account and day, number, vendor and disposition.
type Sums = BTreeMap<(AccountId, SumKey), BTreeMap<Slot, Measures>>;

/// The callers that come to a part and go, by time.
type Callers = BTreeMap<(AccountId, SumKey), BTreeMap<Part, BTreeMap<Slot, Changes>>>;

#[derive(Default)]
struct Changes {
    comes: BTreeSet<u64>,
    goes: BTreeSet<u64>,
}

/// What one record changes.
pub(in crate::ledger) struct Effect {
    pub(in crate::ledger) delta: Delta,
    /// The caller that comes, and to which part.
    pub(in crate::ledger) comes: Option<(CallerPlace, Part)>,
    /// The caller that goes, and from which parts.
    pub(in crate::ledger) goes: Option<(CallerPlace, Vec<Part>)>,
}

/// What a few records change.
#[derive(Default)]
pub(in crate::ledger) struct Step {
    sums: Sums,
    callers: Callers,
    settling: BTreeMap<AccountId, i64>,
    pub(in crate::ledger) flagged: Flagged,
    pub(in crate::ledger) records: usize,
    /// The checkpoint behind them.
    pub(in crate::ledger) reached: Option<Checkpoint>,
}

/// The parts to which a step adds callers, by the number of their write, with the times.
pub(in crate::ledger) struct Filled(Vec<((AccountId, SumKey), Part, Vec<Slot>)>);

impl Filled {
    /// Remembers the parts that were full, and returns whether there were any.
    pub(in crate::ledger) fn note(&self, refusals: &Refusals<Tag>, full: &FullParts) -> bool {
        let refused = self.0.iter().enumerate();
        let mut refused = refused
            .map(|(at, filled)| (Tag::Callers(at), filled))
            .filter(|(tag, _)| refusals.contains(*tag))
            .peekable();
        let any = refused.peek().is_some();
        for (tag, (place, part, slots)) in refused {
            let found = refusals.item(tag);
            let crowded = slots
                .iter()
                .filter(|slot| found.is_some_and(|item| has_no_room(item, **slot)))
                .collect::<Vec<_>>();
            // Without one that is full by itself, the item as a whole is too large.
            let slots = match crowded.is_empty() {
                true => slots.iter().collect(),
                false => crowded,
            };
            for slot in slots {
                full.note(place, (part.clone(), *slot));
            }
        }
        any
    }
}

/// Whether a time of a part takes no more callers.
fn has_no_room(item: &Item, slot: Slot) -> bool {
    let set = item.get(&names::callers_name(slot));
    set.is_some_and(|set| hashes_of(set).len() >= MOST_CALLERS)
}

impl Step {
    /// Whether one more record fits.
    pub(in crate::ledger) fn has_room(
        &self,
        account: &AccountId,
        record: &StreamRecord,
        effect: &Effect,
    ) -> bool {
        let keys: BTreeSet<_> = effect.delta.cells().keys().map(|(key, _)| key).collect();
        let crowded = |key: &&SumKey| {
            let sums = self.sums.get(&(account.clone(), (*key).clone()));
            let numbers = sums.map(|slots| slots.values().map(|sums| sums.values().count()).sum());
            numbers.is_some_and(|numbers: usize| numbers > MOST_NUMBERS)
        };
        let comes = effect.comes.as_ref();
        let goes = effect.goes.as_ref();
        // At most as many items as the record could add to.
        let parts = usize::from(comes.is_some()) + goes.map_or(0, |(_, parts)| parts.len());
        let more = keys.len() + parts + usize::from(record.settling != 0);
        let filled: usize = self.callers.values().map(BTreeMap::len).sum();
        let items = self.sums.len() + filled + self.settling.len();
        items + more <= MOST_ITEMS
            && !keys.iter().any(crowded)
            && comes.is_none_or(|(place, part)| {
                let mut at = self.changes(account, place);
                at.all(|(of, changes)| {
                    let is_full = of == part && changes.comes.len() >= MOST_CALLERS;
                    changes.goes.is_empty() && !is_full
                })
            })
            && goes.is_none_or(|(place, _)| {
                let mut at = self.changes(account, place);
                at.all(|(_, changes)| changes.comes.is_empty())
            })
    }

    /// What the step changes at the time of a place, in every part.
    fn changes(
        &self,
        account: &AccountId,
        place: &CallerPlace,
    ) -> impl Iterator<Item = (&Part, &Changes)> {
        let parts = self.callers.get(&(account.clone(), place.key.clone()));
        let slot = place.slot;
        let parts = parts.into_iter().flatten();
        parts.filter_map(move |(part, slots)| Some((part, slots.get(&slot)?)))
    }

    /// Adds what a record changes.
    pub(in crate::ledger) fn add(
        &mut self,
        account: &AccountId,
        record: &StreamRecord,
        effect: &Effect,
    ) {
        for ((key, slot), change) in effect.delta.cells() {
            let slots = self.sums.entry((account.clone(), key.clone())).or_default();
            slots.entry(*slot).or_default().merge(change);
        }
        if let Some((place, part)) = &effect.comes {
            self.changed(account, place, part).comes.insert(place.hash);
        }
        if let Some((place, parts)) = &effect.goes {
            for part in parts {
                self.changed(account, place, part).goes.insert(place.hash);
            }
        }
        if record.settling != 0 {
            *self.settling.entry(account.clone()).or_default() += record.settling;
        }
    }

    fn changed(&mut self, account: &AccountId, place: &CallerPlace, part: &Part) -> &mut Changes {
        let key = (account.clone(), place.key.clone());
        let parts = self.callers.entry(key).or_default();
        let slots = parts.entry(part.clone()).or_default();
        slots.entry(place.slot).or_default()
    }

    /// The transaction, if the checkpoint still is where it was read, and the parts that it fills.
    pub(in crate::ledger) fn transaction(
        self,
        seen: Option<&Checkpoint>,
    ) -> Result<(Transaction<Tag>, Filled), StoreError> {
        let mut transaction = Transaction::new();
        if let Some(reached) = &self.reached {
            let key = names::rollup_checkpoint(&reached.shard);
            let item = stored(key.clone(), "rollup_shard", reached)?;
            match seen {
                None => {
                    transaction.put(Tag::Checkpoint, item, ABSENT);
                }
                Some(seen) => {
                    let old = stored(key, "rollup_shard", seen)?;
                    let same = "#sequence = :seen";
                    transaction
                        .rewrite(Tag::Checkpoint, "rollup_shard", &old, item, same)
                        .name("#sequence", "sequence")
                        .value(":seen", s(seen.sequence.as_str()));
                }
            }
        }
        for ((account, key), slots) in &self.sums {
            let numbers = slots.iter().flat_map(|(slot, sums)| {
                let values = sums.values();
                values.map(move |(measure, value)| (names::sum_name(*slot, measure), value))
            });
            let numbers: Vec<(String, Decimal)> = numbers.collect();
            if !numbers.is_empty() {
                let numbers = numbers.into_iter();
                let numbers = numbers.map(|(name, value)| (name, money(value)));
                let key = names::sums(account, key);
                change(
                    &mut transaction,
                    (Tag::Sums, key, "sums"),
                    numbers.collect(),
                    Vec::new(),
                );
            }
        }
        let filled = add_callers(&mut transaction, self.callers);
        for (account, pairs) in self.settling {
            let pairs = vec![("pairs".to_owned(), n(pairs))];
            let key = names::settling(&account);
            change(
                &mut transaction,
                (Tag::Sums, key, "settling"),
                pairs,
                Vec::new(),
            );
        }
        Ok((transaction, filled))
    }
}

/// Adds the changes of callers, each on condition that its part is not full.
fn add_callers(transaction: &mut Transaction<Tag>, callers: Callers) -> Filled {
    let mut filled = Vec::new();
    let parts = callers.into_iter().flat_map(|(place, parts)| {
        let parts = parts.into_iter();
        parts.map(move |(part, slots)| (place.clone(), part, slots))
    });
    for (place, part, slots) in parts {
        let (mut comes, mut goes, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for (slot, changes) in slots {
            let name = names::callers_name(slot);
            if !changes.comes.is_empty() {
                comes.push((name.clone(), hashes(changes.comes)));
                times.push(slot);
            }
            if !changes.goes.is_empty() {
                goes.push((name, hashes(changes.goes)));
            }
        }
        let tag = Tag::Callers(filled.len());
        let key = names::callers(&place.0, &place.1, &part);
        let write = change(transaction, (tag, key, "callers"), comes, goes);
        if !times.is_empty() && !part.is_last() {
            let room = (0..times.len())
                .map(|at| format!("(attribute_not_exists(#a{at}) OR size(#a{at}) < :most)"));
            let most = i64::try_from(MOST_CALLERS).unwrap_or(i64::MAX);
            write
                .only_if(room.collect::<Vec<_>>().join(" AND "))
                .value(":most", n(most))
                .refused_if_too_large();
        }
        filled.push((place, part, times));
    }
    Filled(filled)
}

/// Adds to numbers and sets of an item, takes out of sets, and counts the change. What is added has the names
/// `#a0`, `#a1` and so on in the expression.
fn change<'t>(
    transaction: &'t mut Transaction<Tag>,
    (tag, key, kind): (Tag, keys::Key, &'static str),
    added: Vec<(String, AttributeValue)>,
    deleted: Vec<(String, AttributeValue)>,
) -> &'t mut Write {
    let mut added = added;
    added.push(("changes".to_owned(), n(1)));
    let part = |verb: &str, letter: char, count: usize| match count {
        0 => String::new(),
        _ => {
            let parts: Vec<_> = (0..count)
                .map(|at| format!("#{letter}{at} :{letter}{at}"))
                .collect();
            format!(" {verb} {}", parts.join(","))
        }
    };
    let expression = format!(
        "SET #type = :type, v = :v{}{}",
        part("ADD", 'a', added.len()),
        part("DELETE", 'd', deleted.len())
    );
    let write = transaction.update(tag, key, expression, ALWAYS);
    write
        .name("#type", "type")
        .value(":type", s(kind))
        .value(":v", version());
    for (letter, values) in [('a', added), ('d', deleted)] {
        for (at, (name, value)) in values.into_iter().enumerate() {
            write
                .name(format!("#{letter}{at}"), name)
                .value(format!(":{letter}{at}"), value);
        }
    }
    write
}
