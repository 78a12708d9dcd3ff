//! The ways in which switches and carriers say that a caller withholds the number.

/// How a withheld caller is stored and shown.
pub const WITHHELD: &str = "withheld";

/// The words, in lower case. Carriers also send them as the digits of the keys that spell them.
const WORDS: [&str; 7] = [
    "anonymous",
    "restricted",
    "private",
    "unavailable",
    "unknown",
    "blocked",
    WITHHELD,
];

/// The address that SIP gives a caller who stays anonymous (RFC 3323).
const SIP: [&str; 2] = [
    "anonymous@anonymous.invalid",
    "sip:anonymous@anonymous.invalid",
];

/// Whether a text stands for a caller who withholds the number: one of the words in any case, SIP's
/// anonymous address, or the digits of a word on a keypad, with or without `+`.
#[must_use]
pub fn is_withheld(text: &str) -> bool {
    let text = text.trim();
    let named = |names: &[&str]| names.iter().any(|name| text.eq_ignore_ascii_case(name));
    if named(&WORDS) || named(&SIP) {
        return true;
    }
    let digits = text.strip_prefix('+').unwrap_or(text).trim();
    let spelled = |digits: &str| {
        WORDS
            .iter()
            .any(|word| digits.bytes().eq(word.bytes().map(key_of)))
    };
    spelled(digits)
}

/// The key of a telephone keypad that bears a letter.
fn key_of(letter: u8) -> u8 {
    match letter {
        b'a'..=b'c' => b'2',
        b'd'..=b'f' => b'3',
        b'g'..=b'i' => b'4',
        b'j'..=b'l' => b'5',
        b'm'..=b'o' => b'6',
        b'p'..=b's' => b'7',
        b't'..=b'v' => b'8',
        _ => b'9',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_addresses_and_keypad_spellings_are_withheld_callers() {
        for text in [
            "anonymous",
            "Anonymous",
            "RESTRICTED",
            " private ",
            "unavailable",
            "Unknown",
            "blocked",
            "withheld",
            "anonymous@anonymous.invalid",
            "sip:anonymous@anonymous.invalid",
            "266696687",
            "+266696687",
            "7378742833",
            "+7378742833",
            "86282452253",
            "8656696",
            "2562533",
        ] {
            assert!(is_withheld(text), "{text}");
        }
    }

    #[test]
    fn numbers_and_other_words_are_not() {
        for text in [
            "",
            "+",
            "2065550100",
            "+12065550100",
            "anonymously",
            "none",
            "266",
            "1",
        ] {
            assert!(!is_withheld(text), "{text}");
        }
    }
}
