//! The arguments of `callbook callprocess`.

use callbook::model::account::AccountId;
use callbook::model::queue::CallProcessId;
use clap::{Args, Subcommand};

use super::StoreArgs;

/// `callbook callprocess ...`
#[derive(Debug, Subcommand)]
pub enum CallProcessCommand {
    /// Add a call process to an account
    #[command(after_help = "\
Examples:
  callbook callprocess add 'Sales' --account 12345678 --default
  callbook callprocess add 'Support' --account 12345678 --id 4021")]
    Add(CallProcessArgs),
    /// List an account's call processes
    #[command(after_help = "\
Examples:
  callbook callprocess list --account 12345678")]
    List {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Make a call process the default of rapid responses that do not name one
    #[command(after_help = "\
Examples:
  callbook callprocess default 4021 --account 12345678")]
    Default(CallProcessRef),
    /// Remove a call process; rapid responses already queued for it stay queued
    #[command(after_help = "\
Examples:
  callbook callprocess remove 4021 --account 12345678")]
    Remove(CallProcessRef),
}

/// `callbook callprocess add`
#[derive(Debug, Args)]
pub struct CallProcessArgs {
    /// The display name of the call process
    pub name: String,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// The call process ID, 1 to 9007199254740991 [default: a new ID]
    #[arg(long, value_name = "N", value_parser = CallProcessId::parse)]
    pub id: Option<CallProcessId>,
    /// Make it the default of rapid responses that do not name one
    #[arg(long)]
    pub default: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// A call process and its account.
#[derive(Debug, Args)]
pub struct CallProcessRef {
    /// The call process ID
    #[arg(value_name = "CALLPROCESS", value_parser = CallProcessId::parse)]
    pub id: CallProcessId,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}
