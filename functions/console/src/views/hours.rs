//! *Hours*: when calls come, and when they are dear: hour by weekday.

use callbook::dialect::Answer;
use maud::html;
use rust_decimal::Decimal;

use super::measures::{Summed, SummedMeasures};
use crate::form::Pairs;
use crate::html::field;
use crate::html::heat::{self, Cell, WEEKDAYS};
use crate::html::table;
use crate::html::text::{ABSENT, amount, count};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const SUMMARY: &str = "/callbook/v1/summary";

fn asked(screen: &Screen<'_>, days: &Days) -> Pairs {
    let (from, to) = (days.from.to_string(), days.to.to_string());
    let filters = screen.query.only(&["vendor", "did"]);
    filters.with(&[("from", &from), ("to", &to), ("by", "hour,weekday")])
}

async fn found(screen: &Screen<'_>, days: &Days) -> Result<Summed, Stop> {
    let asked = asked(screen, days);
    screen.get(SUMMARY, &asked.iter().collect::<Vec<_>>()).await
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let days = screen.days("30d");
    let found = found(screen, &days).await?;
    let currency = screen.me.currency.as_str();
    let of = |name| screen.query.get(name).unwrap_or_default();
    let cell = |hour: &str,
                day: &str,
                value: &dyn Fn(&SummedMeasures) -> Option<Decimal>,
                is_money: bool| {
        let value = measures(&found, hour, day).and_then(value);
        let shown = match (value, is_money) {
            (Some(value), true) => amount(&value.to_string()),
            (Some(value), false) => count(value),
            (None, true) => ABSENT.to_owned(),
            (None, false) => "0".to_owned(),
        };
        let (from, to) = (days.from.to_string(), days.to.to_string());
        let filters = screen.query.only(&["vendor", "did"]);
        let filters = filters.with(&[
            ("from", &from),
            ("to", &to),
            ("hour", hour),
            ("weekday", day),
            ("direction", "inbound"),
        ]);
        let href = filters.at("/console/calls");
        Cell { value, shown, href }
    };
    let body = html! {
        form.filters method="get" action="/console/hours" {
            (field::hidden(screen.query.only(&["range", "from", "to"]).iter()))
            (field::input("vendor", "Only vendor", "text", of("vendor")))
            (field::input("did", "Only called number", "text", of("did")))
            button type="submit" { "Show" }
        }
        @if found.groups.is_empty() {
            (table::empty("No calls and no costs in these days.", &html! { "Choose another range, or take a filter away." }))
        } @else {
            p.note { "Hours in " (screen.me.timezone) ". Each cell leads to its calls." }
            (heat::map("Calls by hour and weekday", |hour, day| cell(hour, day, &|now| Some(now.calls.into()), false)))
            (heat::map(&format!("Cost per answered call in {currency}, by hour and weekday"), |hour, day| cell(hour, day, &|now| now.of("cost_per_answered"), true)))
        }
    };
    let account = &screen.me.account_id;
    Ok(ShownPage {
        title: "Hours".to_owned(),
        body,
        csv: Some(screen.query.at("/console/hours.csv")),
        same: Same {
            api: [asked(screen, &days).at(SUMMARY)].into(),
            command: Some(format!(
                "callbook summary --account {account} --by hour,weekday --from {} --to {}",
                days.from, days.to
            )),
        },
        days: Some(days),
    })
}

fn measures<'a>(found: &'a Summed, hour: &str, day: &str) -> Option<&'a SummedMeasures> {
    let mut groups = found.groups.iter();
    let group =
        groups.find(|group| group.key("hour") == Some(hour) && group.key("weekday") == Some(day));
    group.map(|group| &group.compared.now)
}

/// The cells as CSV.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let days = screen.days("30d");
    let found = found(screen, &days).await?;
    let head = [
        "weekday",
        "hour",
        "calls",
        "answered",
        "cost",
        "cost_per_answered",
    ];
    let cells = WEEKDAYS
        .iter()
        .flat_map(|(day, _)| (0..24).map(move |hour| (*day, format!("{hour:02}"))));
    let rows = cells.map(|(day, hour)| {
        let now = measures(&found, &hour, day).cloned().unwrap_or_default();
        vec![
            day.to_owned(),
            hour,
            now.calls.to_string(),
            now.answered.to_string(),
            now.cost,
            now.cost_per_answered.unwrap_or_default(),
        ]
    });
    rows::csv(&format!("hours-{}", days.from), &head, rows)
}
