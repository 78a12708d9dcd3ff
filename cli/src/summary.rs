//! `callbook summary` and `callbook rollup`: counts and sums of calls and costs, and making them again.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use callbook::clock::Clock;
use callbook::model::cell::defused;
use callbook::model::summary::grouping::{Group, GroupKey, Groups, Question};
use callbook::model::summary::measures::{Measure, Measures};
use callbook::model::time::{CivilDay, Range, RangeEnd, UtcDay};
use serde_json::{Map, Value, json};

use crate::accounts::find_account;
use crate::args::{RollupCommand, SummaryArgs};
use crate::{output, store};

/// The columns of the table for people, which fits into 80 characters; the others are in CSV and JSON.
const COLUMNS: [&str; 5] = ["calls", "answered", "cost", "per_call", "unmatched"];

/// The columns of the table if it is compared with the period before.
const COMPARED: [&str; 5] = ["calls", "cost", "per_call", "calls_before", "cost_before"];

/// Prints a summary.
///
/// # Errors
/// Returns an error if the account does not exist, the range is not valid, or DynamoDB does not answer in
/// time.
pub async fn run(args: SummaryArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.account).await?;
    let zone = &account.zone;
    let to = args
        .to
        .unwrap_or_else(|| CivilDay::of(Clock::system().now(), zone));
    let first = CivilDay::parse(&format!("{}-01", to.month()))?;
    let from = args.from.unwrap_or(first);
    ensure!(
        args.by.first() != args.by.get(1) || args.by.is_empty(),
        "--by takes two groupings that differ"
    );
    let question = Question {
        range: Range::new(RangeEnd::day(from), RangeEnd::day(to), zone)?,
        zone: zone.clone(),
        by: Some(args.by.clone())
            .filter(|by| !by.is_empty())
            .into_iter()
            .collect(),
        vendor: args.vendor.clone(),
        did: args.did.as_ref().map(|did| did.as_e164().to_owned()),
        shift: 0,
        overdue: Clock::system().now().minus(Duration::from_secs(86_400)),
    };
    let state = ledger.summary_state(&account.id).await?;
    let compared = args.compare.as_ref();
    let previous = compared.map(|_| question.before(RangeEnd::day(from), RangeEnd::day(to)));
    let range = question.range_with(previous.as_ref());
    let numbers = ledger
        .numbers_of_summary(&account.id, &question.by, range)
        .await?;
    let groups = ledger.summary(&account.id, &question, &numbers, false);
    let Groups { by, total } = groups.await??;
    let groups = by.into_iter().next().unwrap_or_default();
    let mut before = None;
    if let Some(question) = &previous {
        let groups = ledger.summary(&account.id, question, &numbers, false);
        let Groups { by, total } = groups.await??;
        before = Some((by.into_iter().next().unwrap_or_default(), total));
    }
    let names: Vec<&str> = args.by.iter().map(|by| by.as_str()).collect();
    let earlier = before.as_ref();
    let known = groups.keys();
    let known = known.chain(earlier.into_iter().flat_map(|(groups, _)| groups.keys()));
    let known: BTreeSet<_> = known.collect();
    let nothing = Group::default();
    let rows = known.into_iter().map(|keys| {
        let group = groups.get(keys).unwrap_or(&nothing);
        let before = earlier.map(|(groups, _)| groups.get(keys).unwrap_or(&nothing));
        row(&names, keys, group, before)
    });
    let mut rows: Vec<Value> = rows.collect();
    let totals = row(&[], &[], &total, earlier.map(|(_, total)| total));
    let as_of = state.as_of.map(|at| at.rfc3339(&account.zone));
    if args.store.json {
        return output::json(&json!({
            "from": from.to_string(),
            "to": to.to_string(),
            "currency": account.currency.as_str(),
            "groups": rows,
            "totals": totals,
            "as_of": as_of,
            "settling": state.settling,
        }));
    }
    if args.csv {
        return csv(&names, &rows, earlier.is_some());
    }
    rows.push(total_row(&names, totals));
    let columns = match earlier {
        Some(_) => COMPARED.as_slice(),
        None => COLUMNS.as_slice(),
    };
    let columns: Vec<&str> = names.iter().chain(columns).copied().collect();
    output::rows(&rows, &columns, "There is nothing in this time.")?;
    output::note(&format!(
        "{from} to {to}, in {}, as of {}{}",
        account.currency.as_str(),
        as_of
            .as_deref()
            .unwrap_or("the beginning: nothing follows the table's stream yet"),
        if state.settling { ", settling" } else { "" },
    ));
    Ok(())
}

fn row(names: &[&str], keys: &[GroupKey], group: &Group, before: Option<&Group>) -> Value {
    let mut row = Map::new();
    for (name, key) in names.iter().zip(keys) {
        row.insert((*name).to_owned(), json!(key.text));
    }
    let sums = &group.sums;
    let whole = |measure| json!(sums.get(measure).normalize().to_string());
    let amount = |measure| json!(format!("{:.4}", sums.get(measure)));
    let cost = sums.get(Measure::Matched);
    let per = |count| {
        let ratio = Measures::ratio(cost, sums.get(count));
        json!(ratio.map(|ratio| format!("{ratio:.4}")))
    };
    for (name, value) in [
        ("calls", whole(Measure::Calls)),
        ("answered", whole(Measure::Answered)),
        ("seconds", whole(Measure::Seconds)),
        ("billed_calls", whole(Measure::BilledCalls)),
        ("cost", amount(Measure::Matched)),
        ("per_call", per(Measure::Calls)),
        ("per_answered", per(Measure::Answered)),
        ("unmatched", amount(Measure::Unmatched)),
        ("superseded", amount(Measure::Superseded)),
        ("void", amount(Measure::Void)),
        ("adjusted", amount(Measure::Adjusted)),
        ("two_vendors", whole(Measure::TwoVendors)),
        ("two_vendors_costs", whole(Measure::TwoVendorsCosts)),
        ("maybe_second", whole(Measure::MaybeSecond)),
        ("id_reused", whole(Measure::IdReused)),
        ("other_price", whole(Measure::OtherPrice)),
        ("refused", amount(Measure::Refused)),
        (
            "unmatched_over_day",
            json!(format!("{:.4}", group.overdue.1)),
        ),
    ] {
        row.insert(name.to_owned(), value);
    }
    if let Some(before) = before {
        let calls = before.sums.get(Measure::Calls).normalize().to_string();
        let cost = format!("{:.4}", before.sums.get(Measure::Matched));
        row.insert("calls_before".to_owned(), json!(calls));
        row.insert("cost_before".to_owned(), json!(cost));
    }
    Value::Object(row)
}

fn total_row(names: &[&str], mut row: Value) -> Value {
    if let (Some(first), Some(row)) = (names.first(), row.as_object_mut()) {
        row.insert((*first).to_owned(), json!("total"));
    }
    row
}

fn csv(names: &[&str], rows: &[Value], compared: bool) -> Result<()> {
    let measures = [
        "calls",
        "answered",
        "seconds",
        "billed_calls",
        "cost",
        "per_call",
        "per_answered",
        "unmatched",
        "superseded",
        "void",
        "adjusted",
        "two_vendors",
        "two_vendors_costs",
        "maybe_second",
        "id_reused",
        "other_price",
        "refused",
        "unmatched_over_day",
    ];
    let before: &[&str] = if compared {
        &["calls_before", "cost_before"]
    } else {
        &[]
    };
    let columns: Vec<&str> = names
        .iter()
        .chain(&measures)
        .chain(before)
        .copied()
        .collect();
    let mut writer = csv::Writer::from_writer(output::rows_out());
    writer.write_record(&columns)?;
    for row in rows {
        let text = |name: &&str| row.get(*name).and_then(Value::as_str).unwrap_or_default();
        // What vendors and dispositions are called is others' text; the rest are numbers.
        let keys = names.iter().map(|name| defused(text(name)));
        let numbers = columns
            .iter()
            .skip(names.len())
            .map(|name| text(name).into());
        writer.write_record(keys.chain(numbers).map(|cell| cell.into_owned()))?;
    }
    writer.flush()?;
    Ok(())
}

/// Runs `callbook rollup`.
///
/// # Errors
/// Returns an error if the account does not exist, nothing follows the stream, or DynamoDB does not answer
/// in time.
pub async fn rollup(command: RollupCommand) -> Result<()> {
    let RollupCommand::Rebuild {
        account,
        from,
        to,
        store,
    } = command;
    let ledger = store::open(&store).await?;
    let account = find_account(&ledger, &account).await?;
    let range = Range::of_any_length(RangeEnd::day(from), RangeEnd::day(to), &account.zone)?;
    let clock = Clock::system();
    let mut rows = Vec::new();
    let mut next = Some(UtcDay::of(range.from));
    while let Some(day) = next.filter(|day| day.begins() < range.to) {
        let done = ledger.rebuild_sums(&account, day, &clock).await?;
        rows.push(json!({
            "day": day.to_string(),
            "items": done.items,
            "corrected": done.corrected,
            "left": done.left,
            "ended": done.ended,
        }));
        next = day.next();
    }
    if rows.iter().any(|row| row["ended"] == true) {
        output::note(&format!(
            "Calls and costs of some days have ended, so the sums of these days stay as they are; `callbook retention show \
             {}` says from when on all are there.",
            account.id
        ));
    }
    if store.json {
        return output::json(&Value::Array(rows));
    }
    output::rows(
        &rows,
        &["day", "items", "corrected", "left", "ended"],
        "There are no days.",
    )
}
