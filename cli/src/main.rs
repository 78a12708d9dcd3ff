//! The `callbook` command.

use std::process::ExitCode;
use std::time::Duration;

use callbook_cli::args::Cli;
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            callbook_cli::output::note(&format!("error: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(callbook_cli::run(cli));
    // A sweep of a large file would hold the terminal up; it is taken up at the next start.
    runtime.shutdown_timeout(Duration::from_millis(500));
    code
}
