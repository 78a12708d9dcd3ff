//! Inputs near the documented ones: an example, changed by a few edits that know what such texts are made of.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Pieces that texts of some grammar are made of, and what parsers of it stumble over.
const PIECES: &[&str] = &[
    // JSON.
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\udfff\\ud800",
    "null",
    "true",
    "1e999",
    "-0",
    "0.1e-400",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "\"cost\":",
    "\"did\":{}",
    // Forms and query strings.
    "&",
    "=",
    "%",
    "%zz",
    "%00",
    "%C3",
    "%ED%A0%80",
    "+",
    "&&==",
    ";",
    "cost=",
    "did=",
    "%26",
    "#",
    // Multipart.
    "\r\n",
    "--edge",
    "--edge--",
    "\r\n\r\n",
    "Content-Disposition: form-data; name=\"",
    "; filename=\"x\"",
    "Content-Type: application/json\r\n",
    "name*=utf-8''x",
    // Tables.
    ";",
    "\t",
    "|",
    "\"\"",
    "sep=;\n",
    "\n",
    "\u{feff}",
    "'",
    "=1+1",
    "@SUM(A1)",
    "\u{ff1d}1",
    // Numbers, money and dates.
    "0",
    "00",
    "9",
    "99999999999999999999",
    "-1",
    "1,000.00",
    "1.000,00",
    "$",
    "\u{20ac}",
    "e5",
    "0x1F",
    "NaN",
    "inf",
    "\u{ff11}\u{ff12}",
    "\u{661}\u{662}",
    "2026-02-29",
    "2026-11-01T01:30:00",
    "24:00:00",
    "23:59:60",
    "T",
    "Z",
    "+14:00",
    "-99:99",
    "-0001",
    "+262143",
    "9999-12-31",
    "0000-00-00",
    " AM",
    "/",
    "13/13/2026",
    // Numbers of phones.
    "+",
    "+1",
    "(206) 555-0100",
    "x7",
    ";ext=7",
    "tel:",
    "anonymous",
    "\u{ff0b}1",
    "1206555010012345678901234567890",
    // Anything.
    " ",
    "",
    "\0",
    "\u{7f}",
    "\u{200b}",
    "\u{202e}",
    "\u{301}",
    "\u{1f600}",
    "\u{10ffff}",
    "\u{fffd}",
    "..",
    "/../",
    "%2e%2e",
    "<",
    "]]>",
    "&#0;",
    "<!ENTITY",
    "*",
    "**",
    "A",
    "z",
    "#",
];

/// A change of a text, at a place.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Puts a piece in.
    Insert(Index, &'static str),
    /// Puts any character in.
    Character(Index, char),
    /// Takes a run of bytes away.
    Remove(Index, usize),
    /// Doubles a run.
    Repeat(Index, usize, usize),
    /// Puts a piece in the place of a word: a run of letters and digits.
    Word(Index, &'static str),
    /// Ends the text.
    Cut(Index),
    /// Puts a byte in that is no UTF-8.
    Byte(Index, u8),
}

/// Any edit, the likely ones more often.
pub fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), select(PIECES)).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        3 => (at(), select(PIECES)).prop_map(|(at, piece)| Edit::Word(at, piece)),
        2 => (at(), 1..8_usize).prop_map(|(at, run)| Edit::Remove(at, run)),
        1 => (at(), 1..12_usize, 1..40_usize).prop_map(|(at, run, times)| Edit::Repeat(at, run, times)),
        1 => (at(), any::<char>()).prop_map(|(at, character)| Edit::Character(at, character)),
        1 => at().prop_map(Edit::Cut),
        1 => (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
    ]
}

/// Changes a text.
pub fn edited(text: &mut Vec<u8>, edit: &Edit) {
    let place = |at: &Index| at.index(text.len() + 1);
    match edit {
        Edit::Insert(at, piece) => {
            let at = place(at);
            text.splice(at..at, piece.bytes());
        }
        Edit::Character(at, character) => {
            let at = place(at);
            text.splice(at..at, character.to_string().bytes());
        }
        Edit::Remove(at, run) => {
            let from = place(at);
            let to = (from + run).min(text.len());
            text.drain(from..to);
        }
        Edit::Repeat(at, run, times) => {
            let from = place(at);
            let to = (from + run).min(text.len());
            let copies = text[from..to].repeat(*times);
            text.splice(to..to, copies);
        }
        Edit::Word(at, piece) => {
            let at = place(at);
            let is_word = |byte: &u8| byte.is_ascii_alphanumeric();
            let before = text[..at]
                .iter()
                .rev()
                .take_while(|byte| is_word(byte))
                .count();
            let behind = text[at..].iter().take_while(|byte| is_word(byte)).count();
            text.splice(at - before..at + behind, piece.bytes());
        }
        Edit::Cut(at) => {
            let at = place(at);
            text.truncate(at);
        }
        Edit::Byte(at, byte) => {
            let at = place(at);
            text.insert(at, *byte);
        }
    }
}

/// An example after up to eight edits, as bytes.
pub fn bytes_near(examples: &'static [String]) -> impl Strategy<Value = Vec<u8>> {
    (select(examples), vec(edit(), 0..8)).prop_map(|(example, edits)| {
        let mut text = example.into_bytes();
        edits.iter().for_each(|edit| edited(&mut text, edit));
        text
    })
}

/// An example after up to eight edits, as text.
pub fn text_near(examples: &'static [String]) -> impl Strategy<Value = String> {
    bytes_near(examples).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// A text that people may have written.
pub fn note() -> impl Strategy<Value = String> {
    text_near(&NOTES)
}

static NOTES: LazyLock<Vec<String>> = LazyLock::new(|| {
    [
        "",
        "Jane Doe",
        "qualified",
        "asked for a call back",
        "=1+1",
        "a;=1",
        "O'Brien \"Bob\"",
        "a\r\nb",
    ]
    .map(str::to_owned)
    .to_vec()
});
