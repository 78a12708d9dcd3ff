//! Making the sums of a day again from its rows.
//!
//! Sums change while rows are read, so an item is replaced only if nothing was added to it from before the
//! rows were read until the stream was followed to a moment after that: what it holds then should be what
//! those rows say. `changes` counts what was added. Items that changed are left to another attempt.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::clock::Clock;
use crate::ledger::keys;
use crate::ledger::summary::callers::{caller_of, hashes, hashes_of};
use crate::ledger::summary::facts::{decimal, fact_of};
use crate::ledger::summary::names;
use crate::ledger::summary::parts::{CallerSets, Part, corrected};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, money, n, number, s, text, version};
use crate::ledger::table::retry::pause;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::Account;
use crate::model::summary::delta::{Cells, Fact};
use crate::model::summary::place::{Slot, SumKey};
use crate::model::time::{Instant, UtcDay};

/// How often the sums that changed meanwhile are tried again.
const ATTEMPTS: usize = 5;

/// How long the stream is waited for, in steps of [`STEP`].
const STEPS: usize = 480;

/// How far from a day the row of a call of it may be.
const NEXT_DAY: Duration = Duration::from_secs(3_600);

/// See [`STEPS`].
const STEP: Duration = Duration::from_millis(250);

/// Outcome of making the sums of a day again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many items of sums and parts of callers are right.
    pub items: usize,
    /// How many of them were wrong before.
    pub corrected: usize,
    /// How many changed in every attempt and were left as they are.
    pub left: usize,
    /// Whether rows of the day may have ended, so that its sums are left as they are: they have counted all of them.
    pub ended: bool,
}

/// The items of a day by their sort keys.
type Items = BTreeMap<String, Item>;

/// The callers of each place, by time.
type Callers = BTreeMap<SumKey, BTreeMap<Slot, BTreeSet<u64>>>;

/// What the rows of a day say.
#[derive(Default)]
struct Rows {
    /// The items of sums.
    sums: Items,
    callers: Callers,
}

/// One item that may be wrong, and what it should be.
struct Candidate<'a> {
    sk: String,
    found: Option<&'a Item>,
    rows: Option<Item>,
}

impl Ledger {
    /// Makes the sums of a UTC day again from its calls and costs. Sums outlive rows (D-732), so those of a day whose
    /// rows may have ended are left as they are.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, or if nothing follows the
    /// stream.
    pub async fn rebuild_sums(
        &self,
        account: &Account,
        day: UtcDay,
        clock: &Clock,
    ) -> Result<Rebuilt, StoreError> {
        let mut rebuilt = Rebuilt::default();
        // A call is counted on the day of its start, which may be next to the day of its row.
        let from = day.begins().minus(NEXT_DAY);
        let kept = [account.calls_kept, account.costs_kept];
        if kept
            .iter()
            .any(|kept| kept.cut(from, clock.now()).is_some())
        {
            rebuilt.ended = true;
            return Ok(rebuilt);
        }
        for _ in 0..ATTEMPTS {
            let kept = self.sums_of(account, day).await?;
            let rows = self.rows_of(account, day).await?;
            self.wait_until_followed(account, clock).await?;
            let now = self.sums_of(account, day).await?;
            rebuilt.left = 0;
            rebuilt.items = 0;
            let of = (account, day);
            self.judge_sums(of, (&kept, &now), &rows.sums, &mut rebuilt)
                .await?;
            self.judge_callers(of, (&kept, &now), &rows.callers, &mut rebuilt)
                .await?;
            if rebuilt.left == 0 {
                break;
            }
        }
        Ok(rebuilt)
    }

    async fn judge_sums(
        &self,
        of: (&Account, UtcDay),
        (kept, now): (&Items, &Items),
        rows: &Items,
        rebuilt: &mut Rebuilt,
    ) -> Result<(), StoreError> {
        for sk in distinct(sums_in(kept).chain(rows.keys())) {
            if changes(kept.get(sk)) != changes(now.get(sk)) {
                rebuilt.left += 1;
                continue;
            }
            let candidate = Candidate {
                sk: sk.clone(),
                found: now.get(sk),
                rows: rows.get(sk).cloned(),
            };
            let is_right = is_same(candidate.found, candidate.rows.as_ref());
            self.judge(of, candidate, is_right, rebuilt).await?;
        }
        Ok(())
    }

    async fn judge_callers(
        &self,
        of: (&Account, UtcDay),
        (kept, now): (&Items, &Items),
        rows: &Callers,
        rebuilt: &mut Rebuilt,
    ) -> Result<(), StoreError> {
        let (account, day) = of;
        let (before, after) = (parts_in(day, kept), parts_in(day, now));
        let none = BTreeMap::new();
        for place in distinct(before.keys().chain(after.keys()).chain(rows.keys())) {
            let (before, after) = (before.get(place), after.get(place));
            if changes_of(before) != changes_of(after) {
                rebuilt.left += 1;
                continue;
            }
            let found = after.into_iter().flatten();
            let found: BTreeMap<&Part, &Item> = found.map(|(part, item)| (part, *item)).collect();
            let sets: CallerSets = found
                .iter()
                .map(|(part, item)| ((*part).clone(), sets_of(item)))
                .collect();
            for (part, right) in corrected(&sets, rows.get(place).unwrap_or(&none)) {
                let item = found.get(&part).copied();
                let is_right = sets.get(&part) == Some(&right);
                let candidate = Candidate {
                    sk: names::callers(&account.id, place, &part).sk,
                    found: item,
                    rows: Some(item_of(right)),
                };
                self.judge(of, candidate, is_right, rebuilt).await?;
            }
        }
        Ok(())
    }

    /// Counts an item that is right, and replaces one that is wrong.
    async fn judge(
        &self,
        (account, day): (&Account, UtcDay),
        candidate: Candidate<'_>,
        is_right: bool,
        rebuilt: &mut Rebuilt,
    ) -> Result<(), StoreError> {
        if is_right {
            rebuilt.items += 1;
        } else if self.replace(account, day, candidate).await? {
            rebuilt.items += 1;
            rebuilt.corrected += 1;
        } else {
            rebuilt.left += 1;
        }
        Ok(())
    }

    async fn sums_of(&self, account: &Account, day: UtcDay) -> Result<Items, StoreError> {
        let partition = names::sums_partition(&account.id, day);
        let items = self.query(partition).all().await?;
        let items = items.into_iter();
        Ok(items
            .filter_map(|item| Some((text(&item, keys::SK)?.to_owned(), item)))
            .collect())
    }

    /// What the rows of a day say its items hold.
    ///
    /// A call lies in the day of its first report, within an hour of the start that it shows.
    async fn rows_of(&self, account: &Account, day: UtcDay) -> Result<Rows, StoreError> {
        let (mut cells, mut rows) = (Cells::new(), Rows::default());
        let mut take = |item: Item| {
            if let Some(fact) = fact_of(&item) {
                count(account, day, &fact, &mut cells, &mut rows);
            }
            Ok(())
        };
        let (from, to) = (
            day.begins().minus(NEXT_DAY),
            day.begins().plus(NEXT_DAY * 24),
        );
        let days = [UtcDay::of(from), day, UtcDay::of(to)];
        for shard in 0..account.shards.max(1) {
            for of in days {
                let partition = keys::day_partition(&account.id, of, shard);
                self.query(partition).each(&mut take).await?;
            }
            let partition = keys::billed_partition(&account.id, day, shard);
            self.query(partition).each(&mut take).await?;
        }
        for partition in [
            keys::adjusted_partition(&account.id, day),
            keys::refused_partition(&account.id, day),
        ] {
            self.query(partition).each(&mut take).await?;
        }
        for ((key, slot), sums) in &cells {
            let sk = names::sums(&account.id, key).sk;
            let item = rows.sums.entry(sk).or_default();
            for (measure, value) in sums.values() {
                item.insert(names::sum_name(*slot, measure), money(value));
            }
        }
        rows.sums.retain(|_, item| !item.is_empty());
        Ok(rows)
    }

    /// Waits until everything that was written so far is in the sums.
    async fn wait_until_followed(
        &self,
        account: &Account,
        clock: &Clock,
    ) -> Result<(), StoreError> {
        // Records say when they were made to the second.
        let read = clock.now();
        for _ in 0..STEPS {
            self.pulse(clock.now()).await?;
            pause(STEP).await;
            let state = self.summary_state(&account.id).await?;
            if state.as_of.is_some_and(|as_of| as_of > second_of(read)) {
                return Ok(());
            }
        }
        let cause = "nothing follows the table's stream".to_owned();
        Err(StoreError::Unavailable(cause))
    }

    /// Replaces an item, if it is still as it was found.
    async fn replace(
        &self,
        account: &Account,
        day: UtcDay,
        Candidate { sk, found, rows }: Candidate<'_>,
    ) -> Result<bool, StoreError> {
        let kind = match sk.starts_with(names::SUMS) {
            true => "sums",
            false => "callers",
        };
        let changes = changes(found);
        let mut item = rows.unwrap_or_default();
        item.insert(
            keys::PK.to_owned(),
            s(names::sums_partition(&account.id, day)),
        );
        item.insert(keys::SK.to_owned(), s(sk));
        item.insert("type".to_owned(), s(kind));
        item.insert("v".to_owned(), version());
        item.insert("changes".to_owned(), n(changes.unwrap_or(0) + 1));
        let mut transaction = Transaction::new();
        match (found, changes) {
            (Some(found), Some(changes)) => {
                let mut old = found.clone();
                old.retain(|name, _| match kind {
                    "sums" => names::read_sum_name(name).is_some(),
                    _ => names::read_callers_name(name).is_some(),
                });
                transaction
                    .rewrite((), kind, &old, item, "changes = :seen")
                    .value(":seen", n(changes));
            }
            _ => {
                transaction.put((), item, ABSENT);
            }
        }
        Ok(matches!(self.commit(transaction).await?, Committed::Done))
    }
}

/// The second that an instant is in, with all of it.
fn second_of(at: Instant) -> Instant {
    Instant::from_millis(at.seconds().saturating_mul(1_000).saturating_add(999))
}

/// Counts a row in the sums of a day, and its caller among those of the day.
fn count(account: &Account, day: UtcDay, fact: &Fact, cells: &mut Cells, rows: &mut Rows) {
    let mut counted = Cells::new();
    fact.count(&account.zone, &mut counted);
    for ((key, slot), sums) in counted.into_iter().filter(|((key, _), _)| key.day == day) {
        cells.entry((key, slot)).or_default().merge(&sums);
    }
    if let Some(place) = caller_of(&account.id, Some(fact), &account.zone)
        && place.key.day == day
    {
        let slots = rows.callers.entry(place.key).or_default();
        slots.entry(place.slot).or_default().insert(place.hash);
    }
}

/// Each once, in order.
fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> BTreeSet<T> {
    all.collect()
}

/// The sort keys of the items of sums.
fn sums_in(items: &Items) -> impl Iterator<Item = &String> {
    items.keys().filter(|sk| sk.starts_with(names::SUMS))
}

/// The items of callers, by place and part.
fn parts_in(day: UtcDay, items: &Items) -> BTreeMap<SumKey, Vec<(Part, &Item)>> {
    let mut parts: BTreeMap<SumKey, Vec<(Part, &Item)>> = BTreeMap::new();
    for (sk, item) in items {
        if let Some((key, part)) = names::callers_key(day, sk) {
            parts.entry(key).or_default().push((part, item));
        }
    }
    parts
}

/// How often an item was added to.
fn changes(item: Option<&Item>) -> Option<i64> {
    item.and_then(|item| number::<i64>(item, "changes"))
}

/// How often each part of a place was added to.
fn changes_of<'a>(parts: Option<&'a Vec<(Part, &Item)>>) -> BTreeMap<&'a Part, Option<i64>> {
    let parts = parts.into_iter().flatten();
    parts
        .map(|(part, item)| (part, changes(Some(item))))
        .collect()
}

/// The callers of a part.
fn sets_of(item: &Item) -> BTreeMap<Slot, BTreeSet<u64>> {
    let sets = item.iter().filter_map(|(name, set)| {
        let hashes: BTreeSet<u64> = hashes_of(set).into_iter().collect();
        Some((names::read_callers_name(name)?, hashes))
    });
    sets.filter(|(_, hashes)| !hashes.is_empty()).collect()
}

/// The sets of a part as attributes.
fn item_of(sets: BTreeMap<Slot, BTreeSet<u64>>) -> Item {
    let sets = sets.into_iter();
    sets.map(|(slot, set)| (names::callers_name(slot), hashes(set)))
        .collect()
}

/// Whether kept sums are what the rows say. Numbers that are zero count as missing.
fn is_same(kept: Option<&Item>, rows: Option<&Item>) -> bool {
    let held = |item: Option<&Item>| -> BTreeMap<String, String> {
        let attributes = item.into_iter().flatten();
        let sums = attributes.filter(|(name, _)| name.starts_with("h_"));
        sums.filter_map(|(name, value)| {
            let value = decimal(value.as_n().ok()?)?;
            (!value.is_zero()).then(|| (name.clone(), value.normalize().to_string()))
        })
        .collect()
    };
    held(kept) == held(rows)
}
