//! How long something took, as exports and clients write it.

/// Reads a duration and returns its whole seconds; a fraction of a second is cut off.
///
/// These are seconds (`199`, `199.0`), `H:MM:SS` and `M:SS`, also with a fraction, and numbers with units in
/// falling order, such as `3m19s`, `1h 2m`, `3 min 19 sec` and `PT3M19S`. `18:25` is 18 minutes and 25
/// seconds.
///
/// # Errors
/// Returns `InvalidDuration` if the text has another form, or is longer than 4,294,967,295 seconds.
pub fn whole_seconds(text: &str) -> Result<u32, InvalidDuration> {
    let text = text.trim();
    let seconds = if text.contains(':') {
        clock(text)
    } else if text.contains(|c: char| c.is_ascii_alphabetic()) {
        units(text)
    } else {
        number(text)
    };
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
    seconds.ok_or(InvalidDuration)
}

/// The text is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected seconds, H:MM:SS, M:SS, or units such as 3m19s")]
pub struct InvalidDuration;

/// Reads digits with an optional fraction.
fn number(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match digits(whole) && digits(fraction) {
        true => whole.parse().ok(),
        false => None,
    }
}

/// Reads `H:MM:SS` or `M:SS`.
fn clock(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let first = parts.next().filter(|part| !part.contains('.'))?;
    let mut total = number(first)?;
    let rest: Vec<&str> = parts.collect();
    if rest.is_empty() || rest.len() > 2 {
        return None;
    }
    for (at, part) in rest.iter().enumerate() {
        let last = at + 1 == rest.len();
        let whole = part.split('.').next().unwrap_or_default();
        let value = number(part).filter(|value| *value < 60)?;
        if whole.len() != 2 || (part.contains('.') && !last) {
            return None;
        }
        total = total.checked_mul(60)?.checked_add(value)?;
    }
    Some(total)
}

/// Reads numbers with units, each unit once and the longest first.
fn units(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix("PT").unwrap_or(text);
    let (mut total, mut shortest) = (0_u64, u64::MAX);
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (value, behind) = rest.split_at_checked(end)?;
        let end = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(end)?;
        let seconds = match unit.to_ascii_lowercase().as_str() {
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            _ => return None,
        };
        let value = value.trim();
        // Only the seconds may have a fraction.
        if seconds >= shortest || (value.contains('.') && seconds > 1) {
            return None;
        }
        shortest = seconds;
        total = total.checked_add(number(value)?.checked_mul(seconds)?)?;
        rest = behind.trim_start_matches([' ', ',', '.']);
    }
    (shortest != u64::MAX).then_some(total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_documented_form_of_a_duration_is_read() {
        for (text, seconds) in [
            ("0", 0),
            ("199", 199),
            (" 0199 ", 199),
            ("199.0", 199),
            ("199.999", 199),
            ("0:03:19", 199),
            ("00:03:19", 199),
            ("18:25", 1_105),
            ("125:09", 7_509),
            ("26:00:00", 93_600),
            ("0:03:19.75", 199),
            ("3m19s", 199),
            ("3m 19s", 199),
            ("3 min 19 sec", 199),
            ("3 Minutes, 19 Seconds", 199),
            ("1h2m3s", 3_723),
            ("1 hr. 3 sec.", 3_603),
            ("2h", 7_200),
            ("199s", 199),
            ("199.5s", 199),
            ("PT3M19S", 199),
            ("4294967295", u32::MAX),
        ] {
            assert_eq!(whole_seconds(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_duration() {
        for text in [
            "",
            " ",
            "-5",
            "+5",
            "1,234",
            "1e3",
            ".5",
            "5.",
            "1.2.3",
            "3:7",
            "3:007",
            "3:60",
            "1:60:00",
            "1.5:00",
            "1:2.5:03",
            "1:02:03:04",
            ":30",
            "3:",
            "19s3m",
            "3m3m",
            "1.5m",
            "m",
            "3x",
            "3m19",
            "PT",
            "unknown",
            "4294967296",
            "99999999999999999999",
            "99999999999999999:00:00",
        ] {
            assert_eq!(whole_seconds(text), Err(InvalidDuration), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_duration_is_the_same_in_every_notation(seconds in 0_u32..1_000_000) {
            let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
            for text in [
                format!("{seconds}"),
                format!("{seconds}.0"),
                format!("{hours}:{minutes:02}:{rest:02}"),
                format!("{}:{rest:02}", seconds / 60),
                format!("{hours}h{minutes}m{rest}s"),
                format!("{} min {rest} sec", seconds / 60),
            ] {
                prop_assert_eq!(whole_seconds(&text), Ok(seconds), "{}", text);
            }
        }

        #[test]
        fn no_text_panics(text in "[0-9hms:. PT,-]{0,16}") {
            let _read = whole_seconds(&text);
        }
    }
}
