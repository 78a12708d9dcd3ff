//! The arguments of `callbook plan`.

use clap::Args;

/// `callbook plan`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct PlanArgs {
    /// How many calls begin in a second, 1 to 100000
    #[arg(long, value_name = "N", group = "what", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub calls_per_second: Option<u64>,
    /// Count so many webhook endpoints of each account that take every event, 0 to 20
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "requests",
        value_parser = clap::value_parser!(u64).range(0..=callbook_plan::measured::MOST_WEBHOOKS))]
    pub webhooks: u64,
    /// List what a million of each request costs instead
    #[arg(long, group = "what")]
    pub requests: bool,
}
