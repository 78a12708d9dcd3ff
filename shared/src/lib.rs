//! The crate that every Callbook function shares: edge, publisher, dialects, access, ledger and model.
//!
//! Dependencies run one way: functions -> [`edge`] -> [`publish`] -> [`dialect`] -> [`access`] -> [`ledger`]
//! -> [`request`] -> {[`problem`], [`model`]}. [`clock`], [`config`] and [`ids`] are leaves. Each concern
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
pub mod dialect;
pub mod edge;
pub mod ids;
pub mod ledger;
pub mod model;
pub mod problem;
pub mod publish;
pub mod request;
