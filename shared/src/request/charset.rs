//! Decodes text whose charset is one of those that clients still send.

use std::borrow::Cow;

/// Decodes UTF-8, or Windows-1252 if `charset` says so or the bytes are not UTF-8. A byte order mark is
/// skipped.
///
/// No byte is replaced: every text of one byte a character has a reading in Windows-1252, and ISO-8859-1
/// and ASCII are subsets of it. Other charsets would need tables of 150 KB in each function.
pub(super) fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    let utf8 = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(utf8) {
        Ok(text) if !is_single_byte(charset) => text.to_owned(),
        _ => single_byte(bytes),
    }
}

/// Returns the text of bytes as UTF-8, as [`decode`] reads them. A byte order mark stays.
pub(super) fn to_utf8<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, [u8]> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() || !is_single_byte(charset) => Cow::Borrowed(bytes),
        _ => Cow::Owned(single_byte(bytes).into_bytes()),
    }
}

/// Whether a charset has one byte a character, and is read as Windows-1252.
pub(super) fn is_single_byte(charset: Option<&str>) -> bool {
    let names = [
        "windows-1252",
        "cp1252",
        "iso-8859-1",
        "iso8859-1",
        "iso_8859-1",
        "latin1",
    ];
    charset.is_some_and(|name| names.iter().any(|one| name.eq_ignore_ascii_case(one)))
}

/// Decodes bytes as Windows-1252.
pub(super) fn single_byte(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| character(*byte)).collect()
}

/// The characters of 0x80 to 0x9F in Windows-1252. Five of them are undefined and stand for themselves.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn character(byte: u8) -> char {
    let high = byte.checked_sub(0x80).map(usize::from);
    let special = high.and_then(|place| HIGH.get(place));
    special.copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_its_charset() {
        for (bytes, charset, text) in [
            ("José".as_bytes(), None, "José"),
            ("José".as_bytes(), Some("UTF-8"), "José"),
            ("\u{feff}José".as_bytes(), None, "José"),
            (b"Jos\xe9", None, "José"),
            (b"Jos\xe9", Some("utf-8"), "José"),
            (b"Jos\xe9", Some("ISO-8859-1"), "José"),
            (b"5 \x80", Some("windows-1252"), "5 €"),
            ("é".as_bytes(), Some("windows-1252"), "Ã©"),
            (b"\x81\xff", None, "\u{81}ÿ"),
            (b"", None, ""),
        ] {
            assert_eq!(decode(bytes, charset), text, "{bytes:?} {charset:?}");
        }
    }
}
