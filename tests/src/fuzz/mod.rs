//! Fuzzing on stable Rust: inputs that are made from the documented examples by grammar-aware edits, the same
//! on every machine for a seed, and shrunk where one fails.
//!
//! `cargo test --test fuzz` tries a few thousand of each target. `cargo run --profile fuzz --example fuzz --
//! 10000000` tries as many as it is told.

mod browser;
pub mod dice;
pub mod doors;
pub mod edits;
pub mod front;
pub mod parsers;
pub mod tables;
pub mod writers;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dice::Dice;

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

/// Tries so many cases of a seed, and fails with the first that does not pass, by as few of its edits as it takes.
pub(crate) fn each((cases, seed): (u32, u64), check: impl Fn(&mut Dice) -> Result<(), String>) {
    let last = Cell::new(0);
    let tried = catch_unwind(AssertUnwindSafe(|| {
        (0..cases).try_for_each(|case| {
            last.set(case);
            check(&mut Dice::new(seed, case))
        })
    }));
    let first = match tried {
        Ok(Ok(())) => return,
        Ok(Err(wrong)) => wrong,
        Err(_) => PANICKED.to_owned(),
    };
    let case = last.get();
    let smallest = smallest(seed, case, &check);
    // What a case does may depend on those before it.
    let smallest = smallest.unwrap_or_else(|| "it passes alone".to_owned());
    panic!("case {case} of seed {seed}: {first}; smallest: {smallest}");
}

const PANICKED: &str = "panicked, as was said above";

/// Leaves out one edit after another while the case still fails, and tells what is left and what is wrong with it.
fn smallest(
    seed: u64,
    case: u32,
    check: &impl Fn(&mut Dice) -> Result<(), String>,
) -> Option<String> {
    let failure = |left_out: u128| {
        let mut dice = Dice::without(seed, case, left_out);
        let wrong = match catch_unwind(AssertUnwindSafe(|| check(&mut dice))) {
            Ok(result) => result.err(),
            Err(_) => Some(PANICKED.to_owned()),
        };
        wrong.map(|wrong| (format!("{}: {wrong}", dice.told()), dice.edits()))
    };
    let (mut told, edits) = failure(0)?;
    let mut left_out = 0;
    for edit in 0..edits.min(u128::BITS) {
        let fewer = left_out | 1 << edit;
        if let Some((still, _)) = failure(fewer) {
            (told, left_out) = (still, fewer);
        }
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(check: impl Fn(&mut Dice) -> Result<(), String>) -> String {
        let failed = catch_unwind(AssertUnwindSafe(|| each((10_000, 3), check)));
        let failed = failed.expect_err("a case fails");
        failed.downcast_ref::<String>().expect("a text").clone()
    }

    #[test]
    fn a_case_that_fails_is_told_with_no_more_edits_than_it_takes() {
        let refuses_nul = |dice: &mut Dice| {
            let mut text = b"plain".to_vec();
            dice.doing("parse");
            dice.edit(&mut text, 8);
            let fails = text.contains(&0);
            if fails {
                Err("a NUL".to_owned())
            } else {
                Ok(())
            }
        };
        let told = message(refuses_nul);
        assert!(
            told.contains("of seed 3: a NUL; smallest: parse("),
            "{told}"
        );
        let (_, left) = told.split_once("smallest: ").expect("the smallest");
        // One edit puts it in; the others have gone.
        assert!(
            left.len() < "parse(\"plain\\0\"): a NUL".len() + 40,
            "{left}"
        );
    }

    #[test]
    fn a_case_that_panics_is_found_and_told() {
        let told = message(|dice| {
            dice.doing("parse");
            assert!(!dice.note().contains('='), "this panics on purpose");
            Ok(())
        });
        assert!(
            told.contains("panicked") && told.contains("parse("),
            "{told}"
        );
    }

    #[test]
    fn cases_that_pass_are_all_tried() {
        let tried = Cell::new(0);
        each((500, 1), |_| {
            tried.set(tried.get() + 1);
            Ok(())
        });
        assert_eq!(tried.get(), 500);
    }
}
