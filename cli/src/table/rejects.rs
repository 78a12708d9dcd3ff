//! The rows that could not be read, in a form that can be mended and taken in again.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;

use super::source::Raw;
use crate::folder;

/// The rejects file; it is made with its first row.
pub struct Rejects {
    path: PathBuf,
    columns: Option<Vec<String>>,
    file: Option<Written>,
    count: usize,
}

enum Written {
    Csv(Box<csv::Writer<File>>),
    Lines(BufWriter<File>),
}

impl Rejects {
    /// No row yet; `columns` are a CSV file's.
    #[must_use]
    pub fn new(path: PathBuf, columns: Option<&[String]>) -> Self {
        Self {
            path,
            columns: columns.map(<[String]>::to_vec),
            file: None,
            count: 0,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Where they are.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Adds a row: the reason and its line in front, where a reader takes no notice of them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, line: u64, reason: &str, raw: &Raw) -> Result<()> {
        if self.file.is_none() {
            self.file = Some(self.open()?);
        }
        self.count += 1;
        match (&mut self.file, raw) {
            (Some(Written::Csv(writer)), Raw::Cells(cells)) => {
                let number = line.to_string();
                let front = [reason.as_bytes(), number.as_bytes()];
                writer.write_record(front.into_iter().chain(cells.iter().map(Vec::as_slice)))?;
            }
            (Some(Written::Lines(writer)), Raw::Text(text)) => {
                let text = String::from_utf8_lossy(text);
                let row: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                let mended = match row {
                    serde_json::Value::Object(mut row) => {
                        row.insert("line".to_owned(), json!(line));
                        row.insert("reason".to_owned(), json!(reason));
                        json!(row)
                    }
                    _ => json!({"line": line, "reason": reason, "text": text}),
                };
                writeln!(writer, "{mended}")?;
            }
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
            Some(Written::Csv(writer)) => writer.flush()?,
            Some(Written::Lines(writer)) => writer.flush()?,
            None => {}
        }
        Ok(())
    }

    fn open(&self) -> Result<Written> {
        folder::remove(&self.path)
            .with_context(|| format!("the file {} cannot be written", self.path.display()))?;
        let file = folder::append(&self.path)?;
        let Some(columns) = &self.columns else {
            return Ok(Written::Lines(BufWriter::new(file)));
        };
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
        let front = ["reason", "line"].into_iter();
        writer.write_record(front.chain(columns.iter().map(String::as_str)))?;
        Ok(Written::Csv(Box::new(writer)))
    }
}
