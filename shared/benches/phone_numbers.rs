//! What parsing a phone number costs: the first foreign one, which loads the numbering plans, and one
//! after that, with the library in use and with the one that was the first choice.
//!
//! `cargo bench -p callbook --bench phone_numbers`
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::disallowed_methods,
    reason = "a benchmark measures time, prints it, and stops by panicking"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use callbook::model::phone::PhoneNumber;
use phonenumber::country::Id::US;

const NUMBERS: [&str; 8] = [
    "+12065550100",
    "2065550100",
    "(206) 555-0100 x7",
    "tel:+1-206-555-0100",
    "+44 20 7183 8750",
    "+49 15125456789",
    "+61 2 9374 4000",
    "+81 90 1234 5678",
];

/// A number that no path without the numbering plans reads.
const FOREIGN: &str = "+44 20 7183 8750";

fn main() {
    // Without the flag this is a test run, which only has to show that the benchmark works.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let rounds = if measured { 5_000 } else { 1 };
    println!("{:<34}{:>16}{:>16}", "", "first parse", "then, each");
    report("PhoneNumber (rlibphonenumber)", rounds, |text| {
        PhoneNumber::parse(text)
            .expect("a possible number")
            .as_e164()
            .to_owned()
    });
    report("phonenumber", rounds, |text| {
        let number = phonenumber::parse(Some(US), text).expect("a number");
        number.format().mode(phonenumber::Mode::E164).to_string()
    });
}

fn report(name: &str, rounds: u32, parse: impl Fn(&str) -> String) {
    let first = timed(|| drop(black_box(parse(black_box(FOREIGN)))));
    // The plans of the other countries are loaded before the rest is measured.
    NUMBERS.iter().for_each(|text| drop(black_box(parse(text))));
    let all = timed(|| {
        for _ in 0..rounds {
            for text in NUMBERS {
                drop(black_box(parse(black_box(text))));
            }
        }
    });
    let each = all / (rounds * 8);
    println!("{name:<34}{:>16}{:>16}", micros(first), micros(each));
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn micros(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1e6)
}
