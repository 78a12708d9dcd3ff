//! `callbook queue`: the callees that rapid responses queued, for a dialer that takes them.

use std::io::Write;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{
    FinishOutcome, LeaseOutcome, Ledger, TakeRequest, TakenEntry, WaitingEntry,
};
use callbook::model::account::Account;
use callbook::model::queue::{QueueId, QueueResult};
use serde_json::{Value, json};

use crate::accounts::find_account;
use crate::args::{QueueCommand, QueueRunArgs, QueueTakeArgs};
use crate::{output, store};

/// The columns of a table, in its width. `--json` has the others.
const COLUMNS: [&str; 5] = ["id", "callee", "attempt", "lease_until", "whisper_text"];

/// How many entries one request to the ledger reads.
const PAGE: usize = 200;

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, an entry is no longer the taker's, a command cannot be
/// started, or DynamoDB does not answer in time.
pub async fn run(command: QueueCommand) -> Result<()> {
    match command {
        QueueCommand::List { account, store } => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            let (mut entries, mut after) = (Vec::new(), None);
            loop {
                let now = Clock::system().now();
                let page = ledger.queue_entries(&account.id, after, PAGE, now).await?;
                entries.extend(page.entries);
                after = page.last;
                if after.is_none() {
                    break;
                }
            }
            show(&entries, &account, store.json)
        }
        QueueCommand::Take(args) => take(args).await,
        QueueCommand::Finish {
            id,
            attempt,
            result,
            account,
            store,
        } => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            finish(&ledger, &account, (id, attempt), result).await?;
            output::note(&format!("Entry {id} is {}.", result.as_str()));
            Ok(())
        }
        QueueCommand::Run(args) => work(args).await,
    }
}

async fn take(args: QueueTakeArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.account).await?;
    let entries = ledger
        .take_from_queue(&TakeRequest {
            account: &account.id,
            process: args.callprocess,
            limit: args.limit,
            lease: args.lease,
            by: &ids::guid().to_string(),
            now: Clock::system().now(),
        })
        .await?;
    show(&entries, &account, args.store.json)
}

fn show(entries: &[WaitingEntry], account: &Account, as_json: bool) -> Result<()> {
    let rows: Vec<Value> = entries.iter().map(|entry| view(entry, account)).collect();
    if as_json {
        return output::json(&json!({ "entries": rows }));
    }
    output::rows(&rows, &COLUMNS, "Nobody waits.")
}

/// An entry as takers see it.
fn view(entry: &WaitingEntry, account: &Account) -> Value {
    let id: u64 = entry.id.into();
    let process: u64 = entry.process.into();
    json!({
        "id": id,
        "callprocess_id": process,
        "callee": entry.callee.as_e164(),
        "whisper_text": entry.whisper_text,
        "queued_at": entry.queued_at.rfc3339(&account.zone),
        "attempt": entry.attempts,
        "lease_until": entry.lease_until.map(|until| until.rfc3339(&account.zone)),
    })
}

async fn finish(
    ledger: &Ledger,
    account: &Account,
    (id, attempt): (QueueId, Option<u32>),
    result: QueueResult,
) -> Result<()> {
    let taken = TakenEntry {
        account: &account.id,
        id,
        attempt,
    };
    let now = Clock::system().now();
    match ledger.finish_entry(&taken, result, now).await? {
        FinishOutcome::Finished { .. } | FinishOutcome::Repeated { .. } => Ok(()),
        FinishOutcome::Lost => {
            bail!("entry {id} is not this taker's: it was not taken, or is over or another taker's")
        }
        FinishOutcome::NotFound => bail!("account {} has no entry {id} in its queue", account.id),
    }
}

/// Runs the command for one entry after the other.
async fn work(args: QueueRunArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.account).await?;
    loop {
        let request = TakeRequest {
            account: &account.id,
            process: args.callprocess,
            limit: 1,
            lease: args.lease,
            by: &ids::guid().to_string(),
            now: Clock::system().now(),
        };
        let Some(entry) = ledger.take_from_queue(&request).await?.pop() else {
            if args.until_empty {
                return Ok(());
            }
            tokio::time::sleep(args.interval).await;
            continue;
        };
        let status = with_entry(&ledger, &account, &entry, &args).await?;
        let result = match status.success() {
            true => QueueResult::Completed,
            false => QueueResult::Failed,
        };
        let finished = finish(&ledger, &account, (entry.id, Some(entry.attempts)), result).await;
        match finished {
            Ok(()) => output::note(&format!(
                "entry {}: {} ({status})",
                entry.id,
                result.as_str()
            )),
            // Somebody else has it: nothing is left to do here.
            Err(lost) => output::note(&format!("entry {}: {lost:#}", entry.id)),
        }
    }
}

/// Runs the command for an entry, and extends the lease for as long as it runs.
async fn with_entry(
    ledger: &Ledger,
    account: &Account,
    entry: &WaitingEntry,
    args: &QueueRunArgs,
) -> Result<ExitStatus> {
    let text = view(entry, account).to_string();
    let command = args.command.clone();
    let mut running = tokio::task::spawn_blocking(move || execute(&command, &text));
    let taken = TakenEntry {
        account: &account.id,
        id: entry.id,
        attempt: Some(entry.attempts),
    };
    loop {
        tokio::select! {
            done = &mut running => return done?,
            () = tokio::time::sleep(args.lease / 3) => {
                let now = Clock::system().now();
                // The command runs to its end all the same, and finishing says whose entry it is by then.
                match ledger.extend_lease(&taken, args.lease, now).await {
                    Ok(LeaseOutcome::Extended(_)) => {}
                    Ok(LeaseOutcome::Lost | LeaseOutcome::NotFound) => {
                        output::note(&format!("entry {}: the lease is lost", entry.id));
                    }
                    Err(error) => output::note(&format!("entry {}: {error}", entry.id)),
                }
            }
        }
    }
}

/// Runs a program with a text as its standard input, to its end.
fn execute(command: &[String], text: &str) -> Result<ExitStatus> {
    let (program, arguments) = command.split_first().context("there is no command")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that reads nothing is none the worse.
        drop(writeln!(stdin, "{text}"));
    }
    Ok(child.wait()?)
}
