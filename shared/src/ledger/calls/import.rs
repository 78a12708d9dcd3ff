//! Imported calls (patterns 8 to 10), which took place before the ledger was there. Each is recorded like a
//! live one, under a sid that is derived from the call itself, so that a second import finds it.

use crate::ids;
use crate::ledger::calls::record::{NOTHING, NewReport, Recorded};
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::Account;
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::cost::Cost;
use crate::model::pair::Pair;
use crate::model::pair::external_id::ExternalId;
use crate::model::pair::source_report::{Source, SourceReport};
use crate::model::phone::PhoneNumber;
use crate::model::report::Disposition;
use crate::model::text::Notes;
use crate::model::time::Instant;

/// A call of the past.
#[derive(Clone, Debug)]
pub struct PastCall {
    /// When it started.
    pub started: Instant,
    /// Which way it went.
    pub direction: Direction,
    /// Who called.
    pub from: CallingParty,
    /// Who was called.
    pub to: PhoneNumber,
    /// When it was over.
    pub ended: Option<Instant>,
    /// How long it was, in seconds.
    pub seconds: Option<u32>,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// What it cost.
    pub cost: Option<Cost>,
    /// When it was billed.
    pub billed: Option<Instant>,
    /// Anything that was noted.
    pub notes: Option<Notes>,
    /// What it is called where it comes from; it tells apart two calls that are otherwise the same.
    pub external_id: Option<ExternalId>,
    /// The sid that it has in this ledger, if it came out of this one and not of another.
    pub call_sid: Option<CallSid>,
}

impl PastCall {
    /// The pair that it is of.
    #[must_use]
    pub fn pair(&self) -> Pair {
        Pair {
            direction: self.direction,
            from: self.from.clone(),
            to: self.to.clone(),
        }
    }

    /// The sid of its report: the same for the same row, however often it is imported.
    #[must_use]
    pub fn report_sid(&self, account: &Account) -> CallSid {
        CallSid::of_past(
            &account.sid,
            self.started,
            self.direction,
            self.from.as_str(),
            &self.to,
            self.external_id.as_ref().map(ExternalId::as_str),
        )
    }
}

/// Outcome of importing a call.
#[derive(Clone, Copy, Debug)]
pub struct ImportedCall {
    /// Whether it is new, was there before, or is there with other details.
    pub outcome: Creation<(), ExistsDifferent>,
    /// How far the call that it may have been meant for started after it, in milliseconds: 0 where it is
    /// that call, and `None` where there is no such call.
    pub distance: Option<i64>,
}

impl Ledger {
    /// Records a past call without its cost, with its caller's lead and first contact if there are none.
    /// Also returns how far it is from the call that it may have been meant for, in milliseconds.
    pub(in crate::ledger) async fn import_report(
        &self,
        account: &Account,
        call: &PastCall,
        now: Instant,
    ) -> Result<(Creation<(), ExistsDifferent>, Option<i64>), StoreError> {
        // One for each call: with a common one, two rows of a call would look like one and its retry.
        let guid = ids::guid();
        let new = NewReport {
            account,
            pair: &call.pair(),
            report: SourceReport {
                sid: call.report_sid(account),
                source: Source::Cdr,
                start: call.started,
                stated: true,
                ended: call.ended,
                seconds: call.seconds,
                disposition: call.disposition.clone(),
                external_id: call.external_id.clone(),
                property: None,
                notes: call.notes.clone(),
                vendor: None,
                within: account.same_call_seconds,
                revision: 0,
                recorded_at: now,
                guid: guid.to_string(),
            },
            contact: None,
            guid,
        };
        let (recorded, slice) = self.record_among(&new, NOTHING).await?;
        let (outcome, call) = match recorded {
            Recorded::New(call) => (Creation::Created(()), call),
            Recorded::Known(call) => (Creation::Exists(()), call),
            Recorded::Different | Recorded::Refused => {
                return Ok((Creation::Refused(ExistsDifferent), None));
            }
        };
        Ok((outcome, slice.distance_of(&call.sid)))
    }
}
