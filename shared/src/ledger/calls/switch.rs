//! Calls that clients record and change by themselves (pattern 9): another switch's, and what became of
//! any call of the account.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use futures_util::future::try_join_all;

use crate::ids;
use crate::ledger::calls::recent::Recent;
use crate::ledger::calls::record::Inbound;
use crate::ledger::calls::record::{CallExtras, Recorded};
use crate::ledger::contacts::contact::Contact;
use crate::ledger::keys;
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::error::translate;
use crate::ledger::table::item::{Item, at, key, n, s};
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::id::Guid;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::phone::PhoneNumber;
use crate::model::property::PropertySid;
use crate::model::report::Disposition;
use crate::model::time::Instant;

/// How often a call is tried to be put behind the others of its pair, while more of them come.
const TRIES: u32 = 8;

/// When a call started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartTime {
    /// The client says so.
    Reported(Instant),
    /// The client does not; it was then or before.
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
    /// What is known of the caller, as just read; nothing where the account placed the call.
    pub known: &'a Contact,
    /// The request.
    pub guid: Guid,
    /// Now.
    pub now: Instant,
}

/// What became of a call; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct CallChange {
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// When it was over.
    pub ended: Option<Instant>,
}

impl SwitchCall<'_> {
    /// The sid that it has if it is a new one, and where its start is not known, its place among the
    /// pair's.
    fn identity(&self) -> (CallSid, Option<Recent>) {
        let (direction, from, to) = (self.direction, self.from.as_e164(), self.to);
        match self.began {
            StartTime::Reported(started) => {
                let account = &self.account.sid;
                let sid = CallSid::of_past(account, started, direction, from, to, None);
                (sid, None)
            }
            StartTime::Inferred(started) => {
                let sid = ids::call_sid(started, ids::shard(self.account.shards));
                let key = IdempotencyRecord::of_calls(direction, from, to, self.now);
                (sid, Some(Recent::new(key, self.now)))
            }
        }
    }
}

impl CallChange {
    /// When a call that started at `started` was over; clocks differ, and none ends before it starts.
    fn end_of(&self, started: Instant) -> Option<Instant> {
        self.ended.map(|ended| ended.max(started))
    }

    /// How long a call was that started at `started`, in seconds: as many as lie between the seconds in
    /// which it started and ended, for these are what a client sees.
    fn seconds(&self, started: Instant) -> Option<i64> {
        let ended = self.end_of(started)?;
        Some(ended.seconds() - started.seconds())
    }

    /// The attributes of a call that started at `started`.
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

    /// Whether it may be said of this very call: it is not over yet, or ended so.
    fn fits(&self, call: &CallRow) -> bool {
        let ended = match (call.ended, self.end_of(call.sid.started())) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(known), Some(said)) => known.seconds() == said.seconds(),
        };
        let same = match (&call.disposition, &self.disposition) {
            (Some(known), Some(said)) => known == said.as_str(),
            _ => true,
        };
        ended && same
    }

    /// What of it is not known of the call yet.
    fn news_of(&self, call: &CallRow) -> Self {
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
    /// The store's.
    pub async fn call(
        &self,
        account: &AccountId,
        sid: &CallSid,
    ) -> Result<Option<CallRow>, StoreError> {
        let item = self.get(keys::call(account, sid)).await?;
        Ok(item.and_then(CallRow::of))
    }

    /// Records a call with its caller's lead and first contact where it is the first, once: a call that
    /// says when it started has its sid from that, and one that does not is the pair's call of the last
    /// minute, unless that is over or ended otherwise. What is said of a call that is there, and was not
    /// known of it, is added to it. The call as it is in the ledger then.
    ///
    /// # Errors
    /// The store's.
    pub async fn record_call(&self, call: &SwitchCall<'_>) -> Result<CallRow, StoreError> {
        let account = &call.account.id;
        let (sid, mut recent) = call.identity();
        let attributes = call.change.attributes(sid.started());
        let mut more: Item = attributes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        more.insert("property_sid".to_owned(), s(call.property.as_str()));
        for _ in 0..TRIES {
            let inbound = Inbound {
                account: call.account,
                sid: sid.clone(),
                calling: &CallingParty::Number(call.from.clone()),
                called: call.to,
                known: call.known,
                guid: call.guid,
            };
            let along = CallExtras {
                more: more.clone(),
                recent: recent.as_ref(),
            };
            match self.record(&inbound, call.direction, &along).await? {
                Recorded::New => return self.there(account, &sid).await,
                Recorded::Before(item) => {
                    let before = CallRow::of(item).ok_or_else(unreadable)?;
                    return self.complete(account, before, &call.change).await;
                }
                Recorded::Told(others) => {
                    let calls = others.iter().map(|sid| self.there(account, sid));
                    let mut calls = try_join_all(calls).await?;
                    if let Some(latest) = calls.iter().rposition(|row| call.change.fits(row)) {
                        let same = calls.swap_remove(latest);
                        return self.complete(account, same, &call.change).await;
                    }
                    recent = recent.map(|recent| recent.behind(others));
                }
            }
        }
        Err(StoreError::Unavailable(
            "more calls of the pair kept coming".to_owned(),
        ))
    }

    /// A call that was just seen.
    async fn there(&self, account: &AccountId, sid: &CallSid) -> Result<CallRow, StoreError> {
        let row = self.call(account, sid).await?;
        row.ok_or_else(unreadable)
    }

    /// Adds to a call what is said and was not known of it.
    async fn complete(
        &self,
        account: &AccountId,
        call: CallRow,
        said: &CallChange,
    ) -> Result<CallRow, StoreError> {
        let news = said.news_of(&call).attributes(call.sid.started());
        if news.is_empty() {
            return Ok(call);
        }
        let completed = self.set(account, &call.sid, news, Before::Stays).await?;
        Ok(completed.unwrap_or(call))
    }

    /// Sets what became of a call, and gives the call as it is then; `None` where the account has no such
    /// call.
    ///
    /// # Errors
    /// The store's.
    pub async fn change_call(
        &self,
        account: &AccountId,
        sid: &CallSid,
        change: &CallChange,
    ) -> Result<Option<CallRow>, StoreError> {
        let attributes = change.attributes(sid.started());
        self.set(account, sid, attributes, Before::Goes).await
    }

    async fn set(
        &self,
        account: &AccountId,
        sid: &CallSid,
        attributes: Vec<(&'static str, AttributeValue)>,
        before: Before,
    ) -> Result<Option<CallRow>, StoreError> {
        let mut sets = Vec::new();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::call(account, sid))))
            .condition_expression("attribute_exists(pk)")
            .return_values(ReturnValue::AllNew);
        for (name, value) in attributes {
            sets.push(match before {
                Before::Goes => format!("{name} = :{name}"),
                Before::Stays => format!("{name} = if_not_exists({name}, :{name})"),
            });
            update = update.expression_attribute_values(format!(":{name}"), value);
        }
        let sent = update
            .update_expression(format!("SET {}", sets.join(", ")))
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer.attributes.and_then(CallRow::of)),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(translate(error)),
        }
    }
}

fn unreadable() -> StoreError {
    StoreError::Broken("a recorded call is gone or cannot be read".to_owned())
}

/// What becomes of what is known already.
#[derive(Clone, Copy)]
enum Before {
    /// It gives way.
    Goes,
    /// It stays.
    Stays,
}
