//! One vendor: what it sent in some days, its terms, and the forms that change it.

use futures_util::try_join;
use maud::{Markup, html};

use super::super::links;
use super::super::measures::Summed;
use super::vendor::{ListedVendor, VENDORS};
use super::{forms, refused};
use crate::form::{Pairs, segment};
use crate::html::draft::Draft;
use crate::html::table::{self, number, text};
use crate::html::text::{count, money, share, word};
use crate::layout::{Same, ShownPage};
use crate::screen::Screen;
use crate::stop::Stop;

/// Makes the page of one vendor.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>, id: &str) -> Result<ShownPage, Stop> {
    page(screen, id, &Draft::default()).await
}

/// Makes the page, with a form as it was filled in.
pub async fn page(screen: &Screen<'_>, id: &str, draft: &Draft<'_>) -> Result<ShownPage, Stop> {
    let days = screen.days("30d");
    let path = format!("{VENDORS}/{}", segment(id));
    let (none, only) = (Pairs::default(), Pairs::of(&[("vendor", id)]));
    let (vendor, sums) = try_join!(
        screen.get::<ListedVendor>(&path, &none),
        Summed::of(screen, &days, "day", &only),
    )?;
    let refused = refused::list(screen, &days, &sums, &sums.groups, Some(id)).await?;
    let now = &sums.totals.now;
    let currency = screen.me.currency.as_str();
    let range = days.narrow(&only).encoded();
    let body = html! {
        (table::facts(&[
            ("Id", html! { code { (vendor.vendor_id) } }),
            ("Status", html! { (word(&vendor.status)) }),
            ("Calls", html! { a href=[links::calls(&days, &only, &[])] { (count(now.calls)) } }),
            ("Answered", html! { (share(now.answered, now.calls).unwrap_or_else(|| "–".to_owned())) }),
            ("Cost", html! { a href=(format!("/console/costs?{range}&kind=all")) { (money(Some(&now.cost), currency)) } }),
            ("Unmatched", html! { a href=(format!("/console/costs?{range}&kind=unmatched")) { (money(Some(&now.unmatched), currency)) } }),
            ("Invoice", html! { a href=(format!("/console/invoice?{range}")) { "check a statement" } }),
        ]))
        h2 { "Terms" }
        (terms(screen, &vendor))
        @if screen.may_write() {
            (forms::terms_form(screen, &vendor, &draft.of(forms::TERMS)))
            h2 { "Name and status" }
            (forms::change_form(screen, &vendor, &draft.of(forms::CHANGE)))
        }
        h2 { "Refused for their number" }
        (refused::table(screen, &refused))
    };
    let account = &screen.me.account_id;
    Ok(ShownPage {
        follows: false,
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

fn terms(screen: &Screen<'_>, vendor: &ListedVendor) -> Markup {
    let currency = screen.me.currency.as_str();
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
