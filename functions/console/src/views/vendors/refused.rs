//! Bills that were refused for the number that they name.

use std::collections::BTreeSet;

use callbook::model::time::CivilDay;
use maud::{Markup, html};
use serde::Deserialize;

use super::super::measures::{Summed, SummedGroup};
use crate::form::Pairs;
use crate::html::listing;
use crate::html::table::{self, number, text};
use crate::html::text::{count, moment, money, or_absent, word};
use crate::range::Days;
use crate::screen::Screen;
use crate::stop::Stop;

/// How many a page shows.
const SHOWN: &str = "25";

#[derive(Deserialize)]
pub struct Refused {
    refused_bills: Vec<Bill>,
    totals: Totals,
    kept_since: Option<String>,
}

#[derive(Deserialize)]
struct Bill {
    refused_at: String,
    did: String,
    cid: String,
    amount: String,
    vendor_id: Option<String>,
    credential_id: String,
    reason: String,
}

#[derive(Deserialize)]
struct Totals {
    refused: Sum,
}

#[derive(Deserialize)]
struct Sum {
    count: u64,
    amount: String,
}

/// Asks for those of some days, of one vendor or all. `by_day` are groups of the same days with their `day`, which tell
/// from when on there are any, so that days without are not read.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn list(
    screen: &Screen<'_>,
    days: &Days,
    sums: &Summed,
    by_day: &[SummedGroup],
    vendor: Option<&str>,
) -> Result<Refused, Stop> {
    let yesterday = CivilDay::of(screen.visit().now(), &screen.zone).plus_days(-1);
    // Without a follower of the stream nothing is counted, and what came just now is not counted yet.
    let is_open = |day: CivilDay| sums.as_of.is_none() || day >= yesterday;
    let refusing = by_day
        .iter()
        .filter(|group| group.compared.now.refused_count > 0);
    let refusing: BTreeSet<_> = refusing.filter_map(|group| group.key("day")).collect();
    let from = days
        .each()
        .find(|day| refusing.contains(day.to_string().as_str()) || is_open(*day));
    let days = Days {
        from: from.unwrap_or(days.to),
        ..days.clone()
    };
    let asked = Pairs::of(&[("vendor", vendor.unwrap_or_default()), ("limit", SHOWN)]);
    let asked = days.narrow(&asked);
    screen.get("/callbook/v1/costs/refused", &asked).await
}

/// Says in plain words why a bill was refused.
fn in_words(reason: &str) -> String {
    match reason {
        "other_vendor" => "the number is another vendor's".to_owned(),
        "outside_fence" => "the key may not bill this number".to_owned(),
        "not_registered" => "the number is not one of the account's".to_owned(),
        other => word(other),
    }
}

pub fn table(screen: &Screen<'_>, refused: &Refused) -> Markup {
    let Refused {
        refused_bills,
        totals,
        kept_since,
    } = refused;
    let cut = listing::cut("refused bills", kept_since.as_deref());
    if refused_bills.is_empty() {
        let next = html! { "Nothing to tell a vendor. A key is fenced to numbers with " code { "callbook credential create tld --did" } "." };
        let empty = table::empty("No bill was refused for its number in these days.", &next);
        return html! { (empty) (cut) };
    }
    let currency = screen.me.currency.as_str();
    let columns = [
        text("Refused"),
        text("Vendor"),
        text("Number"),
        text("Caller"),
        number("Amount"),
        text("Why"),
        text("Key"),
    ];
    let rows: Vec<_> = refused_bills
        .iter()
        .map(|bill| {
            vec![
                moment(Some(&bill.refused_at)),
                or_absent(bill.vendor_id.as_deref()),
                html! { span.nowrap { (bill.did) } },
                html! { span.nowrap { (bill.cid) } },
                money(Some(&bill.amount), currency),
                html! { (in_words(&bill.reason)) },
                html! { code { (bill.credential_id) } },
            ]
        })
        .collect();
    html! {
        (table::table("Bills refused for their number", &columns, &rows, None))
        p.totals { strong { (count(totals.refused.count)) } " refused, " (money(Some(&totals.refused.amount), currency)) " in all." }
        (cut)
    }
}
