//! Lists of cost entries: by the day of billing (pattern 34), or by the call that they are matched to.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::clock::Clock;
use crate::ledger::calls::pair::PairCallItem;
use crate::ledger::calls::switch::pair_of;
use crate::ledger::keys;
use crate::ledger::money::cost::CostRow;
use crate::ledger::money::filter::narrowed;
use crate::ledger::report::read::CallReport;
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{read, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CostId};
use crate::model::cost_filter::{CostFilter, CostOrder};
use crate::model::pair::call::PairCall;
use crate::model::report::{CallFilter, Position};
use crate::model::time::{Instant, Range, UtcDay};

/// The most pages that are read at the same time.
const CONCURRENT_PAGES: usize = 8;

/// How many entries a page of a shard has, and of how many calls the entries are read at once, so that they
/// fit a small function.
const PAGE: usize = 512;

/// How many listed entries are few, so that more days are read at once.
const FEW: usize = 16;

/// How long one request reads: a function has ten seconds, and what is under way at the end takes some.
const READ_TIME: Duration = Duration::from_secs(6);

/// Where a list of cost entries goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostPlace {
    /// The call whose entries were read, where the list goes by calls.
    call: Option<CallSid>,
    /// The entry that was read last.
    cost: CostId,
}

impl CostPlace {
    /// Reads what [`Self::to_text`] returned.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (call, cost) = match text.split_once(':') {
            Some((call, cost)) => (Some(CallSid::parse(call).ok()?), cost),
            None => (None, text),
        };
        let cost = CostId::parse(cost).ok()?;
        Some(Self { call, cost })
    }

    /// Returns the place as page tokens spell it.
    #[must_use]
    pub fn to_text(&self) -> String {
        match &self.call {
            Some(call) => format!("{}:{}", call.as_str(), self.cost.as_str()),
            None => self.cost.as_str().to_owned(),
        }
    }
}

/// A list of cost entries that is being read.
pub struct CostReport {
    ledger: Ledger,
    account: AccountId,
    after: Option<CostPlace>,
    source: Source,
    /// How many entries or calls were read, and how many may be.
    scanned: usize,
    limit: Option<(usize, Instant, Clock)>,
    /// Whether entries are told of another vendor's on their call.
    two_vendors: bool,
    /// The account, if entries are told what the terms of their vendors make of them.
    expect: Option<Account>,
}

enum Source {
    Billed(Box<Days>),
    Call(Box<Calls>),
}

/// The calls whose entries are left to read.
struct Calls {
    report: CallReport,
    /// Calls that were read, but not yet their entries.
    pending: VecDeque<CallRow>,
    /// The last call whose entries were read.
    last: Option<CallSid>,
}

/// The days of pattern 34 that are left to read.
struct Days {
    shards: u8,
    next: Option<Instant>,
    from: Instant,
    to: Instant,
    /// The days that are being read, the earliest first.
    days: VecDeque<Vec<Shard>>,
    /// How many days to read at once.
    pace: usize,
    /// Which entries are left out where they are stored.
    filter: CostFilter,
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

impl Ledger {
    /// The cost entries of `range`, behind `after` where there is one, in the order of billing or of calls.
    /// A list by calls has no entries without a call.
    #[must_use]
    pub fn cost_report(
        &self,
        account: &Account,
        range: Range,
        order: CostOrder,
        after: Option<CostPlace>,
    ) -> CostReport {
        let start = range.from.max(Instant::from_millis(0));
        let source = match order {
            CostOrder::Billed => {
                let start = after
                    .as_ref()
                    .map_or(start, |place| place.cost.billed().max(start));
                Source::Billed(Box::new(Days {
                    shards: account.shards.max(1),
                    next: (start < range.to).then_some(start),
                    from: range.from,
                    to: range.to,
                    days: VecDeque::new(),
                    pace: 1,
                    filter: CostFilter::default(),
                }))
            }
            CostOrder::Call => {
                let call = after.as_ref().and_then(|place| place.call.as_ref());
                let position = call.map(|call| Position::at(call.started()));
                let filter = CallFilter::default();
                let report =
                    self.call_report(&account.id, account.shards, range, filter, position, None);
                Source::Call(Box::new(Calls {
                    report: report.without_feedback().without_notes(),
                    pending: VecDeque::new(),
                    last: None,
                }))
            }
        };
        CostReport {
            ledger: self.clone(),
            account: account.id.clone(),
            after,
            source,
            scanned: 0,
            limit: None,
            two_vendors: false,
            expect: None,
        }
    }
}

impl CostReport {
    /// Leaves out entries that a filter refuses, as far as the store can tell. The others have to be filtered still.
    #[must_use]
    pub fn narrowed(mut self, filter: &CostFilter) -> Self {
        if let Source::Billed(days) = &mut self.source {
            days.filter = filter.clone();
        }
        self
    }

    /// Limits the list of a request that was received at `since`: once it has read `most` entries or calls,
    /// or the time of the request is up, [`Self::is_exhausted`].
    #[must_use]
    pub fn limited(mut self, most: usize, since: Instant, clock: &Clock) -> Self {
        self.limit = Some((most, since.plus(READ_TIME), clock.clone()));
        self
    }

    /// Tells each entry whether another vendor bills its call as well, which costs requests.
    #[must_use]
    pub fn with_two_vendors(mut self) -> Self {
        self.two_vendors = true;
        self
    }

    /// Tells each entry what the terms of its vendor make of it, which costs requests.
    #[must_use]
    pub fn with_expectations(mut self, account: &Account) -> Self {
        self.expect = Some(account.clone());
        self
    }

    /// Whether the limit is reached.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        let limit = self.limit.as_ref();
        limit.is_some_and(|(most, until, clock)| self.scanned >= *most || clock.now() >= *until)
    }

    /// The place of an entry in the list.
    #[must_use]
    pub fn place(&self, row: &CostRow) -> CostPlace {
        let by_call = matches!(self.source, Source::Call(_));
        CostPlace {
            call: row.call_sid.clone().filter(|_| by_call),
            cost: row.entry.cost_id.clone(),
        }
    }

    /// Where the list goes on if it stops now, behind every entry that was returned; `None` behind the last.
    #[must_use]
    pub fn resume_at(&self) -> Option<CostPlace> {
        match &self.source {
            Source::Billed(days) => {
                let days_read = days.days.iter().flatten();
                let rest = days_read.clone().filter_map(|shard| {
                    let row = shard.rows.front().map(|row| row.entry.cost_id.clone());
                    let rest = shard.rest.as_ref();
                    row.or_else(|| keys::cost_of(&rest?.0))
                });
                let next = days.next.map(|next| CostId::new(next, 0, 0));
                let first = rest.chain(next).min_by_key(keys::cost_key)?;
                Some(CostPlace {
                    call: None,
                    cost: first.before(),
                })
            }
            Source::Call(calls) => {
                // Behind every entry of the call that was read last.
                let call = match calls.last.clone().filter(|_| !calls.pending.is_empty()) {
                    Some(last) => last,
                    None => {
                        let position = calls.report.resume_at()?;
                        let last = position.last();
                        last.unwrap_or_else(|| CallSid::before(position.moment()))
                    }
                };
                Some(CostPlace {
                    call: Some(call),
                    cost: CostId::new(Instant::from_millis(i64::MAX), u8::MAX, u32::MAX),
                })
            }
        }
    }

    /// The next entries in order; `None` behind the last. A batch may be empty, so that a caller can stop
    /// where there are none.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn next(&mut self) -> Result<Option<Vec<CostRow>>, StoreError> {
        let mut rows = match &mut self.source {
            Source::Billed(days) => {
                let Some((rows, scanned)) = days.next(&self.ledger, &self.account).await? else {
                    return Ok(None);
                };
                self.scanned += scanned;
                let mut rows = rows;
                if self.two_vendors {
                    self.ledger
                        .mark_two_vendors(&self.account, &mut rows)
                        .await?;
                }
                rows
            }
            Source::Call(calls) => {
                if calls.pending.is_empty() {
                    let Some(read) = calls.report.next().await? else {
                        return Ok(None);
                    };
                    calls.pending.extend(read);
                }
                let most = calls.pending.len().min(PAGE);
                let batch: Vec<CallRow> = calls.pending.drain(..most).collect();
                calls.last = batch
                    .last()
                    .map(|call| call.sid.clone())
                    .or(calls.last.take());
                self.scanned += batch.len();
                self.ledger.costs_of_calls(&self.account, &batch).await?
            }
        };
        let after = self.after.as_ref();
        let behind = |row: &CostRow| {
            after.is_none_or(|after| {
                let by_call = after.call.as_ref();
                let call = by_call.and(row.call_sid.as_ref());
                let place = (call, keys::cost_key(&row.entry.cost_id));
                place > (by_call, keys::cost_key(&after.cost))
            })
        };
        rows.retain(behind);
        if let Some(account) = &self.expect {
            self.ledger.expect(account, &mut rows).await?;
        }
        Ok(Some(rows))
    }
}

impl Days {
    /// The next entries, and how many were read for them.
    async fn next(
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

impl Ledger {
    /// Tells each entry whether another vendor bills its call as well.
    async fn mark_two_vendors(
        &self,
        account: &AccountId,
        rows: &mut [CostRow],
    ) -> Result<(), StoreError> {
        let mut sids: Vec<&CallSid> = rows
            .iter()
            .filter_map(|row| row.call_sid.as_ref())
            .collect();
        sids.sort_unstable();
        sids.dedup();
        let wanted: Vec<_> = sids
            .into_iter()
            .map(|sid| keys::call(account, sid))
            .collect();
        let items = self.items_with(wanted, "sk, two_vendors").await?;
        let twice: HashSet<CallSid> = items
            .iter()
            .filter(|item| item.contains_key("two_vendors"))
            .filter_map(|item| keys::sid_of(text(item, keys::SK)?))
            .collect();
        for row in rows {
            row.two_vendors = row.call_sid.as_ref().is_some_and(|sid| twice.contains(sid));
        }
        Ok(())
    }

    /// The entries of calls, in the order of the calls and, on one call, of their ids.
    async fn costs_of_calls(
        &self,
        account: &AccountId,
        calls: &[CallRow],
    ) -> Result<Vec<CostRow>, StoreError> {
        let keyed = calls.iter().filter_map(|call| {
            let pair = pair_of(call)?;
            Some(keys::pair_call(account, &pair, &call.sid))
        });
        let items = self.items(keyed.collect()).await?;
        let mut twice = Vec::new();
        let mut wanted = Vec::new();
        for item in items {
            let call = PairCall::from(read::<PairCallItem>(item)?);
            let entries = call.entries.iter();
            wanted.extend(entries.map(|entry| keys::cost(account, &entry.cost_id)));
            if call.shown().two_vendors {
                twice.push(call.sid);
            }
        }
        let items = self.items(wanted).await?;
        let mut rows = items
            .into_iter()
            .map(read)
            .collect::<Result<Vec<CostRow>, _>>()?;
        // An entry may have moved between the two reads.
        rows.retain(|row| row.call_sid.is_some());
        rows.sort_by_key(|row| (row.call_sid.clone(), keys::cost_key(&row.entry.cost_id)));
        for row in &mut rows {
            row.two_vendors = row.call_sid.as_ref().is_some_and(|sid| twice.contains(sid));
        }
        Ok(rows)
    }
}
