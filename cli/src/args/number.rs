//! The arguments of `callbook number`.

use callbook::model::account::AccountId;
use callbook::model::phone::PhoneNumber;
use callbook::model::sid::PropertySid;
use callbook::model::vendor::VendorId;
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook number ...`
#[derive(Debug, Subcommand)]
pub enum NumberCommand {
    /// Register numbers to an account, or change whose they are; a number belongs to one account at a time
    #[command(after_help = "\
Examples:
  callbook number add --account 12345678 +12065550100 '(310) 555-0111'
  callbook number add --account 12345678 +12065550100 --vendor acme \\
    --from 2026-11-01
  callbook number add --account 12345678 +12065550100 --no-vendor \\
    --source google --medium cpc
  callbook number add --account 12345678 +12065550100 \\
    --property KQWERTYUIOPASDFGHJKLZXCVBNMQWERT")]
    Add(Box<NumberAddArgs>),
    /// List an account's numbers
    #[command(after_help = "\
Examples:
  callbook number list --account 12345678")]
    List {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Release numbers from an account
    #[command(after_help = "\
Examples:
  callbook number remove --account 12345678 +12065550100 '(310) 555-0111'")]
    Remove(NumbersArgs),
}

/// Some numbers and their account.
#[derive(Debug, Args)]
pub struct NumbersArgs {
    /// The numbers, in any notation; without a country code, a number is read as North American
    #[arg(required = true, value_name = "NUMBER", value_parser = PhoneNumber::parse)]
    pub numbers: Vec<PhoneNumber>,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook number add`
#[derive(Debug, Args)]
pub struct NumberAddArgs {
    #[command(flatten)]
    pub numbers: NumbersArgs,
    /// The sid of the property that the numbers are for
    #[arg(long, value_name = "SID", value_parser = PropertySid::parse)]
    pub property: Option<PropertySid>,
    #[command(flatten)]
    pub vendor: NumberVendorArgs,
    #[command(flatten)]
    pub attribution: AttributionArgs,
}

/// The vendor that numbers are assigned to.
#[derive(Debug, Args)]
#[command(next_help_heading = "Vendor")]
pub struct NumberVendorArgs {
    /// The vendor that the numbers belong to
    #[arg(long, value_name = "VENDOR", value_parser = VendorId::parse)]
    pub vendor: Option<VendorId>,
    /// Take the numbers from the vendor that they belong to
    #[arg(long, conflicts_with = "vendor")]
    pub no_vendor: bool,
    /// When that begins; a date without an offset is in the account's time zone [default: now]
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// When that ends [default: never]
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
}

/// Where the callers of numbers come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Attribution (an empty text removes it)")]
pub struct AttributionArgs {
    /// The site or publication
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
    /// The kind of advertisement
    #[arg(long, value_name = "TEXT")]
    pub medium: Option<String>,
    /// The campaign
    #[arg(long, value_name = "TEXT")]
    pub campaign: Option<String>,
    /// One of several versions of an advertisement
    #[arg(long, value_name = "TEXT")]
    pub content: Option<String>,
}
