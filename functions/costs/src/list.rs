//! Lists of costs: one page at a time, with the sums of the whole list.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::costs::{CostView, TotalsView};
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::ledger::{AdjustmentPage, CostPlace, CostReport, CostRow, Totals};
use callbook::model::account::Account;
use callbook::model::cost_filter::{CostFilter, CostFlag, CostOrder};
use callbook::problem::{Cause, Problem};
use callbook::request::page_token::{Cursor, PageKey, Pager};
use serde::{Deserialize, Serialize};

use crate::wire::{CostQuery, LISTED};

/// The maximum number of entries, or of calls, that one request reads (docs/decisions.md, D-301).
const MOST_READ: usize = 100_000;

/// The maximum number of adjustments that one request sums up.
const MOST_ADJUSTMENTS: usize = 10_000;

/// What the first page counted. Later pages repeat it, so that a client that pages does not have the range
/// read again and again.
#[derive(Serialize, Deserialize)]
struct Counted {
    totals: Totals,
    complete: bool,
}

/// Answers with one page of a list.
///
/// # Errors
/// Returns `Invalid` with every field at fault, or `Unavailable` if the table cannot be reached in time.
pub(crate) async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (ledger, account) = (context.ledger(), context.account());
    let (query, page) = list_request(context, key)?;
    context.throttle().await?;
    let (place, counted) = match page.cursor.as_ref().and_then(continued) {
        Some((place, counted)) => (Some(place), Some(counted)),
        None => (None, None),
    };
    let report = ledger.cost_report(account, query.range, query.order, place);
    let report = report.narrowed(&query.filter);
    let mut report = report.limited(MOST_READ, context.now(), context.clock());
    if query.filter.flag == Some(CostFlag::TwoVendors) {
        report = report.with_two_vendors();
    }
    if query.filter.expectation.is_some() {
        report = report.with_expectations(account);
    }
    let read = CostPage::read(report, &query.filter, page.limit, counted.is_none());
    let settling = async { Ok::<_, Problem>(ledger.is_settling(&account.id).await?) };
    let adjusted = async {
        match counted {
            Some(_) => Ok(None),
            None => adjustments(context, &query).await.map(Some),
        }
    };
    let (mut read, settling, adjusted) = futures_util::try_join!(read, settling, adjusted)?;
    let counted = counted.unwrap_or_else(|| read.counted.with(adjusted));
    if query.filter.expectation.is_none() {
        ledger.expect(account, &mut read.rows).await?;
    }
    let next = read.next.map(|place| token_of(&place, &counted));
    let next = next.transpose()?;
    let left_out: &[&str] = match query.order {
        CostOrder::Billed => &[],
        CostOrder::Call => &["unmatched"],
    };
    let kept = match query.order {
        CostOrder::Billed => &account.costs_kept,
        CostOrder::Call => &account.calls_kept,
    };
    let rows = read.rows.iter();
    Ok(dialect::success(&CostList {
        costs: rows.map(|row| ListedCost::of(row, account)).collect(),
        totals: TotalsView::of(&counted.totals, account, counted.complete, left_out),
        settling,
        kept_since: resource::kept_since(kept, query.range, account, context.now()),
        next_cursor: page.next(next.as_ref()),
    }))
}

fn list_request<'a>(
    context: &Context<'_>,
    key: &'a PageKey,
) -> Result<(CostQuery, ListPage<'a>), Problem> {
    let (request, account) = (context.request(), context.account());
    let fields = [&LISTED[..], &ListPage::FIELDS[..]].concat();
    let mut reader = resource::query(request, &fields);
    let query = CostQuery::read(&mut reader, &account.zone);
    let pager = Pager::new(key, &account.id, request.path(), &query)?;
    let page = ListPage::read(&mut reader, pager);
    reader.finish((query, page))
}

/// Where a later page begins, and what the first one counted.
fn continued(cursor: &Cursor) -> Option<(CostPlace, Counted)> {
    let (place, counted) = cursor.after.split_once(' ')?;
    Some((
        CostPlace::parse(place)?,
        serde_json::from_str(counted).ok()?,
    ))
}

fn token_of(place: &CostPlace, counted: &Counted) -> Result<Cursor, Problem> {
    let counted = serde_json::to_string(counted);
    let counted = counted.map_err(|error| Problem::Internal(Cause::of(&error)))?;
    Ok(Cursor::after(format!("{} {counted}", place.to_text())))
}

/// Reads the adjustments of the range.
async fn adjustments(context: &Context<'_>, query: &CostQuery) -> Result<AdjustmentPage, Problem> {
    let (ledger, account) = (context.ledger(), &context.account().id);
    let found = ledger.adjustments(account, query.range, &query.filter, None, MOST_ADJUSTMENTS);
    Ok(found.await?)
}

impl Counted {
    /// Adds adjustments, if they were read.
    fn with(mut self, adjusted: Option<AdjustmentPage>) -> Self {
        if let Some(page) = adjusted {
            for adjustment in &page.adjustments {
                self.totals.adjust(adjustment);
            }
            self.complete &= !page.more;
        }
        self
    }
}

#[derive(Serialize)]
struct CostList<'a> {
    costs: Vec<ListedCost<'a>>,
    totals: TotalsView<'a>,
    /// Whether entries are being decided in steps.
    settling: bool,
    /// From when on its costs are kept, or its calls in a list by calls, where the range begins earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_since: Option<String>,
    next_cursor: Option<String>,
}

/// A cost of a list.
#[derive(Serialize)]
struct ListedCost<'a> {
    #[serde(flatten)]
    cost: CostView<'a>,
    /// What a person should look at; two vendors on its call only where the list looked.
    flags: Vec<&'static str>,
}

impl<'a> ListedCost<'a> {
    fn of(row: &'a CostRow, account: &'a Account) -> Self {
        Self {
            cost: CostView::of(row, account),
            flags: row.flags().into_iter().map(CostFlag::as_str).collect(),
        }
    }
}

/// One page of costs.
struct CostPage {
    rows: Vec<CostRow>,
    counted: Counted,
    /// Where the next page begins, if there is one.
    next: Option<CostPlace>,
}

impl CostPage {
    /// Reads a page and, if `count`, on to the end of the range or of the request's time.
    async fn read(
        mut report: CostReport,
        filter: &CostFilter,
        limit: usize,
        count: bool,
    ) -> Result<Self, Problem> {
        let mut page = Self {
            rows: Vec::new(),
            counted: Counted {
                totals: Totals::default(),
                complete: true,
            },
            next: None,
        };
        while let Some(batch) = report.next().await? {
            for row in batch.into_iter().filter(|row| row.passes(filter)) {
                page.counted.totals.add(&row);
                if page.rows.len() < limit {
                    page.rows.push(row);
                } else if page.next.is_none() {
                    page.next = page.rows.last().map(|last| report.place(last));
                }
            }
            if !count && page.next.is_some() {
                break;
            }
            if report.is_exhausted()
                && let Some(place) = report.resume_at()
            {
                page.counted.complete = false;
                page.next.get_or_insert(place);
                break;
            }
        }
        Ok(page)
    }
}
