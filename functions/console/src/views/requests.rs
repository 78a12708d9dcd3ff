//! *Requests*: what was refused, and why, in the words that a vendor's engineer needs.

use callbook::dialect::Answer;
use maud::{Markup, html};
use serde::Deserialize;

use crate::form::{Pairs, query};
use crate::html::table::{self, number, text};
use crate::html::text::{count, moment};
use crate::html::{field, listing};
use crate::layout::{FOLLOW_SECONDS, Same, ShownPage};
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const REQUESTS: &str = "/callbook/v1/requests";

/// Where the page is.
const PATH: &str = "/console/requests";

const FILTERS: [&str; 3] = ["vendor", "credential", "since"];

/// The columns of the file.
const FIELDS: [&str; 15] = [
    "last_at",
    "first_at",
    "count",
    "vendor_id",
    "credential_id",
    "label",
    "dialect",
    "method",
    "route",
    "status",
    "error",
    "error_code",
    "fields",
    "reason",
    "guid",
];

#[derive(Deserialize)]
struct Page {
    requests: Vec<Refused>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    last_at: String,
    count: u64,
    credential_id: String,
    label: String,
    vendor_id: Option<String>,
    method: String,
    route: String,
    status: u16,
    error: String,
    error_code: Option<String>,
    reason: String,
    guid: String,
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let filters = screen.query.only(&FILTERS);
    let follows = screen.query.get("follow").is_some();
    let cursor = screen.query.get("cursor").filter(|_| !follows);
    let cursor = [("limit", "50"), ("cursor", cursor.unwrap_or_default())];
    let found: Page = screen.get(REQUESTS, &filters.with(&cursor)).await?;
    let account = &screen.me.account_id;
    let body = html! {
        p.lead { "Requests of your keys that were refused in the last 7 days, the latest first. The last column is what the sender has to change." }
        (search(&filters, follows))
        (following(&filters, follows))
        div id="list" data-follow=[follows.then_some(FOLLOW_SECONDS)] { (rows_of(&found.requests)) }
        @if !follows { (listing::pages(screen, PATH, found.next_cursor.as_deref())) }
        p.note { "Requests with an unknown key, or to a path that does not exist, belong to no account: they are in the log only. " code { "callbook request GUID" } " shows a request in full." }
    };
    Ok(ShownPage {
        title: "Refused requests".to_owned(),
        follows,
        body,
        csv: Some(filters.at("/console/requests.csv")),
        same: Same {
            api: vec![filters.at(REQUESTS)],
            command: Some(format!("callbook requests --account {account}")),
        },
        days: None,
    })
}

fn search(filters: &Pairs, follows: bool) -> Markup {
    let of = |name| filters.get(name).unwrap_or_default();
    let fields = html! {
        (field::input("vendor", "Vendor", "text", of("vendor")))
        (field::input("credential", "Credential", "text", of("credential")))
        (field::input("since", "Since", "date", of("since")))
    };
    let kept = Pairs::of(&[("follow", if follows { "1" } else { "" })]);
    listing::search(PATH, None, &kept, &fields)
}

/// Says whether the page follows what is refused, and lets people change that.
fn following(filters: &Pairs, follows: bool) -> Markup {
    let follow = filters.with(&[("follow", "1")]).at(PATH);
    html! {
        p.follow {
            @if follows {
                strong { "Following." } " The list is read again every " (FOLLOW_SECONDS) " seconds. "
                a.button href=(filters.at(PATH)) { "Stop" }
                " " span data-followed="" role="status" {}
            } @else {
                a.button href=(follow) { "Follow" }
                " " a.button href=(filters.at(PATH)) { "Refresh" }
            }
        }
    }
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
    let list = (REQUESTS, "requests");
    rows::file(screen, "refused-requests", list, &filters, &FIELDS).await
}
