//! Events (patterns 80 to 83): the changes of the stream that are told, and the log of what was told.
//!
//! [`change`] reads what a record of the stream changes, [`log`] keeps events for those who poll, [`checkpoint`]
//! says how far a shard is published, [`due`] tells of costs that have had no call for a day, [`notice`] notes what
//! has no item of its own, and [`bus`] tells `EventBridge`.

pub(in crate::ledger) mod bus;
pub(in crate::ledger) mod change;
pub(in crate::ledger) mod checkpoint;
pub(in crate::ledger) mod due;
pub(in crate::ledger) mod log;
pub(in crate::ledger) mod notice;
