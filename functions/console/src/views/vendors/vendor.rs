//! A vendor and its terms.

use callbook::model::time::CivilDay;
use maud::{Markup, html};
use serde::Deserialize;

use crate::form::{Pairs, segment};
use crate::html::text::money;
use crate::range::Days;

/// The path of vendors.
pub const VENDORS: &str = "/callbook/v1/vendors";

/// A vendor, as the API answers it.
#[derive(Deserialize)]
pub struct ListedVendor {
    pub vendor_id: String,
    pub name: String,
    pub status: String,
    /// From the earliest on.
    pub terms: Vec<ListedTerms>,
}

/// What is agreed with a vendor from a day on.
#[derive(Deserialize)]
pub struct ListedTerms {
    pub from: String,
    pub price: String,
    pub minimum_seconds: u32,
    pub duplicate_days: u32,
}

impl ListedVendor {
    /// The terms that hold on a day.
    pub fn terms_on(&self, day: &CivilDay) -> Option<&ListedTerms> {
        let day = day.to_string();
        let began = self.terms.iter().rev();
        began.into_iter().find(|terms| terms.from <= day)
    }

    /// The path of its page.
    pub fn href(&self, days: &Days) -> String {
        let path = format!("/console/vendors/{}", segment(&self.vendor_id));
        days.narrow(&Pairs::default()).at(&path)
    }
}

impl ListedTerms {
    /// Says them in words.
    pub fn in_words(&self, currency: &str) -> Markup {
        html! {
            (money(Some(&self.price), currency))
            @if self.minimum_seconds > 0 { ", from " (self.minimum_seconds) " s" }
            @if self.duplicate_days > 0 { ", once in " (self.duplicate_days) " days" }
        }
    }
}
