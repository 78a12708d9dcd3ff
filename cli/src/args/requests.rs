//! The arguments of `callbook requests`.

use callbook::model::account::AccountId;
use callbook::model::id::CredentialId;
use callbook::model::time::RangeEnd;
use callbook::model::vendor::VendorId;
use clap::Args;

use super::store::StoreArgs;

/// `callbook requests`
#[derive(Debug, Args)]
#[command(after_help = "\
Requests that are refused in the same way within an hour are one line, with how many
there were and the id of the latest for `callbook request`.

Examples:
  callbook requests --account 12345678
  callbook requests --account 12345678 --follow --vendor acme
  callbook requests --account 12345678 --since 2026-11-21 --json")]
pub struct RequestsArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// Only requests with this credential
    #[arg(long, value_name = "ID", value_parser = CredentialId::parse)]
    pub credential: Option<CredentialId>,
    /// Only requests with credentials of this vendor
    #[arg(long, value_name = "ID", value_parser = VendorId::parse)]
    pub vendor: Option<VendorId>,
    /// Only what came on this day or later, or at this moment or later [default: a day ago, or now with --follow]
    #[arg(long, value_name = "DATE", value_parser = RangeEnd::parse)]
    pub since: Option<RangeEnd>,
    /// Go on and print each line again when more such requests have come
    #[arg(long, short = 'f')]
    pub follow: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}
