//! Bills that come again: what they are answered, and what is noted of them.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ids;
use crate::ledger::calls::switch::pair_of;
use crate::ledger::keys;
use crate::ledger::money::bill::BillRead;
use crate::ledger::money::bill_entry::{BillEntry, BillRefusal, Billed};
use crate::ledger::money::bill_id::{LastBill, answer_of};
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{Item, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::PRESENT;
use crate::model::call::CostId;
use crate::model::pair::Pair;

impl Ledger {
    /// Answers a bill whose call id came before with the same price.
    pub(in crate::ledger) async fn repeat_of_id<E: From<StoreError>>(
        &self,
        bill: &BillEntry<'_>,
        request: Option<&IdempotentRequest>,
        last: &LastBill,
        read: &BillRead,
        answer: impl Fn(&Billed) -> Result<String, E>,
    ) -> Result<Creation<String, BillRefusal>, E> {
        let account = &bill.account.id;
        // An idempotency key comes first: it may be another bill's.
        if let (Some(_), Some(request)) = (bill.key, request)
            && let Some(found) = self.get(request.key(account)).await?
            && request.counts(&found)
        {
            let first = answer_of(&found).unwrap_or_default();
            return Ok(match request.replay(found)? {
                Creation::Created(()) | Creation::Exists(_) => Creation::Exists(first),
                Creation::Refused(ExistsDifferent) => {
                    Creation::Refused(BillRefusal::ExistsDifferent)
                }
            });
        }
        let record = keys::idempotency_record(account, &last.record);
        if let Some(first) = self.get(record).await?.as_ref().and_then(answer_of) {
            return Ok(Creation::Exists(first));
        }
        let row = self.cost(account, &last.cost_id).await?;
        let other_pair = row.as_ref().is_some_and(|row| row.entry.other_pair);
        let call = row.and_then(|row| row.call_sid);
        let other = match &call {
            Some(sid) if other_pair => self.call(account, sid).await?,
            _ => None,
        };
        let other = other.as_ref().and_then(pair_of);
        let other = match other {
            Some(other) => Some(self.caller_of(account, &other).await?),
            None => None,
        };
        let caller = match &other {
            Some((phone, contact)) => (phone.as_ref(), contact),
            None => (bill.bill.cid.number(), &read.contact),
        };
        let billed = bill.answered(&last.cost_id, caller, read.vendor.as_ref(), call.as_ref());
        Ok(Creation::Exists(answer(&billed)?))
    }

    /// Notes on an entry that a repeat of its bill may have been for a second call: it says neither key, id
    /// nor date, and as a bill of its own it would belong to another call.
    pub(in crate::ledger) async fn note_repeat(
        &self,
        bill: &BillEntry<'_>,
        pair: &Pair,
        read: &BillRead,
        first: &Item,
    ) -> Result<(), StoreError> {
        let dated = bill.bill.call_date.is_some() || bill.bill.call_id.is_some();
        if bill.key.is_some() || dated {
            return Ok(());
        }
        let Some(id) = text(first, "made").and_then(|id| CostId::parse(id).ok()) else {
            return Ok(());
        };
        let Some(row) = self.cost(&bill.account.id, &id).await? else {
            return Ok(());
        };
        let mut slice = read.state.slice.clone();
        let own = slice.add_entry(bill.entry(
            ids::cost_id(bill.now, 0),
            None,
            read.vendor.as_ref(),
            u64::MAX,
        ));
        let own = own.and_then(|sid| slice.call(&sid).map(|call| call.sid.clone()));
        if own.is_some() && own != row.call_sid && !row.maybe_second && pair == &row.pair() {
            let key = keys::cost(&bill.account.id, &id);
            self.update_item(key, "SET maybe_second = :yes", PRESENT)
                .value(":yes", AttributeValue::Bool(true))
                .send()
                .await?;
        }
        Ok(())
    }
}
