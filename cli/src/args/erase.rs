//! The arguments of `callbook erase`.

use callbook::model::account::AccountId;
use callbook::model::adjustment::Reason;
use callbook::model::phone::PhoneNumber;
use clap::Args;

use super::store::StoreArgs;

/// `callbook erase`
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// The number, in any notation
    #[arg(value_name = "NUMBER", value_parser = PhoneNumber::parse, required_unless_present = "receipts")]
    pub number: Option<PhoneNumber>,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// Say what there is, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Why: 1 to 255 characters, without the number
    #[arg(long, value_name = "TEXT", default_value = "the person asked for it", value_parser = reason)]
    pub reason: Reason,
    /// Who does it, for the receipt
    #[arg(long, value_name = "NAME", default_value = "operator", value_parser = reason)]
    pub who: Reason,
    /// Do not wait until a vendor's retry of a bill with the number can no longer come; such a retry is then a bill of
    /// its own
    #[arg(long)]
    pub despite_repeats: bool,
    /// List the receipts of the account's erasures
    #[arg(long, conflicts_with_all = ["number", "dry_run", "despite_repeats"])]
    pub receipts: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn reason(text: &str) -> Result<Reason, String> {
    Reason::parse(text).map_err(|error| error.to_string())
}
