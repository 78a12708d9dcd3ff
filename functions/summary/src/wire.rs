//! How a summary is shown.

use std::collections::{BTreeMap, BTreeSet};

use callbook::ledger::{Groups, SummaryState};
use callbook::model::account::Account;
use callbook::model::summary::grouping::{Group, GroupKey};
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
        (groups, totals): &'a Groups,
        earlier: Option<&'a Groups>,
        state: SummaryState,
    ) -> Self {
        let callers = ask.unique_callers;
        let nothing = Group::default();
        let compared = |now: Option<&Group>, before: Option<Option<&Group>>| Compared {
            now: MeasuresView::of(now.unwrap_or(&nothing), callers),
            previous: before.map(|group| MeasuresView::of(group.unwrap_or(&nothing), callers)),
        };
        // With no grouping at all, the totals are everything.
        let known = groups.keys();
        let known = known.chain(earlier.into_iter().flat_map(|(groups, _)| groups.keys()));
        let known: BTreeSet<&Vec<GroupKey>> = known.filter(|keys| !keys.is_empty()).collect();
        let views = known.into_iter().map(|keys| {
            let names = ask.question.by.iter().map(|by| by.as_str());
            let texts = keys.iter().map(|key| key.text.as_deref());
            let before = earlier.map(|(groups, _)| groups.get(keys));
            GroupView {
                keys: names.zip(texts).collect(),
                compared: compared(groups.get(keys), before),
            }
        });
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
            groups: views.collect(),
            totals: compared(Some(totals), earlier.map(|(_, totals)| Some(totals))),
            previous: ask.previous.as_ref().map(|asked| period(&asked.range)),
            as_of: state.as_of.map(|at| at.rfc3339(&account.zone)),
            settling: state.settling,
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
