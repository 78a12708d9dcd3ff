//! *Explore*: calls and costs by two dimensions, with a plot over time beside the period before.

use callbook::dialect::Answer;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::links;
use super::measures::{MEASURES, SUMMARY, Summed, SummedGroup, SummedMeasures, group_of};
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

    fn dimensions(&self) -> impl Iterator<Item = &'static str> {
        [Some(self.first), self.second].into_iter().flatten()
    }

    fn keys<'a>(&self, group: &'a SummedGroup) -> impl Iterator<Item = links::Key<'a>> {
        self.dimensions().map(|name| (name, group.key(name)))
    }

    fn by_time(&self) -> &'static str {
        match self.days.count() {
            1 => "hour",
            2..=62 => "day",
            63..=240 => "week",
            _ => "month",
        }
    }

    /// The path of the rows that a bar of the plot is about.
    fn rows(&self, screen: &Screen<'_>, key: links::Key<'_>) -> Option<String> {
        let filters = narrowed(screen);
        match self.measure.0 {
            "unmatched" => links::unmatched(&self.days, &filters, &[key]),
            "answered" => {
                let filters = filters.with(&[("disposition", "answered")]);
                links::calls(&self.days, &filters, &[key])
            }
            _ => links::calls(&self.days, &filters, &[key]),
        }
    }

    /// The groupings of the page: that of the table, and that of the plot if it is another one.
    fn groupings(&self) -> String {
        match (self.by(), self.by_time()) {
            (by, time) if by == time => by,
            (by, time) => format!("{by};{time}"),
        }
    }

    async fn sums(&self, screen: &Screen<'_>, by: &str) -> Result<Summed, Stop> {
        let filters = narrowed(screen).with(&[("compare", "previous")]);
        Summed::of(screen, &self.days, by, &filters).await
    }
}

/// The filters of the page.
fn narrowed(screen: &Screen<'_>) -> Pairs {
    screen.query.only(&links::SHARED)
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let wanted = Wanted::of(screen);
    let found = wanted.sums(screen, &wanted.groupings()).await?;
    let body = html! {
        (choices(screen, &wanted))
        (over_time(screen, &wanted, &found))
        (table_of(screen, &wanted, &found))
    };
    let Days { from, to, .. } = &wanted.days;
    let account = &screen.me.account_id;
    let by = wanted.by();
    let asked = narrowed(screen).with(&[("by", &by), ("compare", "previous")]);
    let asked = wanted.days.narrow(&asked);
    Ok(ShownPage {
        follows: false,
        title: "Explore".to_owned(),
        body,
        csv: Some(screen.query.at("/console/explore.csv")),
        same: Same {
            api: [asked.at(SUMMARY)].into(),
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
    let groups = match wanted.by() == by {
        true => found.grouping(0),
        false => found.grouping(1),
    };
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
        _ => groups
            .iter()
            .filter_map(|group| group.key(by))
            .map(str::to_owned)
            .collect(),
    };
    let bars: Vec<Bar> = places
        .into_iter()
        .map(|place| {
            let group = group_of(groups, by, Some(&place)).map(|group| &group.compared);
            let value = of(group.map(|group| &group.now));
            let before = of(group.and_then(|group| group.previous.as_ref()));
            Bar {
                href: wanted.rows(screen, (by, Some(&place))),
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
    let rows = match measure {
        "unmatched" if by == "hour" => "",
        "unmatched" => " Each bar leads to its costs.",
        _ => " Each bar leads to its calls.",
    };
    html! {
        p.note { span.key { (name) " by " (by) } " " span.key.before { "the period before" } }
        (plot::bars(&format!("{name} by {by}: {total} in all.{rows}"), &bars))
    }
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
    let filters = narrowed(screen);
    let shown = found.groups.iter().take(MOST_SHOWN);
    let rows: Vec<_> = shown
        .map(|group| {
            let keys: Vec<_> = wanted.keys(group).collect();
            let calls = links::calls(&wanted.days, &filters, &keys);
            let mut cells = names(calls.as_deref(), &keys);
            let costs = links::unmatched(&wanted.days, &filters, &keys);
            cells.extend(measures(
                &group.compared.now,
                group.compared.previous.as_ref(),
                currency,
                costs.as_deref(),
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
        links::unmatched(&wanted.days, &filters, &[]).as_deref(),
    ));
    let left = found.groups.len().saturating_sub(MOST_SHOWN);
    html! {
        (table::table(&format!("By {}", wanted.by().replace(',', " and ")), &columns, &rows, Some(&foot)))
        @if left > 0 { p.note { (count(left)) " more rows are in the CSV file; the total counts all." } }
    }
}

/// The cells of a group's keys. The first leads to its calls.
fn names(href: Option<&str>, keys: &[links::Key<'_>]) -> Vec<Markup> {
    let cells = keys.iter().enumerate().map(|(place, (_, key))| {
        let key = key.unwrap_or(links::NOTHING);
        match href.filter(|_| place == 0) {
            Some(href) => html! { a href=(href) { (key) } },
            None => html! { (key) },
        }
    });
    cells.collect()
}

/// The cells of measures. `costs` is where the unmatched costs are, if a list has them.
fn measures(
    now: &SummedMeasures,
    before: Option<&SummedMeasures>,
    currency: &str,
    costs: Option<&str>,
) -> [Markup; 8] {
    let unmatched = money(Some(&now.unmatched), currency);
    let costs = costs.filter(|_| now.unmatched_count > 0);
    [
        html! { (count(now.calls)) },
        html! { (share(now.answered, now.calls).unwrap_or_else(|| "–".to_owned())) },
        html! { (count(now.billed_calls)) },
        money(Some(&now.cost), currency),
        money(before.map(|before| before.cost.as_str()), currency),
        money(now.cost_per_answered.as_deref(), currency),
        match costs {
            Some(href) => html! { a href=(href) { (unmatched) } },
            None => unmatched,
        },
        money(Some(&now.adjusted), currency),
    ]
}

/// The rows as CSV, with the sums of the period before.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let wanted = Wanted::of(screen);
    let found = wanted.sums(screen, &wanted.by()).await?;
    let mut head: Vec<&str> = wanted.dimensions().collect();
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
        let keys = wanted
            .keys(group)
            .map(|(_, key)| key.unwrap_or_default().to_owned());
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
