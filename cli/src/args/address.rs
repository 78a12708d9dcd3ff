//! The arguments of `callbook address`.

use callbook::model::account::AccountId;
use callbook::model::address::{AddressLine, PostalCode};
use callbook::model::country::Country;
use callbook::model::sid::AddressSid;
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook address ...`
#[derive(Debug, Subcommand)]
pub enum AddressCommand {
    /// Create an address, as `POST /v2/Accounts/{sid}/Addresses` does
    #[command(override_usage = "\
callbook address create [OPTIONS] --account <ID> --line1 <TEXT> \\
         --city <TEXT> --country <CODE>")]
    #[command(after_help = "\
Examples:
  callbook address create --account 12345678 --line1 '1 Example Street' \\
    --city Exampleton --country AU
  callbook address create --account 12345678 --line1 '1 Example Street' \\
    --city Exampleton --state NSW --postal-code 2000 --country AU \\
    --sid JQWERTYUIOPASDFGHJKLZXCVBNMQWERT")]
    Create(Box<AddressCreateArgs>),
    /// List an account's addresses
    #[command(after_help = "\
Examples:
  callbook address list --account 12345678")]
    List {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `callbook address create`
#[derive(Debug, Args)]
pub struct AddressCreateArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// The sid that its clients already have, 32 upper case letters [default: random]
    #[arg(long, value_name = "SID", value_parser = AddressSid::parse)]
    pub sid: Option<AddressSid>,
    /// A name for people
    #[arg(long, value_name = "TEXT", value_parser = AddressLine::parse)]
    pub friendly: Option<AddressLine>,
    /// The client's own reference
    #[arg(long, value_name = "TEXT", value_parser = AddressLine::parse)]
    pub reference: Option<AddressLine>,
    /// Street and number
    #[arg(long, value_name = "TEXT", value_parser = AddressLine::parse)]
    pub line1: AddressLine,
    /// A second line, such as a suite or floor
    #[arg(long, value_name = "TEXT", value_parser = AddressLine::parse)]
    pub line2: Option<AddressLine>,
    /// City
    #[arg(long, value_name = "TEXT", value_parser = AddressLine::parse)]
    pub city: AddressLine,
    /// State, province or another part of the country, which the API calls Region
    #[arg(long, value_name = "TEXT", value_parser = AddressLine::parse)]
    pub state: Option<AddressLine>,
    /// Country, two letters of ISO 3166
    #[arg(long, value_name = "CODE", value_parser = Country::parse)]
    pub country: Country,
    /// Postal code
    #[arg(long, value_name = "CODE", value_parser = PostalCode::parse)]
    pub postal_code: Option<PostalCode>,
    #[command(flatten)]
    pub store: StoreArgs,
}
