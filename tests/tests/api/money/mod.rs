//! Money: what the ledger of a pair is, whatever the order of its facts (contracts/money-rules.md).

mod history;
mod rules;
mod summary;
