//! The bytes of a file as UTF-8: read twice, whatever encoding they came in.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;

/// How a rejects file begins. It is UTF-8, whatever the file was that its rows come from.
const REJECTS: &[u8] = b"reason,line,";

/// A file that can be read more than once.
pub struct Input {
    path: PathBuf,
    /// A copy of what can be read only once, such as the standard input. It has no name and ends with the process.
    copy: Option<File>,
    encoding: Option<&'static Encoding>,
    /// Whether the encoding was given, and not seen.
    given: bool,
    /// Its length in bytes.
    pub length: u64,
}

impl Input {
    /// Opens a file; `-` is the standard input. `encoding` is its encoding if it is not UTF-8 or UTF-16.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or is in one of the formats that are not text.
    pub fn open(path: &Path, encoding: Option<&'static Encoding>) -> Result<Self> {
        let cannot_read = || format!("cannot read the file {}", path.display());
        let regular =
            path != Path::new("-") && path.metadata().with_context(cannot_read)?.is_file();
        let mut copy = None;
        if !regular {
            let mut file = tempfile::tempfile().context("cannot create a temporary file")?;
            match path == Path::new("-") {
                true => io::copy(&mut io::stdin().lock(), &mut file),
                false => File::open(path).and_then(|mut pipe| io::copy(&mut pipe, &mut file)),
            }
            .with_context(cannot_read)?;
            copy = Some(file);
        }
        let mut input = Self {
            path: path.to_owned(),
            copy,
            encoding,
            given: encoding.is_some(),
            length: 0,
        };
        let mut file = input.raw().with_context(cannot_read)?;
        input.length = file.metadata().with_context(cannot_read)?.len();
        let mut start = Vec::new();
        file.by_ref()
            .take(16)
            .read_to_end(&mut start)
            .with_context(cannot_read)?;
        refuse_other_formats(&start, path)?;
        if start.starts_with(REJECTS) {
            (input.encoding, input.given) = (None, false);
        } else if input.encoding.is_none() {
            input.encoding = seen(&start);
        }
        Ok(input)
    }

    /// Returns a reader of the whole file, in UTF-8 and without byte order mark. `wrap` is put around the bytes of
    /// the file. Bytes of a file in UTF-8 stay as they are, valid or not.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub fn reader(&self, wrap: impl FnOnce(File) -> Box<dyn Read>) -> Result<Box<dyn Read>> {
        let file = self
            .raw()
            .with_context(|| format!("cannot read the file {}", self.path.display()))?;
        let decoded = DecodeReaderBytesBuilder::new()
            .encoding(self.encoding)
            .utf8_passthru(true)
            .strip_bom(true)
            .bom_override(!self.given)
            .build(wrap(file));
        Ok(Box::new(decoded))
    }

    /// Returns the name of the encoding.
    #[must_use]
    pub fn encoding(&self) -> &'static str {
        self.encoding.unwrap_or(UTF_8).name()
    }

    fn raw(&self) -> io::Result<File> {
        match &self.copy {
            Some(copy) => {
                // Both share one place in the file, and are never read at the same time.
                let mut file = copy.try_clone()?;
                file.rewind()?;
                Ok(file)
            }
            None => File::open(&self.path),
        }
    }
}

/// Recognises UTF-16 by its byte order mark, or by the zeros beside ASCII characters.
fn seen(start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn refuse_other_formats(start: &[u8], path: &Path) -> Result<()> {
    let what = match start {
        [b'P', b'K', 3 | 5, ..] => "a workbook or a ZIP archive; save the sheet as CSV",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "an old Excel workbook; save the sheet as CSV",
        [0x1f, 0x8b, ..] => "compressed; unpack it: zcat FILE | callbook ... -",
        _ => return Ok(()),
    };
    bail!("{} is {what}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], encoding: Option<&str>) -> (Vec<u8>, &'static str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.csv");
        std::fs::write(&path, bytes).unwrap();
        let encoding = encoding.map(|label| Encoding::for_label(label.as_bytes()).unwrap());
        let input = Input::open(&path, encoding).unwrap();
        let mut texts = Vec::new();
        for _ in 0..2 {
            let mut text = Vec::new();
            let mut reader = input.reader(|file| Box::new(file)).unwrap();
            reader.read_to_end(&mut text).unwrap();
            texts.push(text);
        }
        assert_eq!(texts[0], texts[1], "both readings");
        (texts.swap_remove(0), input.encoding())
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn a_file_is_text_in_whatever_encoding_it_came() {
        let text = "call_from,né\r\n";
        let marked = format!("\u{feff}{text}");
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (marked.as_bytes().to_vec(), "UTF-8"),
            (utf16(text, u16::to_le_bytes), "UTF-16LE"),
            (utf16(&marked, u16::to_le_bytes), "UTF-16LE"),
            (utf16(text, u16::to_be_bytes), "UTF-16BE"),
            (utf16(&marked, u16::to_be_bytes), "UTF-16BE"),
        ] {
            assert_eq!(read(&bytes, None), (text.as_bytes().to_vec(), name));
        }
        let latin = b"n\xe9\x80".to_vec();
        assert_eq!(read(&latin, None).0, latin, "not valid, and not changed");
        let (decoded, name) = read(&latin, Some("latin1"));
        assert_eq!((decoded, name), ("né€".as_bytes().to_vec(), "windows-1252"));
        let rejects = "reason,line,né\n".as_bytes().to_vec();
        assert_eq!(read(&rejects, Some("latin1")), (rejects, "UTF-8"));
        assert_eq!(read(b"", None), (Vec::new(), "UTF-8"));
    }

    #[test]
    fn a_file_that_is_no_text_is_named_as_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for (bytes, what) in [
            (&b"PK\x03\x04rest"[..], "workbook"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
            (b"\x1f\x8b\x08", "compressed"),
        ] {
            let path = folder.path().join("calls.xlsx");
            std::fs::write(&path, bytes).unwrap();
            let error = Input::open(&path, None).err().unwrap();
            assert!(error.to_string().contains(what), "{error}");
        }
    }
}
