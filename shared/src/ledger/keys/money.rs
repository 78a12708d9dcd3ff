//! The keys by which costs and adjustments are found from what they are about (patterns 36 and 37), of
//! bills that were refused (38), and of the days of billing (41).

use super::key::Key;
use super::pairs::pair_partition;
use crate::model::account::AccountId;
use crate::model::adjustment::AdjustmentId;
use crate::model::call::{CallSid, CostId};
use crate::model::pair::Pair;
use crate::model::pair::entry::CostEntry;
use crate::model::time::{Instant, UtcDay};
use crate::model::vendor::VendorId;

/// Partition of pattern 36. `caller` is E.164, or the digits that reached a switch.
pub(in crate::ledger) fn billed_caller_partition(
    account: &AccountId,
    vendor: &VendorId,
    caller: &str,
) -> String {
    format!("A#{account}#CALLER#{vendor}#{caller}")
}

/// Pattern 36.
pub(in crate::ledger) fn billed_caller(
    account: &AccountId,
    vendor: &VendorId,
    caller: &str,
    entry: &CostEntry,
) -> Key {
    let moment = CallSid::time_prefix(entry.moment);
    Key::new(
        billed_caller_partition(account, vendor, caller),
        format!("{BILLS}{moment}#{}", entry.cost_id.as_str()),
    )
}

const BILLS: &str = "BILL#";

/// The sort keys of pattern 36 with a moment between two, both inclusive.
pub(in crate::ledger) fn billed_callers_between(from: Instant, to: Instant) -> (String, String) {
    // `~` sorts behind every letter of a moment.
    (
        format!("{BILLS}{}", CallSid::time_prefix(from)),
        format!("{BILLS}{}~", CallSid::time_prefix(to)),
    )
}

/// What an adjustment of pattern 37 is on.
#[derive(Clone, Copy, Debug)]
pub(in crate::ledger) enum Adjusted<'a> {
    /// A cost.
    Cost(&'a CostId),
    /// A call.
    Call(&'a CallSid),
}

impl Adjusted<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Cost(id) => id.as_str(),
            Self::Call(sid) => sid.as_str(),
        }
    }
}

/// Pattern 37.
pub(in crate::ledger) fn pair_adjustment(
    account: &AccountId,
    pair: &Pair,
    adjusted: Adjusted<'_>,
    id: &AdjustmentId,
) -> Key {
    Key::new(
        pair_partition(account, pair),
        format!("{ADJUSTMENTS}{}#{:0>19}", adjusted.as_str(), id.as_str()),
    )
}

/// Pattern 41.
pub(in crate::ledger) fn billed_span(account: &AccountId) -> Key {
    Key::new(format!("A#{account}#BILLED"), "SPAN")
}

/// One day of pattern 38.
pub(in crate::ledger) fn refused_partition(account: &AccountId, day: UtcDay) -> String {
    format!("A#{account}#REFUSED#{day}")
}

/// Pattern 38. Equal names are the same bill.
pub(in crate::ledger) fn refused_bill(account: &AccountId, day: UtcDay, name: &str) -> Key {
    Key::new(refused_partition(account, day), format!("{BILLS}{name}"))
}

/// The sort keys of pattern 38 behind a name, or all of them for an empty one.
pub(in crate::ledger) fn refused_behind(name: &str) -> (String, String) {
    // `!` sorts before every letter of a name, and `~` behind it.
    (format!("{BILLS}{name}!"), format!("{BILLS}~"))
}

/// The name in a sort key of pattern 38.
pub(in crate::ledger) fn refused_name(sk: &str) -> Option<&str> {
    sk.strip_prefix(BILLS)
}

const ADJUSTMENTS: &str = "ADJ#";

/// The sort keys of pattern 37 of one cost, or of the calls from one sid to another, both inclusive.
pub(in crate::ledger) fn pair_adjustments(
    first: Adjusted<'_>,
    last: Adjusted<'_>,
) -> (String, String) {
    (
        format!("{ADJUSTMENTS}{}#", first.as_str()),
        format!("{ADJUSTMENTS}{}#~", last.as_str()),
    )
}
