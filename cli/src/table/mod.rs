//! Files of rows that are taken into the ledger: read with a progress bar, what cannot be taken told, kept
//! and counted.

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
use rejects::{Name, Rejects};
use source::Source;

pub use columns::Columns;
pub use row::Row;
pub use source::RowOrigin;

/// How many rows are in hand at a time.
const CHUNK: usize = 1_024;

/// How many things are written at the same time.
pub const AT_ONCE: usize = 32;

/// How many bad rows are told about at the terminal; all of them are in the rejects file.
const TOLD: usize = 20;

/// A row that could be read.
pub struct Taken<T> {
    /// What it says.
    pub row: T,
    /// Where it comes from, to be rejected with after all.
    pub origin: RowOrigin,
}

/// A file on its way in.
pub struct Intake {
    source: Source<BufReader<ProgressBarIter<Box<dyn Read>>>>,
    rejects: Rejects,
    progress: ProgressBar,
}

impl Intake {
    /// Opens a file with these columns; the rejects of the standard input are named after `stem`.
    ///
    /// # Errors
    /// The file cannot be read or has other columns, or the rejects would overwrite a file.
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
            Some(path) => Name::given(path)?,
            None if standard_input => Name::beside(Path::new(stem)),
            None => Name::beside(path),
        };
        let progress = ProgressBar::new_spinner();
        let file: Box<dyn Read> = if standard_input {
            Box::new(io::stdin())
        } else {
            let file =
                File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
            progress.set_length(file.metadata()?.len());
            progress.set_style(ProgressStyle::with_template(
                "{bar:30} {bytes}/{total_bytes} {msg} {eta}",
            )?);
            Box::new(file)
        };
        let file = BufReader::new(progress.wrap_read(file));
        let source = Source::open(file, format, columns)
            .with_context(|| format!("{} cannot be taken", path.display()))?;
        let rejects = Rejects::new(rejects, source.columns());
        Ok(Self {
            source,
            rejects,
            progress,
        })
    }

    /// The next rows that `read` could read, and whether more may follow.
    ///
    /// # Errors
    /// The file cannot be read on, or the rejects file cannot be written.
    pub fn chunk<T>(
        &mut self,
        mut read: impl FnMut(Row<'_>) -> Result<T, String>,
    ) -> Result<(Vec<Taken<T>>, bool)> {
        let mut rows = Vec::new();
        for _ in 0..CHUNK {
            let Some(line) = self.source.next()? else {
                return Ok((rows, false));
            };
            let origin = line.origin;
            match line.fields.and_then(|fields| read(Row::new(&fields))) {
                Ok(row) => rows.push(Taken { row, origin }),
                Err(reason) => self.reject(&origin, &reason)?,
            }
        }
        Ok((rows, true))
    }

    /// Tells why a row is not taken, and keeps it.
    ///
    /// # Errors
    /// The rejects file cannot be written.
    pub fn reject(&mut self, origin: &RowOrigin, reason: &str) -> Result<()> {
        if self.rejects.count() < TOLD {
            self.progress
                .suspend(|| output::note(&format!("line {}: {reason}", origin.line)));
        }
        self.rejects.add(origin, reason)
    }

    /// Says beside the progress bar how far it is.
    pub fn say(&self, text: String) {
        self.progress.set_message(text);
    }

    /// Prints what became of the file: the counts, how many rows were rejected and where they are.
    ///
    /// # Errors
    /// Rows were rejected, or the rejects file or the standard output cannot be written.
    pub fn finish(mut self, counts: &[(&'static str, usize)], as_json: bool) -> Result<()> {
        self.progress.finish_and_clear();
        self.rejects.finish()?;
        let rejected = self.rejects.count();
        let place = self.rejects.path().map(|path| path.display().to_string());
        let mut summary: Map<String, Value> = counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), json!(count)))
            .collect();
        summary.insert("rejected".to_owned(), json!(rejected));
        summary.insert("rejects".to_owned(), json!(&place));
        let summary = Value::Object(summary);
        if as_json {
            output::json(&summary)?;
        } else {
            let names = counts.iter().map(|(name, _)| *name);
            let fields: Vec<_> = names.chain(["rejected", "rejects"]).collect();
            output::record(&summary, &fields)?;
        }
        match place {
            Some(place) => bail!("{rejected} rows were not taken; they are in {place}"),
            None => Ok(()),
        }
    }
}

/// Rows with the same key together and in their order, to be written one after the other.
pub fn together<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> impl Iterator<Item = Vec<T>> {
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
            "{} may be one JSON document, which cannot be read; if it has an object a line, say \
             --format ndjson",
            file.display()
        ),
        _ => Ok(TableFormat::Csv),
    }
}
