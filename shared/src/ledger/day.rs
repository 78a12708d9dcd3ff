//! The shards of one day of a report (pattern 8), and their rows in one order.

use std::collections::VecDeque;

use super::report::CallRow;
use crate::model::report::Position;
use crate::model::time::Instant;

/// One shard of one day.
pub(super) struct Shard {
    pub(super) partition: String,
    pub(super) rows: VecDeque<CallRow>,
    /// Where it is still to be read from; every row at hand lies in front of that.
    pub(super) rest: Option<Position>,
    /// Where it ends.
    pub(super) end: Instant,
}

/// Up to where all shards of a day are read; `None` where they are to the end.
pub(super) fn read_up_to(day: &[Shard]) -> Option<&Position> {
    day.iter().filter_map(|shard| shard.rest.as_ref()).min()
}

/// Takes the rows up to where all shards of a day are read, in their order.
pub(super) fn merged(day: &mut [Shard]) -> Vec<CallRow> {
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
