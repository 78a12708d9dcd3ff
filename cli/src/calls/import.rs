//! `callbook import calls`: calls of the past, once each.

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Imported, Ledger, PastCall, StoreError};
use callbook::model::account::Account;
use callbook::model::id::Guid;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::record;
use crate::accounts::find;
use crate::args::{ImportArgs, ImportCommand};
use crate::store;
use crate::table::{AT_ONCE, Intake, together};

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
        guid: ids::guid(),
        new: 0,
        already: 0,
    };
    loop {
        let now = Clock::system().now();
        let (calls, more) = intake.chunk(|row| record::read(row, &import.account.zone, now))?;
        let calls = calls.into_iter().map(|taken| taken.row).collect();
        import.record(calls).await.with_context(|| {
            format!(
                "{} calls were recorded before; the same command goes on from there",
                import.new
            )
        })?;
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
    guid: Guid,
    new: usize,
    already: usize,
}

impl Import {
    async fn record(&mut self, calls: Vec<PastCall>) -> Result<(), StoreError> {
        let this = &*self;
        // By caller, so that a caller's first contact is the first in the file.
        let calls = together(calls, |call| call.from.as_str().to_owned());
        let done: Vec<(usize, usize)> = stream::iter(calls)
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
