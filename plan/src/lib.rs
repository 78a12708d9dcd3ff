//! What so many calls a second need, what breaks first, and what they cost.
//!
//! Everything is computed from [`prices`], [`requests`] and [`measured`]. Whole numbers of nanodollars keep it exact;
//! sums are rounded to whole dollars at the end.

pub mod cost;
mod limits;
pub mod measured;
pub mod prices;
pub mod requests;
mod text;

use std::fmt::Write;

use cost::Cost;
use limits::{most_of_an_account, per_second, settings};
use measured::{BYTES, EVENTS, Follower, LIFE, PARTITIONS, SUMS, WEBHOOK};
use prices::{
    BACKUP_CENTS, DATE, PROVISIONED_READ_UNIT, PROVISIONED_WRITE_UNIT, REGION, STORAGE_CENTS,
};
use requests::{MILLISECONDS, OWN, Request, VENDORS};
use text::{dollars, halves, number, row, section};

/// Seconds of a month of 30 days, for which events and deliveries are kept, too.
const MONTH: u64 = 30 * 86_400;

/// The most runs of `deliver` that the events of the bus begin at the same time.
const DELIVERERS: u64 = 10;

/// What a number of calls a second needs. Each call is a start, a lookup, an end and a bill.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Calls that begin in a second.
    pub calls: u64,
    /// Webhook endpoints of each account that take every event.
    pub webhooks: u64,
}

impl Plan {
    /// What follows each call, and how often.
    fn followers(&self) -> [(Follower, u64); 3] {
        [(SUMS, 1), (EVENTS, 1), (WEBHOOK, self.webhooks)]
    }

    /// Adds a figure up over what follows a call.
    fn following(&self, figure: impl Fn(&Follower) -> u64) -> u64 {
        let followers = self.followers().into_iter();
        followers
            .map(|(follower, times)| figure(&follower) * times)
            .sum()
    }

    /// Write units a second.
    #[must_use]
    pub fn writes(&self) -> u64 {
        let life: u64 = LIFE.iter().map(|request| request.writes).sum();
        self.calls * (life + self.following(|follower| follower.writes))
    }

    /// Read units a second.
    #[must_use]
    pub fn reads(&self) -> u64 {
        let halves: u64 = LIFE.iter().map(|request| request.half_reads).sum();
        let halves = halves + self.following(|follower| follower.half_reads);
        (self.calls * halves).div_ceil(2)
    }

    /// Requests a second.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.calls * requests_of_a_call()
    }

    /// Events a second.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.calls * self.following(|follower| follower.events)
    }

    /// Functions that run at the same time.
    #[must_use]
    pub fn concurrency(&self) -> u64 {
        (self.calls * milliseconds_of_a_call()).div_ceil(1_000) + DELIVERERS
    }

    /// How many accounts the calls have to be spread over.
    #[must_use]
    pub fn accounts(&self) -> u64 {
        self.calls.div_ceil(most_of_an_account(self.webhooks))
    }

    /// How many shards each of these accounts needs.
    #[must_use]
    pub fn shards(&self) -> u64 {
        let calls = self.calls.div_ceil(self.accounts());
        calls.div_ceil(per_second(PARTITIONS.shard))
    }

    /// Dollars a month for nanodollars a call.
    fn month(&self, nanodollars: u64) -> u64 {
        self.calls * MONTH * nanodollars / 1_000_000_000
    }

    fn provisioned(&self) -> u64 {
        let microdollars =
            self.writes() * PROVISIONED_WRITE_UNIT + self.reads() * PROVISIONED_READ_UNIT;
        microdollars / 1_000_000
    }

    /// GB that a month adds to the table, with so many bytes a call.
    fn gigabytes(&self, bytes: u64) -> u64 {
        self.calls * MONTH * bytes / 1_000_000_000
    }

    /// GB of what is kept for 30 days.
    fn passing(&self) -> u64 {
        self.gigabytes(self.following(|follower| follower.bytes))
    }

    /// The plan as tables in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let hooks = match self.webhooks {
            0 => String::new(),
            1 => ", and 1 webhook endpoint of each account that takes every event".to_owned(),
            many => format!(", and {many} webhook endpoints of each account that take every event"),
        };
        let title = format!(
            "**{} calls a second**, each with a start, a lookup, an end and a bill{hooks}",
            number(self.calls)
        );
        section(&mut text, &title, "load | a second", &self.load());
        section(
            &mut text,
            "What is to be set",
            "setting | value",
            &settings(self),
        );
        section(
            &mut text,
            "What breaks first",
            "limit | reached at, calls a second",
            &limits::limits(self.webhooks),
        );
        let title = format!(
            "What it costs ({REGION}, list prices of {DATE}, without logs' keeping; times of functions are bounds)"
        );
        section(&mut text, &title, "part | USD a month", &self.costs());
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    fn load(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            row("requests", number(self.requests())),
            row("events", number(self.events())),
        ];
        if self.webhooks > 0 {
            let deliveries = self.events() * self.webhooks;
            rows.push(row("deliveries to webhooks", number(deliveries)));
        }
        rows.extend([
            row("write units", number(self.writes())),
            row("read units", number(self.reads())),
            row("functions at the same time", number(self.concurrency())),
            row(
                "GB that a month adds to the table",
                number(self.gigabytes(BYTES)),
            ),
            row(
                "GB of the table that are kept for 30 days",
                number(self.passing()),
            ),
        ]);
        rows
    }

    fn costs(&self) -> Vec<(String, String)> {
        let requests = LIFE.iter().map(Request::cost);
        let requests = requests.fold(Cost::default(), |sum, cost| sum + cost);
        let [sums, events, hooks] = self
            .followers()
            .map(|(follower, times)| follower.cost() * times);
        let all = requests + sums + events + hooks;
        let storage = STORAGE_CENTS + BACKUP_CENTS;
        let mut rows = vec![
            row("table, on demand", number(self.month(all.table))),
            row("of that, events", number(self.month(events.table))),
        ];
        if self.webhooks > 0 {
            rows.push(row("of that, webhooks", number(self.month(hooks.table))));
        }
        rows.extend([
            row(
                "table, provisioned for exactly this load, in place of it",
                number(self.provisioned()),
            ),
            row(
                "requests: gateway, functions, logs and traffic",
                number(self.month(requests.function + requests.rest)),
            ),
            row(
                "sums: functions and logs",
                number(self.month(sums.function + sums.rest)),
            ),
            row(
                "events: functions, logs, bus and queue",
                number(self.month(events.function + events.rest)),
            ),
        ]);
        if self.webhooks > 0 {
            rows.push(row(
                "webhooks: functions and traffic",
                number(self.month(hooks.function + hooks.rest)),
            ));
        }
        rows.extend([
            row(
                "storage and backup of what is kept for 30 days",
                number(self.passing() * storage / 100),
            ),
            row(
                "what a month adds to each later bill, for storage and backup",
                number(self.gigabytes(BYTES) * storage / 100),
            ),
        ]);
        rows
    }
}

/// The cost of a million of each request, as tables in Markdown.
#[must_use]
pub fn requests_markdown() -> String {
    let mut text = String::new();
    let followers = [SUMS, EVENTS, WEBHOOK];
    let of = |requests: &[Request]| {
        let rows = requests.iter();
        let rows = rows.map(|one| (one.name, one.writes, one.half_reads, one.cost()));
        rows.collect::<Vec<_>>()
    };
    let mut call = of(LIFE);
    call.extend(
        followers
            .iter()
            .map(|one| (one.name, one.writes, one.half_reads, one.cost())),
    );
    for (title, rows) in [
        ("A call, and what follows it", call),
        ("Vendors' endpoints", of(VENDORS)),
        ("Callbook's own API and the console", of(OWN)),
    ] {
        let _written = write!(
            text,
            "**{title}**\n\n| a million | write units | read units | table | functions | the rest | USD |\n\
             |---|---|---|---|---|---|---|\n"
        );
        for (name, writes, half_reads, cost) in rows {
            let _written = writeln!(
                text,
                "| {name} | {} | {} | {} | {} | {} | {} |",
                number(writes),
                halves(half_reads),
                dollars(cost.table),
                dollars(cost.function),
                dollars(cost.rest),
                dollars(cost.all()),
            );
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// How long functions run for a call, without deliveries: of these, so many are at the same time as [`DELIVERERS`] says.
fn milliseconds_of_a_call() -> u64 {
    requests_of_a_call() * MILLISECONDS + SUMS.milliseconds + EVENTS.milliseconds
}

fn requests_of_a_call() -> u64 {
    u64::try_from(LIFE.len()).unwrap_or(u64::MAX)
}
