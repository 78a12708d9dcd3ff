//! Lists of calls: one page at a time, with the number of calls in the whole list.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::list::PageRequest;
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::ledger::{CallReport, CallRow};
use callbook::model::report::Position;
use callbook::model::time::CLOCK_SKEW;
use callbook::problem::{Fault, Problem};
use callbook::request::page_token::{CountedRange, Cursor, PageKey, Pager};
use callbook::request::{Parameters, Reader};
use serde::Serialize;

use crate::query::ListQuery;
use crate::scene::CallContext;
use crate::wire::Call;

/// The maximum number of calls that one request reads and counts (`docs/decisions.md`, D-068).
const MOST_CALLS: usize = 100_000;

/// The owner of the listed calls, by the sid in the path.
#[derive(Clone, Copy)]
pub enum Whose<'a> {
    /// An account.
    Account(&'a str),
    /// A property.
    Property(&'a str),
}

/// Answers with one page of a list.
///
/// The first page fixes the range and counts its calls. Later pages keep to both.
///
/// # Errors
/// Returns `Invalid` with every field at fault, for an unknown sid or for too many calls to count, the
/// refusals of access control, or `Unavailable` if the table cannot be reached in time.
pub(crate) async fn list(
    context: &Context<'_>,
    parameters: &Parameters,
    key: &PageKey,
    whose: Whose<'_>,
) -> Result<Answer, Problem> {
    let (ledger, account, now) = (context.ledger(), context.account(), context.now());
    let (query, page) = list_request(context, parameters, key, whose)?;
    let property = match whose {
        Whose::Account(_) => None,
        Whose::Property(sid) => Some(context.property(sid).await?),
    };
    let zone = property
        .as_ref()
        .and_then(|property| property.zone.as_ref());
    let zone = zone.unwrap_or(&account.zone);
    let counted = page.cursor().and_then(|cursor| cursor.counted);
    let range = match counted {
        Some(counted) => counted.range,
        None => query.range(zone, now)?,
    };
    context.throttle().await?;
    let scene = CallContext::of_range(ledger, &account.id, range).await?;
    let report = ledger.call_report(
        &account.id,
        account.shards,
        range.until(now.plus(CLOCK_SKEW)),
        query.filter(&scene, property.map(|property| property.sid)),
        page.cursor().and_then(Cursor::position),
        // The first page counts the calls of the whole range.
        counted.is_some().then_some(page.count()),
    );
    let report =
        report
            .without_feedback()
            .without_notes()
            .limited(MOST_CALLS, now, context.clock());
    let total = counted.map(|counted| counted.total);
    let CallPage { rows, total, next } = CallPage::read(report, &page, total).await?;
    let next = next.map(|position| Cursor {
        counted: Some(CountedRange { range, total }),
        ..Cursor::at(&position)
    });
    let calls = rows.iter();
    Ok(fonedynamics::success(&Calls {
        calls: calls
            .map(|call| Call::of(call, &account.sid, &scene))
            .collect(),
        total_count: total,
        next_page_token: next.map(|cursor| page.token(&cursor)),
    }))
}

/// Reads a request's parameters: which calls, and which page of them.
///
/// # Errors
/// Returns `Invalid` with every field at fault.
fn list_request<'a>(
    context: &Context<'_>,
    parameters: &Parameters,
    key: &'a PageKey,
    whose: Whose<'_>,
) -> Result<(ListQuery, PageRequest<'a>), Problem> {
    let mut reader = Reader::new(parameters);
    resource::only(
        &mut reader,
        &[&ListQuery::FIELDS[..], &PageRequest::FIELDS].concat(),
    );
    if let Whose::Account(sid) = whose {
        reader.in_path(field::ACCOUNT_SID, sid, |sid| context.owns(sid));
    }
    let query = ListQuery::read(&mut reader, context.now());
    let (account, path) = (&context.account().id, context.request().path());
    let pager = Pager::new(key, account, path, &query)?;
    let page = PageRequest::read(&mut reader, pager);
    reader.finish((query, page))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Calls<'a> {
    calls: Vec<Call<'a>>,
    total_count: usize,
    next_page_token: Option<String>,
}

/// One page of calls.
struct CallPage {
    rows: Vec<CallRow>,
    /// The number of calls in the whole list.
    total: usize,
    /// Where the next page begins, if there is one.
    next: Option<Position>,
}

impl CallPage {
    /// Reads a page. Unless the calls are `counted` already, reads on to the end of the range to count
    /// them.
    ///
    /// # Errors
    /// Returns `Invalid` if there are too many calls to count in time, `Unavailable` if the table
    /// cannot be reached in time.
    async fn read(
        mut report: CallReport,
        request: &PageRequest<'_>,
        counted: Option<usize>,
    ) -> Result<Self, Problem> {
        let (mut rows, mut seen) = (Vec::new(), 0);
        let mut more = None;
        while let Some(batch) = report.next().await? {
            for row in batch {
                seen += 1;
                if seen > request.skip() && rows.len() < request.count() {
                    rows.push(row);
                } else if seen > request.skip() {
                    more = more.or_else(|| rows.last().map(|last| Position::after(&last.sid)));
                }
            }
            if counted.is_some() && more.is_some() {
                break;
            }
            if report.is_exhausted() {
                let Some(total) = counted else {
                    return Err(too_many());
                };
                more = report.resume_at();
                if more.is_some() {
                    return Ok(Self {
                        rows,
                        total,
                        next: more,
                    });
                }
            }
        }
        Ok(Self {
            rows,
            total: counted.unwrap_or(seen),
            next: more,
        })
    }
}

fn too_many() -> Problem {
    let rule = format!(
        "the range has more than {MOST_CALLS} calls, or takes too long to count; ask for a shorter one"
    );
    Problem::of(field::DATE_FROM, Fault::invalid(rule))
}
