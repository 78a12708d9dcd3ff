//! A call of a pair: its reports, the entries that were matched to it, and what they show together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{CostEntry, State};
use super::external_id::ExternalId;
use super::grouping::best_first;
use super::source_report::SourceReport;
use crate::model::call::{CallSid, CostId};
use crate::model::cost::Cost;
use crate::model::property::PropertySid;
use crate::model::report::Disposition;
use crate::model::text::Notes;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;

/// A call. It has a report at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairCall {
    /// Its sid: that of the report which was recorded first.
    pub sid: CallSid,
    /// What its sources said.
    pub reports: Vec<SourceReport>,
    /// The entries matched to it, whether they count or not, in the order of their receipt.
    pub entries: Vec<CostEntry>,
    /// Whether it was left alone because too many reports lay around it.
    pub crowded: bool,
}

/// What a call shows to people and clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// When it started.
    pub start: Instant,
    /// When it was over.
    pub ended: Option<Instant>,
    /// How long it was, in seconds.
    pub seconds: Option<i64>,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// Its ids at its sources.
    pub external_ids: Vec<ExternalId>,
    /// The property that it was reported for.
    pub property: Option<PropertySid>,
    /// The latest bill that counts and has notes, which the call shows.
    pub noted_by: Option<CostId>,
    /// What a report noted, if no such bill has notes.
    pub notes: Option<Notes>,
    /// What it costs: the sum of the entries that count; `None` without any.
    pub cost: Option<Cost>,
    /// The same by vendor.
    pub costs: Vec<VendorCost>,
    /// The vendor of the number that was called.
    pub vendor: Option<VendorId>,
    /// When the latest entry that counts was billed.
    pub billed: Option<Instant>,
    /// Whether two billers have entries that count.
    pub two_vendors: bool,
}

/// The entries of one vendor that count on a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorCost {
    /// The vendor; `None` for entries of no vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_id: Option<VendorId>,
    /// How many entries.
    pub count: u32,
    /// What they amount to.
    pub amount: Cost,
}

impl PairCall {
    /// The call of these reports; `None` if there are none.
    #[must_use]
    pub fn of(reports: Vec<SourceReport>) -> Option<Self> {
        let first = reports
            .iter()
            .min_by(|a, b| (a.recorded_at, &a.sid).cmp(&(b.recorded_at, &b.sid)))?;
        Some(Self {
            sid: first.sid.clone(),
            reports,
            entries: Vec::new(),
            crowded: false,
        })
    }

    /// When it started, by its best report.
    #[must_use]
    pub fn start(&self) -> Instant {
        let best = best_first(&self.reports).into_iter().next();
        best.map_or_else(|| self.sid.started(), |report| report.start)
    }

    /// When it was over, by the best report that knows.
    #[must_use]
    pub fn ended(&self) -> Option<Instant> {
        self.ending().and_then(|report| report.ended)
    }

    /// The best report that knows when it was over.
    fn ending(&self) -> Option<&SourceReport> {
        best_first(&self.reports)
            .into_iter()
            .find(|report| report.ended.is_some())
    }

    /// Orders calls that started at the same time, whichever of their reports came first.
    #[must_use]
    pub fn label(&self) -> &str {
        let sids = self.reports.iter().map(|report| report.sid.as_str());
        sids.min().unwrap_or_else(|| self.sid.as_str())
    }

    /// Whether a report of it has this id at its source.
    #[must_use]
    pub fn has_id(&self, id: &ExternalId) -> bool {
        self.reports
            .iter()
            .any(|report| report.external_id.as_ref() == Some(id))
    }

    /// Whether the report with this sid is of this call.
    #[must_use]
    pub fn has_report(&self, sid: &CallSid) -> bool {
        self.reports.iter().any(|report| report.sid == *sid)
    }

    /// The start of the earliest of its reports.
    #[must_use]
    pub fn earliest(&self) -> Option<&SourceReport> {
        self.reports
            .iter()
            .min_by(|a, b| (a.start, &a.sid).cmp(&(b.start, &b.sid)))
    }

    /// What it shows.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let reports = best_first(&self.reports);
        let start = self.start();
        let ended = self.ended().map(|ended| ended.max(start));
        let said = self.ending().and_then(|report| report.seconds);
        let seconds = said.map(i64::from);
        let mut external_ids: Vec<ExternalId> = Vec::new();
        for id in reports
            .iter()
            .filter_map(|report| report.external_id.as_ref())
        {
            if !external_ids.contains(id) {
                external_ids.push(id.clone());
            }
        }
        let noted = self.in_force().filter(|entry| entry.noted).last();
        let from_report = || reports.iter().find_map(|report| report.notes.clone());
        Shown {
            start,
            ended,
            // The difference of the whole seconds that clients are shown.
            seconds: seconds.or_else(|| ended.map(|ended| ended.seconds() - start.seconds())),
            disposition: reports.iter().find_map(|report| report.disposition.clone()),
            external_ids,
            property: reports.iter().find_map(|report| report.property.clone()),
            noted_by: noted.map(|entry| entry.cost_id.clone()),
            notes: noted.is_none().then(from_report).flatten(),
            cost: self
                .in_force()
                .map(|entry| entry.amount)
                .reduce(Cost::saturating_add),
            costs: self.costs_by_vendor(),
            vendor: reports.iter().find_map(|report| report.vendor.clone()),
            billed: self.in_force().map(|entry| entry.date_billed).last(),
            two_vendors: self.has_two_vendors(),
        }
    }

    /// The entries that count.
    pub fn in_force(&self) -> impl Iterator<Item = &CostEntry> {
        self.entries
            .iter()
            .filter(|entry| entry.state == State::InForce)
    }

    fn costs_by_vendor(&self) -> Vec<VendorCost> {
        let mut costs: BTreeMap<Option<VendorId>, (u32, Cost)> = BTreeMap::new();
        for entry in self.in_force() {
            costs
                .entry(entry.vendor())
                .and_modify(|(count, sum)| {
                    *count += 1;
                    *sum = sum.saturating_add(entry.amount);
                })
                .or_insert((1, entry.amount));
        }
        let costs = costs.into_iter();
        costs
            .map(|(vendor_id, (count, amount))| VendorCost {
                vendor_id,
                count,
                amount,
            })
            .collect()
    }

    fn has_two_vendors(&self) -> bool {
        let mut billers = self.in_force().map(|entry| &entry.biller);
        let first = billers.next();
        billers.any(|biller| Some(biller) != first)
    }
}
