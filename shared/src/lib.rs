//! What every Callbook function shares: the door, the dialects, access, the ledger and the model.
//!
//! Arrows run one way: functions -> [`edge`] -> {[`dialect`], [`access`], [`once`], [`ledger`]} ->
//! {[`problem`], [`model`]}. One room per concern: `lambda_http` is used in [`edge`] alone, the AWS SDK
//! in [`ledger`] alone, a status code or a vendor's text stands in [`dialect`] alone.
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
pub mod request;
