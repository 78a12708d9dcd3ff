//! `callbook events`: what happened in an account, and what the stream gave up.

mod letter;
mod records;
mod replay;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::ledger::EventPlace;
use callbook::model::account::Account;
use callbook::model::event::Event;

use crate::accounts::find_account;
use crate::args::{EventsArgs, EventsCommand};
use crate::{output, store};

/// How many events are read at once.
const PAGE: usize = 200;

/// How long to wait before the log is looked at again.
const INTERVAL: Duration = Duration::from_secs(1);

/// How far back a list begins that does not say where.
const BACK: Duration = Duration::from_secs(86_400);

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, a file cannot be read, or DynamoDB does not answer in time.
pub async fn run(args: EventsArgs) -> Result<ExitCode> {
    match &args.command {
        Some(EventsCommand::Replay(args)) => replay::run(args).await,
        None => list(&args).await.map(|()| ExitCode::SUCCESS),
    }
}

async fn list(args: &EventsArgs) -> Result<()> {
    let account = args.account.as_ref();
    let account = account.context("say which account with --account")?;
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, account).await?;
    let clock = Clock::system();
    let begin = match &args.from {
        Some(from) => from.moment(&account.zone),
        None if args.follow => clock.now(),
        None => clock.now().minus(BACK),
    };
    let mut after = EventPlace::before(begin);
    let mut any = false;
    loop {
        let page = ledger.events(&account, &after, &args.types, PAGE, clock.now());
        let page = page.await?;
        for event in &page.events {
            any = true;
            let line = line(event, &account, args.store.json);
            let mut out = output::rows_out();
            match writeln!(out, "{line}").and_then(|()| out.flush()) {
                // Whoever read them has gone.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                written => written?,
            }
        }
        after = page.next;
        if page.more {
            continue;
        }
        if !args.follow {
            break;
        }
        tokio::time::sleep(INTERVAL).await;
    }
    if !any && !args.store.json {
        output::note("No events.");
    }
    Ok(())
}

/// An event as one line: as it is sent, or its time, type and subject.
fn line(event: &Event, account: &Account, as_json: bool) -> String {
    if as_json {
        return event.to_json();
    }
    let time = event.time.rfc3339(&account.zone);
    format!("{time}  {:<23}  {}", event.kind.as_str(), event.subject)
}
