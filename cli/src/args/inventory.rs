//! What `callbook inventory` takes.

use callbook::model::country::Country;
use callbook::model::phone::PhoneNumber;
use clap::{Args, Subcommand};

use super::{FileArgs, StoreArgs};

/// `callbook inventory ...`
#[derive(Debug, Subcommand)]
pub enum InventoryCommand {
    /// Put numbers into the inventory, from CSV with a header line or from one JSON object a line
    #[command(after_help = "\
Columns, in any order; others are ignored:
  number        E.164, such as +12125550100, with the calling code of its country
  type          Local, Toll-Free, Shared-Rate or National
  capabilities  Voice, SMS, MMS, with commas, semicolons or spaces between them
  country       the two letters of ISO 3166-1; one of `callbook inventory country list`
and, where they are known:
  region, locality, price

The inventory becomes what the file says, so loading a file again changes nothing. A number that an
account owns is left alone. Rows that cannot be read, and further rows of a number that say something
else, go to the rejects file with their line and all that is wrong with them; mend them there and load
that file. Where a quote is not closed, the rows behind it are in its cell: mend FILE itself.

Examples:
  callbook inventory country add US
  callbook inventory load numbers.csv
  zcat numbers.ndjson.gz | callbook inventory load - --format ndjson")]
    Load(LoadArgs),
    /// List the inventory of a country
    #[command(after_help = "\
Examples:
  callbook inventory list --country US
  callbook inventory list --country CA --json")]
    List {
        /// Where
        #[arg(long, value_name = "CODE", value_parser = Country::parse)]
        country: Country,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Take a number out of the inventory
    #[command(after_help = "\
Examples:
  callbook inventory remove +12125550100")]
    Remove {
        /// The number, in any notation
        #[arg(value_parser = PhoneNumber::parse)]
        number: PhoneNumber,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// The countries that numbers can be bought in
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook inventory country add US
  callbook inventory country list")]
    Country(CountryCommand),
}

/// `callbook inventory load`
#[derive(Debug, Args)]
pub struct LoadArgs {
    #[command(flatten)]
    pub file: FileArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook inventory country ...`
#[derive(Debug, Subcommand)]
pub enum CountryCommand {
    /// Serve a country, or change how it is served
    #[command(after_help = "\
Examples:
  callbook inventory country add US
  callbook inventory country add AU --requires-address")]
    Add {
        /// Its code of ISO 3166-1, two letters
        #[arg(value_name = "CODE", value_parser = Country::parse)]
        country: Country,
        /// A number there is in use only with an address in the country
        #[arg(long)]
        requires_address: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the countries that are served
    #[command(after_help = "\
Examples:
  callbook inventory country list")]
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Stop serving a country; its inventory stays, and cannot be found
    #[command(after_help = "\
Examples:
  callbook inventory country remove AU")]
    Remove {
        /// Its code
        #[arg(value_name = "CODE", value_parser = Country::parse)]
        country: Country,
        #[command(flatten)]
        store: StoreArgs,
    },
}
