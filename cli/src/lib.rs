//! The `callbook` command: the whole ledger on one port, and the operator's tools for every deployment.
//!
//! Tests use [`engine`], [`template`] and [`front`] as a library: the engine is the store, the front is
//! the gateway, and both are made of the text of `template.yaml`.

pub mod accounts;
pub mod args;
pub mod credentials;
pub mod demo;
pub mod engine;
pub mod folder;
pub mod front;
pub mod local;
pub mod numbers;
pub mod output;
pub mod request;
pub mod store;
pub mod template;

use std::process::ExitCode;

use anyhow::Result;
use callbook::edge::Function;
use callbook::ledger::StoreError;
use clap::CommandFactory;

use args::{Cli, Command};

/// Every function of the product.
#[must_use]
pub fn functions() -> [&'static Function; 4] {
    [
        &phone_feedback::FUNCTION,
        &inbound_billable::FUNCTION,
        &caller_id::FUNCTION,
        &fallback::FUNCTION,
    ]
}

/// Runs a command to its end and says how it went: 0 done, 1 not done, 3 look elsewhere.
pub async fn run(cli: Cli) -> ExitCode {
    command(cli.command).await.unwrap_or_else(|error| {
        output::note(&format!("error: {error:#}"));
        if let Some(error) = error.downcast_ref::<StoreError>() {
            output::note(store::advice(error));
        }
        ExitCode::FAILURE
    })
}

async fn command(command: Command) -> Result<ExitCode> {
    match command {
        Command::Local(args) => local::run(args).await?,
        Command::Database(args) => local::database(args).await?,
        Command::Account(command) => accounts::run(command).await?,
        Command::Credential(command) => credentials::run(command).await?,
        Command::Number(command) => numbers::run(command).await?,
        Command::Request(args) => return request::run(args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "callbook", &mut script);
            output::print(&String::from_utf8(script)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
