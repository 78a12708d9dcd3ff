//! The forms of vendors: a new one, its name and status, and its terms. What the API refuses is said at its field.

use callbook::dialect::{Answer, console as dialect};
use callbook::model::time::CivilDay;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{VENDORS, Vendor, one};
use crate::form::{Pairs, segment};
use crate::html::draft::Draft;
use crate::html::field;
use crate::layout;
use crate::screen::Screen;
use crate::stop::Stop;

/// The words of the forms, which are parts of their paths.
pub const NEW: &str = "new";
pub const CHANGE: &str = "change";
pub const TERMS: &str = "terms";

const STATUSES: [(&str, &str); 2] = [("active", "active"), ("paused", "paused")];

fn href(id: &str) -> String {
    format!("/console/vendors/{}", segment(id))
}

/// The form for a new vendor.
pub fn new_form(screen: &Screen<'_>, draft: &Draft<'_>) -> Markup {
    let fields = html! {
        (draft.told(&["vendor_id", "name", "status"]))
        div.fields {
            (draft.input("vendor_id", "Id, which bills and keys name", "text", ""))
            (draft.input("name", "Name", "text", ""))
            (draft.choice("status", "Status", &STATUSES, "active"))
        }
        p.note { "The id stays for good. Make the vendor a key with " code { "callbook credential create tld --vendor" } "." }
        button type="submit" { "Add the vendor" }
    };
    html! {
        details open[draft.is_refused()] {
            summary { "Add a vendor" }
            (field::acting(screen, "/console/vendors", "/console/vendors", &fields))
        }
    }
}

/// The form for the name and the status.
pub fn change_form(screen: &Screen<'_>, vendor: &Vendor, draft: &Draft<'_>) -> Markup {
    let here = href(&vendor.vendor_id);
    let fields = html! {
        (draft.told(&["name", "status"]))
        div.fields {
            (draft.input("name", "Name", "text", &vendor.name))
            (draft.choice("status", "Status", &STATUSES, &vendor.status))
        }
        p.note { "The status is for people: the bills of a paused vendor are still recorded." }
        button type="submit" { "Save" }
    };
    field::acting(screen, &format!("{here}/{CHANGE}"), &here, &fields)
}

/// The form for terms from a day on. It begins with those that hold now.
pub fn terms_form(screen: &Screen<'_>, vendor: &Vendor, draft: &Draft<'_>) -> Markup {
    let here = href(&vendor.vendor_id);
    let today = CivilDay::of(screen.visit().now(), &screen.zone);
    let now = vendor.terms_on(&today);
    let price = now.map_or_else(String::new, |terms| terms.price.clone());
    let or_zero = |of: fn(&super::Terms) -> u32| now.map_or(0, of).to_string();
    let currency = &screen.me.currency;
    let fields = html! {
        (draft.told(&["from", "price", "minimum_seconds", "duplicate_days"]))
        div.fields {
            (draft.input("from", "From the day", "date", &today.to_string()))
            (draft.input("price", &format!("Price of a call in {currency}"), "text", &price))
            (draft.input("minimum_seconds", "Least seconds", "text", &or_zero(|terms| terms.minimum_seconds)))
            (draft.input("duplicate_days", "A caller once in days", "text", &or_zero(|terms| terms.duplicate_days)))
        }
        p.note { "They hold from the beginning of the day until the next terms, in place of others of that day. They never refuse a bill: each cost is compared with them." }
        button type="submit" { "Set the terms" }
    };
    html! {
        details open[draft.is_refused()] {
            summary { "Set terms" }
            (field::acting(screen, &format!("{here}/{TERMS}"), &here, &fields))
        }
    }
}

/// Adds a vendor, and goes to its page.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn create(screen: &Screen<'_>, form: &Pairs) -> Result<Answer, Stop> {
    let body = texts(form, &["vendor_id", "name", "status"]);
    match screen.send("POST", VENDORS, form, &body).await? {
        Ok(_created) => {
            let id = form.get("vendor_id").unwrap_or_default();
            Ok(dialect::see(&href(id)))
        }
        Err(refusal) => {
            let draft = Draft::refused(NEW, form, &refusal);
            let shown = super::page(screen, &draft).await?;
            Ok(layout::page_of_refused(screen, "vendors", &shown, refusal))
        }
    }
}

/// Changes a vendor, or sets terms, and goes back to its page.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn act(screen: &Screen<'_>, id: &str, what: &str, form: &Pairs) -> Result<Answer, Stop> {
    let path = format!("{VENDORS}/{}", segment(id));
    let (method, path, what, body) = match what {
        TERMS => {
            let mut body = texts(form, &["from", "price"]);
            for name in ["minimum_seconds", "duplicate_days"] {
                set(&mut body, name, count(form.get(name)));
            }
            ("PUT", format!("{path}/terms"), TERMS, body)
        }
        _ => ("PATCH", path, CHANGE, texts(form, &["name", "status"])),
    };
    match screen.send(method, &path, form, &body).await? {
        Ok(_changed) => Ok(dialect::see(&Screen::back(form, &href(id)))),
        Err(refusal) => {
            let draft = Draft::refused(what, form, &refusal);
            let shown = one::page(screen, id, &draft).await?;
            let place = format!("vendors/{id}");
            Ok(layout::page_of_refused(screen, &place, &shown, refusal))
        }
    }
}

/// Makes the body of a request of texts. One that was left empty is sent empty, so that the API says what it expects.
fn texts(form: &Pairs, names: &[&str]) -> Value {
    let mut body = json!({});
    for name in names {
        set(&mut body, name, form.get(name).unwrap_or_default().into());
    }
    body
}

fn set(body: &mut Value, name: &str, value: Value) {
    if let Some(members) = body.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Reads a whole number; anything else is left to the API, which says what it expects.
fn count(text: Option<&str>) -> Value {
    match text {
        None => Value::Null,
        Some(text) => text
            .parse::<u64>()
            .map_or_else(|_| text.into(), Value::from),
    }
}
