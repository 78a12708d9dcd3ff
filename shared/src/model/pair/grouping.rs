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

/// How sure it is that two reports of one source are of one call, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    SameId,
    SameStart,
    Near,
}

/// Whether two reports of one source are of one call; `a` started first.
fn bond(a: &SourceReport, b: &SourceReport, withheld: bool) -> Option<Bond> {
    let gap = a.gap(b);
    match (&a.external_id, &b.external_id) {
        (Some(a_id), Some(b_id)) if a_id == b_id => {
            return (gap <= a.reach(b)).then_some(Bond::SameId);
        }
        (Some(_), Some(_)) => return None,
        _ => {}
    }
    let both_stated = a.stated && b.stated;
    let correction = a.revision > 0 || b.revision > 0;
    if (both_stated || correction) && gap == 0 {
        return Some(Bond::SameStart);
    }
    if withheld {
        return None;
    }
    let near = match a.source {
        Source::Lookup => gap <= SAME_LOOKUP,
        _ => !both_stated && gap <= a.reach(b) && !ended_before(a, b) && agree(a, b),
    };
    near.then_some(Bond::Near)
}

/// Whether the call of `a` was over when that of `b` was reported, in whole seconds.
fn ended_before(a: &SourceReport, b: &SourceReport) -> bool {
    a.ended
        .is_some_and(|ended| ended.seconds() < b.start.seconds())
}

/// Whether two reports may be of one call by what they say about its end.
fn agree(a: &SourceReport, b: &SourceReport) -> bool {
    let ends = match (a.ended, b.ended) {
        (Some(a), Some(b)) => a.seconds() == b.seconds(),
        _ => true,
    };
    let dispositions = match (&a.disposition, &b.disposition) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    ends && dispositions
}

/// The calls that one source tells of.
fn groups_of(reports: Vec<SourceReport>, withheld: bool) -> Vec<Vec<SourceReport>> {
    let mut bonds = Vec::new();
    for (second, b) in reports.iter().enumerate() {
        for (first, a) in reports.iter().take(second).enumerate() {
            if let Some(bond) = bond(a, b, withheld) {
                bonds.push((bond, a.gap(b), first, second));
            }
        }
    }
    bonds.sort_unstable();
    let mut groups: Vec<Vec<SourceReport>> = Vec::new();
    let mut group_of: Vec<usize> = (0..reports.len()).collect();
    let ids: Vec<Option<ExternalId>> = reports.iter().map(|r| r.external_id.clone()).collect();
    for (_, _, first, second) in bonds {
        let (Some(&one), Some(&other)) = (group_of.get(first), group_of.get(second)) else {
            continue;
        };
        // Reports that name no id must not tie two calls with different ids together.
        let id_of = |group: usize| {
            let members = group_of.iter().zip(&ids).filter(|(of, _)| **of == group);
            members.filter_map(|(_, id)| id.clone()).next()
        };
        let tied = match (id_of(one), id_of(other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        if one != other && tied {
            for of in &mut group_of {
                if *of == other {
                    *of = one;
                }
            }
        }
    }
    let mut made: Vec<usize> = Vec::new();
    for (report, of) in reports.into_iter().zip(group_of) {
        match made.iter().position(|group| *group == of) {
            Some(place) => {
                if let Some(group) = groups.get_mut(place) {
                    group.push(report);
                }
            }
            None => {
                made.push(of);
                groups.push(vec![report]);
            }
        }
    }
    groups
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
