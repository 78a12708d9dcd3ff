//! `callbook import calls`: calls of the past, once each.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Imported, Ledger, PastCall, StoreError};
use callbook::model::account::Account;
use callbook::model::id::Guid;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::record;
use super::rejects::Rejects;
use super::source::Source;
use crate::accounts::find;
use crate::args::{ImportArgs, ImportCommand, TableFormat};
use crate::{output, store};

/// How many rows are in hand at a time.
const CHUNK: usize = 1_024;

/// How many callers' calls are recorded at the same time.
const AT_ONCE: usize = 32;

/// How many bad rows are told about at the terminal; all of them are in the rejects file.
const TOLD: usize = 20;

/// Runs the command.
///
/// # Errors
/// What the person at the terminal is told.
pub async fn run(command: ImportCommand) -> Result<()> {
    let ImportCommand::Calls(args) = command;
    let rejects = args.rejects.clone();
    let format = args.format.unwrap_or_else(|| format_of(&args.file));
    let progress = ProgressBar::new_spinner();
    let file: Box<dyn Read> = if args.file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        let file = File::open(&args.file)
            .with_context(|| format!("{} cannot be read", args.file.display()))?;
        progress.set_length(file.metadata()?.len());
        progress.set_style(ProgressStyle::with_template(
            "{bar:30} {bytes}/{total_bytes} {msg} {eta}",
        )?);
        Box::new(file)
    };
    let source = Source::open(BufReader::new(progress.wrap_read(file)), format)?;
    let rejects = rejects.unwrap_or_else(|| beside(&args.file, format));
    let rejects = Rejects::new(rejects, source.columns());
    let ledger = store::open(&args.store).await;
    let account = find(&ledger, &args.account).await?;
    let import = Import {
        ledger,
        account,
        guid: ids::guid(),
        rejects,
        new: 0,
        already: 0,
    };
    import.run(source, &progress, &args).await
}

struct Import {
    ledger: Ledger,
    account: Account,
    guid: Guid,
    rejects: Rejects,
    new: usize,
    already: usize,
}

impl Import {
    async fn run(
        mut self,
        mut source: Source<impl io::BufRead>,
        progress: &ProgressBar,
        args: &ImportArgs,
    ) -> Result<()> {
        loop {
            let (calls, more) = self.chunk(&mut source, progress)?;
            self.record(calls).await.with_context(|| {
                format!(
                    "{} calls were recorded before; the same command goes on from there",
                    self.new
                )
            })?;
            progress.set_message(format!("{} calls", self.new + self.already));
            if !more {
                break;
            }
        }
        progress.finish_and_clear();
        self.rejects.finish()?;
        let rejected = self.rejects.count();
        let place = (rejected > 0).then(|| self.rejects.path().display().to_string());
        let summary = json!({
            "imported": self.new,
            "already_there": self.already,
            "rejected": rejected,
            "rejects": place,
        });
        if args.store.json {
            output::json(&summary)?;
        } else {
            let fields = ["imported", "already_there", "rejected", "rejects"];
            output::record(&summary, &fields)?;
        }
        if rejected > 0 {
            bail!(
                "{rejected} rows were not imported; they are in {}",
                self.rejects.path().display()
            );
        }
        Ok(())
    }

    /// The next calls by caller, so that a caller's first contact is the first in the file; and whether
    /// more may follow.
    fn chunk(
        &mut self,
        source: &mut Source<impl io::BufRead>,
        progress: &ProgressBar,
    ) -> Result<(BTreeMap<String, Vec<PastCall>>, bool)> {
        let now = Clock::system().now();
        let mut calls: BTreeMap<String, Vec<PastCall>> = BTreeMap::new();
        for _ in 0..CHUNK {
            let Some(line) = source.next()? else {
                return Ok((calls, false));
            };
            let read = line
                .fields
                .and_then(|fields| record::read(&fields, &self.account.zone, now));
            match read {
                Ok(call) => calls
                    .entry(call.from.as_str().to_owned())
                    .or_default()
                    .push(call),
                Err(reason) => {
                    if self.rejects.count() < TOLD {
                        progress
                            .suspend(|| output::note(&format!("line {}: {reason}", line.number)));
                    }
                    self.rejects.add(line.number, &reason, &line.raw)?;
                }
            }
        }
        Ok((calls, true))
    }

    async fn record(&mut self, calls: BTreeMap<String, Vec<PastCall>>) -> Result<(), StoreError> {
        let this = &*self;
        let done: Vec<(usize, usize)> = stream::iter(calls.into_values())
            .map(|calls| this.record_in_order(calls))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for (new, already) in done {
            self.new += new;
            self.already += already;
        }
        Ok(())
    }

    async fn record_in_order(&self, calls: Vec<PastCall>) -> Result<(usize, usize), StoreError> {
        let (mut new, mut already) = (0, 0);
        for call in calls {
            let imported = self.ledger.import_call(&self.account, &call, self.guid);
            match imported.await? {
                Imported::New => new += 1,
                Imported::Already => already += 1,
            }
        }
        Ok((new, already))
    }
}

fn format_of(file: &Path) -> TableFormat {
    let ending = file.extension().unwrap_or_default().to_ascii_lowercase();
    match ending.to_str() {
        Some("ndjson" | "jsonl") => TableFormat::Ndjson,
        _ => TableFormat::Csv,
    }
}

/// `calls.rejects.csv` beside `calls.csv`.
fn beside(file: &Path, format: TableFormat) -> PathBuf {
    let ending = match format {
        TableFormat::Csv => "rejects.csv",
        TableFormat::Ndjson => "rejects.ndjson",
    };
    if file == Path::new("-") {
        return PathBuf::from(format!("import.{ending}"));
    }
    file.with_extension(ending)
}
