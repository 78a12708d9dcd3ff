//! Calls that clients record and update themselves (pattern 9): those of another switch, and the end of any
//! call of the account.

use crate::ids;
use crate::ledger::calls::record::{NOTHING, NewReport, Recorded, unreadable};
use crate::ledger::contacts::contact::Contact;
use crate::ledger::keys;
use crate::ledger::outcome::Update;
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::id::Guid;
use crate::model::pair::Pair;
use crate::model::pair::external_id::ExternalId;
use crate::model::pair::grouping::best_first;
use crate::model::pair::source_report::{Source, SourceReport};
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
    pub from: &'a CallingParty,
    /// Who was called.
    pub to: &'a PhoneNumber,
    /// Which way it went.
    pub direction: Direction,
    /// When it started.
    pub began: StartTime,
    /// What became of it.
    pub change: CallChange,
    /// Its id at the switch.
    pub external_id: Option<ExternalId>,
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
    fn report(&self) -> SourceReport {
        let (start, stated) = match self.began {
            StartTime::Reported(start) => (start, true),
            StartTime::Inferred(start) => (start, false),
        };
        let sid = match stated {
            true => CallSid::of_past(
                &self.account.sid,
                start,
                self.direction,
                self.from.as_str(),
                self.to,
                self.external_id.as_ref().map(ExternalId::as_str),
            ),
            false => ids::call_sid(start, ids::shard(self.account.shards)),
        };
        SourceReport {
            sid,
            source: Source::Switch,
            start,
            stated,
            // Clocks differ, but no call ends before it starts.
            ended: self.change.ended.map(|ended| ended.max(start)),
            seconds: None,
            disposition: self.change.disposition.clone(),
            external_id: self.external_id.clone(),
            property: Some(self.property.clone()),
            notes: None,
            vendor: None,
            within: self.account.same_call_seconds,
            revision: 0,
            recorded_at: self.now,
            guid: self.guid.to_string(),
        }
    }
}

impl Ledger {
    /// One call. The sid of a report that was joined to another call is answered with that call.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn call(
        &self,
        account: &AccountId,
        sid: &CallSid,
    ) -> Result<Option<CallRow>, StoreError> {
        let item = self.call_item(account, sid).await?;
        Ok(item.and_then(CallRow::of))
    }

    /// The row of a call, or of the call that it was joined to.
    pub(in crate::ledger) async fn call_item(
        &self,
        account: &AccountId,
        sid: &CallSid,
    ) -> Result<Option<Item>, StoreError> {
        let mut item = self.get(keys::call(account, sid)).await?;
        if item.is_none() {
            item = self.get(keys::joined_report(account, sid)).await?;
        }
        // A call that was joined may be joined again; each time its sid is an older one.
        for _ in 0..MOST_JOINS {
            let joined = item.as_ref().and_then(|item| text(item, "joined_into"));
            let Some(sid) = joined.and_then(|sid| CallSid::parse(sid).ok()) else {
                return Ok(item);
            };
            item = self.get(keys::call(account, &sid)).await?;
        }
        Ok(None)
    }

    /// Records what a switch reports of a call, once. Returns the call that the report is of.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn record_call(&self, call: &SwitchCall<'_>) -> Result<CallRow, StoreError> {
        let pair = Pair {
            direction: call.direction,
            from: call.from.clone(),
            to: call.to.clone(),
        };
        let new = NewReport {
            account: call.account,
            pair: &pair,
            report: call.report(),
            contact: Some(call.contact),
            guid: call.guid,
        };
        match self.record(&new, NOTHING).await? {
            Recorded::New(row) | Recorded::Known(row) => Ok(row),
            Recorded::Different | Recorded::Refused => Err(unreadable()),
        }
    }

    /// Corrects what the best report of a call says, and returns the call as it is then.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn update_call(
        &self,
        account: &Account,
        sid: &CallSid,
        change: &CallChange,
        guid: Guid,
        now: Instant,
    ) -> Result<Update<CallRow>, StoreError> {
        let Some(mut item) = self.call_item(&account.id, sid).await? else {
            return Ok(Update::NotFound);
        };
        if !item.contains_key("sources") {
            // An earlier version wrote the call, and it is not migrated yet.
            self.convert_call(account, sid, now).await?;
            let converted = self.call_item(&account.id, sid).await?;
            item = converted.ok_or_else(unreadable)?;
        }
        let row = CallRow::of(item).ok_or_else(unreadable)?;
        let pair = pair_of(&row).ok_or_else(unreadable)?;
        let state = self
            .pair_around(&account.id, &pair, row.started, row.ended)
            .await?;
        let Some(call) = state.slice.call(&row.sid) else {
            return Ok(Update::NotFound);
        };
        let best = best_first(&call.reports).into_iter().next();
        let best = best.ok_or_else(unreadable)?.clone();
        let report = SourceReport {
            sid: ids::call_sid(best.start, row.sid.shard()),
            ended: change
                .ended
                .map(|ended| ended.max(best.start))
                .or(best.ended),
            seconds: best.seconds.filter(|_| change.ended.is_none()),
            disposition: change.disposition.clone().or(best.disposition.clone()),
            // Of two corrections the later counts.
            revision: now.millis().max(best.revision + 1),
            recorded_at: now,
            guid: guid.to_string(),
            ..best
        };
        let new = NewReport {
            account,
            pair: &pair,
            report,
            contact: None,
            guid,
        };
        match self.record(&new, NOTHING).await? {
            Recorded::New(row) | Recorded::Known(row) => Ok(Update::Updated(row)),
            Recorded::Different | Recorded::Refused => Err(unreadable()),
        }
    }
}

/// How often a call is followed to the one that it was joined to.
pub(in crate::ledger) const MOST_JOINS: usize = 8;

/// The pair of a call.
pub(in crate::ledger) fn pair_of(row: &CallRow) -> Option<Pair> {
    Some(Pair {
        direction: row.direction,
        from: CallingParty::from_stored(&row.from)?,
        to: PhoneNumber::from_stored(&row.to).ok()?,
    })
}
