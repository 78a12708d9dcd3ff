//! The arguments of `callbook queue`.

use std::time::Duration;

use callbook::model::account::AccountId;
use callbook::model::queue::{CallProcessId, QueueId, QueueResult};
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook queue ...`
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List the callees who wait for a dialer, and those that a taker has
    #[command(after_help = "\
Examples:
  callbook queue list --account 12345678")]
    List {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Take callees: nobody else gets them until the lease runs out
    ///
    /// Finish each with its ID. What is not finished in time is offered again, up to 5 times; then it has
    /// failed. Who has waited for a day is not offered any more.
    #[command(after_help = "\
Examples:
  callbook queue take --account 12345678 --limit 10 --lease 300s --json")]
    Take(QueueTakeArgs),
    /// Say what became of a callee that was taken
    #[command(after_help = "\
Examples:
  callbook queue finish 889932349440123 --result completed --account 12345678")]
    Finish {
        /// The entry's ID
        #[arg(value_name = "ID", value_parser = QueueId::parse)]
        id: QueueId,
        /// The attempt that was taken [default: the last one]
        #[arg(long, value_name = "N")]
        attempt: Option<u32>,
        /// What became of it: completed or failed
        #[arg(long, value_name = "RESULT", value_parser = QueueResult::parse)]
        result: QueueResult,
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Run a command for each callee, and finish it by the command's exit status
    ///
    /// The command gets the entry as one line of JSON on its standard input. Exit status 0 is `completed`, any
    /// other `failed`. The lease is extended while the command runs. If this program dies, the callee is
    /// offered again when the lease runs out. Run it several times to call several callees at once.
    #[command(after_help = "\
Examples:
  callbook queue run --account 12345678 -- ./dial.sh
  callbook queue run --account 12345678 --until-empty -- sh -c 'jq .callee'")]
    Run(QueueRunArgs),
}

/// `callbook queue take`
#[derive(Debug, Args)]
pub struct QueueTakeArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// Only callees of this call process
    #[arg(long, value_name = "CALLPROCESS", value_parser = CallProcessId::parse)]
    pub callprocess: Option<CallProcessId>,
    /// How many at most, 1 to 100
    #[arg(long, value_name = "N", default_value = "1", value_parser = limit)]
    pub limit: usize,
    /// For how long nobody else gets them, at most an hour
    #[arg(long, value_name = "SECONDS", default_value = "120s", value_parser = seconds)]
    pub lease: Duration,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook queue run`
#[derive(Debug, Args)]
pub struct QueueRunArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// Only callees of this call process
    #[arg(long, value_name = "CALLPROCESS", value_parser = CallProcessId::parse)]
    pub callprocess: Option<CallProcessId>,
    /// For how long nobody else gets a callee if this program dies, at most an hour
    #[arg(long, value_name = "SECONDS", default_value = "120s", value_parser = seconds)]
    pub lease: Duration,
    /// How long to wait before an empty queue is looked at again, at most an hour
    #[arg(long, value_name = "SECONDS", default_value = "5s", value_parser = seconds)]
    pub interval: Duration,
    /// Stop when nobody waits
    #[arg(long)]
    pub until_empty: bool,
    #[command(flatten)]
    pub store: StoreArgs,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

fn limit(text: &str) -> Result<usize, &'static str> {
    let limit = text.parse().ok();
    limit
        .filter(|limit| (1..=100).contains(limit))
        .ok_or("expected a whole number from 1 to 100")
}

/// Reads seconds, such as `120s`; an hour at most.
fn seconds(text: &str) -> Result<Duration, &'static str> {
    let digits = text.strip_suffix('s').unwrap_or(text);
    let seconds = digits.parse().ok();
    seconds
        .filter(|seconds| (1..=3_600).contains(seconds))
        .map(Duration::from_secs)
        .ok_or("expected seconds from 1s to 3600s")
}
