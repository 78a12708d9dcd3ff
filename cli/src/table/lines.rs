//! Line numbers of CSV records, and detection of malformed quotes.

use std::collections::VecDeque;
use std::io::{self, Read};

/// A reader that records where non-empty lines begin and where quotes are malformed.
///
/// The CSV reader can do neither. It counts only the newlines before a record, and adds the rest of a line
/// end and empty lines to the record after them. It also accepts a quote that is never closed, as if the end
/// of the file closed it.
pub struct LineTracker<R> {
    inner: R,
    separator: u8,
    read: u64,
    line: u64,
    last: u8,
    starts: VecDeque<(u64, u64)>,
    cell: Cell,
    malformed: VecDeque<u64>,
}

/// The position of the CSV reader within a cell.
#[derive(Clone, Copy)]
enum Cell {
    Start,
    /// In an unquoted cell, where a quote is text.
    Unquoted,
    Quoted,
    /// After a quote that either closes the cell or is the first half of an escaped quote.
    Closed,
}

impl<R> LineTracker<R> {
    /// Creates a tracker at the start of `inner`, which begins on `line`.
    pub fn new(inner: R, separator: u8, line: u64) -> Self {
        Self {
            inner,
            separator,
            read: 0,
            line,
            last: b'\n',
            starts: VecDeque::new(),
            cell: Cell::Start,
            malformed: VecDeque::new(),
        }
    }

    /// Returns the line, from 1, on which the record at `offset` begins; line ends at `offset` are skipped.
    ///
    /// Call it once for each record, in order.
    pub fn line_at(&mut self, offset: u64) -> u64 {
        while let Some((start, line)) = self.starts.front() {
            if *start >= offset {
                return *line;
            }
            self.starts.pop_front();
        }
        self.line
    }

    /// Returns whether the record that ends at `offset` has a malformed quote: one that is not closed, or is
    /// closed before the end of its cell.
    ///
    /// Call it once for each record, in order.
    pub fn has_malformed_quote_before(&mut self, offset: u64) -> bool {
        let count = self.malformed.partition_point(|at| *at < offset);
        self.malformed.drain(..count).next().is_some()
    }

    fn track(&mut self, byte: u8) {
        match (self.last, byte) {
            (b'\r', b'\n') => {}
            (_, b'\r' | b'\n') => self.line += 1,
            (b'\r' | b'\n', _) => self.starts.push_back((self.read, self.line)),
            _ => {}
        }
        self.cell = match (self.cell, byte) {
            (Cell::Start | Cell::Closed, b'"') => Cell::Quoted,
            (Cell::Quoted, b'"') => Cell::Closed,
            (Cell::Quoted, _) => Cell::Quoted,
            (_, b'\r' | b'\n') => Cell::Start,
            (_, byte) if byte == self.separator => Cell::Start,
            (Cell::Closed, _) => {
                self.malformed.push_back(self.read);
                Cell::Unquoted
            }
            (Cell::Start | Cell::Unquoted, _) => Cell::Unquoted,
        };
        self.last = byte;
        self.read += 1;
    }
}

impl<R: Read> Read for LineTracker<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        buffer.iter().take(count).for_each(|byte| self.track(*byte));
        if let (0, Cell::Quoted) = (count, self.cell) {
            self.malformed.push_back(self.read.saturating_sub(1));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::{ByteRecord, ReaderBuilder};

    fn lines(text: &str, buffer: usize) -> Vec<u64> {
        let reader = LineTracker::new(text.as_bytes(), b',', 1);
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(buffer)
            .from_reader(reader);
        let (mut record, mut found) = (ByteRecord::new(), Vec::new());
        while reader.read_byte_record(&mut record).unwrap() {
            let offset = record.position().unwrap().byte();
            found.push(reader.get_mut().line_at(offset));
        }
        found
    }

    #[test]
    fn a_record_has_the_line_number_that_an_editor_shows() {
        for (text, expected) in [
            ("a,b\n1,2\n3,4\n", &[2, 3][..]),
            ("a,b\n1,\"x\ny\"\n3,4\n\"z\n\nz\",5\n6,7", &[2, 4, 5, 8]),
            ("\n\na,b\n\n1,2\n\n\n3,4", &[5, 8]),
            ("a,b\n5\" pipe,\"2\n\"\n3,\"4\"\"\n\"\n5,6", &[2, 4, 6]),
        ] {
            for end in ["\n", "\r\n", "\r"] {
                for buffer in [1, 3, 8_192] {
                    let text = text.replace('\n', end);
                    assert_eq!(lines(&text, buffer), expected, "{text:?} {buffer}");
                }
            }
        }
    }

    /// Returns for each record whether its quotes are malformed.
    fn malformed(text: &str, buffer: usize) -> Vec<bool> {
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(buffer)
            .from_reader(LineTracker::new(text.as_bytes(), b',', 1));
        let (mut record, mut found) = (ByteRecord::new(), Vec::new());
        while reader.read_byte_record(&mut record).unwrap() {
            let end = reader.position().byte();
            found.push(reader.get_mut().has_malformed_quote_before(end));
        }
        found
    }

    #[test]
    fn a_quote_that_does_not_close_at_the_end_of_its_cell_is_malformed() {
        for (text, expected) in [
            (
                "a,\"b\"\n\"c\"\"\",5\" pipe\n\"\",\"\n\"",
                &[false, false, false][..],
            ),
            ("a\n5\" pipe", &[false, false]),
            ("a\nb,\"c\nd\ne\n", &[false, true]),
            ("a\nb,\"", &[false, true]),
            ("a\nb,\"c\"\"", &[false, true]),
            ("a,\"b\nc,\"d\ne\nf", &[true, false, false]),
            ("a\n\"b\" ,c\nd", &[false, true, false]),
        ] {
            for end in ["\n", "\r\n", "\r"] {
                for buffer in [1, 3, 8_192] {
                    let text = text.replace('\n', end);
                    assert_eq!(malformed(&text, buffer), expected, "{text:?} {buffer}");
                }
            }
        }
    }

    #[test]
    fn a_byte_order_mark_hides_no_malformed_quote() {
        for (text, expected) in [
            ("\u{feff}\"a\"\n\"b\"\n", &[false, false][..]),
            ("\u{feff}\"a\"\n\"b", &[false, true]),
            ("\u{feff}a\n\"b\"c\nd", &[false, true, false]),
        ] {
            assert_eq!(malformed(text, 8_192), expected, "{text:?}");
        }
    }

    #[test]
    fn the_tracker_agrees_with_the_csv_reader_on_open_quotes() {
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts
                .iter()
                .flat_map(|text| ["a", ",", "\"", "\n", "\r"].map(|next| format!("{text}{next}")));
            texts = longer.collect();
            for text in &texts {
                // The next line is a record of its own, unless an open cell takes it in.
                let followed = format!("{text}\nz");
                let reader = ReaderBuilder::new()
                    .flexible(true)
                    .has_headers(false)
                    .from_reader(followed.as_bytes());
                let last = reader.into_byte_records().last().unwrap().unwrap();
                let mut lines = LineTracker::new(text.as_bytes(), b',', 1);
                io::copy(&mut lines, &mut io::sink()).unwrap();
                let open = matches!(lines.cell, Cell::Quoted);
                assert_eq!(open, last != vec!["z"], "{text:?}");
            }
        }
    }
}
