//! *Calls*: the log, searched by number, vendor, disposition and length.

use callbook::dialect::Answer;
use callbook::dialect::callbook::calls::LoggedCall;
use maud::{Markup, html};
use serde::Deserialize;

use super::entries::ListedCall;
use crate::form::Pairs;
use crate::html::table::{self, number, text};
use crate::html::text::{count, length, moment, money, or_absent};
use crate::html::{field, listing};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const CALLS: &str = "/callbook/v1/calls";

/// Where the page is.
const PATH: &str = "/console/calls";

/// The filters that the API takes, besides the range.
const FILTERS: [&str; 17] = [
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
    "source",
    "medium",
    "campaign",
    "content",
    "property",
];

/// The filters that a sum leads here with. The form has no field for them, so the page says them.
const NARROWED: [(&str, &str); 7] = [
    ("hour", "hour"),
    ("weekday", "weekday"),
    ("source", "source"),
    ("medium", "medium"),
    ("campaign", "campaign"),
    ("content", "content"),
    ("property", "property"),
];

#[derive(Deserialize)]
struct Log {
    calls: Vec<ListedCall>,
    totals: Totals,
    settling: bool,
    kept_since: Option<String>,
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
    let cursor = screen.query.get("cursor").unwrap_or_default();
    let page = asked.with(&[("limit", "100"), ("cursor", cursor)]);
    let log: Log = screen.get(CALLS, &page).await?;
    let body = html! {
        (filters(screen, &days))
        (totals(&log, &screen.me.currency))
        (listing::cut("calls", log.kept_since.as_deref()))
        (table_of(screen, &log))
        (listing::pages(screen, PATH, log.next_cursor.as_deref()))
    };
    Ok(ShownPage {
        follows: false,
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
            command: (!is_narrowed(screen)).then(|| {
                let Days { from, to, .. } = &days;
                let account = &screen.me.account_id;
                format!("callbook export calls --account {account} --from {from} --to {to}")
            }),
        },
        days: Some(days),
    })
}

/// Whether the page shows less than its days have. The command has no filters, so then it would not give the same.
fn is_narrowed(screen: &Screen<'_>) -> bool {
    FILTERS.iter().any(|name| screen.query.get(name).is_some())
}

/// Returns what the API is asked: the range and the filters.
fn asked(screen: &Screen<'_>, days: &Days) -> Pairs {
    days.narrow(&screen.query.only(&FILTERS))
}

fn filters(screen: &Screen<'_>, days: &Days) -> Markup {
    let of = |name| screen.query.get(name).unwrap_or_default();
    let kept = screen.query.only(&NARROWED.map(|(name, _)| name));
    let fields = html! {
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
    };
    html! {
        (listing::search(PATH, Some(days), &kept, &fields))
        @for (name, told) in NARROWED {
            @if let Some(value) = screen.query.get(name) {
                p.note {
                    "Only calls of the " (told) " " strong { (value) } ". "
                    a href=(screen.query.with(&[(name, ""), ("cursor", "")]).at(PATH)) { "Of every " (told) }
                }
            }
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
        let next = match is_narrowed(screen) {
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

/// The rows as CSV, all pages of them.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let days = screen.days("7d");
    let name = format!("calls-{}", days.from);
    let list = (CALLS, "calls");
    rows::file(
        screen,
        &name,
        list,
        &asked(screen, &days),
        &LoggedCall::FIELDS,
    )
    .await
}
