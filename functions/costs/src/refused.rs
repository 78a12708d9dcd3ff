//! Bills that were refused for their DID: money that was asked for and never acknowledged.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::costs::{RefusedView, SumView};
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::ledger::{RefusedPlace, RefusedQuery, Sum};
use callbook::problem::{Cause, Problem};
use callbook::request::page_token::{Cursor, PageKey, Pager};
use serde::{Deserialize, Serialize};

use crate::wire;

/// The maximum number of bills that one request reads.
const MOST_READ: usize = 10_000;

/// What the first page counted; later pages repeat it.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Counted {
    sum: Sum,
    complete: bool,
}

/// Answers with one page of the bills of a range that were refused for their DID, and what all of them asked
/// for.
///
/// # Errors
/// Returns `Invalid` with every field at fault, or `Unavailable` if the table cannot be reached in time.
pub(crate) async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    let fields = [&wire::ADJUSTMENTS[..], &ListPage::FIELDS[..]].concat();
    let mut reader = resource::query(request, &fields);
    let range = resource::range(&mut reader, &account.zone);
    let filter = wire::of_adjustments(&mut reader);
    let pager = Pager::new(key, &account.id, request.path(), &(range, &filter))?;
    let page = ListPage::read(&mut reader, pager);
    let (range, filter, page) = reader.finish((range, filter, page))?;
    context.throttle().await?;
    let (after, counted) = match page.cursor.as_ref().and_then(continued) {
        Some((after, counted)) => (Some(after), Some(counted)),
        None => (None, None),
    };
    let query = RefusedQuery {
        range,
        filter: &filter,
        after,
        limit: page.limit,
        whole: counted.is_none(),
        most: MOST_READ,
    };
    let read = context.ledger().refused_page(&account.id, &query).await?;
    let counted = counted.unwrap_or(Counted {
        sum: read.sum,
        complete: read.complete,
    });
    let next = read.next.map(|place| token_of(&place, counted));
    let next = next.transpose()?;
    let bills = read.bills.iter();
    Ok(dialect::success(&RefusedList {
        refused_bills: bills.map(|bill| RefusedView::of(bill, account)).collect(),
        totals: RefusedTotals {
            refused: counted.sum.into(),
            currency: account.currency.as_str(),
            complete: counted.complete,
        },
        kept_since: resource::kept_since(&account.costs_kept, range, account, context.now()),
        next_cursor: page.next(next.as_ref()),
    }))
}

/// Where a later page begins, and what the first one counted.
fn continued(cursor: &Cursor) -> Option<(RefusedPlace, Counted)> {
    let (counted, place) = cursor.after.split_once(' ')?;
    Some((
        RefusedPlace::parse(place)?,
        serde_json::from_str(counted).ok()?,
    ))
}

fn token_of(place: &RefusedPlace, counted: Counted) -> Result<Cursor, Problem> {
    let counted = serde_json::to_string(&counted);
    let counted = counted.map_err(|error| Problem::Internal(Cause::of(&error)))?;
    Ok(Cursor::after(format!("{counted} {}", place.to_text())))
}

#[derive(Serialize)]
struct RefusedList<'a> {
    refused_bills: Vec<RefusedView<'a>>,
    totals: RefusedTotals<'a>,
    /// From when on they are kept, where the range begins earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_since: Option<String>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct RefusedTotals<'a> {
    refused: SumView,
    currency: &'a str,
    complete: bool,
}
