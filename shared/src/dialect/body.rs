//! Bodies of answers: texts, and texts that are already as they stand in the gateway's reply, a JSON string.

use serde::Serialize;
use serde_json::value::RawValue;

/// The body of an answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// A text. The reply escapes it.
    Text(String),
    /// A text as a JSON string, with its quotes. The reply has it as it is.
    Escaped(Box<RawValue>),
}

impl Body {
    /// Puts escaped texts together.
    ///
    /// # Errors
    /// Returns an error if one of them is no part of a JSON string, which [`EscapedText`] does not let happen.
    pub fn of(parts: &[&EscapedText]) -> serde_json::Result<Self> {
        let size: usize = parts.iter().map(|part| part.0.len()).sum();
        let mut json = String::with_capacity(size + 2);
        json.push('"');
        for part in parts {
            json.push_str(&part.0);
        }
        json.push('"');
        RawValue::from_string(json).map(Self::Escaped)
    }

    /// Returns the text itself.
    ///
    /// # Errors
    /// Returns an error if an escaped text is none, which [`Self::of`] does not let happen.
    pub fn into_text(self) -> serde_json::Result<String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Escaped(json) => serde_json::from_str(json.get()),
        }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A text as it stands in a JSON string, without the quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EscapedText(String);

impl EscapedText {
    /// Escapes a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        // A text cannot fail to serialize.
        let json = serde_json::to_string(text).unwrap_or_default();
        let inner = json
            .strip_prefix('"')
            .and_then(|json| json.strip_suffix('"'));
        Self(inner.unwrap_or_default().to_owned())
    }

    /// Takes bytes that were written as they stand in a JSON string.
    ///
    /// # Errors
    /// Returns an error if they are not UTF-8.
    pub(super) fn written(bytes: Vec<u8>) -> Result<Self, std::string::FromUtf8Error> {
        String::from_utf8(bytes).map(Self)
    }
}

/// Writes a text with its quotes as it stands in a JSON string that holds JSON: escaped, and escaped once more.
///
/// # Errors
/// Returns an error if the text cannot be serialized, which cannot happen.
pub(super) fn write_twice(out: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    for byte in serde_json::to_vec(text)? {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    Ok(())
}

/// The size of a text in bytes when escaped in a JSON string.
pub(super) fn escaped(text: &[u8]) -> usize {
    text.len() + text.iter().map(|byte| more_of(*byte)).sum::<usize>()
}

/// Returns by how many bytes the escaped byte is longer.
pub(super) fn more_of(byte: u8) -> usize {
    // A table, because every byte of a report passes here, and comparisons cost five times as much.
    MORE.get(usize::from(byte)).copied().map_or(0, usize::from)
}

#[expect(
    clippy::indexing_slicing,
    reason = "it is evaluated by the compiler, which refuses a wrong index"
)]
const MORE: [u8; 256] = {
    let mut more = [0; 256];
    let mut byte = 0;
    while byte < more.len() {
        more[byte] = match byte {
            0x08 | 0x09 | 0x0a | 0x0c | 0x0d | 0x22 | 0x5c => 1,
            0..0x20 => 5,
            _ => 0,
        };
        byte += 1;
    }
    more
};

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a\"b\\c\n\r\t\u{8}\u{c}\u{1}\u{1f}ä\u{7f}💰";

    #[test]
    fn an_escaped_body_is_the_text_and_replies_the_same() {
        for text in ["", "plain", TEXT] {
            let parts = [
                &EscapedText::of(text),
                &EscapedText::of("|"),
                &EscapedText::of(text),
            ];
            let whole = format!("{text}|{text}");
            let body = Body::of(&parts).unwrap();
            let reply = |body: &Body| serde_json::to_string(body).unwrap();
            assert_eq!(reply(&body), reply(&Body::from(whole.clone())));
            assert_eq!(body.into_text().unwrap(), whole);
        }
    }

    #[test]
    fn a_text_within_json_within_json_is_read_back() {
        let mut out = vec![b'"'];
        write_twice(&mut out, TEXT).unwrap();
        out.push(b'"');
        let json: String = serde_json::from_slice(&out).unwrap();
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), TEXT);
    }

    #[test]
    fn the_length_of_a_text_is_that_of_its_json() {
        let text = "a\"b\\c\n\r\t\u{8}\u{c}\u{1}\u{1f}ä\u{7f}";
        let json = serde_json::to_string(text).unwrap();
        assert_eq!(escaped(text.as_bytes()) + 2, json.len());
        let long = text.repeat(100);
        let json = serde_json::to_string(&long).unwrap();
        assert_eq!(escaped(long.as_bytes()) + 2, json.len());
    }
}
