//! The rows that could not be taken, in a form that can be mended and taken in again.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serializer;
use serde_json::json;
use serde_json::value::to_raw_value;

use super::columns::OF_REJECTS;
use super::source::{Raw, RowOrigin};
use crate::args::TableFormat;
use callbook_local::folder;

/// The rejects file; it is made with its first row, and is never one that was there before.
pub struct Rejects {
    name: Name,
    columns: Option<Vec<String>>,
    file: Option<(PathBuf, Written)>,
    count: usize,
}

/// What the file is called.
pub enum Name {
    /// Just so.
    Given(PathBuf),
    /// So, with the ending of its format, or with the first number in between that is free.
    Free(PathBuf),
}

enum Written {
    Csv(Box<csv::Writer<File>>),
    Lines(BufWriter<File>),
}

impl Name {
    /// The name that was asked for.
    ///
    /// # Errors
    /// There is such a file, perhaps the very one whose rows are read.
    pub fn given(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            bail!("the rejects go to a file; name it");
        }
        match path.symlink_metadata() {
            Ok(_) => Err(there(path)),
            Err(_) => Ok(Self::Given(path.to_owned())),
        }
    }

    /// `calls` for `calls.csv`, and for the rejects of that.
    #[must_use]
    pub fn beside(file: &Path) -> Self {
        let base = file.with_extension("");
        let number = base.extension().and_then(OsStr::to_str).unwrap_or_default();
        let unnumbered = match number.parse::<u32>() {
            Ok(_) => base.with_extension(""),
            Err(_) => base.clone(),
        };
        Self::Free(match unnumbered.extension() {
            Some(ending) if ending == "rejects" => unnumbered.with_extension(""),
            _ => base,
        })
    }

    fn make(&self, format: TableFormat) -> Result<(PathBuf, File)> {
        let unwritable = |path: &Path| format!("the file {} cannot be written", path.display());
        let base = match self {
            Self::Given(path) => {
                return match folder::create_file(path) {
                    Ok(file) => Ok((path.clone(), file)),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(there(path)),
                    Err(error) => Err(error).with_context(|| unwritable(path)),
                };
            }
            Self::Free(base) => base,
        };
        let ending = match format {
            TableFormat::Csv => "csv",
            TableFormat::Ndjson => "ndjson",
        };
        for number in 1..10_000 {
            let mut path = base.as_os_str().to_owned();
            path.push(match number {
                1 => format!(".rejects.{ending}"),
                _ => format!(".rejects.{number}.{ending}"),
            });
            let path = PathBuf::from(path);
            match folder::create_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => {
                    let file = made.with_context(|| unwritable(&path))?;
                    return Ok((path, file));
                }
            }
        }
        bail!("no name is free for the rejects file")
    }
}

fn there(path: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "the file {} is there already, and the rejects would overwrite it",
        path.display()
    )
}

impl Rejects {
    /// No row yet; `columns` are a CSV file's.
    #[must_use]
    pub fn new(name: Name, columns: Option<Vec<String>>) -> Self {
        Self {
            name,
            columns,
            file: None,
            count: 0,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Where they are, once there are any.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    /// Adds a row: the reason and its line in front, where a reader takes no notice of them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, origin: &RowOrigin, reason: &str) -> Result<()> {
        let (_, file) = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open(&self.name, self.columns.as_deref())?),
        };
        self.count += 1;
        let line = origin.line;
        match (file, &origin.raw) {
            (Written::Csv(writer), Raw::Cells(cells)) => {
                let line = line.to_string();
                let front = [reason.as_bytes(), line.as_bytes()];
                writer.write_record(front.into_iter().chain(cells.iter().map(Vec::as_slice)))?;
            }
            (Written::Lines(writer), Raw::Object(object)) => {
                let front = [to_raw_value(reason)?, to_raw_value(&line)?];
                let front = OF_REJECTS.iter().copied().zip(&front);
                let row = object.0.iter().map(|(name, value)| (name.as_str(), value));
                let mut told = serde_json::Serializer::new(&mut *writer);
                told.collect_map(front.chain(row))?;
                writeln!(writer)?;
            }
            (Written::Lines(writer), Raw::Text(text)) => {
                let row = json!({"reason": reason, "line": line, "text": text});
                writeln!(writer, "{row}")?;
            }
            // A file is of one format from its first row to its last.
            _ => {}
        }
        Ok(())
    }

    /// Sees to it that every row is in the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(&mut self) -> Result<()> {
        match &mut self.file {
            Some((_, Written::Csv(writer))) => writer.flush()?,
            Some((_, Written::Lines(writer))) => writer.flush()?,
            None => {}
        }
        Ok(())
    }
}

fn open(name: &Name, columns: Option<&[String]>) -> Result<(PathBuf, Written)> {
    let Some(columns) = columns else {
        let (path, file) = name.make(TableFormat::Ndjson)?;
        return Ok((path, Written::Lines(BufWriter::new(file))));
    };
    let (path, file) = name.make(TableFormat::Csv)?;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
    let columns = columns.iter().map(String::as_str);
    writer.write_record(OF_REJECTS.into_iter().chain(columns))?;
    Ok((path, Written::Csv(Box::new(writer))))
}
