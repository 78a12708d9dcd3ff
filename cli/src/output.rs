//! The output of commands: tables for people, JSON for scripts.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde_json::Value;

/// Whether a terminal acts on a character instead of showing it: a control character, the end of a line or
/// paragraph, or one that changes the direction of the text around it.
fn is_acted_on(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Escapes what a terminal would act on.
///
/// Stored text comes from anywhere. Printed as it is, it could move the cursor, rename the terminal's window
/// or imitate output of this command.
fn escape_controls(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_acted_on(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Prints text to the standard output; a broken pipe is not an error.
///
/// # Errors
/// Returns an error if the standard output cannot be written for another reason.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Returns the standard output for rows: as they are, or without what a terminal would act on if it is one.
pub fn rows_out() -> Box<dyn Write> {
    let out = io::stdout();
    match out.is_terminal() {
        true => Box::new(TerminalLines::new(out)),
        false => Box::new(out),
    }
}

/// Writes lines of text for a terminal: with escapes for what it would act on.
struct TerminalLines<W: Write> {
    out: W,
    /// The line whose end has not been written yet.
    line: Vec<u8>,
}

impl<W: Write> TerminalLines<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::new(),
        }
    }
}

impl<W: Write> Write for TerminalLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if let Some(line) = self.line.strip_suffix(b"\n") {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                writeln!(
                    self.out,
                    "{}",
                    escape_controls(&String::from_utf8_lossy(line))
                )?;
                self.line.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Prints a message to the standard error, apart from a command's output. Lines that are wider than a terminal are
/// broken between words.
pub fn note(text: &str) {
    log(&wrapped(text, "  "));
}

/// Prints lines to the standard error as they are.
#[expect(
    clippy::print_stderr,
    reason = "every message to the standard error goes through here"
)]
pub fn log(text: &str) {
    let lines: Vec<_> = text.split('\n').map(escape_controls).collect();
    eprintln!("{}", lines.join("\n"));
}

/// Prints a message to a person: nothing if the standard error is not a terminal.
pub fn hint(text: &str) {
    if io::stderr().is_terminal() {
        note(text);
    }
}

/// Prints one JSON document.
///
/// # Errors
/// Returns an error if the standard output cannot be written.
pub fn json(value: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    // JSON allows some control characters unescaped that a terminal would act on. They occur only within
    // strings, so a JSON escape can replace them.
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_acted_on(character) && character != '\n' {
            safe.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            safe.push(character);
        }
    }
    print(&safe)
}

/// Prints those of the given fields that an object has, one a line.
///
/// # Errors
/// Returns an error if the standard output cannot be written.
pub fn record(value: &Value, fields: &[&str]) -> Result<()> {
    let found: Vec<_> = fields
        .iter()
        .filter_map(|name| Some((name, value.get(name)?)))
        .collect();
    let longest = found.iter().map(|(name, _)| name.len()).max();
    let width = longest.unwrap_or(0) + 2;
    let indent = " ".repeat(width);
    let lines: Vec<_> = found
        .iter()
        .map(|(name, value)| wrapped(&format!("{name:width$}{}", cell(value)), &indent))
        .collect();
    print(&lines.join("\n"))
}

/// Prints a table with a row for each object and a column for each field, or the message `none` if there are
/// no objects.
///
/// # Errors
/// Returns an error if the standard output cannot be written.
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
    fit(&mut table);
    print(&trimmed(&table))
}

/// Lets the widest columns of a table break their cells into several lines, if it is wider than a terminal. The others
/// stay whole: what identifies a row has to be copied.
fn fit(table: &mut Table) {
    const GAP: usize = 2;
    const LEAST: usize = 12;
    let widths = table.column_max_content_widths();
    let mut widths: Vec<usize> = widths.into_iter().map(usize::from).collect();
    let total = |widths: &[usize]| widths.iter().map(|width| width + GAP).sum::<usize>();
    if total(&widths) <= WIDTH + GAP {
        return;
    }
    let mut broken = Vec::new();
    while total(&widths) > WIDTH {
        let widest = widths.iter().enumerate().max_by_key(|(_, width)| **width);
        let widest = widest.filter(|(_, width)| **width > LEAST);
        let Some(at) = widest.map(|(at, _)| at) else {
            break;
        };
        if let Some(width) = widths.get_mut(at) {
            *width = LEAST;
        }
        broken.push(at);
    }
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(80);
    for at in (0..widths.len()).filter(|at| !broken.contains(at)) {
        if let Some(column) = table.column_mut(at) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// The width that every terminal has.
pub const WIDTH: usize = 80;

/// Breaks a text between words so that no line is longer than a terminal is wide. Further lines begin with `indent`.
#[must_use]
pub fn wrapped(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| wrapped_line(line, indent))
        .collect();
    lines.join("\n")
}

fn wrapped_line(text: &str, indent: &str) -> String {
    let mut lines = Vec::new();
    let mut line = String::new();
    // Whether the line has a word yet, and not only blanks.
    let mut begun = false;
    for word in words(text) {
        let length = line.chars().count() + word.chars().count();
        if begun && length >= WIDTH {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        } else if begun {
            line.push(' ');
        }
        line.push_str(&word);
        begun = true;
    }
    lines.push(line);
    lines.join("\n")
}

/// Splits a line at its blanks, but not within a command in backticks, which people paste.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_command = false;
    for word in line.split(' ') {
        match words.last_mut().filter(|_| in_command) {
            Some(command) => {
                command.push(' ');
                command.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
        in_command ^= word.matches('`').count() % 2 == 1;
    }
    words
}

/// Returns a number with its noun: `1 row`, `2 rows`. A noun with an ending of its own is not for this.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// Returns a number with its noun and verb: `1 row was`, `2 rows were`.
#[must_use]
pub fn counted_were(count: usize, noun: &str) -> String {
    let were = if count == 1 { "was" } else { "were" };
    format!("{} {were}", counted(count, noun))
}

/// Returns a text of at most `most` characters, for a column of a table. `--json` shows all of it.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    match text.chars().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(most.saturating_sub(3)).collect();
            format!("{kept}...")
        }
    }
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
        Value::String(text) => escape_controls(text),
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
    fn cells_are_readable_and_escape_control_characters() {
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
            (
                json!("bill\u{202e}dlog\u{2066}x\u{2028}"),
                "bill\\u{202e}dlog\\u{2066}x\\u{2028}",
            ),
        ] {
            assert_eq!(cell(&value), expected);
        }
    }
    #[test]
    fn long_lines_are_broken_between_words() {
        let long = "word ".repeat(40);
        let wrapped = wrapped(&format!("name  {}", long.trim_end()), "      ");
        assert!(wrapped.lines().all(|line| line.len() <= WIDTH), "{wrapped}");
        assert!(
            wrapped
                .lines()
                .skip(1)
                .all(|line| line.starts_with("      word")),
            "{wrapped}"
        );
        assert_eq!(wrapped.split_whitespace().count(), 41);
        let command = format!("{} `callbook vendor add x` now", "y".repeat(70));
        assert!(super::wrapped(&command, "").contains("\n`callbook vendor add x` now"));
        for text in ["", "one", "two  blanks", "a\nb", &"x".repeat(100)] {
            assert_eq!(super::wrapped(text, "  "), text);
        }
        assert_eq!(
            (counted(1, "row"), counted(0, "row")),
            ("1 row".to_owned(), "0 rows".to_owned())
        );
        assert_eq!(counted_were(1, "call"), "1 call was");
    }

    #[test]
    fn rows_for_a_terminal_have_no_controls_in_whatever_pieces_they_come() {
        let rows = "a,\u{1b}[31mb\u{9b}2J\r\n\"two\nlines\",\u{202e}é\n";
        let expected = "a,\\u{1b}[31mb\\u{9b}2J\n\"two\nlines\",\\u{202e}é\n";
        for size in 1..rows.len() {
            let mut written = Vec::new();
            let mut lines = TerminalLines::new(&mut written);
            for piece in rows.as_bytes().chunks(size) {
                lines.write_all(piece).unwrap();
            }
            assert_eq!(String::from_utf8(written).unwrap(), expected, "{size}");
        }
    }
}
