//! Rules 1 to 3: which reports are one call, and when it started and was over.

use std::cmp::Reverse;

use super::{Report, Source};

/// For how long a lookup that comes again is of the same call.
const AGAIN: i64 = 10_000;

/// The reports of each call.
pub(super) fn calls(reports: &[Report], withheld: bool) -> Vec<Vec<Report>> {
    let mut calls = Vec::new();
    for source in [
        Source::Switch,
        Source::Cdr,
        Source::StartEnd,
        Source::Lookup,
    ] {
        let mut told: Vec<Report> = reports
            .iter()
            .filter(|one| one.source == source)
            .cloned()
            .collect();
        told.sort();
        calls = paired(calls, of_one_source(&told, withheld));
    }
    calls
}

/// When the call of some reports started.
pub(super) fn start(reports: &[Report]) -> i64 {
    best(reports, |_| true).expect("a report").start
}

/// When the call of some reports was over. No call ends before it starts.
pub(super) fn ended(reports: &[Report]) -> Option<i64> {
    let ended = best(reports, |one| one.ended.is_some())?.ended;
    ended.map(|ended| ended.max(start(reports)))
}

/// The best report of those that are wanted: of the best source, and of one source what was stated first.
fn best(reports: &[Report], wanted: impl Fn(&Report) -> bool) -> Option<&Report> {
    let wanted = reports.iter().filter(|one| wanted(one));
    wanted.min_by_key(|one| (one.source, !one.stated, one.start, Reverse(one.ended)))
}

/// Rule 2: how surely two reports of one source are of one call; `None` if nothing says so. `a` started
/// first.
fn same_call(a: &Report, b: &Report, withheld: bool) -> Option<u8> {
    let gap = b.start - a.start;
    let near = gap <= a.within.min(b.within);
    let (a_id, b_id) = (a.external_id.as_ref(), b.external_id.as_ref());
    if a_id.is_some() && b_id.is_some() {
        return (a_id == b_id && near).then_some(0);
    }
    if gap == 0 && a.stated && b.stated {
        return Some(1);
    }
    let over = a
        .ended
        .is_some_and(|ended| ended.div_euclid(1_000) < b.start.div_euclid(1_000));
    let again = match a.source {
        Source::Lookup => gap <= AGAIN,
        _ => !(a.stated && b.stated) && near && !over,
    };
    (again && !withheld).then_some(2)
}

/// The calls that one source tells of: the surest are joined first, then the nearest, and never two ids.
fn of_one_source(reports: &[Report], withheld: bool) -> Vec<Vec<Report>> {
    let mut bonds = Vec::new();
    for (j, b) in reports.iter().enumerate() {
        for (i, a) in reports[..j].iter().enumerate() {
            if let Some(sure) = same_call(a, b, withheld) {
                bonds.push((sure, b.start - a.start, i, j));
            }
        }
    }
    bonds.sort_unstable();
    let mut groups: Vec<Vec<usize>> = (0..reports.len()).map(|one| vec![one]).collect();
    let id_of = |group: &[usize]| {
        group
            .iter()
            .find_map(|one| reports[*one].external_id.clone())
    };
    for (_, _, i, j) in bonds {
        let place = |one| {
            groups
                .iter()
                .position(|group| group.contains(&one))
                .expect("a group")
        };
        let (one, other) = (place(i), place(j));
        let ids = (id_of(&groups[one]), id_of(&groups[other]));
        if one != other && (ids.0.is_none() || ids.1.is_none() || ids.0 == ids.1) {
            let moved = std::mem::take(&mut groups[other]);
            groups[one].extend(moved);
        }
    }
    groups.retain(|group| !group.is_empty());
    let of = |group: &Vec<usize>| group.iter().map(|one| reports[*one].clone()).collect();
    groups.iter().map(of).collect()
}

/// Rule 3: the calls of the sources so far, and those that the next source tells of.
fn paired(calls: Vec<Vec<Report>>, told: Vec<Vec<Report>>) -> Vec<Vec<Report>> {
    let within = |one: &[Report]| best(one, |_| true).expect("a report").within;
    let ids = |one: &[Report]| -> Vec<String> {
        one.iter()
            .filter_map(|report| report.external_id.clone())
            .collect()
    };
    let mut options = Vec::new();
    for (c, call) in calls.iter().enumerate() {
        for (t, tale) in told.iter().enumerate() {
            let gap = (start(call) - start(tale)).abs();
            let reach = within(call).min(within(tale));
            if reach > 0 && gap <= reach {
                let shared = ids(call).iter().any(|id| ids(tale).contains(id));
                options.push((!shared, gap, start(call), start(tale), c, t));
            }
        }
    }
    options.sort_unstable();
    let mut pairings: Vec<(usize, usize)> = Vec::new();
    for (.., c, t) in options {
        let crosses = |(c2, t2): &(usize, usize)| {
            let of_calls = start(&calls[c]).cmp(&start(&calls[*c2]));
            let of_told = start(&told[t]).cmp(&start(&told[*t2]));
            of_calls.is_lt() && of_told.is_gt() || of_calls.is_gt() && of_told.is_lt()
        };
        let free = pairings.iter().all(|(c2, t2)| *c2 != c && *t2 != t);
        if free && !pairings.iter().any(crosses) {
            pairings.push((c, t));
        }
    }
    let mut calls = calls;
    for (t, tale) in told.into_iter().enumerate() {
        match pairings.iter().find(|(_, paired)| *paired == t) {
            Some((c, _)) => calls[*c].extend(tale),
            None => calls.push(tale),
        }
    }
    // Of calls with equal starts, the order of their sids decides.
    calls.sort_by_key(|call| {
        let best = best(call, |_| true).expect("a report");
        (best.start, best.sid.clone())
    });
    calls
}
