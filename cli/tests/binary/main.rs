//! End-to-end tests of the `callbook` binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod calls;
mod command;
mod costs;
mod credentials;
mod durability;
mod export;
mod folder;
mod inventory;
mod invoice;
mod ledger;
mod migrate;
mod rejects;
mod store;
mod support;
mod vendors;
