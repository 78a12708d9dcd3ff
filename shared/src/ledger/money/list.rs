//! Lists of cost entries: by the day of billing (pattern 34), or by the call that they are matched to.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use crate::clock::Clock;
use crate::ledger::calls::pair::PairCallItem;
use crate::ledger::calls::switch::pair_of;
use crate::ledger::keys;
use crate::ledger::money::cost::CostRow;
use crate::ledger::money::list_days::{Days, PAGE};
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
use crate::model::time::{Instant, Range};

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
                Source::Billed(Box::new(Days::new(account, start, range)))
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
                let cost = days.first()?.before();
                Some(CostPlace { call: None, cost })
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
