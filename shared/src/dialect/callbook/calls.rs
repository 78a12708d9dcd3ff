//! How calls, and what their sources said, are shown.

use std::borrow::Cow;

use serde::Serialize;

use super::costs::{AdjustmentView, CostView};
use crate::ledger::{CallRow, CallStory};
use crate::model::account::Account;
use crate::model::call::Direction;
use crate::model::cost;
use crate::model::pair::external_id::ExternalId;
use crate::model::pair::source_report::SourceReport;
use crate::model::report::Disposition;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;

/// A call of the log as clients see it.
#[derive(Serialize)]
pub struct LoggedCall<'a> {
    call_sid: &'a str,
    direction: Direction,
    call_from: &'a str,
    call_to: &'a str,
    vendor_id: Option<&'a str>,
    started_at: String,
    ended_at: Option<String>,
    seconds: Option<u64>,
    disposition: Option<&'a str>,
    cost: Option<Cow<'a, str>>,
    currency: &'a str,
    date_billed: Option<String>,
    lead_id: Option<&'a str>,
    first_contact: bool,
    property_sid: Option<&'a str>,
    notes: Option<&'a str>,
    sources: &'a [String],
    external_ids: &'a [String],
    two_vendors: bool,
    crowded: bool,
}

impl<'a> LoggedCall<'a> {
    /// The names of the fields, in order.
    pub const FIELDS: [&'static str; 20] = [
        "call_sid",
        "direction",
        "call_from",
        "call_to",
        "vendor_id",
        "started_at",
        "ended_at",
        "seconds",
        "disposition",
        "cost",
        "currency",
        "date_billed",
        "lead_id",
        "first_contact",
        "property_sid",
        "notes",
        "sources",
        "external_ids",
        "two_vendors",
        "crowded",
    ];

    /// Shows a call, read with its details, to its account.
    #[must_use]
    pub fn of(call: &'a CallRow, account: &'a Account) -> Self {
        let when = |instant: Instant| instant.rfc3339(&account.zone);
        Self {
            call_sid: call.sid.as_str(),
            direction: call.direction,
            call_from: &call.from,
            call_to: &call.to,
            vendor_id: call.details.vendor.as_ref().map(VendorId::as_str),
            started_at: when(call.started),
            ended_at: call.ended.map(when),
            seconds: call.seconds,
            disposition: call.disposition.as_deref(),
            cost: call.cost.as_deref().map(cost::four_places_of),
            currency: account.currency.as_str(),
            date_billed: call.billed.map(when),
            lead_id: call.lead.as_deref(),
            first_contact: call.details.first_contact,
            property_sid: call.recorded_for.as_ref().map(|sid| sid.as_str()),
            notes: call.notes.as_deref(),
            sources: &call.details.sources,
            external_ids: &call.details.external_ids,
            two_vendors: call.details.two_vendors,
            crowded: call.details.crowded,
        }
    }
}

/// What one source said about a call.
#[derive(Serialize)]
pub struct SourceReportView<'a> {
    report_sid: &'a str,
    source: crate::model::pair::source_report::Source,
    started_at: String,
    /// Whether the source said when the call started.
    start_stated: bool,
    ended_at: Option<String>,
    seconds: Option<u32>,
    disposition: Option<&'a str>,
    external_id: Option<&'a str>,
    property_sid: Option<&'a str>,
    recorded_at: String,
    guid: &'a str,
}

impl<'a> SourceReportView<'a> {
    fn of(report: &'a SourceReport, account: &Account) -> Self {
        let when = |instant: Instant| instant.rfc3339(&account.zone);
        Self {
            report_sid: report.sid.as_str(),
            source: report.source,
            started_at: when(report.start),
            start_stated: report.stated,
            ended_at: report.ended.map(when),
            seconds: report.seconds,
            disposition: report.disposition.as_ref().map(Disposition::as_str),
            external_id: report.external_id.as_ref().map(ExternalId::as_str),
            property_sid: report.property.as_ref().map(|sid| sid.as_str()),
            recorded_at: when(report.recorded_at),
            guid: &report.guid,
        }
    }
}

/// A call with every report and every cost entry.
#[derive(Serialize)]
pub struct CallStoryView<'a> {
    #[serde(flatten)]
    call: LoggedCall<'a>,
    reports: Vec<SourceReportView<'a>>,
    costs: Vec<CostView<'a>>,
    /// The adjustments of the call itself; those of its costs are shown with the costs.
    adjustments: Vec<AdjustmentView<'a>>,
    /// Whether entries around it are still being decided.
    settling: bool,
}

impl<'a> CallStoryView<'a> {
    /// Shows the story of a call to its account.
    #[must_use]
    pub fn of(story: &'a CallStory, account: &'a Account) -> Self {
        let reports = story.reports.iter();
        let costs = story.costs.iter();
        let adjustments = story.adjustments.iter();
        Self {
            call: LoggedCall::of(&story.call, account),
            reports: reports
                .map(|report| SourceReportView::of(report, account))
                .collect(),
            costs: costs.map(|cost| CostView::of(cost, account)).collect(),
            adjustments: adjustments
                .map(|adjustment| AdjustmentView::of(adjustment, account))
                .collect(),
            settling: story.settling,
        }
    }
}
