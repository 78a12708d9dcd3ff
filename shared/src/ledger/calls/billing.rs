//! Bills (patterns 10, 16 and 17): finding the call, and writing everything a bill changes at once.

use std::net::IpAddr;
use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::Serialize;

use crate::ledger::calls::record::PairItem;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::error::translate;
use crate::ledger::table::idempotency::{Before, before};
use crate::ledger::table::item::{at, key, money, read, s, stored};
use crate::ledger::table::legacy::{Transacted, UpdateWrite};
use crate::ledger::table::store::Ledger;
use crate::model::account::Account;
use crate::model::call::{Bill, CallSid, CostId, LeadRef};
use crate::model::credential::Credential;
use crate::model::id::Guid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::text::Notes;
use crate::model::time::Instant;

/// A vendor's clock may be ahead of ours by this much.
const CLOCK_SKEW: Duration = Duration::from_secs(300);

/// The call that a bill is for.
#[derive(Clone, Debug)]
pub struct FoundCall {
    /// Which call.
    pub sid: CallSid,
    /// Its caller's lead.
    pub lead: LeadRef,
}

/// A bill with everything that goes into the ledger with it.
pub struct Billing<'a> {
    /// Whose call it is.
    pub account: &'a Account,
    /// Who sends the bill.
    pub credential: &'a Credential,
    /// From where.
    pub address: Option<IpAddr>,
    /// What it says.
    pub bill: &'a Bill,
    /// The call it is for, where one was found.
    pub call: Option<&'a FoundCall>,
    /// The new cost's id.
    pub cost_id: &'a CostId,
    /// When the call was billed.
    pub date_billed: Instant,
    /// When the call took place, as far as the bill says.
    pub call_date: Instant,
    /// What the request is known again by.
    pub once: Option<&'a IdempotencyRecord>,
    /// What is answered, and answered again to a repeat.
    pub answer: &'a str,
    /// The request.
    pub guid: Guid,
    /// Now.
    pub now: Instant,
}

/// How a bill ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Billed {
    /// All of it is recorded.
    Done,
    /// It was before; this is what was answered then.
    Replayed(String),
    /// Its idempotency key came before with another bill.
    KeyReused,
    /// Another cost has the new cost's id; nothing is recorded.
    IdTaken,
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

impl Ledger {
    /// The account's latest inbound call of a bill's pair that fits its date.
    ///
    /// # Errors
    /// The store's.
    pub async fn call_to_bill(
        &self,
        account: &Account,
        bill: &Bill,
        call_date: Instant,
    ) -> Result<Option<FoundCall>, StoreError> {
        let window = Duration::from_secs(u64::from(account.billing_window_days) * 86_400);
        let (from, to) =
            keys::pair_calls_between(call_date.minus(window), call_date.plus(CLOCK_SKEW));
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(
                ":pk",
                s(keys::pair_partition(&account.id, &bill.did, &bill.cid)),
            )
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":to", s(to))
            .scan_index_forward(false)
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(translate)?;
        let Some(item) = found.items.unwrap_or_default().into_iter().next() else {
            return Ok(None);
        };
        let PairItem { call_sid, lead } = read(item)?;
        Ok(Some(FoundCall {
            sid: call_sid,
            lead,
        }))
    }

    /// Records a bill: cost, call, lead, first contact and once-record in one transaction.
    ///
    /// # Errors
    /// The store's; nothing is recorded then.
    pub async fn record_bill(&self, billing: &Billing<'_>) -> Result<Billed, StoreError> {
        let mut writes = vec![self.cost_write(billing)?];
        if let Some(call) = billing.call {
            writes.extend(self.call_writes(billing, call)?);
        }
        // The two that may refuse are last, so that their places are known from the end.
        let registered = billing.account.registered_dids_only.then_some(writes.len());
        if registered.is_some() {
            writes.push(self.registered_check(billing)?);
        }
        let once = billing.once.map(|once| (writes.len(), once));
        if let Some((_, once)) = once {
            let account = &billing.account.id;
            let claim = self.claim(account, once, billing.answer, billing.guid, billing.now)?;
            writes.push(claim.write()?);
        }
        let Transacted::Refused(found) = self.transact(writes).await? else {
            return Ok(Billed::Done);
        };
        for (index, item) in found.into_iter().rev() {
            match (once, item) {
                (Some((place, once)), Some(item)) if place == index => {
                    return Ok(match before(item, once, billing.guid)? {
                        Before::Ours => Billed::Done,
                        Before::Answered(answer) => Billed::Replayed(answer),
                        Before::Otherwise => Billed::KeyReused,
                    });
                }
                (_, Some(item)) if index == 0 => {
                    let ours = crate::ledger::calls::record::wrote(&item, billing.guid);
                    return Ok(if ours { Billed::Done } else { Billed::IdTaken });
                }
                _ if registered == Some(index) => return Ok(Billed::NotRegistered),
                _ => {}
            }
        }
        Err(StoreError::Broken(
            "a call or lead that was found is gone".to_owned(),
        ))
    }

    fn cost_write(&self, billing: &Billing<'_>) -> Result<TransactWriteItem, StoreError> {
        let (account, bill) = (&billing.account.id, billing.bill);
        let place = match billing.call {
            Some(call) => keys::call_cost(account, &call.sid, billing.cost_id),
            None => keys::pair_cost(account, &bill.did, &bill.cid, billing.cost_id),
        };
        let item = CostItem {
            cost_id: billing.cost_id,
            call_sid: billing.call.map(|call| &call.sid),
            call_from: bill.cid.as_e164(),
            call_to: bill.did.as_e164(),
            date_billed: billing.date_billed,
            call_date: billing.call_date,
            method: "ingress",
            method_id: &billing.credential.name,
            ip_address: billing.address.map(|address| address.to_string()),
            notes: bill.notes.as_ref().map(Notes::as_str),
            recorded_at: billing.now,
            guid: billing.guid.to_string(),
        };
        let mut item = stored(place, "cost", &item)?;
        item.insert("cost".to_owned(), money(bill.cost.decimal()));
        self.put(item, "attribute_not_exists(pk)").write()
    }

    fn call_writes(
        &self,
        billing: &Billing<'_>,
        call: &FoundCall,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        const THERE: &str = "attribute_exists(pk)";
        let (account, bill) = (&billing.account.id, billing.bill);
        let cost = |write: UpdateWrite| write.value(":cost", money(bill.cost.decimal()));
        let billed = |write: UpdateWrite| write.value(":billed", at(billing.date_billed));

        let call_key = key(keys::call(account, &call.sid));
        let call_write = match &bill.notes {
            Some(notes) => self
                .update(
                    call_key,
                    "SET cost = :cost, date_billed = :billed, notes = :notes",
                    THERE,
                )
                .value(":notes", s(notes.as_str())),
            None => self.update(call_key, "SET cost = :cost, date_billed = :billed", THERE),
        };
        let mut writes = vec![billed(cost(call_write)).write()?];
        let lead_key = key(keys::lead(account, &bill.cid));
        writes.push(cost(self.update(lead_key, "SET cost = :cost", THERE)).write()?);
        if call.lead.first_contact {
            let first_key = key(keys::first_contact(account, &bill.cid));
            let expression = "SET cost = :cost, date_billed = :billed";
            writes.push(billed(cost(self.update(first_key, expression, THERE))).write()?);
        }
        Ok(writes)
    }

    fn registered_check(&self, billing: &Billing<'_>) -> Result<TransactWriteItem, StoreError> {
        let number = keys::account_number(&billing.account.id, &billing.bill.did);
        self.check(key(number), "attribute_exists(pk)").write()
    }
}
