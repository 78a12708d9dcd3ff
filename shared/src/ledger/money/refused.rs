//! Bills that were refused for the number that was called (pattern 38): the money that somebody asked for and
//! nobody acknowledged.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::money::bill_entry::BillEntry;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{money, read, stored};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Transaction};
use crate::model::account::AccountId;
use crate::model::cost::Cost;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::phone::PhoneNumber;
use crate::model::time::{Instant, Range, UtcDay};
use crate::model::vendor::VendorId;

/// The most days that are read at the same time.
const CONCURRENT_DAYS: usize = 8;

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
        let mut item = stored(key, "refused_bill", &refused)?;
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
}
