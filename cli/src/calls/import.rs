//! `callbook import calls`: records past calls, without duplicates.

use std::cell::{Cell, RefCell};

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::ledger::{Creation, ExistsDifferent, ImportedCall, Ledger, PastCall, StoreError};
use callbook::model::account::Account;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::clock::Distances;
use super::record;
use crate::accounts::find_account;
use crate::args::{ImportArgs, ImportCommand};
use crate::store;
use crate::table::{CONCURRENCY, ParsedRow, RowOrigin, TableFile, grouped_by};

/// The reason to reject a row whose call is already recorded with different details.
const DIFFERENT: &str = "the same call is already recorded with different details; if these are two calls, \
    give each an external_id";

/// How often a row is tried again if the store's answer is lost. A row that was recorded by the lost try is
/// found and not recorded again.
const RETRIES: u32 = 5;

/// Runs the command.
///
/// # Errors
/// Returns an error if a file cannot be read or written, the account does not exist, rows were rejected, or
/// DynamoDB does not answer in time.
pub async fn run(command: ImportCommand) -> Result<()> {
    let ImportCommand::Calls(ImportArgs {
        file,
        account,
        clock,
        store,
    }) = command;
    let mut rows = TableFile::open(&file, "import", record::COLUMNS)?;
    let ledger = store::open(&store).await;
    let account = find_account(&ledger, &account).await?;
    let import = Import {
        ledger,
        account,
        imported: Cell::new(0),
        existing: Cell::new(0),
        distances: RefCell::new(Distances::default()),
    };
    loop {
        let now = Clock::system().now();
        let (calls, more) =
            rows.chunk(|row| record::parse(row, &import.account.zone, clock, now))?;
        let different = import.record(calls).await.with_context(|| {
            format!(
                "{} calls were recorded before this error, and {} were there already; run the same command again \
                 to continue",
                import.imported.get(),
                import.existing.get(),
            )
        })?;
        for origin in different {
            rows.reject(&origin, DIFFERENT)?;
        }
        rows.set_message(format!(
            "{} calls",
            import.imported.get() + import.existing.get()
        ));
        if !more {
            break;
        }
    }
    if let Some(hint) = import.distances.borrow().hint(clock) {
        rows.note(&hint);
    }
    let counts = [
        ("imported", import.imported.get()),
        ("already_there", import.existing.get()),
    ];
    rows.finish(&counts, store.json)
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
    /// Records calls, and returns the rows that differ from the recorded call.
    async fn record(&self, calls: Vec<ParsedRow<PastCall>>) -> Result<Vec<RowOrigin>, StoreError> {
        // One caller's calls in order, so that the caller's first contact is the first in the file.
        let calls = grouped_by(calls, |call| call.value.from.as_str().to_owned());
        let different: Vec<Vec<RowOrigin>> = stream::iter(calls)
            .map(|calls| self.record_in_order(calls))
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
    ) -> Result<Vec<RowOrigin>, StoreError> {
        let mut different = Vec::new();
        for ParsedRow { value, origin } in calls {
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
