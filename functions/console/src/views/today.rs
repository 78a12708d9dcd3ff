//! *Today*: is anything wrong? Costs and calls by vendor, against the same days a week ago, and the three sums that
//! somebody should look at.

use callbook::dialect::Answer;
use futures_util::try_join;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::links;
use super::measures::{SUMMARY, Summed, SummedMeasures, group_of};
use crate::form::Pairs;
use crate::html::plot::{self, Bar};
use crate::html::table::{self, number, text};
use crate::html::text::{amount, change, count, moment, money, share};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

/// The filters of answered calls that nobody has billed.
const NEVER_BILLED: [(&str, &str); 3] = [
    ("direction", "inbound"),
    ("disposition", "answered"),
    ("billed", "false"),
];

/// Two of the three sums come from lists: their totals.
#[derive(Deserialize)]
struct Listed<T> {
    totals: T,
}

#[derive(Deserialize)]
struct CostTotals {
    in_force: Sum,
}

#[derive(Deserialize)]
struct Sum {
    count: u64,
    amount: String,
}

#[derive(Deserialize)]
struct CallTotals {
    calls: u64,
}

/// What the page is about: the days, and the days that they are compared with.
struct TodayRange {
    days: Days,
    before: Days,
    told: &'static str,
}

impl TodayRange {
    fn of(screen: &Screen<'_>) -> Self {
        let days = screen.days("today");
        let count = days.count();
        let (back, told) = match count {
            1..=7 => (7, "the same day a week before"),
            _ => (count, "the period before"),
        };
        let before = Days {
            from: days.from.plus_days(-back),
            to: days.to.plus_days(-back),
            preset: None,
        };
        let told = if (2..=7).contains(&count) {
            "the same days a week before"
        } else {
            told
        };
        Self { days, before, told }
    }
}

/// The groupings of the page: vendors, and hours or days.
async fn summary(screen: &Screen<'_>, days: &Days) -> Result<Summed, Stop> {
    let by = format!("vendor;{}", by_time(days));
    Summed::of(screen, days, &by, &Pairs::default()).await
}

/// By which time a plot of some days goes.
fn by_time(days: &Days) -> &'static str {
    if days.count() == 1 { "hour" } else { "day" }
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let compared = TodayRange::of(screen);
    let TodayRange { days, before, told } = &compared;
    let doubled = days.narrow(&Pairs::of(&[
        ("flag", "two_vendors"),
        ("state", "in_force"),
        ("limit", "1"),
    ]));
    let never_billed = days.narrow(&Pairs::of(&NEVER_BILLED));
    let unbilled = never_billed.with(&[("limit", "1")]);
    let (sums, sums_before, doubled, unbilled) = try_join!(
        summary(screen, days),
        summary(screen, before),
        screen.get::<Listed<CostTotals>>("/callbook/v1/costs", &doubled),
        screen.get::<Listed<CallTotals>>("/callbook/v1/calls", &unbilled),
    )?;
    let currency = screen.me.currency.as_str();
    let (now, then) = (&sums.totals.now, &sums_before.totals.now);
    let body = html! {
        p.note { "Compared with " (told) ", " time { (before.from) } @if before.count() > 1 { " to " time { (before.to) } } "." }
        (figures(now, then, currency))
        h2 { "To look at" }
        (looks(days, now, &doubled.totals.in_force, unbilled.totals.calls, currency))
        h2 { "Cost over time" }
        (over_time(&compared, &sums, &sums_before, currency))
        h2 { "By vendor" }
        (by_vendor(&compared, &sums, &sums_before, currency))
        @if let Some(as_of) = &sums.as_of { p.note { "Counted until " (moment(Some(as_of))) "." @if sums.settling { " Some entries are being decided." } } }
    };
    let api = [days.narrow(&Pairs::of(&[("by", "vendor")])).at(SUMMARY)];
    let Days { from, to, .. } = days;
    let account = &screen.me.account_id;
    Ok(ShownPage {
        follows: false,
        title: title(days),
        body,
        csv: Some(
            screen
                .query
                .only(&["from", "to", "range"])
                .at("/console/today.csv"),
        ),
        same: Same {
            api: api.into(),
            command: Some(format!(
                "callbook summary --account {account} --by vendor --from {from} --to {to}"
            )),
        },
        days: Some(compared.days),
    })
}

fn title(days: &Days) -> String {
    match days.preset {
        Some("today") => format!("Today, {}", days.from),
        Some("yesterday") => format!("Yesterday, {}", days.from),
        _ if days.count() == 1 => days.from.to_string(),
        _ => format!("{} to {}", days.from, days.to),
    }
}

/// A figure with what it was before.
fn figure(name: &str, value: &Markup, before: &str, change: Option<String>) -> Markup {
    html! {
        li.card {
            span.name { (name) }
            span.value { (value) }
            span.beside { @if let Some(change) = change { (change) ", " } "before " (before) }
        }
    }
}

fn figures(now: &SummedMeasures, then: &SummedMeasures, currency: &str) -> Markup {
    let share_of = |measures: &SummedMeasures| {
        share(measures.answered, measures.calls).unwrap_or_else(|| "–".to_owned())
    };
    let per = |measures: &SummedMeasures| measures.cost_per_answered.clone();
    let per_change = per(now)
        .zip(per(then))
        .and_then(|(now, then)| change(&now, &then));
    let calls = (now.calls.to_string(), then.calls.to_string());
    html! {
        ul.cards {
            (figure("Cost", &money(Some(&now.cost), currency), &amount(&then.cost), change(&now.cost, &then.cost)))
            (figure("Calls", &html! { (count(now.calls)) }, &count(then.calls), change(&calls.0, &calls.1)))
            (figure("Answered", &html! { (share_of(now)) }, &share_of(then), None))
            (figure("Cost per answered call", &money(per(now).as_deref(), currency), &per(then).map_or_else(|| "–".to_owned(), |text| amount(&text)), per_change))
        }
    }
}

/// The three sums. Each leads to its rows.
fn looks(
    days: &Days,
    now: &SummedMeasures,
    doubled: &Sum,
    unbilled: u64,
    currency: &str,
) -> Markup {
    let class = |count: u64| if count == 0 { "card fine" } else { "card bad" };
    let costs = |kind| {
        days.narrow(&Pairs::of(&[("kind", kind)]))
            .at("/console/costs")
    };
    let calls = days.narrow(&Pairs::of(&NEVER_BILLED)).at("/console/calls");
    html! {
        ul.cards {
            li { a class=(class(now.unmatched_count)) href=(costs("unmatched")) {
                span.name { "Unmatched costs" }
                span.value { (money(Some(&now.unmatched), currency)) }
                span.beside { (count(now.unmatched_count)) " without a call" }
            } }
            li { a class=(class(doubled.count)) href=(costs("doubled")) {
                span.name { "Two vendors for one call" }
                span.value { (money(Some(&doubled.amount), currency)) }
                span.beside { (count(doubled.count)) " costs in force" }
            } }
            li { a class=(class(unbilled)) href=(calls) {
                span.name { "Answered, never billed" }
                span.value { (count(unbilled)) }
                span.beside { "calls without a cost" }
            } }
        }
    }
}

fn over_time(compared: &TodayRange, now: &Summed, before: &Summed, currency: &str) -> Markup {
    let TodayRange {
        days,
        before: earlier,
        told,
    } = compared;
    let by = by_time(days);
    let cost = |summary: &Summed, key: &str| {
        let group = group_of(summary.grouping(1), by, Some(key));
        group
            .and_then(|group| group.compared.now.cost.parse().ok())
            .unwrap_or(Decimal::ZERO)
    };
    let bar = |label: String, value: Decimal, before: Decimal, key: &str, when: &str| Bar {
        href: links::calls(days, &Pairs::default(), &[(by, Some(key))]),
        told: format!(
            "{when}: {} {currency}, before {} {currency}",
            amount(&value.to_string()),
            amount(&before.to_string())
        ),
        label,
        value,
        before: Some(before),
    };
    let bars: Vec<Bar> = match days.count() {
        1 => {
            let day = days.from.to_string();
            let hours = (0..24).map(|hour| format!("{hour:02}"));
            hours
                .map(|hour| {
                    let (value, then) = (cost(now, &hour), cost(before, &hour));
                    bar(
                        hour.clone(),
                        value,
                        then,
                        &hour,
                        &format!("{day} {hour}:00"),
                    )
                })
                .collect()
        }
        _ => {
            let pairs = days.each().zip(earlier.each());
            pairs
                .map(|(day, then)| {
                    let (day, then) = (day.to_string(), then.to_string());
                    let (value, then) = (cost(now, &day), cost(before, &then));
                    let label = day.chars().skip(5).collect();
                    bar(label, value, then, &day, &day)
                })
                .collect()
        }
    };
    let sum = amount(&now.totals.now.cost);
    html! {
        p.note { span.key { "Cost by " (by) } " " span.key.before { (told) } }
        (plot::bars(&format!("Cost by {by}: {sum} {currency} in all. Each bar leads to its calls."), &bars))
    }
}

fn by_vendor(compared: &TodayRange, now: &Summed, before: &Summed, currency: &str) -> Markup {
    if now.groups.is_empty() {
        let next = html! { "Choose another range, or send calls and bills: " code { "callbook demo" } " prints a line for each endpoint." };
        return table::empty("No calls and no costs in these days.", &next);
    }
    let row = |name: Markup, now: &SummedMeasures, then: Option<&SummedMeasures>| {
        vec![
            name,
            html! { (count(now.calls)) },
            html! { (share(now.answered, now.calls).unwrap_or_else(|| "–".to_owned())) },
            html! { (count(now.billed_calls)) },
            money(Some(&now.cost), currency),
            money(then.map(|then| then.cost.as_str()), currency),
            money(now.cost_per_answered.as_deref(), currency),
            money(Some(&now.unmatched), currency),
        ]
    };
    let rows: Vec<_> = now
        .groups
        .iter()
        .map(|group| {
            let vendor = group.key("vendor");
            let calls = links::calls(&compared.days, &Pairs::default(), &[("vendor", vendor)]);
            let name = html! { a href=[calls] { (vendor.unwrap_or("no vendor")) } };
            let then = group_of(&before.groups, "vendor", vendor).map(|group| &group.compared.now);
            row(name, &group.compared.now, then)
        })
        .collect();
    let columns = [
        text("Vendor"),
        number("Calls"),
        number("Answered"),
        number("Billed"),
        number("Cost"),
        number("Cost before"),
        number("Per answered"),
        number("Unmatched"),
    ];
    let foot = row(html! { "Total" }, &now.totals.now, Some(&before.totals.now));
    table::table("Calls and costs by vendor", &columns, &rows, Some(&foot))
}

/// The rows as CSV: the summary by vendor.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let days = TodayRange::of(screen).days;
    let found = Summed::of(screen, &days, "vendor", &Pairs::default()).await?;
    let rows = found.groups.iter().map(|group| {
        let now = &group.compared.now;
        vec![
            group.key("vendor").unwrap_or_default().to_owned(),
            now.calls.to_string(),
            now.answered.to_string(),
            now.billed_calls.to_string(),
            now.cost.clone(),
            now.cost_per_answered.clone().unwrap_or_default(),
            now.unmatched.clone(),
        ]
    });
    let head = [
        "vendor",
        "calls",
        "answered",
        "billed_calls",
        "cost",
        "cost_per_answered",
        "unmatched",
    ];
    rows::csv(&format!("summary-{}", days.from), &head, rows)
}
