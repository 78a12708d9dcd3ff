//! Adjustments (pattern 35): signed entries beside costs, by the day that they were made.

use futures_util::{StreamExt, TryStreamExt, stream};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids;
use crate::ledger::calls::switch::pair_of;
use crate::ledger::keys::{self, Adjusted};
use crate::ledger::money::cost::{CostRow, inbound, is_inbound};
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::report::row::CallRow;
use crate::ledger::table::end::ending;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{money, read, stored, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, ALWAYS, Committed, PRESENT, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::adjustment::{AdjustmentId, Month, Reason, SignedAmount};
use crate::model::call::{CallSid, CostId, Direction};
use crate::model::cost_filter::CostFilter;
use crate::model::id::Guid;
use crate::model::pair::Pair;
use crate::model::pair::call::PairCall;
use crate::model::phone::PhoneNumber;
use crate::model::time::{Instant, Range, UtcDay};
use crate::model::vendor::VendorId;

/// The most days that are read at the same time.
const CONCURRENT_DAYS: usize = 8;

/// A signed amount beside the costs of an account. It is written once and never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Its id, which holds when it was made.
    pub adjustment_id: AdjustmentId,
    /// The amount.
    pub amount: SignedAmount,
    /// The cost that it adjusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_id: Option<CostId>,
    /// The call that it adjusts, or that of the cost when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_sid: Option<CallSid>,
    /// The vendor whose month it adjusts, or whose the cost or the call is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_id: Option<VendorId>,
    /// The month that it adjusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// The number that was called, where it adjusts a cost or a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_to: Option<PhoneNumber>,
    /// Who called: E.164, the digits that reached a switch, or `withheld`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_from: Option<String>,
    /// Which way the call went. Adjustments of months count as those of inbound calls.
    #[serde(default = "inbound", skip_serializing_if = "is_inbound")]
    pub direction: Direction,
    /// The credential that sent the bill of the cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<String>,
    /// Why.
    pub reason: Reason,
    /// Who made it.
    pub by: String,
    /// When.
    pub made_at: Instant,
    /// The request.
    pub guid: String,
}

/// What an adjustment is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjustmentSubject {
    /// A cost.
    Cost(CostId),
    /// A call.
    Call(CallSid),
    /// A month of a vendor.
    Month(VendorId, Month),
}

/// An adjustment that is to be made.
pub struct NewAdjustment<'a> {
    /// Whose it is.
    pub account: &'a Account,
    /// What it is on.
    pub subject: &'a AdjustmentSubject,
    /// The amount.
    pub amount: SignedAmount,
    /// Why.
    pub reason: &'a Reason,
    /// Who makes it.
    pub by: &'a str,
    /// The idempotent request, if it has a key.
    pub request: Option<&'a IdempotentRequest>,
    /// The request.
    pub guid: Guid,
    /// Now.
    pub now: Instant,
}

/// Why an adjustment was not made, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustmentRefusal {
    /// The account has no such cost.
    NoSuchCost,
    /// The account has no such call.
    NoSuchCall,
    /// The account has no such vendor.
    NoSuchVendor,
    /// The idempotency key was used for another adjustment.
    KeyReused,
}

/// One page of adjustments.
#[derive(Clone, Debug, Default)]
pub struct AdjustmentPage {
    /// The adjustments, in the order in which they were made.
    pub adjustments: Vec<Adjustment>,
    /// Whether more follow.
    pub more: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Adjustment,
    PairAdjustment,
    Vendor,
    IdempotencyRecord,
}

impl Adjustment {
    /// Whether it is on something that a filter of costs selects, by vendor, DID, caller and credential.
    /// The other conditions are about entries, and select no adjustment away.
    #[must_use]
    pub fn passes(&self, filter: &CostFilter) -> bool {
        let caller = self.call_from.as_deref();
        let vendor = filter.vendor.as_ref();
        vendor.is_none_or(|vendor| vendor.is(self.vendor_id.as_ref()))
            && (filter.did.is_none() || filter.did == self.call_to)
            && (filter.callers.is_empty()
                || filter
                    .callers
                    .iter()
                    .any(|one| caller == Some(one.as_str())))
            && (filter.credential.is_none() || filter.credential == self.credential_id)
    }

    /// The amount as a number.
    #[must_use]
    pub fn decimal(&self) -> Decimal {
        self.amount.decimal()
    }
}

impl Ledger {
    /// Makes an adjustment, once if its request has an idempotency key.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn adjust(
        &self,
        new: &NewAdjustment<'_>,
    ) -> Result<Creation<Adjustment, AdjustmentRefusal>, StoreError> {
        let account = &new.account.id;
        let (mut adjustment, pair) = match self.adjusted(new).await? {
            Ok(adjusted) => adjusted,
            Err(refusal) => return Ok(Creation::Refused(refusal)),
        };
        let mut retry = Retry::planning("the adjustments of this moment").within(self.patience);
        loop {
            retry.next().await?;
            let key = keys::adjustment(account, &adjustment.adjustment_id);
            let end = new.account.costs_kept.end(new.now);
            let mut item = ending(stored(key, "adjustment", &adjustment)?, end);
            item.insert("adjusted".to_owned(), money(adjustment.decimal()));
            let mut transaction = Transaction::new();
            transaction.put(Tag::Adjustment, item, ABSENT);
            if let (Some(pair), Some(subject)) = (&pair, subject_of(&adjustment)) {
                let id = &adjustment.adjustment_id;
                let key = keys::pair_adjustment(account, pair, subject, id);
                let item = ending(stored(key, "pair_adjustment", &adjustment)?, end);
                transaction.put(Tag::PairAdjustment, item, ALWAYS);
            }
            if let AdjustmentSubject::Month(vendor, _) = new.subject {
                transaction.check(Tag::Vendor, keys::vendor(account, vendor), PRESENT);
            }
            if let Some(request) = new.request {
                let answer =
                    serde_json::to_string(&adjustment).map_err(|error| unwritable(&error))?;
                let made = Some(adjustment.adjustment_id.as_str());
                request.record(
                    &mut transaction,
                    Tag::IdempotencyRecord,
                    account,
                    answer,
                    made,
                )?;
            }
            let Committed::Refused(mut refusals) = self.commit_plan(transaction, &retry).await?
            else {
                return Ok(Creation::Created(adjustment));
            };
            if let (Some(request), Some(found)) =
                (new.request, refusals.take(Tag::IdempotencyRecord))
            {
                return Ok(match request.replay(found)? {
                    Creation::Created(()) => Creation::Created(adjustment),
                    Creation::Exists(answer) => Creation::Exists(
                        serde_json::from_str(&answer).map_err(|error| unwritable(&error))?,
                    ),
                    Creation::Refused(ExistsDifferent) => {
                        Creation::Refused(AdjustmentRefusal::KeyReused)
                    }
                });
            }
            if refusals.contains(Tag::Vendor) {
                return Ok(Creation::Refused(AdjustmentRefusal::NoSuchVendor));
            }
            if let Some(found) = refusals.item(Tag::Adjustment) {
                if written_by(found, new.guid) {
                    return Ok(Creation::Created(adjustment));
                }
                adjustment.adjustment_id = ids::adjustment_id(new.now);
            }
        }
    }

    /// The adjustment with what is known of its cost or call, and the pair of that.
    async fn adjusted(
        &self,
        new: &NewAdjustment<'_>,
    ) -> Result<Result<(Adjustment, Option<Pair>), AdjustmentRefusal>, StoreError> {
        let account = &new.account.id;
        let mut adjustment = Adjustment {
            adjustment_id: ids::adjustment_id(new.now),
            amount: new.amount,
            cost_id: None,
            call_sid: None,
            vendor_id: None,
            month: None,
            call_to: None,
            call_from: None,
            direction: Direction::Inbound,
            credential_id: None,
            reason: new.reason.clone(),
            by: new.by.to_owned(),
            made_at: new.now,
            guid: new.guid.to_string(),
        };
        let pair = match new.subject {
            AdjustmentSubject::Cost(id) => {
                let Some(row) = self.acknowledged_cost(account, id).await? else {
                    return Ok(Err(AdjustmentRefusal::NoSuchCost));
                };
                let pair = row.pair();
                adjustment.cost_id = Some(row.entry.cost_id.clone());
                adjustment.direction = row.direction;
                adjustment.call_sid = row.call_sid;
                adjustment.vendor_id = row.vendor_id;
                adjustment.call_to = Some(row.call_to);
                adjustment.call_from = Some(row.call_from);
                adjustment.credential_id = row.credential_id;
                Some(pair)
            }
            AdjustmentSubject::Call(sid) => {
                let row = self.call_item(account, sid).await?;
                let Some(row) = row.and_then(CallRow::of) else {
                    return Ok(Err(AdjustmentRefusal::NoSuchCall));
                };
                let pair = pair_of(&row);
                adjustment.call_to = PhoneNumber::from_stored(&row.to).ok();
                adjustment.direction = row.direction;
                adjustment.vendor_id = row.details.vendor;
                adjustment.call_sid = Some(row.sid);
                adjustment.call_from = Some(row.from);
                pair
            }
            AdjustmentSubject::Month(vendor, month) => {
                adjustment.vendor_id = Some(vendor.clone());
                adjustment.month = Some(*month);
                None
            }
        };
        Ok(Ok((adjustment, pair)))
    }

    /// The adjustments of a cost, in the order in which they were made.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn adjustments_of_cost(
        &self,
        account: &AccountId,
        row: &CostRow,
    ) -> Result<Vec<Adjustment>, StoreError> {
        let cost = Adjusted::Cost(&row.entry.cost_id);
        let (from, to) = keys::pair_adjustments(cost, cost);
        let query = self.query(keys::pair_partition(account, &row.pair()));
        let items = query.between(from, to).all().await?;
        items.into_iter().map(read).collect()
    }

    /// The adjustments of a call, whichever of its reports gave it its sid when they were made, in the order
    /// in which they were made.
    pub(in crate::ledger) async fn adjustments_of_call(
        &self,
        account: &AccountId,
        pair: &Pair,
        call: &PairCall,
    ) -> Result<Vec<Adjustment>, StoreError> {
        let sids = call.reports.iter().map(|report| &report.sid);
        let sids = sids.chain([&call.sid]);
        let (Some(first), Some(last)) = (sids.clone().min(), sids.max()) else {
            return Ok(Vec::new());
        };
        let (from, to) = keys::pair_adjustments(Adjusted::Call(first), Adjusted::Call(last));
        let query = self.query(keys::pair_partition(account, pair));
        let items = query.between(from, to).all().await?;
        let found = items.into_iter().map(read::<Adjustment>);
        let mut found = found.collect::<Result<Vec<_>, _>>()?;
        // Between the sids of its reports may be those of other calls.
        found.retain(|adjustment| {
            let sid = adjustment.call_sid.as_ref();
            sid.is_some_and(|sid| *sid == call.sid || call.has_report(sid))
        });
        found.sort_by_key(|adjustment| adjustment.adjustment_id.made());
        Ok(found)
    }

    /// At most `most` adjustments that were made in `range` and pass `filter`, behind `after` where there is
    /// one.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn adjustments(
        &self,
        account: &AccountId,
        range: Range,
        filter: &CostFilter,
        after: Option<&AdjustmentId>,
        most: usize,
    ) -> Result<AdjustmentPage, StoreError> {
        let start = range.from.max(Instant::from_millis(0));
        let start = after.map_or(start, |id| id.made().max(start));
        let ends = move |day: &UtcDay| day.next().map_or(range.to, |next| next.begins());
        let first = (start < range.to).then(|| UtcDay::of(start));
        let days = std::iter::successors(first, move |day| {
            day.next().filter(|next| next.begins() < range.to)
        });
        let queries = days.map(|day| {
            let (from, to) = (day.begins().max(start), ends(&day).min(range.to));
            let (from, to) = keys::adjustments_between(from, to, after);
            let query = self.query(keys::adjusted_partition(account, day));
            query.between(from, to).all()
        });
        let mut days = stream::iter(queries).buffered(CONCURRENT_DAYS);
        let mut page = AdjustmentPage::default();
        while let Some(items) = days.try_next().await? {
            for item in items {
                let adjustment: Adjustment = read(item)?;
                if after == Some(&adjustment.adjustment_id) || !adjustment.passes(filter) {
                    continue;
                }
                if page.adjustments.len() == most {
                    page.more = true;
                    return Ok(page);
                }
                page.adjustments.push(adjustment);
            }
        }
        Ok(page)
    }
}

/// What an adjustment is found by; none for one of a vendor's month.
fn subject_of(adjustment: &Adjustment) -> Option<Adjusted<'_>> {
    let cost = adjustment.cost_id.as_ref().map(Adjusted::Cost);
    cost.or_else(|| adjustment.call_sid.as_ref().map(Adjusted::Call))
}

fn unwritable(error: &serde_json::Error) -> StoreError {
    StoreError::Broken(format!("an adjustment cannot be written: {error}"))
}
