//! Calls and costs, as the API answers them.

use maud::{Markup, html};
use serde::Deserialize;

use crate::form::segment;
use crate::html::text::{or_absent, word};

/// A call of the log.
#[derive(Deserialize)]
pub struct ListedCall {
    pub call_sid: String,
    pub direction: String,
    pub call_from: String,
    pub call_to: String,
    pub vendor_id: Option<String>,
    pub started_at: String,
    pub ended_at: Option<String>,
    pub seconds: Option<u64>,
    pub disposition: Option<String>,
    pub cost: Option<String>,
    pub date_billed: Option<String>,
    pub notes: Option<String>,
    pub lead_id: Option<String>,
    pub first_contact: bool,
    pub property_sid: Option<String>,
    pub sources: Vec<String>,
    pub external_ids: Vec<String>,
    pub two_vendors: bool,
}

impl ListedCall {
    /// The path of its story.
    pub fn href(&self) -> String {
        format!("/console/calls/{}", segment(&self.call_sid))
    }
}

/// A call with everything that is known of it.
#[derive(Deserialize)]
pub struct Story {
    #[serde(flatten)]
    pub call: ListedCall,
    pub reports: Vec<ListedReport>,
    pub costs: Vec<ListedCost>,
    pub adjustments: Vec<ListedAdjustment>,
    pub settling: bool,
}

/// What a source said of a call.
#[derive(Deserialize)]
pub struct ListedReport {
    pub report_sid: String,
    pub source: String,
    pub started_at: String,
    pub start_stated: bool,
    pub ended_at: Option<String>,
    pub seconds: Option<u64>,
    pub disposition: Option<String>,
    pub external_id: Option<String>,
    pub recorded_at: String,
    pub guid: String,
}

/// A cost entry.
#[derive(Deserialize)]
pub struct ListedCost {
    pub cost_id: String,
    pub vendor_id: Option<String>,
    pub label: Option<String>,
    pub did: String,
    pub cid: String,
    pub amount: String,
    pub call_date: String,
    pub date_billed: String,
    pub received_at: String,
    pub external_call_id: Option<String>,
    pub notes: Option<String>,
    pub state: String,
    pub r#match: String,
    pub pinned: bool,
    pub call_sid: Option<String>,
    pub expectation: Option<String>,
    pub guid: String,
}

impl ListedCost {
    /// The path of its page.
    pub fn href(&self) -> String {
        format!("/console/costs/{}", segment(&self.cost_id))
    }

    /// Marks up its state, and whether it is matched.
    pub fn state(&self) -> Markup {
        html! {
            span.tag.good[self.state == "in_force"] { (word(&self.state)) }
            @if self.r#match == "unmatched" { " " span.tag.bad { "unmatched" } }
            @if self.pinned { " " span.tag { "pinned" } }
        }
    }

    /// Marks up a link to its call.
    pub fn call_link(&self) -> Markup {
        match &self.call_sid {
            Some(sid) => {
                html! { a href=(format!("/console/calls/{}", segment(sid))) { "its call" } }
            }
            None => or_absent(None),
        }
    }
}

/// A signed entry that corrects a sum.
#[derive(Deserialize)]
pub struct ListedAdjustment {
    pub amount: String,
    pub reason: String,
    pub by: String,
    pub made_at: String,
}
