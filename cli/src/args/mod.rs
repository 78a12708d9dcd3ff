//! The command line: commands, arguments and help.

mod account;
mod address;
mod audit;
mod backup;
mod callprocess;
mod calls;
mod cost;
mod credential;
mod credential_update;
mod demo;
mod erase;
mod events;
mod inventory;
mod invoice;
mod migrate;
mod number;
mod plan;
mod property;
mod queue;
mod range;
mod requests;
mod retention;
#[cfg(test)]
mod runbooks;
mod store;
mod summary;
mod vendor;
mod webhook;

use std::path::PathBuf;

use callbook::model::id::Guid;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use jiff::Timestamp;

pub use account::{AccountCommand, CloseArgs, SettingsArgs, SwitchArgs};
pub use address::{AddressCommand, AddressCreateArgs};
pub use audit::AuditArgs;
pub use backup::{ExportAllArgs, RestoreArgs};
pub use callprocess::{CallProcessArgs, CallProcessCommand, CallProcessRef};
pub use calls::{
    ColumnArg, ExportArgs, ExportCommand, ExportCostsArgs, ExportRowsCommand, FileArgs, ImportArgs,
    ImportCommand, MappingArgs, OPTIONAL_COLUMNS, ProfilesArgs, REQUIRED_COLUMNS, TableFormat,
};
pub use cost::{
    AdjustArgs, CostCommand, CostListArgs, CostRangeArgs, CostRef, MatchTarget, WhyArgs,
};
pub use credential::{CredentialArgs, CredentialCommand, LimitArgs};
pub use credential_update::{
    CredentialRef, CredentialUpdateArgs, CredentialValues, LimitValues, RotateArgs,
};
pub use demo::{DemoArgs, DemoCommand, FillArgs, LocalArgs};
pub use erase::EraseArgs;
pub use events::{EventsArgs, EventsCommand, ReplayArgs};
pub use inventory::{CountryCommand, InventoryCommand, LoadArgs};
pub use invoice::{InvoiceArgs, InvoiceCommand};
pub use migrate::MigrateArgs;
pub use number::{AttributionArgs, NumberAddArgs, NumberCommand, NumberVendorArgs, NumbersArgs};
pub use plan::PlanArgs;
pub use property::{PropertyCommand, PropertyCreateArgs};
pub use queue::{QueueCommand, QueueRunArgs, QueueTakeArgs};
pub use requests::RequestsArgs;
pub use retention::{RetentionApplyArgs, RetentionCommand, RetentionSetArgs};
pub use store::{StorageArgs, StoreArgs};
pub use summary::{RollupCommand, SummaryArgs};
pub use vendor::{VendorCommand, VendorRef};
pub use webhook::{WebhookCommand, WebhookCreateArgs, WebhookRef, WebhookUpdateArgs, endpoint_url};

/// A self-hosted call ledger that speaks each vendor's own dialect.
#[derive(Debug, Parser)]
#[command(
    name = "callbook",
    version,
    propagate_version = true,
    max_term_width = 80
)]
#[command(after_help = "\
Exit codes: 0 success; 1 failure, with the reason on the standard error; 2 wrong
usage; 3 `request` printed the command that finds the request in a deployment;
130 Ctrl-C. `audit` has 1 for what does not add up; `invoice check` has codes of
its own.

Examples:
  callbook local                         the whole ledger on port 8080
  callbook account create 'Acme Dialing' --timezone America/New_York
  callbook credential create tld --account 12345678
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3")]
pub struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve every endpoint on one port, with a ledger and a demo account
    ///
    /// Commands in other terminals find it by themselves. `callbook demo` prints a request for each endpoint.
    #[command(after_help = "\
The data folder keeps the ledger, the demo credentials and the request log
across restarts.

Examples:
  callbook local
  callbook local --port 9000 --memory
  callbook local --memory --demo-data
  callbook local --data ./ledger --credentials ./credentials.json")]
    Local(LocalArgs),
    /// Print a curl line for each endpoint of the running `callbook local`, or fill it with data
    #[command(after_help = "\
Examples:
  callbook demo
  callbook demo --json > credentials.json
  callbook demo fill")]
    Demo(DemoArgs),
    /// Serve only a local DynamoDB, for `cargo lambda watch` and for the other commands
    #[command(after_help = "\
Examples:
  callbook database
  callbook database --port 8001 --memory")]
    Database(DatabaseArgs),
    /// Create, show, list, update, close and reopen accounts
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook account create 'Acme Dialing' --timezone America/New_York
  callbook account list
  callbook account update 12345678 --registered-dids-only")]
    Account(AccountCommand),
    /// Create, show, list, update, rotate, disable, enable and revoke credentials
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook credential create tld --account 12345678 --label Ringba
  callbook credential list --account 12345678")]
    Credential(CredentialCommand),
    /// Register phone numbers to an account, list and release them
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook number add --account 12345678 +12065550100
  callbook number list --account 12345678")]
    Number(NumberCommand),
    /// Create and list properties, which Fone Dynamics clients have numbers for
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook property create 'Spring campaign' --account 12345678
  callbook property list --account 12345678")]
    Property(PropertyCommand),
    /// Create and list addresses, which some countries require for their numbers
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook address create --account 12345678 --line1 '1 Example Street' \\
    --city Exampleton --country AU
  callbook address list --account 12345678")]
    Address(AddressCommand),
    /// Add, show, list and update vendors, their terms and their numbers
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook vendor add acme --account 12345678 --name 'Acme Leads'
  callbook vendor terms acme --account 12345678 --from 2026-12-01 --price 25 \\
    --minimum-seconds 90
  callbook vendor numbers acme --account 12345678")]
    Vendor(VendorCommand),
    /// Count and sum calls and costs in groups, with totals
    #[command(after_help = "\
Examples:
  callbook summary --account 12345678 --by vendor,hour
  callbook summary --account 12345678 --by campaign --from 2026-11-01 \\
    --to 2026-11-30 --csv")]
    Summary(SummaryArgs),
    /// Make the sums that summaries read again, from the calls and costs
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook rollup rebuild --account 12345678 --from 2026-11-01 --to 2026-11-30")]
    Rollup(RollupCommand),
    /// Prove that every cost adds up, from all calls and entries
    ///
    /// Decides everything again by rules of its own, entry by entry: which state each entry has, which call it
    /// is on, what calls and leads cost, and whether acknowledged = in force + superseded + void, and in force
    /// = matched + unmatched. Then compares the sums that summaries read with the calls and costs.
    ///
    /// It only reads, and the ledger may be written to meanwhile: what seems wrong is read again before it is
    /// told. It reads the whole table once and every call, cost and lead of the account up to twice, so it needs
    /// the permissions dynamodb:Scan, dynamodb:Query and dynamodb:BatchGetItem.
    ///
    /// Memory holds the keys of the account's calls, costs and callers, some 0.5 KB for a call with a cost, and
    /// one at a time the calls of each caller, or the withheld calls of each number, and the sums of three days.
    ///
    /// Exits with code 1 if something does not add up.
    #[command(after_help = "\
Examples:
  callbook audit --account 12345678
  callbook audit --account 12345678 --json | jq '.accounts[].findings'")]
    Audit(AuditArgs),
    /// List, show and void costs, match them to calls, and make adjustments
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook cost list --account 12345678 --from 2026-11-01 --to 2026-11-30
  callbook cost void 1882469071585280986 --account 12345678 \\
    --reason 'Agreed with the vendor'")]
    Cost(CostCommand),
    /// Compare vendors' statements with the ledger
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook invoice check november.csv --account 12345678 --vendor acme")]
    Invoice(InvoiceCommand),
    /// Manage the numbers that can be bought, and the countries they are in
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook inventory country add US
  callbook inventory load numbers.csv
  callbook inventory list --country US")]
    Inventory(InventoryCommand),
    /// Manage the call processes that rapid responses are queued for
    #[command(subcommand, name = "callprocess")]
    #[command(after_help = "\
Examples:
  callbook callprocess add Sales --account 12345678 --default
  callbook callprocess list --account 12345678")]
    CallProcess(CallProcessCommand),
    /// List, take and finish the callees of rapid responses, or run a command for each
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook queue list --account 12345678
  callbook queue run --account 12345678 -- ./dial.sh")]
    Queue(QueueCommand),
    /// List what happened in an account, or follow it; or publish what the stream gave up
    Events(EventsArgs),
    /// List the requests of an account's credentials that were refused, and why, or follow them
    Requests(RequestsArgs),
    /// Tell other systems of an account's events: endpoints, their deliveries, tests
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook webhook create https://example.com/hooks --account 12345678 \\
    --event cost.unmatched
  callbook webhook deliveries we_0123456789abcdef --account 12345678")]
    Webhook(WebhookCommand),
    /// Import records from before this ledger
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook import calls calls.csv --account 12345678")]
    Import(ImportCommand),
    /// Export records to a file
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook export calls --account 12345678 --from 2026-11-01 --to 2026-11-30 \\
    -o november.csv
  callbook export costs --account 12345678 --from 2026-11-01 --to 2026-11-30 \\
    -o costs.csv")]
    Export(ExportCommand),
    /// Restore what `callbook export all` wrote into an empty table
    ///
    /// Every file is checked against the manifest before anything is written. Ids and times of expiry stay as they are,
    /// no event tells of restored items, and summaries count them once. An interrupted restore goes on where it
    /// stopped.
    #[command(after_help = "\
Examples:
  callbook restore backup-2026-11-21 --dry-run
  callbook restore backup-2026-11-21 --table callbook-new")]
    Restore(RestoreArgs),
    /// Convert the calls and costs that an earlier version wrote
    ///
    /// It may run while requests come in, be stopped at any moment, and be run again. It reads the whole
    /// table. Exit code 1 stands for items that could not be converted, which it names.
    #[command(after_help = "\
Examples:
  callbook migrate
  callbook migrate --account 12345678 --json")]
    Migrate(MigrateArgs),
    /// Erase a person's number from an account: calls, costs and sums stay, under a pseudonym
    ///
    /// Finds every item of the account with the number, whatever its notation: calls, pairs, costs, adjustments, refused
    /// bills, leads, feedback and the name that it gave, queue entries, recent starts, idempotency records and texts such as
    /// notes. Writes a random number of the country code 999 in its place, which leads back to nobody, and a receipt
    /// without the number. The audit finds everything as it was.
    ///
    /// It reads the whole table, may run while requests come in, be stopped at any moment, and be run again; it needs the
    /// permissions of the functions and dynamodb:Scan. Exit code 1 stands for a number that is not erased.
    #[command(after_help = "\
Examples:
  callbook erase '+1 206 555 0100' --account 12345678 --dry-run
  callbook erase '+1 206 555 0100' --account 12345678 --json > receipt.json
  callbook erase --receipts --account 12345678")]
    Erase(Box<EraseArgs>),
    /// Keep calls and costs for a number of days: show, set, and apply it to those that are there
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook retention set 12345678 --calls 90 --costs 2555
  callbook retention apply 12345678 --dry-run")]
    Retention(RetentionCommand),
    /// Say what so many calls a second need, what breaks first, and what they cost
    ///
    /// From prices and measurements that this version was released with; nothing is read.
    #[command(after_help = "\
Examples:
  callbook plan --calls-per-second 100
  callbook plan --calls-per-second 100 --webhooks 2
  callbook plan --requests")]
    Plan(PlanArgs),
    /// Look up a request of the last 14 days by the X-Request-Guid of its response
    #[command(after_help = "\
Examples:
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3 --stack callbook | sh
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3 --stack callbook \\
    --at 2026-11-21T14:05:00Z --profile prod --region us-east-1 | sh")]
    Request(RequestArgs),
    /// Print shell completions
    #[command(after_help = "\
Examples:
  callbook completions bash \\
    > ~/.local/share/bash-completion/completions/callbook
  callbook completions zsh > ~/.zfunc/_callbook
  callbook completions fish > ~/.config/fish/completions/callbook.fish")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// `callbook database`
#[derive(Debug, Args)]
pub struct DatabaseArgs {
    /// The port to serve on, at 127.0.0.1; 0 picks a free one
    #[arg(long, value_name = "N", default_value_t = 8000)]
    pub port: u16,
    #[command(flatten)]
    pub storage: StorageArgs,
    /// The table to create
    #[arg(long, value_name = "NAME", env = "TABLE_NAME", default_value = callbook_local::engine::TABLE)]
    pub table: String,
}

/// `callbook request`
#[derive(Debug, Args)]
pub struct RequestArgs {
    /// The X-Request-Guid of the response
    #[arg(value_name = "GUID", value_parser = Guid::parse)]
    pub guid: Guid,
    /// The data folder of the `callbook local` that answered [default: the platform's data folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The deployed stack that answered; prints the command that finds the request there
    #[arg(long, value_name = "NAME", conflicts_with = "data", value_parser = stack)]
    pub stack: Option<String>,
    #[command(flatten)]
    pub deployment: DeploymentArgs,
    /// Write JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Where and when the printed command searches.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "With --stack")]
pub struct DeploymentArgs {
    /// About when it was answered, such as 2026-11-21T14:05:00Z: the search covers the hour before and the
    /// hour after, which is fast and cheap [default: all 14 days]
    #[arg(long, value_name = "TIME", requires = "stack")]
    pub at: Option<Timestamp>,
    /// The profile of the AWS command line [default: that of the environment]
    #[arg(long, value_name = "NAME", requires = "stack", value_parser = quotable)]
    pub profile: Option<String>,
    /// The AWS region of the stack [default: that of the environment]
    #[arg(long, value_name = "NAME", requires = "stack", value_parser = quotable)]
    pub region: Option<String>,
}

/// Parses a name that becomes part of a shell command in single quotes.
fn quotable(text: &str) -> Result<String, &'static str> {
    let quotable = |c: char| !c.is_control() && c != '\'';
    if !text.is_empty() && text.chars().all(quotable) {
        Ok(text.to_owned())
    } else {
        Err("expected a name without quotes and control characters")
    }
}

/// Parses the name of a stack by the rules of AWS.
///
/// The name becomes part of a shell command, so nothing else may pass.
fn stack(text: &str) -> Result<String, &'static str> {
    let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if letters && (1..=128).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("expected a stack name: 1 to 128 letters, digits and hyphens")
    }
}

#[cfg(test)]
mod tests;
