//! Makes the text of a date plain: ASCII digits, and single spaces between its parts.

use std::borrow::Cow;

/// Returns the text with ASCII digits for those of any script, one space for each run of white space, and
/// without invisible marks.
///
/// JavaScript writes a narrow no-break space before `AM` and `PM`, and some browsers put marks of direction
/// around each part.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.is_ascii()
        && !text.contains("  ")
        && !text.contains(['\t', '\n', '\r', '\u{b}', '\u{c}'])
    {
        return Cow::Borrowed(text);
    }
    let visible: String = text
        .chars()
        .filter(|c| !is_mark(*c))
        .map(ascii_digit)
        .collect();
    Cow::Owned(visible.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether a character is an invisible mark of direction or of no width.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Returns the ASCII digit for a decimal digit of any script, and any other character unchanged.
fn ascii_digit(character: char) -> char {
    if character.is_ascii() {
        return character;
    }
    let code = u32::from(character);
    let value = ZEROS.iter().find_map(|zero| {
        let value = code.checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    });
    value.unwrap_or(character)
}

/// The zeros of the scripts outside ASCII. In Unicode, the digits one to nine follow their zero.
const ZEROS: [char; 65] = [
    '\u{660}',
    '\u{6F0}',
    '\u{7C0}',
    '\u{966}',
    '\u{9E6}',
    '\u{A66}',
    '\u{AE6}',
    '\u{B66}',
    '\u{BE6}',
    '\u{C66}',
    '\u{CE6}',
    '\u{D66}',
    '\u{DE6}',
    '\u{E50}',
    '\u{ED0}',
    '\u{F20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17E0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19D0}',
    '\u{1A80}',
    '\u{1A90}',
    '\u{1B50}',
    '\u{1BB0}',
    '\u{1C40}',
    '\u{1C50}',
    '\u{A620}',
    '\u{A8D0}',
    '\u{A900}',
    '\u{A9D0}',
    '\u{A9F0}',
    '\u{AA50}',
    '\u{ABF0}',
    '\u{FF10}',
    '\u{104A0}',
    '\u{10D30}',
    '\u{11066}',
    '\u{110F0}',
    '\u{11136}',
    '\u{111D0}',
    '\u{112F0}',
    '\u{11450}',
    '\u{114D0}',
    '\u{11650}',
    '\u{116C0}',
    '\u{11730}',
    '\u{118E0}',
    '\u{11950}',
    '\u{11C50}',
    '\u{11D50}',
    '\u{11DA0}',
    '\u{16A60}',
    '\u{16AC0}',
    '\u{16B50}',
    '\u{1D7CE}',
    '\u{1D7D8}',
    '\u{1D7E2}',
    '\u{1D7EC}',
    '\u{1D7F6}',
    '\u{1E140}',
    '\u{1E2F0}',
    '\u{1E950}',
    '\u{1FBF0}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_blanks_and_marks_become_plain() {
        for (text, expected) in [
            ("2026-11-21 10:04", "2026-11-21 10:04"),
            (" 2026-11-21 \t 10:04\r\n", "2026-11-21 10:04"),
            ("11/2/2026, 10:15:03\u{202f}AM", "11/2/2026, 10:15:03 AM"),
            ("11/2/2026\u{a0}\u{3000}10:15", "11/2/2026 10:15"),
            (
                "\u{200e}11\u{200e}/\u{200e}2\u{200e}/\u{200e}2026",
                "11/2/2026",
            ),
            ("٢٠٢٦-١١-٢١", "2026-11-21"),
            ("２０２６-११-୨୧", "2026-11-21"),
            ("𝟐𝟘𝟚𝟞", "2026"),
            ("²½十", "²½十"),
            ("", ""),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }
}
