//! *Calls*: the log, searched by number, vendor, disposition and length.

use callbook::dialect::Answer;
use maud::{Markup, html};
use serde::Deserialize;

use super::entries::ListedCall;
use crate::form::Pairs;
use crate::html::field;
use crate::html::table::{self, number, text};
use crate::html::text::{count, length, moment, money, or_absent};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const CALLS: &str = "/callbook/v1/calls";

/// The filters that the API takes, besides the range.
const FILTERS: [&str; 12] = [
    "did",
    "caller",
    "vendor",
    "disposition",
    "billed",
    "min_seconds",
    "max_seconds",
    "direction",
    "hour",
    "weekday",
    "min_amount",
    "max_amount",
];

/// The most rows of a file. A longer list is taken with `callbook export calls`.
const MOST_ROWS: usize = 10_000;

#[derive(Deserialize)]
struct Log {
    calls: Vec<ListedCall>,
    totals: Totals,
    settling: bool,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Totals {
    calls: u64,
    seconds: u64,
    billed_calls: u64,
    cost: String,
    complete: bool,
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let days = screen.days("7d");
    let asked = asked(screen, &days);
    let pairs: Vec<_> = asked.iter().chain(page_of(screen)).collect();
    let log: Log = screen.get(CALLS, &pairs).await?;
    let body = html! {
        (filters(screen, &days))
        (totals(&log, &screen.me.currency))
        (table_of(screen, &log))
        (pages(screen, log.next_cursor.as_deref()))
    };
    Ok(ShownPage {
        title: "Calls".to_owned(),
        body,
        csv: Some(
            screen
                .query
                .with(&[("cursor", "")])
                .at("/console/calls.csv"),
        ),
        same: Same {
            api: [asked.at(CALLS)].into(),
            command: Some(format!(
                "callbook export calls --account {} --from {} --to {}",
                screen.me.account_id, days.from, days.to
            )),
        },
        days: Some(days),
    })
}

/// Returns what the API is asked: the range and the filters.
fn asked(screen: &Screen<'_>, days: &Days) -> Pairs {
    let range = [
        ("from", &*days.from.to_string()),
        ("to", &*days.to.to_string()),
    ];
    screen.query.only(&FILTERS).with(&range)
}

fn page_of<'a>(screen: &'a Screen<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let cursor = screen.query.get("cursor").map(|cursor| ("cursor", cursor));
    [("limit", "100")].into_iter().chain(cursor)
}

fn filters(screen: &Screen<'_>, days: &Days) -> Markup {
    let of = |name| screen.query.get(name).unwrap_or_default();
    html! {
        form.filters method="get" action="/console/calls" {
            @match days.preset {
                Some(word) => { (field::hidden([("range", word)].into_iter())) }
                None => {
                    (field::hidden([("from", &*days.from.to_string()), ("to", &*days.to.to_string())].into_iter()))
                }
            }
            (field::hidden(screen.query.only(&["hour", "weekday"]).iter()))
            (field::input("caller", "Caller", "text", of("caller")))
            (field::input("did", "Called number", "text", of("did")))
            (field::input("vendor", "Vendor", "text", of("vendor")))
            (field::input("disposition", "Disposition", "text", of("disposition")))
            (field::choice("billed", "Billed", &[("", "any"), ("true", "yes"), ("false", "no")], of("billed")))
            (field::choice("direction", "Direction", &[("", "any"), ("inbound", "inbound"), ("outbound", "outbound")], of("direction")))
            (field::input("min_seconds", "From seconds", "text", of("min_seconds")))
            (field::input("max_seconds", "To seconds", "text", of("max_seconds")))
            (field::input("min_amount", "From cost", "text", of("min_amount")))
            (field::input("max_amount", "To cost", "text", of("max_amount")))
            button type="submit" { "Search" }
            a href="/console/calls" { "Reset" }
        }
        @if let Some(hour) = screen.query.get("hour") {
            p.note { "Only calls that began in the hour " strong { (hour) } @if let Some(day) = screen.query.get("weekday") { " of a " strong { (day) } } ". " a href=(screen.query.with(&[("hour", ""), ("weekday", ""), ("cursor", "")]).at("/console/calls")) { "All hours" } }
        }
    }
}

fn totals(log: &Log, currency: &str) -> Markup {
    let Totals {
        calls,
        seconds,
        billed_calls,
        cost,
        complete,
    } = &log.totals;
    html! {
        p.totals {
            strong { (count(calls)) } " calls, " strong { (length(Some(*seconds))) } " of talk, "
            strong { (count(billed_calls)) } " billed, " strong { (money(Some(cost), currency)) }
            @if !complete { ". The range is too long to be counted in one go: these are the sums of its beginning" }
            @if log.settling { ". Some costs are being decided" }
        }
    }
}

fn table_of(screen: &Screen<'_>, log: &Log) -> Markup {
    if log.calls.is_empty() {
        let filtered = FILTERS.iter().any(|name| screen.query.get(name).is_some());
        let next = match filtered {
            true => {
                html! { "Take a filter away, or " a href="/console/calls" { "show all calls" } "." }
            }
            false => {
                html! { "Choose another range. Calls come in through the vendors' endpoints, and with " code { "callbook import calls FILE" } "." }
            }
        };
        return table::empty("No calls.", &next);
    }
    let columns = [
        text("Began"),
        text("Caller"),
        text("Called"),
        text("Vendor"),
        number("Length"),
        text("Disposition"),
        number("Cost"),
        text("Notes"),
    ];
    let rows: Vec<_> = log
        .calls
        .iter()
        .map(|call| row(call, &screen.me.currency))
        .collect();
    table::table("Calls, the earliest first", &columns, &rows, None)
}

fn row(call: &ListedCall, currency: &str) -> Vec<Markup> {
    vec![
        html! { a href=(call.href()) { (moment(Some(&call.started_at))) } },
        html! { span.nowrap { (call.call_from) } },
        html! { span.nowrap { (call.call_to) } },
        or_absent(call.vendor_id.as_deref()),
        html! { (length(call.seconds)) },
        or_absent(call.disposition.as_deref()),
        money(call.cost.as_deref(), currency),
        html! {
            @if call.two_vendors { span.tag.bad { "two vendors" } " " }
            @if call.direction != "inbound" { span.tag { (call.direction) } " " }
            @if let Some(notes) = &call.notes { (notes) }
        },
    ]
}

fn pages(screen: &Screen<'_>, next: Option<&str>) -> Markup {
    let path = "/console/calls";
    html! {
        @if next.is_some() || screen.query.get("cursor").is_some() {
            nav.pages aria-label="Pages" {
                @if screen.query.get("cursor").is_some() { a href=(screen.query.with(&[("cursor", "")]).at(path)) { "First page" } }
                @if let Some(next) = next { a href=(screen.query.with(&[("cursor", next)]).at(path)) { "Next page" } }
            }
        }
    }
}

/// The rows as CSV, all pages of them.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let days = screen.days("7d");
    let asked = asked(screen, &days);
    let mut calls: Vec<ListedCall> = Vec::new();
    let mut cursor = String::new();
    while calls.len() < MOST_ROWS {
        let page = asked.with(&[("limit", rows::PAGE), ("cursor", &cursor)]);
        let log: Log = screen.get(CALLS, &page.iter().collect::<Vec<_>>()).await?;
        calls.extend(log.calls);
        match log.next_cursor {
            Some(next) => cursor = next,
            None => break,
        }
    }
    let head = [
        "call_sid",
        "direction",
        "call_from",
        "call_to",
        "vendor_id",
        "started_at",
        "ended_at",
        "seconds",
        "disposition",
        "cost",
        "currency",
        "date_billed",
        "notes",
    ];
    let currency = screen.me.currency.clone();
    let rows = calls.into_iter().map(|call| {
        let or_empty = Option::unwrap_or_default;
        vec![
            call.call_sid,
            call.direction,
            call.call_from,
            call.call_to,
            or_empty(call.vendor_id),
            call.started_at,
            or_empty(call.ended_at),
            call.seconds
                .map(|seconds| seconds.to_string())
                .unwrap_or_default(),
            or_empty(call.disposition),
            or_empty(call.cost),
            currency.clone(),
            or_empty(call.date_billed),
            or_empty(call.notes),
        ]
    });
    rows::csv(&format!("calls-{}", days.from), &head, rows)
}
