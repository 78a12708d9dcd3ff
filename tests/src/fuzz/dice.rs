//! The choices of one case: the same for a seed and a number, on every machine, without a tree of values to
//! shrink. A case that fails is made again without some of its edits.

use fastrand::Rng;

use super::edits::{Edit, NOTES, PIECES, make};

/// Spreads seeds, so that those of two runs have no case in common: 2^64 divided by the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// What decides a case.
pub struct Dice {
    random: Rng,
    /// How many edits were made or left out so far.
    edits: u32,
    /// A bit for each edit that is left out.
    left_out: u128,
    /// What was made, if it is to be told.
    told: Option<Vec<String>>,
    doing: &'static str,
}

impl Dice {
    /// The choices of a case.
    #[must_use]
    pub fn new(seed: u64, case: u32) -> Self {
        let seed = seed.wrapping_mul(SPREAD).wrapping_add(u64::from(case));
        Self {
            random: Rng::with_seed(seed),
            edits: 0,
            left_out: 0,
            told: None,
            doing: "",
        }
    }

    /// The same choices without some edits. They tell what they make.
    #[must_use]
    pub(super) fn without(seed: u64, case: u32, left_out: u128) -> Self {
        Self {
            left_out,
            told: Some(Vec::new()),
            ..Self::new(seed, case)
        }
    }

    /// How many edits the case has.
    pub(super) fn edits(&self) -> u32 {
        self.edits
    }

    /// What was made, and what was done with it last.
    pub(super) fn told(&self) -> String {
        let made = self.told.as_deref().unwrap_or_default().join(", ");
        format!("{}({made})", self.doing)
    }

    /// Says what is done with the case from here on.
    pub fn doing(&mut self, name: &'static str) {
        self.doing = name;
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.random.usize(..bound)
    }

    /// Whether something happens that does once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of some.
    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Any character, of ASCII in half of the cases.
    fn character(&mut self) -> char {
        match self.below(4) {
            0 | 1 => self.random.char('\0'..='\u{7f}'),
            2 => self.random.char('\u{80}'..='\u{3000}'),
            _ => self.random.char(..),
        }
    }

    /// Any edit, the likely ones more often.
    fn any_edit(&mut self) -> Edit {
        let at = self.below(usize::MAX);
        match self.below(13) {
            0..=3 => Edit::Insert(at, self.one_of(PIECES)),
            4..=6 => Edit::Word(at, self.one_of(PIECES)),
            7 | 8 => Edit::Remove(at, 1 + self.below(7)),
            9 => Edit::Repeat(at, 1 + self.below(11), 1 + self.below(39)),
            10 => Edit::Character(at, self.character()),
            11 => Edit::Cut(at),
            _ => Edit::Byte(at, self.random.u8(..)),
        }
    }

    /// Changes a text by fewer than `bound` edits.
    pub fn edit(&mut self, text: &mut Vec<u8>, bound: usize) {
        for _ in 0..self.below(bound) {
            let edit = self.any_edit();
            let left_out = self.left_out.checked_shr(self.edits).unwrap_or(0) & 1 == 1;
            if !left_out {
                make(text, &edit);
            }
            self.edits += 1;
        }
        if let Some(told) = &mut self.told {
            told.push(format!("{:?}", String::from_utf8_lossy(text)));
        }
    }

    /// One of the examples after up to seven edits, as bytes.
    pub fn bytes_near(&mut self, examples: &[String]) -> Vec<u8> {
        let mut text = examples[self.below(examples.len())].clone().into_bytes();
        self.edit(&mut text, 8);
        text
    }

    /// One of the examples after up to seven edits, as text.
    pub fn text_near(&mut self, examples: &[String]) -> String {
        let bytes = self.bytes_near(examples);
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// A text that people may have written.
    pub fn note(&mut self) -> String {
        self.text_near(&NOTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_the_same_again_and_another_one_is_another() {
        let made = |seed, case| {
            let mut dice = Dice::new(seed, case);
            [dice.note(), dice.note(), dice.note()]
        };
        for case in 0..100 {
            assert_eq!(made(1, case), made(1, case));
        }
        let differ = |other: fn(u32) -> (u64, u32)| {
            let other = |case: &u32| {
                let (seed, other) = other(*case);
                made(1, *case) != made(seed, other)
            };
            (0..100).filter(other).count()
        };
        assert!(differ(|case| (2, case)) > 80, "another seed");
        assert!(differ(|case| (1, case + 1)) > 80, "the next case");
    }

    #[test]
    fn edits_that_are_left_out_change_no_other_choice() {
        for case in 0..100 {
            let mut whole = Dice::new(7, case);
            let mut none = Dice::without(7, case, u128::MAX);
            let mut text = b"a documented example".to_vec();
            whole.edit(&mut text.clone(), 8);
            none.edit(&mut text, 8);
            assert_eq!(text, b"a documented example");
            assert_eq!(whole.edits(), none.edits());
            assert_eq!(whole.below(1_000_000), none.below(1_000_000));
        }
    }
}
