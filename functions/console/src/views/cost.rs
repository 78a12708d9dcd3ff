//! One cost: its history, its call, and what may be decided about it.

use callbook::dialect::{Answer, console as dialect};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{adjustments, of as call_of};
use super::entries::{ListedAdjustment, ListedCost, Story};
use crate::form::{Pairs, query, segment};
use crate::html::field;
use crate::html::table::{self, facts, text};
use crate::html::text::{moment, money, or_absent, word};
use crate::layout::{Same, ShownPage};
use crate::screen::Screen;
use crate::stop::Stop;

#[derive(Deserialize)]
struct History {
    #[serde(flatten)]
    cost: ListedCost,
    flags: Vec<String>,
    replaced_by: Option<String>,
    reprices: Option<String>,
    ip_address: Option<String>,
    history: Vec<Event>,
    adjustments: Vec<ListedAdjustment>,
    call: Option<Story>,
}

#[derive(Deserialize)]
struct Event {
    at: String,
    what: String,
    by: String,
    reason: Option<String>,
    state: Option<String>,
    guid: String,
}

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>, id: &str) -> Result<ShownPage, Stop> {
    let path = format!("/callbook/v1/costs/{}", segment(id));
    let found: History = screen.get(&path, &Pairs::default()).await?;
    let currency = screen.me.currency.as_str();
    let cost = &found.cost;
    let body = html! {
        (entry(&found, currency))
        @if screen.may_write() {
            h2 { "Decide" }
            (decisions(screen, &found))
        } @else {
            p.note { "You are a viewer: an admin decides about costs." }
        }
        h2 { "History" }
        (history(&found.history))
        @if !found.adjustments.is_empty() {
            h2 { "Adjustments of the cost" }
            (adjustments(&found.adjustments, currency))
        }
        @if let Some(story) = &found.call {
            h2 { "Its call" }
            (call_of(story, currency))
        }
        p { a href="/console/costs" { "All costs to settle" } }
    };
    let account = &screen.me.account_id;
    Ok(ShownPage {
        follows: false,
        title: format!("Cost {}", cost.cost_id),
        days: None,
        body,
        csv: None,
        same: Same {
            command: Some(format!(
                "callbook cost show {} --account {account}",
                cost.cost_id
            )),
            api: [path].into(),
        },
    })
}

fn entry(found: &History, currency: &str) -> Markup {
    let cost = &found.cost;
    let link = |id: &Option<String>| match id {
        Some(id) => html! { a href=(format!("/console/costs/{}", segment(id))) { (id) } },
        None => or_absent(None),
    };
    facts(&[
        ("Amount", money(Some(&cost.amount), currency)),
        ("State", cost.state()),
        ("Vendor", or_absent(cost.vendor_id.as_deref())),
        ("Sender", or_absent(cost.label.as_deref())),
        ("Called number", html! { (cost.did) }),
        ("Caller", html! { (cost.cid) }),
        ("Date of the call, as billed", moment(Some(&cost.call_date))),
        ("Billed", moment(Some(&cost.date_billed))),
        ("Received", moment(Some(&cost.received_at))),
        (
            "By the vendor's terms",
            or_absent(cost.expectation.as_deref().map(word).as_deref()),
        ),
        ("Flags", or_absent(Some(&word(&found.flags.join(", "))))),
        ("Replaces", link(&found.reprices)),
        ("Replaced by", link(&found.replaced_by)),
        (
            "The vendor's call id",
            or_absent(cost.external_call_id.as_deref()),
        ),
        ("Notes", or_absent(cost.notes.as_deref())),
        ("Sent from", or_absent(found.ip_address.as_deref())),
    ])
}

fn history(events: &[Event]) -> Markup {
    let columns = [
        text("When"),
        text("What"),
        text("By"),
        text("Reason"),
        text("State then"),
        text("Request"),
    ];
    let rows: Vec<_> = events
        .iter()
        .map(|event| {
            vec![
                moment(Some(&event.at)),
                html! { (word(&event.what)) },
                html! { (event.by) },
                or_absent(event.reason.as_deref()),
                or_absent(event.state.as_deref().map(word).as_deref()),
                html! { code { (event.guid) } },
            ]
        })
        .collect();
    table::table("Who did what to this cost", &columns, &rows, None)
}

fn decisions(screen: &Screen<'_>, found: &History) -> Markup {
    let cost = &found.cost;
    let here = cost.href();
    let reason = |label: &str| field::required("reason", label, "text", "");
    let around = query(&[("caller", &cost.cid), ("range", "30d")]);
    html! {
        @if cost.state != "void" {
            (field::acting(screen, &format!("{here}/void"), &here, &html! {
                h3 { "Void" }
                p.note { "It is not owed. The entry stays, marked void, and an earlier price of the bill counts again." }
                (reason("Why it is not owed"))
                @if cost.call_sid.is_some() {
                    label { input type="checkbox" name="all" value="true"; " every cost of this vendor on the call" }
                }
                button.danger type="submit" { "Void this cost" }
            }))
        }
        (field::acting(screen, &format!("{here}/match"), &here, &html! {
            h3 { "Match" }
            p.note { "Say to which call it belongs, by the call's sid, or " code { "none" } ". "
                a href=(format!("/console/calls?{around}")) { "Calls of this caller" } " show theirs." }
            (field::required("call_sid", "Call", "text", ""))
            (reason("Why it is that call's"))
            button type="submit" { "Match" }
        }))
        @if cost.pinned {
            (field::acting(screen, &format!("{here}/unpin"), &here, &html! {
                h3 { "Unpin" }
                p.note { "Let the rules say again where it belongs." }
                (reason("Why"))
                button type="submit" { "Unpin" }
            }))
        }
        (field::acting(screen, &format!("{here}/adjust"), &here, &html! {
            h3 { "Adjust" }
            p.note { "A signed entry beside the cost, such as a credit of −7.50. The cost itself stays as it was billed." }
            (field::required("amount", &format!("Amount in {}", screen.me.currency), "text", ""))
            (reason("Why"))
            button type="submit" { "Adjust" }
        }))
    }
}

/// Does what one of the forms asks for, and goes back to the page.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn act(screen: &Screen<'_>, id: &str, what: &str, form: &Pairs) -> Result<Answer, Stop> {
    let reason = form.get("reason").unwrap_or_default();
    let (path, body): (String, Value) = match what {
        "void" => {
            let all = form.get("all").is_some();
            (of(id, "void"), json!({"reason": reason, "all": all}))
        }
        "match" => {
            let sid = form.get("call_sid").unwrap_or_default();
            (of(id, "match"), json!({"reason": reason, "call_sid": sid}))
        }
        "unpin" => (of(id, "unpin"), json!({ "reason": reason })),
        _ => {
            // People type the minus sign that they see.
            let amount = form.get("amount").unwrap_or_default().replace('−', "-");
            let body = json!({"reason": reason, "amount": amount, "cost_id": id});
            ("/callbook/v1/adjustments".to_owned(), body)
        }
    };
    let _decided: Value = screen.post(&path, form, &body).await?;
    let here = format!("/console/costs/{}", segment(id));
    Ok(dialect::see(&Screen::back(form, &here)))
}

fn of(id: &str, what: &str) -> String {
    format!("/callbook/v1/costs/{}/{what}", segment(id))
}
