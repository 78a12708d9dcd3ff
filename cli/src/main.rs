//! The `callbook` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    callbook_cli::main()
}
