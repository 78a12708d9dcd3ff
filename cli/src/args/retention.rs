//! The arguments of `callbook retention`.

use callbook::model::account::AccountId;
use callbook::model::adjustment::Reason;
use callbook::model::retention::Lifetime;
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook retention ...`
#[derive(Debug, Subcommand)]
pub enum RetentionCommand {
    /// Show for how many days an account keeps what, and from when on everything is there
    #[command(after_help = "\
Examples:
  callbook retention show 12345678
  callbook retention show 12345678 --json")]
    Show {
        /// The account ID
        #[arg(value_parser = AccountId::parse)]
        id: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Set for how many days an account keeps calls, costs, contacts, feedback and queue entries
    ///
    /// Functions see it within 30 seconds, and it holds for what is recorded from then on. `callbook retention apply` gives
    /// what is there already its end, or takes it away. Sums stay when their calls and costs end.
    #[command(after_help = "\
Examples:
  callbook retention set 12345678 --calls 90 --costs 2555
  callbook retention set 12345678 --contacts 2555 --feedback 180 --queue 32
  callbook retention set 12345678 --calls forever --costs forever")]
    Set(RetentionSetArgs),
    /// Apply the setting to what is there already
    ///
    /// Each row gets the end that it would get if it were recorded on its day now. What has ended by then is gone at once,
    /// and DynamoDB deletes it within a few days at no cost. What is deleted does not come back when the time is made longer.
    ///
    /// It reads the whole table some times, may run while requests come in, be stopped at any moment, and be run again; it
    /// needs the permissions of the functions and dynamodb:Scan. After a change it waits until functions know the setting, up
    /// to 35 seconds.
    #[command(after_help = "\
Examples:
  callbook retention apply 12345678 --dry-run
  callbook retention apply 12345678 --json > receipt.json")]
    Apply(RetentionApplyArgs),
}

/// `callbook retention set`
#[derive(Debug, Args)]
#[command(override_usage = "callbook retention set [OPTIONS] <ID>")]
#[group(id = "kept", required = true, multiple = true, args = ["calls", "costs", "contacts", "feedback", "queue"])]
pub struct RetentionSetArgs {
    /// The account ID
    #[arg(value_parser = AccountId::parse)]
    pub id: AccountId,
    /// How long calls are kept with their reports after the last of these: a number of days, or forever
    #[arg(long, value_name = "DAYS", value_parser = Lifetime::parse)]
    pub calls: Option<Lifetime>,
    /// How long costs are kept after their receipt, with their history, adjustments and refused bills: a number of days,
    /// not less than for calls, or forever
    #[arg(long, value_name = "DAYS", value_parser = Lifetime::parse)]
    pub costs: Option<Lifetime>,
    /// How long leads and first contacts are kept after the last call, bill or queue entry of their number: a number of days,
    /// not less than for these, or forever
    #[arg(long, value_name = "DAYS", value_parser = Lifetime::parse)]
    pub contacts: Option<Lifetime>,
    /// How long feedback is kept after its receipt, and what it says of a number in sum after the last of it: a number of
    /// days, at least 92, or forever
    #[arg(long, value_name = "DAYS", value_parser = Lifetime::parse)]
    pub feedback: Option<Lifetime>,
    /// How long entries of the dialer's queue are kept after they were queued: a number of days, at least 32, or forever
    #[arg(long, value_name = "DAYS", value_parser = Lifetime::parse)]
    pub queue: Option<Lifetime>,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook retention apply`
#[derive(Debug, Args)]
pub struct RetentionApplyArgs {
    /// The account ID
    #[arg(value_parser = AccountId::parse)]
    pub id: AccountId,
    /// Count what would change, by type, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Who does it, for the receipt
    #[arg(long, value_name = "NAME", default_value = "operator", value_parser = who)]
    pub who: Reason,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn who(text: &str) -> Result<Reason, String> {
    Reason::parse(text).map_err(|error| error.to_string())
}
