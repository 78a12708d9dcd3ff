//! Erasing a person's number from an account (`docs/decisions.md`, D-705): every item with the number is written
//! again with a pseudonym in its place, so that calls, costs and sums stay what they are.
//!
//! One scan finds what there is. Each transaction moves items that belong together, on condition that each is still
//! as it was read, and counts them in the record of the erasure. So it may be stopped at any moment: the next run
//! finds what is left, and goes on with the same pseudonym.

mod change;
pub(in crate::ledger) mod find;
pub(in crate::ledger) mod record;
pub(in crate::ledger) mod run;
mod starts;
mod treatment;
