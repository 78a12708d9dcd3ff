//! Inputs near the documented ones: an example, changed by a few edits that know what such texts are made of.

use std::sync::LazyLock;

/// Pieces that texts of some grammar are made of, and what parsers of it stumble over.
pub(super) const PIECES: &[&str] = &[
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

/// A change of a text. A place is counted from the start, and goes on from there behind the end.
pub(super) enum Edit {
    /// Puts a piece in.
    Insert(usize, &'static str),
    /// Puts any character in.
    Character(usize, char),
    /// Takes a run of bytes away.
    Remove(usize, usize),
    /// Repeats a run.
    Repeat(usize, usize, usize),
    /// Puts a piece in the place of a word: a run of letters and digits.
    Word(usize, &'static str),
    /// Ends the text.
    Cut(usize),
    /// Puts a byte in that may be no UTF-8.
    Byte(usize, u8),
}

/// Changes a text.
pub(super) fn make(text: &mut Vec<u8>, edit: &Edit) {
    let place = |at: &usize| at % (text.len() + 1);
    match edit {
        Edit::Insert(at, piece) => {
            let at = place(at);
            text.splice(at..at, piece.bytes());
        }
        Edit::Character(at, character) => {
            let at = place(at);
            text.splice(at..at, character.encode_utf8(&mut [0; 4]).bytes());
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

/// Texts that people write.
pub(super) static NOTES: LazyLock<Vec<String>> = LazyLock::new(|| {
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
