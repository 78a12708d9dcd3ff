//! Applying a changed retention to the rows that exist (`docs/decisions.md`, D-736).
//!
//! What is recorded gets its end when it is written. After the setting was changed, a command reads the table and gives
//! every row the end that it would get now. Ends follow from what rows say, so a run may be stopped at any moment and
//! the next one finds what is left.

mod find;
pub(in crate::ledger) mod record;
pub(in crate::ledger) mod run;
