//! Texts in cells of CSV files: no spreadsheet may read one as a formula.
//!
//! A spreadsheet trims some characters before it looks for a formula, and one that splits cells at another
//! separator than the comma finds one in the middle of a text. So an apostrophe goes in front of every place
//! where a formula may begin. Spreadsheets do not show it at the start of a cell. A text that has apostrophes
//! there already gets one more, so [`restored`] gives back every text that [`defused`] was given.

use std::borrow::Cow;

/// What formulas begin with, also full width and small, which some spreadsheets take for the same.
const SIGNS: [char; 12] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{fe66}', '\u{fe62}',
    '\u{fe63}', '\u{fe6b}',
];

/// What some spreadsheet or import splits cells at.
const SEPARATORS: [char; 7] = [',', ';', '\t', '|', '\r', '\n', '\u{1f}'];

/// Puts an apostrophe wherever a spreadsheet may begin to read a formula.
#[must_use]
pub fn defused(text: &str) -> Cow<'_, str> {
    changed(text, |part| format!("'{part}"))
}

/// Takes away the apostrophes that [`defused`] put into a text.
#[must_use]
pub fn restored(text: &str) -> Cow<'_, str> {
    changed(text, |part| {
        part.strip_prefix('\'').unwrap_or(part).to_owned()
    })
}

fn changed(text: &str, change: impl Fn(&str) -> String) -> Cow<'_, str> {
    let parts = || text.split_inclusive(SEPARATORS);
    match parts().any(is_formula) {
        false => Cow::Borrowed(text),
        true => Cow::Owned(
            parts()
                .map(|part| match is_formula(part) {
                    true => Cow::Owned(change(part)),
                    false => Cow::Borrowed(part),
                })
                .collect(),
        ),
    }
}

/// Whether a part is a formula, behind any number of apostrophes.
fn is_formula(part: &str) -> bool {
    part.trim_start_matches('\'')
        .trim_start_matches(is_ignored)
        .starts_with(SIGNS)
}

/// Whether a spreadsheet may ignore a character at the start of a cell.
fn is_ignored(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || is_invisible(character)
        || character == '"'
}

/// Whether a character is not shown and is no control character: of no width, or one that changes the direction
/// of the text.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_place_where_a_formula_may_begin_gets_an_apostrophe() {
        for (text, expected) in [
            ("", ""),
            ("a-b=c", "a-b=c"),
            ("it's", "it's"),
            ("=1", "'=1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\u{ff0b}1", "'\u{ff0b}1"),
            ("\u{ff0d}1", "'\u{ff0d}1"),
            ("\u{ff20}A1", "'\u{ff20}A1"),
            (" =1", "' =1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("\u{200b}\u{feff} =1", "'\u{200b}\u{feff} =1"),
            ("\t=1", "\t'=1"),
            ("\r\n=1", "\r\n'=1"),
            ("a;=1", "a;'=1"),
            ("a, =1,b", "a,' =1,b"),
            ("a\";\"=1", "a\";'\"=1"),
            ("a\n=1\n=2", "a\n'=1\n'=2"),
            ("'=1", "''=1"),
            ("'a", "'a"),
        ] {
            assert_eq!(defused(text), expected, "{text:?}");
            assert_eq!(restored(expected), text, "{text:?}");
        }
        assert_eq!(restored("'=1"), "=1", "as people write it");
    }

    proptest! {
        #[test]
        fn an_import_undoes_exactly_what_an_export_did(
            text in "[a=+@'\",;|\t\r\n \u{a0}\u{200b}\u{ff1d}\u{feff}\u{7f}-]{0,12}"
        ) {
            let shown = defused(&text).into_owned();
            prop_assert_eq!(restored(&shown), text.as_str());
            for part in shown.split(SEPARATORS) {
                let seen = part.trim_start_matches(is_ignored);
                prop_assert!(!seen.starts_with(SIGNS), "{shown:?}");
            }
        }
    }
}
