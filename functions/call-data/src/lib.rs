//! `GET /reports/call-data`: reports an account's calls in a range (contracts/teletracker.md).

mod query;

use callbook::access::{Presented, Unauthenticated};
use callbook::dialect::teletracker::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler};
use callbook::ledger::CallReport;
use callbook::model::account::Account;
use callbook::model::credential::Product;
use callbook::model::field::Subject;
use callbook::model::report::Position;
use callbook::model::time::{CLOCK_SKEW, Range};
use callbook::problem::{Cause, Fault, Missing, Problem};
use callbook::request::page_token::{Cursor, PageKey, Pager};

use callbook::dialect::teletracker::call_rows::{Format, ReplyRows};
use query::{MOST_ROWS, ReportQuery};

/// The `call-data` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "call-data",
    dialect: Some(Dialect::Teletracker),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// The maximum size of a response in bytes, including what the platform wraps around the body.
const ANSWER: usize = 6_291_556;

/// The part of it that the rows may take. The rest is for status, headers, guid and page token.
const ROOM: usize = ANSWER - 1_024;

/// The maximum number of calls that one request reads, if its time allows.
const MOST_SCANNED: usize = 1_000_000;

/// Answers with a report.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, or an error if DynamoDB
/// does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    page_key: &PageKey,
) -> Result<Answer, Problem> {
    let request = unauthenticated.request();
    // A missing credential is reported before an unreadable body. Neither needs a request to the store.
    if request.header("authorization").is_none() {
        return Err(Problem::MissingCredential(Missing::Name));
    }
    let parameters = request.parameters().await?;
    let presented = Presented::sign_in(request)?;
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let authorized = authenticated.authorize(Product::CallData)?;
    let query = ReportQuery::read(&parameters, authorized.must_name_account())?;
    let context = authorized.account(query.account_id.as_deref()).await?;
    let account = context.account();
    let range = Range::new(query.start, query.end, &account.zone)
        .map_err(|error| at_fault(field::DATE_RANGE, error))?;
    let question = (&range, &query.filter);
    let pager = Pager::new(page_key, &account.id, request.path(), &question)?;
    let open = |token| {
        let cursor = pager.open(field::NEXT_TOKEN, token);
        cursor.map_err(|fault| Problem::of(field::NEXT_TOKEN, fault))
    };
    let cursor = query.next_token.as_deref().map(open).transpose()?;
    context.throttle().await?;
    let report = context.ledger().call_report(
        &account.id,
        account.shards,
        range.until(context.now().plus(CLOCK_SKEW)),
        query.filter.clone(),
        cursor.as_ref().and_then(Cursor::position),
        query.limit,
    );
    let report = report.limited(MOST_SCANNED, context.now(), context.clock());
    match read(report, account, query.format, query.limit).await? {
        Page::Whole { rows, next } => {
            let next = next.map(|position| pager.sign(&Cursor::at(&position)));
            teletracker::report(request.guid(), rows, next).map_err(broken)
        }
        Page::TooLarge { fits } => Ok(teletracker::result_too_large(request.guid(), fits)),
    }
}

fn at_fault(subject: impl Into<Subject>, rule: impl std::fmt::Display) -> Problem {
    Problem::of(subject, Fault::invalid(rule))
}

/// The result of reading a report.
enum Page<'a> {
    /// The whole report, or one page of it.
    Whole {
        rows: ReplyRows<'a>,
        /// Where the next page begins, if there is one.
        next: Option<Position>,
    },
    /// The report has more rows than one answer holds. About `fits` of them would fit.
    TooLarge { fits: usize },
}

/// Reads the whole report, or one page of it if the request has a limit.
async fn read(
    mut report: CallReport,
    account: &Account,
    format: Format,
    limit: Option<usize>,
) -> Result<Page<'_>, Problem> {
    let mut rows = ReplyRows::new(format, account);
    let mut last = None;
    while let Some(batch) = report.next().await? {
        for row in batch {
            if limit == Some(rows.count()) {
                return Ok(Page::Whole { rows, next: last });
            }
            rows.push(&row).map_err(broken)?;
            if rows.size() > ROOM {
                return Ok(too_large(&rows));
            }
            last = Some(Position::after(&row.sid));
        }
        if !report.is_exhausted() {
            continue;
        }
        match (limit, report.resume_at()) {
            (Some(_), next @ Some(_)) => return Ok(Page::Whole { rows, next }),
            (None, Some(_)) => return Ok(too_large(&rows)),
            // The whole report has been read.
            (_, None) => {}
        }
    }
    Ok(Page::Whole { rows, next: None })
}

/// Estimates how many such rows fit one answer.
///
/// The estimate is a little low, because the rows of the next page may be longer.
fn too_large(rows: &ReplyRows<'_>) -> Page<'static> {
    let fit = (rows.count() * ROOM).checked_div(rows.size());
    Page::TooLarge {
        fits: (fit.unwrap_or(usize::MAX) / 10 * 9).clamp(1, MOST_ROWS),
    }
}

fn broken(error: impl std::error::Error) -> Problem {
    Problem::Internal(Cause::of(&error))
}
