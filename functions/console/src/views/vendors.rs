//! *Vendors and numbers*: who sends, at which terms, what became of it, and which numbers are called.

pub mod edit;
mod forms;
pub mod one;
mod refused;
mod vendor;

use std::collections::BTreeMap;

use callbook::dialect::Answer;
use callbook::model::time::CivilDay;
use futures_util::try_join;
use maud::{Markup, html};

use self::vendor::{ListedVendor, VENDORS};
use super::links;
use super::measures::{SUMMARY, Summed, SummedGroup, SummedMeasures, group_of};
use crate::form::Pairs;
use crate::html::draft::Draft;
use crate::html::table::{self, TableColumn, number, text};
use crate::html::text::{amount, count, money, or_absent, share, word};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

/// What the page asks the API.
struct Asked {
    vendors: Vec<ListedVendor>,
    /// The days of the page, by [`BY`].
    sums: Summed,
    /// Today by vendor and hour: how fast each sends.
    by_hour: Summed,
}

/// The groupings of the page: vendors, when each was last heard of, and the numbers with their vendors and campaigns.
const BY: &str = "vendor;vendor,day;did,vendor;did,campaign";

async fn vendors(screen: &Screen<'_>) -> Result<Vec<ListedVendor>, Stop> {
    rows::all(screen, VENDORS, "vendors", &Pairs::default()).await
}

impl Asked {
    async fn of(screen: &Screen<'_>, days: &Days) -> Result<Self, Stop> {
        let today = CivilDay::of(screen.visit().now(), &screen.zone);
        let today = Days {
            from: today,
            to: today,
            preset: None,
        };
        let none = Pairs::default();
        let (vendors, sums, by_hour) = try_join!(
            vendors(screen),
            Summed::of(screen, days, BY, &none),
            Summed::of(screen, &today, "vendor,hour", &none),
        )?;
        Ok(Self {
            vendors,
            sums,
            by_hour,
        })
    }

    fn by_vendor(&self) -> &[SummedGroup] {
        self.sums.grouping(0)
    }

    fn by_day(&self) -> &[SummedGroup] {
        self.sums.grouping(1)
    }

    fn by_number(&self) -> &[SummedGroup] {
        self.sums.grouping(2)
    }

    fn by_campaign(&self) -> &[SummedGroup] {
        self.sums.grouping(3)
    }

    /// The last day on which a vendor's calls or bills are.
    fn last_day(&self, vendor: &str) -> Option<&str> {
        let groups = self.by_day().iter();
        let own = groups.filter(|group| group.key("vendor") == Some(vendor));
        own.filter_map(|group| group.key("day")).max()
    }

    /// Today's last hour with a vendor's calls or bills, and their number.
    fn last_hour(&self, vendor: &str) -> Option<(&str, u64)> {
        let groups = self.by_hour.groups.iter();
        let own = groups.filter(|group| group.key("vendor") == Some(vendor));
        let hours = own.filter_map(|group| Some((group.key("hour")?, group.compared.now.calls)));
        hours.max()
    }
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    page(screen, &Draft::default()).await
}

/// Makes the page, with a form as it was filled in.
async fn page(screen: &Screen<'_>, draft: &Draft<'_>) -> Result<ShownPage, Stop> {
    let days = screen.days("30d");
    let asked = Asked::of(screen, &days).await?;
    let refused = refused::list(screen, &days, &asked.sums, asked.by_day(), None).await?;
    let Days { from, to, .. } = &days;
    let body = html! {
        h2 { "Who sends" }
        (senders(screen, &days, &asked))
        @if screen.may_write() { (forms::new_form(screen, &draft.of(forms::NEW))) }
        h2 { "Refused for their number" }
        p.note { "Bills for a number of another vendor, or outside of a key's numbers. They are no costs. What else was refused is in " a href="/console/requests" { "Requests" } "." }
        (refused::table(screen, &refused))
        h2 { "Numbers" }
        (numbers(screen, &days, &asked))
    };
    let account = &screen.me.account_id;
    Ok(ShownPage {
        follows: false,
        title: "Vendors and numbers".to_owned(),
        body,
        csv: Some(
            screen
                .query
                .only(&["from", "to", "range"])
                .at("/console/vendors.csv"),
        ),
        same: Same {
            api: vec![
                VENDORS.to_owned(),
                format!("{SUMMARY}?from={from}&to={to}&by=vendor"),
            ],
            command: Some(format!("callbook vendor list --account {account}")),
        },
        days: Some(days),
    })
}

fn senders(screen: &Screen<'_>, days: &Days, asked: &Asked) -> Markup {
    if asked.vendors.is_empty() {
        let next = html! { "Add one here or with " code { "callbook vendor add" } ", and make it a key with " code { "callbook credential create tld --vendor" } "." };
        return table::empty("There are no vendors.", &next);
    }
    let currency = screen.me.currency.as_str();
    let none = SummedMeasures::default();
    let rows: Vec<_> = asked
        .vendors
        .iter()
        .map(|vendor| {
            let id = vendor.vendor_id.as_str();
            let group = group_of(asked.by_vendor(), "vendor", Some(id));
            let now = group.map_or(&none, |group| &group.compared.now);
            let seen = match (asked.last_hour(id), asked.last_day(id)) {
                (Some((hour, _)), _) => html! { span.nowrap { "today, " (hour) ":00" } },
                (None, day) => or_absent(day),
            };
            let rate = asked.last_hour(id).map(|(_, calls)| format!("{calls} an hour"));
            vec![
                html! { a href=(vendor.href(days)) { (vendor.name) } " " small { (id) } @if vendor.status != "active" { " " span.tag { (word(&vendor.status)) } } },
                match vendor.terms_on(&days.to) {
                    Some(terms) => terms.in_words(currency),
                    None => html! { "no terms" },
                },
                html! { (count(now.calls)) },
                html! { (share(now.answered, now.calls).unwrap_or_else(|| "–".to_owned())) },
                money(group.map(|_| now.cost.as_str()), currency),
                money(now.cost_per_answered.as_deref(), currency),
                money(group.map(|_| now.unmatched.as_str()), currency),
                html! { (count(now.refused_count)) },
                seen,
                html! { span.nowrap { (or_absent(rate.as_deref())) } },
            ]
        })
        .collect();
    let columns = [
        text("Vendor"),
        text("Terms"),
        number("Calls"),
        number("Answered"),
        number("Cost"),
        number("Per answered"),
        number("Unmatched"),
        number("Refused"),
        text("Last seen"),
        text("Rate"),
    ];
    table::table("Vendors", &columns, &rows, None)
}

const NUMBERS: [TableColumn; 6] = [
    text("Number"),
    text("Vendor"),
    text("Campaign"),
    number("Calls"),
    number("Answered"),
    number("Cost"),
];

/// One number: its vendors, and what was counted of it.
#[derive(Default)]
struct OfNumber<'a> {
    vendors: Vec<&'a str>,
    calls: u64,
    answered: u64,
}

fn numbers(screen: &Screen<'_>, days: &Days, asked: &Asked) -> Markup {
    let mut found: BTreeMap<&str, OfNumber<'_>> = BTreeMap::new();
    for group in asked.by_number() {
        let Some(did) = group.key("did") else {
            continue;
        };
        let of = found.entry(did).or_default();
        // A vendor whose bill was refused for the number is not one of the number's.
        let now = &group.compared.now;
        if now.calls > 0 || now.billed_calls > 0 || !is_zero(&now.cost) {
            of.vendors.extend(group.key("vendor"));
        }
        of.calls += group.compared.now.calls;
        of.answered += group.compared.now.answered;
    }
    if found.is_empty() {
        let next = html! { "Choose another range. " code { "callbook number list" } " lists every number of the account." };
        return table::empty("No number was called or billed in these days.", &next);
    }
    let rows: Vec<_> = found
        .iter()
        .map(|(did, of)| {
            let campaign = group_of(asked.by_campaign(), "did", Some(did));
            let cost = campaign.map(|group| group.compared.now.cost.as_str());
            let calls = links::calls(days, &Pairs::default(), &[("did", Some(did))]);
            vec![
                html! { a.nowrap href=[calls] { (did) } },
                or_absent(Some(&of.vendors.join(", "))),
                or_absent(campaign.and_then(|group| group.key("campaign"))),
                html! { (count(of.calls)) },
                html! { (share(of.answered, of.calls).unwrap_or_else(|| "–".to_owned())) },
                money(cost, &screen.me.currency),
            ]
        })
        .collect();
    html! {
        p.note { "Numbers that were called or billed in these days." }
        (table::table("Numbers", &NUMBERS, &rows, None))
    }
}

fn is_zero(amount: &str) -> bool {
    amount.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

/// The vendors as CSV.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let days = screen.days("30d");
    let none = Pairs::default();
    let (vendors, by_vendor) =
        try_join!(vendors(screen), Summed::of(screen, &days, "vendor", &none))?;
    let none = SummedMeasures::default();
    let rows = vendors.iter().map(|vendor| {
        let group = group_of(&by_vendor.groups, "vendor", Some(&vendor.vendor_id));
        let now = group.map_or(&none, |group| &group.compared.now);
        let terms = vendor.terms_on(&days.to);
        let or_zero = |text: &str| {
            if text.is_empty() {
                "0.0000".to_owned()
            } else {
                text.to_owned()
            }
        };
        vec![
            vendor.vendor_id.clone(),
            vendor.name.clone(),
            vendor.status.clone(),
            terms.map_or_else(String::new, |terms| amount(&terms.price)),
            now.calls.to_string(),
            now.answered.to_string(),
            or_zero(&now.cost),
            or_zero(&now.unmatched),
            now.refused_count.to_string(),
        ]
    });
    let head = [
        "vendor",
        "name",
        "status",
        "price",
        "calls",
        "answered",
        "cost",
        "unmatched",
        "refused",
    ];
    rows::csv(&format!("vendors-{}", days.from), &head, rows)
}
