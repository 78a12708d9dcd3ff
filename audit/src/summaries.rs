//! Whether the sums that summaries read are what the rows say, on a ledger that is being written to.
//!
//! Sums lag behind rows. A difference counts only if nothing was added to the item of sums from before the rows
//! were read until everything written before then was summed up (as in D-366).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use callbook::clock::Clock;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ended::Retained;
use super::finding::{Finding, masked};
use super::source::{ReadError, WireTable};
use super::sums::{RowSums, Sums, kept, place_of};
use super::table::{Entry, Item, Table, number, text};

/// How often days whose sums keep changing are compared.
const ATTEMPTS: usize = 4;

/// How long the stream is waited for, in steps of [`STEP`]: a pulse a minute tells how far it was followed.
const STEPS: usize = 360;

/// See [`STEPS`].
const STEP: Duration = Duration::from_millis(500);

/// How much older than the newest a checkpoint may be and still be of a shard that is open, in milliseconds.
const OPEN: i64 = 600_000;

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summaries {
    /// How many UTC days have sums and rows that may have ended since, so that they cannot be compared.
    pub ended: usize,
    /// How many UTC days were compared. None are if nothing ever followed the table's stream.
    pub days: usize,
    /// Until when everything is in the sums, in milliseconds since 1970.
    pub as_of: Option<i64>,
    /// How many items of sums changed in every attempt and were not compared.
    pub changing: usize,
}

/// The kept sums of some days.
#[derive(Default)]
struct Kept {
    sums: BTreeMap<String, Sums>,
    /// How often each item was added to, by its key; callers by that of their first part.
    changes: BTreeMap<(String, String), i64>,
}

pub(crate) struct Comparison<'a> {
    pub(crate) source: &'a WireTable,
    pub(crate) clock: &'a Clock,
    pub(crate) account: &'a str,
    pub(crate) settings: &'a Table<'a>,
}

impl Comparison<'_> {
    /// Compares the sums of these UTC days. `done` is told after each, and with `None` while it waits.
    ///
    /// # Errors
    /// Returns `ReadError` if DynamoDB does not answer in time or refuses.
    pub(crate) async fn compare(
        &self,
        days: &BTreeSet<String>,
        done: &(dyn Fn(Option<usize>) + Sync),
    ) -> Result<(Summaries, Vec<Finding>), ReadError> {
        let mut summaries = Summaries {
            as_of: self.followed().await?,
            ..Summaries::default()
        };
        if summaries.as_of.is_none() {
            return Ok((summaries, Vec::new()));
        }
        let days: BTreeSet<Date> = days.iter().filter_map(|day| day.parse().ok()).collect();
        let found = days.len();
        let days: BTreeSet<Date> = days.into_iter().filter(|day| self.is_whole(*day)).collect();
        summaries.days = days.len();
        summaries.ended = found - days.len();
        let mut suspects = self.suspects(&days, done).await?;
        let mut findings = Vec::new();
        for _ in 0..ATTEMPTS {
            if suspects.is_empty() {
                break;
            }
            done(None);
            let Some(again) = self.confirm(&suspects, &mut findings).await? else {
                findings.push(self.behind(summaries.as_of));
                return Ok((summaries, findings));
            };
            summaries.changing = again.len();
            suspects = again
                .into_iter()
                .filter_map(|(pk, _)| day_of(&pk))
                .collect();
        }
        Ok((summaries, findings))
    }

    /// The days whose sums differ at first sight. Memory holds the sums of three days.
    async fn suspects(
        &self,
        days: &BTreeSet<Date>,
        done: &(dyn Fn(Option<usize>) + Sync),
    ) -> Result<BTreeSet<Date>, ReadError> {
        let (mut rows, mut open) = (RowSums::default(), BTreeSet::new());
        let mut suspects = BTreeSet::new();
        for (number, day) in days.iter().enumerate() {
            // A call is counted on the day of its start, which may be next to the day of its row.
            let before = day.yesterday().unwrap_or(*day);
            let closed: Vec<Date> = open.range(..before).copied().collect();
            for day in closed {
                open.remove(&day);
                self.first_sight(day, &mut rows, &mut suspects).await?;
            }
            self.rows_of(*day, &mut rows).await?;
            let after = day.tomorrow().unwrap_or(*day);
            open.extend([before, *day, after]);
            done(Some(number + 1));
        }
        for day in open {
            self.first_sight(day, &mut rows, &mut suspects).await?;
        }
        Ok(suspects)
    }

    async fn first_sight(
        &self,
        day: Date,
        rows: &mut RowSums,
        suspects: &mut BTreeSet<Date>,
    ) -> Result<(), ReadError> {
        let pk = self.sums_of(day);
        let mut kept = Kept::default();
        self.read_kept(&pk, &mut kept).await?;
        let rows = rows.take(&pk);
        let kept = kept.sums.remove(&pk).unwrap_or_default();
        if !rows.differences(&kept).is_empty() {
            suspects.insert(day);
        }
        Ok(())
    }

    /// Adds the differences that stand to `findings`, and returns the items that changed meanwhile. `None` if
    /// nothing followed the stream in time.
    async fn confirm(
        &self,
        days: &BTreeSet<Date>,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<BTreeSet<(String, String)>>, ReadError> {
        let (mut before, mut now) = (Kept::default(), Kept::default());
        let mut rows = RowSums::default();
        for day in days {
            self.read_kept(&self.sums_of(*day), &mut before).await?;
        }
        let around = days.iter().flat_map(|day| {
            let around = [day.yesterday().ok(), Some(*day), day.tomorrow().ok()];
            around.into_iter().flatten()
        });
        for day in around.collect::<BTreeSet<_>>() {
            self.rows_of(day, &mut rows).await?;
        }
        if !self.wait().await? {
            return Ok(None);
        }
        let mut changing = BTreeSet::new();
        for day in days {
            let pk = self.sums_of(*day);
            self.read_kept(&pk, &mut now).await?;
            let kept = now.sums.remove(&pk).unwrap_or_default();
            let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for ((_, sk, _), what) in rows.take(&pk).differences(&kept) {
                wrong.entry(sk).or_default().push(what);
            }
            for (sk, what) in wrong {
                let key = (pk.clone(), sk);
                if before.changes.get(&key) == now.changes.get(&key) {
                    findings.push(self.finding(&key, &what));
                } else {
                    changing.insert(key);
                }
            }
        }
        Ok(Some(changing))
    }

    fn finding(&self, (pk, sk): &(String, String), what: &[String]) -> Finding {
        let first = what.first().cloned().unwrap_or_default();
        let others = match what.len() {
            0 | 1 => String::new(),
            many => format!(", and {} more", many - 1),
        };
        Finding {
            rule: "summary",
            key: masked(pk, sk),
            what: format!("{first}{others}"),
            cost_id: None,
            call_sid: None,
        }
    }

    fn behind(&self, as_of: Option<i64>) -> Finding {
        let as_of = as_of.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        let as_of = as_of.map(|at| at.to_string()).unwrap_or_default();
        Finding {
            rule: "summary-behind",
            key: masked("ROLLUP", ""),
            what: format!("sums differ, and nothing has followed the table's stream since {as_of}"),
            cost_id: None,
            call_sid: None,
        }
    }

    /// Whether all rows of a day, and of the one before it, are still kept.
    fn is_whole(&self, day: Date) -> bool {
        let since = Retained::of(self.settings, self.account).whole_since();
        let before = day.yesterday().unwrap_or(day);
        let begins = before.to_zoned(TimeZone::UTC).map(|at| at.timestamp());
        since.is_none_or(|since| begins.is_ok_and(|at| at.as_millisecond() >= since))
    }

    fn sums_of(&self, day: Date) -> String {
        format!("A#{}#SUM#{day}", self.account)
    }

    async fn read_kept(&self, pk: &str, kept_sums: &mut Kept) -> Result<(), ReadError> {
        let mut items: Vec<Item> = Vec::new();
        let read = self.source.partition(pk, "", |page| items.extend(page));
        read.await?;
        let table = Table::beside(&items, self.settings);
        kept_sums.sums.insert(pk.to_owned(), kept(&table));
        for entry in items.iter().map(Entry::of) {
            let key = (entry.pk.to_owned(), place_of(entry.sk).to_owned());
            // Of callers, the changes of all parts: each only grows.
            let changes = kept_sums.changes.entry(key).or_default();
            *changes += entry.number("changes").unwrap_or_default();
        }
        Ok(())
    }

    async fn rows_of(&self, day: Date, rows: &mut RowSums) -> Result<(), ReadError> {
        let account = self.settings.own(self.account, "ACCOUNT");
        let shards = account.and_then(|account| account.number("shards"));
        let mut partitions = vec![format!("ADJUSTED#{day}"), format!("REFUSED#{day}")];
        for shard in 0..shards.unwrap_or(1).max(1) {
            partitions.extend(["DAY", "BILLED"].map(|kind| format!("{kind}#{day}#{shard}")));
        }
        for partition in partitions {
            let pk = format!("A#{}#{partition}", self.account);
            let each = |page: Vec<Item>| rows.count(&Table::beside(&page, self.settings));
            self.source.partition(&pk, "", each).await?;
        }
        Ok(())
    }

    /// Waits until everything that was written so far is in the sums, and returns whether it is.
    async fn wait(&self) -> Result<bool, ReadError> {
        // Records say when they were made to the second.
        let read = self.clock.now().millis().div_euclid(1_000) * 1_000 + 999;
        for _ in 0..STEPS {
            if self.followed().await?.is_some_and(|as_of| as_of > read) {
                return Ok(true);
            }
            tokio::time::sleep(STEP).await;
        }
        Ok(false)
    }

    /// Until when the stream was followed, in milliseconds: the oldest checkpoint of an open shard.
    async fn followed(&self) -> Result<Option<i64>, ReadError> {
        let mut times = Vec::new();
        let each = |page: Vec<Item>| {
            let shards = page
                .iter()
                .filter(|item| text(item, "type") == Some("rollup_shard"));
            times.extend(shards.filter_map(|item| number(item, "applied_at")));
        };
        self.source.partition("ROLLUP", "", each).await?;
        let newest = times.iter().max().copied();
        let open = times
            .iter()
            .filter(|at| newest.is_some_and(|newest| **at >= newest - OPEN));
        Ok(open.min().copied())
    }
}

/// The day of a partition of sums.
fn day_of(pk: &str) -> Option<Date> {
    pk.rsplit('#').next()?.parse().ok()
}
