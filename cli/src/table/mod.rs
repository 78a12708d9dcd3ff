//! Files of rows to import: read with a progress bar, with rejected rows reported, counted and kept.

mod columns;
mod input;
mod layout;
mod lines;
mod object;
mod rejects;
mod row;
mod source;

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::args::{FileArgs, TableFormat};
use crate::output;
use input::Input;
use rejects::{Rejects, RejectsPath};
use source::{SourceRow, TableSource};

pub use columns::{Columns, Fields, RowFields};
pub use layout::{Head, Layout, Reading, RowCells, key, position};
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

/// A file whose layout is known.
pub struct OpenTable {
    input: Input,
    path: PathBuf,
    format: TableFormat,
    layout: Rc<Layout>,
    skipped: usize,
    rejects: RejectsPath,
}

/// A file that is being imported, with its rejects and its progress bar.
pub struct TableFile {
    source: TableSource<BufReader<Box<dyn Read>>>,
    rejects: Rejects,
    progress: ProgressBar,
    rows: usize,
}

impl OpenTable {
    /// Opens a file. `choose` says its layout by its beginning, and `stem` names the rejects file if the rows come
    /// from the standard input.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or has another layout, or the rejects file exists already.
    pub fn open(
        args: &FileArgs,
        stem: &str,
        choose: impl FnOnce(&Head) -> Result<Layout>,
    ) -> Result<Self> {
        let path = &args.file;
        let format = match args.format {
            Some(format) => format,
            None => format_of(path)?,
        };
        let rejects = match &args.rejects {
            Some(path) => RejectsPath::given(path)?,
            None if path == Path::new("-") => RejectsPath::beside(Path::new(stem)),
            None => RejectsPath::beside(path),
        };
        let input = Input::open(path, args.encoding)?;
        let head = match format {
            TableFormat::Csv => Head::csv(input.reader(|file| Box::new(file))?, args.separator)?,
            TableFormat::Ndjson => Head::Ndjson,
        };
        let layout =
            choose(&head).with_context(|| format!("cannot read rows from {}", path.display()))?;
        Ok(Self {
            input,
            path: path.clone(),
            format,
            layout: Rc::new(layout),
            skipped: head.skipped(),
            rejects,
        })
    }

    /// Reads the whole file once, before any row of it is used.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or `each` does.
    pub fn scan(&self, mut each: impl FnMut(u64, &RowFields) -> Result<()>) -> Result<()> {
        let mut source = self.source(&ProgressBar::hidden())?;
        while let Some(SourceRow { fields, origin }) = source.next()? {
            each(origin.line, &fields)?;
        }
        Ok(())
    }

    /// Starts to read the rows.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub fn rows(self) -> Result<TableFile> {
        let progress = ProgressBar::new_spinner();
        progress.set_length(self.input.length);
        progress.set_style(ProgressStyle::with_template(
            "{bar:30} {bytes}/{total_bytes} {msg} {eta}",
        )?);
        let source = self.source(&progress)?;
        let rejects = Rejects::new(self.rejects, source.columns());
        Ok(TableFile {
            source,
            rejects,
            progress,
            rows: 0,
        })
    }

    /// Returns how the cells are encoded and separated, in words.
    #[must_use]
    pub fn form(&self) -> String {
        let encoding = self.input.encoding();
        match (self.format, self.layout.separator) {
            (TableFormat::Ndjson, _) => format!("JSON objects, {encoding}"),
            (_, separator) => {
                let separator = match separator {
                    b',' => "commas".to_owned(),
                    b';' => "semicolons".to_owned(),
                    b'\t' => "tabs".to_owned(),
                    other => format!("`{}`", char::from(other)),
                };
                format!("cells separated by {separator}, {encoding}")
            }
        }
    }

    /// Returns those of some columns that the file has, as it writes them.
    #[must_use]
    pub fn columns_of(&self, names: &[String]) -> Vec<String> {
        let wanted: Vec<String> = names.iter().map(|name| key(name)).collect();
        let mut columns = self.layout.names.clone();
        columns.retain(|name| wanted.contains(&key(name)));
        columns
    }

    fn source(&self, progress: &ProgressBar) -> Result<TableSource<BufReader<Box<dyn Read>>>> {
        let file = self
            .input
            .reader(|file| Box::new(progress.wrap_read(file)))?;
        let layout = Rc::clone(&self.layout);
        TableSource::open(BufReader::new(file), self.format, layout, self.skipped)
            .with_context(|| format!("cannot read rows from {}", self.path.display()))
    }
}

impl TableFile {
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
            self.rows += 1;
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

    /// Returns how many rows were read, and how many of them were rejected.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.rows, self.rejects.count())
    }

    /// Completes the rejects file and takes the progress bar away. Returns the path of the file, if there is one.
    ///
    /// # Errors
    /// Returns an error if the rejects file cannot be written.
    pub fn close(&mut self) -> Result<Option<String>> {
        self.progress.finish_and_clear();
        self.rejects.finish()?;
        Ok(self.rejects.path().map(|path| path.display().to_string()))
    }

    /// Prints a summary: the number of rows, what became of them, and the path of the rejects file.
    ///
    /// # Errors
    /// Returns an error if rows were rejected, or if the rejects file or the standard output cannot be written.
    pub fn finish(mut self, counts: &[(&'static str, usize)], as_json: bool) -> Result<()> {
        let rejects = self.close()?;
        let (rows, rejected) = self.counts();
        let mut summary = Map::new();
        summary.insert("rows".to_owned(), json!(rows));
        for (name, count) in counts {
            summary.insert((*name).to_owned(), json!(count));
        }
        summary.insert("rejected".to_owned(), json!(rejected));
        summary.insert("rejects".to_owned(), json!(&rejects));
        let summary = Value::Object(summary);
        if as_json {
            output::json(&summary)?;
        } else {
            let names = counts.iter().map(|(name, _)| *name);
            let fields: Vec<_> = ["rows"]
                .into_iter()
                .chain(names)
                .chain(["rejected", "rejects"])
                .collect();
            output::record(&summary, &fields)?;
        }
        match rejects {
            Some(path) => {
                let (were, them) = match rejected {
                    1 => ("was", "it"),
                    _ => ("were", "them"),
                };
                let rejected = output::counted(rejected, "row");
                bail!(
                    "{rejected} {were} rejected; correct {them} in {path} and run the command on it"
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
