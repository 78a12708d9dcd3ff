//! The shards of one day of a report (pattern 8), merged into one order.

use std::collections::VecDeque;

use crate::ledger::report::row::CallRow;
use crate::model::report::Position;
use crate::model::time::Instant;

/// One shard of one day.
pub(in crate::ledger) struct Shard {
    pub(in crate::ledger) partition: String,
    pub(in crate::ledger) rows: VecDeque<CallRow>,
    /// Where its next page begins, behind all of `rows`; `None` once it is read to its end.
    pub(in crate::ledger) rest: Option<Position>,
    /// Where reading it ends, exclusive.
    pub(in crate::ledger) end: Instant,
}

/// Up to where all shards of a day are read; `None` once they are read to their ends.
pub(in crate::ledger) fn read_up_to(day: &[Shard]) -> Option<&Position> {
    day.iter().filter_map(|shard| shard.rest.as_ref()).min()
}

/// Takes the rows up to where all shards of a day are read, in the order of their start.
pub(in crate::ledger) fn merged(day: &mut [Shard]) -> Vec<CallRow> {
    if let [shard] = day {
        return std::mem::take(&mut shard.rows).into();
    }
    let end = read_up_to(day).cloned();
    let mut rows = Vec::new();
    loop {
        let heads = day.iter().enumerate();
        let first = heads
            .filter_map(|(index, shard)| Some((&shard.rows.front()?.sid, index)))
            .min()
            .filter(|(sid, _)| end.as_ref().is_none_or(|end| end.is_behind(sid)))
            .map(|(_, index)| index);
        match first.and_then(|first| day.get_mut(first)?.rows.pop_front()) {
            Some(row) => rows.push(row),
            None => return rows,
        }
    }
}
