//! The crate that every Callbook function shares: edge, publisher, dialects, access, ledger and model.
//!
//! Dependencies run one way: functions -> [`edge`] -> {[`publish`], [`deliver`]} -> [`dialect`] -> [`access`] ->
//! [`ledger`] -> {[`request`], [`outbound`]} -> {[`problem`], [`model`]}. [`clock`], [`config`] and [`ids`] are leaves.
//! Only [`outbound`] speaks to the internet. Each concern
//! has one module: only [`edge`] uses `lambda_http`, only [`ledger`] uses the AWS SDK, and only
//! [`dialect`] knows status codes and vendor texts.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )
)]

pub mod access;
pub mod clock;
pub mod config;
pub mod deliver;
pub mod dialect;
pub mod edge;
pub mod ids;
pub mod ledger;
pub mod model;
pub mod outbound;
pub mod problem;
pub mod publish;
pub mod request;

#[cfg(test)]
#[path = "../tests/tls/mod.rs"]
mod tls;
