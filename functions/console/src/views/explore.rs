//! *Explore*: calls and costs by two dimensions, with a plot over time beside the period before.

use callbook::dialect::Answer;
use futures_util::try_join;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::measures::{MEASURES, Summed, SummedGroup, SummedMeasures};
use crate::form::Pairs;
use crate::html::field;
use crate::html::plot::{self, Bar};
use crate::html::table::{self, number, text};
use crate::html::text::{amount, count, money, share};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const SUMMARY: &str = "/callbook/v1/summary";

/// The dimensions: the API's word, and the name.
const DIMENSIONS: [(&str, &str); 13] = [
    ("vendor", "Vendor"),
    ("did", "Called number"),
    ("disposition", "Disposition"),
    ("day", "Day"),
    ("hour", "Hour"),
    ("weekday", "Weekday"),
    ("week", "Week"),
    ("month", "Month"),
    ("campaign", "Campaign"),
    ("source", "Source"),
    ("medium", "Medium"),
    ("content", "Content"),
    ("property", "Property"),
];

/// The most rows that are shown. A file has all of them.
const MOST_SHOWN: usize = 350;

/// What the page asks.
struct Wanted {
    days: Days,
    first: &'static str,
    second: Option<&'static str>,
    measure: (&'static str, &'static str, bool),
}

impl Wanted {
    fn of(screen: &Screen<'_>) -> Self {
        let dimension = |name: &str| {
            let word = screen.query.get(name)?;
            let mut words = DIMENSIONS.iter().map(|(known, _)| *known);
            words.find(|known| *known == word)
        };
        let first = dimension("by").unwrap_or("vendor");
        let word = screen.query.get("measure").unwrap_or("cost");
        let [cost, ..] = MEASURES;
        let measure = MEASURES.into_iter().find(|(known, _, _)| *known == word);
        Self {
            days: screen.days("30d"),
            first,
            second: dimension("and").filter(|second| *second != first),
            measure: measure.unwrap_or(cost),
        }
    }

    fn by(&self) -> String {
        match self.second {
            Some(second) => format!("{},{second}", self.first),
            None => self.first.to_owned(),
        }
    }

    fn by_time(&self) -> &'static str {
        match self.days.count() {
            1 => "hour",
            2..=62 => "day",
            63..=240 => "week",
            _ => "month",
        }
    }

    fn asked(&self, screen: &Screen<'_>, by: &str) -> Pairs {
        let (from, to) = (self.days.from.to_string(), self.days.to.to_string());
        let filters = screen.query.only(&["vendor", "did"]);
        filters.with(&[
            ("from", &from),
            ("to", &to),
            ("by", by),
            ("compare", "previous"),
        ])
    }
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let wanted = Wanted::of(screen);
    let (groups, times) = (
        wanted.asked(screen, &wanted.by()),
        wanted.asked(screen, wanted.by_time()),
    );
    let (group_pairs, time_pairs): (Vec<_>, Vec<_>) =
        (groups.iter().collect(), times.iter().collect());
    let (groups_found, times_found): (Summed, Summed) = try_join!(
        screen.get(SUMMARY, &group_pairs),
        screen.get(SUMMARY, &time_pairs),
    )?;
    let body = html! {
        (choices(screen, &wanted))
        (over_time(screen, &wanted, &times_found))
        (table_of(screen, &wanted, &groups_found))
    };
    let Days { from, to, .. } = &wanted.days;
    let account = &screen.me.account_id;
    let by = wanted.by();
    Ok(ShownPage {
        title: "Explore".to_owned(),
        body,
        csv: Some(screen.query.at("/console/explore.csv")),
        same: Same {
            api: [groups.at(SUMMARY)].into(),
            command: Some(format!(
                "callbook summary --account {account} --by {by} --from {from} --to {to} --compare previous"
            )),
        },
        days: Some(wanted.days),
    })
}

fn choices(screen: &Screen<'_>, wanted: &Wanted) -> Markup {
    let of = |name| screen.query.get(name).unwrap_or_default();
    let second: Vec<_> = [("", "nothing")].into_iter().chain(DIMENSIONS).collect();
    let measures: Vec<_> = MEASURES
        .iter()
        .map(|(word, name, _)| (*word, *name))
        .collect();
    html! {
        form.filters method="get" action="/console/explore" {
            (field::hidden(screen.query.only(&["range", "from", "to"]).iter()))
            (field::choice("by", "Group by", &DIMENSIONS, wanted.first))
            (field::choice("and", "and by", &second, wanted.second.unwrap_or_default()))
            (field::choice("measure", "Plot", &measures, wanted.measure.0))
            (field::input("vendor", "Only vendor", "text", of("vendor")))
            (field::input("did", "Only called number", "text", of("did")))
            button type="submit" { "Show" }
        }
    }
}

fn over_time(screen: &Screen<'_>, wanted: &Wanted, found: &Summed) -> Markup {
    let (measure, name, is_money) = wanted.measure;
    let by = wanted.by_time();
    let currency = screen.me.currency.as_str();
    let shown = |value: Decimal| match is_money {
        true => format!("{} {currency}", amount(&value.to_string())),
        false => count(value),
    };
    let of = |measures: Option<&SummedMeasures>| {
        measures
            .and_then(|measures| measures.of(measure))
            .unwrap_or(Decimal::ZERO)
    };
    let places: Vec<String> = match by {
        "hour" => (0..24).map(|hour| format!("{hour:02}")).collect(),
        "day" => wanted.days.each().map(|day| day.to_string()).collect(),
        _ => found
            .groups
            .iter()
            .filter_map(|group| group.key(by))
            .map(str::to_owned)
            .collect(),
    };
    let bars: Vec<Bar> = places
        .into_iter()
        .map(|place| {
            let group = found.group(by, Some(&place)).map(|group| &group.compared);
            let value = of(group.map(|group| &group.now));
            let before = of(group.and_then(|group| group.previous.as_ref()));
            Bar {
                href: calls_of(screen, &wanted.days, &[(by, Some(&place))]),
                told: format!("{place}: {}, before {}", shown(value), shown(before)),
                label: if by == "day" {
                    place.chars().skip(5).collect()
                } else {
                    place
                },
                value,
                before: Some(before),
            }
        })
        .collect();
    let total = found
        .totals
        .now
        .of(measure)
        .map_or_else(|| "–".to_owned(), shown);
    html! {
        p.note { span.key { (name) " by " (by) } " " span.key.before { "the period before" } }
        (plot::bars(&format!("{name} by {by}: {total} in all. Each bar leads to its calls."), &bars))
    }
}

/// The path of the calls of a group: as far as the log has filters for its keys.
fn calls_of(screen: &Screen<'_>, days: &Days, keys: &[(&str, Option<&str>)]) -> String {
    let (mut from, mut to) = (days.from.to_string(), days.to.to_string());
    let mut pairs = screen.query.only(&["vendor", "did"]);
    for (name, key) in keys {
        let key = key.unwrap_or("(none)");
        match *name {
            "day" => (from, to) = (key.to_owned(), key.to_owned()),
            "vendor" | "did" | "disposition" | "hour" | "weekday" => {
                pairs = pairs.with(&[(name, key)]);
            }
            _ => {}
        }
    }
    pairs
        .with(&[("from", &from), ("to", &to), ("direction", "inbound")])
        .at("/console/calls")
}

fn table_of(screen: &Screen<'_>, wanted: &Wanted, found: &Summed) -> Markup {
    if found.groups.is_empty() {
        let next = html! { "Choose another range, or take a filter away." };
        return table::empty("No calls and no costs in these days.", &next);
    }
    let name_of = |word: &str| {
        DIMENSIONS
            .iter()
            .find(|(known, _)| *known == word)
            .map_or("", |(_, name)| *name)
    };
    let mut columns = vec![text(name_of(wanted.first))];
    columns.extend(wanted.second.map(|second| text(name_of(second))));
    columns.extend(
        [
            "Calls",
            "Answered",
            "Billed",
            "Cost",
            "Before",
            "Per answered",
            "Unmatched",
            "Adjusted",
        ]
        .map(number),
    );
    let currency = screen.me.currency.as_str();
    let shown = found.groups.iter().take(MOST_SHOWN);
    let rows: Vec<_> = shown
        .map(|group| {
            let mut cells = keys(screen, wanted, group);
            cells.extend(measures(
                &group.compared.now,
                group.compared.previous.as_ref(),
                currency,
            ));
            cells
        })
        .collect();
    let mut foot = vec![html! { "Total" }];
    foot.extend(wanted.second.map(|_| html! {}));
    foot.extend(measures(
        &found.totals.now,
        found.totals.previous.as_ref(),
        currency,
    ));
    let left = found.groups.len().saturating_sub(MOST_SHOWN);
    html! {
        (table::table(&format!("By {}", wanted.by().replace(',', " and ")), &columns, &rows, Some(&foot)))
        @if left > 0 { p.note { (count(left)) " more rows are in the CSV file; the total counts all." } }
    }
}

fn keys(screen: &Screen<'_>, wanted: &Wanted, group: &SummedGroup) -> Vec<Markup> {
    let dimensions = [Some(wanted.first), wanted.second].into_iter().flatten();
    let keys: Vec<_> = dimensions.map(|name| (name, group.key(name))).collect();
    let href = calls_of(screen, &wanted.days, &keys);
    let mut cells = keys.iter().enumerate().map(|(place, (_, key))| {
        let key = key.unwrap_or("(none)");
        if place == 0 {
            html! { a href=(href) { (key) } }
        } else {
            html! { (key) }
        }
    });
    cells.by_ref().collect()
}

fn measures(now: &SummedMeasures, before: Option<&SummedMeasures>, currency: &str) -> [Markup; 8] {
    [
        html! { (count(now.calls)) },
        html! { (share(now.answered, now.calls).unwrap_or_else(|| "–".to_owned())) },
        html! { (count(now.billed_calls)) },
        money(Some(&now.cost), currency),
        money(before.map(|before| before.cost.as_str()), currency),
        money(now.cost_per_answered.as_deref(), currency),
        money(Some(&now.unmatched), currency),
        money(Some(&now.adjusted), currency),
    ]
}

/// The rows as CSV, with the sums of the period before.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let wanted = Wanted::of(screen);
    let asked = wanted.asked(screen, &wanted.by());
    let found: Summed = screen
        .get(SUMMARY, &asked.iter().collect::<Vec<_>>())
        .await?;
    let dimensions = || [Some(wanted.first), wanted.second].into_iter().flatten();
    let mut head: Vec<&str> = dimensions().collect();
    head.extend([
        "calls",
        "answered",
        "billed_calls",
        "cost",
        "previous_cost",
        "cost_per_answered",
        "unmatched",
        "adjusted",
    ]);
    let rows = found.groups.iter().map(|group| {
        let SummedMeasures {
            calls,
            answered,
            billed_calls,
            cost,
            cost_per_answered,
            unmatched,
            adjusted,
            ..
        } = group.compared.now.clone();
        let before = group
            .compared
            .previous
            .as_ref()
            .map(|before| before.cost.clone());
        let keys = dimensions().map(|name| group.key(name).unwrap_or_default().to_owned());
        let sums = [
            calls.to_string(),
            answered.to_string(),
            billed_calls.to_string(),
            cost,
            before.unwrap_or_default(),
            cost_per_answered.unwrap_or_default(),
            unmatched,
            adjusted,
        ];
        keys.chain(sums).collect()
    });
    rows::csv(&format!("explore-{}", wanted.days.from), &head, rows)
}
