//! The arguments of `callbook property`.

use callbook::model::account::AccountId;
use callbook::model::property::{Domain, PropertyName};
use callbook::model::sid::PropertySid;
use callbook::model::time::{UnknownZone, Zone};
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook property ...`
#[derive(Debug, Subcommand)]
pub enum PropertyCommand {
    /// Create a property, as `POST /v2/Properties` does
    #[command(after_help = "\
Examples:
  callbook property create 'Spring campaign' --account 12345678
  callbook property create Site --account 12345678 --domain www.example.com \\
    --timezone Australia/Sydney --sid KQWERTYUIOPASDFGHJKLZXCVBNMQWERT")]
    Create(PropertyCreateArgs),
    /// List an account's properties
    #[command(after_help = "\
Examples:
  callbook property list --account 12345678")]
    List {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `callbook property create`
#[derive(Debug, Args)]
pub struct PropertyCreateArgs {
    /// The property's name, at most 100 characters
    #[arg(value_parser = PropertyName::parse)]
    pub name: PropertyName,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// The sid that its clients already have, 32 upper case letters [default: random]
    #[arg(long, value_name = "SID", value_parser = PropertySid::parse)]
    pub sid: Option<PropertySid>,
    /// The site that its visitors use
    #[arg(long, value_name = "HOST", value_parser = Domain::parse)]
    pub domain: Option<Domain>,
    /// The time zone of its calls' days, an IANA name [default: the account's]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub timezone: Option<Zone>,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn zone(text: &str) -> Result<Zone, UnknownZone> {
    Zone::parse(text)
}
