//! What the terms of vendors make of cost entries, worked out whenever entries are read.
//!
//! An expectation depends on facts that come after the bill: the end of its call, a void of an earlier bill,
//! terms that are agreed later. Nothing of it is stored but where the bills of a caller are (pattern 36).

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::ledger::calls::tag::Tag;
use crate::ledger::keys;
use crate::ledger::money::cost::CostRow;
use crate::ledger::report::row::CallRow;
use crate::ledger::table::end::ending;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{read, stored};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ALWAYS, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CostId, Direction};
use crate::model::expectation::{KnownCall, answered_seconds};
use crate::model::pair::entry::State;
use crate::model::time::{CivilDay, Instant};
use crate::model::vendor::{Terms, Vendor, VendorId};
use crate::model::withheld::WITHHELD;

/// The most queries that look for earlier bills at the same time.
const CONCURRENT_QUERIES: usize = 8;

/// How many bills of one vendor for one caller are looked at. If there are more, a caller without an earlier
/// one among them is not known to have none.
const MOST_BILLS: usize = 256;

/// How much earlier than its call a bill may be dated.
const EARLY: Duration = Duration::from_secs(3_600);

/// A day of [`Terms::duplicate_days`] and of a billing window.
const DAY: Duration = Duration::from_secs(86_400);

/// Where a bill for a caller is. It is written with the entry and never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct BilledCaller {
    cost_id: CostId,
    moment: Instant,
}

/// A vendor and a caller.
type Asked = (VendorId, String);

/// What is known of a call.
#[derive(Clone, Copy, Debug)]
struct Call {
    started: Instant,
    answered: Option<u64>,
}

/// The bills of a vendor for a caller that count and charge something.
#[derive(Debug, Default)]
struct Bills {
    charged: Vec<Charged>,
    /// Whether these are all of the time that was asked for.
    complete: bool,
}

/// A bill that counts.
#[derive(Clone, Debug)]
struct Charged {
    cost_id: CostId,
    call: Option<CallSid>,
    at: Instant,
    received: Instant,
}

/// Notes where the bill for a caller is. A caller who withholds the number is nobody in particular, and
/// nobody buys outbound calls.
pub(in crate::ledger) fn write_billed_caller(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    row: &CostRow,
    end: Option<i64>,
) -> Result<(), StoreError> {
    let Some((vendor, caller)) = buyer(row) else {
        return Ok(());
    };
    let key = keys::billed_caller(account, vendor, caller, &row.entry);
    let billed = BilledCaller {
        cost_id: row.entry.cost_id.clone(),
        moment: row.entry.moment,
    };
    let item = ending(stored(key, "billed_caller", &billed)?, end);
    transaction.put(Tag::Pair, item, ALWAYS);
    Ok(())
}

/// The vendor that billed an entry, and the caller whose earlier bills it is compared with.
fn buyer(row: &CostRow) -> Option<(&VendorId, &str)> {
    let known = row.direction == Direction::Inbound && row.call_from != WITHHELD;
    let vendor = row.vendor_id.as_ref().filter(|_| known)?;
    Some((vendor, row.call_from.as_str()))
}

impl Ledger {
    /// Tells each entry what the terms of its vendor make of it. The terms are those of the day of its call,
    /// or of the date that its bill says where it has no call.
    ///
    /// It takes a batch for the vendors and one for the calls. Where terms have a window for duplicates, it
    /// takes a query for each vendor and caller, and a batch or two for what these find.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn expect(&self, account: &Account, rows: &mut [CostRow]) -> Result<(), StoreError> {
        let vendors = self.vendors_of(account, rows).await?;
        let has_terms = |row: &CostRow| {
            let vendor = row.vendor_id.as_ref();
            row.direction == Direction::Inbound && vendor.is_some_and(|id| vendors.contains_key(id))
        };
        let sids = rows.iter().filter(|row| has_terms(row));
        let sids = sids.filter_map(|row| row.call_sid.clone()).collect();
        let mut calls = HashMap::new();
        self.add_calls_to(account, &mut calls, sids).await?;
        let call_of = |row: &CostRow, calls: &HashMap<CallSid, Call>| {
            let sid = row.call_sid.as_ref();
            sid.and_then(|sid| calls.get(sid).copied())
        };
        let terms_of = |row: &CostRow, call: Option<Call>| {
            let at = call.map_or(row.call_date, |call| call.started);
            let vendor = vendors.get(row.vendor_id.as_ref().filter(|_| has_terms(row))?)?;
            vendor.terms_on(CivilDay::of(at, &account.zone)).copied()
        };
        let mut asked: HashMap<Asked, (Instant, Instant)> = HashMap::new();
        for row in rows.iter() {
            let call = call_of(row, &calls);
            if let (Some(call), Some(terms), Some((vendor, caller))) =
                (call, terms_of(row, call), buyer(row))
                && terms.duplicate_days > 0
            {
                let from = call.started.minus(window(&terms)).minus(EARLY);
                let window = account.billing_window_days.max(row.entry.window_days);
                let to = call.started.plus(DAY.saturating_mul(window));
                let key = (vendor.clone(), caller.to_owned());
                let span = asked.entry(key).or_insert((from, to));
                *span = (span.0.min(from), span.1.max(to));
            }
        }
        let bills = self.bills_of(account, asked, &mut calls).await?;
        for row in rows {
            let call = call_of(row, &calls);
            let Some(terms) = terms_of(row, call) else {
                continue;
            };
            let known = KnownCall {
                answered: call.and_then(|call| call.answered),
                duplicate: call.and_then(|call| is_duplicate(row, call.started, &terms, &bills)),
            };
            row.expectation = terms.expect(row.amount(), known);
        }
        Ok(())
    }

    /// The vendors of entries that have terms.
    async fn vendors_of(
        &self,
        account: &Account,
        rows: &[CostRow],
    ) -> Result<HashMap<VendorId, Vendor>, StoreError> {
        let ids: BTreeSet<_> = rows
            .iter()
            .filter_map(|row| row.vendor_id.as_ref())
            .collect();
        let wanted = ids.into_iter().map(|id| keys::vendor(&account.id, id));
        let items = self.items(wanted.collect()).await?.into_iter();
        let mut vendors = HashMap::new();
        for vendor in items.map(read::<Vendor>) {
            let vendor = vendor?;
            if !vendor.terms.is_empty() {
                vendors.insert(vendor.id.clone(), vendor);
            }
        }
        Ok(vendors)
    }

    /// Reads the calls that are not known yet.
    async fn add_calls_to(
        &self,
        account: &Account,
        calls: &mut HashMap<CallSid, Call>,
        sids: BTreeSet<CallSid>,
    ) -> Result<(), StoreError> {
        let wanted = sids.iter().filter(|sid| !calls.contains_key(*sid));
        let wanted = wanted.map(|sid| keys::call(&account.id, sid)).collect();
        for row in self
            .items(wanted)
            .await?
            .into_iter()
            .filter_map(CallRow::of)
        {
            let call = Call {
                started: row.started,
                answered: answered_seconds(row.seconds, row.disposition.as_deref()),
            };
            calls.insert(row.sid, call);
        }
        Ok(())
    }

    /// The bills for callers that count and charge something, with the times of their calls.
    async fn bills_of(
        &self,
        account: &Account,
        asked: HashMap<Asked, (Instant, Instant)>,
        calls: &mut HashMap<CallSid, Call>,
    ) -> Result<HashMap<Asked, Bills>, StoreError> {
        let now = self.clock.now();
        let queries = asked.into_iter().map(|((vendor, caller), (from, to))| {
            // Of the time before, bills may have ended.
            let kept = account.costs_kept.cut(from, now).is_none();
            let partition = keys::billed_caller_partition(&account.id, &vendor, &caller);
            let (from, to) = keys::billed_callers_between(from, to);
            let query = self.query(partition).between(from, to).descending();
            async move {
                let page = query.limit(MOST_BILLS).page().await?;
                let complete = page.last.is_none() && kept;
                let found = page.items.into_iter().map(read::<BilledCaller>);
                let found = found.collect::<Result<Vec<_>, _>>()?;
                Ok::<_, StoreError>(((vendor, caller), found, complete))
            }
        });
        let queries = stream::iter(queries).buffer_unordered(CONCURRENT_QUERIES);
        let found: Vec<_> = queries.try_collect().await?;
        let ids = found.iter().flat_map(|(_, billed, _)| billed);
        let wanted = ids.map(|billed| keys::cost(&account.id, &billed.cost_id));
        let items = self.items(wanted.collect()).await?.into_iter();
        let rows = items.map(read::<CostRow>).collect::<Result<Vec<_>, _>>()?;
        let counts =
            |row: &&CostRow| row.entry.state == State::InForce && !row.amount().decimal().is_zero();
        let counting: HashMap<&CostId, &CostRow> = rows
            .iter()
            .filter(counts)
            .map(|row| (&row.entry.cost_id, row))
            .collect();
        let sids = counting.values().filter_map(|row| row.call_sid.clone());
        self.add_calls_to(account, calls, sids.collect()).await?;
        let charged = |billed: &BilledCaller| {
            let row = counting.get(&billed.cost_id)?;
            let call = row.call_sid.as_ref().and_then(|sid| calls.get(sid));
            Some(Charged {
                cost_id: billed.cost_id.clone(),
                call: row.call_sid.clone(),
                at: call.map_or(billed.moment, |call| call.started),
                received: row.entry.received_at,
            })
        };
        let bills = found.into_iter().map(|(asked, billed, complete)| {
            let charged = billed.iter().filter_map(charged).collect();
            (asked, Bills { charged, complete })
        });
        Ok(bills.collect())
    }
}

/// For how long before a call another of its caller makes it a duplicate.
fn window(terms: &Terms) -> Duration {
    DAY.saturating_mul(terms.duplicate_days)
}

/// Whether the vendor charged for another call of the caller within the window before this one; `None` if
/// that is not known.
fn is_duplicate(
    row: &CostRow,
    started: Instant,
    terms: &Terms,
    bills: &HashMap<Asked, Bills>,
) -> Option<bool> {
    let Some((vendor, caller)) = buyer(row) else {
        // Callers who withhold their numbers are strangers to each other.
        return Some(false);
    };
    let bills = bills.get(&(vendor.clone(), caller.to_owned()))?;
    let own = (started, row.entry.received_at, &row.entry.cost_id);
    let mut earlier = bills.charged.iter().filter(|bill| {
        let same_call = bill.call.is_some() && bill.call == row.call_sid;
        !same_call && (bill.at, bill.received, &bill.cost_id) < own
    });
    match earlier.any(|bill| bill.at >= started.minus(window(terms))) {
        true => Some(true),
        false => bills.complete.then_some(false),
    }
}
