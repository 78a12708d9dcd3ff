//! The arguments of `callbook vendor`.

use callbook::model::account::AccountId;
use callbook::model::cost::Cost;
use callbook::model::time::CivilDay;
use callbook::model::vendor::{Terms, VendorId, VendorStatus};
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook vendor ...`
#[derive(Debug, Subcommand)]
pub enum VendorCommand {
    /// Add a vendor to an account
    #[command(after_help = "\
Examples:
  callbook vendor add acme --account 12345678 --name 'Acme Leads'")]
    Add {
        #[command(flatten)]
        vendor: VendorRef,
        /// The vendor's display name
        #[arg(long, value_name = "TEXT")]
        name: String,
    },
    /// List an account's vendors
    #[command(after_help = "\
Examples:
  callbook vendor list --account 12345678
  callbook vendor list --account 12345678 --json")]
    List {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Show a vendor and its terms
    #[command(after_help = "\
Examples:
  callbook vendor show acme --account 12345678")]
    Show(VendorRef),
    /// Change a vendor's name or status
    #[command(after_help = "\
Examples:
  callbook vendor update acme --account 12345678 --name 'Acme Leads Inc.'
  callbook vendor update acme --account 12345678 --status paused")]
    Update {
        #[command(flatten)]
        vendor: VendorRef,
        /// The vendor's display name
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// The status, for people: active or paused; the bills of a paused vendor are still recorded
        #[arg(long, value_name = "STATUS", value_parser = VendorStatus::parse)]
        status: Option<VendorStatus>,
    },
    /// Set a vendor's terms from a day on, in place of others from the same day
    ///
    /// Terms never refuse a bill: they say what each cost was expected to be.
    #[command(after_help = "\
Examples:
  callbook vendor terms acme --account 12345678 --from 2026-12-01 --price 25
  callbook vendor terms acme --account 12345678 --from 2026-12-01 --price 25 \\
      --minimum-seconds 90 --duplicate-days 30")]
    #[command(
        override_usage = "callbook vendor terms [OPTIONS] --account <ID> --from <DAY> \\\n       --price <AMOUNT> <VENDOR>"
    )]
    Terms {
        #[command(flatten)]
        vendor: VendorRef,
        /// The first day that they hold, in the account's time zone
        #[arg(long, value_name = "DAY", value_parser = CivilDay::parse)]
        from: CivilDay,
        /// Price of one call, in the account's currency
        #[arg(long, value_name = "AMOUNT", value_parser = Cost::parse)]
        price: Cost,
        /// How many seconds a call must last to be billable
        #[arg(long, value_name = "N", default_value_t = 0)]
        #[arg(value_parser = clap::value_parser!(u32).range(0..=i64::from(Terms::MOST_SECONDS)))]
        minimum_seconds: u32,
        /// For how many days another call of the same caller is not billable
        #[arg(long, value_name = "N", default_value_t = 0)]
        #[arg(value_parser = clap::value_parser!(u32).range(0..=i64::from(Terms::MOST_DAYS)))]
        duplicate_days: u32,
    },
    /// List the numbers that are or were a vendor's, with their periods
    #[command(after_help = "\
Examples:
  callbook vendor numbers acme --account 12345678")]
    Numbers(VendorRef),
}

/// A vendor and its account.
#[derive(Debug, Args)]
pub struct VendorRef {
    /// The vendor ID: 1 to 64 letters, digits, underscores, dots and hyphens
    #[arg(value_name = "VENDOR", value_parser = VendorId::parse)]
    pub id: VendorId,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}
