//! Erasing a person's number: what stands in its place, and where it stands in texts (`docs/decisions.md`, D-705).
//!
//! A pseudonym is a number of the country code 999, which nobody has, with as many digits as the number that it
//! stands for. Its other digits are random, so nothing leads back. Every notation of the number has one of its own:
//! two texts that differed still differ, and two that were equal still are.

use super::call::LeadId;
use super::phone::PhoneNumber;

/// The country code of pseudonyms. It is reserved, and no number with it is ever assigned.
const CODE: &str = "999";

/// The same for a number that is written without its country code.
const NATIONAL_CODE: &str = "998";

/// The fewest digits of a pseudonym, so that two are not the same by accident.
const FEWEST: usize = 10;

/// The shortest number without its country code that is looked for: shorter ones stand in any text.
const SHORTEST_NATIONAL: usize = 7;

/// How many characters may lie between two digits of a number, such as `) `.
const MOST_BETWEEN: usize = 3;

/// Returns how many random digits the pseudonym of a number needs.
#[must_use]
pub fn random_digits(number: &PhoneNumber) -> usize {
    number.digits().len().max(FEWEST) - CODE.len()
}

/// Returns the pseudonym with these random digits.
#[must_use]
pub fn pseudonym(random: &str) -> Option<PhoneNumber> {
    PhoneNumber::from_stored(&format!("+{CODE}{random}")).ok()
}

/// One way to write the digits of a number.
#[derive(Clone, Debug)]
struct Notation {
    digits: String,
    /// Whether a `+` may stand before it. If not, a text with one is another number.
    international: bool,
    /// Whether signs may lie between its digits.
    spaced: bool,
    instead: String,
}

/// What is written in place of a number, in every notation of it.
#[derive(Clone)]
pub struct Substitution {
    notations: Vec<Notation>,
}

impl Substitution {
    /// Makes the substitution of a number and of its lead's id, which is made from the number.
    #[must_use]
    pub fn new(number: &PhoneNumber, instead: &PhoneNumber, lead: (&LeadId, &LeadId)) -> Self {
        let (all, new) = (number.digits(), instead.digits());
        let national = number.national_digits();
        let random = new.strip_prefix(CODE).unwrap_or(new);
        let rest = national.len().saturating_sub(NATIONAL_CODE.len());
        let short: String = random.chars().cycle().take(rest).collect();
        let short = format!("{NATIONAL_CODE}{short}");
        let notation = |digits: String, instead: String, international| Notation {
            digits,
            international,
            spaced: true,
            instead,
        };
        let mut notations = vec![
            notation(format!("011{all}"), format!("011{new}"), false),
            notation(format!("00{all}"), format!("00{new}"), false),
            notation(all.to_owned(), new.to_owned(), true),
        ];
        if national.len() >= SHORTEST_NATIONAL && national != all {
            notations.push(notation(format!("0{national}"), format!("0{short}"), false));
            notations.push(notation(national, short, false));
        }
        notations.push(Notation {
            digits: lead.0.as_str().to_owned(),
            international: false,
            spaced: false,
            instead: lead.1.as_str().to_owned(),
        });
        Self { notations }
    }

    /// Returns the text with every notation of the number replaced, or `None` if there is none in it.
    #[must_use]
    pub fn replaced(&self, text: &str) -> Option<String> {
        // Most texts have no digits at all.
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut written = String::new();
        let (mut copied, mut before, mut changed) = (0, ' ', false);
        for (at, character) in text.char_indices() {
            let begins = at >= copied && character.is_ascii_digit() && !before.is_ascii_digit();
            let found = begins.then(|| self.at(text, at, before)).flatten();
            if let Some((end, instead)) = found {
                written.push_str(text.get(copied..at).unwrap_or_default());
                written.push_str(instead);
                (copied, changed) = (end, true);
            }
            before = character;
        }
        written.push_str(text.get(copied..).unwrap_or_default());
        changed.then_some(written)
    }

    /// The end of the notation that begins at a digit, and what is written in its place.
    fn at(&self, text: &str, at: usize, before: char) -> Option<(usize, &str)> {
        self.notations.iter().find_map(|notation| {
            let allowed = notation.international || before != '+';
            let end = notation.end(text.get(at..)?).filter(|_| allowed)?;
            Some((at + end, notation.instead.as_str()))
        })
    }
}

impl Notation {
    /// Where the notation ends in a text that begins with it.
    fn end(&self, text: &str) -> Option<usize> {
        let mut left = self.digits.chars();
        let mut wanted = left.next();
        let mut between = 0;
        for (at, character) in text.char_indices() {
            match wanted {
                Some(digit) if digit == character => {
                    between = 0;
                    wanted = left.next();
                }
                Some(_) if self.spaced && is_between(character) && between < MOST_BETWEEN => {
                    between += 1;
                }
                Some(_) => return None,
                None => return (!character.is_ascii_digit()).then_some(at),
            }
        }
        wanted.is_none().then_some(text.len())
    }
}

/// Whether people write a character between the digits of a number.
fn is_between(character: char) -> bool {
    matches!(
        character,
        ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2011}' | '\u{2013}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::sid::AccountSid;

    fn substitution(number: &str) -> Substitution {
        let number = PhoneNumber::parse(number).unwrap();
        let new = pseudonym(&"4".repeat(random_digits(&number))).unwrap();
        let sid = AccountSid::from_letters([b'Q'; 32]);
        let leads = [&number, &new].map(|phone| LeadId::of(&sid, phone));
        Substitution::new(&number, &new, (&leads[0], &leads[1]))
    }

    #[test]
    fn every_notation_is_replaced_by_one_of_its_own_and_of_its_length() {
        let us = substitution("+12065550100");
        for (text, wanted) in [
            ("+12065550100", "+99944444444"),
            ("12065550100", "99944444444"),
            ("2065550100", "9984444444"),
            ("02065550100", "09984444444"),
            ("0012065550100", "0099944444444"),
            ("01112065550100", "01199944444444"),
            ("A#7#N#+12065550100", "A#7#N#+99944444444"),
            (
                "A#7#PAIR#in#+13105550111#+12065550100",
                "A#7#PAIR#in#+13105550111#+99944444444",
            ),
            ("call (206) 555-0100 back", "call (9984444444 back"),
            ("+1 (206) 555-0100, then", "+99944444444, then"),
            ("206.555.0100/206 555 0100", "9984444444/9984444444"),
            (
                r#"{"cid":"+12065550100","n":2065550100}"#,
                r#"{"cid":"+99944444444","n":9984444444}"#,
            ),
        ] {
            assert_eq!(us.replaced(text).as_deref(), Some(wanted), "{text}");
        }
        let de = substitution("+4915125456789");
        for (text, wanted) in [
            ("+4915125456789", "+9994444444444"),
            ("0151 25456789", "099844444444"),
            ("0049-151-25456789", "009994444444444"),
        ] {
            assert_eq!(de.replaced(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn other_numbers_and_ids_stay() {
        let us = substitution("+12065550100");
        for text in [
            "",
            "no digits",
            "+12065550101",
            "+2065550100",
            "120655501001",
            "912065550100",
            "1882469071585280986",
            "12065550100123",
            "206555-0100 0",
            "206 - - 555 0100",
            "2065550100".get(1..).unwrap(),
        ] {
            let replaced = us.replaced(text);
            let other = text == "206555-0100 0";
            assert_eq!(replaced.is_some(), other, "{text}: {replaced:?}");
        }
    }

    #[test]
    fn the_id_of_the_lead_is_replaced_where_it_stands_alone() {
        let number = PhoneNumber::parse("+12065550100").unwrap();
        let sid = AccountSid::from_letters([b'Q'; 32]);
        let old = LeadId::of(&sid, &number);
        let us = substitution("+12065550100");
        let replaced = us.replaced(old.as_str()).unwrap();
        assert_ne!(replaced, old.as_str());
        assert_eq!(us.replaced(&format!("{old}1")), None);
        assert!(
            us.replaced(&format!("{{\"lead_id\":\"{old}\"}}"))
                .unwrap()
                .contains(&replaced)
        );
    }

    proptest! {
        #[test]
        fn nothing_of_the_number_is_left_and_nothing_else_changes(
            before in "[a-z0-9 +#:-]{0,12}", after in "[a-z #:]{0,12}", which in 0..5_usize,
        ) {
            let us = substitution("+12065550100");
            let notation = ["+12065550100", "12065550100", "2065550100", "(206) 555-0100", "0012065550100"][which];
            let text = format!("{before} x{notation}{after}");
            let replaced = us.replaced(&text).expect("it is there");
            prop_assert!(!replaced.contains("2065550100"), "{replaced}");
            prop_assert!(replaced.ends_with(&after));
            prop_assert_eq!(us.replaced(&replaced), None);
        }
    }
}
