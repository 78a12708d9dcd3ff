//! Fuzzing on stable Rust: inputs that are made from the documented examples by grammar-aware edits, the same
//! on every machine for a seed, and shrunk where one fails.
//!
//! `cargo test --test fuzz` tries a few thousand of each target. `cargo run --example fuzz -- 10000000` tries as
//! many as it is told.

pub mod doors;
pub mod edits;
pub mod front;
pub mod parsers;
pub mod tables;
pub mod writers;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// What one target tries.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, as the command takes it.
    pub name: &'static str,
    /// How many cases it has of those that it is asked for: one of so many. Above 1 where a case is slow.
    pub one_of: u32,
    /// Tries so many cases, from a seed.
    pub run: fn(u32, u64),
}

/// Every target but the parsers, each of which is one of its own ([`parsers::PARSERS`]).
pub const TARGETS: &[Target] = &[
    Target {
        name: "body-decoders",
        one_of: 1,
        run: doors::bodies,
    },
    Target {
        name: "event-door",
        one_of: 1,
        run: doors::events,
    },
    Target {
        name: "stream-door",
        one_of: 1,
        run: doors::streams,
    },
    Target {
        name: "page-tokens",
        one_of: 1,
        run: tables::page_tokens,
    },
    Target {
        name: "invoice-table",
        one_of: 1,
        run: tables::invoices,
    },
    Target {
        name: "cells",
        one_of: 1,
        run: writers::cells,
    },
    Target {
        name: "call-rows",
        one_of: 1,
        run: writers::call_rows,
    },
    Target {
        name: "caller-answers",
        one_of: 1,
        run: writers::callers,
    },
    Target {
        name: "front-door",
        one_of: 100,
        run: front::requests,
    },
];

/// A runner with the same cases on every machine.
pub(crate) fn runner(cases: u32, seed: u64) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_global_rejects: cases,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Tries `cases` values of a strategy, and fails with the smallest that it finds.
pub(crate) fn each<S: Strategy>(
    (cases, seed): (u32, u64),
    strategy: &S,
    check: impl Fn(S::Value) -> Result<(), String>,
) {
    let tried =
        runner(cases, seed).run(strategy, |value| check(value).map_err(TestCaseError::fail));
    tried.unwrap_or_else(|failed| panic!("{failed}"));
}
