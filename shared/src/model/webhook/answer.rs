//! One attempt of a delivery, and what is kept of a receiver's answer.

use serde::{Deserialize, Serialize};

use crate::model::time::Instant;

/// How many characters of an answer are kept.
const KEPT: usize = 240;

/// One attempt of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was sent.
    pub at: Instant,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// The status of the answer; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer, or why it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The beginning of the answer, cleaned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// Returns the beginning of an answer as text that can be shown: without control characters, and with runs of
/// seven digits and more masked, because receivers repeat what they were sent. `None` if it is empty.
#[must_use]
pub fn cleaned(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let visible = text.chars().map(|c| match c {
        c if c.is_control() || c == char::REPLACEMENT_CHARACTER => ' ',
        c => c,
    });
    let words: String = visible.collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept: String = without_numbers(&words).chars().take(KEPT).collect();
    (!kept.is_empty()).then_some(kept)
}

/// Replaces the digits of every run of seven and more.
fn without_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        match run.len() {
            7.. => masked.push_str("***"),
            _ => masked.push_str(&run),
        }
        run.clear();
        if c != '\0' {
            masked.push(c);
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_shown_without_control_characters_and_numbers() {
        for (bytes, shown) in [
            (&b""[..], None),
            (b" \r\n\t", None),
            (b"OK", Some("OK")),
            (
                b"SUCCESS:\n  12065550100 added, 123456 left",
                Some("SUCCESS: *** added, 123456 left"),
            ),
            (b"\x1b[31mred\xff\xfe", Some("[31mred")),
        ] {
            assert_eq!(cleaned(bytes).as_deref(), shown, "{bytes:?}");
        }
        let long = "é".repeat(1_000);
        assert_eq!(cleaned(long.as_bytes()).unwrap().chars().count(), KEPT);
    }
}
