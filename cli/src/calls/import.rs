//! `callbook import calls`: calls of the past, once each.

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::ledger::{Creation, ExistsDifferent, Ledger, PastCall, StoreError};
use callbook::model::account::Account;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::record;
use crate::accounts::find;
use crate::args::{ImportArgs, ImportCommand};
use crate::store;
use crate::table::{AT_ONCE, Intake, RowOrigin, Taken, together};

/// What is told of a row whose call another row has recorded.
const OTHERWISE: &str = "the same call is in the ledger, from a row that said something else; give each an \
    external_id if they are two";

/// Runs the command.
///
/// # Errors
/// What the person at the terminal is told.
pub async fn run(command: ImportCommand) -> Result<()> {
    let ImportCommand::Calls(ImportArgs {
        file,
        account,
        store,
    }) = command;
    let mut intake = Intake::open(&file, "import", record::COLUMNS)?;
    let ledger = store::open(&store).await;
    let account = find(&ledger, &account).await?;
    let mut import = Import {
        ledger,
        account,
        new: 0,
        already: 0,
    };
    loop {
        let now = Clock::system().now();
        let (calls, more) = intake.chunk(|row| record::read(row, &import.account.zone, now))?;
        let otherwise = import.record(calls).await.with_context(|| {
            format!(
                "{} calls were recorded before; the same command goes on from there",
                import.new
            )
        })?;
        for origin in otherwise {
            intake.reject(&origin, OTHERWISE)?;
        }
        intake.say(format!("{} calls", import.new + import.already));
        if !more {
            break;
        }
    }
    let counts = [("imported", import.new), ("already_there", import.already)];
    intake.finish(&counts, store.json)
}

struct Import {
    ledger: Ledger,
    account: Account,
    new: usize,
    already: usize,
}

/// What became of some rows.
#[derive(Default)]
struct Done {
    new: usize,
    already: usize,
    otherwise: Vec<RowOrigin>,
}

impl Import {
    /// Records calls, and gives the rows that say something else of a call that is there.
    async fn record(&mut self, calls: Vec<Taken<PastCall>>) -> Result<Vec<RowOrigin>, StoreError> {
        let this = &*self;
        // By caller, so that a caller's first contact is the first in the file.
        let calls = together(calls, |call| call.row.from.as_str().to_owned());
        let done: Vec<Done> = stream::iter(calls)
            .map(|calls| this.record_in_order(calls))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut otherwise = Vec::new();
        for done in done {
            self.new += done.new;
            self.already += done.already;
            otherwise.extend(done.otherwise);
        }
        otherwise.sort_by_key(|origin| origin.line);
        Ok(otherwise)
    }

    async fn record_in_order(&self, calls: Vec<Taken<PastCall>>) -> Result<Done, StoreError> {
        let mut done = Done::default();
        for Taken { row, origin } in calls {
            match self.ledger.import_call(&self.account, &row).await? {
                Creation::Created(()) => done.new += 1,
                Creation::Exists(()) => done.already += 1,
                Creation::Refused(ExistsDifferent) => done.otherwise.push(origin),
            }
        }
        Ok(done)
    }
}
