//! The plain path and the library give the same number for every text that the plain path reads.

use super::super::*;

/// A generator whose texts are the same in every run.
struct Texts(u64);

impl Texts {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_of(&mut self, from: &str) -> char {
        let at = self.below(from.chars().count());
        from.chars().nth(at).unwrap()
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| self.one_of("0123456789")).collect()
    }

    /// Ten digits in random groups, nearly always a possible +1 number.
    fn written(&mut self) -> String {
        let mut text =
            ["", "1", "+1", "+", " 1", "+ 1", "-", "(", "2", "+44"][self.below(10)].to_owned();
        let first = ["23456789", "23456789", "0123456789"][self.below(3)];
        let digits = format!(
            "{}{}{}{}",
            self.one_of(first),
            self.digits(2),
            self.one_of(first),
            self.digits(6)
        );
        for digit in digits.chars() {
            if self.below(3) == 0 {
                let count = 1 + self.below(3);
                text.extend((0..count).map(|_| self.one_of(" -.()")));
            }
            text.push(digit);
        }
        if self.below(4) == 0 {
            let count = 1 + self.below(3);
            text.extend((0..count).map(|_| self.one_of(" -.()")));
        }
        text
    }

    /// The next text: a number as people write it, the same with a few changes, or the plain path's
    /// characters in any order.
    fn next(&mut self) -> String {
        match self.below(4) {
            0 => {
                let length = self.below(20);
                (0..length)
                    .map(|_| self.one_of("0123456789012345678901234567892 -.()+"))
                    .collect()
            }
            1 => {
                let mut text: Vec<char> = self.written().chars().collect();
                for _ in 0..=self.below(3) {
                    let at = self.below(text.len());
                    let new = self.one_of("0123456789 -.()+x#*/;,~[]eE\t\n\u{a0}\u{ad}\u{2010}\u{660}\u{ff11}\u{ff0b}");
                    match self.below(3) {
                        0 => text.insert(at, new),
                        1 => text[at] = new,
                        _ if text.len() > 1 => drop(text.remove(at)),
                        _ => {}
                    }
                }
                text.into_iter().collect()
            }
            _ => self.written(),
        }
    }
}

/// Compares `count` texts, with and without a default country, and returns how many of them the plain
/// path read.
fn compare(count: usize) -> usize {
    let mut texts = Texts(1);
    let mut plain = 0;
    for _ in 0..count {
        let text = texts.next();
        for region in [Some(Region::US), None] {
            // The library reads every other text in any case.
            if let Some(number) = plain_north_american(&text, region.is_some()) {
                plain += 1;
                assert_eq!(Ok(number), parse_in_library(&text, region), "{text:?}");
            }
        }
    }
    plain
}

#[test]
fn the_plain_path_reads_numbers_as_the_library_does() {
    let plain = compare(20_000);
    assert!(plain > 5_000, "the plain path read {plain} texts");
}

/// `cargo test --workspace --lib --release -- --ignored ten_million`
#[test]
#[ignore = "it takes minutes; run it when the plain path or the library changes"]
fn the_plain_path_reads_ten_million_texts_as_the_library_does() {
    let plain = compare(10_000_000);
    assert!(plain > 2_500_000, "the plain path read {plain} texts");
}

#[test]
fn only_plain_texts_are_read_without_the_library() {
    for (text, by_default, plain) in [
        ("+12065550100", false, true),
        ("2065550100", true, true),
        (" 1 (713) 555-0100 ", true, true),
        ("12065550100", false, false),
        ("+2065550100", true, false),
        ("+442071838750", true, false),
        ("20655501000", true, false),
        ("120655501001", true, false),
        ("2061550100", true, false),
        ("1065550100", true, false),
        ("713+5550100", true, false),
        ("++12065550100", true, false),
        ("2065550100x7", true, false),
        ("２０６５５５０１００", true, false),
        ("", true, false),
    ] {
        let read = plain_north_american(text, by_default);
        assert_eq!(read.is_some(), plain, "{text}");
    }
    let long = format!("{}2065550100", " ".repeat(MAX_TEXT));
    assert_eq!(plain_north_american(&long, true), None);
}
