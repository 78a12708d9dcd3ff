//! The arguments of `callbook plan`.

use clap::Args;

/// `callbook plan`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct PlanArgs {
    /// How many calls begin in a second, 1 to 100000
    #[arg(long, value_name = "N", group = "what", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub calls_per_second: Option<u64>,
    /// List what a million of each request costs instead
    #[arg(long, group = "what")]
    pub requests: bool,
}
