//! Which reports are one call (contracts/money-rules.md 1 to 3): a function of the reports, in whatever
//! order they came.

use std::cmp::Reverse;

use super::external_id::ExternalId;
use super::source_report::{Source, SourceReport};
use crate::model::report::Disposition;
use crate::model::time::Instant;

/// For how long a lookup that comes again is the same call, in milliseconds: clients retry, and people
/// redial.
const SAME_LOOKUP: i64 = 10_000;

/// Reports in the order in which they are believed: by source, then the latest correction, what was stated
/// before what was inferred, the earliest start, and the latest end.
#[must_use]
pub fn best_first(reports: &[SourceReport]) -> Vec<&SourceReport> {
    let mut sorted: Vec<&SourceReport> = reports.iter().collect();
    sorted.sort_by_key(|report| {
        (
            report.source,
            Reverse(report.revision),
            !report.stated,
            report.start,
            Reverse(report.ended),
            content(report),
        )
    });
    sorted
}

/// A total order of reports that does not depend on when they were recorded.
type Content<'a> = (
    Instant,
    Source,
    Option<&'a ExternalId>,
    Option<Instant>,
    Option<&'a Disposition>,
    i64,
    &'a str,
);

fn content(report: &SourceReport) -> Content<'_> {
    (
        report.start,
        report.source,
        report.external_id.as_ref(),
        report.ended,
        report.disposition.as_ref(),
        report.revision,
        report.sid.as_str(),
    )
}

/// The reports of each call. `withheld`: the callers withhold their numbers, so that two reports of one
/// source need not be of the same caller.
#[must_use]
pub fn calls_of(mut reports: Vec<SourceReport>, withheld: bool) -> Vec<Vec<SourceReport>> {
    reports.sort_by(|a, b| content(a).cmp(&content(b)));
    let mut calls: Vec<Vec<SourceReport>> = Vec::new();
    for source in Source::ALL {
        let (of_source, rest) = reports
            .into_iter()
            .partition(|report| report.source == source);
        reports = rest;
        let groups = groups_of(of_source, withheld);
        calls = joined(calls, groups);
    }
    calls
}

/// Whether two reports of one source are surely of one call: they carry one id, or say one start, or one
/// corrects the other.
fn surely_one(a: &SourceReport, b: &SourceReport) -> bool {
    let gap = a.gap(b);
    match (&a.external_id, &b.external_id) {
        (Some(one), Some(other)) if one == other => return gap <= a.reach(b),
        (Some(_), Some(_)) => return false,
        _ => {}
    }
    let both_stated = a.stated && b.stated;
    let correction = a.revision > 0 || b.revision > 0;
    (both_stated || correction) && gap == 0
}

/// What the reports of one call, of one source, say together.
struct Group {
    reports: Vec<SourceReport>,
}

impl Group {
    fn first(&self) -> Option<&SourceReport> {
        self.reports
            .iter()
            .min_by(|a, b| content(a).cmp(&content(b)))
    }

    fn start(&self) -> Option<Instant> {
        self.first().map(|report| report.start)
    }

    /// Whether the source said when the call started.
    fn is_stated(&self) -> bool {
        self.reports.iter().any(|report| report.stated)
    }

    fn id(&self) -> Option<&ExternalId> {
        self.reports
            .iter()
            .find_map(|report| report.external_id.as_ref())
    }

    /// Reports that name no id must not tie two calls with different ids together.
    fn may_have_id_of(&self, other: &Self) -> bool {
        match (self.id(), other.id()) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    fn ended(&self) -> Option<Instant> {
        let reports = best_first(&self.reports);
        reports.iter().find_map(|report| report.ended)
    }

    fn disposition(&self) -> Option<&Disposition> {
        let reports = best_first(&self.reports);
        reports
            .into_iter()
            .find_map(|report| report.disposition.as_ref())
    }

    /// Whether `later`, which started after this or with it, may be of the same call.
    fn goes_on_in(&self, later: &Self) -> bool {
        let (Some(a), Some(b)) = (self.first(), later.first()) else {
            return false;
        };
        if !self.may_have_id_of(later) {
            return false;
        }
        if a.source == Source::Lookup {
            // A client that retries goes on from its latest try.
            let latest = self.reports.iter().map(|report| report.start).max();
            return latest.is_some_and(|latest| b.start.millis() - latest.millis() <= SAME_LOOKUP);
        }
        let both_stated = self.is_stated() && later.is_stated();
        !both_stated && a.gap(b) <= a.reach(b) && !self.ended_before(b.start) && self.agrees(later)
    }

    /// Whether the call was over by then, in whole seconds.
    fn ended_before(&self, start: Instant) -> bool {
        self.ended()
            .is_some_and(|ended| ended.seconds() < start.seconds())
    }

    /// Whether two groups may be of one call by what they say about its end.
    fn agrees(&self, other: &Self) -> bool {
        let ends = match (self.ended(), other.ended()) {
            (Some(one), Some(other)) => one.seconds() == other.seconds(),
            _ => true,
        };
        let dispositions = match (self.disposition(), other.disposition()) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        ends && dispositions
    }
}

/// The calls that one source tells of. Reports that are surely of one call are put together first; then
/// each group goes on in the latest earlier one that it may be the same call as.
fn groups_of(mut reports: Vec<SourceReport>, withheld: bool) -> Vec<Vec<SourceReport>> {
    // Reports with ids first: one without joins the call whose start it says.
    reports.sort_by(|a, b| {
        let order = |report: &SourceReport| report.external_id.is_none();
        (order(a), content(a)).cmp(&(order(b), content(b)))
    });
    let mut groups: Vec<Group> = Vec::new();
    for report in reports {
        let fits = |group: &&mut Group| {
            let one = group.reports.iter().any(|other| surely_one(other, &report));
            let id = match (group.id(), &report.external_id) {
                (Some(one), Some(other)) => one == other,
                _ => true,
            };
            one && id
        };
        match groups.iter_mut().find(fits) {
            Some(group) => group.reports.push(report),
            None => groups.push(Group {
                reports: vec![report],
            }),
        }
    }
    if withheld {
        return groups.into_iter().map(|group| group.reports).collect();
    }
    groups.sort_by_key(Group::start);
    let mut calls: Vec<Group> = Vec::new();
    for group in groups {
        match calls.iter_mut().rev().find(|call| call.goes_on_in(&group)) {
            Some(call) => call.reports.extend(group.reports),
            None => calls.push(group),
        }
    }
    calls.into_iter().map(|call| call.reports).collect()
}

/// Joins the calls that a source tells of to those that better sources told of: the same id first, then the
/// nearest, each to one at most, in the order of their starts.
fn joined(
    mut calls: Vec<Vec<SourceReport>>,
    groups: Vec<Vec<SourceReport>>,
) -> Vec<Vec<SourceReport>> {
    let best = |reports: &[SourceReport]| best_first(reports).first().map(|best| (*best).clone());
    let heads: Vec<Option<SourceReport>> = calls.iter().map(|call| best(call)).collect();
    let mut candidates = Vec::new();
    for (g, group) in groups.iter().enumerate() {
        let Some(of_group) = best(group) else {
            continue;
        };
        for (c, head) in heads.iter().enumerate() {
            let Some(head) = head else { continue };
            let gap = head.gap(&of_group);
            if gap <= head.reach(&of_group) && head.reach(&of_group) > 0 {
                let call = calls.get(c).map(Vec::as_slice).unwrap_or_default();
                let other_id = !share_id(call, group);
                candidates.push((other_id, gap, head.start, of_group.start, c, g));
            }
        }
    }
    candidates.sort();
    let mut taken: Vec<(Instant, Instant, usize, usize)> = Vec::new();
    for (_, _, c_start, g_start, c, g) in candidates {
        let fits = taken.iter().all(|(other_c, other_g, c2, g2)| {
            let crossing = (c_start < *other_c && g_start > *other_g)
                || (c_start > *other_c && g_start < *other_g);
            *c2 != c && *g2 != g && !crossing
        });
        if fits {
            taken.push((c_start, g_start, c, g));
        }
    }
    for (g, group) in groups.into_iter().enumerate() {
        let call = taken
            .iter()
            .find(|(_, _, _, taken)| *taken == g)
            .and_then(|(_, _, c, _)| calls.get_mut(*c));
        match call {
            Some(call) => call.extend(group),
            None => calls.push(group),
        }
    }
    calls.sort_by(|a, b| {
        let start = |call: &[SourceReport]| best(call).map(|best| (best.start, best.sid));
        start(a).cmp(&start(b))
    });
    calls
}

fn share_id(call: &[SourceReport], group: &[SourceReport]) -> bool {
    call.iter()
        .filter_map(|report| report.external_id.as_ref())
        .any(|id| {
            group
                .iter()
                .any(|other| other.external_id.as_ref() == Some(id))
        })
}
