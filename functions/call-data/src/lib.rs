//! `GET /reports/call-data`: an account's calls of a range (contracts/teletracker.md).

mod query;

use callbook::dialect::{Answer, Dialect, teletracker};
use callbook::edge::{App, Function};
use callbook::ledger::CallReport;
use callbook::model::account::Account;
use callbook::model::credential::Product;
use callbook::model::report::Position;
use callbook::model::time::Range;
use callbook::problem::{Cause, Missing, Problem};
use callbook::request::Request;
use callbook::request::fields::invalid;
use callbook::request::page_token::Question;
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::Duration;

use callbook::dialect::teletracker::call_rows::{Format, Rows};
use query::{MOST_ROWS, Query};

/// The function.
pub const FUNCTION: Function = Function {
    name: "call-data",
    dialect: Some(Dialect::Teletracker),
    reads_numbers: false,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// What a function may answer, in bytes, with everything that the platform wraps around a body.
const ANSWER: usize = 6_291_556;

/// How much of that the rows may take: around them are the status, the headers, the guid and the token.
const ROOM: usize = ANSWER - 1_024;

/// How many calls one request looks at, as far as its time allows.
const MOST_SCANNED: usize = 1_000_000;

/// How far a call's clock may be ahead of this one; nothing of a later day is asked for.
const CLOCK_SKEW: Duration = Duration::from_secs(300);

/// Answers a report.
///
/// # Errors
/// Why it is not answered.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    // A body that cannot be read asks the store nothing, and comes behind a credential that is missing.
    if request.header("authorization").is_none() {
        return Err(Problem::MissingCredential(Missing::Name));
    }
    let body = request.body_parameters().await?;
    let (ledger, page_key) = (app.ledger()?, app.page_key()?);
    let access = app.access();
    let signed_in = access.sign_in(ledger, request, Product::CallData).await?;
    let query = Query::read(&body, request.query(), signed_in.must_name_account())?;
    let named = query.account_id.as_deref();
    let caller = access.act(ledger, request, &signed_in, named).await?;
    let account = &caller.account;
    let range = Range::new(query.start, query.end, &account.zone)
        .map_err(|error| at_fault(teletracker::field::DATE_RANGE, &error))?;
    let question = Question {
        account: &account.id,
        range: &range,
        filter: &query.filter,
    };
    let position = match &query.next_token {
        None => None,
        Some(token) => {
            let position = page_key.position(&question, token);
            let position = position.ok_or_else(|| {
                at_fault("next_token", &"this token is none of this report's pages")
            });
            Some(position?)
        }
    };
    access.count(ledger, &caller, request.received()).await?;
    let report = ledger.call_report(
        &account.id,
        account.shards,
        range.until(request.received().plus(CLOCK_SKEW)),
        query.filter.clone(),
        position,
        query.limit,
    );
    let report = report.limited(MOST_SCANNED, request.received(), app.clock());
    let (rows, next) = read(report, account, query.format, query.limit).await?;
    let next = next.map(|position| page_key.token(&question, &position));
    answer(request, query.format, rows.finish().map_err(broken)?, next)
}

fn at_fault(field: &'static str, rule: &dyn std::fmt::Display) -> Problem {
    Problem::of(field, invalid(rule))
}

/// Reads the whole report or one page of it, and says where the next page begins if there is one.
async fn read(
    mut report: CallReport,
    account: &Account,
    format: Format,
    limit: Option<usize>,
) -> Result<(Rows<'_>, Option<Position>), Problem> {
    let mut rows = Rows::new(format, account);
    let mut last = None;
    while let Some(batch) = report.next().await? {
        for row in batch {
            if limit == Some(rows.count()) {
                return Ok((rows, last));
            }
            rows.push(&row).map_err(broken)?;
            if rows.escaped() > ROOM {
                return Err(too_large(&rows));
            }
            last = Some(Position::after(&row.sid));
        }
        if !report.is_exhausted() {
            continue;
        }
        match (limit, report.resume_at()) {
            (Some(_), Some(next)) => return Ok((rows, Some(next))),
            (None, Some(_)) => return Err(too_large(&rows)),
            // All of it has been read.
            (_, None) => {}
        }
    }
    Ok((rows, None))
}

/// Says how many rows such as these fit a page, and somewhat fewer: they differ in length, and the next
/// page's may be longer.
fn too_large(rows: &Rows<'_>) -> Problem {
    let fit = (rows.count() * ROOM).checked_div(rows.escaped());
    Problem::ResultTooLarge {
        fits: (fit.unwrap_or(usize::MAX) / 10 * 9).clamp(1, MOST_ROWS),
    }
}

fn broken(error: impl std::error::Error) -> Problem {
    Problem::Internal(Cause::of(&error))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    data: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

fn answer(
    request: &Request,
    format: Format,
    text: String,
    next_token: Option<String>,
) -> Result<Answer, Problem> {
    Ok(match format {
        Format::Json => {
            let data = RawValue::from_string(text).map_err(broken)?;
            let report = Report {
                data: &data,
                next_token,
            };
            teletracker::success(request.guid(), &report)
        }
        Format::Csv => teletracker::rows("text/csv; charset=utf-8", text, next_token),
        Format::Ndjson => teletracker::rows("application/x-ndjson", text, next_token),
    })
}
