//! Reads the calls of a range in the order of their start (patterns 8 and 29).
//!
//! A few days and shards are read at a time. Each page becomes rows as soon as it arrives, so memory and
//! time grow with the rows alone.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::clock::Clock;
use crate::ledger::keys;
use crate::ledger::report::filter::{Conditions, matches};
use crate::ledger::report::row::{CallRow, projected};
use crate::ledger::report::shards::{Shard, merged, read_up_to};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::report::{CallFilter, Position};
use crate::model::time::{Instant, Range, UtcDay};

/// The most pages that are read at the same time.
const CONCURRENT_PAGES: usize = 8;

/// About how many rows are in memory, however many shards they come from.
const BUFFERED_ROWS: usize = 8_192;

/// The least number of calls that a page scans where a filter drops some.
const SMALLEST_PAGE: usize = 64;

/// How long one request reads: a function has ten seconds, and the queries that are under way at the end
/// take some of them.
const READ_TIME: Duration = Duration::from_secs(6);

/// A report that is being read.
pub struct CallReport {
    ledger: Ledger,
    account: AccountId,
    shards: u8,
    filter: CallFilter,
    /// Where reading goes on behind `days`; `None` behind the last day.
    next: Option<Position>,
    to: Instant,
    /// The days that are being read, the earliest first.
    days: VecDeque<Vec<Shard>>,
    /// How many days to read at once.
    pace: usize,
    /// How many rows are still wanted, plus one that tells whether any follow.
    wanted: Option<usize>,
    /// How many calls of a shard the next page scans, where a filter drops some.
    page_limit: usize,
    /// Whether the reader of the rows drops some of them.
    sifted: bool,
    /// Whether rows get the latest feedback about the other party.
    with_feedback: bool,
    /// Whether rows get the notes of their bills.
    with_notes: bool,
    /// Whether rows say where their calls are known from.
    with_details: bool,
    scanned: usize,
    limit: Option<ReadLimit>,
}

/// When a report stops reading, whatever is left.
struct ReadLimit {
    calls: usize,
    until: Instant,
    clock: Clock,
}

impl Ledger {
    /// Reports the calls of `range` that match `filter`, from `position` on where there is one.
    ///
    /// `wanted` is the size of a page, where that is known: the report reads little more than fills it, and
    /// one row more, which tells whether any follow.
    #[must_use]
    pub fn call_report(
        &self,
        account: &AccountId,
        shards: u8,
        range: Range,
        filter: CallFilter,
        position: Option<Position>,
        wanted: Option<usize>,
    ) -> CallReport {
        let start = range.from.max(Instant::from_millis(0));
        let position = position.filter(|position| position.moment() >= start);
        let next = position.unwrap_or_else(|| Position::at(start));
        let shards = shards.max(1);
        let own_numbers = filter.own_numbers.as_ref();
        let nothing = next.moment() >= range.to || own_numbers.is_some_and(BTreeSet::is_empty);
        CallReport {
            ledger: self.clone(),
            account: account.clone(),
            shards,
            filter,
            next: (!nothing).then_some(next),
            to: range.to,
            days: VecDeque::new(),
            pace: match wanted {
                Some(_) => 1,
                None => (CONCURRENT_PAGES / usize::from(shards)).max(1),
            },
            wanted: wanted.map(|wanted| wanted.saturating_add(1)),
            page_limit: wanted.map_or(BUFFERED_ROWS, |wanted| {
                wanted.clamp(SMALLEST_PAGE, BUFFERED_ROWS)
            }),
            sifted: false,
            with_feedback: true,
            with_notes: true,
            with_details: false,
            scanned: 0,
            limit: None,
        }
    }
}

impl CallReport {
    /// Expects that the reader drops some of the rows, so that a page takes more of them than it has.
    #[must_use]
    pub fn sifted(mut self) -> Self {
        self.sifted = true;
        self
    }

    /// Leaves out the latest feedback about the other parties, which costs requests.
    #[must_use]
    pub fn without_feedback(mut self) -> Self {
        self.with_feedback = false;
        self
    }

    /// Leaves out the notes of bills, which cost requests.
    #[must_use]
    pub fn without_notes(mut self) -> Self {
        self.with_notes = false;
        self
    }

    /// Adds where each call is known from.
    #[must_use]
    pub fn with_details(mut self) -> Self {
        self.with_details = true;
        self
    }

    /// Limits the report of a request that was received at `since`: once it has scanned `calls` calls, or the
    /// time of the request is up, [`Self::is_exhausted`].
    #[must_use]
    pub fn limited(mut self, calls: usize, since: Instant, clock: &Clock) -> Self {
        self.limit = Some(ReadLimit {
            calls,
            until: since.plus(READ_TIME),
            clock: clock.clone(),
        });
        self
    }

    /// Returns the next rows in order, some thousands at most; `None` behind the last. A batch may be empty,
    /// so that a caller can stop while a filter drops everything.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn next(&mut self) -> Result<Option<Vec<CallRow>>, StoreError> {
        match (self.days.is_empty(), &self.next) {
            (true, None) => return Ok(None),
            (true, Some(_)) => self.read_days().await?,
            (false, _) => self.refill().await?,
        }
        let mut rows = self.take_rows();
        let most = self
            .wanted
            .map_or(usize::MAX, |wanted| wanted.saturating_sub(1));
        let answered = most.min(rows.len());
        let answered = rows.get_mut(..answered).unwrap_or_default();
        let (account, ledger) = (&self.account, &self.ledger);
        if self.with_feedback {
            ledger.add_latest_feedback(account, answered).await?;
        }
        if self.with_notes {
            ledger.add_notes(account, answered).await?;
        }
        if let Some(wanted) = &mut self.wanted
            && !self.sifted
        {
            *wanted = wanted.saturating_sub(rows.len());
        }
        Ok(Some(rows))
    }

    /// Whether the report reached its limit. Another report reads the rest, from [`Self::resume_at`] on.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.limit
            .as_ref()
            .is_some_and(|limit| self.scanned > limit.calls || limit.clock.now() >= limit.until)
    }

    /// Where another report goes on, behind all rows that this one returned; `None` if nothing is left.
    #[must_use]
    pub fn resume_at(&self) -> Option<Position> {
        match self.days.front() {
            Some(day) => read_up_to(day).cloned(),
            None => self.next.clone(),
        }
    }

    /// Takes the next rows, up to where a shard has another page to read, and drops the days that are done.
    fn take_rows(&mut self) -> Vec<CallRow> {
        let mut rows = Vec::new();
        while let Some(day) = self.days.front_mut() {
            rows.append(&mut merged(day));
            if day.iter().any(|shard| shard.rest.is_some()) {
                break;
            }
            self.days.pop_front();
        }
        rows
    }

    /// Reads the first page of every shard of the next days.
    async fn read_days(&mut self) -> Result<(), StoreError> {
        let mut empty = Vec::new();
        for _ in 0..self.pace {
            let Some(position) = self.next.take() else {
                break;
            };
            let day = UtcDay::of(position.moment());
            let end = day
                .next()
                .map_or(self.to, |next| next.begins().min(self.to));
            empty.extend((0..self.shards).map(|shard| Shard {
                partition: keys::day_partition(&self.account, day, shard),
                rows: VecDeque::new(),
                rest: Some(position.clone()),
                end,
            }));
            self.next = (end < self.to).then(|| Position::at(end));
        }
        let most = CONCURRENT_PAGES / usize::from(self.shards);
        let read = self.read(empty).await?;
        self.pace = (self.pace * 2).clamp(1, most.max(1));
        let mut shards = read.into_iter().peekable();
        while shards.peek().is_some() {
            let day = shards.by_ref().take(usize::from(self.shards)).collect();
            self.days.push_back(day);
        }
        Ok(())
    }

    /// Reads the next page of every shard of the current day that has no row left.
    async fn refill(&mut self) -> Result<(), StoreError> {
        let Some(day) = self.days.pop_front() else {
            return Ok(());
        };
        self.days.push_front(Vec::new());
        let day = self.read(day).await?;
        if let Some(place) = self.days.front_mut() {
            *place = day;
        }
        Ok(())
    }

    /// Reads a page of each shard that has no row left, and returns all of them.
    async fn read(&mut self, shards: Vec<Shard>) -> Result<Vec<Shard>, StoreError> {
        let each = self.page_size(shards.len());
        self.page_limit = (self.page_limit * 2).min(BUFFERED_ROWS);
        let this = &*self;
        let read: Vec<(Shard, usize)> = stream::iter(shards)
            .map(|shard| this.page(shard, each))
            .buffered(CONCURRENT_PAGES)
            .try_collect()
            .await?;
        Ok(read
            .into_iter()
            .map(|(shard, scanned)| {
                self.scanned += scanned;
                shard
            })
            .collect())
    }

    /// How many calls a page scans. A filter drops some of them, so pages grow while too few pass.
    fn page_size(&self, shards: usize) -> usize {
        let most = (BUFFERED_ROWS / shards.max(1)).max(SMALLEST_PAGE);
        match self.wanted {
            Some(wanted) if self.filter.is_open() && !self.sifted => wanted.clamp(1, most),
            _ => self.page_limit.min(most),
        }
    }

    /// Reads the next page of a shard that has no row left; also returns how many calls were scanned.
    async fn page(&self, mut shard: Shard, each: usize) -> Result<(Shard, usize), StoreError> {
        if !shard.rows.is_empty() {
            return Ok((shard, 0));
        }
        let Some(position) = shard.rest.take() else {
            return Ok((shard, 0));
        };
        let (from, to) = keys::calls_between(position.as_str(), shard.end);
        let query = self.ledger.query(&shard.partition).between(from, to);
        let query = Conditions::of(&self.filter).apply(query);
        let page = projected(query, self.with_details)
            .limit(each)
            .page()
            .await?;
        if let Some(last) = page.last {
            let last = keys::sid_of(&last).ok_or_else(|| {
                StoreError::Broken("a call's sort key has no call sid".to_owned())
            })?;
            shard.rest = Some(Position::after(&last));
        }
        let rows = page.items.into_iter().filter_map(CallRow::of);
        shard.rows = rows.filter(|row| matches(&self.filter, row)).collect();
        Ok((shard, page.scanned))
    }
}
