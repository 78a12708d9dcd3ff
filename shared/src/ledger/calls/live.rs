//! Live calls (patterns 11 to 13): starts, ends, and what they prove about a caller.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids;
use crate::ledger::calls::record::{NewReport, Recorded};
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys;
use crate::ledger::numbers::owned::OwnerItem;
use crate::ledger::outcome::{Creation, Update};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, n, read, s, stored, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ALWAYS, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::id::Guid;
use crate::model::idempotency::SAME_CALL;
use crate::model::pair::Pair;
use crate::model::pair::source_report::{Source, SourceReport};
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// For how long the start of a call is evidence of where the caller's calls come from.
const RECENT: Duration = Duration::from_secs(24 * 3_600);

/// For how long the starts of calls from a number are kept after the latest: no account's calls are live
/// for longer, so an earlier call is over by then, whatever its account's setting was.
const KEPT: Duration = Duration::from_secs(168 * 3_600);

/// A call that is being placed.
pub struct CallStart<'a> {
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

/// A live call to a number.
#[derive(Clone, Debug, Deserialize)]
pub struct LiveCall {
    /// The number it is placed from.
    pub calling: PhoneNumber,
    /// Since when.
    #[serde(rename = "started_at")]
    pub started: Instant,
}

/// Who has placed calls from a number lately, as far as the deployment knows.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    owner: Option<OwnerItem>,
    /// The numbers that the owner has called, in calls that are live or started recently.
    called: Vec<String>,
    /// Whether any account has placed such a call.
    in_use: bool,
    /// Whether a call may be live whose slot a later one has taken.
    forgotten: bool,
}

impl Origin {
    /// Whether the number's account placed a call from it to another number than `called`, which is live or
    /// started in the last 24 hours.
    #[must_use]
    pub fn calls_others(&self, called: &PhoneNumber) -> bool {
        self.called.iter().any(|to| to != called.as_e164())
    }

    /// Whether the number's account opted into TrueCLID, and nobody has placed such a call from it. Its calls
    /// may then be started by the carrier that terminates them.
    #[must_use]
    pub fn silent(&self) -> bool {
        let opted_in = self.owner.as_ref().is_some_and(|owner| owner.trueclid);
        opted_in && !self.in_use && !self.forgotten
    }
}

/// A live call. Its end deletes the item; without an end it counts until `live_until`.
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
    /// Records a call as live. If the pair's call has been live for less than a minute, it is the same call
    /// and exists.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn start_call(&self, start: &CallStart<'_>) -> Result<Creation, StoreError> {
        let account = start.account;
        let now = start.sid.started();
        let until = now.plus(Duration::from_secs(
            u64::from(account.live_call_hours) * 3_600,
        ));
        let live_key = keys::live_call(&account.id, start.calling, start.called);
        let extra = |transaction: &mut Transaction<Tag>, sid: &CallSid, report: &SourceReport| {
            let live = LiveItem {
                call_sid: sid.clone(),
                account_id: account.id.clone(),
                calling: start.calling.clone(),
                started_at: report.start,
                live_until: until,
                expires_at: until.seconds(),
                guid: start.guid.to_string(),
            };
            let live = stored(live_key.clone(), "live_call", &live)?;
            transaction
                .put(
                    Tag::Live,
                    live,
                    "attribute_not_exists(pk) OR live_until <= :now OR started_at <= :before",
                )
                .value(":now", at(now))
                .value(":before", at(now.minus(SAME_CALL)));
            record_start(transaction, start, report.start, until);
            Ok(())
        };
        let pair = outbound(start.calling, start.called);
        let new = NewReport {
            account,
            pair: &pair,
            report: SourceReport {
                sid: start.sid.clone(),
                ..announced(account, now, start.guid, now)
            },
            contact: None,
            guid: start.guid,
        };
        Ok(match self.record(&new, &extra).await? {
            Recorded::New(_) => Creation::Created(()),
            Recorded::Known(_) | Recorded::Different | Recorded::Refused => Creation::Exists(()),
        })
    }

    /// Ends the account's live call of a pair, and records its duration.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn end_call(
        &self,
        account: &Account,
        calling: &PhoneNumber,
        called: &PhoneNumber,
        guid: Guid,
        now: Instant,
    ) -> Result<Update, StoreError> {
        let live_key = keys::live_call(&account.id, calling, called);
        let found = self.get(live_key.clone()).await?;
        let live = found.map(read::<LiveItem>).transpose()?;
        let Some(live) = live.filter(|live| live.live_until > now) else {
            return Ok(Update::NotFound);
        };
        let duration = (now.millis() - live.started_at.millis()).max(0) / 1_000;
        let extra = |transaction: &mut Transaction<Tag>, _: &CallSid, _: &SourceReport| {
            transaction
                .delete(Tag::Live, live_key.clone(), "guid = :guid")
                .value(":guid", s(live.guid.as_str()));
            // A call that is live for no longer than its start is recent needs no record of its end.
            if live.live_until > live.started_at.plus(RECENT) {
                record_end(transaction, &account.id, calling, called);
            }
            Ok(())
        };
        let pair = outbound(calling, called);
        let report = SourceReport {
            sid: ids::call_sid(live.started_at, live.call_sid.shard()),
            ended: Some(now.max(live.started_at)),
            seconds: u32::try_from(duration).ok(),
            ..announced(account, live.started_at, guid, now)
        };
        let new = NewReport {
            account,
            pair: &pair,
            report,
            contact: None,
            guid,
        };
        Ok(match self.record(&new, &extra).await? {
            Recorded::New(_) => Update::Updated(()),
            Recorded::Known(_) | Recorded::Different | Recorded::Refused => Update::NotFound,
        })
    }

    /// The live calls to a number, of every account, from the latest to the earliest.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn live_calls(
        &self,
        called: &PhoneNumber,
        now: Instant,
    ) -> Result<Vec<LiveCall>, StoreError> {
        let items = self
            .query(keys::live_call_partition(called))
            .filter("live_until > :now")
            .value(":now", at(now))
            .projection("#type, #calling, started_at")
            .name("#type", "type")
            .name("#calling", "calling")
            .all()
            .await?;
        let items = items.into_iter();
        let mut calls: Vec<LiveCall> = items.map(read).collect::<Result<_, _>>()?;
        calls.sort_by_key(|call| std::cmp::Reverse(call.started));
        Ok(calls)
    }

    /// Whose number it is, and who has placed calls from it lately.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn origin(&self, number: &PhoneNumber, now: Instant) -> Result<Origin, StoreError> {
        let mut origin = Origin::default();
        let mut starts = Vec::new();
        for item in self.query(keys::number_partition(number)).all().await? {
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

fn outbound(calling: &PhoneNumber, called: &PhoneNumber) -> Pair {
    Pair {
        direction: Direction::Outbound,
        from: CallingParty::Number(calling.clone()),
        to: called.clone(),
    }
}

/// What the calling side announces of a call that started at `start`.
fn announced(account: &Account, start: Instant, guid: Guid, now: Instant) -> SourceReport {
    SourceReport {
        sid: ids::call_sid(start, ids::shard(account.shards)),
        source: Source::StartEnd,
        start,
        stated: true,
        ended: None,
        seconds: None,
        disposition: None,
        external_id: None,
        property: None,
        notes: None,
        vendor: None,
        within: account.same_call_seconds,
        revision: 0,
        recorded_at: now,
        guid: guid.to_string(),
    }
}

/// Adds the write that records a start, and until when the call is live, in the slot of the called number
/// (pattern 13).
fn record_start(
    transaction: &mut Transaction<Tag>,
    start: &CallStart<'_>,
    now: Instant,
    until: Instant,
) {
    let slot = keys::start_slot(start.called);
    transaction
        .update(
            Tag::Starts,
            keys::number_starts(start.calling, &start.account.id),
            "SET #type = :type, v = :v, account_id = :account, expires_at = :expires, \
             #to = :to, #at = :at, #until = :until, #before = if_not_exists(#until, :at) \
             REMOVE #ended",
            // The start that is written last is the newest.
            ALWAYS,
        )
        .name("#type", "type")
        .name("#to", format!("to{slot}"))
        .name("#at", format!("at{slot}"))
        .name("#until", format!("until{slot}"))
        .name("#before", format!("before{slot}"))
        .name("#ended", format!("ended{slot}"))
        .value(":type", s("number_starts"))
        .value(":v", n(1))
        .value(":account", s(start.account.id.as_str()))
        .value(":expires", n(until.max(now.plus(KEPT)).seconds()))
        .value(":to", s(start.called.as_e164()))
        .value(":at", at(now))
        .value(":until", at(until));
}

/// Adds the write that records the end of a call in the slot of the called number. If a later start to
/// another number has taken the slot, the end says nothing about that one.
fn record_end(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    calling: &PhoneNumber,
    called: &PhoneNumber,
) {
    let starts = keys::number_starts(calling, account);
    transaction
        .update(Tag::Starts, starts, "SET #ended = :called", ALWAYS)
        .name("#ended", format!("ended{}", keys::start_slot(called)))
        .value(":called", s(called.as_e164()));
}

/// The numbers that one account called from a number, in calls that started after `since` or are live `now`.
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
