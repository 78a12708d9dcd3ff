//! Calls that clients record and change by themselves (pattern 9): another switch's, and what became of
//! any call of the account.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValue;

use super::calls::{Along, Recorded};
use super::item::{at, key, n, s};
use super::knowledge::Known;
use super::report::CallRow;
use super::{Inbound, Ledger, StoreError, keys, translate};
use crate::ids;
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::id::Guid;
use crate::model::phone::PhoneNumber;
use crate::model::property::PropertySid;
use crate::model::report::Disposition;
use crate::model::time::Instant;
use crate::once::OnceKey;

/// How many calls of a pair may have ended within the minute in which a pair is one call.
const REDIALS: u32 = 8;

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
    /// When it started, where the client says so.
    pub started: Option<Instant>,
    /// What became of it.
    pub change: CallChange,
    /// What is known of the caller, as just read; nothing where the account placed the call.
    pub known: &'a Known,
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

impl CallChange {
    /// How long a call was that started at `started`, in seconds.
    fn seconds(&self, started: Instant) -> Option<i64> {
        let ended = self.ended?;
        Some((ended.millis() - started.millis()).max(0) / 1_000)
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
    /// minute, unless that is over. The call as it is in the ledger then.
    ///
    /// # Errors
    /// The store's.
    pub async fn record_call(&self, call: &SwitchCall<'_>) -> Result<CallRow, StoreError> {
        let mut after = None;
        for _ in 0..REDIALS {
            let (row, earlier) = self.record_after(call, after.as_ref()).await?;
            let redialed = earlier && row.ended.is_some() && call.change.ended.is_none();
            if !redialed {
                return Ok(row);
            }
            after = Some(row.sid);
        }
        Err(StoreError::Unavailable(
            "calls of the pair kept ending".to_owned(),
        ))
    }

    /// Records a call, or finds the one of the minute before, and says whether it did.
    async fn record_after(
        &self,
        call: &SwitchCall<'_>,
        after: Option<&CallSid>,
    ) -> Result<(CallRow, bool), StoreError> {
        let SwitchCall {
            account,
            direction,
            to,
            now,
            ..
        } = *call;
        let from = call.from.as_e164();
        let (sid, once) = match call.started {
            Some(started) => (
                CallSid::of_past(&account.sid, started, direction, from, to, None),
                None,
            ),
            None => (
                ids::call_sid(now, ids::shard(account.shards)),
                Some(OnceKey::of_call(direction, from, to, after, now)),
            ),
        };
        let mut along = Along {
            once: once.as_ref().map(|once| (once, now)),
            ..Along::default()
        };
        along
            .more
            .insert("property_sid".to_owned(), s(call.property.as_str()));
        if let Some(disposition) = &call.change.disposition {
            let text = s(disposition.as_str());
            along.more.insert("disposition".to_owned(), text);
        }
        if let Some(ended) = call.change.ended {
            along.more.insert("ended_at".to_owned(), at(ended));
        }
        if let Some(seconds) = call.change.seconds(sid.started()) {
            along.more.insert("duration_seconds".to_owned(), n(seconds));
        }
        let inbound = Inbound {
            account,
            sid: sid.clone(),
            calling: &CallingParty::Number(call.from.clone()),
            called: to,
            known: call.known,
            guid: call.guid,
        };
        let (sid, earlier) = match self.record(&inbound, direction, &along).await? {
            Recorded::New | Recorded::Before(_) => (sid, false),
            Recorded::Earlier(sid) => {
                let sid = CallSid::parse(&sid);
                let broken = |_| StoreError::Broken("a once-record names no call".to_owned());
                (sid.map_err(broken)?, true)
            }
        };
        let row = self.call(&account.id, &sid).await?;
        let row = row.ok_or_else(|| StoreError::Broken("a recorded call is gone".to_owned()))?;
        Ok((row, earlier))
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
        let mut sets = Vec::new();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::call(account, sid))))
            .condition_expression("attribute_exists(pk)")
            .return_values(ReturnValue::AllNew);
        let disposition = change.disposition.as_ref();
        for (set, place, value) in [
            (
                "disposition = :disposition",
                ":disposition",
                disposition.map(|text| s(text.as_str())),
            ),
            ("ended_at = :ended", ":ended", change.ended.map(at)),
            (
                "duration_seconds = :seconds",
                ":seconds",
                change.seconds(sid.started()).map(n),
            ),
        ] {
            if let Some(value) = value {
                sets.push(set);
                update = update.expression_attribute_values(place, value);
            }
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
