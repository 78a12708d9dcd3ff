//! Summaries: counts and sums of calls and costs, kept by day, and folded into groups when they are read.
//!
//! [`delta`] says what each row counts for and where, [`measures`] what is counted, [`place`] where, and
//! [`grouping`] folds days into the groups that a client asks for. Nothing here reads a store or a clock.

pub mod delta;
pub mod grouping;
pub mod measures;
pub mod place;

#[cfg(test)]
mod tests;
