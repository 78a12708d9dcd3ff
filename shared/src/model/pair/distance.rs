//! How far a file's report of a call is from the call that it may have been meant for.

use super::settle::Slice;
use super::source_report::Source;
use crate::model::call::CallSid;

impl Slice {
    /// How far the nearest call that no file tells of started after the call with this sid, in milliseconds:
    /// 0 if another source tells of this call too, and `None` without such a call.
    ///
    /// Where most calls of a file are at one distance from others, the clock of the file was wrong.
    #[must_use]
    pub fn distance_of(&self, sid: &CallSid) -> Option<i64> {
        let of_file = |source: Source| source == Source::Cdr;
        let call = self.call(sid)?;
        if call.reports.iter().any(|report| !of_file(report.source)) {
            return Some(0);
        }
        let start = call.start().millis();
        self.calls
            .iter()
            .filter(|other| !other.reports.iter().any(|report| of_file(report.source)))
            .map(|other| other.start().millis() - start)
            .min_by_key(|distance| (distance.abs(), *distance))
    }
}
