//! The arguments of `callbook inventory`.

use callbook::model::country::Country;
use callbook::model::phone::PhoneNumber;
use clap::{Args, Subcommand};

use super::calls::FileArgs;
use super::store::StoreArgs;

/// `callbook inventory ...`
#[derive(Debug, Subcommand)]
pub enum InventoryCommand {
    /// Load numbers into the inventory from CSV with a header line, or from one JSON object a line
    #[command(after_help = "\
Columns, in any order; other columns are ignored:
  number        E.164, such as +12125550100, with its country's calling code
  type          Local, Toll-Free, Shared-Rate or National
  capabilities  Voice, SMS, MMS, separated by commas, semicolons or spaces
  country       ISO 3166-1 code, one of `callbook inventory country list`
Optional columns:
  region, locality, price

Each number in the file is added to the inventory, or updated to what the file
says, so loading a file again changes nothing. A number that belongs to an
account is left alone. A row is rejected if it cannot be read, or if an earlier
row describes the same number differently. The rejects file has every rejected
row, with its line number and everything that is wrong with it. Correct the rows
there and load that file. If a quote is never closed, the rows after it become
part of its cell: correct FILE itself and load it again.

Examples:
  callbook inventory country add US
  callbook inventory load numbers.csv
  zcat numbers.ndjson.gz | callbook inventory load - --format ndjson")]
    Load(LoadArgs),
    /// List the numbers in the inventory of a country
    #[command(after_help = "\
Examples:
  callbook inventory list --country US
  callbook inventory list --country CA --json")]
    List {
        /// The country's two-letter ISO 3166-1 code
        #[arg(long, value_name = "CODE", value_parser = Country::parse)]
        country: Country,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Remove a number from the inventory
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
    /// Manage the countries that numbers can be bought in
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
        /// The country's two-letter ISO 3166-1 code
        #[arg(value_name = "CODE", value_parser = Country::parse)]
        country: Country,
        /// Keep a number there pending until it has an address in the country
        #[arg(long)]
        requires_address: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the served countries
    #[command(after_help = "\
Examples:
  callbook inventory country list")]
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Stop serving a country; its numbers stay in the inventory but cannot be found
    #[command(after_help = "\
Examples:
  callbook inventory country remove AU")]
    Remove {
        /// The country's two-letter ISO 3166-1 code
        #[arg(value_name = "CODE", value_parser = Country::parse)]
        country: Country,
        #[command(flatten)]
        store: StoreArgs,
    },
}
