//! `callbook import calls --dry-run`: what an import would do, without doing it.

use anyhow::Result;
use callbook::ledger::PastCall;
use callbook::model::account::Account;
use callbook::model::call::Direction;
use serde_json::{Map, Value, json};

use super::choose::Chosen;
use super::dates::{Order, Survey};
use super::record::{self, Dates};
use crate::output;
use crate::table::{OpenTable, Row};

/// How many rows are shown.
const SHOWN: usize = 10;

/// How many rejected rows are shown.
const REJECTS: usize = 20;

/// What is said about the file, in order.
const FORM: [&str; 6] = ["file", "columns", "dates", "zone", "amounts", "note"];

/// The columns of the first rows.
const COLUMNS: [&str; 6] = [
    "line",
    "call_date",
    "direction",
    "call_from",
    "call_to",
    "duration",
];

/// Shows what a file is taken for, its first rows as they would be recorded, and how many rows are rejected.
///
/// # Errors
/// Returns an error if the file cannot be read, or the standard output cannot be written.
pub fn run(
    table: &OpenTable,
    chosen: &Chosen,
    (survey, order): (&Survey, Order),
    (account, dates): (&Account, &Dates<'_>),
    as_json: bool,
) -> Result<()> {
    let mut rows = Vec::new();
    let mut rejects = Vec::new();
    let (mut read, mut rejected, mut billed) = (0_usize, 0_usize, 0_usize);
    table.scan(|line, fields| {
        read += 1;
        let parsed = match fields {
            Ok(fields) => record::parse(Row::new(fields), dates),
            Err(reason) => Err(reason.clone()),
        };
        match parsed {
            Ok(call) => {
                billed += usize::from(call.cost.is_some());
                if rows.len() < SHOWN {
                    rows.push(shown(line, &call, account));
                }
            }
            Err(reason) => {
                rejected += 1;
                if rejects.len() < REJECTS {
                    rejects.push(json!({"line": line, "reason": reason}));
                }
            }
        }
        Ok(())
    })?;
    let form = form(table, chosen, survey, order, account);
    let counts = json!({
        "rows": read, "would_record": read - rejected, "with_cost": billed, "would_reject": rejected,
    });
    if as_json {
        return output::json(&json!({
            "form": form, "calls": rows, "counts": counts, "rejects": rejects,
        }));
    }
    output::record(&form, &FORM)?;
    output::print("")?;
    output::rows(&rows, &COLUMNS, "No row can be recorded.")?;
    output::print("")?;
    for reject in &rejects {
        let line = reject
            .get("line")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let reason = reject
            .get("reason")
            .and_then(Value::as_str)
            .unwrap_or_default();
        output::note(&format!("line {line}: {reason}"));
    }
    if rejected > rejects.len() {
        let more = output::counted(rejected - rejects.len(), "more row");
        output::note(&format!(
            "and {more}, which the import writes to its rejects file"
        ));
    }
    let names = ["rows", "would_record", "with_cost", "would_reject"];
    output::record(&counts, &names)
}

fn form(
    table: &OpenTable,
    chosen: &Chosen,
    survey: &Survey,
    order: Order,
    account: &Account,
) -> Value {
    let mut form = Map::new();
    let mut say = |name: &str, text: String| form.insert(name.to_owned(), json!(text));
    say("file", table.form());
    say("dates", order.explain());
    say("zone", survey.zone(account.zone.name()));
    match &chosen.profile {
        Some(profile) => {
            say(
                "columns",
                format!("profile {}: {}", profile.name, profile.title),
            );
            let amounts = table.columns_of(&profile.amounts);
            if !amounts.is_empty() {
                let first = amounts.first().cloned().unwrap_or_default();
                say(
                    "amounts",
                    format!(
                        "not read: {}; --column cost={first} makes them costs",
                        amounts.join(", ")
                    ),
                );
            }
            if let Some(note) = &profile.note {
                say("note", note.trim().to_owned());
            }
        }
        None => {
            say(
                "columns",
                "as callbook import calls --help lists them".to_owned(),
            );
        }
    }
    Value::Object(form)
}

fn shown(line: u64, call: &PastCall, account: &Account) -> Value {
    let direction = match call.direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    };
    json!({
        "line": line,
        "call_date": call.started.local(&account.zone),
        "direction": direction,
        "call_from": call.from.as_str(),
        "call_to": call.to.as_e164(),
        "duration": call.seconds,
        "disposition": call.disposition.as_ref().map(|text| text.as_str()),
    })
}
