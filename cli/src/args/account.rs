//! The arguments of `callbook account` and `callbook number`.

use callbook::model::account::{AccountId, DateOrder, Rebill};
use callbook::model::adjustment::Reason;
use callbook::model::currency::Currency;
use callbook::model::short_text::ShortText;
use callbook::model::sid::AccountSid;
use callbook::model::text::{InvalidText, ResponseFormat, ResponseType};
use callbook::model::time::{UnknownZone, Zone};
use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook account ...`
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Create an account
    #[command(after_help = "\
Examples:
  callbook account create 'Acme Dialing' --timezone America/New_York
  callbook account create 'Acme Carrier' --carrier --trueclid --json
  callbook account create 'Acme Reports' --id 12345
  callbook account create 'Acme Anrufe' --timezone Europe/Berlin \\
    --currency EUR --date-order dmy")]
    Create {
        /// The account's display name
        name: String,
        /// The account ID that its clients already have [default: 8 random digits]
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        id: Option<AccountId>,
        /// The account sid that its Fone Dynamics clients already have, 32 upper case letters
        /// [default: random]
        #[arg(long, value_name = "SID", value_parser = AccountSid::parse)]
        sid: Option<AccountSid>,
        /// Currency of costs and prices, an ISO 4217 code; it cannot be changed later
        #[arg(long, value_name = "CODE", default_value = "USD", value_parser = Currency::parse)]
        currency: Currency,
        #[command(flatten)]
        settings: SettingsArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Show an account and its settings
    #[command(after_help = "\
Examples:
  callbook account show 12345678
  callbook account show 12345678 --json")]
    Show {
        /// The account ID
        #[arg(value_parser = AccountId::parse)]
        id: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List all accounts
    #[command(after_help = "\
Examples:
  callbook account list
  callbook account list --profile prod --table callbook-Table-1A2B3C")]
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Change an account's settings; functions see the change within 30 seconds
    #[command(after_help = "\
Examples:
  callbook account update 12345678 --registered-dids-only
  callbook account update 12345678 --trueclid=false --shards 4")]
    Update {
        /// The account ID
        #[arg(value_parser = AccountId::parse)]
        id: AccountId,
        /// The account's display name
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        settings: SettingsArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Close an account: within 30 seconds its requests are answered as with revoked credentials
    ///
    /// Nothing is deleted without --delete: calls, costs, adjustments, leads, settings and credentials stay, lists and the audit go on,
    /// and the account can be opened again. Users and integrators of several accounts go on for the others.
    /// Run it again after an interruption.
    #[command(after_help = "\
Examples:
  callbook account close 12345678
  callbook account close 12345678 --release-numbers --json
  callbook account close 12345678 --delete --grace-days 30
  callbook account close 12345678 --delete --dry-run")]
    Close(Box<CloseArgs>),
    /// Open a closed account again, with the credentials that were not revoked
    #[command(after_help = "\
Examples:
  callbook account reopen 12345678")]
    Reopen {
        /// The account ID
        #[arg(value_parser = AccountId::parse)]
        id: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `callbook account close`
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// The account ID
    #[arg(value_parser = AccountId::parse)]
    pub id: AccountId,
    /// Release the account's numbers: those that were purchased go back into the inventory
    #[arg(long)]
    pub release_numbers: bool,
    /// Delete everything of the account after a time of grace; run the same command again when it is over. Until
    /// then `callbook account reopen` takes it back
    #[arg(long)]
    pub delete: bool,
    /// How many days after its closing the account can be opened again before it is deleted; said once
    #[arg(long, value_name = "DAYS", default_value_t = 30, requires = "delete",
        value_parser = clap::value_parser!(u16).range(8..=3_650))]
    pub grace_days: u16,
    /// Count what would be deleted, and change nothing
    #[arg(long, requires = "delete", conflicts_with = "release_numbers")]
    pub dry_run: bool,
    /// Who does it, for the receipt
    #[arg(long, value_name = "NAME", default_value = "operator", value_parser = who)]
    pub who: Reason,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// An account's settings. A setting that is not given keeps its value, or its default in a new account.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Settings")]
pub struct SettingsArgs {
    /// Time zone of dates without an offset, an IANA name [new account: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub timezone: Option<Zone>,
    /// TrueCNAM `resp_type` of queries that do not set it: simple, basic or extended [new account: basic]
    #[arg(long, value_name = "TYPE", value_parser = ResponseType::parse)]
    pub resp_type: Option<ResponseType>,
    /// TrueCNAM `resp_format` of queries that do not set it: csv, json or xml [new account: json]
    #[arg(long, value_name = "FORMAT", value_parser = ResponseFormat::parse)]
    pub resp_format: Option<ResponseFormat>,
    /// How many days after its start a call can be billed [new account: 30]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub billing_window_days: Option<u32>,
    /// How many minutes an identical bill without an idempotency key counts as a repeat; 0 turns the check
    /// off [new account: 10]
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=10_080))]
    pub repeat_window_minutes: Option<u32>,
    /// How many hours a call stays live if its end is not reported [new account: 4]
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=168))]
    pub live_call_hours: Option<u32>,
    /// How many seconds two reports of one pair may differ in their start and still be one call; 0 makes
    /// every report a call [new account: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=600))]
    pub same_call_seconds: Option<u32>,
    /// What a vendor's later bill for the same call does: replace its earlier one, or add
    /// [new account: replace]
    #[arg(long, value_name = "RULE", value_parser = Rebill::parse)]
    pub rebill: Option<Rebill>,
    /// Order of month and day in dates such as 01/02/2026: mdy or dmy [new account: mdy]
    #[arg(long, value_name = "ORDER", value_parser = DateOrder::parse)]
    pub date_order: Option<DateOrder>,
    /// Number of partitions for a day's calls, 1 for every 1,000 writes a second; it can only grow
    /// [new account: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub shards: Option<u8>,
    /// Vendor ID of new leads [new account: 0]
    #[arg(long, value_name = "ID", value_parser = vendor)]
    pub vendor_id: Option<String>,
    #[command(flatten)]
    pub switches: SwitchArgs,
}

/// The settings that are on or off. A switch without a value means on.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Switches (on; off with --switch=false)")]
pub struct SwitchArgs {
    /// Let the account end calls with `orig_call_end` [new account: off]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub carrier: Option<bool>,
    /// Opt into TrueCLID: a number that started no call recently is likely spoofed [new account: off]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub trueclid: Option<bool>,
    /// Refuse bills whose DID is not registered to the account [new account: off]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub registered_dids_only: Option<bool>,
    /// Let the account use `TLDialer`; if off, bills are refused [new account: on]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub tldialer: Option<bool>,
    /// Let the account use the advanced call log; if off, bills are refused [new account: on]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub advanced_call_log: Option<bool>,
}

fn zone(text: &str) -> Result<Zone, UnknownZone> {
    Zone::parse(text)
}

fn vendor(text: &str) -> Result<String, InvalidText> {
    ShortText::<64>::parse(text).map(String::from)
}

fn who(text: &str) -> Result<Reason, String> {
    Reason::parse(text).map_err(|error| error.to_string())
}
