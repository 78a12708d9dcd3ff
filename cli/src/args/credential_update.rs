//! The arguments of the commands that name a credential: `callbook credential update`, `rotate` and others.
//!
//! The values of `update` are read by the command, which reports every one that is wrong.

use std::path::PathBuf;
use std::time::Duration;

use callbook::model::account::AccountId;
use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args};

use super::store::StoreArgs;

/// A credential and its account.
#[derive(Debug, Args)]
pub struct CredentialRef {
    /// The credential ID, or a label that no other credential of the account has, from `callbook credential list`
    #[arg(value_name = "CREDENTIAL")]
    pub name: String,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook credential update`
#[derive(Debug, Args)]
pub struct CredentialUpdateArgs {
    #[command(flatten)]
    pub credential: CredentialRef,
    #[command(flatten)]
    pub values: CredentialValues,
    #[command(flatten)]
    pub limits: LimitValues,
}

/// What is to be changed. An option that is not given leaves its value as it is.
#[derive(Debug, Default, Args)]
pub struct CredentialValues {
    /// A label to tell it apart in lists; '' for none
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// When it stops working; a date without an offset is in the account's time zone
    #[arg(long, value_name = "DATE")]
    pub expires: Option<String>,
    /// Let it work without end
    #[arg(long, conflicts_with = "expires")]
    pub no_expiry: bool,
    /// An IP address or range that it may be used from, repeatable; together they replace those it had
    #[arg(long = "ip", value_name = "CIDR", action = ArgAction::Append)]
    pub ips: Vec<String>,
    /// Let it be used from any address
    #[arg(long, conflicts_with = "ips")]
    pub any_ip: bool,
    /// A path that it may be used for, repeatable; `*` matches any characters; together they replace those it had
    #[arg(long = "endpoint", value_name = "RULE", action = ArgAction::Append)]
    pub endpoints: Vec<String>,
    /// Let it be used for every path
    #[arg(long, conflicts_with = "endpoints")]
    pub any_endpoint: bool,
    /// A product that it may be used for, repeatable; together they replace those it had
    #[arg(long = "product", value_name = "PRODUCT", action = ArgAction::Append)]
    pub products: Vec<String>,
    /// What a user may do: admin, or viewer, who only reads
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// The vendor that a tld credential belongs to
    #[arg(long, value_name = "VENDOR")]
    pub vendor: Option<String>,
    /// Let a tld credential belong to no vendor
    #[arg(long, conflicts_with = "vendor")]
    pub no_vendor: bool,
    /// A DID that a tld credential may bill, repeatable; together they replace those it had
    #[arg(long = "did", value_name = "NUMBER", action = ArgAction::Append)]
    pub dids: Vec<String>,
    /// Let a tld credential bill every DID
    #[arg(long, conflicts_with = "dids")]
    pub any_did: bool,
    /// Let a truecnam credential end calls (carrier service), even if its account may not
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub carrier: Option<bool>,
    /// Refuse every write, for fonedynamics, truecnam and integrator credentials
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    pub read_only: Option<bool>,
    /// Count its silence, which an alarm watches, after so many minutes without a request, 5 to 43200; 0 to stop
    /// watching it
    #[arg(long, value_name = "MINUTES")]
    pub silent_after: Option<String>,
}

/// The limits that are to be changed. 0 removes a limit.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Limits (0 for no limit)")]
pub struct LimitValues {
    /// Requests per second
    #[arg(long, value_name = "N")]
    pub per_second: Option<String>,
    /// Requests per minute
    #[arg(long, value_name = "N")]
    pub per_minute: Option<String>,
    /// Requests per UTC day
    #[arg(long, value_name = "N")]
    pub per_day: Option<String>,
    /// Requests per UTC month
    #[arg(long, value_name = "N")]
    pub per_month: Option<String>,
    /// Call starts and ends per minute of a truecnam credential, which count against no other limit
    #[arg(long, value_name = "N")]
    pub starts_per_minute: Option<String>,
}

/// `callbook credential rotate`
#[derive(Debug, Args)]
pub struct RotateArgs {
    #[command(flatten)]
    pub credential: CredentialRef,
    /// For how long the secret of now stays good beside the new one, such as 7d or 12h, at most 90d; 0 refuses it
    /// at once and ends the sessions of a user or an integrator
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = overlap)]
    pub overlap: Duration,
    /// Take the new secret from the only line of FILE, or from the standard input for `-`
    /// [default: 256 random bits]
    #[arg(long, value_name = "FILE")]
    pub secret_from: Option<PathBuf>,
}

/// The longest overlap: who needs longer needs another credential.
const LONGEST_OVERLAP: u64 = 90 * 86_400;

/// Reads a number of days, hours or minutes, or 0.
fn overlap(text: &str) -> Result<Duration, &'static str> {
    let (digits, unit) = match text.strip_suffix(['d', 'h', 'm']) {
        Some(digits) if text.ends_with('d') => (digits, 86_400),
        Some(digits) if text.ends_with('h') => (digits, 3_600),
        Some(digits) => (digits, 60),
        None if text == "0" => (text, 1),
        None => ("", 1),
    };
    let number: Option<u64> = digits.parse().ok();
    let seconds = number.and_then(|number| number.checked_mul(unit));
    seconds
        .filter(|seconds| *seconds <= LONGEST_OVERLAP)
        .map(Duration::from_secs)
        .ok_or("expected days, hours or minutes such as 7d, 12h or 30m, at most 90d, or 0")
}
