//! Runs the fuzzer for as many cases as it is told: `cargo run --profile fuzz --example fuzz -- CASES [NAME]... [SEED]`.
//!
//! `NAME` is a target, a parser such as `Cost::parse`, `parsers` or `targets`; without one, everything is tried. It
//! prints what it has tried, with the time, and ends with an error at the first case that fails.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program that is run by hand, and says what it did"
)]

use std::time::Instant;

use callbook_tests::fuzz::parsers::{self, PARSERS, Parser};
use callbook_tests::fuzz::{TARGETS, Target};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let cases = arguments.next().and_then(|text| text.parse().ok());
    let cases: u32 = cases.expect("how many cases, such as 10000000");
    let (seeds, wanted): (Vec<_>, Vec<_>) =
        arguments.partition(|argument| argument.parse::<u64>().is_ok());
    let seed = seeds
        .first()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let is_wanted = |name: &str, group: &str| {
        wanted.is_empty() || wanted.iter().any(|one| one == name || one == group)
    };
    let chosen: Vec<Parser> = PARSERS
        .iter()
        .filter(|(_, name, _)| is_wanted(name, "parsers"))
        .copied()
        .collect();
    let targets: Vec<&Target> = TARGETS
        .iter()
        .filter(|target| is_wanted(target.name, "targets"))
        .collect();
    assert!(
        !chosen.is_empty() || !targets.is_empty(),
        "there is no target or parser of these names: {wanted:?}"
    );
    if !chosen.is_empty() {
        let what = format!("{} parsers, each", chosen.len());
        told(&what, cases, || parsers::run(&chosen, cases, seed));
    }
    for target in targets {
        let cases = (cases / target.one_of).max(1);
        told(target.name, cases, || (target.run)(cases, seed));
    }
}

fn told(name: &str, cases: u32, work: impl FnOnce()) {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it took, and no time of day"
    )]
    let begun = Instant::now();
    work();
    let took = begun.elapsed();
    println!(
        "{name}: {cases} cases in {} s, {} ns each, none failed",
        took.as_secs(),
        (took / cases.max(1)).as_nanos()
    );
}
