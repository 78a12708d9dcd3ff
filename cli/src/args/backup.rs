//! The arguments of `callbook export all` and `callbook restore`.

use std::path::PathBuf;

use callbook::model::account::AccountId;
use clap::Args;

use super::store::StoreArgs;

/// `callbook export all`
#[derive(Debug, Args)]
pub struct ExportAllArgs {
    /// Only this account, and nothing of what belongs to no account
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: Option<AccountId>,
    /// The folder to write, readable only by you
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,
    /// How often the table is read at most, until each account was the same twice
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub passes: u32,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The folder that `callbook export all` wrote
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Check the files against the manifest, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}
