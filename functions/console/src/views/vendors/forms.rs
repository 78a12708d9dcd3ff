//! The forms of vendors: a new one, its name and status, and its terms.

use callbook::model::time::CivilDay;
use maud::{Markup, html};

use super::vendor::{ListedTerms, ListedVendor};
use crate::form::segment;
use crate::html::draft::Draft;
use crate::html::field;
use crate::screen::Screen;

/// The words of the forms, which are parts of their paths.
pub const NEW: &str = "new";
pub const CHANGE: &str = "change";
pub const TERMS: &str = "terms";

const STATUSES: [(&str, &str); 2] = [("active", "active"), ("paused", "paused")];

/// The path of a vendor's page.
pub fn href(id: &str) -> String {
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
pub fn change_form(screen: &Screen<'_>, vendor: &ListedVendor, draft: &Draft<'_>) -> Markup {
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
pub fn terms_form(screen: &Screen<'_>, vendor: &ListedVendor, draft: &Draft<'_>) -> Markup {
    let here = href(&vendor.vendor_id);
    let today = CivilDay::of(screen.visit().now(), &screen.zone);
    let now = vendor.terms_on(&today);
    let price = now.map_or_else(String::new, |terms| terms.price.clone());
    let or_zero = |of: fn(&ListedTerms) -> u32| now.map_or(0, of).to_string();
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
