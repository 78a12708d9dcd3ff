//! Which line of a file a record begins on.

use std::collections::VecDeque;
use std::io::{self, Read};

/// A reader that notes where lines begin that are not empty. The CSV reader's own count is of newlines
/// before the record, and takes the rest of a line's end and empty lines for a part of what follows.
pub struct Lines<R> {
    inner: R,
    read: u64,
    line: u64,
    last: u8,
    begun: VecDeque<(u64, u64)>,
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

    fn note(&mut self, byte: u8) {
        match (self.last, byte) {
            (b'\r', b'\n') => {}
            (_, b'\r' | b'\n') => self.line += 1,
            (b'\r' | b'\n', _) => self.begun.push_back((self.read, self.line)),
            _ => {}
        }
        self.last = byte;
        self.read += 1;
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        buffer.iter().take(count).for_each(|byte| self.note(*byte));
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
}
