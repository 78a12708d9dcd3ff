//! Compares a vendor's statement with the ledger's entries, and reads statements.
//!
//! The rules are in `contracts/callbook.md`, "Invoices".

pub mod amounts;
pub mod column;
pub mod columns;
pub mod compare;
pub mod fault;
pub mod line;
mod matching;
pub mod read;
pub mod result;
pub mod table;

#[cfg(test)]
mod tests;
