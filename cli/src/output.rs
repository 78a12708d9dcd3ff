//! What commands print: a table for people, JSON for scripts.

use std::io::{self, Write};

use anyhow::Result;
use comfy_table::{Cell, Table, presets};
use serde_json::Value;

/// Text as a terminal may be given it: what is kept may be from anywhere, and could move the cursor, rename
/// the window or look like lines of ours.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Prints lines to the standard output; a reader that has gone away is no error.
///
/// # Errors
/// The standard output cannot be written for another reason.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Says something to the person at the terminal, beside what a command prints.
#[expect(clippy::print_stderr, reason = "this is where commands speak")]
pub fn note(text: &str) {
    let lines: Vec<_> = text.split('\n').map(harmless).collect();
    eprintln!("{}", lines.join("\n"));
}

/// Prints one JSON document.
///
/// # Errors
/// The standard output's.
pub fn json(value: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    // What JSON may hold as it is and a terminal may not: within strings alone, so their escapes fit.
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\n' {
            safe.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            safe.push(character);
        }
    }
    print(&safe)
}

/// Prints the given fields of one object that it has, a line each.
///
/// # Errors
/// The standard output's.
pub fn record(value: &Value, fields: &[&str]) -> Result<()> {
    let mut table = plain();
    for (name, value) in fields
        .iter()
        .filter_map(|name| Some((name, value.get(name)?)))
    {
        table.add_row([Cell::new(name), Cell::new(cell(value))]);
    }
    print(&trimmed(&table))
}

/// Prints a row for each object, with the given fields of it as columns; says so when there are none.
///
/// # Errors
/// The standard output's.
pub fn rows(values: &[Value], columns: &[&str], none: &str) -> Result<()> {
    if values.is_empty() {
        note(none);
        return Ok(());
    }
    let mut table = plain();
    table.set_header(columns.iter().map(|name| name.to_ascii_uppercase()));
    for value in values {
        table.add_row(
            columns
                .iter()
                .map(|name| cell(value.get(name).unwrap_or(&Value::Null))),
        );
    }
    print(&trimmed(&table))
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

fn trimmed(table: &Table) -> String {
    table
        .lines()
        .map(|line| line.trim().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => harmless(text),
        Value::Bool(on) => if *on { "yes" } else { "no" }.to_owned(),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.is_empty() => "-".to_owned(),
        Value::Object(fields) => {
            let pairs: Vec<_> = fields
                .iter()
                .map(|(k, v)| format!("{k}={}", cell(v)))
                .collect();
            pairs.join(", ")
        }
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_for_people() {
        for (value, expected) in [
            (json!(null), "-"),
            (json!(""), "-"),
            (json!(true), "yes"),
            (json!(["a", 1]), "a, 1"),
            (json!({}), "-"),
            (json!({"per_day": 5}), "per_day=5"),
            (
                json!("evil\u{1b}]0;pwn\u{7}\n\u{9b}2J"),
                "evil\\u{1b}]0;pwn\\u{7}\\n\\u{9b}2J",
            ),
        ] {
            assert_eq!(cell(&value), expected);
        }
    }
}
