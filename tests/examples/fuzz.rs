//! Runs the fuzzer for as many cases as it is told: `cargo run --example fuzz -- CASES [NAME] [SEED]`.
//!
//! `NAME` is a target, a parser such as `Cost::parse`, or `parsers`. It prints what it has tried, with the time, and
//! ends with an error at the first case that fails.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program that is run by hand, and says what it did"
)]

use std::time::Instant;

use callbook_tests::fuzz::{TARGETS, parsers};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let cases = arguments.next().and_then(|text| text.parse().ok());
    let cases: u32 = cases.expect("how many cases, such as 10000000");
    let wanted = arguments.next();
    let seed = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let is_wanted = |name: &str, group: &str| {
        let wanted = wanted.as_deref();
        wanted.is_none_or(|wanted| wanted == name || wanted == group)
    };
    for parser in parsers::PARSERS
        .iter()
        .filter(|(_, name, _)| is_wanted(name, "parsers"))
    {
        told(parser.1, cases, || parsers::run(parser, cases, seed));
    }
    for target in TARGETS
        .iter()
        .filter(|target| is_wanted(target.name, "targets"))
    {
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
    println!(
        "{name}: {cases} cases in {} s, none failed",
        begun.elapsed().as_secs()
    );
}
