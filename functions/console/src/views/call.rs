//! One call: every report, every cost, every request.

use maud::{Markup, html};

use super::entries::{ListedAdjustment, ListedCost, ListedReport, Story};
use crate::form::{Pairs, segment};
use crate::html::table::{self, facts, number, text};
use crate::html::text::{length, moment, money, or_absent, word};
use crate::layout::{Same, ShownPage};
use crate::screen::Screen;
use crate::stop::Stop;

/// Makes the page.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>, sid: &str) -> Result<ShownPage, Stop> {
    let path = format!("/callbook/v1/calls/{}", segment(sid));
    let story: Story = screen.get(&path, &Pairs::default()).await?;
    let body = html! {
        (of(&story, &screen.me.currency))
        p { a href="/console/calls" { "All calls" } }
    };
    Ok(ShownPage {
        follows: false,
        title: format!("Call of {}", story.call.call_from),
        days: None,
        body,
        csv: None,
        same: Same {
            api: [path].into(),
            command: None,
        },
    })
}

/// Shows a story.
pub fn of(story: &Story, currency: &str) -> Markup {
    let call = &story.call;
    html! {
        @if story.settling { p.note { "Costs around this call are being decided. Load the page again in a moment." } }
        (facts(&[
            ("Began", moment(Some(&call.started_at))),
            ("Ended", moment(call.ended_at.as_deref())),
            ("Length", html! { (length(call.seconds)) }),
            ("Caller", html! { (call.call_from) }),
            ("Called number", html! { (call.call_to) }),
            ("Direction", html! { (call.direction) }),
            ("Vendor", or_absent(call.vendor_id.as_deref())),
            ("Disposition", or_absent(call.disposition.as_deref())),
            ("Cost", money(call.cost.as_deref(), currency)),
            ("Billed", moment(call.date_billed.as_deref())),
            ("Lead", or_absent(call.lead_id.as_deref())),
            ("First contact", html! { (if call.first_contact { "yes" } else { "no" }) }),
            ("Property", or_absent(call.property_sid.as_deref())),
            ("Ids of others", or_absent(Some(&call.external_ids.join(", ")))),
            ("Notes", or_absent(call.notes.as_deref())),
            ("Call", html! { code { (call.call_sid) } }),
        ]))
        @if call.two_vendors { p.alert { "Two vendors have billed this call. One of them should be voided." } }
        h2 { "Costs" }
        (costs(&story.costs, currency))
        h2 { "Reports" }
        p.note { "What " (call.sources.join(", ")) " said of the call. A request's guid is what " code { "callbook request GUID" } " takes." }
        (reports(&story.reports))
        @if !story.adjustments.is_empty() {
            h2 { "Adjustments of the call" }
            (adjustments(&story.adjustments, currency))
        }
    }
}

fn costs(costs: &[ListedCost], currency: &str) -> Markup {
    if costs.is_empty() {
        let next =
            html! { "A bill for its number and caller is matched to it as soon as it comes." };
        return table::empty("Nobody has billed this call.", &next);
    }
    let columns = [
        text("Billed"),
        text("Vendor"),
        text("Sender"),
        text("State"),
        text("Terms"),
        number("Amount"),
        text("Request"),
    ];
    let rows: Vec<_> = costs
        .iter()
        .map(|cost| {
            vec![
                html! { a href=(cost.href()) { (moment(Some(&cost.date_billed))) } },
                or_absent(cost.vendor_id.as_deref()),
                or_absent(cost.label.as_deref()),
                cost.state(),
                or_absent(cost.expectation.as_deref().map(word).as_deref()),
                money(Some(&cost.amount), currency),
                html! { code { (cost.guid) } },
            ]
        })
        .collect();
    table::table("Every cost of the call", &columns, &rows, None)
}

fn reports(reports: &[ListedReport]) -> Markup {
    let columns = [
        text("Recorded"),
        text("Source"),
        text("Began"),
        text("Ended"),
        number("Length"),
        text("Disposition"),
        text("Its id"),
        text("Request"),
    ];
    let rows: Vec<_> = reports
        .iter()
        .map(|report| {
            vec![
                moment(Some(&report.recorded_at)),
                html! { span title=(report.report_sid) { (word(&report.source)) } },
                html! { (moment(Some(&report.started_at))) @if !report.start_stated { " " small { "assumed" } } },
                moment(report.ended_at.as_deref()),
                html! { (length(report.seconds)) },
                or_absent(report.disposition.as_deref()),
                or_absent(report.external_id.as_deref()),
                html! { code { (report.guid) } },
            ]
        })
        .collect();
    table::table("Every report of the call", &columns, &rows, None)
}

/// A table of adjustments.
pub fn adjustments(adjustments: &[ListedAdjustment], currency: &str) -> Markup {
    let columns = [text("Made"), text("By"), text("Reason"), number("Amount")];
    let rows: Vec<_> = adjustments
        .iter()
        .map(|adjustment| {
            vec![
                moment(Some(&adjustment.made_at)),
                html! { (adjustment.by) },
                html! { (adjustment.reason) },
                money(Some(&adjustment.amount), currency),
            ]
        })
        .collect();
    table::table("Adjustments", &columns, &rows, None)
}
