//! What `callbook account` and `callbook number` take.

use callbook::model::account::AccountId;
use callbook::model::phone::PhoneNumber;
use callbook::model::short_text::ShortText;
use callbook::model::text::{InvalidText, ResponseFormat, ResponseType};
use callbook::model::time::{UnknownZone, Zone};
use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};

use super::StoreArgs;

/// `callbook account ...`
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Make an account
    #[command(after_help = "\
Examples:
  callbook account create 'Acme Dialing' --timezone America/New_York
  callbook account create 'Acme Carrier' --carrier --trueclid --json")]
    Create {
        /// What people call it
        name: String,
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
        /// The account's number
        #[arg(value_parser = AccountId::parse)]
        id: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List every account
    #[command(after_help = "\
Examples:
  callbook account list
  callbook account list --profile prod --table callbook-Table-1A2B3C")]
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Change settings; functions see them within 30 seconds
    #[command(after_help = "\
Examples:
  callbook account update 12345678 --registered-dids-only
  callbook account update 12345678 --trueclid=false --shards 4")]
    Update {
        /// The account's number
        #[arg(value_parser = AccountId::parse)]
        id: AccountId,
        /// What people call it
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        settings: SettingsArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// Settings of an account; what is not given stays as it is, or as a new account has it.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Settings")]
pub struct SettingsArgs {
    /// The zone of dates without an offset (IANA name) [new: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub timezone: Option<Zone>,
    /// TrueCNAM `resp_type` where a query names none: simple, basic or extended [new: basic]
    #[arg(long, value_name = "TYPE", value_parser = ResponseType::parse)]
    pub resp_type: Option<ResponseType>,
    /// TrueCNAM `resp_format` where a query names none: csv, json or xml [new: json]
    #[arg(long, value_name = "FORMAT", value_parser = ResponseFormat::parse)]
    pub resp_format: Option<ResponseFormat>,
    /// How many days before its bill a call may have started [new: 30]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub billing_window_days: Option<u32>,
    /// For how long the same bill without an idempotency key is a repeat; 0 is never [new: 10]
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=10_080))]
    pub repeat_window_minutes: Option<u32>,
    /// For how long a started call without an end is live [new: 4]
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=168))]
    pub live_call_hours: Option<u32>,
    /// Into how many partitions a day of calls is spread, 1 for each 1,000 writes a second; it can only
    /// grow [new: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub shards: Option<u8>,
    /// The vendor that new leads are put down to [new: 0]
    #[arg(long, value_name = "ID", value_parser = vendor)]
    pub vendor_id: Option<String>,
    #[command(flatten)]
    pub switches: SwitchArgs,
}

/// The settings that are on or off; a switch without a value is on.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Switches, on or --switch=false")]
pub struct SwitchArgs {
    /// May end calls by `orig_call_end` [new: off]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub carrier: Option<bool>,
    /// Opt into TrueCLID: a number without a recent start is likely spoofed [new: off]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub trueclid: Option<bool>,
    /// Refuse a bill whose DID is not a number of the account [new: off]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub registered_dids_only: Option<bool>,
    /// May use `TLDialer`: bills are refused without it [new: on]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub tldialer: Option<bool>,
    /// May use the advanced call log: bills are refused without it [new: on]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub advanced_call_log: Option<bool>,
}

/// `callbook number ...`
#[derive(Debug, Subcommand)]
pub enum NumberCommand {
    /// Register numbers to an account; a number is one account's
    #[command(after_help = "\
Examples:
  callbook number add --account 12345678 +12065550100 '(310) 555-0111'")]
    Add(Numbers),
    /// List an account's numbers
    #[command(after_help = "\
Examples:
  callbook number list --account 12345678")]
    List {
        /// Whose
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Give numbers back
    #[command(after_help = "\
Examples:
  callbook number remove --account 12345678 +12065550100 '(310) 555-0111'")]
    Remove(Numbers),
}

/// Numbers of an account.
#[derive(Debug, Args)]
pub struct Numbers {
    /// The numbers, in any notation; without a country code they are North American
    #[arg(required = true, value_name = "NUMBER", value_parser = PhoneNumber::parse)]
    pub numbers: Vec<PhoneNumber>,
    /// Whose
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn zone(text: &str) -> Result<Zone, UnknownZone> {
    Zone::parse(text)
}

fn vendor(text: &str) -> Result<String, InvalidText> {
    ShortText::<64>::parse(text).map(String::from)
}
