//! What is kept for a number of days and has ended since: it is not missing.
//!
//! Where a rule misses an item, it asks whether that may have ended. Within the time that an account keeps, nothing may.

use super::form;
use super::table::{Entry, Item, Table, number};

const DAY: i64 = 86_400_000;

/// How far the start of a call may be from the time in its sid, in milliseconds.
const MARGIN: i64 = 45 * 60_000;

/// From when on everything is there of what an account keeps as one of its attributes says.
fn since(kept: &Item, now: i64) -> Option<i64> {
    let days = ["days", "shortest"].into_iter();
    let days = days.filter_map(|name| number(kept, name)).min();
    let today = now.div_euclid(DAY) * DAY;
    let by_days = days.map(|days| today - days * DAY);
    number(kept, "gone_before").max(by_days)
}

/// Whether a moment is before that from which on everything is there.
fn is_before(at: Option<i64>, since: Option<i64>) -> bool {
    at.zip(since).is_some_and(|(at, since)| at < since)
}

/// What an account keeps, as of the time of the audit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Retained {
    calls: Option<i64>,
    costs: Option<i64>,
    contacts: Option<i64>,
    feedback: Option<i64>,
    queue: Option<i64>,
}

impl Retained {
    pub(crate) fn of(table: &Table<'_>, account: &str) -> Self {
        let settings = table.own(account, "ACCOUNT");
        let since = |name| since(settings?.map(name)?, table.now);
        Self {
            calls: since("calls_kept"),
            costs: since("costs_kept"),
            contacts: since("contacts_kept"),
            feedback: since("feedback_kept"),
            queue: since("queue_kept"),
        }
    }

    /// Whether a call with this sid may have ended.
    pub(super) fn call_may_be_gone(self, sid: &str) -> bool {
        let started = form::started(sid);
        self.calls
            .is_some_and(|since| started.is_some_and(|started| started - MARGIN < since))
    }

    /// Whether what was recorded of calls at a moment, in milliseconds, may have ended.
    pub(super) fn report_may_be_gone(self, at: Option<i64>) -> bool {
        is_before(at, self.calls)
    }

    /// Whether a cost that was received at a moment, in milliseconds, may have ended.
    pub(super) fn cost_may_be_gone(self, at: Option<i64>) -> bool {
        is_before(at, self.costs)
    }

    /// Whether the lead or first contact of a number of which something was recorded at a moment, in milliseconds, and
    /// nothing since may have ended.
    pub(super) fn contact_may_be_gone(self, at: Option<i64>) -> bool {
        is_before(at, self.contacts)
    }

    /// Whether feedback that was received at a moment, in milliseconds, may have ended.
    pub(super) fn feedback_may_be_gone(self, at: Option<i64>) -> bool {
        is_before(at, self.feedback)
    }

    /// Whether a callee who was queued at a moment, in milliseconds, may have ended.
    pub(super) fn queued_may_be_gone(self, at: Option<i64>) -> bool {
        is_before(at, self.queue)
    }

    /// The first UTC day, counted since 1970, whose feedback is all there; `None` if nothing has ended.
    pub(super) fn feedback_since(self) -> Option<i64> {
        self.feedback.map(|since| (since + DAY - 1).div_euclid(DAY))
    }

    /// Whether costs end at all.
    pub(super) fn costs_end(self) -> bool {
        self.costs.is_some()
    }

    /// The first UTC day whose rows are all there, with those of the day before; `None` if nothing has ended.
    pub(crate) fn whole_since(self) -> Option<i64> {
        self.calls.max(self.costs)
    }
}

/// Whether an item whose own time is over may have outlived what it is about.
pub(super) fn may_outlive(table: &Table<'_>, entry: Entry<'_>) -> bool {
    let account = entry.account();
    let ends = account.is_some_and(|account| Retained::of(table, account).costs_end());
    ends && entry.is_over(table.now)
}

/// Whether the call of a cost may have ended before the cost.
pub(super) fn outlived(table: &Table<'_>, cost: Entry<'_>) -> bool {
    let (account, sid) = (cost.part(1), cost.text("call_sid"));
    sid.is_some_and(|sid| {
        table.call(account, sid).is_none() && Retained::of(table, account).call_may_be_gone(sid)
    })
}
