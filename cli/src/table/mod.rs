//! Files of rows to import: read with a progress bar, with rejected rows reported, counted and kept.

mod columns;
mod lines;
mod object;
mod rejects;
mod row;
mod source;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressBarIter, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::args::{FileArgs, TableFormat};
use crate::output;
use rejects::{Rejects, RejectsPath};
use source::TableSource;

pub use columns::Columns;
pub use row::Row;
pub use source::RowOrigin;

/// How many rows are read and then written at a time.
const CHUNK: usize = 1_024;

/// How many writes run concurrently.
pub const CONCURRENCY: usize = 32;

/// How many rejected rows are reported at the terminal. The rejects file has all of them.
const MAX_REPORTED: usize = 20;

/// A row that was parsed.
pub struct ParsedRow<T> {
    /// The parsed value.
    pub value: T,
    /// Where it comes from, in case it is rejected later.
    pub origin: RowOrigin,
}

/// A file that is being imported, with its rejects and its progress bar.
pub struct TableFile {
    source: TableSource<BufReader<ProgressBarIter<Box<dyn Read>>>>,
    rejects: Rejects,
    progress: ProgressBar,
}

impl TableFile {
    /// Opens a file with these columns. `stem` names the rejects file if the rows come from the standard input.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or lacks a column, or the rejects file exists already.
    pub fn open(args: &FileArgs, stem: &str, columns: Columns) -> Result<Self> {
        let FileArgs {
            file: path,
            format,
            rejects,
        } = args;
        let format = match format {
            Some(format) => *format,
            None => format_of(path)?,
        };
        let standard_input = path == Path::new("-");
        let rejects = match rejects {
            Some(path) => RejectsPath::given(path)?,
            None if standard_input => RejectsPath::beside(Path::new(stem)),
            None => RejectsPath::beside(path),
        };
        let progress = ProgressBar::new_spinner();
        let file: Box<dyn Read> = if standard_input {
            Box::new(io::stdin())
        } else {
            let file = File::open(path)
                .with_context(|| format!("cannot read the file {}", path.display()))?;
            progress.set_length(file.metadata()?.len());
            progress.set_style(ProgressStyle::with_template(
                "{bar:30} {bytes}/{total_bytes} {msg} {eta}",
            )?);
            Box::new(file)
        };
        let file = BufReader::new(progress.wrap_read(file));
        let source = TableSource::open(file, format, columns)
            .with_context(|| format!("cannot read rows from {}", path.display()))?;
        let rejects = Rejects::new(rejects, source.columns());
        Ok(Self {
            source,
            rejects,
            progress,
        })
    }

    /// Returns the next rows that `parse` accepts, and whether more may follow. Other rows are rejected.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or the rejects file cannot be written.
    pub fn chunk<T>(
        &mut self,
        mut parse: impl FnMut(Row<'_>) -> Result<T, String>,
    ) -> Result<(Vec<ParsedRow<T>>, bool)> {
        let mut rows = Vec::new();
        for _ in 0..CHUNK {
            let Some(row) = self.source.next()? else {
                return Ok((rows, false));
            };
            let origin = row.origin;
            match row.fields.and_then(|fields| parse(Row::new(&fields))) {
                Ok(value) => rows.push(ParsedRow { value, origin }),
                Err(reason) => self.reject(&origin, &reason)?,
            }
        }
        Ok((rows, true))
    }

    /// Rejects a row: reports the reason, and adds the row to the rejects file.
    ///
    /// # Errors
    /// Returns an error if the rejects file cannot be written.
    pub fn reject(&mut self, origin: &RowOrigin, reason: &str) -> Result<()> {
        if self.rejects.count() < MAX_REPORTED {
            self.progress
                .suspend(|| output::note(&format!("line {}: {reason}", origin.line)));
        }
        self.rejects.add(origin, reason)
    }

    /// Tells the user something beside the summary.
    pub fn note(&self, text: &str) {
        self.progress.suspend(|| output::note(text));
    }

    /// Sets the message beside the progress bar.
    pub fn set_message(&self, text: String) {
        self.progress.set_message(text);
    }

    /// Prints a summary: the counts, the number of rejected rows and the path of the rejects file.
    ///
    /// # Errors
    /// Returns an error if rows were rejected, or if the rejects file or the standard output cannot be written.
    pub fn finish(mut self, counts: &[(&'static str, usize)], as_json: bool) -> Result<()> {
        self.progress.finish_and_clear();
        self.rejects.finish()?;
        let rejected = self.rejects.count();
        let rejects = self.rejects.path().map(|path| path.display().to_string());
        let mut summary: Map<String, Value> = counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), json!(count)))
            .collect();
        summary.insert("rejected".to_owned(), json!(rejected));
        summary.insert("rejects".to_owned(), json!(&rejects));
        let summary = Value::Object(summary);
        if as_json {
            output::json(&summary)?;
        } else {
            let names = counts.iter().map(|(name, _)| *name);
            let fields: Vec<_> = names.chain(["rejected", "rejects"]).collect();
            output::record(&summary, &fields)?;
        }
        match rejects {
            Some(path) => {
                bail!(
                    "{rejected} rows were rejected; correct them in {path} and run the command on it"
                )
            }
            None => Ok(()),
        }
    }
}

/// Groups rows by a key. The rows of a group keep their order.
pub fn grouped_by<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> impl Iterator<Item = Vec<T>> {
    let mut groups: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups.into_values()
}

fn format_of(file: &Path) -> Result<TableFormat> {
    let ending = file.extension().unwrap_or_default().to_ascii_lowercase();
    match ending.to_str() {
        Some("ndjson" | "jsonl") => Ok(TableFormat::Ndjson),
        Some("json") => bail!(
            "{} may be a single JSON document, which is not supported; if it has one object a line, add \
             --format ndjson",
            file.display()
        ),
        _ => Ok(TableFormat::Csv),
    }
}
