//! Statements as CSV: separated by commas, semicolons or tabs, with a header line.

use csv::{ReaderBuilder, StringRecord};

use super::columns::{Mapping, in_header};
use super::compare::MOST_LINES;
use super::fault::{StatementFault, StatementPlace};
use super::read::RawLine;

/// Reads the cells of a CSV statement.
///
/// A byte order mark, empty lines and a line `sep=;` before the header line are skipped.
///
/// # Errors
/// Returns the faults of the header line, of lines with too few cells, and of quotes, or says that there
/// are too many lines.
pub fn read_table(text: &str, mapping: &Mapping) -> Result<Vec<RawLine>, Vec<StatementFault>> {
    let one = |place, rule: &str| vec![StatementFault::new(place, rule)];
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (separator, start) = separator(text);
    if let Some(line) = malformed_quote(text, separator) {
        let rule =
            "a quote that opens here is never closed, or is closed before the end of its cell";
        return Err(one(StatementPlace::Line(line), rule));
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.get(start..).unwrap_or_default().as_bytes());
    let mut lines = Lines::new(text);
    let mut header: Option<(usize, Vec<_>)> = None;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut record = StringRecord::new();
    let unreadable = |_| one(StatementPlace::Statement, "the CSV cannot be read");
    while reader.read_record(&mut record).map_err(unreadable)? {
        let offset = record.position().map_or(0, csv::Position::byte);
        let line = lines.at(start.saturating_add(usize::try_from(offset).unwrap_or(usize::MAX)));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some((width, columns)) = &header else {
            let names: Vec<String> = record.iter().map(str::to_owned).collect();
            header = Some((names.len(), in_header(&names, mapping)?));
            continue;
        };
        if rows.len() >= MOST_LINES {
            return Err(vec![too_many()]);
        }
        let more = record
            .iter()
            .skip(*width)
            .any(|cell| !cell.trim().is_empty());
        if record.len() < *width || more {
            let rule = format!(
                "expected {width} cells, as in the header line; found {}",
                record.len()
            );
            faults.push(StatementFault::new(StatementPlace::Line(line), rule));
            continue;
        }
        let mut row = RawLine::new(line);
        for (column, cell) in columns.iter().zip(&record) {
            if let Some(column) = column {
                row.set(*column, cell);
            }
        }
        rows.push(row);
    }
    if header.is_none() {
        return Err(one(StatementPlace::Statement, "the statement is empty"));
    }
    if faults.is_empty() {
        Ok(rows)
    } else {
        Err(faults)
    }
}

/// The fault of a statement with more lines than a comparison takes.
#[must_use]
pub fn too_many() -> StatementFault {
    let rule = format!(
        "a statement has at most {MOST_LINES} lines; send it in parts, each with its range"
    );
    StatementFault::new(StatementPlace::Statement, rule)
}

/// The separator, and where the table begins: behind a line `sep=;`, which spreadsheets write. Else it is
/// the one that occurs most often in the header line, outside quotes.
fn separator(text: &str) -> (u8, usize) {
    let blank = text.len() - text.trim_start_matches(['\r', '\n']).len();
    let first = text
        .get(blank..)
        .unwrap_or_default()
        .split(['\r', '\n'])
        .next()
        .unwrap_or_default();
    if let Some([separator @ (b',' | b';' | b'\t')]) = first.strip_prefix("sep=").map(str::as_bytes)
    {
        return (*separator, blank + first.len());
    }
    let mut quoted = false;
    let mut counts = [(0, b','), (0, b';'), (0, b'\t')];
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        if let Some((count, _)) = counts.iter_mut().find(|(_, own)| *own == byte && !quoted) {
            *count += 1;
        }
    }
    // Of equally frequent ones the first counts.
    let best = counts.into_iter().rev().max_by_key(|(count, _)| *count);
    (best.map_or(b',', |(_, separator)| separator), 0)
}

/// The lines on which records begin, asked for in order.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line, from 1, of the record at `offset`. Line ends at the offset belong to what is before it.
    fn at(&mut self, offset: usize) -> u64 {
        while let Some(byte) = self.bytes.get(self.at) {
            let is_end = matches!(byte, b'\r' | b'\n');
            if self.at >= offset && !is_end {
                break;
            }
            let second_half = *byte == b'\n'
                && self.at.checked_sub(1).and_then(|at| self.bytes.get(at)) == Some(&b'\r');
            self.line += u64::from(is_end && !second_half);
            self.at += 1;
        }
        self.line
    }
}

/// The line of the first quote that is never closed, or closed before the end of its cell.
///
/// The CSV reader accepts both, and may take many lines for one cell.
fn malformed_quote(text: &str, separator: u8) -> Option<u64> {
    #[derive(Clone, Copy)]
    enum Cell {
        Start,
        Unquoted,
        Quoted,
        Closed,
    }
    let (mut cell, mut line, mut opened, mut last) = (Cell::Start, 1, 1, b'\n');
    for byte in text.bytes() {
        line += u64::from(byte == b'\r' || byte == b'\n' && last != b'\r');
        last = byte;
        cell = match (cell, byte) {
            (Cell::Start, b'"') => {
                opened = line;
                Cell::Quoted
            }
            (Cell::Closed, b'"') => Cell::Quoted,
            (Cell::Quoted, b'"') => Cell::Closed,
            (Cell::Quoted, _) => Cell::Quoted,
            (_, b'\r' | b'\n') => Cell::Start,
            (_, byte) if byte == separator => Cell::Start,
            (Cell::Closed, _) => return Some(opened),
            (Cell::Start | Cell::Unquoted, _) => Cell::Unquoted,
        };
    }
    matches!(cell, Cell::Quoted).then_some(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Result<Vec<(u64, String)>, String> {
        let rows = read_table(text, &Mapping::new()).map_err(|faults| faults[0].to_string())?;
        Ok(rows.into_iter().map(|row| (row.line, row.amount)).collect())
    }

    #[test]
    fn separators_marks_and_quoted_newlines_are_read() {
        for text in [
            "call id,amount,note\nx1,25,\"a\nb\"\n\nx2,\"30\",\n",
            "call id;amount;note\nx1;25;\"a\nb\"\n\nx2;30;\n",
            "call id\tamount\tnote\nx1\t25\t\"a\nb\"\n\nx2\t30\t\n",
            "\u{feff}\"call id\",amount,note\nx1,25,\"a\nb\"\n,,\nx2,30,,,\n",
        ] {
            for end in ["\n", "\r\n"] {
                let text = text.replace('\n', end);
                let expected = vec![(2, "25".to_owned()), (5, "30".to_owned())];
                assert_eq!(lines(&text), Ok(expected), "{text:?}");
            }
        }
        let spreadsheet = "sep=;\r\ncall id;amount, due\r\nx1;25\r\n";
        let mapping = Mapping::from([(
            super::super::column::Column::Amount,
            "Amount due".to_owned(),
        )]);
        let rows = read_table(spreadsheet, &mapping).unwrap();
        assert_eq!((rows[0].line, rows[0].amount.as_str()), (3, "25"));
    }

    #[test]
    fn a_broken_table_is_refused_with_its_line() {
        for (text, fault) in [
            ("", "the statement is empty"),
            ("\n\n", "the statement is empty"),
            ("a,b\n", "column date: the header line has no column"),
            ("call id,amount\nx1\n", "line 2: expected 2 cells"),
            ("call id,amount\nx1,25,7\n", "line 2: expected 2 cells"),
            ("call id,amount\nx1,25\nx2,\"30\nx3,25\n", "line 3: a quote"),
            ("call id,amount\nx1,\"2\"5\n", "line 2: a quote"),
        ] {
            let found = lines(text).unwrap_err();
            assert!(found.starts_with(fault), "{text:?}: {found}");
        }
        let many = "call id,amount\n".to_owned() + &"x,1\n".repeat(MOST_LINES + 1);
        assert!(lines(&many).unwrap_err().contains("at most 10000 lines"));
        let most = "call id,amount\n".to_owned() + &"x,1\n".repeat(MOST_LINES);
        assert_eq!(lines(&most).unwrap().len(), MOST_LINES);
    }

    proptest::proptest! {
        #[test]
        fn the_reader_never_panics(text in "(call id,amount\n)?[a,;\t\"\r\n1=é\u{feff}]{0,40}") {
            let _ = lines(&text);
        }
    }
}
