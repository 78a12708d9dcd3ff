//! Which line of a file a record begins on, and whether its quotes are whole.

use std::collections::VecDeque;
use std::io::{self, Read};

/// A reader that notes where lines begin that are not empty, and where quotes break. The CSV reader's own
/// count is of newlines before the record, and takes the rest of a line's end and empty lines for a part of
/// what follows; and it takes a quote that is never closed for one that the end of the file closes.
pub struct Lines<R> {
    inner: R,
    read: u64,
    line: u64,
    last: u8,
    begun: VecDeque<(u64, u64)>,
    cell: Cell,
    broken: VecDeque<u64>,
}

/// Where in a cell the CSV reader is.
#[derive(Clone, Copy)]
enum Cell {
    Start,
    /// In one without quotes around it, where a quote is text.
    Plain,
    Quoted,
    /// Behind a quote that closes the cell, or is the first half of a doubled one.
    Closed,
}

impl<R> Lines<R> {
    /// Nothing is read yet.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            read: 0,
            line: 1,
            last: b'\n',
            begun: VecDeque::new(),
            cell: Cell::Start,
            broken: VecDeque::new(),
        }
    }

    /// The line, from 1, of the record that is behind `offset`, or behind line ends that are; it is asked
    /// for once a record, in their order.
    pub fn of(&mut self, offset: u64) -> u64 {
        while let Some((start, line)) = self.begun.front() {
            if *start >= offset {
                return *line;
            }
            self.begun.pop_front();
        }
        self.line
    }

    /// Whether a quote was opened that is not closed where a cell or the file ends, in the record that ends
    /// at `offset`; it is asked once a record, in their order.
    pub fn breaks_before(&mut self, offset: u64) -> bool {
        let behind = self.broken.partition_point(|at| *at < offset);
        self.broken.drain(..behind).next().is_some()
    }

    fn note(&mut self, byte: u8) {
        match (self.last, byte) {
            (b'\r', b'\n') => {}
            (_, b'\r' | b'\n') => self.line += 1,
            (b'\r' | b'\n', _) => self.begun.push_back((self.read, self.line)),
            _ => {}
        }
        self.cell = match (self.cell, byte) {
            (Cell::Start | Cell::Closed, b'"') => Cell::Quoted,
            (Cell::Quoted, b'"') => Cell::Closed,
            (Cell::Quoted, _) => Cell::Quoted,
            (_, b',' | b'\r' | b'\n') => Cell::Start,
            (Cell::Closed, _) => {
                self.broken.push_back(self.read);
                Cell::Plain
            }
            (Cell::Start | Cell::Plain, _) => Cell::Plain,
        };
        self.last = byte;
        self.read += 1;
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        buffer.iter().take(count).for_each(|byte| self.note(*byte));
        if let (0, Cell::Quoted) = (count, self.cell) {
            self.broken.push_back(self.read.saturating_sub(1));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::{ByteRecord, ReaderBuilder};

    fn lines(text: &str, buffer: usize) -> Vec<u64> {
        let reader = Lines::new(text.as_bytes());
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(buffer)
            .from_reader(reader);
        let (mut record, mut found) = (ByteRecord::new(), Vec::new());
        while reader.read_byte_record(&mut record).unwrap() {
            let offset = record.position().unwrap().byte();
            found.push(reader.get_mut().of(offset));
        }
        found
    }

    #[test]
    fn a_record_is_on_the_line_where_an_editor_shows_its_first_cell() {
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

    /// Which records of a text have broken quotes.
    fn broken(text: &str, buffer: usize) -> Vec<bool> {
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(buffer)
            .from_reader(Lines::new(text.as_bytes()));
        let (mut record, mut found) = (ByteRecord::new(), Vec::new());
        while reader.read_byte_record(&mut record).unwrap() {
            let end = reader.position().byte();
            found.push(reader.get_mut().breaks_before(end));
        }
        found
    }

    #[test]
    fn a_record_is_broken_where_a_quote_is_not_closed_at_the_end_of_a_cell() {
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
                    assert_eq!(broken(&text, buffer), expected, "{text:?} {buffer}");
                }
            }
        }
    }

    #[test]
    fn a_byte_order_mark_hides_no_broken_record() {
        for (text, expected) in [
            ("\u{feff}\"a\"\n\"b\"\n", &[false, false][..]),
            ("\u{feff}\"a\"\n\"b", &[false, true]),
            ("\u{feff}a\n\"b\"c\nd", &[false, true, false]),
        ] {
            assert_eq!(broken(text, 8_192), expected, "{text:?}");
        }
    }

    #[test]
    fn a_quote_is_open_at_the_end_where_the_csv_reader_has_it_open() {
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts
                .iter()
                .flat_map(|text| ["a", ",", "\"", "\n", "\r"].map(|next| format!("{text}{next}")));
            texts = longer.collect();
            for text in &texts {
                // What follows is a record of its own, unless it is taken into an open cell.
                let followed = format!("{text}\nz");
                let reader = ReaderBuilder::new()
                    .flexible(true)
                    .has_headers(false)
                    .from_reader(followed.as_bytes());
                let last = reader.into_byte_records().last().unwrap().unwrap();
                let mut lines = Lines::new(text.as_bytes());
                io::copy(&mut lines, &mut io::sink()).unwrap();
                let open = matches!(lines.cell, Cell::Quoted);
                assert_eq!(open, last != vec!["z"], "{text:?}");
            }
        }
    }
}
