//! A bounded run of the fuzzer, with the same cases on every machine.
//!
//! `cargo run --profile fuzz --example fuzz -- CASES [NAME] [SEED]` runs more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use callbook_tests::fuzz::{TARGETS, parsers};

/// How many cases each target tries.
const CASES: u32 = 3_000;

/// The seed of CI.
const SEED: u64 = 20_261_126;

fn run(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    (target.run)(CASES / target.one_of.min(10), SEED);
}

#[test]
fn no_text_makes_a_parser_panic_or_read_its_own_writing_differently() {
    parsers::run(parsers::PARSERS, CASES, SEED);
}

/// What earlier runs found, with the parser that read it differently.
const FOUND: [(&str, &str); 3] = [
    ("EndpointRule::parse", "/\u{ff0b}1|sep=;\n/ "),
    ("PhoneNumber::parse", "+61-00014567A"),
    ("Slot::parse", "20q230"),
];

#[test]
fn what_was_found_once_is_read_as_it_is_written() {
    for (name, text) in FOUND {
        let parser = parsers::PARSERS.iter().find(|(_, own, _)| *own == name);
        let (_, _, check) = parser.unwrap();
        check(text).unwrap();
    }
}

#[test]
fn no_body_makes_a_decoder_panic() {
    run("body-decoders");
}

#[test]
fn no_event_makes_the_door_panic() {
    run("event-door");
}

#[test]
fn no_batch_makes_the_door_of_the_stream_panic() {
    run("stream-door");
}

#[test]
fn no_change_of_a_page_token_is_opened() {
    run("page-tokens");
}

#[test]
fn no_statement_makes_the_reader_of_invoices_panic() {
    run("invoice-table");
}

#[test]
fn every_cell_is_read_back_and_none_is_a_formula() {
    run("cells");
}

#[test]
fn every_row_of_calls_is_read_back_in_each_format() {
    run("call-rows");
}

#[test]
fn every_answer_about_a_caller_is_read_back_in_each_format() {
    run("caller-answers");
}

#[test]
fn no_request_is_our_fault() {
    run("front-door");
}

#[test]
fn every_target_has_a_test() {
    let text = include_str!("main.rs");
    for target in TARGETS {
        assert!(
            text.contains(&format!("run(\"{}\")", target.name)),
            "{}",
            target.name
        );
    }
}
