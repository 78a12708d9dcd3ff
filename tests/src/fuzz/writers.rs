//! What goes out: every text is read back as it was written, and no cell of a table is a formula.

use std::sync::Arc;

use callbook::dialect::Answer;
use callbook::dialect::Body;
use callbook::dialect::teletracker::call_rows::{COLUMNS, Finished, Format, ReplyRows, Rows};
use callbook::dialect::truecnam::{self, Caller, Form};
use callbook::edge::{Function, StorelessHandler};
use callbook::ids;
use callbook::ledger::{CallDetails, CallRow, LatestFeedback};
use callbook::model::account::Account;
use callbook::model::call::Direction;
use callbook::model::cell::{defused, restored};
use callbook::model::text::{ResponseFormat, ResponseType};
use callbook::model::time::{Instant, Zone};
use callbook::problem::Problem;
use callbook::request::Request;
use serde_json::{Value, json};

use super::doors::{answered, app};
use super::each;
use crate::written::{self, EXTENDED};

/// A cell that a spreadsheet would read as a formula, behind what it skips.
fn is_formula(cell: &str) -> bool {
    let skipped = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || "\"\u{200b}\u{feff}\u{a0}".contains(character)
    };
    cell.split([',', ';', '\t', '|', '\r', '\n']).any(|part| {
        part.trim_start_matches(skipped).starts_with([
            '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
        ])
    })
}

/// Cells: an import undoes exactly what an export did.
pub fn cells(cases: u32, seed: u64) {
    each((cases, seed), |dice| {
        let text = dice.note();
        let cell = defused(&text).into_owned();
        match restored(&cell) == text && !is_formula(&cell) {
            true => Ok(()),
            false => Err(format!("{text:?} became {cell:?}")),
        }
    });
}

fn row(texts: &[Option<String>; 4]) -> CallRow {
    let now = Instant::from_millis(crate::NOON);
    let [name, notes, disposition, from] = texts.clone();
    CallRow {
        sid: ids::call_sid(now, 0),
        started: now,
        direction: Direction::Inbound,
        from: from.unwrap_or_default(),
        to: "+18005550100".to_owned(),
        ended: None,
        seconds: Some(30),
        disposition,
        cost: Some("25.5".to_owned()),
        billed: Some(now),
        lead: None,
        notes,
        noted_by: None,
        reported_notes: false,
        recorded_for: None,
        latest_feedback: Some(Arc::new(LatestFeedback {
            name,
            status: None,
            right_party: None,
        })),
        details: CallDetails::default(),
    }
}

/// Reports as CSV, NDJSON and JSON.
pub fn call_rows(cases: u32, seed: u64) {
    let now = Instant::from_millis(crate::NOON);
    let account = Account::new(
        ids::account_id(),
        ids::account_sid(),
        "A".to_owned(),
        Zone::utc(),
        now,
    );
    let formats = [Format::Json, Format::Csv, Format::Ndjson];
    each((cases, seed), |dice| {
        let format = dice.one_of(&formats);
        let texts: Vec<[Option<String>; 4]> = (0..dice.below(3))
            .map(|_| [(); 4].map(|()| (!dice.once_in(10)).then(|| dice.note())))
            .collect();
        let mut rows = Rows::new(format, &account);
        let mut reply = ReplyRows::new(format, &account);
        for texts in &texts {
            let row = row(texts);
            rows.push(&row).map_err(|error| error.to_string())?;
            reply.push(&row).map_err(|error| error.to_string())?;
        }
        let size = reply.size();
        let written = rows.finish().map_err(|error| error.to_string())?;
        let quoted = serde_json::to_string(&written).map_err(|error| error.to_string())?;
        if format != Format::Json && !texts.is_empty() && size + 2 != quoted.len() {
            return Err(format!("{size} and 2 are not {}", quoted.len()));
        }
        let body = match reply.finish().map_err(|error| error.to_string())? {
            Finished::Csv(text) => Ok(Body::Text(text)),
            Finished::Json(text) | Finished::Ndjson(text) => Body::of(&[&text]),
        };
        let body = body.map_err(|error| error.to_string())?;
        let replied = serde_json::to_string(&body).map_err(|error| error.to_string())?;
        if replied != quoted {
            return Err(format!("{quoted} is replied as {replied}"));
        }
        let read = read_rows(format, &written)?;
        let sent: Vec<Vec<String>> = texts
            .iter()
            .map(|texts| texts.iter().map(shown).collect())
            .collect();
        match read == sent {
            true => Ok(()),
            false => Err(format!("{sent:?} is read as {read:?}")),
        }
    });
}

fn shown(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

/// Name, notes, disposition and caller of each row.
fn read_rows(format: Format, written: &str) -> Result<Vec<Vec<String>>, String> {
    let names = ["name", "notes", "disposition", "call_from"];
    let of_object = |row: &Value| -> Vec<String> {
        names
            .iter()
            .map(|name| row[*name].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let json = |text: &str| -> Result<Value, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    };
    match format {
        Format::Json => {
            let rows = json(written)?;
            Ok(rows
                .as_array()
                .ok_or("no array")?
                .iter()
                .map(of_object)
                .collect())
        }
        Format::Ndjson => {
            let lines = written
                .split_terminator('\n')
                .map(|line| Ok(of_object(&json(line)?)));
            lines.collect()
        }
        Format::Csv => {
            let mut reader = csv::ReaderBuilder::new().from_reader(written.as_bytes());
            let headers = reader.headers().map_err(|error| error.to_string())?.clone();
            if headers.iter().ne(COLUMNS) {
                return Err(format!("{headers:?}"));
            }
            let mut rows = Vec::new();
            for record in reader.records() {
                let record = record.map_err(|error| error.to_string())?;
                let cell = |name: &&str| {
                    let at = COLUMNS
                        .iter()
                        .position(|column| column == name)
                        .expect("a column");
                    record.get(at).unwrap_or_default().to_owned()
                };
                let mut cells: Vec<String> = names.iter().map(cell).collect();
                for cell in cells.iter_mut().take(3) {
                    if is_formula(cell) {
                        return Err(format!("{cell:?} is a formula"));
                    }
                    *cell = restored(cell).into_owned();
                }
                rows.push(cells);
            }
            Ok(rows)
        }
    }
}

/// Answers with what the headers of the request say.
fn caller(request: &Request) -> Result<Answer, Problem> {
    let said = |name: &str| -> String {
        let text = request.header(name).unwrap_or_default();
        serde_json::from_str(text).unwrap_or_default()
    };
    let form = Form {
        kind: ResponseType::Extended,
        format: ResponseFormat::parse(&said("x-format")).unwrap_or(ResponseFormat::Json),
    };
    Ok(truecnam::caller(
        form,
        &Caller {
            name: said("x-name"),
            extended_name: said("x-extended"),
            ..Caller::default()
        },
    ))
}

const SAYS_CALLER: Function<StorelessHandler> = Function {
    name: "fuzz",
    dialect: None,
    handler: StorelessHandler(caller),
};

/// Answers to caller queries as JSON, XML and CSV.
pub fn callers(cases: u32, seed: u64) {
    let app = app();
    each((cases, seed), |dice| {
        let (name, extended) = (dice.note(), dice.note());
        let format = dice.one_of(&written::Format::ALL);
        let quoted = |text: &str| Value::String(text.to_owned()).to_string();
        let event = json!({
            "version": "2.0", "rawPath": "/api/v1", "rawQueryString": "",
            "headers": {"x-name": quoted(&name), "x-extended": quoted(&extended), "x-format": quoted(format.as_str())},
            "requestContext": {"http": {"method": "GET", "path": "/api/v1", "sourceIp": "127.0.0.1"}},
        });
        let answer = answered(&app, &SAYS_CALLER, event.to_string().as_bytes())?;
        let body = answer["body"].as_str().ok_or("no body")?;
        let kept = |text: &str| match format {
            // XML has no such characters, and reads a line's end as one character.
            written::Format::Xml => {
                lines(&text.chars().filter(|one| in_xml(*one)).collect::<String>())
            }
            _ => text.to_owned(),
        };
        let read = written::values(format, body, &EXTENDED);
        let at = |field: &str| {
            EXTENDED
                .iter()
                .position(|one| *one == field)
                .expect("a field")
        };
        for (field, sent) in [("name", &name), ("extended_name", &extended)] {
            let found = &read[at(field)];
            let found = if format == written::Format::Xml {
                lines(found)
            } else {
                found.clone()
            };
            if found != kept(sent) {
                return Err(format!(
                    "{field} {sent:?} as {format:?} is read as {found:?}"
                ));
            }
        }
        Ok(())
    });
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn in_xml(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..
    )
}
