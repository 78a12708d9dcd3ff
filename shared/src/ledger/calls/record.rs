//! Recording calls (patterns 8 to 10), with the leads and first contacts that inbound ones make.

use serde::{Deserialize, Serialize};

use crate::ledger::calls::recent::{RecentCalls, recent_calls};
use crate::ledger::contacts::contact::{Contact, LeadItem};
use crate::ledger::keys;
use crate::ledger::outcome::Creation;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, stored, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction, LeadId, LeadRef};
use crate::model::id::Guid;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// A call as it is first written; its end, cost and billing date are set by updates.
#[derive(Serialize)]
pub(in crate::ledger) struct CallItem<'a> {
    pub(in crate::ledger) call_sid: &'a CallSid,
    pub(in crate::ledger) account_id: &'a AccountId,
    pub(in crate::ledger) direction: Direction,
    pub(in crate::ledger) call_from: &'a str,
    pub(in crate::ledger) call_to: &'a PhoneNumber,
    pub(in crate::ledger) started_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::ledger) lead_id: Option<&'a LeadId>,
    /// Whether it is the first call of its caller that the account has recorded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::ledger) first_contact: bool,
    /// The request that wrote it; see [`written_by`].
    pub(in crate::ledger) guid: String,
}

/// A pair's pointer to a call, with all that billing needs to know.
#[derive(Serialize, Deserialize)]
pub(in crate::ledger) struct PairItem {
    pub(in crate::ledger) call_sid: CallSid,
    pub(in crate::ledger) lead: LeadRef,
}

#[derive(Serialize)]
struct FirstContactItem<'a> {
    call_sid: &'a CallSid,
    phone: &'a PhoneNumber,
    contacted_at: Instant,
}

/// A call to be recorded.
pub struct NewCall<'a> {
    /// Whose call it is.
    pub account: &'a Account,
    /// Its sid, which also says when it started.
    pub sid: CallSid,
    /// Who is calling.
    pub calling: &'a CallingParty,
    /// Which number is called.
    pub called: &'a PhoneNumber,
    /// The caller's contact as it was just read. If it has changed since, the transaction's conditions find
    /// out.
    pub contact: &'a Contact,
    /// The request.
    pub guid: Guid,
}

/// What is recorded together with a call.
#[derive(Default)]
pub(in crate::ledger) struct CallExtras<'a> {
    /// Attributes that a live call begins without.
    pub(in crate::ledger) attributes: Item,
    /// The recent calls of its pair, which it is added to.
    pub(in crate::ledger) recent: Option<&'a RecentCalls>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Call,
    RecentCalls,
    Pair,
    Lead,
    FirstContact,
}

impl Ledger {
    /// Records an inbound call, with its caller's lead and first contact if there are none, in one
    /// transaction.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if nothing was recorded and the
    /// request may be sent again.
    pub async fn record_inbound(&self, call: &NewCall<'_>) -> Result<(), StoreError> {
        let extras = CallExtras::default();
        match self.record(call, Direction::Inbound, &extras).await? {
            Creation::Created(()) => Ok(()),
            Creation::Exists(_) | Creation::Refused(_) => Err(taken()),
        }
    }

    /// Records a call of either direction with its extras. Only an inbound call makes a lead, a first
    /// contact and a pointer for bills.
    ///
    /// A call that exists under the sid is returned as it is. The call is refused if its pair has recent
    /// calls that it was not added to, which are returned from the earliest to the latest.
    pub(in crate::ledger) async fn record(
        &self,
        call: &NewCall<'_>,
        direction: Direction,
        extras: &CallExtras<'_>,
    ) -> Result<Creation<(), Vec<CallSid>, Item>, StoreError> {
        let mut lead = call.contact.lead.clone();
        let mut contacted = call.contact.contacted;
        let mut retry = Retry::planning("this caller's lead");
        loop {
            retry.next().await?;
            let transaction = call_transaction(call, direction, extras, lead.as_ref(), contacted)?;
            let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
                return Ok(Creation::Created(()));
            };
            if let Some(found) = refusals.take(Tag::Call) {
                return Ok(match written_by(&found, call.guid) {
                    true => Creation::Created(()),
                    false => Creation::Exists(found),
                });
            }
            if let Some(found) = refusals.take(Tag::RecentCalls) {
                return recent_calls(found).map(Creation::Refused);
            }
            if refusals.contains(Tag::Pair) {
                return Err(taken());
            }
            if let Some(found) = refusals.take(Tag::Lead) {
                lead = Some(read(found)?);
            }
            contacted |= refusals.contains(Tag::FirstContact);
        }
    }
}

fn call_transaction(
    call: &NewCall<'_>,
    direction: Direction,
    extras: &CallExtras<'_>,
    lead: Option<&LeadItem>,
    contacted: bool,
) -> Result<Transaction<Tag>, StoreError> {
    let account = &call.account.id;
    let caller = call
        .calling
        .number()
        .filter(|_| direction == Direction::Inbound);
    let caller = caller.map(|phone| {
        let lead = lead.cloned().unwrap_or_else(|| LeadItem {
            lead_id: LeadId::of(&call.account.sid, phone),
            vendor_id: call.account.vendor_id.clone(),
            phone: phone.clone(),
            created_at: call.sid.started(),
        });
        (phone, lead)
    });
    let item = CallItem {
        call_sid: &call.sid,
        account_id: account,
        direction,
        call_from: call.calling.as_str(),
        call_to: call.called,
        started_at: call.sid.started(),
        lead_id: caller.as_ref().map(|(_, lead)| &lead.lead_id),
        first_contact: caller.is_some() && !contacted,
        guid: call.guid.to_string(),
    };
    let mut item = stored(keys::call(account, &call.sid), "call", &item)?;
    item.extend(extras.attributes.clone());
    let mut transaction = Transaction::new();
    transaction.put(Tag::Call, item, ABSENT);
    if let Some(recent) = extras.recent {
        recent.add(&mut transaction, Tag::RecentCalls, account, &call.sid)?;
    }
    let Some((phone, lead_item)) = caller else {
        return Ok(transaction);
    };
    let pair = PairItem {
        call_sid: call.sid.clone(),
        lead: LeadRef {
            lead_id: lead_item.lead_id.clone(),
            vendor_id: lead_item.vendor_id.clone(),
            first_contact: !contacted,
        },
    };
    let pair_key = keys::pair_call(account, call.called, phone, &call.sid);
    transaction.put(Tag::Pair, stored(pair_key, "pair_call", &pair)?, ABSENT);
    if lead.is_none() {
        let item = stored(keys::lead(account, phone), "lead", &lead_item)?;
        transaction.put(Tag::Lead, item, ABSENT);
    }
    if !contacted {
        let first = FirstContactItem {
            call_sid: &call.sid,
            phone,
            contacted_at: call.sid.started(),
        };
        let item = stored(keys::first_contact(account, phone), "first_contact", &first)?;
        transaction.put(Tag::FirstContact, item, ABSENT);
    }
    Ok(transaction)
}

fn taken() -> StoreError {
    StoreError::Broken("a new call sid is already taken".to_owned())
}
