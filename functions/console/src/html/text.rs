//! How values are written for people. What is absent is a dash, and zero is zero.

use maud::{Markup, html};
use rust_decimal::Decimal;

/// Stands for what is absent.
pub const ABSENT: &str = "–";

/// Writes an amount: grouped, with a real minus sign, and at least two decimals. The API's text is exact, and so is
/// this.
pub fn amount(text: &str) -> String {
    let (minus, digits) = match text.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let kept = decimals.trim_end_matches('0');
    let decimals = match kept.len() {
        0..=2 => format!("{kept:0<2}"),
        _ => kept.to_owned(),
    };
    format!("{minus}{}.{decimals}", grouped(whole))
}

/// Writes a whole number, grouped.
pub fn grouped(digits: &str) -> String {
    let count = digits.chars().count();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (count - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a count.
pub fn count(number: impl ToString + Copy) -> String {
    grouped(&number.to_string())
}

/// Marks an amount up, with its currency. Negative ones, and zeros, are told apart.
pub fn money(text: Option<&str>, currency: &str) -> Markup {
    let Some(text) = text else {
        return absent();
    };
    let class = match text.parse::<Decimal>() {
        Ok(number) if number.is_zero() => "money zero",
        Ok(number) if number.is_sign_negative() => "money negative",
        _ => "money",
    };
    html! { span class=(class) { (amount(text)) " " span.currency { (currency) } } }
}

/// Marks up what is absent.
pub fn absent() -> Markup {
    html! { span.absent { span aria-hidden="true" { (ABSENT) } span.unseen { "none" } } }
}

/// Marks a text up, or that there is none.
pub fn or_absent(text: Option<&str>) -> Markup {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => html! { (text) },
        None => absent(),
    }
}

/// Writes a share of a whole in percent, with one decimal. `None` of nothing.
pub fn share(part: u64, whole: u64) -> Option<String> {
    let share = Decimal::from(part) * Decimal::ONE_HUNDRED;
    let share = share.checked_div(Decimal::from(whole))?;
    Some(format!("{share:.1} %"))
}

/// Writes a length in minutes and seconds.
pub fn length(seconds: Option<u64>) -> String {
    match seconds {
        None => ABSENT.to_owned(),
        Some(seconds) if seconds >= 3_600 => format!(
            "{}:{:02}:{:02}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        ),
        Some(seconds) => format!("{}:{:02}", seconds / 60, seconds % 60),
    }
}

/// Marks up a moment: in the account's zone, to the second. The API's text has the zone's offset.
pub fn moment(text: Option<&str>) -> Markup {
    let Some(text) = text else {
        return absent();
    };
    let shown: String = text.chars().take("2026-11-21T12:00:00".len()).collect();
    let shown = shown.replace('T', " ");
    html! { time datetime=(text) { (shown) } }
}

/// Writes a word of the API for people: `in_force` is "in force".
pub fn word(text: &str) -> String {
    text.replace('_', " ")
}

/// Writes how a number differs from an earlier one, in percent. `None` if there was nothing, or nothing changed.
pub fn change(now: &str, before: &str) -> Option<String> {
    let (now, before) = (
        now.parse::<Decimal>().ok()?,
        before.parse::<Decimal>().ok()?,
    );
    let change = (now - before) * Decimal::ONE_HUNDRED;
    let change = change.checked_div(before)?.round_dp(0);
    match change {
        change if change.is_zero() => None,
        change if change.is_sign_negative() => Some(format!("−{} %", change.abs())),
        change => Some(format!("+{change} %")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_grouped() {
        for (text, expected) in [
            ("0.0000", "0.00"),
            ("25.0000", "25.00"),
            ("1234567.5000", "1,234,567.50"),
            ("-7.5000", "−7.50"),
            ("0.1234", "0.1234"),
            ("999.1200", "999.12"),
            ("12", "12.00"),
        ] {
            assert_eq!(amount(text), expected);
        }
    }

    #[test]
    fn negative_and_zero_and_absent_are_told_apart() {
        let shown = |text| money(text, "USD").into_string();
        assert!(shown(Some("-1.0000")).contains("negative"));
        assert!(shown(Some("0.0000")).contains("zero"));
        assert!(shown(None).contains("absent"));
    }

    #[test]
    fn lengths_shares_and_changes_are_written() {
        assert_eq!(length(Some(59)), "0:59");
        assert_eq!(length(Some(3_725)), "1:02:05");
        assert_eq!(length(None), ABSENT);
        assert_eq!(share(1, 3).as_deref(), Some("33.3 %"));
        assert_eq!(share(1, 0), None);
        assert_eq!(change("15", "10").as_deref(), Some("+50 %"));
        assert_eq!(change("5", "10").as_deref(), Some("−50 %"));
        assert_eq!(change("5", "0"), None);
        assert_eq!(change("5", "5"), None);
    }
}
