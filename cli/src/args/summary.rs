//! The arguments of `callbook summary` and `callbook rollup`.

use callbook::model::account::AccountId;
use callbook::model::phone::PhoneNumber;
use callbook::model::summary::grouping::GroupBy;
use callbook::model::time::CivilDay;
use callbook::model::vendor::VendorId;
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook summary`
#[derive(Debug, Args)]
pub struct SummaryArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// One or two of vendor, did, property, source, medium, campaign, content, disposition, hour, weekday,
    /// day, week, month
    #[arg(long, value_name = "GROUPINGS", value_delimiter = ',', num_args = 0..=2, value_parser = GroupBy::parse)]
    pub by: Vec<GroupBy>,
    /// The first day, in the account's zone; by default the first of the month of the last
    #[arg(long, value_name = "DATE", value_parser = CivilDay::parse)]
    pub from: Option<CivilDay>,
    /// The last day; by default today
    #[arg(long, value_name = "DATE", value_parser = CivilDay::parse)]
    pub to: Option<CivilDay>,
    /// Only this vendor's
    #[arg(long, value_name = "VENDOR", value_parser = VendorId::parse)]
    pub vendor: Option<VendorId>,
    /// Only this number's
    #[arg(long, value_name = "NUMBER", value_parser = PhoneNumber::parse)]
    pub did: Option<PhoneNumber>,
    /// Compare with the period of the same length right before
    #[arg(long, value_name = "PERIOD", value_parser = ["previous"])]
    pub compare: Option<String>,
    /// Print comma-separated values, with every measure
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook rollup ...`
#[derive(Debug, Subcommand)]
pub enum RollupCommand {
    /// Make the sums of days again, from their calls and costs
    ///
    /// Sums of a number that changes meanwhile are tried again a few times. Run it where the stream is
    /// followed: against a deployment, or beside `callbook local`.
    #[command(after_help = "\
Examples:
  callbook rollup rebuild --account 12345678 --from 2026-11-01 --to 2026-11-30")]
    #[command(
        override_usage = "callbook rollup rebuild [OPTIONS] --account <ID> \\\n       --from <DATE> --to <DATE>"
    )]
    Rebuild {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        /// The first day, in the account's zone
        #[arg(long, value_name = "DATE", value_parser = CivilDay::parse)]
        from: CivilDay,
        /// The last day
        #[arg(long, value_name = "DATE", value_parser = CivilDay::parse)]
        to: CivilDay,
        #[command(flatten)]
        store: StoreArgs,
    },
}
