//! Figures and tables as Markdown.

use std::fmt::Write;

/// A number with commas.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Halves as a number.
pub(crate) fn halves(halves: u64) -> String {
    match halves % 2 {
        0 => number(halves / 2),
        _ => format!("{}.5", number(halves / 2)),
    }
}

/// Nanodollars a request as dollars a million.
pub(crate) fn dollars(nanodollars: u64) -> String {
    let cents = (nanodollars + 5) / 10;
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A row of two columns.
pub(crate) fn row(name: &str, value: String) -> (String, String) {
    (name.to_owned(), value)
}

/// Adds a table of two columns under its title.
pub(crate) fn section(text: &mut String, title: &str, columns: &str, rows: &[(String, String)]) {
    let _written = write!(text, "{title}\n\n| {columns} |\n|---|---|\n");
    for (name, value) in rows {
        let _written = writeln!(text, "| {name} | {value} |");
    }
    text.push('\n');
}
