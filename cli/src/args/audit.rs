//! The arguments of `callbook audit`.

use callbook::model::account::AccountId;
use clap::Args;

use super::store::StoreArgs;

/// `callbook audit`
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// The account ID; every account if it is not given
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: Option<AccountId>,
    #[command(flatten)]
    pub store: StoreArgs,
}
