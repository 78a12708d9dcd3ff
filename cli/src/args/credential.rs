//! The arguments of `callbook credential`.

use std::path::PathBuf;

use callbook::model::account::AccountId;
use callbook::model::credential::{CredentialKind, Product, Role};
use callbook::model::phone::PhoneNumber;
use callbook::model::rules::{EndpointRule, IpRule};
use callbook::model::vendor::VendorId;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Subcommand};

use super::credential_update::{CredentialRef, CredentialUpdateArgs, RotateArgs};
use super::store::StoreArgs;

/// `callbook credential ...`
#[derive(Debug, Subcommand)]
pub enum CredentialCommand {
    /// Create a credential, with a new secret that is shown once, or with one that its client already has
    #[command(after_help = "\
Examples:
  callbook credential create trestle --account 12345678 --label 'Acme CRM' \\
    --per-second 10
  callbook credential create tld --account 12345678 --ip 203.0.113.0/24 \\
      --endpoint '/api/ingress/calls/inbound/billable*' --expires 2027-01-01
  callbook credential create truecnam --account 12345678 --per-day 0 --json
  callbook credential create user --username pat@example.com \\
    --account 12345678 --account 23456789
  callbook credential create integrator --account 12345678 --account 23456789
  callbook credential create user --account 12345678 --role viewer
  callbook credential create tld --account 12345678 --vendor acme \\
    --did '(206) 555-0100'
  callbook credential create fonedynamics --account 12345678 --read-only
  callbook credential create truecnam --account 12345678 --read-only
  callbook credential create truecnam --account 12345678 --id APIkey \\
    --secret-from password.txt
  pass show crm/trestle | \\
    callbook credential create trestle --account 12345678 --secret-from -")]
    Create(Box<CredentialArgs>),
    /// List an account's credentials
    #[command(after_help = "\
Examples:
  callbook credential list --account 12345678
  callbook credential list --account 12345678 --json")]
    List {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Show a credential and its rules, without its secret
    #[command(after_help = "\
Examples:
  callbook credential show cred_0123456789abcdef --account 12345678")]
    Show(CredentialRef),
    /// Change a credential's limits, addresses, paths, DIDs, expiry, label, vendor, products, role or watched silence; functions
    /// see the change within 30 seconds
    #[command(after_help = "\
Examples:
  callbook credential update cred_0123456789abcdef --account 12345678 \\
    --role viewer
  callbook credential update cred_0123456789abcdef --account 12345678 \\
    --vendor acme
  callbook credential update cred_0123456789abcdef --account 12345678 \\
    --did 2065550100 --did 2065550101
  callbook credential update cred_0123456789abcdef --account 12345678 \\
    --starts-per-minute 6000 --per-minute 3000 --per-day 0
  callbook credential update cred_0123456789abcdef --account 12345678 \\
    --ip 203.0.113.0/24 --any-endpoint --expires 2027-12-31 --label 'Ringba'
  callbook credential update cred_0123456789abcdef --account 12345678 \\
    --silent-after 60")]
    Update(Box<CredentialUpdateArgs>),
    /// Give a credential a new secret, shown once; the secret of now stays good until the overlap ends
    #[command(after_help = "\
Examples:
  callbook credential rotate cred_0123456789abcdef --account 12345678
  callbook credential rotate cred_0123456789abcdef --account 12345678 \\
    --overlap 12h --json
  callbook credential rotate cred_0123456789abcdef --account 12345678 \\
    --overlap 0 --secret-from password.txt")]
    Rotate(Box<RotateArgs>),
    /// Refuse the secret of before the last rotation from now on, and end a user's or an integrator's sessions
    #[command(after_help = "\
Examples:
  callbook credential end-rotation cred_0123456789abcdef --account 12345678")]
    EndRotation(CredentialRef),
    /// Disable a credential, within 30 seconds; its client is told that it is disabled
    #[command(after_help = "\
Examples:
  callbook credential disable cred_0123456789abcdef --account 12345678")]
    Disable(CredentialRef),
    /// Enable a disabled credential
    #[command(after_help = "\
Examples:
  callbook credential enable cred_0123456789abcdef --account 12345678")]
    Enable(CredentialRef),
    /// Revoke a credential permanently; its client is answered as if it had never existed
    #[command(after_help = "\
Examples:
  callbook credential revoke cred_0123456789abcdef --account 12345678")]
    Revoke(CredentialRef),
}

/// `callbook credential create`
#[derive(Debug, Args)]
pub struct CredentialArgs {
    /// The kind of client that will use it
    #[arg(value_parser = kind())]
    pub kind: CredentialKind,
    /// The account ID; repeatable for an integrator and for a user, whose default account is the first
    #[arg(long = "account", value_name = "ID", value_parser = AccountId::parse, action = ArgAction::Append, required = true)]
    pub accounts: Vec<AccountId>,
    /// Its name: the API ID of a tld credential, or the username of a truecnam, user or integrator
    /// credential [default: 16 random hexadecimal digits]
    #[arg(long = "id", visible_alias = "username", value_name = "NAME", value_parser = username)]
    pub name: Option<String>,
    /// Take the secret that the client already has from the only line of FILE, or from the standard input
    /// for `-` [default: 256 random bits]
    #[arg(long, value_name = "FILE")]
    pub secret_from: Option<PathBuf>,
    /// A label to tell it apart in lists
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub label: String,
    /// When it stops working; a date without an offset is in the account's time zone
    #[arg(long, value_name = "DATE")]
    pub expires: Option<String>,
    /// A product that it may be used for, repeatable [default: all products of its kind]
    #[arg(long = "product", value_name = "PRODUCT", value_parser = product(), action = ArgAction::Append)]
    pub products: Vec<Product>,
    /// A path that it may be used for, repeatable; `*` matches any characters [default: every path]
    #[arg(long = "endpoint", value_name = "RULE", value_parser = EndpointRule::parse, action = ArgAction::Append)]
    pub endpoints: Vec<EndpointRule>,
    /// An IP address or range that it may be used from, repeatable [default: any address]
    #[arg(long = "ip", value_name = "CIDR", value_parser = IpRule::parse, action = ArgAction::Append)]
    pub ips: Vec<IpRule>,
    /// Let a truecnam credential end calls (carrier service), even if its account may not
    #[arg(long)]
    pub carrier: bool,
    /// Refuse every write, for fonedynamics, truecnam and integrator credentials; a truecnam key then looks
    /// callers up and records no call
    #[arg(long)]
    pub read_only: bool,
    /// What a user may do: admin, or viewer, who only reads [default: admin]
    #[arg(long, value_name = "ROLE", value_parser = Role::parse)]
    pub role: Option<Role>,
    /// The vendor that a tld credential belongs to: it cannot bill another vendor's numbers
    #[arg(long, value_name = "VENDOR", value_parser = VendorId::parse)]
    pub vendor: Option<VendorId>,
    /// A DID that a tld credential may bill, repeatable [default: every DID]
    #[arg(long = "did", value_name = "NUMBER", value_parser = PhoneNumber::parse, action = ArgAction::Append)]
    pub dids: Vec<PhoneNumber>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// The rate limits of a credential. 0 removes a limit.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits (0 for no limit)")]
pub struct LimitArgs {
    /// Requests per second
    #[arg(long, value_name = "N")]
    pub per_second: Option<u32>,
    /// Requests per minute [truecnam: 600]
    #[arg(long, value_name = "N")]
    pub per_minute: Option<u32>,
    /// Requests per UTC day [truecnam: 100000]
    #[arg(long, value_name = "N")]
    pub per_day: Option<u32>,
    /// Requests per UTC month
    #[arg(long, value_name = "N")]
    pub per_month: Option<u32>,
    /// Call starts and ends per minute of a truecnam credential, which count against no other limit
    /// [truecnam: 600]
    #[arg(long, value_name = "N")]
    pub starts_per_minute: Option<u32>,
}

fn kind() -> impl TypedValueParser<Value = CredentialKind> {
    one_of(
        CredentialKind::ALL.map(CredentialKind::as_str).to_vec(),
        |text| {
            CredentialKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == text)
        },
    )
}

fn product() -> impl TypedValueParser<Value = Product> {
    one_of(Product::ALL.map(Product::as_str).to_vec(), |text| {
        Product::ALL
            .into_iter()
            .find(|product| product.as_str() == text)
    })
}

/// Parses a sign-in name: it must fit in front of the colon in `name:password` and in a key of the table.
fn username(text: &str) -> Result<String, &'static str> {
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    if plain && (1..=128).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 128 printable ASCII characters, without spaces or colons")
    }
}

fn one_of<T: Clone + Send + Sync + 'static>(
    words: Vec<&'static str>,
    find: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words).try_map(move |text| find(&text).ok_or("unknown"))
}
