//! The arguments of `callbook events`.

use callbook::model::account::AccountId;
use callbook::model::event::EventType;
use callbook::model::time::RangeEnd;
use clap::Args;

use super::store::StoreArgs;

/// `callbook events`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  callbook events --account 12345678
  callbook events --account 12345678 --follow --type cost.matched,cost.superseded
  callbook events --account 12345678 --from 2026-11-21 --json")]
pub struct EventsArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
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
