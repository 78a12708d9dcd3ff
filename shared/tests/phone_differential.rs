//! Compares two phone number libraries on some 2,000 strings whose number is known.
//!
//! Only the parser in use must give the expected numbers. The test prints how often the other one differs, to
//! check the choice between them: `cargo test -p callbook --test phone_differential -- --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the test prints its comparison, and fails by panicking"
)]

use std::collections::BTreeMap;

use callbook::model::phone::{PhoneNumber, mask_digits};
use phonenumber::country::Id::US;

/// Country code, the prefix of its numbers, and the number of digits that follow.
const PLANS: [(&str, &str, usize); 40] = [
    ("1", "206555", 4),
    ("1", "416967", 4),
    ("1", "8002", 6),
    ("1", "9992", 6),
    ("7", "91", 8),
    ("20", "10", 8),
    ("27", "82", 7),
    ("30", "69", 8),
    ("31", "6", 8),
    ("32", "47", 7),
    ("33", "6", 8),
    ("34", "6", 8),
    ("39", "06", 8),
    ("39", "34", 8),
    ("41", "79", 7),
    ("43", "664", 7),
    ("44", "207", 7),
    ("44", "77", 8),
    ("45", "2", 7),
    ("46", "70", 7),
    ("47", "4", 7),
    ("48", "60", 7),
    ("49", "1512", 7),
    ("49", "30", 8),
    ("52", "55", 8),
    ("54", "911", 8),
    ("55", "119", 8),
    ("61", "4", 8),
    ("64", "21", 7),
    ("65", "8", 7),
    ("81", "90", 8),
    ("82", "10", 8),
    ("86", "139", 8),
    ("90", "53", 8),
    ("91", "98", 8),
    ("234", "803", 7),
    ("353", "87", 7),
    ("358", "40", 7),
    ("852", "9", 7),
    ("972", "52", 7),
];

const NUMBERS_PER_PLAN: u64 = 5;

/// Digits without a pattern, the same in every run.
fn digits(seed: u64, count: usize) -> String {
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(b'0' + u8::try_from((state >> 33) % 10).unwrap())
        })
        .collect()
}

fn in_digits_from(zero: char, text: &str) -> String {
    text.chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => char::from_u32(u32::from(zero) + digit).unwrap(),
            None => c,
        })
        .collect()
}

/// The number in every notation, each with the notation's name.
fn notations(code: &str, national: &str) -> Vec<(&'static str, String)> {
    let (area, rest) = national.split_at(3);
    let (middle, line) = rest.split_at(rest.len() / 2);
    let mut texts = vec![
        ("E.164", format!("+{code}{national}")),
        ("country code apart", format!("+{code} {national}")),
        ("spaces", format!("+{code} {area} {middle} {line}")),
        ("dashes", format!("+{code}-{area}-{middle}-{line}")),
        (
            "brackets and dots",
            format!("+{code} ({area}) {middle}.{line}"),
        ),
        ("URI", format!("tel:+{code}-{area}-{middle}{line}")),
        ("URI with extension", format!("tel:+{code}{national};ext=7")),
        (
            "extension",
            format!("+{code} {area} {middle}{line} ext. 1234"),
        ),
        ("011", format!("011{code}{national}")),
        (
            "011 and spaces",
            format!("011 {code} {area} {middle} {line}"),
        ),
        (
            "full-width digits",
            in_digits_from('０', &format!("＋{code} {national}")),
        ),
        (
            "Arabic-Indic digits",
            in_digits_from('٠', &format!("+{code}{national}")),
        ),
    ];
    if code == "1" {
        texts.extend([
            ("ten digits", national.to_owned()),
            ("eleven digits", format!("1{national}")),
            ("space for +", format!(" 1{national}")),
            (
                "local with extension",
                format!("({area}) {middle}-{line} x7"),
            ),
        ]);
    }
    texts
}

fn other(text: &str) -> Option<String> {
    let number = phonenumber::parse(Some(US), text).ok()?;
    Some(number.format().mode(phonenumber::Mode::E164).to_string())
}

#[derive(Default)]
struct Tally {
    strings: u32,
    refused: u32,
    another: u32,
}

#[test]
fn every_notation_of_every_country_gives_the_original_number() {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (index, (code, start, count)) in (0_u64..).zip(PLANS) {
        for round in 0..NUMBERS_PER_PLAN {
            let national = format!("{start}{}", digits(index * NUMBERS_PER_PLAN + round, count));
            let expected = format!("+{code}{national}");
            for (notation, text) in notations(code, &national) {
                let number = PhoneNumber::parse(&text);
                assert!(
                    number
                        .as_ref()
                        .is_ok_and(|number| number.as_e164() == expected),
                    "{notation}: {} became {number:?}",
                    mask_digits(&text)
                );
                let theirs = other(&text);
                let tally = tallies.entry(notation).or_default();
                tally.strings += 1;
                tally.refused += u32::from(theirs.is_none());
                tally.another += u32::from(theirs.is_some_and(|number| number != expected));
            }
        }
    }
    println!(
        "{:<24}{:>8}{:>22}{:>22}",
        "notation", "strings", "refused by the other", "another number there"
    );
    for (
        notation,
        Tally {
            strings,
            refused,
            another,
        },
    ) in &tallies
    {
        println!("{notation:<24}{strings:>8}{refused:>22}{another:>22}");
    }
    let strings: u32 = tallies.values().map(|tally| tally.strings).sum();
    let differ: u32 = tallies
        .values()
        .map(|tally| tally.refused + tally.another)
        .sum();
    println!("the libraries differ on {differ} of {strings} strings");
    assert!(strings > 2_000);
}

#[test]
fn documented_numbers_are_read_as_documented() {
    for (text, expected) in [
        ("+49 15125456789", Some("+4915125456789")),
        ("+4915125456789", Some("+4915125456789")),
        ("+39 06 6982 1234", Some("+390669821234")),
        ("+44 (0)20 7183 8750", Some("+442071838750")),
        ("1-800-FLOWERS", Some("+18003569377")),
        ("(206) 555-0100 x302/x2303", Some("+12065550100")),
        ("+1 206 155 0100", None),
        ("555-0100", None),
        ("911", None),
    ] {
        let number = PhoneNumber::parse(text).ok();
        assert_eq!(
            number.as_ref().map(PhoneNumber::as_e164),
            expected,
            "{}",
            mask_digits(text)
        );
    }
}
