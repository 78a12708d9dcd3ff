//! Through the front door: every endpoint, on the embedded engine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod access;
mod accounts;
mod audit;
mod backup;
mod bounds;
mod budget;
mod callbook_api;
mod capacity;
mod connections;
mod console;
mod deletion;
mod doors;
mod engine;
mod erase;
mod events;
mod fallback;
mod faults;
mod fences;
mod fonedynamics;
mod fonedynamics_calls;
mod fonedynamics_inventory;
mod head;
mod isolation;
mod later;
mod logs;
mod migrate;
mod money;
mod own_requests;
mod request_counts;
mod retention;
mod shapes;
mod teletracker;
mod teletracker_call_data;
mod tld;
mod trestle;
mod truecnam;
mod unsure;
mod webhooks;
