//! What the command line takes.

use std::path::PathBuf;

use callbook::model::account::AccountId;
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::id::{CredentialId, Guid};
use callbook::model::phone::PhoneNumber;
use callbook::model::rules::{EndpointRule, IpRule};
use callbook::model::text::{ResponseFormat, ResponseType};
use callbook::model::time::Zone;
use clap::builder::{
    BoolishValueParser, NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser,
};
use clap::{ArgAction, Args, Parser, Subcommand};
use clap_complete::Shell;

/// A self-hosted call ledger that speaks its vendors' own dialects.
#[derive(Debug, Parser)]
#[command(name = "callbook", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Exit codes: 0 done; 1 not done, the standard error says why; 2 wrong usage; 3 look elsewhere: \
`request` printed the command that finds it.

Examples:
  callbook local                                   the whole ledger on http://127.0.0.1:8080
  callbook account create 'Acme Dialing' --timezone America/New_York
  callbook credential create tld --account 12345678
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve every endpoint on one port, with a ledger, a demo account and ready-to-paste requests
    #[command(after_help = "\
The ledger, the demo credentials and the log of requests are kept in the data folder across restarts.

Examples:
  callbook local
  callbook local --port 9000 --memory
  callbook local --data ./ledger --credentials ./credentials.json")]
    Local(LocalArgs),
    /// Serve the ledger's store alone: a DynamoDB for `cargo lambda watch` and for the other commands
    #[command(after_help = "\
Examples:
  callbook database
  callbook database --port 8001 --memory")]
    Database(DatabaseArgs),
    /// Make accounts, look at them, change their settings
    #[command(subcommand)]
    Account(AccountCommand),
    /// Make credentials, list them, switch them off and on, revoke them
    #[command(subcommand)]
    Credential(CredentialCommand),
    /// Register phone numbers to an account
    #[command(subcommand)]
    Number(NumberCommand),
    /// Look up what became of a request, for 14 days, by the X-Request-Guid of its answer
    #[command(after_help = "\
Examples:
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3 --stack callbook | sh")]
    Request(RequestArgs),
    /// Print the completions of a shell
    #[command(after_help = "\
Examples:
  callbook completions bash > ~/.local/share/bash-completion/completions/callbook
  callbook completions zsh > ~/.zfunc/_callbook
  callbook completions fish > ~/.config/fish/completions/callbook.fish")]
    Completions {
        /// Whose completions
        shell: Shell,
    },
}

/// `callbook local`
#[derive(Debug, Args)]
pub struct LocalArgs {
    /// The port of 127.0.0.1 to serve on; 0 is a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub port: u16,
    #[command(flatten)]
    pub storage: StorageArgs,
    /// Write the address and the demo credentials to FILE, readable by you alone, once it serves
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
}

/// `callbook database`
#[derive(Debug, Args)]
pub struct DatabaseArgs {
    /// The port of 127.0.0.1 to serve on; 0 is a free one
    #[arg(long, value_name = "N", default_value_t = 8000)]
    pub port: u16,
    #[command(flatten)]
    pub storage: StorageArgs,
    /// The table to make in it
    #[arg(long, value_name = "NAME", env = "TABLE_NAME", default_value = crate::engine::TABLE)]
    pub table: String,
}

/// Where an embedded engine keeps its data.
#[derive(Debug, Args)]
pub struct StorageArgs {
    /// The folder to keep the data in [default: the platform's data folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Keep nothing
    #[arg(long, conflicts_with = "data")]
    pub memory: bool,
}

/// Which ledger.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which ledger")]
pub struct StoreArgs {
    /// Its table: the output TableName of a deployment, or `callbook`
    #[arg(long, value_name = "NAME", env = "TABLE_NAME")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub table: String,
    /// A DynamoDB elsewhere than in the region
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_DYNAMODB")]
    pub endpoint_url: Option<String>,
    /// The profile of the shared AWS configuration [default: AWS_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The AWS region
    #[arg(long, value_name = "NAME", env = "AWS_REGION")]
    pub region: Option<String>,
    /// Write JSON instead of a table
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

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
    Show {
        /// The account's number
        #[arg(value_parser = AccountId::parse)]
        id: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List every account
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
#[derive(Debug, Args)]
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
    #[command(flatten)]
    pub switches: SwitchArgs,
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
}

/// The settings that are on or off; a switch without a value is on.
#[derive(Debug, Args)]
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
    /// `TLDialer` [new: on]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub tldialer: Option<bool>,
    /// The advanced call log [new: on]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub advanced_call_log: Option<bool>,
}

/// `callbook credential ...`
#[derive(Debug, Subcommand)]
pub enum CredentialCommand {
    /// Make a credential and show its secret, this once
    #[command(after_help = "\
Examples:
  callbook credential create trestle --account 12345678 --label 'Acme CRM' --per-second 10
  callbook credential create tld --account 12345678 --ip 203.0.113.0/24 \\
      --endpoint '/api/ingress/calls/inbound/billable*' --expires 2027-01-01
  callbook credential create truecnam --account 12345678 --per-day 0 --json")]
    Create(Box<CredentialArgs>),
    /// List an account's credentials
    List {
        /// Whose
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Switch a credential off; its client is told so, within 30 seconds
    Disable(OneCredential),
    /// Switch a credential on again
    Enable(OneCredential),
    /// End a credential for good; its client is answered as if it had never been
    Revoke(OneCredential),
}

/// One credential of an account.
#[derive(Debug, Args)]
pub struct OneCredential {
    /// The credential, as `credential list` calls it
    #[arg(value_name = "CREDENTIAL", value_parser = CredentialId::parse)]
    pub id: CredentialId,
    /// Whose
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook credential create`
#[derive(Debug, Args)]
pub struct CredentialArgs {
    /// Whose client will show it
    #[arg(value_parser = kind())]
    pub kind: CredentialKind,
    /// Whose it will be
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// What people call it
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub label: String,
    /// From when on it no longer works; a date without an offset is in the account's zone
    #[arg(long, value_name = "DATE")]
    pub expires: Option<String>,
    /// What it may be used for, repeatable [default: the product of its kind]
    #[arg(long = "product", value_name = "PRODUCT", value_parser = product(), action = ArgAction::Append)]
    pub products: Vec<Product>,
    /// A path it may be used for, repeatable; `*` is any run of characters [default: every path]
    #[arg(long = "endpoint", value_name = "RULE", value_parser = EndpointRule::parse, action = ArgAction::Append)]
    pub endpoints: Vec<EndpointRule>,
    /// An address or range it may be used from, repeatable [default: everywhere]
    #[arg(long = "ip", value_name = "CIDR", value_parser = IpRule::parse, action = ArgAction::Append)]
    pub ips: Vec<IpRule>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// How fast a credential may be used; 0 is without a limit.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits, 0 for none")]
pub struct LimitArgs {
    /// Requests a second
    #[arg(long, value_name = "N")]
    pub per_second: Option<u32>,
    /// Requests a minute [truecnam: 600]
    #[arg(long, value_name = "N")]
    pub per_minute: Option<u32>,
    /// Requests a UTC day [truecnam: 100000]
    #[arg(long, value_name = "N")]
    pub per_day: Option<u32>,
    /// Requests a UTC month
    #[arg(long, value_name = "N")]
    pub per_month: Option<u32>,
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
    List {
        /// Whose
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Give numbers back
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

/// `callbook request`
#[derive(Debug, Args)]
pub struct RequestArgs {
    /// The X-Request-Guid of the answer
    #[arg(value_name = "GUID", value_parser = Guid::parse)]
    pub guid: Guid,
    /// The data folder of the `callbook local` that answered [default: the platform's data folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The deployed stack that answered, instead: prints the command that finds the request there
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    pub stack: Option<String>,
    /// Write JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

fn zone(text: &str) -> Result<Zone, callbook::model::time::UnknownZone> {
    Zone::parse(text)
}

fn vendor(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if (1..=64).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 64 characters")
    }
}

fn kind() -> impl TypedValueParser<Value = CredentialKind> {
    words(CredentialKind::ALL.map(CredentialKind::as_str).to_vec(), |text| {
        CredentialKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    })
}

fn product() -> impl TypedValueParser<Value = Product> {
    words(Product::ALL.map(Product::as_str).to_vec(), |text| {
        Product::ALL.into_iter().find(|product| product.as_str() == text)
    })
}

fn words<T: Clone + Send + Sync + 'static>(
    words: Vec<&'static str>,
    find: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words).try_map(move |text| find(&text).ok_or("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn switches_take_a_value_or_none() {
        for (args, expected) in [
            (&["--carrier"][..], Some(true)),
            (&["--carrier=false"], Some(false)),
            (&["--carrier", "no"], Some(false)),
            (&[], None),
        ] {
            let line = ["callbook", "account", "update", "12345678", "--table", "t"];
            let cli = Cli::try_parse_from(line.iter().chain(args)).unwrap();
            let Command::Account(AccountCommand::Update { settings, .. }) = cli.command else {
                panic!("not the command");
            };
            assert_eq!(settings.switches.carrier, expected, "{args:?}");
        }
    }

    #[test]
    fn wrong_usage_is_refused_with_a_reason() {
        for line in [
            &["credential", "create", "fax", "--account", "1", "--table", "t"][..],
            &["credential", "create", "tld", "--account", "x", "--table", "t"],
            &["credential", "create", "tld", "--account", "1", "--ip", "300.1.1.1", "--table", "t"],
            &["number", "add", "12", "--account", "1", "--table", "t"],
            &["account", "update", "1", "--shards", "0", "--table", "t"],
            &["account", "update", "1", "--timezone", "Mars/Base", "--table", "t"],
            &["request", "not-a-guid"],
            &["local", "--memory", "--data", "d"],
        ] {
            let error = Cli::try_parse_from(["callbook"].iter().chain(line)).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line:?}");
        }
    }
}
