//! `callbook import calls`: records past calls, without duplicates.

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::ledger::{Creation, ExistsDifferent, Ledger, PastCall, StoreError};
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
    let mut import = Import {
        ledger,
        account,
        imported: 0,
        existing: 0,
        distances: Distances::default(),
    };
    loop {
        let now = Clock::system().now();
        let (calls, more) =
            rows.chunk(|row| record::parse(row, &import.account.zone, clock, now))?;
        let different = import.record(calls).await.with_context(|| {
            format!(
                "{} calls were recorded before this error; run the same command again to continue",
                import.imported
            )
        })?;
        for origin in different {
            rows.reject(&origin, DIFFERENT)?;
        }
        rows.set_message(format!("{} calls", import.imported + import.existing));
        if !more {
            break;
        }
    }
    if let Some(hint) = import.distances.hint(clock) {
        rows.note(&hint);
    }
    let counts = [
        ("imported", import.imported),
        ("already_there", import.existing),
    ];
    rows.finish(&counts, store.json)
}

struct Import {
    ledger: Ledger,
    account: Account,
    imported: usize,
    existing: usize,
    distances: Distances,
}

/// The outcomes of some rows.
#[derive(Default)]
struct Outcomes {
    imported: usize,
    existing: usize,
    /// How far each row is from the call that it may have been meant for.
    distances: Vec<Option<i64>>,
    different: Vec<RowOrigin>,
}

impl Import {
    /// Records calls, and returns the rows that differ from the recorded call.
    async fn record(
        &mut self,
        calls: Vec<ParsedRow<PastCall>>,
    ) -> Result<Vec<RowOrigin>, StoreError> {
        let this = &*self;
        // One caller's calls in order, so that the caller's first contact is the first in the file.
        let calls = grouped_by(calls, |call| call.value.from.as_str().to_owned());
        let outcomes: Vec<Outcomes> = stream::iter(calls)
            .map(|calls| this.record_in_order(calls))
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await?;
        let mut different = Vec::new();
        for outcomes in outcomes {
            self.imported += outcomes.imported;
            self.existing += outcomes.existing;
            for distance in outcomes.distances {
                self.distances.count(distance);
            }
            different.extend(outcomes.different);
        }
        different.sort_by_key(|origin| origin.line);
        Ok(different)
    }

    async fn record_in_order(
        &self,
        calls: Vec<ParsedRow<PastCall>>,
    ) -> Result<Outcomes, StoreError> {
        let mut outcomes = Outcomes::default();
        for ParsedRow { value, origin } in calls {
            let now = Clock::system().now();
            let imported = self.ledger.import_call_measured(&self.account, &value, now);
            let imported = imported.await?;
            if value.call_sid.is_none() {
                outcomes.distances.push(imported.distance);
            }
            match imported.outcome {
                Creation::Created(()) => outcomes.imported += 1,
                Creation::Exists(()) => outcomes.existing += 1,
                Creation::Refused(ExistsDifferent) => outcomes.different.push(origin),
            }
        }
        Ok(outcomes)
    }
}
