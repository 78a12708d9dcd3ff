//! The `callbook` command: the whole ledger on one port, and the operator's tools for every deployment.

mod accounts;
mod args;
mod callprocesses;
mod calls;
mod credentials;
mod demo;
mod inventory;
mod local;
mod numbers;
mod output;
mod request;
mod store;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use callbook::ledger::StoreError;
use callbook_local::engine;
use clap::{CommandFactory, Parser};

use args::{Cli, Command};

/// Runs the command that the process was started with and says how it went: 0 done, 1 not done, 2 wrong
/// usage, 3 look elsewhere.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let code = runtime
        .block_on(command(cli.command))
        .unwrap_or_else(|error| failed(&error));
    // A sweep of a large file would hold the terminal up; it is taken up at the next start.
    runtime.shutdown_timeout(Duration::from_millis(500));
    code
}

fn failed(error: &anyhow::Error) -> ExitCode {
    output::note(&format!("error: {error:#}"));
    let ours = error.downcast_ref::<engine::EngineError>().is_some();
    if let Some(error) = error.downcast_ref::<StoreError>().filter(|_| !ours) {
        output::note(store::advice(error));
    }
    ExitCode::FAILURE
}

async fn command(command: Command) -> Result<ExitCode> {
    match command {
        Command::Local(args) => local::run(args).await?,
        Command::Database(args) => local::database(args).await?,
        Command::Account(command) => accounts::run(command).await?,
        Command::Credential(command) => credentials::run(command).await?,
        Command::Number(command) => numbers::run(command).await?,
        Command::Inventory(command) => inventory::run(command).await?,
        Command::CallProcess(command) => callprocesses::run(command).await?,
        Command::Import(command) => calls::import::run(command).await?,
        Command::Export(command) => calls::export::run(command).await?,
        Command::Request(args) => return request::run(args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "callbook", &mut script);
            output::print(&String::from_utf8(script)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
