//! What `callbook credential` takes.

use callbook::model::account::AccountId;
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::id::CredentialId;
use callbook::model::rules::{EndpointRule, IpRule};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Subcommand};

use super::StoreArgs;

/// `callbook credential ...`
#[derive(Debug, Subcommand)]
pub enum CredentialCommand {
    /// Make a credential and show its secret, this once
    #[command(after_help = "\
Examples:
  callbook credential create trestle --account 12345678 --label 'Acme CRM' --per-second 10
  callbook credential create tld --account 12345678 --ip 203.0.113.0/24 \\
      --endpoint '/api/ingress/calls/inbound/billable*' --expires 2027-01-01
  callbook credential create truecnam --account 12345678 --per-day 0 --json
  callbook credential create user --username pat@example.com --account 12345678 --account 23456789
  callbook credential create integrator --account 12345678 --account 23456789
  callbook credential create fonedynamics --account 12345678 --read-only")]
    Create(Box<CredentialArgs>),
    /// List an account's credentials
    #[command(after_help = "\
Examples:
  callbook credential list --account 12345678
  callbook credential list --account 12345678 --json")]
    List {
        /// Whose
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Show a credential with its rules, without its secret
    #[command(after_help = "\
Examples:
  callbook credential show cred_0123456789abcdef --account 12345678")]
    Show(OneCredential),
    /// Switch a credential off; its client is told so, within 30 seconds
    #[command(after_help = "\
Examples:
  callbook credential disable cred_0123456789abcdef --account 12345678")]
    Disable(OneCredential),
    /// Switch a credential on again
    #[command(after_help = "\
Examples:
  callbook credential enable cred_0123456789abcdef --account 12345678")]
    Enable(OneCredential),
    /// End a credential for good; its client is answered as if it had never been
    #[command(after_help = "\
Examples:
  callbook credential revoke cred_0123456789abcdef --account 12345678")]
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
    /// Whose it will be; repeatable for a user, whose default is the first, and for an integrator
    #[arg(long = "account", value_name = "ID", value_parser = AccountId::parse, action = ArgAction::Append, required = true)]
    pub accounts: Vec<AccountId>,
    /// What a user or an integrator signs in as [default: 16 random hexadecimal digits]
    #[arg(long, value_name = "NAME", value_parser = username)]
    pub username: Option<String>,
    /// What people call it
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub label: String,
    /// From when on it no longer works; a date without an offset is in the account's zone
    #[arg(long, value_name = "DATE")]
    pub expires: Option<String>,
    /// What it may be used for, repeatable [default: all products of its kind]
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
    /// Give a truecnam credential carrier service, the right to end calls, though its account has none
    #[arg(long)]
    pub carrier: bool,
    /// Let a fonedynamics token read, and no more: it is refused every write
    #[arg(long)]
    pub read_only: bool,
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

fn kind() -> impl TypedValueParser<Value = CredentialKind> {
    words(
        CredentialKind::ALL.map(CredentialKind::as_str).to_vec(),
        |text| {
            CredentialKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == text)
        },
    )
}

fn product() -> impl TypedValueParser<Value = Product> {
    words(Product::ALL.map(Product::as_str).to_vec(), |text| {
        Product::ALL
            .into_iter()
            .find(|product| product.as_str() == text)
    })
}

/// What a client can send as the first half of `name:password`, and a key of the table can hold.
fn username(text: &str) -> Result<String, &'static str> {
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    if plain && (1..=128).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 128 letters, digits and signs, without a space or a colon")
    }
}

fn words<T: Clone + Send + Sync + 'static>(
    words: Vec<&'static str>,
    find: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words).try_map(move |text| find(&text).ok_or("unknown"))
}
