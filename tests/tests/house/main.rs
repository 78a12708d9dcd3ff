//! Tests of the repository itself: template, policies, environment, openapi, router metadata and code agree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod alarms;
mod answers;
mod answers_call_data;
mod answers_callbook;
mod answers_calls;
mod answers_fonedynamics;
mod answers_teletracker;
mod answers_webhooks;
mod arrows;
mod bounds;
mod citations;
mod contract;
mod coverage;
mod endpoints;
mod environment;
mod events;
mod examples;
mod followed;
mod keys;
mod openapi;
mod operate;
mod played;
mod policies;
mod policies_callbook;
mod policies_webhooks;
mod repository;
mod rooms;
mod routes;
mod scale;
mod security;
mod source;
mod tokens;
