//! *Invoice*: a vendor's statement beside the ledger. The statement is not kept: the page that shows what was found carries
//! it, so that the disputed lines can be taken from there.

mod found;

use callbook::dialect::Answer;
use maud::{Markup, html};
use serde::Deserialize;

use crate::form::{Pairs, query};
use crate::html::field;
use crate::html::table;
use crate::layout::{self, Same, ShownPage};
use crate::range::Days;
use crate::rows;
use crate::screen::{Screen, read_json};
use crate::stop::Stop;

pub use found::Invoice;

const CHECK: &str = "/callbook/v1/invoices/check";

/// Where the form is.
const PLACE: &str = "invoice";

/// What the form says besides the statement, as the API names it.
const PARAMETERS: [&str; 6] = ["vendor", "from", "to", "by", "tolerance_seconds", "decimal"];

#[derive(Deserialize)]
struct Vendors {
    vendors: Vec<Vendor>,
}

#[derive(Deserialize)]
struct Vendor {
    vendor_id: String,
    name: String,
}

/// Makes the page with the form.
///
/// # Errors
/// Returns what stands in its place.
pub async fn show(screen: &Screen<'_>) -> Result<ShownPage, Stop> {
    let days = screen.days("30d");
    let found: Vendors = screen
        .get("/callbook/v1/vendors", &[("limit", rows::PAGE)])
        .await?;
    let body = html! {
        p.lead { "Compare what a vendor wants for these days with what the ledger has. Nothing is written." }
        @if found.vendors.is_empty() {
            (table::empty("There are no vendors.", &html! { "Add one with " code { "callbook vendor add" } ", and give it keys and numbers." }))
        } @else {
            (statement_form(screen, &days, &found.vendors))
        }
    };
    Ok(ShownPage {
        title: "Invoice".to_owned(),
        body,
        csv: None,
        same: Same {
            api: Vec::new(),
            command: Some(command(
                screen,
                "VENDOR",
                &days.from.to_string(),
                &days.to.to_string(),
            )),
        },
        days: Some(days),
    })
}

fn command(screen: &Screen<'_>, vendor: &str, from: &str, to: &str) -> String {
    let account = &screen.me.account_id;
    format!(
        "callbook invoice check STATEMENT.csv --account {account} --vendor {vendor} --from {from} --to {to}"
    )
}

/// The form. A file can be dropped on its field; the rows can be pasted instead.
fn statement_form(screen: &Screen<'_>, days: &Days, vendors: &[Vendor]) -> Markup {
    let names: Vec<(&str, &str)> = vendors
        .iter()
        .map(|vendor| (vendor.vendor_id.as_str(), vendor.name.as_str()))
        .collect();
    let of = |name| screen.query.get(name).unwrap_or_default();
    let orders = [
        ("billed", "when they were billed"),
        ("call", "when the calls were"),
    ];
    let marks = [
        ("", "as the amounts prove it"),
        ("point", "a point"),
        ("comma", "a comma"),
    ];
    html! {
        form.statement method="post" action="/console/invoice" enctype="multipart/form-data" {
            (sealed(screen))
            div.fields {
                (field::choice("vendor", "Vendor", &names, of("vendor")))
                input type="hidden" name="from" value=(days.from);
                input type="hidden" name="to" value=(days.to);
                (field::choice("by", "Costs by", &orders, of("by")))
                (field::input("tolerance_seconds", "Tolerance in seconds", "number", "120"))
                (field::choice("decimal", "Before decimals stands", &marks, of("decimal")))
            }
            label.drop {
                span { "The statement: choose a CSV file, or drop it here" }
                input type="file" name="statement" accept=".csv,.tsv,.txt,text/csv";
            }
            details {
                summary { "Or paste its lines" }
                label.field {
                    span { "Lines, with the names of the columns first" }
                    textarea name="pasted" rows="8" spellcheck="false" {}
                }
            }
            button.primary type="submit" { "Check" }
        }
        p.note {
            "A line needs an amount, and a call id, or a date, a called number and a caller. Columns are found by their usual names. "
            "Statements up to 240 KB fit here; the command below takes longer ones."
        }
    }
}

/// What binds a form to the session.
fn sealed(screen: &Screen<'_>) -> Markup {
    html! {
        input type="hidden" name="form" value=(screen.form_token());
    }
}

/// Compares the statement of a form, and makes the page of what was found.
///
/// # Errors
/// Returns what stands in its place.
pub async fn check(screen: &Screen<'_>, form: &Pairs) -> Result<Answer, Stop> {
    let statement = statement(form);
    if statement.is_empty() {
        let mut shown = show(screen).await?;
        let body = shown.body;
        shown.body = html! { p.alert role="alert" { "Choose a file, or paste the lines of the statement." } (body) };
        return Ok(layout::page(screen, PLACE, &shown));
    }
    let invoice = ask(screen, form, &statement).await?;
    let of = |name| form.get(name).unwrap_or_default();
    let (from, to) = (of("from"), of("to"));
    let again = form.only(&["vendor", "from", "to", "by", "decimal"]);
    let body = html! {
        (found::page(&invoice))
        div.actions {
            @if invoice.is_disputed() { (disputed_form(screen, form, &statement)) }
            a.button href=(again.at("/console/invoice")) { "Check another statement" }
        }
    };
    let shown = ShownPage {
        title: format!("Invoice of {}", invoice.vendor_id),
        days: None,
        body: html! { p.note { "Costs from " time { (from) } " to " time { (to) } "." } (body) },
        csv: None,
        same: Same {
            api: Vec::new(),
            command: Some(command(screen, &invoice.vendor_id, from, to)),
        },
    };
    Ok(layout::page(screen, PLACE, &shown))
}

/// Answers with the lines of the statement that are disputed, as CSV.
///
/// # Errors
/// Returns what stands in its place.
pub async fn disputed(screen: &Screen<'_>, form: &Pairs) -> Result<Answer, Stop> {
    let invoice = ask(screen, form, &statement(form)).await?;
    let name = format!(
        "disputed-{}-{}",
        invoice.vendor_id,
        form.get("from").unwrap_or("lines")
    );
    rows::csv(&name, &found::HEAD, invoice.disputed())
}

/// The form that carries the statement to the file of disputed lines.
fn disputed_form(screen: &Screen<'_>, form: &Pairs, statement: &str) -> Markup {
    html! {
        form method="post" action="/console/invoice/disputed.csv" enctype="multipart/form-data" {
            (sealed(screen))
            (field::hidden(form.only(&PARAMETERS).iter()))
            textarea name="pasted" hidden aria-hidden="true" { (statement) }
            button type="submit" { "Disputed lines as CSV" }
        }
    }
}

/// The statement of a form: the file, or what was pasted.
fn statement(form: &Pairs) -> String {
    let sent = form.get("statement").or_else(|| form.get("pasted"));
    sent.unwrap_or_default().to_owned()
}

async fn ask(screen: &Screen<'_>, form: &Pairs, statement: &str) -> Result<Invoice, Stop> {
    let parameters = form.only(&PARAMETERS);
    let parameters: Vec<_> = parameters.iter().collect();
    let body = Some(("text/csv", statement.to_owned(), None));
    let answer = screen
        .ask("POST", CHECK, query(&parameters), body)
        .await??;
    read_json(&answer)
}
