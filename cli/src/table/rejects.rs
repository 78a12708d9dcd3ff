//! The rejects file: rejected rows, in a form that can be corrected and read again.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serializer;
use serde_json::json;
use serde_json::value::to_raw_value;

use super::columns::REJECT_COLUMNS;
use super::source::{RawRow, RowOrigin};
use crate::args::TableFormat;
use callbook_local::folder;

/// The rejects file. It is created with its first row, and never replaces an existing file.
pub struct Rejects {
    path: RejectsPath,
    columns: Option<Vec<String>>,
    file: Option<(PathBuf, RejectsWriter)>,
    count: usize,
}

/// How the path of the rejects file is chosen.
pub enum RejectsPath {
    /// Exactly this path.
    Given(PathBuf),
    /// This path with `.rejects` and the ending of its format, or with the first free number between them.
    FirstFree(PathBuf),
}

enum RejectsWriter {
    Csv(Box<csv::Writer<File>>),
    Lines(BufWriter<File>),
}

impl RejectsPath {
    /// Uses the path that `--rejects` names.
    ///
    /// # Errors
    /// Returns an error if the path is `-` or a file exists there, which may be the file to read.
    pub fn given(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            bail!("--rejects must name a file; it cannot be the standard output");
        }
        match path.symlink_metadata() {
            Ok(_) => Err(exists(path)),
            Err(_) => Ok(Self::Given(path.to_owned())),
        }
    }

    /// Chooses a path beside `file`: for `calls.csv` and for its rejects files, one that begins with `calls`.
    #[must_use]
    pub fn beside(file: &Path) -> Self {
        let base = file.with_extension("");
        let number = base.extension().and_then(OsStr::to_str).unwrap_or_default();
        let unnumbered = match number.parse::<u32>() {
            Ok(_) => base.with_extension(""),
            Err(_) => base.clone(),
        };
        Self::FirstFree(match unnumbered.extension() {
            Some(ending) if ending == "rejects" => unnumbered.with_extension(""),
            _ => base,
        })
    }

    fn create(&self, format: TableFormat) -> Result<(PathBuf, File)> {
        let cannot_write = |path: &Path| format!("cannot write the file {}", path.display());
        let base = match self {
            Self::Given(path) => {
                return match folder::create_file(path) {
                    Ok(file) => Ok((path.clone(), file)),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
                    Err(error) => Err(error).with_context(|| cannot_write(path)),
                };
            }
            Self::FirstFree(base) => base,
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
                created => {
                    let file = created.with_context(|| cannot_write(&path))?;
                    return Ok((path, file));
                }
            }
        }
        bail!(
            "{0}.rejects.{ending} and {0}.rejects.2.{ending} to {0}.rejects.9999.{ending} all exist; name another rejects file with --rejects",
            base.display()
        )
    }
}

fn exists(path: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "the file {} exists already, and rejected rows must not overwrite it; name another file with --rejects",
        path.display()
    )
}

impl Rejects {
    /// Creates the rejects of a file, without a row yet; `columns` are those of a CSV file.
    #[must_use]
    pub fn new(path: RejectsPath, columns: Option<Vec<String>>) -> Self {
        Self {
            path,
            columns,
            file: None,
            count: 0,
        }
    }

    /// Returns the number of rejected rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the path of the file, once it has a row.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    /// Adds a row. Its reason and line number come first, in columns that are ignored when it is read again.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn add(&mut self, origin: &RowOrigin, reason: &str) -> Result<()> {
        let (_, file) = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open(&self.path, self.columns.as_deref())?),
        };
        self.count += 1;
        let line = origin.line;
        match (file, &origin.raw) {
            (RejectsWriter::Csv(writer), RawRow::Cells(cells)) => {
                let line = line.to_string();
                let prefix = [reason.as_bytes(), line.as_bytes()];
                writer.write_record(prefix.into_iter().chain(cells.iter().map(Vec::as_slice)))?;
            }
            (RejectsWriter::Lines(writer), RawRow::Object(object)) => {
                let prefix = [to_raw_value(reason)?, to_raw_value(&line)?];
                let prefix = REJECT_COLUMNS.iter().copied().zip(&prefix);
                let row = object.0.iter().map(|(name, value)| (name.as_str(), value));
                let mut serializer = serde_json::Serializer::new(&mut *writer);
                serializer.collect_map(prefix.chain(row))?;
                writeln!(writer)?;
            }
            (RejectsWriter::Lines(writer), RawRow::Text(text)) => {
                let row = json!({"reason": reason, "line": line, "text": text});
                writeln!(writer, "{row}")?;
            }
            // All rows of a file have the same format.
            _ => {}
        }
        Ok(())
    }

    /// Flushes the file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn finish(&mut self) -> Result<()> {
        match &mut self.file {
            Some((_, RejectsWriter::Csv(writer))) => writer.flush()?,
            Some((_, RejectsWriter::Lines(writer))) => writer.flush()?,
            None => {}
        }
        Ok(())
    }
}

fn open(path: &RejectsPath, columns: Option<&[String]>) -> Result<(PathBuf, RejectsWriter)> {
    let Some(columns) = columns else {
        let (path, file) = path.create(TableFormat::Ndjson)?;
        return Ok((path, RejectsWriter::Lines(BufWriter::new(file))));
    };
    let (path, file) = path.create(TableFormat::Csv)?;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
    let columns = columns.iter().map(String::as_str);
    writer.write_record(REJECT_COLUMNS.into_iter().chain(columns))?;
    Ok((path, RejectsWriter::Csv(Box::new(writer))))
}
