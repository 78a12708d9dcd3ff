//! *Vendors and numbers*: who sends, at which terms, what became of it, and which numbers are called.

mod refused;

use std::collections::BTreeMap;

use callbook::dialect::Answer;
use callbook::model::time::CivilDay;
use futures_util::try_join;
use maud::{Markup, html};
use serde::Deserialize;

use super::measures::{Summed, SummedMeasures};
use crate::form::{query, segment};
use crate::html::table::{self, TableColumn, number, text};
use crate::html::text::{amount, count, money, or_absent, share, word};
use crate::layout::{Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const VENDORS: &str = "/callbook/v1/vendors";
const SUMMARY: &str = "/callbook/v1/summary";

#[derive(Deserialize)]
struct Page {
    vendors: Vec<Vendor>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Vendor {
    vendor_id: String,
    name: String,
    status: String,
    /// From the earliest on.
    terms: Vec<Terms>,
}

#[derive(Deserialize)]
struct Terms {
    from: String,
    price: String,
    minimum_seconds: u32,
    duplicate_days: u32,
}

impl Vendor {
    /// The terms that hold on a day.
    fn terms_on(&self, day: &CivilDay) -> Option<&Terms> {
        let day = day.to_string();
        let began = self.terms.iter().rev();
        began.into_iter().find(|terms| terms.from <= day)
    }

    fn href(&self, days: &Days) -> String {
        let range = query(&[
            ("from", &*days.from.to_string()),
            ("to", &*days.to.to_string()),
        ]);
        format!("/console/vendors/{}?{range}", segment(&self.vendor_id))
    }
}

impl Terms {
    fn in_words(&self, currency: &str) -> Markup {
        html! {
            (money(Some(&self.price), currency))
            @if self.minimum_seconds > 0 { ", from " (self.minimum_seconds) " s" }
            @if self.duplicate_days > 0 { ", once in " (self.duplicate_days) " days" }
        }
    }
}

/// What the page asks the API.
struct Asked {
    vendors: Vec<Vendor>,
    /// The days of the page by vendor.
    by_vendor: Summed,
    /// The same by vendor and day: when each was last heard of.
    by_day: Summed,
    /// Today by vendor and hour: how fast each sends.
    by_hour: Summed,
    by_number: Summed,
    by_campaign: Summed,
}

async fn summary(screen: &Screen<'_>, days: &Days, by: &str) -> Result<Summed, Stop> {
    let (from, to) = (days.from.to_string(), days.to.to_string());
    screen
        .get(SUMMARY, &[("from", &*from), ("to", &*to), ("by", by)])
        .await
}

async fn vendors(screen: &Screen<'_>) -> Result<Vec<Vendor>, Stop> {
    let mut vendors = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = [("limit", rows::PAGE), ("cursor", &*cursor)];
        let page: Page = screen.get(VENDORS, &page).await?;
        vendors.extend(page.vendors);
        match page.next_cursor {
            Some(next) => cursor = next,
            None => return Ok(vendors),
        }
    }
}

impl Asked {
    async fn of(screen: &Screen<'_>, days: &Days) -> Result<Self, Stop> {
        let today = CivilDay::of(screen.visit().now(), &screen.zone);
        let today = Days {
            from: today,
            to: today,
            preset: None,
        };
        let (vendors, by_vendor, by_day, by_hour, by_number, by_campaign) = try_join!(
            vendors(screen),
            summary(screen, days, "vendor"),
            summary(screen, days, "vendor,day"),
            summary(screen, &today, "vendor,hour"),
            summary(screen, days, "did,vendor"),
            summary(screen, days, "did,campaign"),
        )?;
        Ok(Self {
            vendors,
            by_vendor,
            by_day,
            by_hour,
            by_number,
            by_campaign,
        })
    }

    /// The last day on which a vendor's calls or bills are.
    fn last_day(&self, vendor: &str) -> Option<&str> {
        let groups = self.by_day.groups.iter();
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
    let days = screen.days("30d");
    let asked = Asked::of(screen, &days).await?;
    let refused = refused::list(screen, &days, None).await?;
    let Days { from, to, .. } = &days;
    let body = html! {
        h2 { "Who sends" }
        (senders(screen, &days, &asked))
        h2 { "Refused for their number" }
        p.note { "Bills for a number of another vendor, or outside of a key's numbers. They are no costs. What else was refused is in " a href="/console/requests" { "Requests" } "." }
        (refused::table(screen, &refused))
        h2 { "Numbers" }
        (numbers(screen, &days, &asked))
    };
    let account = &screen.me.account_id;
    Ok(ShownPage {
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
        let next = html! { "Add one with " code { "callbook vendor add" } ", and make it a key with " code { "callbook credential create tld --vendor" } "." };
        return table::empty("There are no vendors.", &next);
    }
    let currency = screen.me.currency.as_str();
    let none = SummedMeasures::default();
    let rows: Vec<_> = asked
        .vendors
        .iter()
        .map(|vendor| {
            let id = vendor.vendor_id.as_str();
            let group = asked.by_vendor.group("vendor", Some(id));
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
    for group in &asked.by_number.groups {
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
    let (from, to) = (days.from.to_string(), days.to.to_string());
    let rows: Vec<_> = found
        .iter()
        .map(|(did, of)| {
            let campaign = asked.by_campaign.group("did", Some(did));
            let cost = campaign.map(|group| group.compared.now.cost.as_str());
            let calls = query(&[("from", &*from), ("to", &*to), ("did", did)]);
            vec![
                html! { a.nowrap href=(format!("/console/calls?{calls}")) { (did) } },
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

/// Makes the page of one vendor.
///
/// # Errors
/// Returns what stands in its place.
pub async fn vendor(screen: &Screen<'_>, id: &str) -> Result<ShownPage, Stop> {
    let days = screen.days("30d");
    let path = format!("{VENDORS}/{}", segment(id));
    let (from, to) = (days.from.to_string(), days.to.to_string());
    let filter = [
        ("from", &*from),
        ("to", &*to),
        ("by", "day"),
        ("vendor", id),
    ];
    let (vendor, by_day) = try_join!(
        screen.get::<Vendor>(&path, &[]),
        screen.get::<Summed>(SUMMARY, &filter),
    )?;
    let refused = refused::list(screen, &days, Some(id)).await?;
    let now = &by_day.totals.now;
    let currency = screen.me.currency.as_str();
    let range = query(&[("from", &*from), ("to", &*to), ("vendor", id)]);
    let body = html! {
        (table::facts(&[
            ("Id", html! { code { (vendor.vendor_id) } }),
            ("Status", html! { (word(&vendor.status)) }),
            ("Calls", html! { a href=(format!("/console/calls?{range}")) { (count(now.calls)) } }),
            ("Answered", html! { (share(now.answered, now.calls).unwrap_or_else(|| "–".to_owned())) }),
            ("Cost", html! { a href=(format!("/console/costs?{range}&kind=all")) { (money(Some(&now.cost), currency)) } }),
            ("Unmatched", html! { a href=(format!("/console/costs?{range}&kind=unmatched")) { (money(Some(&now.unmatched), currency)) } }),
            ("Invoice", html! { a href=(format!("/console/invoice?{range}")) { "check a statement" } }),
        ]))
        h2 { "Terms" }
        (terms(&vendor, currency))
        h2 { "Refused for their number" }
        (refused::table(screen, &refused))
    };
    let account = &screen.me.account_id;
    Ok(ShownPage {
        title: vendor.name.clone(),
        body,
        csv: None,
        same: Same {
            api: vec![path],
            command: Some(format!(
                "callbook vendor show {} --account {account}",
                vendor.vendor_id
            )),
        },
        days: Some(days),
    })
}

fn terms(vendor: &Vendor, currency: &str) -> Markup {
    if vendor.terms.is_empty() {
        let next = html! { code { "callbook vendor terms " (vendor.vendor_id) " --from DAY --price AMOUNT" } " says what was agreed upon; then each cost is compared with it." };
        return table::empty("Nothing was agreed upon yet.", &next);
    }
    let columns = [
        text("From"),
        number("Price"),
        number("Least seconds"),
        number("Once in days"),
    ];
    let rows: Vec<_> = vendor
        .terms
        .iter()
        .rev()
        .map(|terms| {
            vec![
                html! { time { (terms.from) } },
                money(Some(&terms.price), currency),
                html! { (terms.minimum_seconds) },
                html! { (terms.duplicate_days) },
            ]
        })
        .collect();
    table::table("Terms, the latest first", &columns, &rows, None)
}

/// The vendors as CSV.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let days = screen.days("30d");
    let (vendors, by_vendor) = try_join!(vendors(screen), summary(screen, &days, "vendor"))?;
    let none = SummedMeasures::default();
    let rows = vendors.iter().map(|vendor| {
        let group = by_vendor.group("vendor", Some(&vendor.vendor_id));
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
