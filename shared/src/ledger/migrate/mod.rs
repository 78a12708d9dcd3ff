//! Converting what the version before wrote (`docs/migrate.md`).
//!
//! That version kept a call as one item, a cost as an item beside its call or beside its pair, and on a call
//! the last bill alone. `find` reads the whole table for such items, [`account`] converts those of one
//! account caller by caller, and [`call`], [`cost`] and [`once`] convert one item each, in one transaction
//! that also removes it. What is removed is therefore always there in its new form, and a migration that is
//! cut off goes on where it stopped.
//!
//! The only room that scans the table: the pairs of unmatched costs are listed nowhere.

pub mod account;
mod assignments;
pub mod call;
mod contact;
mod cost;
mod digest;
mod find;
mod old_call;
mod old_cost;
mod once;
