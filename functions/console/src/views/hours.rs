//! *Hours*: when calls come, and when they are dear: hour by weekday.

use std::collections::HashMap;

use callbook::dialect::Answer;
use maud::html;
use rust_decimal::Decimal;

use super::links;
use super::measures::{SUMMARY, Summed, SummedMeasures};
use crate::html::field;
use crate::html::heat::{self, Cell, WEEKDAYS};
use crate::html::table;
use crate::html::text::{ABSENT, amount, count};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const BY: &str = "hour,weekday";

/// The sums of an hour and a weekday.
type Cells<'a> = HashMap<(&'a str, &'a str), &'a SummedMeasures>;

async fn found(screen: &Screen<'_>, days: &Days) -> Result<Summed, Stop> {
    let filters = screen.query.only(&links::SHARED);
    Summed::of(screen, days, BY, &filters).await
}

fn cells(found: &Summed) -> Cells<'_> {
    let groups = found.groups.iter();
    let cells = groups.filter_map(|group| {
        let place = (group.key("hour")?, group.key("weekday")?);
        Some((place, &group.compared.now))
    });
    cells.collect()
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let days = screen.days("30d");
    let found = found(screen, &days).await?;
    let sums = cells(&found);
    let filters = screen.query.only(&links::SHARED);
    let asked = days.narrow(&filters);
    let currency = screen.me.currency.as_str();
    let of = |name| screen.query.get(name).unwrap_or_default();
    let cell = |hour: &str,
                day: &str,
                value: &dyn Fn(&SummedMeasures) -> Option<Decimal>,
                is_money: bool| {
        let value = sums.get(&(hour, day)).and_then(|now| value(now));
        let shown = match (value, is_money) {
            (Some(value), true) => amount(&value.to_string()),
            (Some(value), false) => count(value),
            (None, true) => ABSENT.to_owned(),
            (None, false) => "0".to_owned(),
        };
        let keys = [("hour", Some(hour)), ("weekday", Some(day))];
        let href = links::calls(&days, &filters, &keys).unwrap_or_default();
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
        follows: false,
        title: "Hours".to_owned(),
        body,
        csv: Some(screen.query.at("/console/hours.csv")),
        same: Same {
            api: [asked.with(&[("by", BY)]).at(SUMMARY)].into(),
            command: Some(format!(
                "callbook summary --account {account} --by {BY} --from {} --to {}",
                days.from, days.to
            )),
        },
        days: Some(days),
    })
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
    let sums = cells(&found);
    let places = WEEKDAYS
        .iter()
        .flat_map(|(day, _)| (0..24).map(move |hour| (*day, format!("{hour:02}"))));
    let rows = places.map(|(day, hour)| {
        let now = sums.get(&(hour.as_str(), day));
        let now = now.map_or_else(SummedMeasures::default, |now| (*now).clone());
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
