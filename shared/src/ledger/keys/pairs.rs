//! The keys of pairs (patterns 10, 16 and 17) and of the rows of costs (pattern 34).

use std::time::Duration;

use super::key::{CALLS, Key, call_key};
use crate::model::account::AccountId;
use crate::model::adjustment::AdjustmentId;
use crate::model::call::{CallSid, CallingParty, CostId, Direction};
use crate::model::id::CredentialId;
use crate::model::pair::Pair;
use crate::model::pair::entry::CostEntry;
use crate::model::pair::external_id::ExternalId;
use crate::model::phone::PhoneNumber;
use crate::model::time::{Instant, UtcDay};

/// Partition of patterns 10, 16 and 17.
pub(in crate::ledger) fn pair_partition(account: &AccountId, pair: &Pair) -> String {
    let direction = match pair.direction {
        Direction::Inbound => "in",
        Direction::Outbound => "out",
    };
    let (to, from) = (pair.to.as_e164(), pair.from.as_str());
    format!("A#{account}#PAIR#{direction}#{to}#{from}")
}

/// The account and the pair of a partition of patterns 10, 16 and 17.
pub(in crate::ledger) fn pair_of_partition(partition: &str) -> Option<(AccountId, Pair)> {
    let mut parts = partition.splitn(6, '#');
    let (a, account, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let (way, to, from) = (parts.next()?, parts.next()?, parts.next()?);
    let pair = Pair {
        direction: match way {
            "in" => Direction::Inbound,
            "out" => Direction::Outbound,
            _ => return None,
        },
        from: CallingParty::from_stored(from)?,
        to: PhoneNumber::from_stored(to).ok()?,
    };
    let account = AccountId::parse(account).ok()?;
    ((a, kind) == ("A", "PAIR")).then_some((account, pair))
}

/// The sort key of a pair's head. It lies behind all of its calls, so that one query that goes backwards
/// reads it first.
pub(in crate::ledger) const PAIR_HEAD: &str = "HEAD";

/// Pattern 10: the head of a pair.
pub(in crate::ledger) fn pair_head(account: &AccountId, pair: &Pair) -> Key {
    Key::new(pair_partition(account, pair), PAIR_HEAD)
}

/// Pattern 10: a call of a pair.
pub(in crate::ledger) fn pair_call(account: &AccountId, pair: &Pair, sid: &CallSid) -> Key {
    Key::new(pair_partition(account, pair), call_key(sid.as_str()))
}

/// The sort key before those of a pair's calls that were first reported at `moment` or later, and behind
/// those of earlier ones.
pub(in crate::ledger) fn pair_calls_from(moment: Instant) -> String {
    call_key(&CallSid::time_prefix(moment))
}

/// The sort key before those of all calls of a pair.
pub(in crate::ledger) const FIRST_PAIR_CALL: &str = CALLS;

/// The sort key behind those of all calls of a pair, and before its head.
pub(in crate::ledger) const LAST_PAIR_CALL: &str = "CALL$";

/// Pattern 16: an unmatched entry of a pair.
pub(in crate::ledger) fn pair_bill(account: &AccountId, pair: &Pair, entry: &CostEntry) -> Key {
    let moment = CallSid::time_prefix(entry.moment);
    let id = entry.cost_id.as_str();
    Key::new(
        pair_partition(account, pair),
        format!("{PAIR_BILLS}{moment}#{id}"),
    )
}

/// Prefix of the sort keys of pattern 16.
const PAIR_BILLS: &str = "BILL#";

/// The sort keys of pattern 16 with a moment between two, both inclusive.
pub(in crate::ledger) fn pair_bills_between(from: Instant, to: Instant) -> (String, String) {
    // `~` sorts behind every letter of a moment.
    (
        format!("{PAIR_BILLS}{}", CallSid::time_prefix(from)),
        format!("{PAIR_BILLS}{}~", CallSid::time_prefix(to)),
    )
}

/// Pattern 17: who of a pair carries an external id.
pub(in crate::ledger) fn pair_id(account: &AccountId, pair: &Pair, id: &ExternalId) -> Key {
    Key::new(pair_partition(account, pair), format!("ID#{}", id.as_str()))
}

/// Pattern 39: for which pairs a credential has sent a call id.
pub(in crate::ledger) fn sent_id(
    account: &AccountId,
    credential: &CredentialId,
    id: &ExternalId,
) -> Key {
    Key::new(
        format!("A#{account}#SENT#{credential}#{}", id.as_str()),
        "SENT",
    )
}

/// One shard of a day of pattern 34.
pub(in crate::ledger) fn billed_partition(account: &AccountId, day: UtcDay, shard: u8) -> String {
    format!("A#{account}#BILLED#{day}#{shard}")
}

/// Pattern 34.
pub(in crate::ledger) fn cost(account: &AccountId, id: &CostId) -> Key {
    Key::new(
        billed_partition(account, UtcDay::of(id.billed()), id.shard()),
        cost_key(id),
    )
}

/// Pattern 40: the id of a cost that an earlier version acknowledged.
pub(in crate::ledger) fn former_cost(account: &AccountId, former: &CostId) -> Key {
    Key::new(format!("A#{account}#FORMER#{}", former.as_str()), "COST")
}

/// The sort key of pattern 34.
pub(in crate::ledger) fn cost_key(id: &CostId) -> String {
    format!("{COSTS}{:0>19}", id.as_str())
}

/// The sort keys of pattern 34 of what was billed from the second of one moment to that of another, both
/// inclusive: an id tells the second.
pub(in crate::ledger) fn costs_between(from: Instant, before: Instant) -> (String, String) {
    let last = CostId::new(before.minus(Duration::from_millis(1)), 0, 0).billed();
    let last = CostId::new(last.plus(Duration::from_millis(999)), u8::MAX, u32::MAX);
    let first = CostId::new(CostId::new(from, 0, 0).billed(), 0, 0);
    (cost_key(&first), cost_key(&last))
}

/// The id in a sort key of pattern 34, or in one that goes on behind it.
pub(in crate::ledger) fn cost_of(sk: &str) -> Option<CostId> {
    let digits = sk.strip_prefix(COSTS)?.trim_end_matches('!');
    let digits = digits.trim_start_matches('0');
    CostId::parse(if digits.is_empty() { "0" } else { digits }).ok()
}

const COSTS: &str = "COST#";

/// One day of pattern 35.
pub(in crate::ledger) fn adjusted_partition(account: &AccountId, day: UtcDay) -> String {
    format!("A#{account}#ADJUSTED#{day}")
}

/// Pattern 35.
pub(in crate::ledger) fn adjustment(account: &AccountId, id: &AdjustmentId) -> Key {
    Key::new(
        adjusted_partition(account, UtcDay::of(id.made())),
        adjustment_key(id.as_str()),
    )
}

fn adjustment_key(digits: &str) -> String {
    format!("ADJ#{digits:0>19}")
}

/// The sort keys of pattern 35 of what was made from one moment to before another, from `after` on where
/// that is later; both inclusive.
pub(in crate::ledger) fn adjustments_between(
    from: Instant,
    before: Instant,
    after: Option<&AdjustmentId>,
) -> (String, String) {
    let last = CostId::new(before.minus(Duration::from_millis(1)), u8::MAX, u32::MAX);
    let first = adjustment_key(CostId::new(from, 0, 0).as_str());
    let after = after.map(|after| adjustment_key(after.as_str()));
    let first = after.filter(|after| *after > first).unwrap_or(first);
    (first, adjustment_key(last.as_str()))
}
