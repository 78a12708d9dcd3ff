//! What the command line takes.

mod account;
mod callprocess;
mod calls;
mod credential;
mod inventory;

use std::path::PathBuf;

use anyhow::Result;
use callbook::model::id::Guid;
use callbook_local::engine::Storage;
use callbook_local::folder;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use http::Uri;

pub use account::{AccountCommand, NumberCommand, Numbers, SettingsArgs, SwitchArgs};
pub use callprocess::{CallProcessArgs, CallProcessCommand, OneCallProcess};
pub use calls::{ExportArgs, ExportCommand, FileArgs, ImportArgs, ImportCommand, TableFormat};
pub use credential::{CredentialArgs, CredentialCommand, LimitArgs, OneCredential};
pub use inventory::{CountryCommand, InventoryCommand, LoadArgs};

/// A self-hosted call ledger that speaks its vendors' own dialects.
#[derive(Debug, Parser)]
#[command(
    name = "callbook",
    version,
    propagate_version = true,
    max_term_width = 100
)]
#[command(after_help = "\
Exit codes: 0 done; 1 not done, the standard error says why; 2 wrong usage; 3 look elsewhere: \
`request` printed the command that finds it.

Examples:
  callbook local                                   the whole ledger on http://127.0.0.1:8080
  callbook account create 'Acme Dialing' --timezone America/New_York
  callbook credential create tld --account 12345678
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve every endpoint on one port, with a ledger, a demo account and ready-to-paste requests
    #[command(after_help = "\
The ledger, the demo credentials and the log of requests are kept in the data folder across restarts.

Examples:
  callbook local
  callbook local --port 9000 --memory
  callbook local --data ./ledger --credentials ./credentials.json")]
    Local(LocalArgs),
    /// Serve the ledger's store alone: a DynamoDB for `cargo lambda watch` and for the other commands
    #[command(after_help = "\
Examples:
  callbook database
  callbook database --port 8001 --memory")]
    Database(DatabaseArgs),
    /// Make accounts, look at them, change their settings
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook account create 'Acme Dialing' --timezone America/New_York
  callbook account list
  callbook account update 12345678 --registered-dids-only")]
    Account(AccountCommand),
    /// Make credentials, list them, switch them off and on, revoke them
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook credential create tld --account 12345678 --label Ringba
  callbook credential list --account 12345678")]
    Credential(CredentialCommand),
    /// Register phone numbers to an account
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook number add --account 12345678 +12065550100
  callbook number list --account 12345678")]
    Number(NumberCommand),
    /// The numbers that can be bought, and the countries they are in
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook inventory country add US
  callbook inventory load numbers.csv
  callbook inventory list --country US")]
    Inventory(InventoryCommand),
    /// The call processes that rapid responses are queued for
    #[command(subcommand, name = "callprocess")]
    #[command(after_help = "\
Examples:
  callbook callprocess add Sales --account 12345678 --default
  callbook callprocess list --account 12345678")]
    CallProcess(CallProcessCommand),
    /// Record what took place before the ledger was there
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook import calls calls.csv --account 12345678")]
    Import(ImportCommand),
    /// Write what the ledger has to a file
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  callbook export calls --account 12345678 --from 2026-11-01 --to 2026-11-30 -o november.csv")]
    Export(ExportCommand),
    /// Look up what became of a request, for 14 days, by the X-Request-Guid of its answer
    #[command(after_help = "\
Examples:
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3
  callbook request 84e2b789-d5f4-4634-98fe-dacc9fe42ba3 --stack callbook | sh")]
    Request(RequestArgs),
    /// Print the completions of a shell
    #[command(after_help = "\
Examples:
  callbook completions bash > ~/.local/share/bash-completion/completions/callbook
  callbook completions zsh > ~/.zfunc/_callbook
  callbook completions fish > ~/.config/fish/completions/callbook.fish")]
    Completions {
        /// Whose completions
        shell: Shell,
    },
}

/// `callbook local`
#[derive(Debug, Args)]
pub struct LocalArgs {
    /// The port of 127.0.0.1 to serve on; 0 is a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub port: u16,
    #[command(flatten)]
    pub storage: StorageArgs,
    /// Write the address and the demo credentials to FILE, readable by you alone, once it serves
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
}

/// `callbook database`
#[derive(Debug, Args)]
pub struct DatabaseArgs {
    /// The port of 127.0.0.1 to serve on; 0 is a free one
    #[arg(long, value_name = "N", default_value_t = 8000)]
    pub port: u16,
    #[command(flatten)]
    pub storage: StorageArgs,
    /// The table to make in it
    #[arg(long, value_name = "NAME", env = "TABLE_NAME", default_value = callbook_local::engine::TABLE)]
    pub table: String,
}

/// Where an embedded engine keeps its data.
#[derive(Debug, Args)]
pub struct StorageArgs {
    /// The folder to keep the data in [default: the platform's data folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Keep nothing: what lies in a temporary folder until the end is the log of requests and the key of page
    /// tokens, which a kill leaves there
    #[arg(long, conflicts_with = "data")]
    pub memory: bool,
}

impl StorageArgs {
    /// Where the engine keeps its data.
    ///
    /// # Errors
    /// Returns an error if the user has no data folder and `--data` names none.
    pub fn storage(self) -> Result<Storage> {
        if self.memory {
            Ok(Storage::Memory)
        } else {
            Ok(Storage::Folder(folder::data_folder(self.data)?))
        }
    }
}

/// Which ledger.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which ledger")]
pub struct StoreArgs {
    /// Its table: `TableName` in the outputs of a deployment, or `callbook`
    #[arg(long, value_name = "NAME", env = "TABLE_NAME")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub table: String,
    // These three are not `env` to the parser: it would show what the environment sets as required in
    // every usage error, and could not tell the environment's region from one that was asked for.
    /// A DynamoDB elsewhere than in the region [env: `AWS_ENDPOINT_URL_DYNAMODB`, beside --profile too]
    #[arg(long, value_name = "URL", value_parser = endpoint_url)]
    pub endpoint_url: Option<Uri>,
    /// The profile of the shared AWS configuration whose credentials and region are used, whatever the
    /// environment has [env: `AWS_PROFILE`, which keys in the environment come before]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub profile: Option<String>,
    /// The AWS region [env: `AWS_REGION`]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub region: Option<String>,
    /// Write JSON instead of a table
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// `callbook request`
#[derive(Debug, Args)]
pub struct RequestArgs {
    /// The X-Request-Guid of the answer
    #[arg(value_name = "GUID", value_parser = Guid::parse)]
    pub guid: Guid,
    /// The data folder of the `callbook local` that answered [default: the platform's data folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The deployed stack that answered, instead: prints the command that finds the request there
    #[arg(long, value_name = "NAME", conflicts_with = "data", value_parser = stack)]
    pub stack: Option<String>,
    /// Write JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Where a DynamoDB can be reached.
///
/// # Errors
/// No scheme that clients speak, or no host.
fn endpoint_url(text: &str) -> Result<Uri, &'static str> {
    let uri: Option<Uri> = text.parse().ok();
    uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
        .ok_or("expected a URL such as http://127.0.0.1:8000")
}

/// What AWS takes for the name of a stack; nothing else may get into a command for the shell.
fn stack(text: &str) -> Result<String, &'static str> {
    let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if letters && (1..=128).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("expected the name of a stack: letters, digits and hyphens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn switches_take_a_value_or_none() {
        for (args, expected) in [
            (&["--carrier"][..], Some(true)),
            (&["--carrier=false"], Some(false)),
            (&["--carrier", "no"], Some(false)),
            (&[], None),
        ] {
            let line = ["callbook", "account", "update", "12345678", "--table", "t"];
            let cli = Cli::try_parse_from(line.iter().chain(args)).unwrap();
            let Command::Account(AccountCommand::Update { settings, .. }) = cli.command else {
                panic!("not the command");
            };
            assert_eq!(settings.switches.carrier, expected, "{args:?}");
        }
    }

    /// What a shell makes of a line, up to what it gives to another command: enough for the examples.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quoted = false;
        for character in line.chars() {
            match character {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                _ => words.last_mut().unwrap().push(character),
            }
        }
        words.retain(|word| !word.is_empty());
        words
            .into_iter()
            .take_while(|word| !["|", ">"].contains(&word.as_str()))
            .collect()
    }

    fn examples_are_true(command: &clap::Command, path: &str) {
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_default().replace("\\\n", " ");
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_default();
        // What the shell is given ahead of the command, and what the eye is told behind it.
        let lines = examples.lines().filter_map(|line| {
            let line = line.get(line.find("callbook ")?..)?;
            Some(line.split_once("     ").map_or(line, |(line, _)| line))
        });
        let mut tried = 0;
        for line in lines {
            let words = words(line);
            let parsed = Cli::try_parse_from(&words).or_else(|error| {
                // The table comes from the environment.
                let table = ["--table".to_owned(), "t".to_owned()];
                Cli::try_parse_from(words.iter().chain(&table)).map_err(|_| error)
            });
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            tried += usize::from(line.starts_with(path));
        }
        assert!(tried > 0, "{path} has no example");
        for command in command.get_subcommands() {
            examples_are_true(command, &format!("{path} {}", command.get_name()));
        }
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        examples_are_true(&Cli::command(), "callbook");
    }

    #[test]
    fn wrong_usage_is_refused_with_a_reason() {
        for line in [
            &[
                "credential",
                "create",
                "fax",
                "--account",
                "1",
                "--table",
                "t",
            ][..],
            &[
                "credential",
                "create",
                "tld",
                "--account",
                "x",
                "--table",
                "t",
            ],
            &[
                "credential",
                "create",
                "tld",
                "--account",
                "1",
                "--ip",
                "300.1.1.1",
                "--table",
                "t",
            ],
            &["number", "add", "12", "--account", "1", "--table", "t"],
            &["account", "update", "1", "--shards", "0", "--table", "t"],
            &[
                "account",
                "update",
                "1",
                "--timezone",
                "Mars/Base",
                "--table",
                "t",
            ],
            &["request", "not-a-guid"],
            &[
                "request",
                "84e2b789-d5f4-4634-98fe-dacc9fe42ba3",
                "--stack",
                "a'; b",
            ],
            &["local", "--memory", "--data", "d"],
            &[
                "account",
                "list",
                "--table",
                "t",
                "--endpoint-url",
                "nonsense",
            ],
        ] {
            let error = Cli::try_parse_from(["callbook"].iter().chain(line)).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line:?}");
        }
    }
}
