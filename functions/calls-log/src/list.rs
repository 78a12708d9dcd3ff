//! The call log: one page at a time, with the sums of the whole range.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::calls::LoggedCall;
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::ledger::{CallReport, CallRow, Sum};
use callbook::model::report::{CallFilter, Position};
use callbook::model::summary::grouping::Numbers;
use callbook::model::time::CLOCK_SKEW;
use callbook::problem::{Cause, Problem};
use callbook::request::page_token::{Cursor, PageKey, Pager};
use serde::{Deserialize, Serialize};

use crate::query::LogQuery;

/// The maximum number of calls that one request reads (docs/decisions.md, D-301).
const MOST_READ: usize = 100_000;

/// The sums of the identity that the log has nothing of: costs without a call, those that do not count, and
/// adjustments.
const LEFT_OUT: [&str; 4] = ["unmatched", "superseded", "void", "adjusted"];

/// Answers with one page of the log.
///
/// # Errors
/// Returns `Invalid` with every field at fault, or `Unavailable` if the table cannot be reached in time.
pub(crate) async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (ledger, account, now) = (context.ledger(), context.account(), context.now());
    let (query, page) = list_request(context, key)?;
    context.throttle().await?;
    let by = [query.number.dimensions()];
    let numbers = ledger.numbers_of_summary(&account.id, &by, query.range);
    let numbers = numbers.await?;
    let (position, counted) = match page.cursor.as_ref().and_then(continued) {
        Some((position, counted)) => (Some(position), Some(counted)),
        None => (None, None),
    };
    let wanted = counted.is_some().then_some(page.limit);
    let report = ledger.call_report(
        &account.id,
        account.shards,
        query.range.until(now.plus(CLOCK_SKEW)),
        filter_of(&query, &numbers),
        position,
        wanted,
    );
    let report = match query.is_of_ledger() {
        true => report,
        false => report.sifted(),
    };
    let report = report
        .without_feedback()
        .with_details()
        .limited(MOST_READ, now, context.clock());
    let read = LogPage::read(
        report,
        |row| query.selects(row, &account.zone, &numbers),
        page.limit,
        counted.is_none(),
    );
    let settling = async { Ok::<_, Problem>(ledger.is_settling(&account.id).await?) };
    let (read, settling) = futures_util::try_join!(read, settling)?;
    let counted = counted.unwrap_or(read.counted);
    let next = read.next.map(|position| token_of(&position, &counted));
    let next = next.transpose()?;
    let rows = read.rows.iter();
    Ok(dialect::success(&CallLog {
        calls: rows.map(|row| LoggedCall::of(row, account)).collect(),
        totals: CallTotals {
            calls: counted.calls,
            seconds: counted.seconds,
            billed_calls: counted.cost.count,
            cost: counted.cost.four_places(),
            currency: account.currency.as_str(),
            complete: counted.complete,
            left_out: LEFT_OUT,
        },
        settling,
        kept_since: resource::kept_since(&account.calls_kept, query.range, account, now),
        next_cursor: page.next(next.as_ref()),
    }))
}

fn list_request<'a>(
    context: &Context<'_>,
    key: &'a PageKey,
) -> Result<(LogQuery, ListPage<'a>), Problem> {
    let (request, account) = (context.request(), context.account());
    let fields = [&LogQuery::FIELDS[..], &ListPage::FIELDS[..]].concat();
    let mut reader = resource::query(request, &fields);
    let query = LogQuery::read(&mut reader, &account.zone);
    let pager = Pager::new(key, &account.id, request.path(), &query)?;
    let page = ListPage::read(&mut reader, pager);
    reader.finish((query, page))
}

/// The filter of the ledger. It is made after the page tokens, which must outlive a change of a number.
fn filter_of(query: &LogQuery, numbers: &Numbers) -> CallFilter {
    let mut filter = query.filter.clone();
    match query.number.called(numbers) {
        // An empty list would be none.
        Some(called) if called.is_empty() => filter.own_numbers = Some(called),
        Some(called) => filter.called = called,
        None => {}
    }
    filter
}

/// Where a later page begins, and what the first one counted.
fn continued(cursor: &Cursor) -> Option<(Position, CallCounts)> {
    let (position, counted) = cursor.after.split_once(' ')?;
    Some((
        Position::parse(position)?,
        serde_json::from_str(counted).ok()?,
    ))
}

fn token_of(position: &Position, counted: &CallCounts) -> Result<Cursor, Problem> {
    let counted = serde_json::to_string(counted);
    let counted = counted.map_err(|error| Problem::Internal(Cause::of(&error)))?;
    Ok(Cursor::after(format!("{} {counted}", position.as_str())))
}

#[derive(Serialize)]
struct CallLog<'a> {
    calls: Vec<LoggedCall<'a>>,
    totals: CallTotals<'a>,
    /// Whether costs are being decided in steps.
    settling: bool,
    /// From when on calls are kept, where the range begins earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_since: Option<String>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct CallTotals<'a> {
    calls: u64,
    seconds: u64,
    billed_calls: u64,
    cost: String,
    currency: &'a str,
    complete: bool,
    left_out: [&'static str; 4],
}

/// What the first page counted. Later pages repeat it.
#[derive(Default, Serialize, Deserialize)]
struct CallCounts {
    calls: u64,
    seconds: u64,
    cost: Sum,
    complete: bool,
}

impl CallCounts {
    fn add(&mut self, call: &CallRow) {
        self.calls += 1;
        self.seconds += call.seconds.unwrap_or(0);
        let cost = call.cost.as_deref().and_then(|cost| cost.parse().ok());
        if let Some(cost) = cost {
            self.cost.add(cost);
        }
    }
}

/// One page of the log.
struct LogPage {
    rows: Vec<CallRow>,
    counted: CallCounts,
    /// Where the next page begins, if there is one.
    next: Option<Position>,
}

impl LogPage {
    /// Reads a page and, if `count`, on to the end of the range or of the request's time.
    async fn read(
        mut report: CallReport,
        selects: impl Fn(&CallRow) -> bool,
        limit: usize,
        count: bool,
    ) -> Result<Self, Problem> {
        let mut page = Self {
            rows: Vec::new(),
            counted: CallCounts {
                complete: true,
                ..CallCounts::default()
            },
            next: None,
        };
        while let Some(batch) = report.next().await? {
            for row in batch {
                if !selects(&row) {
                    continue;
                }
                page.counted.add(&row);
                if page.rows.len() < limit {
                    page.rows.push(row);
                } else if page.next.is_none() {
                    page.next = page.rows.last().map(|last| Position::after(&last.sid));
                }
            }
            if !count && page.next.is_some() {
                break;
            }
            if report.is_exhausted()
                && let Some(position) = report.resume_at()
            {
                page.counted.complete = false;
                page.next.get_or_insert(position);
                break;
            }
        }
        Ok(page)
    }
}
