//! The arguments of `callbook migrate`.

use callbook::model::account::AccountId;
use clap::Args;

use super::store::StoreArgs;

/// `callbook migrate`
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Convert only this account [default: every account]
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: Option<AccountId>,
    #[command(flatten)]
    pub store: StoreArgs,
}
