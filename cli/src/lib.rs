//! The `callbook` command: the whole ledger on one port, and the operator's tools for any deployment.

mod accounts;
mod addresses;
mod args;
mod audit;
mod backup;
mod callprocesses;
mod calls;
mod costs;
mod credentials;
mod demo;
mod erase;
mod events;
mod inventory;
mod invoices;
mod local;
mod migrate;
mod numbers;
mod output;
mod properties;
mod queue;
mod request;
mod requests;
mod retention;
mod store;
mod summary;
mod table;
mod vendors;
mod webhooks;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use callbook::ledger::StoreError;
use callbook_local::engine::EngineError;
use clap::{CommandFactory, Parser};

use args::{Cli, Command, ExportCommand};

/// Runs the command line of this process and returns its exit code.
///
/// 0 is success, 1 failure, 2 wrong usage and 130 Ctrl-C. 3 means that `callbook request` printed the command that finds
/// the request elsewhere. `callbook audit` returns 1 if something does not add up, and `callbook migrate` for
/// items that could not be converted. `callbook invoice check` returns 1 for differences and 2 for failures.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let text = error.to_string();
            // The library breaks the lines of help, but not those of errors.
            if error.use_stderr()
                && text
                    .lines()
                    .any(|line| line.chars().count() > output::WIDTH)
            {
                output::note(text.trim_end());
                return ExitCode::from(2);
            }
            error.exit()
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let code = runtime
        .block_on(command(cli.command))
        .unwrap_or_else(|error| fail(&error));
    // Do not wait for a running sweep, which may take long on a large file. The next start sweeps again.
    runtime.shutdown_timeout(Duration::from_millis(500));
    code
}

fn fail(error: &anyhow::Error) -> ExitCode {
    output::note(&format!("error: {error:#}"));
    // Nothing was tried: what is wrong is the command line or its environment.
    if error.downcast_ref::<store::NoLedger>().is_some() {
        return ExitCode::from(2);
    }
    // Advice about AWS would mislead if the embedded engine failed.
    let engine_failed = error.downcast_ref::<EngineError>().is_some();
    let store_error = error.downcast_ref::<StoreError>();
    if let Some(error) = store_error.filter(|_| !engine_failed) {
        output::note(store::advice(error));
    }
    ExitCode::FAILURE
}

async fn command(command: Command) -> Result<ExitCode> {
    match command {
        Command::Local(args) => local::run(args).await?,
        Command::Demo(args) => demo::run(&args).await?,
        Command::Database(args) => local::database(args).await?,
        Command::Account(command) => accounts::run(command).await?,
        Command::Credential(command) => credentials::run(command).await?,
        Command::Number(command) => numbers::run(command).await?,
        Command::Property(command) => properties::run(command).await?,
        Command::Address(command) => addresses::run(command).await?,
        Command::Vendor(command) => vendors::run(command).await?,
        Command::Summary(args) => summary::run(args).await?,
        Command::Rollup(command) => summary::rollup(command).await?,
        Command::Audit(args) => return audit::run(args).await,
        Command::Cost(command) => costs::run(command).await?,
        Command::Invoice(command) => {
            // 1 stands for differences, as `diff` has it.
            let code = invoices::run(command).await.unwrap_or_else(|error| {
                fail(&error);
                ExitCode::from(2)
            });
            return Ok(code);
        }
        Command::Inventory(command) => inventory::run(command).await?,
        Command::CallProcess(command) => callprocesses::run(command).await?,
        Command::Queue(command) => queue::run(command).await?,
        Command::Events(args) => return events::run(args).await,
        Command::Requests(args) => requests::run(args).await?,
        Command::Webhook(command) => webhooks::run(command).await?,
        Command::Import(command) => return calls::import::run(command).await,
        Command::Export(ExportCommand::Rows(command)) => {
            return calls::export::run(command).await;
        }
        Command::Export(ExportCommand::All(args)) => backup::export::run(args).await?,
        Command::Restore(args) => backup::restore::run(args).await?,
        Command::Erase(args) => return erase::run(*args).await,
        Command::Retention(command) => retention::run(command).await?,
        Command::Migrate(args) => return migrate::run(args).await,
        Command::Plan(args) => output::print(&match args.calls_per_second {
            Some(calls) => {
                let webhooks = args.webhooks;
                callbook_plan::Plan { calls, webhooks }.markdown()
            }
            None => callbook_plan::requests_markdown(),
        })?,
        Command::Request(args) => return request::run(args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "callbook", &mut script);
            output::print(&String::from_utf8(script)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
