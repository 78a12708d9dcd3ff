//! The deliverer of webhooks: takes what is due for an endpoint, sends it in the order of its line, and writes what
//! became of it.
//!
//! One deliverer at a time works on an endpoint, by a lease. Lines go side by side, as many as the endpoint allows;
//! in a line, a delivery waits for the one before it. A delivery is written as done after the receiver has answered,
//! so a deliverer that dies in between sends it again, with the same `webhook-id`: at least once.

mod attempt;
mod circuit;
mod deliverer;
mod line;
mod tally;

pub use deliverer::Deliverer;
pub use tally::{SwitchedOff, Tally};
