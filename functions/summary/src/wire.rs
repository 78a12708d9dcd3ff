//! How a summary is shown.

use std::collections::{BTreeMap, BTreeSet};

use callbook::ledger::SummaryState;
use callbook::model::account::Account;
use callbook::model::summary::grouping::{Group, GroupBy, GroupKey, Groups, GroupsByKeys};
use callbook::model::summary::measures::{Measure, Measures};
use callbook::model::time::Range;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::ask::Ask;

/// A summary as clients see it.
#[derive(Serialize)]
pub struct SummaryView<'a> {
    from: String,
    to: String,
    timezone: &'a str,
    currency: &'a str,
    groups: Vec<GroupView<'a>>,
    /// The other groupings, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<GroupingView<'a>>,
    totals: Compared,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<PeriodView>,
    as_of: Option<String>,
    settling: bool,
}

#[derive(Serialize)]
struct PeriodView {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct GroupingView<'a> {
    by: Vec<&'static str>,
    groups: Vec<GroupView<'a>>,
}

#[derive(Serialize)]
struct GroupView<'a> {
    keys: BTreeMap<&'static str, Option<&'a str>>,
    #[serde(flatten)]
    compared: Compared,
}

#[derive(Serialize)]
struct Compared {
    #[serde(flatten)]
    now: MeasuresView,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<MeasuresView>,
}

#[derive(Serialize)]
struct MeasuresView {
    calls: Option<Box<RawValue>>,
    answered: Option<Box<RawValue>>,
    unique_callers: Option<usize>,
    seconds: Option<Box<RawValue>>,
    billed_calls: Option<Box<RawValue>>,
    cost: String,
    cost_per_call: Option<String>,
    cost_per_answered: Option<String>,
    cost_per_unique_caller: Option<String>,
    acknowledged: String,
    unmatched: String,
    unmatched_count: Option<Box<RawValue>>,
    superseded: String,
    superseded_count: Option<Box<RawValue>>,
    void: String,
    void_count: Option<Box<RawValue>>,
    adjusted: String,
    adjusted_count: Option<Box<RawValue>>,
    two_vendors_count: Option<Box<RawValue>>,
    two_vendors_cost_count: Option<Box<RawValue>>,
    maybe_second_count: Option<Box<RawValue>>,
    id_reused_count: Option<Box<RawValue>>,
    other_price_count: Option<Box<RawValue>>,
    refused: String,
    refused_count: Option<Box<RawValue>>,
    unmatched_over_day: String,
    unmatched_over_day_count: Option<Box<RawValue>>,
}

impl<'a> SummaryView<'a> {
    /// Shows a summary to its account.
    pub fn of(
        account: &'a Account,
        ask: &'a Ask,
        groups: &'a Groups,
        earlier: Option<&'a Groups>,
        state: SummaryState,
    ) -> Self {
        let callers = ask.unique_callers;
        let by = ask.question.by.iter().zip(&groups.by).enumerate();
        let mut groupings = by.map(|(place, (by, groups))| {
            let earlier = earlier.and_then(|earlier| earlier.by.get(place));
            GroupingView {
                by: by.iter().map(|by| by.as_str()).collect(),
                groups: GroupView::all(by, groups, earlier, callers),
            }
        });
        let first = groupings.next();
        let totals = Compared::of(
            Some(&groups.total),
            earlier.map(|earlier| Some(&earlier.total)),
            callers,
        );
        let period = |range: &Range| PeriodView {
            from: range.from.rfc3339(&account.zone),
            to: range.to.rfc3339(&account.zone),
        };
        let PeriodView { from, to } = period(&ask.question.range);
        Self {
            from,
            to,
            timezone: account.zone.name(),
            currency: account.currency.as_str(),
            groups: first.map_or_else(Vec::new, |first| first.groups),
            also: groupings.collect(),
            totals,
            previous: ask.previous.as_ref().map(|asked| period(&asked.range)),
            as_of: state.as_of.map(|at| at.rfc3339(&account.zone)),
            settling: state.settling,
        }
    }
}

impl<'a> GroupView<'a> {
    /// Shows the groups of one grouping, those of the period before among them.
    fn all(
        by: &[GroupBy],
        groups: &'a GroupsByKeys,
        earlier: Option<&'a GroupsByKeys>,
        callers: bool,
    ) -> Vec<Self> {
        let known = groups
            .keys()
            .chain(earlier.into_iter().flat_map(BTreeMap::keys));
        let known: BTreeSet<&Vec<GroupKey>> = known.collect();
        let views = known.into_iter().map(|keys| {
            let names = by.iter().map(|by| by.as_str());
            let texts = keys.iter().map(|key| key.text.as_deref());
            let before = earlier.map(|groups| groups.get(keys));
            Self {
                keys: names.zip(texts).collect(),
                compared: Compared::of(groups.get(keys), before, callers),
            }
        });
        views.collect()
    }
}

impl Compared {
    fn of(now: Option<&Group>, before: Option<Option<&Group>>, callers: bool) -> Self {
        let nothing = Group::default();
        let shown = |group: Option<&Group>| MeasuresView::of(group.unwrap_or(&nothing), callers);
        Self {
            now: shown(now),
            previous: before.map(shown),
        }
    }
}

impl MeasuresView {
    fn of(group: &Group, callers: bool) -> Self {
        let sums: &Measures = &group.sums;
        let count = |measure| whole(sums.get(measure));
        let amount = |measure| format!("{:.4}", sums.get(measure));
        let unique = callers.then(|| group.unique_callers());
        let (overdue_count, overdue) = group.overdue;
        let cost = sums.get(Measure::Matched);
        let per = |count: Decimal| {
            let ratio = Measures::ratio(cost, count);
            ratio.map(|ratio| format!("{ratio:.4}"))
        };
        Self {
            calls: count(Measure::Calls),
            answered: count(Measure::Answered),
            unique_callers: unique,
            seconds: count(Measure::Seconds),
            billed_calls: count(Measure::BilledCalls),
            cost: amount(Measure::Matched),
            cost_per_call: per(sums.get(Measure::Calls)),
            cost_per_answered: per(sums.get(Measure::Answered)),
            cost_per_unique_caller: unique.and_then(|unique| per(Decimal::from(unique))),
            acknowledged: format!("{:.4}", sums.acknowledged()),
            unmatched: amount(Measure::Unmatched),
            unmatched_count: count(Measure::UnmatchedCount),
            superseded: amount(Measure::Superseded),
            superseded_count: count(Measure::SupersededCount),
            void: amount(Measure::Void),
            void_count: count(Measure::VoidCount),
            adjusted: amount(Measure::Adjusted),
            adjusted_count: count(Measure::AdjustedCount),
            two_vendors_count: count(Measure::TwoVendors),
            two_vendors_cost_count: count(Measure::TwoVendorsCosts),
            maybe_second_count: count(Measure::MaybeSecond),
            id_reused_count: count(Measure::IdReused),
            other_price_count: count(Measure::OtherPrice),
            refused: amount(Measure::Refused),
            refused_count: count(Measure::RefusedCount),
            unmatched_over_day: format!("{overdue:.4}"),
            unmatched_over_day_count: whole(overdue_count),
        }
    }
}

/// A whole number as JSON, of any size.
fn whole(number: Decimal) -> Option<Box<RawValue>> {
    RawValue::from_string(number.trunc().normalize().to_string()).ok()
}
