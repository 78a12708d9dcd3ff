//! Files of rows that are taken into the ledger: read with a progress bar, what cannot be read told, kept
//! and counted.

mod rejects;
mod row;
mod source;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressBarIter, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::args::{FileArgs, TableFormat};
use crate::output;
use rejects::Rejects;
use source::Source;

pub use row::Row;

/// How many rows are in hand at a time.
const CHUNK: usize = 1_024;

/// How many things are written at the same time.
pub const AT_ONCE: usize = 32;

/// How many bad rows are told about at the terminal; all of them are in the rejects file.
const TOLD: usize = 20;

/// A file on its way in.
pub struct Intake {
    source: Source<BufReader<ProgressBarIter<Box<dyn Read>>>>,
    rejects: Rejects,
    progress: ProgressBar,
}

impl Intake {
    /// Opens a file; the rejects of the standard input are named after `stem`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(args: &FileArgs, stem: &str) -> Result<Self> {
        let FileArgs {
            file: path,
            format,
            rejects,
        } = args;
        let format = format.unwrap_or_else(|| format_of(path));
        let progress = ProgressBar::new_spinner();
        let file: Box<dyn Read> = if path == Path::new("-") {
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
        let source = Source::open(BufReader::new(progress.wrap_read(file)), format)?;
        let rejects = rejects
            .clone()
            .unwrap_or_else(|| beside(path, format, stem));
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
        read: impl Fn(&Row<'_>) -> Result<T, String>,
    ) -> Result<(Vec<T>, bool)> {
        let mut rows = Vec::new();
        for _ in 0..CHUNK {
            let Some(line) = self.source.next()? else {
                return Ok((rows, false));
            };
            match line.fields.and_then(|fields| read(&Row::new(&fields))) {
                Ok(row) => rows.push(row),
                Err(reason) => {
                    if self.rejects.count() < TOLD {
                        self.progress
                            .suspend(|| output::note(&format!("line {}: {reason}", line.number)));
                    }
                    self.rejects.add(line.number, &reason, &line.raw)?;
                }
            }
        }
        Ok((rows, true))
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
        let place = (rejected > 0).then(|| self.rejects.path().display().to_string());
        let mut summary: Map<String, Value> = counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), json!(count)))
            .collect();
        summary.insert("rejected".to_owned(), json!(rejected));
        summary.insert("rejects".to_owned(), json!(place));
        let summary = Value::Object(summary);
        if as_json {
            output::json(&summary)?;
        } else {
            let names = counts.iter().map(|(name, _)| *name);
            let fields: Vec<_> = names.chain(["rejected", "rejects"]).collect();
            output::record(&summary, &fields)?;
        }
        if rejected > 0 {
            bail!(
                "{rejected} rows were not taken; they are in {}",
                self.rejects.path().display()
            );
        }
        Ok(())
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

fn format_of(file: &Path) -> TableFormat {
    let ending = file.extension().unwrap_or_default().to_ascii_lowercase();
    match ending.to_str() {
        Some("ndjson" | "jsonl") => TableFormat::Ndjson,
        _ => TableFormat::Csv,
    }
}

/// `calls.rejects.csv` beside `calls.csv`.
fn beside(file: &Path, format: TableFormat, stem: &str) -> PathBuf {
    let ending = match format {
        TableFormat::Csv => "rejects.csv",
        TableFormat::Ndjson => "rejects.ndjson",
    };
    if file == Path::new("-") {
        return PathBuf::from(format!("{stem}.{ending}"));
    }
    file.with_extension(ending)
}
