//! The arguments of `callbook events`.

use std::path::PathBuf;

use callbook::model::account::AccountId;
use callbook::model::event::EventType;
use callbook::model::time::RangeEnd;
use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, Subcommand};

use super::store::StoreArgs;

/// `callbook events`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Examples:
  callbook events --account 12345678
  callbook events --account 12345678 --follow --type cost.matched,cost.superseded
  callbook events --account 12345678 --from 2026-11-21 --json
  callbook events replay letters.json --script | sh > records.json")]
pub struct EventsArgs {
    /// What to do instead of listing events
    #[command(subcommand)]
    pub command: Option<EventsCommand>,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse, required = true)]
    pub account: Option<AccountId>,
    /// Only events of these types, such as call.recorded [default: all]
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = EventType::parse)]
    pub types: Vec<EventType>,
    /// Begin with what was published on this day, or at this moment [default: a day ago, or now with --follow]
    #[arg(long, value_name = "DATE", value_parser = RangeEnd::parse)]
    pub from: Option<RangeEnd>,
    /// Go on and print each event when it is published
    #[arg(long, short = 'f')]
    pub follow: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook events ...`
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Publish events after all that the stream gave up
    ///
    /// Reads messages of the queue `PublishDeadLetters` as `aws sqs receive-message` prints them. A message names
    /// records of the table's stream, and the stream keeps them for 24 hours: --script prints the shell command that
    /// reads them. Their events go to the log, to webhooks that lack them and to the bus, with the ids that they would have
    /// had, in the order of each line. A repeat changes nothing, but the bus gets the events again.
    ///
    /// Of records that are gone, those events are handed on that the log has. Exit code 1 stands for records of which
    /// something may be left out.
    #[command(after_help = "\
Examples:
  callbook events replay letters.json --script | sh > records.json
  callbook events replay letters.json --records records.json --no-bus --dry-run
  callbook events replay letters.json --records records.json \\
    --bus callbook-prod-events")]
    Replay(ReplayArgs),
}

/// `callbook events replay`
#[derive(Debug, Args)]
#[command(override_usage = "\
callbook events replay <FILE>... --script
       callbook events replay [OPTIONS] <FILE>... <--bus <NAME>|--no-bus>")]
#[command(group = ArgGroup::new("destination").args(["bus", "no_bus", "script"]).required(true))]
pub struct ReplayArgs {
    /// Files of messages; - is the standard input
    #[arg(value_name = "FILE", required = true)]
    pub letters: Vec<PathBuf>,
    /// Files of the messages' records, as `aws dynamodbstreams get-records` prints them
    #[arg(long, value_name = "FILE")]
    pub records: Vec<PathBuf>,
    /// The event bus: `EventBusName` in the outputs of the deployment
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub bus: Option<String>,
    /// Leave out the bus: for a ledger without one
    #[arg(long)]
    pub no_bus: bool,
    /// Print the shell command that reads the records, and do nothing else
    #[arg(long, conflicts_with_all = ["records", "dry_run", "json"])]
    pub script: bool,
    /// Say what would be published, and publish nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}
