//! *Requests*: what was refused, and why, in the words that a vendor's engineer needs.

use callbook::dialect::Answer;
use maud::{Markup, html};
use serde::Deserialize;

use crate::form::{Pairs, query};
use crate::html::field;
use crate::html::table::{self, number, text};
use crate::html::text::{count, moment};
use crate::layout::{Same, ShownPage};
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const REQUESTS: &str = "/callbook/v1/requests";

const FILTERS: [&str; 3] = ["vendor", "credential", "since"];

/// The most rows of a file.
const MOST_ROWS: usize = 2_000;

#[derive(Deserialize)]
struct Page {
    requests: Vec<Refused>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    first_at: String,
    last_at: String,
    count: u64,
    credential_id: String,
    label: String,
    vendor_id: Option<String>,
    dialect: String,
    method: String,
    route: String,
    status: u16,
    error: String,
    error_code: Option<String>,
    fields: Vec<String>,
    reason: String,
    guid: String,
}

impl Refused {
    const HEAD: [&'static str; 14] = [
        "last_at",
        "first_at",
        "count",
        "vendor",
        "credential",
        "label",
        "dialect",
        "method",
        "route",
        "status",
        "error",
        "fields",
        "reason",
        "guid",
    ];

    fn cells(self) -> Vec<String> {
        vec![
            self.last_at,
            self.first_at,
            self.count.to_string(),
            self.vendor_id.unwrap_or_default(),
            self.credential_id,
            self.label,
            self.dialect,
            self.method,
            self.route,
            self.status.to_string(),
            self.error_code.unwrap_or(self.error),
            self.fields.join(" "),
            self.reason,
            self.guid,
        ]
    }
}

async fn page(
    screen: &Screen<'_>,
    filters: &Pairs,
    limit: &str,
    cursor: &str,
) -> Result<Page, Stop> {
    let asked = filters.with(&[("limit", limit), ("cursor", cursor)]);
    screen
        .get(REQUESTS, &asked.iter().collect::<Vec<_>>())
        .await
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let filters = screen.query.only(&FILTERS);
    let cursor = screen.query.get("cursor").unwrap_or_default();
    let found = page(screen, &filters, "50", cursor).await?;
    let of = |name| filters.get(name).unwrap_or_default();
    let account = &screen.me.account_id;
    let body = html! {
        p.lead { "Requests of your keys that were refused in the last 7 days, the latest first. The last column is what the sender has to change." }
        form.filters method="get" action="/console/requests" {
            (field::input("vendor", "Vendor", "text", of("vendor")))
            (field::input("credential", "Credential", "text", of("credential")))
            (field::input("since", "Since", "date", of("since")))
            button type="submit" { "Search" }
            a.button href=(filters.at("/console/requests")) { "Refresh" }
        }
        (rows_of(&found.requests))
        @if let Some(next) = found.next_cursor.as_deref() {
            nav.pages aria-label="Pages" { a href=(filters.with(&[("cursor", next)]).at("/console/requests")) { "Next page" } }
        }
        p.note { "Requests with an unknown key, or to a path that does not exist, belong to no account: they are in the log only. " code { "callbook request GUID" } " shows a request in full." }
    };
    Ok(ShownPage {
        title: "Refused requests".to_owned(),
        body,
        csv: Some(filters.at("/console/requests.csv")),
        same: Same {
            api: vec![filters.at(REQUESTS)],
            command: Some(format!("callbook requests --account {account}")),
        },
        days: None,
    })
}

fn rows_of(found: &[Refused]) -> Markup {
    if found.is_empty() {
        let next = html! { "All requests of your keys were taken. What a vendor says it sends, and you do not find, has an unknown key: ask for its " code { "X-Request-Guid" } "." };
        return table::empty("Nothing was refused.", &next);
    }
    let columns = [
        text("Last"),
        number("Times"),
        text("Sender"),
        text("Request"),
        number("Answer"),
        text("Why it was refused"),
    ];
    let rows: Vec<_> = found
        .iter()
        .map(|refused| {
            let own = query(&[("credential", &*refused.credential_id)]);
            let label = match refused.label.as_str() {
                "" => refused.credential_id.as_str(),
                label => label,
            };
            vec![
                html! { (moment(Some(&refused.last_at))) },
                html! { (count(refused.count)) },
                html! {
                    a href=(format!("/console/requests?{own}")) { (label) }
                    @if let Some(vendor) = &refused.vendor_id { " " small { (vendor) } }
                },
                html! { span.breaks { (refused.method) " " (refused.route) } },
                html! { (refused.status) },
                html! {
                    (refused.reason)
                    br; small { (refused.error_code.as_deref().unwrap_or(&refused.error)) ", request " code { (refused.guid) } }
                },
            ]
        })
        .collect();
    table::table("Refused requests, the latest first", &columns, &rows, None)
}

/// The rows as CSV.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let filters = screen.query.only(&FILTERS);
    let mut found = Vec::new();
    let mut cursor = String::new();
    while found.len() < MOST_ROWS {
        let page = page(screen, &filters, rows::PAGE, &cursor).await?;
        found.extend(page.requests);
        match page.next_cursor {
            Some(next) => cursor = next,
            None => break,
        }
    }
    rows::csv(
        "refused-requests",
        &Refused::HEAD,
        found.into_iter().map(Refused::cells),
    )
}
