//! What `callbook callprocess` takes.

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
        /// Whose
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Make a call process the one of rapid responses that name none
    #[command(after_help = "\
Examples:
  callbook callprocess default 4021 --account 12345678")]
    Default(OneCallProcess),
    /// Remove a call process; what is queued for it stays queued
    #[command(after_help = "\
Examples:
  callbook callprocess remove 4021 --account 12345678")]
    Remove(OneCallProcess),
}

/// `callbook callprocess add`
#[derive(Debug, Args)]
pub struct CallProcessArgs {
    /// What people call it
    pub name: String,
    /// Whose it will be
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// Its number in requests, 1 to 9007199254740991 [default: a new one]
    #[arg(long, value_name = "N", value_parser = CallProcessId::parse)]
    pub id: Option<CallProcessId>,
    /// Make it the one of rapid responses that name none
    #[arg(long)]
    pub default: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// One call process of an account.
#[derive(Debug, Args)]
pub struct OneCallProcess {
    /// Its number
    #[arg(value_name = "CALLPROCESS", value_parser = CallProcessId::parse)]
    pub id: CallProcessId,
    /// Whose
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}
