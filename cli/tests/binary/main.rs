//! End-to-end tests of the `callbook` binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod audit;
mod backup;
mod calls;
mod chosen;
mod clock;
mod columns;
mod command;
mod costs;
mod credentials;
mod cut;
mod day_two;
mod demo_data;
mod durability;
mod engine;
mod events;
mod export;
mod files;
mod first_minutes;
mod folder;
mod inventory;
mod invoice;
mod later;
mod ledger;
mod migrate;
mod profiles;
mod queue;
mod rejects;
mod requests;
mod retention;
mod store;
mod summary;
mod support;
mod told;
mod vendors;
mod webhooks;
mod width;
