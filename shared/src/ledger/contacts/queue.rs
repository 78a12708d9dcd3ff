//! Call processes (pattern 26), callees that are queued (27), and the guard that keeps a callee from being
//! queued twice within the hour (28).

use std::convert::Infallible;
use std::time::Duration;

use serde::Serialize;

use crate::ids;
use crate::ledger::contacts::contact::LeadItem;
use crate::ledger::contacts::waiting::{KEPT, WaitingEntry};
use crate::ledger::keys;
use crate::ledger::outcome::{Creation, Deletion};
use crate::ledger::table::end::{ABSENT_OR_ENDED, end_of_contact, with_end};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::EXPIRED;
use crate::ledger::table::item::{at, n, read, s, stored, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, PRESENT, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::call::LeadId;
use crate::model::id::{CredentialId, Guid};
use crate::model::phone::PhoneNumber;
use crate::model::queue::{CallProcess, CallProcessId, QueueId, QueueStatus, RapidResponse};
use crate::model::time::Instant;

/// For how long a callee is not queued again.
const GUARD_LIFE: Duration = Duration::from_secs(3_600);

/// The condition that a lead has not ended, if there is one.
const NOT_ENDED: &str = "attribute_not_exists(expires_at) OR expires_at > :now_seconds";

/// A callee to be queued.
#[derive(Clone, Copy, Debug)]
pub struct QueueRequest<'a> {
    /// Whose.
    pub account: &'a Account,
    /// Who asked for it.
    pub credential: &'a CredentialId,
    /// What is asked for.
    pub response: &'a RapidResponse,
    /// The request.
    pub guid: Guid,
    /// When it came.
    pub now: Instant,
}

/// Why a callee is not queued, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueRefusal {
    /// The account has no such call process.
    NoCallProcess,
    /// The callee was queued less than an hour ago.
    QueuedRecently,
}

/// A queue entry, which says for good what became of a callee.
#[derive(Serialize)]
struct EntryItem<'a> {
    callqueue_id: QueueId,
    account_id: &'a AccountId,
    callprocess_id: CallProcessId,
    step_order: u8,
    callqueue_status: &'static str,
    lead_numtocall: &'a PhoneNumber,
    lead_id: &'a LeadId,
    whisper_text: &'a str,
    created_at: Instant,
    credential_id: &'a CredentialId,
    guid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

#[derive(Serialize)]
struct GuardItem {
    callqueue_id: QueueId,
    guid: String,
    until: Instant,
    /// `until` in seconds, for the table's own clean-up.
    expires_at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    CallProcess,
    Entry,
    Guard,
    Lead,
}

impl Ledger {
    /// Queues a callee, and makes its lead if there is none, in one transaction.
    ///
    /// # Errors
    /// Returns [`StoreError::Contended`] if nothing was written, and [`StoreError::Unavailable`] if that is not
    /// known. In both cases the request may be sent again.
    pub async fn queue(
        &self,
        request: &QueueRequest<'_>,
    ) -> Result<Creation<QueueId, QueueRefusal, Infallible>, StoreError> {
        // Two ids of one millisecond are the same once in thousands.
        let mut retry = Retry::planning("the queue ids of an account").within(self.patience);
        let mut lead = Lead::Lasting;
        loop {
            retry.next().await?;
            let id = QueueId::new(ids::number(request.now))
                .map_err(|error| StoreError::Broken(format!("queue id: {error}")))?;
            let transaction = queue_transaction(request, id, lead)?;
            let Committed::Refused(refusals) = self.commit(transaction).await? else {
                return Ok(Creation::Created(id));
            };
            let guard = refusals.item(Tag::Guard);
            if guard.is_some_and(|guard| written_by(guard, request.guid)) {
                return Ok(Creation::Created(id));
            }
            if refusals.contains(Tag::CallProcess) {
                return Ok(Creation::Refused(QueueRefusal::NoCallProcess));
            }
            if refusals.contains(Tag::Guard) {
                return Ok(Creation::Refused(QueueRefusal::QueuedRecently));
            }
            if refusals.contains(Tag::Lead) {
                lead = lead.other();
            } else if !refusals.contains(Tag::Entry) {
                let unconditional = "a write without a condition was refused".to_owned();
                return Err(StoreError::Broken(unconditional));
            }
        }
    }

    /// Creates a call process of an account; it exists if its number is taken there.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn create_call_process(
        &self,
        account: &AccountId,
        process: &CallProcess,
    ) -> Result<Creation, StoreError> {
        let key = keys::call_process(account, process.id);
        let item = stored(key, "call_process", process)?;
        let mut transaction = Transaction::new();
        transaction.put(Tag::CallProcess, item, ABSENT);
        let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
            return Ok(Creation::Created(()));
        };
        let found = refusals.take(Tag::CallProcess).map(read::<CallProcess>);
        // One that was created in the same millisecond is this request's own, whose answer was lost.
        Ok(match found.transpose()?.as_ref() == Some(process) {
            true => Creation::Created(()),
            false => Creation::Exists(()),
        })
    }

    /// An account's call processes.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn call_processes(
        &self,
        account: &AccountId,
    ) -> Result<Vec<CallProcess>, StoreError> {
        let items = self
            .query(keys::account_partition(account))
            .prefix(keys::CALL_PROCESSES)
            .all()
            .await?;
        items.into_iter().map(read).collect()
    }

    /// Deletes a call process of an account.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn delete_call_process(
        &self,
        account: &AccountId,
        id: CallProcessId,
    ) -> Result<Deletion, StoreError> {
        let key = keys::call_process(account, id);
        self.delete_if_present(key).await
    }
}

/// Whether the lead of a callee, if there is one, has ended and is not deleted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Lasting,
    Ended,
}

impl Lead {
    /// What it is, if it is not this.
    fn other(self) -> Self {
        match self {
            Self::Lasting => Self::Ended,
            Self::Ended => Self::Lasting,
        }
    }
}

fn queue_transaction(
    request: &QueueRequest<'_>,
    id: QueueId,
    lead: Lead,
) -> Result<Transaction<Tag>, StoreError> {
    let QueueRequest {
        account,
        credential,
        response,
        guid,
        now,
    } = *request;
    let RapidResponse {
        process,
        callee,
        whisper_text,
    } = response;
    let lead_id = LeadId::of(&account.sid, callee);
    let entry = EntryItem {
        callqueue_id: id,
        account_id: &account.id,
        callprocess_id: *process,
        step_order: 1,
        callqueue_status: QueueStatus::Processing.as_str(),
        lead_numtocall: callee,
        lead_id: &lead_id,
        whisper_text: whisper_text.as_str(),
        created_at: now,
        credential_id: credential,
        guid: guid.to_string(),
        expires_at: account.queue_kept.end(now),
    };
    let until = now.plus(GUARD_LIFE);
    let guard = GuardItem {
        callqueue_id: id,
        guid: guid.to_string(),
        until,
        expires_at: until.seconds() + 1,
    };
    let entry_key = keys::queue_entry(&account.id, now.utc_day(), id);
    let entry = stored(entry_key, "queue_entry", &entry)?;
    let waiting = WaitingEntry {
        id,
        process: *process,
        callee: callee.clone(),
        whisper_text: whisper_text.as_str().to_owned(),
        queued_at: now,
        attempts: 0,
        lease_until: None,
        taken_by: None,
        expires_at: now.plus(KEPT).seconds(),
    };
    let waiting = stored(keys::waiting(&account.id, id), "queue_waiting", &waiting)?;
    let guard_key = keys::queue_guard(&account.id, callee);
    let guard = stored(guard_key, "queue_guard", &guard)?;
    let process = keys::call_process(&account.id, *process);
    let mut transaction = Transaction::new();
    transaction.check(Tag::CallProcess, process, PRESENT);
    transaction.put(Tag::Entry, entry, ABSENT);
    transaction.put(Tag::Entry, waiting, ABSENT);
    transaction
        .put(Tag::Guard, guard, EXPIRED)
        .name("#until", "until")
        .value(":now", at(now));
    match lead {
        Lead::Lasting => keep_lead(&mut transaction, account, callee, &lead_id, now),
        Lead::Ended => replace_lead(&mut transaction, account, callee, lead_id, now)?,
    }
    Ok(transaction)
}

/// Adds the write of a lead, which changes nothing of one that is there but when it ends.
fn keep_lead(
    transaction: &mut Transaction<Tag>,
    account: &Account,
    phone: &PhoneNumber,
    lead_id: &LeadId,
    now: Instant,
) {
    let end = end_of_contact(account, None, now);
    let set = "SET #type = if_not_exists(#type, :type), v = if_not_exists(v, :v), \
               lead_id = if_not_exists(lead_id, :lead), \
               vendor_id = if_not_exists(vendor_id, :vendor), \
               phone = if_not_exists(phone, :phone), \
               created_at = if_not_exists(created_at, :now)";
    transaction
        .update(
            Tag::Lead,
            keys::lead(&account.id, phone),
            with_end(set, end),
            NOT_ENDED,
        )
        .name("#type", "type")
        .value(":type", s("lead"))
        .value(":v", n(1))
        .value(":lead", s(lead_id.as_str()))
        .value(":vendor", s(account.vendor_id.as_str()))
        .value(":phone", s(phone.as_e164()))
        .value(":now", at(now))
        .value(":now_seconds", n(now.seconds()))
        .values(end.map(|end| (":end", n(end))));
}

/// Adds the write of a lead in place of one that has ended.
fn replace_lead(
    transaction: &mut Transaction<Tag>,
    account: &Account,
    phone: &PhoneNumber,
    lead_id: LeadId,
    now: Instant,
) -> Result<(), StoreError> {
    let lead = LeadItem {
        lead_id,
        vendor_id: account.vendor_id.clone(),
        phone: phone.clone(),
        created_at: now,
        expires_at: end_of_contact(account, None, now),
    };
    let item = stored(keys::lead(&account.id, phone), "lead", &lead)?;
    transaction
        .put(Tag::Lead, item, ABSENT_OR_ENDED)
        .value(":now", n(now.seconds()));
    Ok(())
}
