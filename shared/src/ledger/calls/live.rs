//! Live calls (patterns 11 and 12): their starts and ends.

use std::time::Duration;

use serde::Serialize;

use crate::ids;
use crate::ledger::calls::live_counts::{CountChanges, LiveCallLimit, LiveCounts};
use crate::ledger::calls::live_item::{CallStart, LiveItem};
use crate::ledger::calls::record::{NewReport, Recorded};
use crate::ledger::calls::starts::{RECENT, record_end, record_start};
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys;
use crate::ledger::outcome::{Creation, Update};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{read, s, stored, text};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, ALWAYS, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::id::Guid;
use crate::model::idempotency::SAME_CALL;
use crate::model::pair::Pair;
use crate::model::pair::source_report::{Source, SourceReport};
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// What a start finds: the live call of its pair, and the live calls of its account.
pub struct BeforeStart {
    live: Option<LiveItem>,
    counts: LiveCounts,
}

/// The copy of a live call under its reversed number.
#[derive(Serialize)]
struct ReversedItem<'a> {
    account_id: &'a AccountId,
    calling: &'a PhoneNumber,
    started_at: Instant,
    live_until: Instant,
    expires_at: i64,
}

impl BeforeStart {
    /// Whether the pair's call has been live for less than a minute: then a start is of the same call.
    fn is_same_call(&self, now: Instant) -> bool {
        self.live
            .as_ref()
            .is_some_and(|live| live.live_until > now && live.started_at > now.minus(SAME_CALL))
    }
}

impl Ledger {
    /// Reads what a start depends on.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn before_start(&self, start: &CallStart<'_>) -> Result<BeforeStart, StoreError> {
        let account = start.account;
        let mut wanted = keys::live_counts(&account.id, account.shards);
        wanted.push(keys::live_call(&account.id, start.calling, start.called));
        if !start.carrier {
            let of_key = keys::live_count_to(&account.id, start.called, start.credential);
            wanted.push(of_key);
        }
        let (mut live, mut counts) = (None, Vec::new());
        for item in self.items(wanted).await? {
            match text(&item, "type") {
                Some("live_call") => live = Some(read(item)?),
                _ => counts.push(item),
            }
        }
        Ok(BeforeStart {
            live,
            counts: LiveCounts::new(counts),
        })
    }

    /// Records a call as live. If the pair's call has been live for less than a minute, it is the same call
    /// and exists.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn start_call(
        &self,
        start: &CallStart<'_>,
        before: BeforeStart,
    ) -> Result<Creation<(), LiveCallLimit>, StoreError> {
        let now = start.sid.started();
        let mut before = before;
        let mut retry = Retry::planning("the live call of this pair").within(self.patience);
        retry.next().await?;
        loop {
            if before.is_same_call(now) {
                return Ok(Creation::Exists(()));
            }
            let replaced = before.live.as_ref();
            if let Some(limit) = before.counts.limit_reached(start, replaced, now) {
                return Ok(Creation::Refused(limit));
            }
            match self.record_live(start, &before).await? {
                Recorded::New(_) => return Ok(Creation::Created(())),
                Recorded::Known(_) | Recorded::Different => return Ok(Creation::Exists(())),
                // Another request has started or ended the pair's call meanwhile.
                Recorded::Refused => {}
            }
            retry.next().await?;
            before = self.before_start(start).await?;
        }
    }

    async fn record_live(
        &self,
        start: &CallStart<'_>,
        before: &BeforeStart,
    ) -> Result<Recorded, StoreError> {
        let account = start.account;
        let now = start.sid.started();
        let until = now.plus(Duration::from_secs(
            u64::from(account.live_call_hours) * 3_600,
        ));
        let extra = |transaction: &mut Transaction<Tag>, sid: &CallSid, report: &SourceReport| {
            let live = LiveItem {
                call_sid: sid.clone(),
                account_id: account.id.clone(),
                credential_id: Some(start.credential.clone()),
                carrier: start.carrier,
                calling: start.calling.clone(),
                started_at: report.start,
                live_until: until,
                expires_at: until.seconds(),
                guid: start.guid.to_string(),
            };
            put_live(transaction, &live, start.called, before.live.as_ref())?;
            let mut changes = CountChanges::default();
            if let Some(replaced) = &before.live {
                changes.remove(replaced, start.called, now);
            }
            changes.add(&live, start.called);
            changes.write(transaction, &before.counts, now);
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
        self.record(&new, &extra).await
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
            let reversed = keys::reversed_live_call(&account.id, calling, called);
            transaction.delete(Tag::LiveIndex, reversed, ALWAYS);
            let mut changes = CountChanges::default();
            changes.remove(&live, called, now);
            changes.write(transaction, &LiveCounts::default(), now);
            // A call that is live for no longer than its start is recent needs no record of its end.
            if live.live_until > live.started_at.plus(RECENT) {
                record_end(transaction, &live, called);
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
}

/// Adds the writes of a live call and of its copy, in place of the one that was found.
fn put_live(
    transaction: &mut Transaction<Tag>,
    live: &LiveItem,
    called: &PhoneNumber,
    replaced: Option<&LiveItem>,
) -> Result<(), StoreError> {
    let LiveItem {
        account_id,
        calling,
        ..
    } = live;
    let key = keys::live_call(account_id, calling, called);
    let write = transaction.put(Tag::Live, stored(key, "live_call", live)?, ABSENT);
    if let Some(replaced) = replaced {
        write
            .only_if("guid = :replaced")
            .value(":replaced", s(replaced.guid.as_str()));
    }
    let copy = ReversedItem {
        account_id,
        calling,
        started_at: live.started_at,
        live_until: live.live_until,
        expires_at: live.expires_at,
    };
    let key = keys::reversed_live_call(account_id, calling, called);
    let copy = stored(key, "reversed_live_call", &copy)?;
    transaction.put(Tag::LiveIndex, copy, ALWAYS);
    Ok(())
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
