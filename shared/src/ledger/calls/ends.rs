//! The ends of calls and of what lies on them (D-734).
//!
//! A call ends some days after its last report, and all of its rows with it. A cost ends some days after its receipt,
//! or with its call if that is later: whoever reads a call finds each of its costs.

use crate::ledger::calls::change::PairChange;
use crate::ledger::table::end::later_end;
use crate::model::call::CallSid;
use crate::model::pair::call::PairCall;
use crate::model::pair::entry::CostEntry;

impl PairChange<'_> {
    /// When a call ends by the setting.
    pub(super) fn end_by_setting(&self, call: &PairCall) -> Option<i64> {
        let recorded = call.reports.iter().map(|report| report.recorded_at);
        let last = recorded.max().unwrap_or(self.act.now);
        self.account.calls_kept.end(last)
    }

    fn call_before(&self, sid: &CallSid) -> Option<&PairCall> {
        let slice = &self.before.slice;
        let others = slice.others.iter().flat_map(|part| &part.calls);
        slice
            .calls
            .iter()
            .chain(others)
            .find(|call| call.sid == *sid)
    }

    /// The end that a call gets with this change; `None` if it keeps the one that it has. Reports alone move it.
    pub(super) fn new_end(&self, call: &PairCall) -> Option<Option<i64>> {
        let end = self.end_by_setting(call);
        let Some(before) = self.call_before(&call.sid) else {
            return Some(end);
        };
        let had = self.before.ends.get(&call.sid).copied();
        (before.reports != call.reports && had != end).then_some(end)
    }

    /// When a call ends after this change.
    fn end_after(&self, call: &PairCall) -> Option<i64> {
        let had = || self.before.ends.get(&call.sid).copied();
        self.new_end(call).unwrap_or_else(had)
    }

    /// When the rows of an entry end after this change: with its call, if that is later than by the setting.
    pub(in crate::ledger) fn entry_end(
        &self,
        entry: &CostEntry,
        call: Option<&CallSid>,
    ) -> Option<i64> {
        let own = self.account.costs_kept.end(entry.received_at);
        let others = self.after.others.iter().flat_map(|part| &part.calls);
        let mut calls = self.after.calls.iter().chain(others);
        match call.and_then(|sid| calls.find(|call| call.sid == *sid)) {
            Some(call) => later_end(own, self.end_after(call)),
            None => own,
        }
    }

    /// The end that the rows of an entry get because its call ends later than before; `None` if theirs is late
    /// enough.
    pub(super) fn later_entry_end(
        &self,
        entry: &CostEntry,
        call: Option<&CallSid>,
    ) -> Option<Option<i64>> {
        let sid = call?;
        let others = self.after.others.iter().flat_map(|part| &part.calls);
        let call = self
            .after
            .calls
            .iter()
            .chain(others)
            .find(|call| call.sid == *sid)?;
        self.new_end(call)?;
        let costs = self.account.costs_kept;
        let end = self.entry_end(entry, Some(sid));
        let late_enough = costs.changed_at().is_none() && costs.end(entry.received_at) == end;
        (!late_enough).then_some(end)
    }
}
