//! Making the sums of a day again from its rows.
//!
//! Sums change while rows are read, so an item is replaced only if nothing was added to it from before the
//! rows were read until the stream was followed to a moment after that: what it holds then should be what
//! those rows say. `changes` counts what was added. Items that changed are left to another attempt.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Clock;
use crate::ledger::keys;
use crate::ledger::summary::callers::{caller_of, hashes};
use crate::ledger::summary::facts::fact_of;
use crate::ledger::summary::names;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, money, n, number, s, text, version};
use crate::ledger::table::retry::pause;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::Account;
use crate::model::summary::delta::{Cells, Fact};
use crate::model::time::{Instant, UtcDay};

/// How often the sums that changed meanwhile are tried again.
const ATTEMPTS: usize = 5;

/// How long the stream is waited for, in steps of [`STEP`].
const STEPS: usize = 480;

/// See [`STEPS`].
const STEP: Duration = Duration::from_millis(250);

/// Outcome of making the sums of a day again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many items of sums and callers are right.
    pub items: usize,
    /// How many of them were wrong before.
    pub corrected: usize,
    /// How many changed in every attempt and were left as they are.
    pub left: usize,
}

/// The items of a day by their sort keys.
type Items = BTreeMap<String, Item>;

impl Ledger {
    /// Makes the sums of a UTC day again from its calls and costs.
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
        for _ in 0..ATTEMPTS {
            let kept = self.sums_of(account, day).await?;
            let rows = self.rows_of(account, day).await?;
            self.wait_until_followed(account, clock).await?;
            let now = self.sums_of(account, day).await?;
            rebuilt.left = 0;
            rebuilt.items = 0;
            let mut names: Vec<&String> = kept.keys().chain(rows.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for sk in names {
                let changes =
                    |items: &Items| items.get(sk).map(|item| number::<i64>(item, "changes"));
                let (before, after) = (changes(&kept), changes(&now));
                if before != after {
                    rebuilt.left += 1;
                } else if is_same(now.get(sk), rows.get(sk)) {
                    rebuilt.items += 1;
                } else if self
                    .replace(account, day, sk, now.get(sk), rows.get(sk))
                    .await?
                {
                    rebuilt.items += 1;
                    rebuilt.corrected += 1;
                } else {
                    rebuilt.left += 1;
                }
            }
            if rebuilt.left == 0 {
                break;
            }
        }
        Ok(rebuilt)
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
    async fn rows_of(&self, account: &Account, day: UtcDay) -> Result<Items, StoreError> {
        let (mut cells, mut items) = (Cells::new(), Items::new());
        let mut take = |item: Item| {
            if let Some(fact) = fact_of(&item) {
                count(account, day, &fact, &mut cells, &mut items);
            }
            Ok(())
        };
        let hour = Duration::from_secs(3_600);
        let (from, to) = (day.begins().minus(hour), day.begins().plus(hour * 24));
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
            let item = items.entry(sk).or_default();
            for (measure, value) in sums.values() {
                item.insert(names::sum_name(*slot, measure), money(value));
            }
        }
        items.retain(|_, item| !item.is_empty());
        Ok(items)
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
        sk: &str,
        found: Option<&Item>,
        rows: Option<&Item>,
    ) -> Result<bool, StoreError> {
        let kind = match sk.starts_with(names::SUMS) {
            true => "sums",
            false => "callers",
        };
        let changes = found.and_then(|item| number::<i64>(item, "changes"));
        let mut item = rows.cloned().unwrap_or_default();
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
fn count(account: &Account, day: UtcDay, fact: &Fact, cells: &mut Cells, items: &mut Items) {
    let mut counted = Cells::new();
    fact.count(&account.zone, &mut counted);
    for ((key, slot), sums) in counted.into_iter().filter(|((key, _), _)| key.day == day) {
        cells.entry((key, slot)).or_default().merge(&sums);
    }
    if let Some(place) = caller_of(&account.id, Some(fact), &account.zone)
        && place.key.day == day
    {
        let sk = names::callers(&account.id, &place.key).sk;
        let item = items.entry(sk).or_default();
        let name = names::callers_name(place.slot);
        let known = item.get(&name).map(super::callers::hashes_of);
        let mut known = known.unwrap_or_default();
        if !known.contains(&place.hash) {
            known.push(place.hash);
        }
        item.insert(name, hashes(known));
    }
}

/// Whether a kept item holds what the rows say. Numbers that are zero and sets that are empty count as
/// missing.
fn is_same(kept: Option<&Item>, rows: Option<&Item>) -> bool {
    let held = |item: Option<&Item>| -> BTreeMap<String, String> {
        let attributes = item.into_iter().flatten();
        attributes
            .filter(|(name, _)| name.starts_with("h_"))
            .filter_map(|(name, value)| {
                let held = match value.as_n() {
                    Ok(digits) => {
                        let value = super::facts::decimal(digits)?;
                        (!value.is_zero()).then(|| value.normalize().to_string())
                    }
                    Err(_) => {
                        let mut hashes = super::callers::hashes_of(value);
                        hashes.sort_unstable();
                        Some(format!("{hashes:?}"))
                    }
                };
                Some((name.clone(), held?))
            })
            .collect()
    };
    held(kept) == held(rows)
}
