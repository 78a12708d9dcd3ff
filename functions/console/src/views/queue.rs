//! *Queue and webhooks*: who waits for the dialer, and what became of each delivery.

use callbook::dialect::{Answer, console as dialect};
use futures_util::try_join;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use crate::form::{Pairs, segment};
use crate::html::table::{self, number, text};
use crate::html::text::{count, moment, or_absent, word};
use crate::html::{field, listing};
use crate::layout::{Same, ShownPage};
use crate::rows;
use crate::screen::Screen;
use crate::stop::Stop;

const QUEUE: &str = "/callbook/v1/queue";
const WEBHOOKS: &str = "/callbook/v1/webhooks";

/// How many entries or deliveries a page shows.
const SHOWN: &str = "50";

/// The columns of the file.
const FIELDS: [&str; 7] = [
    "id",
    "callprocess_id",
    "callee",
    "whisper_text",
    "queued_at",
    "attempt",
    "lease_until",
];

#[derive(Deserialize)]
struct Queue {
    entries: Vec<Entry>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    callee: String,
    whisper_text: String,
    queued_at: String,
    attempt: u64,
    lease_until: Option<String>,
}

#[derive(Deserialize)]
struct Webhooks {
    webhooks: Vec<Webhook>,
}

#[derive(Deserialize)]
struct Webhook {
    id: String,
    url: String,
    format: String,
    events: Option<Vec<String>>,
    description: Option<String>,
    status: String,
    disabled_reason: Option<String>,
}

#[derive(Deserialize)]
struct Deliveries {
    deliveries: Vec<Delivery>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Delivery {
    id: String,
    event_type: String,
    status: String,
    attempts: u64,
    queued_at: String,
    next_attempt_at: Option<String>,
    tries: Vec<Try>,
}

#[derive(Deserialize)]
struct Try {
    at: String,
    duration_ms: u64,
    status: Option<u16>,
    error: Option<String>,
    answer: Option<String>,
}

impl Webhook {
    fn href(&self) -> String {
        href(&self.id)
    }

    fn events(&self) -> String {
        match &self.events {
            Some(events) => events.join(", "),
            None => "all".to_owned(),
        }
    }

    fn state(&self) -> Markup {
        let class = if self.status == "enabled" {
            "tag good"
        } else {
            "tag bad"
        };
        html! {
            span class=(class) { (word(&self.status)) }
            @if let Some(reason) = &self.disabled_reason { " " (word(reason)) }
        }
    }
}

fn href(webhook: &str) -> String {
    format!("/console/queue/webhooks/{}", segment(webhook))
}

async fn queue(screen: &Screen<'_>) -> Result<Queue, Stop> {
    let cursor = screen.query.get("cursor").unwrap_or_default();
    let page = Pairs::of(&[("limit", SHOWN), ("cursor", cursor)]);
    screen.get(QUEUE, &page).await
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let none = Pairs::default();
    let (queue, webhooks) = try_join!(queue(screen), screen.get::<Webhooks>(WEBHOOKS, &none))?;
    let body = html! {
        h2 { "Waiting for the dialer" }
        (entries(&queue))
        (listing::pages(screen, "/console/queue", queue.next_cursor.as_deref()))
        h2 { "Webhooks" }
        (endpoints(&webhooks.webhooks))
    };
    let account = &screen.me.account_id;
    Ok(ShownPage {
        follows: false,
        title: "Queue and webhooks".to_owned(),
        body,
        csv: Some("/console/queue.csv".to_owned()),
        same: Same {
            api: vec![QUEUE.to_owned(), WEBHOOKS.to_owned()],
            command: Some(format!("callbook queue list --account {account}")),
        },
        days: None,
    })
}

fn entries(queue: &Queue) -> Markup {
    if queue.entries.is_empty() {
        let next = html! { "A rapid response adds a callee: " code { "POST /voice/rapidresponse" } ". A dialer takes callees with " code { "callbook queue run" } "." };
        return table::empty("Nobody waits.", &next);
    }
    let columns = [
        text("Queued"),
        text("Callee"),
        text("Whisper text"),
        number("Taken"),
        text("Leased until"),
    ];
    let rows: Vec<_> = queue
        .entries
        .iter()
        .map(|entry| {
            vec![
                moment(Some(&entry.queued_at)),
                html! { span.nowrap { (entry.callee) } },
                html! { (entry.whisper_text) },
                html! { (count(entry.attempt)) },
                moment(entry.lease_until.as_deref()),
            ]
        })
        .collect();
    table::table("Callees, from the earliest", &columns, &rows, None)
}

fn endpoints(webhooks: &[Webhook]) -> Markup {
    if webhooks.is_empty() {
        let next = html! { "Create one with " code { "callbook webhook create URL --account ID" } ", and events are sent there." };
        return table::empty("Nobody is told of events.", &next);
    }
    let columns = [
        text("Webhook"),
        text("URL"),
        text("Events"),
        text("Format"),
        text("State"),
    ];
    let rows: Vec<_> = webhooks
        .iter()
        .map(|webhook| {
            let name = webhook.description.as_deref().unwrap_or(&webhook.id);
            vec![
                html! { a href=(webhook.href()) { (name) } },
                html! { span.breaks { (webhook.url) } },
                html! { (webhook.events()) },
                html! { (webhook.format) },
                webhook.state(),
            ]
        })
        .collect();
    table::table("Webhooks", &columns, &rows, None)
}

/// Makes the page of a webhook: its deliveries.
///
/// # Errors
/// Returns what stands in its place.
pub async fn webhook(screen: &Screen<'_>, id: &str) -> Result<ShownPage, Stop> {
    let path = format!("{WEBHOOKS}/{}/deliveries", segment(id));
    let cursor = screen.query.get("cursor").unwrap_or_default();
    let page = Pairs::of(&[("limit", SHOWN), ("cursor", cursor)]);
    let none = Pairs::default();
    let (webhooks, found) = try_join!(
        screen.get::<Webhooks>(WEBHOOKS, &none),
        screen.get::<Deliveries>(&path, &page),
    )?;
    let mut own = webhooks.webhooks.into_iter();
    let own = own.find(|webhook| webhook.id == id);
    let title = own.as_ref().and_then(|webhook| webhook.description.clone());
    let body = html! {
        @if let Some(webhook) = &own {
            (table::facts(&[
                ("Id", html! { code { (webhook.id) } }),
                ("URL", html! { span.breaks { (webhook.url) } }),
                ("Events", html! { (webhook.events()) }),
                ("Format", html! { (webhook.format) }),
                ("State", webhook.state()),
            ]))
            @if screen.may_write() {
                (field::acting(screen, &format!("{}/test", webhook.href()), &webhook.href(), &html! { button type="submit" { "Send a test event" } }))
            }
        }
        h2 { "Deliveries" }
        (deliveries(screen, id, &found.deliveries))
        (listing::pages(screen, &href(id), found.next_cursor.as_deref()))
    };
    let account = &screen.me.account_id;
    Ok(ShownPage {
        follows: false,
        title: title.unwrap_or_else(|| format!("Webhook {id}")),
        body,
        csv: None,
        same: Same {
            api: vec![path],
            command: Some(format!(
                "callbook webhook deliveries {id} --account {account}"
            )),
        },
        days: None,
    })
}

fn deliveries(screen: &Screen<'_>, webhook: &str, found: &[Delivery]) -> Markup {
    if found.is_empty() {
        let next = html! { "Send a test event, or wait for one that the webhook wants." };
        return table::empty("Nothing was sent yet.", &next);
    }
    let columns = [
        text("Event"),
        text("Queued"),
        text("State"),
        number("Attempts"),
        text("Last attempt"),
        text("Next attempt"),
        text("Again"),
    ];
    let rows: Vec<_> = found
        .iter()
        .map(|delivery| {
            let class = match delivery.status.as_str() {
                "delivered" => "tag good",
                "failed" => "tag bad",
                _ => "tag",
            };
            let again = format!("/console/queue/deliveries/{}/resend", segment(&delivery.id));
            vec![
                html! { (delivery.event_type) " " small { code { (delivery.id) } } },
                moment(Some(&delivery.queued_at)),
                html! { span class=(class) { (word(&delivery.status)) } },
                html! { (count(delivery.attempts)) },
                last_try(&delivery.tries),
                moment(delivery.next_attempt_at.as_deref()),
                html! {
                    @if screen.may_write() {
                        (field::acting(screen, &again, &href(webhook), &html! {
                            button.quiet type="submit" { "Send again" span.unseen { " the delivery " (delivery.id) } }
                        }))
                    } @else { "–" }
                },
            ]
        })
        .collect();
    table::table("Deliveries, the latest event first", &columns, &rows, None)
}

/// The last attempt: what came back, when and after how long; the ones before it behind a disclosure.
fn last_try(tries: &[Try]) -> Markup {
    let Some((last, earlier)) = tries.split_last() else {
        return or_absent(None);
    };
    let told = |attempt: &Try| {
        html! {
            @match (attempt.status, &attempt.error) {
                (Some(status), _) => { strong { (status) } }
                (None, Some(error)) => { (word(error)) }
                (None, None) => { "no answer" }
            }
            " " small { (moment(Some(&attempt.at))) ", " (count(attempt.duration_ms)) " ms" }
            @if let Some(answer) = attempt.answer.as_deref().filter(|answer| !answer.is_empty()) { " " q { (answer) } }
        }
    };
    html! {
        (told(last))
        @if !earlier.is_empty() {
            details {
                summary { (count(earlier.len())) " before" }
                ol reversed { @for attempt in earlier.iter().rev() { li { (told(attempt)) } } }
            }
        }
    }
}

/// Does what a form of the page asks for.
///
/// # Errors
/// Returns what stands in the page's place, or where to go on.
pub async fn act(screen: &Screen<'_>, what: &str, id: &str, form: &Pairs) -> Result<Answer, Stop> {
    let path = match what {
        "resend" => format!("/callbook/v1/deliveries/{}/resend", segment(id)),
        _ => format!("{WEBHOOKS}/{}/test", segment(id)),
    };
    screen.post(&path, form, &json!({})).await?;
    Ok(dialect::see(&Screen::back(form, "/console/queue")))
}

/// The queue as CSV.
///
/// # Errors
/// Returns what stands in its place.
pub async fn csv(screen: &Screen<'_>) -> Result<Answer, Stop> {
    let list = (QUEUE, "entries");
    rows::file(screen, "queue", list, &Pairs::default(), &FIELDS).await
}
