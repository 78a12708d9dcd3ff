//! *Invoice*: a vendor's statement beside the ledger. The statement is not kept: the page that shows what was found carries
//! the disputed lines, so that they can be taken from there (`docs/decisions.md`, D-768).

mod found;

use callbook::dialect::{Answer, console as dialect};
use callbook::problem::Problem;
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

/// The largest statement, as the API takes it.
const LARGEST: usize = 2 * 1024 * 1024;

/// The largest form with a statement: its other fields, and what lies between them, are small.
pub const LARGEST_FORM: usize = LARGEST + 64 * 1024;

/// Where the form is.
const PLACE: &str = "invoice";

/// What the form says besides the statement, as the API names it.
const PARAMETERS: [&str; 6] = ["vendor", "from", "to", "by", "tolerance_seconds", "decimal"];

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
    let none = Pairs::default();
    let vendors: Vec<Vendor> = rows::all(screen, "/callbook/v1/vendors", "vendors", &none).await?;
    let body = html! {
        p.lead { "Compare what a vendor wants for these days with what the ledger has. Nothing is written." }
        @if vendors.is_empty() {
            (table::empty("There are no vendors.", &html! { "Add one with " code { "callbook vendor add" } ", and give it keys and numbers." }))
        } @else {
            (statement_form(screen, &days, &vendors))
        }
    };
    Ok(ShownPage {
        follows: false,
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
            "A statement may have 2 MiB, some 25,000 lines."
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
    let disputed = disputed_form(screen, form, &invoice)?;
    let body = html! {
        (found::page(&invoice))
        div.actions {
            (disputed)
            a.button href=(again.at("/console/invoice")) { "Check another statement" }
        }
    };
    let shown = ShownPage {
        follows: false,
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

/// Answers with the disputed lines that a page carries, as a file.
///
/// # Errors
/// Returns `NotFound` if the form has none.
pub fn disputed(form: &Pairs) -> Result<Answer, Stop> {
    let lines = form.get("lines").ok_or(Problem::NotFound)?;
    let of = |name| form.get(name).unwrap_or("lines");
    let name = format!("disputed-{}-{}", of("vendor"), of("from"));
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || "-_.".contains(*letter);
    let name: String = name.chars().filter(plain).collect();
    Ok(dialect::csv(&name, format!("{lines}\r\n")))
}

/// The form that carries the disputed lines to their file, if there are any.
fn disputed_form(screen: &Screen<'_>, form: &Pairs, invoice: &Invoice) -> Result<Markup, Stop> {
    if !invoice.is_disputed() {
        return Ok(html! {});
    }
    let lines = rows::text(&found::HEAD, invoice.disputed())?;
    if lines.len() > LARGEST {
        return Ok(html! {
            p.note { "There are too many disputed lines for a page. The command below writes them." }
        });
    }
    Ok(html! {
        form method="post" action="/console/invoice/disputed.csv" enctype="multipart/form-data" {
            (sealed(screen))
            (field::hidden(form.only(&["vendor", "from"]).iter()))
            textarea name="lines" hidden aria-hidden="true" { (lines) }
            button type="submit" { "Disputed lines as CSV" }
        }
    })
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
