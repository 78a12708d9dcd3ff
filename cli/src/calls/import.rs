//! `callbook import calls`: records past calls, without duplicates.

use std::cell::{Cell, RefCell};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::ledger::{Creation, ExistsDifferent, ImportedCall, Ledger, PastCall, StoreError};
use callbook::model::account::Account;
use callbook::model::time::Instant;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::choose::{Chosen, choose};
use super::clock::Distances;
use super::dates::{Because, Survey};
use super::record::{self, Dates};
use super::{dry, profiles};
use crate::accounts::{find_account, format_instant};
use crate::args::{ImportArgs, ImportCommand};
use crate::table::{CONCURRENCY, OpenTable, ParsedRow, RowOrigin, TableFile, grouped_by};
use crate::{output, store};

/// The reason to reject a row whose call is already recorded with different details.
const DIFFERENT: &str = "the same call is already recorded with different details; if these are two calls, \
    give each an external_id";

/// How often a row is tried again if the store's answer is lost. A row that was recorded by the lost try is
/// found and not recorded again.
const RETRIES: u32 = 5;

/// The exit code of a command that Ctrl-C ended, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// Runs the command.
///
/// # Errors
/// Returns an error if a file cannot be read or written, the account does not exist, rows were rejected, or
/// DynamoDB does not answer in time.
pub async fn run(command: ImportCommand) -> Result<ExitCode> {
    match command {
        ImportCommand::Calls(args) => calls(*args).await,
        ImportCommand::Profiles(args) => profiles::run(&args).map(|()| ExitCode::SUCCESS),
    }
}

async fn calls(args: ImportArgs) -> Result<ExitCode> {
    let ImportArgs {
        file,
        account,
        mapping,
        clock,
        dry_run,
        store,
    } = args;
    let mut chosen = Chosen::default();
    let table = OpenTable::open(&file, "import", |head| {
        let (layout, found) = choose(head, &mapping)?;
        chosen = found;
        Ok(layout)
    })?;
    let mut survey = Survey::default();
    table.scan(|line, fields| {
        survey.look(line, fields);
        Ok(())
    })?;
    let ledger = store::open(&store).await?;
    let account = find_account(&ledger, &account).await?;
    let order = survey.order(mapping.date_order, account.date_order)?;
    let dates = |now| Dates {
        zone: &account.zone,
        order: order.order,
        clock,
        now,
    };
    if dry_run {
        let dates = dates(Clock::system().now());
        dry::run(
            &table,
            &chosen,
            (&survey, order),
            (&account, &dates),
            store.json,
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(profile) = &chosen.profile {
        output::note(&format!("Read as {}.", profile.title));
    }
    if let Because::Account(_) | Because::Line(_) = order.because {
        output::note(&format!("Dates: {}.", order.explain()));
    }
    let mut rows = table.rows()?;
    let interrupted = interrupt()?;
    let import = Import {
        ledger,
        account: account.clone(),
        imported: Cell::new(0),
        existing: Cell::new(0),
        distances: RefCell::new(Distances::default()),
    };
    loop {
        let dates = dates(Clock::system().now());
        let (calls, more) = rows.chunk(|row| record::parse(row, &dates))?;
        let (calls, ended) = still_kept(&account, calls, dates.now);
        for (origin, reason) in ended {
            rows.reject(&origin, &reason)?;
        }
        let different = import.record(calls, &interrupted).await.with_context(|| {
            format!(
                "{}; run the same command again to continue",
                import.done("before this error")
            )
        })?;
        for origin in different {
            rows.reject(&origin, DIFFERENT)?;
        }
        rows.set_message(output::counted(
            import.imported.get() + import.existing.get(),
            "call",
        ));
        if interrupted.load(Ordering::Relaxed) && more {
            return stopped(rows, &import, store.json);
        }
        if !more {
            break;
        }
    }
    if let Some(hint) = import.distances.borrow().hint(clock) {
        rows.note(&hint);
    }
    let counts = import.counts();
    rows.finish(&counts, store.json).map(|()| ExitCode::SUCCESS)
}

/// Takes out the calls of the time that the account does not keep. They may have been recorded and have ended, and sums
/// would count them again.
fn still_kept(
    account: &Account,
    calls: Vec<ParsedRow<PastCall>>,
    now: Instant,
) -> (Vec<ParsedRow<PastCall>>, Vec<(RowOrigin, String)>) {
    let (mut kept, mut ended) = (Vec::new(), Vec::new());
    for call in calls {
        let PastCall {
            started,
            cost,
            billed,
            ..
        } = &call.value;
        let cost = cost.map(|_| billed.unwrap_or(*started));
        let cut = account.calls_kept.cut(*started, now);
        let cut = cut.or_else(|| account.costs_kept.cut(cost?, now));
        match cut {
            Some(since) => {
                let since = format_instant(since);
                ended.push((
                    call.origin,
                    format!("the account keeps nothing from before {since}"),
                ));
            }
            None => kept.push(call),
        }
    }
    (kept, ended)
}

/// Returns a flag that Ctrl-C sets. A second Ctrl-C ends the process at once.
fn interrupt() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    #[cfg(unix)]
    let mut signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        signal.recv().await;
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
        set.store(true, Ordering::Relaxed);
        output::note("Stopping after what is being written. Press Ctrl-C again to stop at once.");
        #[cfg(unix)]
        signal.recv().await;
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
        std::process::exit(INTERRUPTED.into());
    });
    Ok(flag)
}

/// Says what an import that Ctrl-C ended has done, and how to go on.
fn stopped(mut rows: TableFile, import: &Import, as_json: bool) -> Result<ExitCode> {
    let rejects = rows.close()?;
    let (read, rejected) = rows.counts();
    let (imported, existing) = (import.imported.get(), import.existing.get());
    if as_json {
        output::json(&json!({
            "stopped": true, "imported": imported, "already_there": existing, "rejected": rejected,
            "rejects": rejects, "rows_not_recorded": read - imported - existing - rejected,
        }))?;
    }
    output::note(&format!("Stopped: {}.", import.done("so far")));
    if let Some(rejects) = rejects {
        output::note(&format!(
            "{} rejected; {rejects} has them.",
            output::counted_were(rejected, "row")
        ));
    }
    output::note("Run the same command again to go on. No call is recorded twice.");
    Ok(ExitCode::from(INTERRUPTED))
}

struct Import {
    ledger: Ledger,
    account: Account,
    /// Counted row by row, so that an error says what was recorded before it.
    imported: Cell<usize>,
    existing: Cell<usize>,
    /// How far rows are from the calls that they may have been meant for.
    distances: RefCell<Distances>,
}

impl Import {
    fn counts(&self) -> [(&'static str, usize); 2] {
        [
            ("imported", self.imported.get()),
            ("already_there", self.existing.get()),
        ]
    }

    /// Says how many calls were recorded.
    fn done(&self, when: &str) -> String {
        let were = output::counted_were(self.imported.get(), "call");
        let there = output::counted_were(self.existing.get(), "call");
        format!("{were} recorded {when}, and {there} there already")
    }

    /// Records calls, and returns the rows that differ from the recorded call. Once `stop` is set, it records no
    /// more than what is being written.
    async fn record(
        &self,
        calls: Vec<ParsedRow<PastCall>>,
        stop: &AtomicBool,
    ) -> Result<Vec<RowOrigin>, StoreError> {
        // One caller's calls in order, so that the caller's first contact is the first in the file.
        let calls = grouped_by(calls, |call| call.value.from.as_str().to_owned());
        let different: Vec<Vec<RowOrigin>> = stream::iter(calls)
            .map(|calls| self.record_in_order(calls, stop))
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await?;
        let mut different: Vec<RowOrigin> = different.into_iter().flatten().collect();
        different.sort_by_key(|origin| origin.line);
        Ok(different)
    }

    async fn record_in_order(
        &self,
        calls: Vec<ParsedRow<PastCall>>,
        stop: &AtomicBool,
    ) -> Result<Vec<RowOrigin>, StoreError> {
        let mut different = Vec::new();
        for ParsedRow { value, origin } in calls {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let add_to = |count: &Cell<usize>| count.set(count.get() + 1);
            let imported = self.record_one(&value).await?;
            if value.call_sid.is_none() {
                self.distances.borrow_mut().count(imported.distance);
            }
            match imported.outcome {
                Creation::Created(()) => add_to(&self.imported),
                Creation::Exists(()) => add_to(&self.existing),
                Creation::Refused(ExistsDifferent) => different.push(origin),
            }
        }
        Ok(different)
    }

    /// Records a call, and tries again if an answer of the store is lost.
    ///
    /// A call that is found by such a further try counts as recorded: most likely the try before recorded it.
    async fn record_one(&self, call: &PastCall) -> Result<ImportedCall, StoreError> {
        let mut tries = 0;
        loop {
            let now = Clock::system().now();
            let imported = self.ledger.import_call_measured(&self.account, call, now);
            match imported.await {
                Err(StoreError::Unavailable(_)) if tries < RETRIES => tries += 1,
                Ok(mut imported) => {
                    if tries > 0 && matches!(imported.outcome, Creation::Exists(())) {
                        imported.outcome = Creation::Created(());
                    }
                    return Ok(imported);
                }
                Err(error) => return Err(error),
            }
        }
    }
}
