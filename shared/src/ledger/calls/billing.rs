//! Bills (patterns 10, 16 and 17): finding the call, and writing everything that a bill changes at once.

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;

use crate::ids;
use crate::ledger::calls::record::PairItem;
use crate::ledger::keys;
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{Item, at, money, read, s, stored, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, PRESENT, Transaction};
use crate::model::account::Account;
use crate::model::call::{Bill, CallSid, CostId, LeadRef};
use crate::model::credential::Credential;
use crate::model::id::Guid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::text::Notes;
use crate::model::time::{CLOCK_SKEW, Instant};

/// The call that a bill is for.
#[derive(Clone, Debug)]
pub struct FoundCall {
    /// Which call.
    pub sid: CallSid,
    /// Its caller's lead.
    pub lead: LeadRef,
}

/// A bill with everything that is recorded with it.
pub struct BillEntry<'a> {
    /// Whose call it is.
    pub account: &'a Account,
    /// Who sends the bill.
    pub credential: &'a Credential,
    /// From where.
    pub address: Option<IpAddr>,
    /// What it says.
    pub bill: &'a Bill,
    /// The call it is for, if one was found.
    pub call: Option<&'a FoundCall>,
    /// When the call was billed.
    pub date_billed: Instant,
    /// When the call took place, as far as the bill says.
    pub call_date: Instant,
    /// The bill's idempotency record, unless repeats are bills of their own.
    pub idempotency: Option<IdempotencyRecord>,
    /// The request.
    pub guid: Guid,
    /// Now.
    pub now: Instant,
}

/// Why a bill is not recorded, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillRefusal {
    /// Its idempotency key came before with another bill.
    ExistsDifferent,
    /// The account takes bills for its registered numbers only, and the DID is none of them.
    NotRegistered,
}

#[derive(Serialize)]
struct CostItem<'a> {
    cost_id: &'a CostId,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_sid: Option<&'a CallSid>,
    call_from: &'a str,
    call_to: &'a str,
    date_billed: Instant,
    call_date: Instant,
    method: &'static str,
    method_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'a str>,
    recorded_at: Instant,
    guid: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Cost,
    Call,
    Lead,
    FirstContact,
    RegisteredNumber,
    IdempotencyRecord,
}

impl Ledger {
    /// The account's latest inbound call of a bill's pair that fits the bill's date.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn call_to_bill(
        &self,
        account: &Account,
        bill: &Bill,
        call_date: Instant,
    ) -> Result<Option<FoundCall>, StoreError> {
        let window = Duration::from_secs(u64::from(account.billing_window_days) * 86_400);
        let (from, to) =
            keys::pair_calls_between(call_date.minus(window), call_date.plus(CLOCK_SKEW));
        let latest = self
            .query(keys::pair_partition(&account.id, &bill.did, &bill.cid))
            .between(from, to)
            .descending()
            .first()
            .await?;
        let found = latest.map(read).transpose()?;
        Ok(found.map(|PairItem { call_sid, lead }| FoundCall {
            sid: call_sid,
            lead,
        }))
    }

    /// Records a bill: cost, call, lead, first contact and idempotency record in one transaction. `answer`
    /// makes the answer to the request from the id of the new cost. The outcome holds the answer to give:
    /// this one, or the one that the same bill was given before.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if nothing was recorded and the
    /// request may be sent again, and the error of `answer`.
    pub async fn record_bill<E: From<StoreError>>(
        &self,
        entry: &BillEntry<'_>,
        answer: impl Fn(&CostId) -> Result<String, E>,
    ) -> Result<Creation<String, BillRefusal>, E> {
        let request = entry
            .idempotency
            .clone()
            .map(|record| IdempotentRequest::new(record, entry.guid, entry.now));
        // A new id is taken about once in a million pairs of bills for one call in one millisecond.
        let mut retry = Retry::planning("the cost ids of a call");
        loop {
            retry.next().await?;
            let cost_id = ids::cost_id(entry.now);
            let answer = answer(&cost_id)?;
            let transaction = bill_transaction(entry, &cost_id, request.as_ref(), &answer)?;
            let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
                return Ok(Creation::Created(answer));
            };
            let earlier = refusals.take(Tag::IdempotencyRecord);
            if let (Some(request), Some(earlier)) = (&request, earlier) {
                return Ok(match request.replay(earlier)? {
                    Creation::Created(()) => Creation::Created(answer),
                    Creation::Exists(first) => Creation::Exists(first),
                    Creation::Refused(ExistsDifferent) => {
                        Creation::Refused(BillRefusal::ExistsDifferent)
                    }
                });
            }
            let cost = refusals.item(Tag::Cost);
            if cost.is_some_and(|cost| written_by(cost, entry.guid)) {
                return Ok(Creation::Created(answer));
            }
            if refusals.contains(Tag::RegisteredNumber) {
                return Ok(Creation::Refused(BillRefusal::NotRegistered));
            }
            if !refusals.contains(Tag::Cost) {
                let gone = "a call or lead that was found is gone".to_owned();
                return Err(StoreError::Broken(gone).into());
            }
        }
    }
}

fn bill_transaction(
    entry: &BillEntry<'_>,
    cost_id: &CostId,
    request: Option<&IdempotentRequest>,
    answer: &str,
) -> Result<Transaction<Tag>, StoreError> {
    let account = &entry.account.id;
    let mut transaction = Transaction::new();
    transaction.put(Tag::Cost, cost_item(entry, cost_id)?, ABSENT);
    if let Some(call) = entry.call {
        update_call(&mut transaction, entry, call);
    }
    if entry.account.registered_dids_only {
        let number = keys::account_number(account, &entry.bill.did);
        transaction.check(Tag::RegisteredNumber, number, PRESENT);
    }
    if let Some(request) = request {
        let answer = answer.to_owned();
        request.record(&mut transaction, Tag::IdempotencyRecord, account, answer)?;
    }
    Ok(transaction)
}

fn cost_item(entry: &BillEntry<'_>, cost_id: &CostId) -> Result<Item, StoreError> {
    let (account, bill) = (&entry.account.id, entry.bill);
    let key = match entry.call {
        Some(call) => keys::call_cost(account, &call.sid, cost_id),
        None => keys::pair_cost(account, &bill.did, &bill.cid, cost_id),
    };
    let item = CostItem {
        cost_id,
        call_sid: entry.call.map(|call| &call.sid),
        call_from: bill.cid.as_e164(),
        call_to: bill.did.as_e164(),
        date_billed: entry.date_billed,
        call_date: entry.call_date,
        method: "ingress",
        method_id: &entry.credential.name,
        ip_address: entry.address.map(|address| address.to_string()),
        notes: bill.notes.as_ref().map(Notes::as_str),
        recorded_at: entry.now,
        guid: entry.guid.to_string(),
    };
    let mut item = stored(key, "cost", &item)?;
    item.insert("cost".to_owned(), money(bill.cost.decimal()));
    Ok(item)
}

/// Adds the updates of the call, its caller's lead, and the first contact if the call was that.
fn update_call(transaction: &mut Transaction<Tag>, entry: &BillEntry<'_>, call: &FoundCall) {
    const COST: &str = "SET cost = :cost";
    const COST_AND_DATE: &str = "SET cost = :cost, date_billed = :billed";
    let (account, bill) = (&entry.account.id, entry.bill);
    let cost = || money(bill.cost.decimal());
    let billed = || at(entry.date_billed);

    let call_key = keys::call(account, &call.sid);
    let write = match &bill.notes {
        Some(notes) => transaction
            .update(
                Tag::Call,
                call_key,
                format!("{COST_AND_DATE}, notes = :notes"),
                PRESENT,
            )
            .value(":notes", s(notes.as_str())),
        None => transaction.update(Tag::Call, call_key, COST_AND_DATE, PRESENT),
    };
    write.value(":cost", cost()).value(":billed", billed());
    transaction
        .update(Tag::Lead, keys::lead(account, &bill.cid), COST, PRESENT)
        .value(":cost", cost());
    if call.lead.first_contact {
        let key = keys::first_contact(account, &bill.cid);
        transaction
            .update(Tag::FirstContact, key, COST_AND_DATE, PRESENT)
            .value(":cost", cost())
            .value(":billed", billed());
    }
}
