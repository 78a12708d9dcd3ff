//! *Costs to settle*: what somebody should decide, by its kind.

use callbook::dialect::Answer;
use callbook::dialect::callbook::costs::CostView;
use maud::{Markup, html};
use serde::Deserialize;

use super::entries::ListedCost;
use crate::form::Pairs;
use crate::html::table::{self, number, text};
use crate::html::text::{count, moment, money, or_absent, word};
use crate::html::{field, listing};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const COSTS: &str = "/callbook/v1/costs";

/// Where the page is.
const PATH: &str = "/console/costs";

/// The kinds of costs: the word of the URL, the name, what it means, and the filter of the API.
const KINDS: [Kind; 7] = [
    Kind {
        word: "unmatched",
        name: "Unmatched",
        meaning: "In force, and no call is known for them. Match each to its call, or void it.",
        filter: &[("match", "unmatched"), ("state", "in_force")],
    },
    Kind {
        word: "doubled",
        name: "Two vendors",
        meaning: "Costs in force of two vendors on one call. Void the one that is not owed.",
        filter: &[("flag", "two_vendors"), ("state", "in_force")],
    },
    Kind {
        word: "other_price",
        name: "Other price",
        meaning: "Not at the price of the vendor's terms. Adjust the difference, or void the cost.",
        filter: &[("expectation", "other_price"), ("state", "in_force")],
    },
    Kind {
        word: "too_short",
        name: "Too short",
        meaning: "For calls that are shorter than the vendor's terms ask for.",
        filter: &[("expectation", "too_short"), ("state", "in_force")],
    },
    Kind {
        word: "duplicate",
        name: "Duplicate caller",
        meaning: "For callers whom the vendor has billed before, within the days of its terms.",
        filter: &[("expectation", "duplicate_caller"), ("state", "in_force")],
    },
    Kind {
        word: "superseded",
        name: "Superseded",
        meaning: "Replaced by a later bill for the same call. They do not count.",
        filter: &[("state", "superseded")],
    },
    Kind {
        word: "all",
        name: "All",
        meaning: "Every cost that was billed, whatever became of it.",
        filter: &[],
    },
];

struct Kind {
    word: &'static str,
    name: &'static str,
    meaning: &'static str,
    filter: &'static [(&'static str, &'static str)],
}

impl Kind {
    fn of(screen: &Screen<'_>) -> &'static Self {
        let word = screen.query.get("kind").unwrap_or("unmatched");
        let [first, ..] = &KINDS;
        KINDS.iter().find(|kind| kind.word == word).unwrap_or(first)
    }
}

/// The filters of the page, besides its kind.
const FILTERS: [&str; 5] = ["vendor", "did", "caller", "min_amount", "max_amount"];

#[derive(Deserialize)]
struct Listed {
    costs: Vec<ListedCost>,
    totals: Totals,
    settling: bool,
    kept_since: Option<String>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Totals {
    acknowledged: Sum,
    in_force: Sum,
    superseded: Sum,
    void: Sum,
    adjusted: Sum,
    complete: bool,
}

#[derive(Deserialize)]
struct Sum {
    count: u64,
    amount: String,
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let (days, kind) = (screen.days("30d"), Kind::of(screen));
    let asked = asked(screen, kind, &days);
    let cursor = screen.query.get("cursor").unwrap_or_default();
    let page = asked.with(&[("limit", "100"), ("cursor", cursor)]);
    let listed: Listed = screen.get(COSTS, &page).await?;
    let body = html! {
        (kinds(screen, kind))
        p.note { (kind.meaning) }
        (filters(screen, kind, &days))
        (totals(&listed, &screen.me.currency))
        (listing::cut("costs", listed.kept_since.as_deref()))
        (table_of(screen, kind, &listed))
        (listing::pages(screen, PATH, listed.next_cursor.as_deref()))
    };
    Ok(ShownPage {
        follows: false,
        title: "Costs to settle".to_owned(),
        body,
        csv: Some(
            screen
                .query
                .with(&[("cursor", "")])
                .at("/console/costs.csv"),
        ),
        same: Same {
            api: [asked.at(COSTS)].into(),
            command: (!is_narrowed(screen)).then(|| command(screen, kind, &days)),
        },
        days: Some(days),
    })
}

fn asked(screen: &Screen<'_>, kind: &Kind, days: &Days) -> Pairs {
    days.narrow(&screen.query.only(&FILTERS)).with(kind.filter)
}

/// Whether the page shows less than the costs of its kind. The command is written without filters, so then it would not
/// give the same.
fn is_narrowed(screen: &Screen<'_>) -> bool {
    FILTERS.iter().any(|name| screen.query.get(name).is_some())
}

fn command(screen: &Screen<'_>, kind: &Kind, days: &Days) -> String {
    let filters = kind.filter.iter();
    let filters = filters.map(|(name, value)| format!(" --{name} {value}"));
    let filters: String = filters.collect();
    let Days { from, to, .. } = days;
    let account = &screen.me.account_id;
    format!("callbook cost list --account {account} --from {from} --to {to}{filters}")
}

fn kinds(screen: &Screen<'_>, chosen: &Kind) -> Markup {
    html! {
        nav aria-label="Kinds of costs" {
            ul.tabs {
                @for kind in &KINDS {
                    li {
                        a href=(screen.query.with(&[("kind", kind.word), ("cursor", "")]).at(PATH))
                            aria-current=[(kind.word == chosen.word).then_some("page")] { (kind.name) }
                    }
                }
            }
        }
    }
}

fn filters(screen: &Screen<'_>, kind: &Kind, days: &Days) -> Markup {
    let of = |name| screen.query.get(name).unwrap_or_default();
    let fields = html! {
        (field::input("vendor", "Vendor", "text", of("vendor")))
        (field::input("did", "Called number", "text", of("did")))
        (field::input("caller", "Caller", "text", of("caller")))
        (field::input("min_amount", "From amount", "text", of("min_amount")))
        (field::input("max_amount", "To amount", "text", of("max_amount")))
    };
    let kept = Pairs::of(&[("kind", kind.word)]);
    listing::search(PATH, Some(days), &kept, &fields)
}

fn totals(listed: &Listed, currency: &str) -> Markup {
    let Totals {
        acknowledged,
        in_force,
        superseded,
        void,
        adjusted,
        complete,
    } = &listed.totals;
    let sum = |name: &str, sum: &Sum| html! { (name) " " strong { (count(sum.count)) } ", " (money(Some(&sum.amount), currency)) };
    html! {
        p.totals {
            (sum("Acknowledged", acknowledged)) " = " (sum("in force", in_force)) " + " (sum("superseded", superseded)) " + " (sum("void", void)) ". "
            (sum("Adjusted", adjusted)) "."
            @if !complete { " The range is too long to be counted in one go: these are the sums of its beginning." }
            @if listed.settling { " Some entries are being decided." }
        }
    }
}

fn table_of(screen: &Screen<'_>, kind: &Kind, listed: &Listed) -> Markup {
    if listed.costs.is_empty() {
        let next = match kind.word {
            "all" => {
                html! { "Choose another range. Bills come in through the vendors' endpoints." }
            }
            _ => {
                html! { "Nothing to settle here. Look at another kind above, or at a longer range." }
            }
        };
        return table::empty("No costs.", &next);
    }
    let columns = [
        text("Billed"),
        text("Vendor"),
        text("Caller"),
        text("Called"),
        text("State"),
        text("Terms"),
        number("Amount"),
        text("Call"),
    ];
    let rows: Vec<_> = listed
        .costs
        .iter()
        .map(|cost| {
            vec![
                html! { a href=(cost.href()) { (moment(Some(&cost.date_billed))) } },
                or_absent(cost.vendor_id.as_deref()),
                html! { span.nowrap { (cost.cid) } },
                html! { span.nowrap { (cost.did) } },
                cost.state(),
                or_absent(cost.expectation.as_deref().map(word).as_deref()),
                money(Some(&cost.amount), &screen.me.currency),
                cost.call_link(),
            ]
        })
        .collect();
    table::table(kind.name, &columns, &rows, None)
}

/// The rows as CSV, all pages of them.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let (days, kind) = (screen.days("30d"), Kind::of(screen));
    let name = format!("costs-{}-{}", kind.word.replace('_', "-"), days.from);
    let (list, asked) = ((COSTS, "costs"), asked(screen, kind, &days));
    rows::file(screen, &name, list, &asked, &CostView::FIELDS).await
}
