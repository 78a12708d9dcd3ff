//! Bills that were refused for the number that was called (pattern 38): the money that somebody asked for and
//! nobody acknowledged.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::money::bill_entry::BillEntry;
use crate::ledger::money::totals::Sum;
use crate::ledger::table::end::ending;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{money, read, stored, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Transaction};
use crate::model::account::AccountId;
use crate::model::cost::Cost;
use crate::model::cost_filter::CostFilter;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::phone::PhoneNumber;
use crate::model::time::{Instant, Range, UtcDay};
use crate::model::vendor::VendorId;

/// The most days that are read at the same time.
const CONCURRENT_DAYS: usize = 8;

/// How many bills of a day are read at once.
const PAGE: usize = 512;

/// A bill that was refused for its DID. It is no cost entry, and nothing of it is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedBill {
    /// When it was refused first.
    pub refused_at: Instant,
    /// The number that it was for.
    pub call_to: PhoneNumber,
    /// Who called: E.164 or `withheld`.
    pub call_from: String,
    /// What it asked for.
    pub amount: Cost,
    /// The vendor of the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_id: Option<VendorId>,
    /// The credential.
    pub credential_id: String,
    /// Why it was refused.
    pub reason: String,
    /// The request.
    pub guid: String,
}

impl RefusedBill {
    /// Whether a filter of costs selects it, by vendor, DID, caller and credential. The other conditions are
    /// about entries, and select no refused bill away.
    #[must_use]
    pub fn passes(&self, filter: &CostFilter) -> bool {
        let vendor = filter.vendor.as_ref();
        let mut callers = filter.callers.iter();
        let credential = filter.credential.as_ref();
        vendor.is_none_or(|vendor| vendor.is(self.vendor_id.as_ref()))
            && filter.did.as_ref().is_none_or(|did| *did == self.call_to)
            && (filter.callers.is_empty() || callers.any(|one| one.as_str() == self.call_from))
            && credential.is_none_or(|id| *id == self.credential_id)
    }
}

/// A bill in a list: its day and its name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPlace {
    day: UtcDay,
    name: String,
}

impl RefusedPlace {
    /// Reads what [`Self::to_text`] returned.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (day, name) = text.split_once(' ')?;
        let day = UtcDay::parse(day).ok()?;
        Some(Self {
            day,
            name: name.to_owned(),
        })
    }

    /// Returns the place as page tokens spell it.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{} {}", self.day, self.name)
    }
}

/// One page of refused bills.
#[derive(Clone, Debug, Default)]
pub struct RefusedPage {
    /// The bills of the page, in the order of their refusal.
    pub bills: Vec<RefusedBill>,
    /// The bills of the page, and with `whole` those behind it, with what they asked for.
    pub sum: Sum,
    /// Whether the list was read to its end.
    pub complete: bool,
    /// Behind which bill the next page begins, if there is one.
    pub next: Option<RefusedPlace>,
}

impl RefusedPage {
    /// In the order of refusal.
    fn in_order(mut self) -> Self {
        self.bills
            .sort_by(|a, b| (a.refused_at, &a.guid).cmp(&(b.refused_at, &b.guid)));
        self
    }
}

/// Which refused bills are read.
pub struct RefusedQuery<'a> {
    /// When they were refused.
    pub range: Range,
    /// Which of them.
    pub filter: &'a CostFilter,
    /// Behind which bill the page begins.
    pub after: Option<RefusedPlace>,
    /// How many bills the page has at most.
    pub limit: usize,
    /// Whether bills behind the page are summed up as well.
    pub whole: bool,
    /// How many bills are read at most.
    pub most: usize,
}

impl RefusedQuery<'_> {
    fn selects(&self, bill: &RefusedBill) -> bool {
        let Range { from, to } = self.range;
        from <= bill.refused_at && bill.refused_at < to && bill.passes(self.filter)
    }
}

impl Ledger {
    /// Notes that a bill was refused for its DID. The same bill again on the same day is one.
    pub(in crate::ledger) async fn note_refused(
        &self,
        bill: &BillEntry<'_>,
        record: Option<&IdempotencyRecord>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let guid = bill.guid.to_string();
        let refused = RefusedBill {
            refused_at: bill.now,
            call_to: bill.bill.did.clone(),
            call_from: bill.bill.cid.as_str().to_owned(),
            amount: bill.bill.cost,
            vendor_id: bill.credential.vendor.clone(),
            credential_id: bill.credential.id.as_str().to_owned(),
            reason: reason.to_owned(),
            guid: guid.clone(),
        };
        let name = record.map_or(guid.as_str(), |record| record.name.as_str());
        let key = keys::refused_bill(&bill.account.id, UtcDay::of(bill.now), name);
        let end = bill.account.costs_kept.end(bill.now);
        let mut item = ending(stored(key, "refused_bill", &refused)?, end);
        item.insert("cost".to_owned(), money(refused.amount.decimal()));
        let mut transaction = Transaction::new();
        transaction.put((), item, ABSENT);
        self.commit(transaction).await.map(drop)
    }

    /// The bills of a range that were refused for their DID, in the order of their refusal.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn refused_bills(
        &self,
        account: &AccountId,
        range: Range,
    ) -> Result<Vec<RefusedBill>, StoreError> {
        let start = range.from.max(Instant::from_millis(0));
        let first = (start < range.to).then(|| UtcDay::of(start));
        let days = std::iter::successors(first, move |day| {
            day.next().filter(|next| next.begins() < range.to)
        });
        let queries = days.map(|day| self.query(keys::refused_partition(account, day)).all());
        let items: Vec<_> = stream::iter(queries)
            .buffered(CONCURRENT_DAYS)
            .try_collect()
            .await?;
        let bills = items.into_iter().flatten().map(read::<RefusedBill>);
        let mut bills = bills.collect::<Result<Vec<_>, _>>()?;
        bills.retain(|bill| start <= bill.refused_at && bill.refused_at < range.to);
        bills.sort_by(|a, b| (a.refused_at, &a.guid).cmp(&(b.refused_at, &b.guid)));
        Ok(bills)
    }

    /// One page of the bills that were refused for their DID: day by day, and on one day by their names. The
    /// page itself is in the order of refusal.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn refused_page(
        &self,
        account: &AccountId,
        query: &RefusedQuery<'_>,
    ) -> Result<RefusedPage, StoreError> {
        let RefusedQuery { range, after, .. } = query;
        let start = range.from.max(Instant::from_millis(0));
        let start = after
            .as_ref()
            .map_or(start, |place| place.day.begins().max(start));
        let first = (start < range.to).then(|| UtcDay::of(start));
        let days = std::iter::successors(first, move |day| {
            day.next().filter(|next| next.begins() < range.to)
        });
        let pages = days.map(|day| {
            let after = after.as_ref().filter(|place| place.day == day);
            let behind = after.map_or("", |place| place.name.as_str()).to_owned();
            async move {
                let page = self.refused_of_day(account, day, &behind).await?;
                Ok::<_, StoreError>((day, page))
            }
        });
        let mut days = stream::iter(pages).buffered(CONCURRENT_DAYS);
        let (mut page, mut seen, mut shown) = (RefusedPage::default(), 0, None);
        while let Some((day, mut found)) = days.try_next().await? {
            loop {
                for (name, bill) in found.bills {
                    let is_full = page.bills.len() >= query.limit;
                    let selected = query.selects(&bill);
                    if seen >= query.most || (selected && is_full && !query.whole) {
                        page.next = page.next.or(shown);
                        return Ok(page.in_order());
                    }
                    seen += 1;
                    if selected && is_full && page.next.is_none() {
                        page.next = shown.clone();
                    }
                    if selected {
                        page.sum.add(bill.amount.decimal());
                    }
                    if !is_full {
                        shown = Some(RefusedPlace { day, name });
                        page.bills.extend(Some(bill).filter(|_| selected));
                    }
                }
                let Some(last) = found.last else { break };
                found = self.refused_of_day(account, day, &last).await?;
            }
        }
        page.complete = true;
        Ok(page.in_order())
    }

    /// Some bills of a day, behind a name.
    async fn refused_of_day(
        &self,
        account: &AccountId,
        day: UtcDay,
        behind: &str,
    ) -> Result<DayPage, StoreError> {
        let (from, to) = keys::refused_behind(behind);
        let query = self.query(keys::refused_partition(account, day));
        let page = query.between(from, to).limit(PAGE).page().await?;
        let bills = page.items.into_iter().map(|item| {
            let name = text(&item, keys::SK).and_then(keys::refused_name);
            Ok((
                name.unwrap_or_default().to_owned(),
                read::<RefusedBill>(item)?,
            ))
        });
        let last = page.last.as_deref().and_then(keys::refused_name);
        Ok(DayPage {
            bills: bills.collect::<Result<_, StoreError>>()?,
            last: last.map(str::to_owned),
        })
    }
}

/// Some bills of one day, by name.
struct DayPage {
    bills: Vec<(String, RefusedBill)>,
    /// The name behind which the day goes on.
    last: Option<String>,
}
