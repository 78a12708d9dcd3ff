//! The arguments of `callbook local` and `callbook demo`.

use std::path::PathBuf;

use callbook::model::time::Zone;
use clap::{Args, Subcommand};

use super::account::zone;
use super::store::StorageArgs;

/// `callbook local`
#[derive(Debug, Args)]
pub struct LocalArgs {
    /// The port to serve on, at 127.0.0.1; 0 picks a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub port: u16,
    #[command(flatten)]
    pub storage: StorageArgs,
    /// Once serving, write the base URL and the demo credentials to FILE, readable only by you
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// Deliver webhooks to this machine too, also without TLS: for receivers under test
    #[arg(long)]
    pub loopback_webhooks: bool,
    /// Fill the demo account with 30 days of calls and costs first, as `callbook demo fill` does
    #[arg(long)]
    pub demo_data: bool,
    /// Time zone of the demo account, an IANA name, when the account is new [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub timezone: Option<Zone>,
}

/// `callbook demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// What to do instead of printing curl lines
    #[command(subcommand)]
    pub command: Option<DemoCommand>,
    /// The URL of the `callbook local`, if several run
    #[arg(long, value_name = "URL", global = true)]
    pub url: Option<String>,
    /// Write JSON: the credentials, as `local --credentials` does, or what was filled
    #[arg(long, global = true)]
    pub json: bool,
}

/// `callbook demo ...`
#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Fill the demo account with 30 days of calls and costs, through the endpoints
    ///
    /// Four vendors send calls and bills until now, with the faults of real life: bills of callers who never called,
    /// bills twice, bills at other prices than agreed, two vendors for one call, answered calls that nobody bills,
    /// bills days late, callers who withhold their number, and refused requests. The same seed makes the same days.
    /// A ledger that is filled already stays as it is.
    #[command(after_help = "\
Examples:
  callbook demo fill
  callbook demo fill --calls-per-day 200 --seed 7")]
    Fill(FillArgs),
}

/// `callbook demo fill`
#[derive(Debug, Args)]
pub struct FillArgs {
    /// About how many calls a day of work has
    #[arg(long, value_name = "N", default_value_t = FillArgs::CALLS_PER_DAY)]
    #[arg(value_parser = clap::value_parser!(u32).range(10..=5_000))]
    pub calls_per_day: u32,
    /// What the days are made from
    #[arg(long, value_name = "N", default_value_t = FillArgs::SEED)]
    pub seed: u64,
}

impl FillArgs {
    const CALLS_PER_DAY: u32 = 60;
    const SEED: u64 = 1;
}

impl Default for FillArgs {
    fn default() -> Self {
        Self {
            calls_per_day: Self::CALLS_PER_DAY,
            seed: Self::SEED,
        }
    }
}
