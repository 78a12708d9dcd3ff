//! What so many calls a second need, what breaks first, and what they cost.
//!
//! Everything is computed from [`prices`] and [`measured`]. Whole numbers of nanodollars keep it exact; sums are
//! rounded to whole dollars at the end.

pub mod measured;
pub mod prices;

use std::fmt::Write;

use measured::{
    BYTES, LIFE, LOG_BYTES, MILLISECONDS, MOST_SHARDS, PARTITIONS, REQUESTS, SUMS, THROTTLING_RATE,
};
use prices::{
    CONCURRENCY, DATE, GATEWAY_REQUESTS, LOG_KILOBYTE, NEW_TABLE_WRITES, PARTITION_WRITES,
    PROVISIONED_READ_UNIT, PROVISIONED_WRITE_UNIT, REGION, STORAGE_CENTS, TABLE_WRITES, WRITE_UNIT,
};

/// Seconds of a month of 30 days.
const MONTH: u64 = 30 * 86_400;

/// What a number of calls a second needs. Each call is a start, a lookup, an end and a bill.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Calls that begin in a second.
    pub calls: u64,
}

impl Plan {
    /// Write units a second.
    #[must_use]
    pub fn writes(&self) -> u64 {
        let life: u64 = LIFE.iter().map(|request| request.writes).sum();
        self.calls * (life + SUMS)
    }

    /// Read units a second.
    #[must_use]
    pub fn reads(&self) -> u64 {
        let halves: u64 = LIFE.iter().map(|request| request.half_reads).sum();
        (self.calls * halves).div_ceil(2)
    }

    /// Requests a second.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.calls * requests_of_a_call()
    }

    /// Functions that run at the same time.
    #[must_use]
    pub fn concurrency(&self) -> u64 {
        (self.requests() * MILLISECONDS).div_ceil(1_000)
    }

    /// How many accounts the calls have to be spread over.
    #[must_use]
    pub fn accounts(&self) -> u64 {
        let most = per_second(PARTITIONS.account).min(per_second(PARTITIONS.shard) * MOST_SHARDS);
        self.calls.div_ceil(most)
    }

    /// How many shards each of these accounts needs.
    #[must_use]
    pub fn shards(&self) -> u64 {
        let calls = self.calls.div_ceil(self.accounts());
        calls.div_ceil(per_second(PARTITIONS.shard))
    }

    /// Dollars a month: the table on demand, and all that is beside it.
    fn dollars(&self) -> (u64, u64) {
        let all: u64 = LIFE.iter().map(measured::Request::nanodollars).sum();
        let sums = SUMS * WRITE_UNIT;
        let store = LIFE.iter().map(measured::Request::store).sum::<u64>() + sums;
        let month = |nanodollars: u64| self.calls * MONTH * nanodollars / 1_000_000_000;
        (month(store), month(all + sums - store))
    }

    fn provisioned(&self) -> u64 {
        let microdollars =
            self.writes() * PROVISIONED_WRITE_UNIT + self.reads() * PROVISIONED_READ_UNIT;
        microdollars / 1_000_000
    }

    /// GB that a month adds to the table.
    fn gigabytes(&self) -> u64 {
        self.calls * MONTH * BYTES / 1_000_000_000
    }

    /// The plan as tables in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let (store, beside) = self.dollars();
        let mut text = String::new();
        let mut section = |title: &str, columns: &str, rows: Vec<(String, String)>| {
            let _written = write!(text, "{title}\n\n| {columns} |\n|---|---|\n");
            for (name, value) in rows {
                let _written = writeln!(text, "| {name} | {value} |");
            }
            text.push('\n');
        };
        let row = |name: &str, value: String| (name.to_owned(), value);
        section(
            &format!(
                "**{} calls a second**, each with a start, a lookup, an end and a bill",
                number(self.calls)
            ),
            "load | a second",
            vec![
                row("requests", number(self.requests())),
                row("write units", number(self.writes())),
                row("read units", number(self.reads())),
                row("functions at the same time", number(self.concurrency())),
                row(
                    "GB that a month adds to the table",
                    number(self.gigabytes()),
                ),
            ],
        );
        section("What is to be set", "setting | value", self.settings());
        section(
            "What breaks first",
            "limit | reached at, calls a second",
            limits(),
        );
        section(
            &format!("What it costs ({REGION}, prices of {DATE}, without logs' keeping)"),
            "part | USD a month",
            vec![
                row("table, on demand", number(store)),
                row(
                    "table, provisioned for exactly this load, in place of it",
                    number(self.provisioned()),
                ),
                row("gateway, functions and logs", number(beside)),
                row(
                    "of that, logs",
                    number(
                        self.requests() * MONTH * LOG_BYTES * LOG_KILOBYTE / 1_000 / 1_000_000_000,
                    ),
                ),
                row(
                    "what a month adds to each later bill, for storage",
                    number(self.gigabytes() * STORAGE_CENTS / 100),
                ),
            ],
        );
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    fn settings(&self) -> Vec<(String, String)> {
        let row = |name: &str, value: String| (name.to_owned(), value);
        let route = self.calls * requests_of_a_route();
        let mut rows = vec![
            row("accounts to spread the calls over", number(self.accounts())),
            row(
                "`callbook account update --shards`, each",
                self.shards().to_string(),
            ),
            row(
                "`ThrottlingRate`, with room for twice the load",
                number(2 * route),
            ),
            row("`ThrottlingBurst`", number(4 * route)),
        ];
        if self.writes() > NEW_TABLE_WRITES {
            rows.push(row(
                "`WarmWriteUnits`, before the first day, and `WarmReadUnits`",
                format!(
                    "{}, {}",
                    number(self.writes()),
                    number(self.reads().max(12_000))
                ),
            ));
        }
        for (what, needed, quota) in [
            ("write units of a table", self.writes(), TABLE_WRITES),
            (
                "requests a second to API Gateway",
                2 * self.requests(),
                GATEWAY_REQUESTS,
            ),
            ("concurrent executions", 2 * self.concurrency(), CONCURRENCY),
        ] {
            if needed > quota {
                rows.push(row(
                    &format!("quota to raise with AWS: {what}"),
                    format!("{} (is {})", number(needed), number(quota)),
                ));
            }
        }
        rows.push(row(
            "`MaxWriteUnits`, so that a fault costs no more than twice the load",
            number(2 * self.writes()),
        ));
        rows
    }
}

/// The limits of one thing, from the lowest to the highest.
fn limits() -> Vec<(String, String)> {
    let unit = Plan { calls: 1 };
    let mut limits = vec![
        ("one shard of an account", per_second(PARTITIONS.shard)),
        (
            "one account with 16 shards",
            per_second(PARTITIONS.shard) * MOST_SHARDS,
        ),
        (
            "one account: its live calls and sums",
            per_second(PARTITIONS.account),
        ),
        ("one called number", per_second(PARTITIONS.did)),
        (
            "one credential with limits, for its switch",
            per_second(PARTITIONS.key),
        ),
        (
            "`ThrottlingRate` at its default",
            THROTTLING_RATE / requests_of_a_route(),
        ),
        (
            "a new table in its first minutes",
            NEW_TABLE_WRITES / unit.writes(),
        ),
        ("the default quota of a table", TABLE_WRITES / unit.writes()),
        (
            "the default quota of API Gateway",
            GATEWAY_REQUESTS / unit.requests(),
        ),
        (
            "the default concurrency of an AWS account",
            CONCURRENCY * 1_000 / (MILLISECONDS * unit.requests()),
        ),
    ];
    limits.sort_by_key(|(_, calls)| *calls);
    let rows = limits.into_iter();
    rows.map(|(name, calls)| (name.to_owned(), number(calls)))
        .collect()
}

/// The cost of a million of each request, as a table in Markdown.
#[must_use]
pub fn requests_markdown() -> String {
    let mut text = String::from(
        "| request | write units | read units | USD a million | of that the table |\n|---|---|---|---|---|\n",
    );
    for request in REQUESTS.iter().chain(LIFE) {
        let _written = writeln!(
            text,
            "| {} | {} | {} | {} | {} % |",
            request.name,
            request.writes,
            halves(request.half_reads),
            dollars(request.nanodollars()),
            request.store() * 100 / request.nanodollars(),
        );
    }
    text
}

fn requests_of_a_call() -> u64 {
    u64::try_from(LIFE.len()).unwrap_or(u64::MAX)
}

/// The requests of a call by the busiest route: all but the bill come from the switch.
fn requests_of_a_route() -> u64 {
    requests_of_a_call() - 1
}

/// Calls a second until a partition is full that each needs so many write units of.
fn per_second(units: u64) -> u64 {
    PARTITION_WRITES / units.max(1)
}

/// A number with commas.
fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn halves(halves: u64) -> String {
    match halves % 2 {
        0 => number(halves / 2),
        _ => format!("{}.5", number(halves / 2)),
    }
}

/// Nanodollars a request as dollars a million.
fn dollars(nanodollars: u64) -> String {
    let cents = (nanodollars + 5) / 10;
    format!("{}.{:02}", cents / 100, cents % 100)
}
