//! The money of an account: what its ledger says, whatever the order of the facts
//! (contracts/money-rules.md), and how Callbook's own API shows it.

mod across;
mod across_api;
mod adjustments;
mod beside;
mod bills;
mod callers;
mod calls_api;
mod concurrent;
mod costs_api;
mod costs_lists;
mod goldens;
mod history;
mod invoices;
mod lost_answers;
mod notes;
mod orders;
mod played;
mod reused_ids;
mod rules;
mod settling;
mod span;
mod summary;
mod terms;
