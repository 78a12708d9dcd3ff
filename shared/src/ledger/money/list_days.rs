//! The days of a list of costs by billing (pattern 34): shards that are read a page at a time, and merged.

use std::collections::VecDeque;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ledger::keys;
use crate::ledger::money::cost::CostRow;
use crate::ledger::money::filter::narrowed;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::read;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::call::CostId;
use crate::model::cost_filter::CostFilter;
use crate::model::time::{Instant, Range, UtcDay};

/// The most pages that are read at the same time.
const CONCURRENT_PAGES: usize = 8;

/// How many entries a page of a shard has, and of how many calls the entries are read at once, so that they
/// fit a small function.
pub(super) const PAGE: usize = 512;

/// How many listed entries are few, so that more days are read at once.
const FEW: usize = 16;

/// The days of pattern 34 that are left to read.
pub(super) struct Days {
    shards: u8,
    next: Option<Instant>,
    from: Instant,
    to: Instant,
    /// The days that are being read, the earliest first.
    days: VecDeque<Vec<Shard>>,
    /// How many days to read at once.
    pace: usize,
    /// Which entries are left out where they are stored.
    pub(super) filter: CostFilter,
}

/// One shard of one day.
struct Shard {
    partition: String,
    rows: VecDeque<CostRow>,
    /// The sort keys of what is left, both inclusive.
    rest: Option<(String, String)>,
    /// How many entries its last page read, with those that were left out.
    scanned: usize,
}

impl Days {
    /// The days of `range` from `start` on.
    pub(super) fn new(account: &Account, start: Instant, range: Range) -> Self {
        Self {
            shards: account.shards.max(1),
            next: (start < range.to).then_some(start),
            from: range.from,
            to: range.to,
            days: VecDeque::new(),
            pace: 1,
            filter: CostFilter::default(),
        }
    }

    /// The first entry that is left, or one before it; `None` behind the last.
    pub(super) fn first(&self) -> Option<CostId> {
        let rest = self.days.iter().flatten().filter_map(|shard| {
            let row = shard.rows.front().map(|row| row.entry.cost_id.clone());
            let rest = shard.rest.as_ref();
            row.or_else(|| keys::cost_of(&rest?.0))
        });
        let next = self.next.map(|next| CostId::new(next, 0, 0));
        rest.chain(next).min_by_key(keys::cost_key)
    }

    /// The next entries, and how many were read for them.
    pub(super) async fn next(
        &mut self,
        ledger: &Ledger,
        account: &AccountId,
    ) -> Result<Option<(Vec<CostRow>, usize)>, StoreError> {
        let done = |shard: &Shard| shard.rows.is_empty() && shard.rest.is_none();
        while self.days.front().is_some_and(|day| day.iter().all(done)) {
            self.days.pop_front();
        }
        let mut scanned = 0;
        if self.days.is_empty() {
            let Some(shards) = self.begin(account) else {
                return Ok(None);
            };
            let shards = fill(ledger, &self.filter, shards).await?;
            scanned = shards.iter().map(|shard| shard.scanned).sum();
            let mut shards = shards.into_iter().peekable();
            while shards.peek().is_some() {
                let day: Vec<Shard> = shards.by_ref().take(usize::from(self.shards)).collect();
                self.days.push_back(day);
            }
            // Days with few entries that are listed take little memory, and a busy day needs no other one at once.
            let kept: usize = self
                .days
                .iter()
                .flatten()
                .map(|shard| shard.rows.len())
                .sum();
            let most = (CONCURRENT_PAGES / usize::from(self.shards)).max(1);
            self.pace = match kept {
                0..=FEW => (self.pace * 2).min(most),
                _ => 1,
            };
        } else if let Some(day) = self.days.pop_front() {
            let day = fill(ledger, &self.filter, day).await?;
            scanned = day.iter().map(|shard| shard.scanned).sum();
            self.days.push_front(day);
        }
        let rows = self.days.front_mut().map(|day| merged(day));
        let mut rows = rows.unwrap_or_default();
        // The keys tell seconds.
        rows.retain(|row| self.from <= row.entry.date_billed && row.entry.date_billed < self.to);
        Ok(Some((rows, scanned)))
    }

    /// The shards of the next days, unread; `None` behind the last.
    fn begin(&mut self, account: &AccountId) -> Option<Vec<Shard>> {
        let mut shards = Vec::new();
        for _ in 0..self.pace {
            let Some(from) = self.next.take() else {
                break;
            };
            let day = UtcDay::of(from);
            let end = day
                .next()
                .map_or(self.to, |next| next.begins().min(self.to));
            self.next = (end < self.to).then_some(end);
            shards.extend((0..self.shards).map(|shard| Shard {
                partition: keys::billed_partition(account, day, shard),
                rows: VecDeque::new(),
                rest: Some(keys::costs_between(from, end)),
                scanned: 0,
            }));
        }
        (!shards.is_empty()).then_some(shards)
    }
}

/// Reads a page of each shard that has no row left.
async fn fill(
    ledger: &Ledger,
    filter: &CostFilter,
    shards: Vec<Shard>,
) -> Result<Vec<Shard>, StoreError> {
    stream::iter(shards)
        .map(|mut shard| async move {
            shard.scanned = 0;
            if !shard.rows.is_empty() {
                return Ok(shard);
            }
            let Some((from, to)) = shard.rest.take() else {
                return Ok(shard);
            };
            let query = ledger.query(&shard.partition).between(from, &to);
            let page = narrowed(query, filter).limit(PAGE).page().await?;
            shard.scanned = page.scanned;
            // The next page begins behind the last key: `!` sorts before every character of a key.
            shard.rest = page.last.map(|last| (format!("{last}!"), to));
            shard.rows = page.items.into_iter().map(read).collect::<Result<_, _>>()?;
            Ok(shard)
        })
        .buffered(CONCURRENT_PAGES)
        .try_collect()
        .await
}

/// Takes the rows up to where all shards of a day are read, in order.
fn merged(day: &mut [Shard]) -> Vec<CostRow> {
    let mut rows = Vec::new();
    loop {
        let waits = |shard: &Shard| shard.rows.is_empty() && shard.rest.is_some();
        if day.iter().any(waits) {
            return rows;
        }
        let heads = day.iter().enumerate();
        let first = heads
            .filter_map(|(index, shard)| {
                Some((keys::cost_key(&shard.rows.front()?.entry.cost_id), index))
            })
            .min();
        match first.and_then(|(_, index)| day.get_mut(index)?.rows.pop_front()) {
            Some(row) => rows.push(row),
            None => return rows,
        }
    }
}
