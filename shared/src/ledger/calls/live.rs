//! Live calls (patterns 11 to 13): starts, ends, and what they prove about a caller.

use std::time::Duration;

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use serde::{Deserialize, Serialize};

use crate::ledger::calls::record::{CallItem, wrote};
use crate::ledger::keys;
use crate::ledger::numbers::registration::OwnerItem;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, key, n, read, s, stored, text};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, Direction};
use crate::model::id::Guid;
use crate::model::idempotency::SAME_CALL;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// How far back a start still vouches for a number.
const RECENT: Duration = Duration::from_secs(24 * 3_600);

/// A call that is being placed.
pub struct Start<'a> {
    /// Who places it.
    pub account: &'a Account,
    /// Its sid, which also says when it started.
    pub sid: CallSid,
    /// The number it is placed from.
    pub calling: &'a PhoneNumber,
    /// The number it goes to.
    pub called: &'a PhoneNumber,
    /// The request.
    pub guid: Guid,
}

/// How the start of a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// The call is live.
    New,
    /// It has been for less than a minute: the same call.
    Repeated,
}

/// How the end of a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The call is over.
    Done,
    /// The account has no live call for the pair.
    NotLive,
}

/// A call that is live towards a number.
#[derive(Clone, Debug, Deserialize)]
pub struct LiveCall {
    /// The number it is placed from.
    pub calling: PhoneNumber,
    /// Since when.
    #[serde(rename = "started_at")]
    pub started: Instant,
}

/// What the deployment knows about where calls from a number come from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    owner: Option<OwnerItem>,
    /// The numbers that the owner's live or recent starts went to.
    called: Vec<String>,
    /// Anybody at all has a live or recent start from it.
    in_use: bool,
    /// Whether a start that a later one took the slot of may be live.
    forgotten: bool,
}

impl Origin {
    /// The number's account placed a call from it to another number than `called` that is live, or that
    /// started in the last 24 hours.
    #[must_use]
    pub fn calls_others(&self, called: &PhoneNumber) -> bool {
        self.called.iter().any(|to| to != called.as_e164())
    }

    /// The number's account opted into TrueCLID, and nobody placed such a call from it at all: its calls may
    /// well be started by the carrier that puts them through.
    #[must_use]
    pub fn silent(&self) -> bool {
        let opted_in = self.owner.as_ref().is_some_and(|owner| owner.trueclid);
        opted_in && !self.in_use && !self.forgotten
    }
}

/// A call until it ends, for its item goes with it, or until it is live no longer.
#[derive(Serialize, Deserialize)]
struct LiveItem {
    call_sid: CallSid,
    account_id: AccountId,
    calling: PhoneNumber,
    started_at: Instant,
    live_until: Instant,
    /// `live_until` in seconds, for the table's own clean-up.
    expires_at: i64,
    guid: String,
}

impl Ledger {
    /// Records a call as live.
    ///
    /// # Errors
    /// The store's.
    pub async fn start_call(&self, start: &Start<'_>) -> Result<Started, StoreError> {
        let now = start.sid.started();
        let until = now.plus(Duration::from_secs(
            u64::from(start.account.live_call_hours) * 3_600,
        ));
        let live = LiveItem {
            call_sid: start.sid.clone(),
            account_id: start.account.id.clone(),
            calling: start.calling.clone(),
            started_at: now,
            live_until: until,
            expires_at: until.seconds(),
            guid: start.guid.to_string(),
        };
        let call = CallItem {
            call_sid: &start.sid,
            account_id: &start.account.id,
            direction: Direction::Outbound,
            call_from: start.calling.as_e164(),
            call_to: start.called,
            started_at: now,
            lead_id: None,
            first_contact: false,
            guid: start.guid.to_string(),
        };
        let live_key = keys::live(&start.account.id, start.calling, start.called);
        let live = self
            .put(
                stored(live_key, "live_call", &live)?,
                "attribute_not_exists(pk) OR live_until <= :now OR started_at <= :before",
            )
            .value(":now", at(now))
            .value(":before", at(now.minus(SAME_CALL)));
        let call = self.put(
            stored(keys::call(&start.account.id, &start.sid), "call", &call)?,
            "attribute_not_exists(pk)",
        );
        let writes = vec![live.write()?, call.write()?, self.note_start(start, until)?];
        match self.transact(writes).await? {
            Transacted::Done => Ok(Started::New),
            Transacted::Refused(found) => {
                let ours = |item| wrote(item, start.guid);
                match found.first() {
                    Some((0, Some(item))) if !ours(item) => Ok(Started::Repeated),
                    Some((_, Some(item))) if ours(item) => Ok(Started::New),
                    _ => Err(StoreError::Broken(
                        "a new call sid is already taken".to_owned(),
                    )),
                }
            }
        }
    }

    /// Keeps the moment, and until when the call is live, in the slot of the called number; see
    /// `keys.rs`, pattern 13.
    fn note_start(
        &self,
        start: &Start<'_>,
        until: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        let now = start.sid.started();
        let slot = keys::start_slot(start.called);
        self.update(
            key(keys::number_starts(start.calling, &start.account.id)),
            "SET #type = :type, v = :v, account_id = :account, expires_at = :expires, \
             #to = :to, #at = :at, #until = :until, #before = if_not_exists(#until, :at) \
             REMOVE #ended",
            // Nothing can be wrong with it: it is the newest start by being written now.
            "attribute_not_exists(pk) OR attribute_exists(pk)",
        )
        .name("#type", "type")
        .name("#to", &format!("to{slot}"))
        .name("#at", &format!("at{slot}"))
        .name("#until", &format!("until{slot}"))
        .name("#before", &format!("before{slot}"))
        .name("#ended", &format!("ended{slot}"))
        .value(":type", s("number_starts"))
        .value(":v", n(1))
        .value(":account", s(start.account.id.as_str()))
        .value(":expires", n(until.max(now.plus(RECENT)).seconds()))
        .value(":to", s(start.called.as_e164()))
        .value(":at", at(now))
        .value(":until", at(until))
        .write()
    }

    /// Takes note that the call to the called number is no longer live. Its slot may hold a later start to
    /// another number by now, which this says nothing about.
    fn note_end(
        &self,
        account: &AccountId,
        calling: &PhoneNumber,
        called: &PhoneNumber,
    ) -> Result<TransactWriteItem, StoreError> {
        self.update(
            key(keys::number_starts(calling, account)),
            "SET #ended = :called",
            "attribute_not_exists(pk) OR attribute_exists(pk)",
        )
        .name("#ended", &format!("ended{}", keys::start_slot(called)))
        .value(":called", s(called.as_e164()))
        .write()
    }

    /// Ends the account's live call of a pair, and records how long it was.
    ///
    /// # Errors
    /// The store's.
    pub async fn end_call(
        &self,
        account: &AccountId,
        calling: &PhoneNumber,
        called: &PhoneNumber,
        guid: Guid,
        now: Instant,
    ) -> Result<Ended, StoreError> {
        let live_key = keys::live(account, calling, called);
        let Some(live) = self
            .get(live_key.clone())
            .await?
            .map(read::<LiveItem>)
            .transpose()?
        else {
            return Ok(Ended::NotLive);
        };
        if live.live_until <= now {
            return Ok(Ended::NotLive);
        }
        let duration = (now.millis() - live.started_at.millis()).max(0) / 1_000;
        // The call says who ended it: what was live is gone, and a retry that lost its answer knows its
        // own work by this.
        let call = self
            .update(
                key(keys::call(account, &live.call_sid)),
                "SET ended_at = :now, duration_seconds = :duration, ended_by = :guid",
                "attribute_exists(pk) AND attribute_not_exists(ended_by)",
            )
            .value(":now", at(now))
            .value(":duration", n(duration))
            .value(":guid", s(guid.to_string()));
        let over = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(live_key)))
            .condition_expression("call_sid = :sid")
            .expression_attribute_values(":sid", s(live.call_sid.as_str()))
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        let over = TransactWriteItem::builder().delete(over).build();
        let mut writes = vec![call.write()?, over];
        // Where a call is live for no longer than its start is recent, the start says all there is to say.
        if live.live_until > live.started_at.plus(RECENT) {
            writes.push(self.note_end(account, calling, called)?);
        }
        match self.transact(writes).await? {
            Transacted::Done => Ok(Ended::Done),
            Transacted::Refused(found) => {
                let ours = found.iter().any(|(_, item)| {
                    item.as_ref().and_then(|item| text(item, "ended_by"))
                        == Some(guid.to_string().as_str())
                });
                Ok(if ours { Ended::Done } else { Ended::NotLive })
            }
        }
    }

    /// The calls that are live towards a number, of every account, latest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn live_calls(
        &self,
        called: &PhoneNumber,
        now: Instant,
    ) -> Result<Vec<LiveCall>, StoreError> {
        let query = self
            .client
            .query()
            .key_condition_expression("pk = :pk")
            .filter_expression("live_until > :now")
            .projection_expression("#type, #calling, started_at")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#calling", "calling")
            .expression_attribute_values(":pk", s(keys::live_partition(called)))
            .expression_attribute_values(":now", at(now));
        let items = self.every(query).await?.into_iter();
        let mut calls: Vec<LiveCall> = items.map(read).collect::<Result<_, _>>()?;
        calls.sort_by_key(|call| std::cmp::Reverse(call.started));
        Ok(calls)
    }

    /// Whose number it is, and what that account and others have placed from it lately.
    ///
    /// # Errors
    /// The store's.
    pub async fn origin(&self, number: &PhoneNumber, now: Instant) -> Result<Origin, StoreError> {
        let mut origin = Origin::default();
        let mut starts = Vec::new();
        for item in self.partition(keys::number_partition(number)).await? {
            match text(&item, "type") {
                Some("number_owner") => origin.owner = Some(read(item)?),
                Some("number_starts") => starts.push(item),
                _ => {}
            }
        }
        let Some(owner) = &origin.owner else {
            return Ok(origin);
        };
        let since = now.minus(RECENT);
        for item in &starts {
            let called = recently_called(item, since, now);
            origin.in_use |= !called.is_empty();
            origin.forgotten |= (0..16)
                .filter_map(|slot| instant(item, &format!("before{slot}")))
                .any(|until| until > now);
            if text(item, "account_id") == Some(owner.account_id.as_str()) {
                origin.called.extend(called);
            }
        }
        Ok(origin)
    }
}

/// The numbers that one account's starts of a number went to, where the start is later than `since` or the
/// call is live `now`.
fn recently_called(starts: &Item, since: Instant, now: Instant) -> Vec<String> {
    let slots = 0..16;
    slots
        .filter_map(|slot| {
            let to = text(starts, &format!("to{slot}"))?.to_owned();
            let recent = instant(starts, &format!("at{slot}"))? > since;
            let ended = text(starts, &format!("ended{slot}")) == Some(&to);
            let until = instant(starts, &format!("until{slot}"));
            let live = !ended && until.is_some_and(|until| until > now);
            (recent || live).then_some(to)
        })
        .collect()
}
