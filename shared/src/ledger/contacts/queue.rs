//! Call processes (pattern 26), the queue of callees (27), and the guard that keeps a callee from being
//! queued twice within the hour (28).

use std::time::Duration;

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use serde::Serialize;

use crate::ids;
use crate::ledger::access::accounts::Saved;
use crate::ledger::calls::record::wrote;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, key, n, read, s, stored};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::call::LeadId;
use crate::model::id::{CredentialId, Guid};
use crate::model::phone::PhoneNumber;
use crate::model::queue::{CallProcess, CallProcessId, QueueId, RapidResponse};
use crate::model::time::Instant;

/// For how long a callee is not queued again.
const GUARD_LIFE: Duration = Duration::from_secs(3_600);

/// How many ids are tried: two of one millisecond are the same once in thousands.
const IDS: u32 = 8;

/// A callee to be queued.
#[derive(Clone, Copy, Debug)]
pub struct Queueing<'a> {
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

/// How queueing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// The callee is queued.
    Done(QueueId),
    /// It is not.
    Refused(Refusal),
}

/// Why a callee is not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The account has no such call process.
    NoProcess,
    /// It was queued less than an hour ago.
    Duplicate,
}

/// What a dialer reads off the stream.
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
}

#[derive(Serialize)]
struct GuardItem {
    callqueue_id: QueueId,
    guid: String,
    until: Instant,
    /// `until` in seconds, for the table's own clean-up.
    expires_at: i64,
}

/// The places of the writes in the transaction.
const PROCESS: usize = 0;
const ENTRY: usize = 1;
const GUARD: usize = 2;

impl Ledger {
    /// Queues a callee and makes its lead where there is none, in one transaction.
    ///
    /// # Errors
    /// The store's.
    pub async fn queue(&self, asked: &Queueing<'_>) -> Result<Queued, StoreError> {
        for _ in 0..IDS {
            let number = ids::number(asked.now);
            let id = QueueId::new(number)
                .map_err(|error| StoreError::Broken(format!("queue id: {error}")))?;
            let found = match self.transact(self.queue_writes(asked, id)?).await? {
                Transacted::Done => return Ok(Queued::Done(id)),
                Transacted::Refused(found) => found,
            };
            let of = |place| found.iter().find(|(index, _)| *index == place);
            // An earlier try of this request got through and its answer was lost.
            if let Some((_, Some(guard))) = of(GUARD)
                && wrote(guard, asked.guid)
            {
                return Ok(Queued::Done(id));
            }
            if of(PROCESS).is_some() {
                return Ok(Queued::Refused(Refusal::NoProcess));
            }
            if of(GUARD).is_some() {
                return Ok(Queued::Refused(Refusal::Duplicate));
            }
            if of(ENTRY).is_none() {
                return Err(StoreError::Broken(
                    "a write without a condition was refused".to_owned(),
                ));
            }
        }
        Err(StoreError::Unavailable(
            "the new queue ids were all taken".to_owned(),
        ))
    }

    fn queue_writes(
        &self,
        asked: &Queueing<'_>,
        id: QueueId,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Queueing {
            account,
            credential,
            response,
            guid,
            now,
        } = *asked;
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
            callqueue_status: "processing",
            lead_numtocall: callee,
            lead_id: &lead_id,
            whisper_text: whisper_text.as_str(),
            created_at: now,
            credential_id: credential,
            guid: guid.to_string(),
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
        let guard = stored(
            keys::queue_guard(&account.id, callee),
            "queue_guard",
            &guard,
        )?;
        let process = key(keys::call_process(&account.id, *process));
        Ok(vec![
            self.check(process, "attribute_exists(pk)").write()?,
            self.put(entry, "attribute_not_exists(pk)").write()?,
            self.put(guard, "attribute_not_exists(pk) OR #until <= :now")
                .name("#until", "until")
                .value(":now", at(now))
                .write()?,
            self.lead_write(account, callee, &lead_id, now)?,
        ])
    }

    /// The lead as it is, or a new one: nothing that it has is touched.
    fn lead_write(
        &self,
        account: &Account,
        phone: &PhoneNumber,
        lead_id: &LeadId,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        self.update(
            key(keys::lead(&account.id, phone)),
            "SET #type = if_not_exists(#type, :type), v = if_not_exists(v, :v), \
             lead_id = if_not_exists(lead_id, :lead), \
             vendor_id = if_not_exists(vendor_id, :vendor), \
             phone = if_not_exists(phone, :phone), \
             created_at = if_not_exists(created_at, :now)",
            // An update is written with a condition; a lead, there or not, is never in the way.
            "attribute_exists(pk) OR attribute_not_exists(pk)",
        )
        .name("#type", "type")
        .value(":type", s("lead"))
        .value(":v", n(1))
        .value(":lead", s(lead_id.as_str()))
        .value(":vendor", s(account.vendor_id.as_str()))
        .value(":phone", s(phone.as_e164()))
        .value(":now", at(now))
        .write()
    }

    /// Adds a call process to an account; [`Saved::Refused`] when its number is taken there.
    ///
    /// # Errors
    /// The store's.
    pub async fn add_call_process(
        &self,
        account: &AccountId,
        process: &CallProcess,
    ) -> Result<Saved, StoreError> {
        let at = keys::call_process(account, process.id);
        let item = stored(at, "call_process", process)?;
        let write = self.put(item, "attribute_not_exists(pk)").write()?;
        self.saved(write).await
    }

    /// An account's call processes.
    ///
    /// # Errors
    /// The store's.
    pub async fn call_processes(
        &self,
        account: &AccountId,
    ) -> Result<Vec<CallProcess>, StoreError> {
        let partition = keys::account_partition(account);
        let items: Vec<Item> = self.prefixed(partition, keys::CALL_PROCESSES).await?;
        items.into_iter().map(read).collect()
    }

    /// Removes a call process; [`Saved::Refused`] when the account has no such one.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove_call_process(
        &self,
        account: &AccountId,
        id: CallProcessId,
    ) -> Result<Saved, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(keys::call_process(account, id))))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        self.saved(TransactWriteItem::builder().delete(delete).build())
            .await
    }

    async fn saved(&self, write: TransactWriteItem) -> Result<Saved, StoreError> {
        Ok(match self.transact(vec![write]).await? {
            Transacted::Done => Saved::Done,
            Transacted::Refused(_) => Saved::Refused,
        })
    }
}
