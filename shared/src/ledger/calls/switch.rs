//! Calls that clients record and update themselves (pattern 9): those of another switch, and the end of any
//! call of the account.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;

use crate::ids;
use crate::ledger::calls::recent::RecentCalls;
use crate::ledger::calls::record::{CallExtras, NewCall};
use crate::ledger::contacts::contact::Contact;
use crate::ledger::keys;
use crate::ledger::outcome::{Creation, Update};
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, n, s};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::PRESENT;
use crate::ledger::table::update::Updated;
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::id::Guid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::phone::PhoneNumber;
use crate::model::property::PropertySid;
use crate::model::report::Disposition;
use crate::model::time::Instant;

/// When a call started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartTime {
    /// As the client reports.
    Reported(Instant),
    /// At this time or earlier; the client does not report it.
    Inferred(Instant),
}

/// A call of another switch.
pub struct SwitchCall<'a> {
    /// Whose call it is.
    pub account: &'a Account,
    /// The property that it is recorded for.
    pub property: &'a PropertySid,
    /// Who called.
    pub from: &'a PhoneNumber,
    /// Who was called.
    pub to: &'a PhoneNumber,
    /// Which way it went.
    pub direction: Direction,
    /// When it started.
    pub began: StartTime,
    /// What became of it.
    pub change: CallChange,
    /// The caller's contact as it was just read; an empty one if the account placed the call.
    pub contact: &'a Contact,
    /// The request.
    pub guid: Guid,
    /// Now.
    pub now: Instant,
}

/// An update of a call. `None` leaves the attribute as it is.
#[derive(Clone, Debug, Default)]
pub struct CallChange {
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// When it was over.
    pub ended: Option<Instant>,
}

impl SwitchCall<'_> {
    /// The sid that it has if it is a new call, and if its start is not known, the recent calls of its pair.
    fn identity(&self) -> (CallSid, Option<RecentCalls>) {
        let (direction, from, to) = (self.direction, self.from.as_e164(), self.to);
        match self.began {
            StartTime::Reported(started) => {
                let account = &self.account.sid;
                let sid = CallSid::of_past(account, started, direction, from, to, None);
                (sid, None)
            }
            StartTime::Inferred(started) => {
                let sid = ids::call_sid(started, ids::shard(self.account.shards));
                let record = IdempotencyRecord::of_recent_calls(direction, from, to, self.now);
                (sid, Some(RecentCalls::new(record, self.now)))
            }
        }
    }
}

impl CallChange {
    /// The end of a call that started at `started`. Clocks differ, but no call ends before it starts.
    fn end_of(&self, started: Instant) -> Option<Instant> {
        self.ended.map(|ended| ended.max(started))
    }

    /// The duration of a call that started at `started`, in seconds. It is the difference between the whole
    /// seconds of start and end, because clients are shown those.
    fn seconds(&self, started: Instant) -> Option<i64> {
        let ended = self.end_of(started)?;
        Some(ended.seconds() - started.seconds())
    }

    /// The attributes to set of a call that started at `started`.
    fn attributes(&self, started: Instant) -> Vec<(&'static str, AttributeValue)> {
        let disposition = self.disposition.as_ref();
        let values = [
            ("disposition", disposition.map(|text| s(text.as_str()))),
            ("ended_at", self.end_of(started).map(at)),
            ("duration_seconds", self.seconds(started).map(n)),
        ];
        let given = values.into_iter();
        given
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// Whether it may be an update of `call`: the call has not ended yet, or ended in the same way.
    fn fits(&self, call: &CallRow) -> bool {
        let ended = match (call.ended, self.end_of(call.sid.started())) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(old), Some(new)) => old.seconds() == new.seconds(),
        };
        let disposition = match (&call.disposition, &self.disposition) {
            (Some(old), Some(new)) => old == new.as_str(),
            _ => true,
        };
        ended && disposition
    }

    /// The part of it that `call` does not have yet.
    fn missing_in(&self, call: &CallRow) -> Self {
        let disposition = self.disposition.clone();
        Self {
            disposition: disposition.filter(|_| call.disposition.is_none()),
            ended: self.ended.filter(|_| call.ended.is_none()),
        }
    }
}

impl Ledger {
    /// One call.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn call(
        &self,
        account: &AccountId,
        sid: &CallSid,
    ) -> Result<Option<CallRow>, StoreError> {
        let item = self.get(keys::call(account, sid)).await?;
        Ok(item.and_then(CallRow::of))
    }

    /// Records a call once, with its caller's lead and first contact if there are none. A call that is
    /// reported with its start has a sid derived from it. A call that is reported without is the pair's call
    /// of the last minute, unless that one has ended in another way. If the call exists, the details that it
    /// lacks are added. Returns the call as it is then.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn record_call(&self, call: &SwitchCall<'_>) -> Result<CallRow, StoreError> {
        let account = &call.account.id;
        let (sid, mut recent) = call.identity();
        let attributes = call.change.attributes(sid.started());
        let mut attributes: Item = attributes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        attributes.insert("property_sid".to_owned(), s(call.property.as_str()));
        let mut retry = Retry::planning("the calls of this pair");
        loop {
            retry.next().await?;
            let new = NewCall {
                account: call.account,
                sid: sid.clone(),
                calling: &CallingParty::Number(call.from.clone()),
                called: call.to,
                contact: call.contact,
                guid: call.guid,
            };
            let extras = CallExtras {
                attributes: attributes.clone(),
                recent: recent.as_ref(),
            };
            match self.record(&new, call.direction, &extras).await? {
                Creation::Created(()) => return self.recorded(account, &sid).await,
                Creation::Exists(item) => {
                    let row = CallRow::of(item).ok_or_else(unreadable)?;
                    return self.complete(account, row, &call.change).await;
                }
                Creation::Refused(others) => {
                    let calls = others.iter().map(|sid| self.recorded(account, sid));
                    let mut calls = try_join_all(calls).await?;
                    if let Some(latest) = calls.iter().rposition(|row| call.change.fits(row)) {
                        let same = calls.swap_remove(latest);
                        return self.complete(account, same, &call.change).await;
                    }
                    recent = recent.map(|recent| recent.found(others));
                }
            }
        }
    }

    /// A call that is known to be recorded.
    async fn recorded(&self, account: &AccountId, sid: &CallSid) -> Result<CallRow, StoreError> {
        let row = self.call(account, sid).await?;
        row.ok_or_else(unreadable)
    }

    /// Adds the details to a call that it lacks.
    async fn complete(
        &self,
        account: &AccountId,
        call: CallRow,
        change: &CallChange,
    ) -> Result<CallRow, StoreError> {
        let started = call.sid.started();
        let missing = change.missing_in(&call).attributes(started);
        if missing.is_empty() {
            return Ok(call);
        }
        let completed = self
            .set_attributes(account, &call.sid, missing, Existing::Keep)
            .await?;
        Ok(completed.unwrap_or(call))
    }

    /// Updates a call, and returns it as it is then.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn update_call(
        &self,
        account: &AccountId,
        sid: &CallSid,
        change: &CallChange,
    ) -> Result<Update<CallRow>, StoreError> {
        let attributes = change.attributes(sid.started());
        let updated = self
            .set_attributes(account, sid, attributes, Existing::Overwrite)
            .await?;
        Ok(updated.map_or(Update::NotFound, Update::Updated))
    }

    async fn set_attributes(
        &self,
        account: &AccountId,
        sid: &CallSid,
        attributes: Vec<(&'static str, AttributeValue)>,
        existing: Existing,
    ) -> Result<Option<CallRow>, StoreError> {
        let sets = attributes.iter().map(|(name, _)| match existing {
            Existing::Overwrite => format!("{name} = :{name}"),
            Existing::Keep => format!("{name} = if_not_exists({name}, :{name})"),
        });
        let expression = format!("SET {}", sets.collect::<Vec<_>>().join(", "));
        let mut update = self.update_item(keys::call(account, sid), expression, PRESENT);
        for (name, value) in attributes {
            update = update.value(format!(":{name}"), value);
        }
        Ok(match update.send().await? {
            Updated::Done(item) => CallRow::of(item),
            Updated::Refused(_) => None,
        })
    }
}

fn unreadable() -> StoreError {
    StoreError::Broken("a recorded call is gone or cannot be read".to_owned())
}

/// What becomes of an attribute that a call has already.
#[derive(Clone, Copy)]
enum Existing {
    Overwrite,
    Keep,
}
