//! What takers send, and how queue entries are shown.

use std::time::Duration;

use callbook::dialect::callbook::{field, resource};
use callbook::ledger::WaitingEntry;
use callbook::model::account::Account;
use callbook::model::credential::Credential;
use callbook::model::idempotency::IdempotencyRecord;
use callbook::model::queue::{CallProcessId, QueueId, QueueResult};
use callbook::model::text::IdempotencyKey;
use callbook::model::time::Instant;
use callbook::problem::{Fault, Problem};
use callbook::request::reader::{json_count, json_string, json_string_or_number};
use callbook::request::{JsonObject, JsonReader, Request};
use serde::Serialize;
use serde_json::value::RawValue;

/// The maximum of `limit` of a take.
const MOST_TAKEN: u32 = 100;

/// The default of `lease_seconds`.
const LEASE: u32 = 120;

/// The maximum of `lease_seconds`.
const LONGEST: u32 = 3_600;

/// What a taker wants.
pub struct Wanted {
    /// Only entries of this call process.
    pub process: Option<CallProcessId>,
    /// The maximum number of entries.
    pub limit: usize,
    /// For how long they are given.
    pub lease: Duration,
    /// The idempotency key, if the client sent one.
    key: Option<IdempotencyKey>,
}

impl Wanted {
    /// What the entries are marked with, so that a repeat with the same key finds them.
    pub fn mark(&self, credential: &Credential) -> Option<String> {
        let process = self.process.map(|process| process.to_string());
        let asked = [
            self.limit.to_string(),
            self.lease.as_secs().to_string(),
            process.unwrap_or_default(),
        ];
        let asked = asked.each_ref().map(String::as_str);
        let key = self.key.as_ref()?;
        Some(IdempotencyRecord::name_of_take(credential, key, &asked))
    }
}

/// Reads a request to take entries.
///
/// # Errors
/// Returns `Invalid` with every field at fault.
pub fn wanted(request: &Request, body: &JsonObject) -> Result<Wanted, Problem> {
    let fields = [field::LIMIT, field::LEASE_SECONDS, field::CALLPROCESS_ID];
    let mut reader = resource::body(request, body, &fields);
    let limit = reader.optional(field::LIMIT, |value| positive(value, MOST_TAKEN));
    let lease = lease(&mut reader);
    let process = reader.optional(field::CALLPROCESS_ID, |value| {
        CallProcessId::parse(&json_string_or_number(value)?).map_err(Fault::invalid)
    });
    let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, request);
    let (limit, lease, process, key) = reader.finish((limit, lease, process, key))?;
    Ok(Wanted {
        key,
        process,
        limit: usize::try_from(limit.unwrap_or(1)).unwrap_or(1),
        lease,
    })
}

/// Reads a request for more time: for how long from now on, and the attempt.
///
/// # Errors
/// Returns `Invalid` with every field at fault.
pub fn extension(request: &Request, body: &JsonObject) -> Result<(Duration, Option<u32>), Problem> {
    let mut reader = resource::body(request, body, &[field::LEASE_SECONDS, field::ATTEMPT]);
    let lease = lease(&mut reader);
    let attempt = attempt(&mut reader);
    reader.finish((lease, attempt))
}

/// Reads what became of an entry, and the attempt.
///
/// # Errors
/// Returns `Invalid` with every field at fault.
pub fn end(request: &Request, body: &JsonObject) -> Result<(QueueResult, Option<u32>), Problem> {
    let mut reader = resource::body(request, body, &[field::RESULT, field::ATTEMPT]);
    let result = reader.required(field::RESULT, |value| {
        QueueResult::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let attempt = attempt(&mut reader);
    reader.finish((result, attempt))
}

fn lease(reader: &mut JsonReader<'_>) -> Option<Duration> {
    let seconds = reader.optional(field::LEASE_SECONDS, |value| positive(value, LONGEST))?;
    Some(Duration::from_secs(seconds.unwrap_or(LEASE).into()))
}

fn attempt(reader: &mut JsonReader<'_>) -> Option<Option<u32>> {
    reader.optional(field::ATTEMPT, |value| positive(value, u32::MAX))
}

/// Reads a whole JSON number from 1 to `most`.
fn positive(value: &RawValue, most: u32) -> Result<u32, Fault> {
    let wrong = || Fault::invalid(format!("expected a whole number from 1 to {most}"));
    let number = json_count(value, most).map_err(|_| wrong())?;
    Some(number).filter(|number| *number > 0).ok_or_else(wrong)
}

/// A page of entries.
#[derive(Serialize)]
pub struct WaitingList<'a> {
    pub entries: Vec<QueueEntryView<'a>>,
    pub next_cursor: Option<String>,
}

/// The entries that a taker gets.
#[derive(Serialize)]
pub struct TakenEntries<'a> {
    pub entries: Vec<QueueEntryView<'a>>,
}

/// An entry as takers see it.
#[derive(Serialize)]
pub struct QueueEntryView<'a> {
    id: QueueId,
    callprocess_id: CallProcessId,
    callee: &'a str,
    whisper_text: &'a str,
    queued_at: String,
    attempt: u32,
    lease_until: Option<String>,
}

impl<'a> QueueEntryView<'a> {
    /// Shows an entry to its account.
    pub fn of(entry: &'a WaitingEntry, account: &Account) -> Self {
        let shown = |instant: Instant| instant.rfc3339(&account.zone);
        Self {
            id: entry.id,
            callprocess_id: entry.process,
            callee: entry.callee.as_e164(),
            whisper_text: &entry.whisper_text,
            queued_at: shown(entry.queued_at),
            attempt: entry.attempts,
            lease_until: entry.lease_until.map(shown),
        }
    }
}

/// An entry that is finished.
#[derive(Serialize)]
pub struct FinishedEntry {
    id: QueueId,
    attempt: u32,
    result: &'static str,
}

impl FinishedEntry {
    /// Shows what an attempt has made of an entry.
    pub fn of(id: QueueId, attempt: u32, result: QueueResult) -> Self {
        Self {
            id,
            attempt,
            result: result.as_str(),
        }
    }
}
