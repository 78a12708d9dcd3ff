//! Adjustments: signed entries beside costs.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::costs::{AdjustmentView, SumView};
use callbook::dialect::callbook::field;
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::ledger::{AdjustmentRefusal, Creation, NewAdjustment, Sum};
use callbook::model::adjustment::AdjustmentId;
use callbook::problem::{Fault, Problem};
use callbook::request::JsonObject;
use callbook::request::page_token::{Cursor, PageKey, Pager};
use serde::Serialize;

use crate::wire::{self, Adjusting};

/// The maximum number of adjustments that one request reads to sum them up.
const MOST_READ: usize = 10_000;

/// Makes an adjustment.
///
/// # Errors
/// Returns `Invalid` with every field at fault, `IdempotencyKeyReused`, or an error if DynamoDB does not
/// answer in time.
pub(crate) async fn make(context: &Context<'_>, body: &JsonObject) -> Result<Answer, Problem> {
    let asked = Adjusting::read(context.request(), body)?;
    context.throttle().await?;
    let account = context.account();
    let said = asked.said();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let once = context.once(asked.key.as_ref(), &said);
    let new = NewAdjustment {
        account,
        subject: &asked.subject,
        amount: asked.amount,
        reason: &asked.reason,
        by: context.credential().id.as_str(),
        request: once.as_ref(),
        guid: context.guid(),
        now: context.now(),
    };
    let field = match context.ledger().adjust(&new).await? {
        Creation::Created(made) => {
            return Ok(dialect::created(&AdjustmentView::of(&made, account)));
        }
        Creation::Exists(made) => {
            let answer = dialect::created(&AdjustmentView::of(&made, account));
            return Ok(dialect::replayed(answer));
        }
        Creation::Refused(AdjustmentRefusal::KeyReused) => {
            return Err(Problem::IdempotencyKeyReused);
        }
        Creation::Refused(AdjustmentRefusal::NoSuchCost) => field::COST_ID,
        Creation::Refused(AdjustmentRefusal::NoSuchCall) => field::CALL_SID,
        Creation::Refused(AdjustmentRefusal::NoSuchVendor) => field::VENDOR_ID,
    };
    Err(Problem::of(field, Fault::NotFound))
}

/// Answers with one page of the adjustments of a range, and what all of the range amount to.
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
    let found = context
        .ledger()
        .adjustments(&account.id, range, &filter, None, MOST_READ);
    let found = found.await?;
    let mut sum = Sum::default();
    for adjustment in &found.adjustments {
        sum.add(adjustment.decimal());
    }
    let after = page.cursor.as_ref();
    let after = after.and_then(|cursor| AdjustmentId::parse(&cursor.after).ok());
    let (shown, more) = match after {
        // Adjustments are few: their range is read whole, but for one that has more than any answer sums.
        Some(after) if found.more => {
            let ledger = context.ledger();
            let rest = ledger.adjustments(&account.id, range, &filter, Some(&after), page.limit);
            let rest = rest.await?;
            (rest.adjustments, rest.more)
        }
        after => {
            let all = found.adjustments.into_iter();
            let mut rest = all.skip_while(|one| {
                after.as_ref().is_some_and(|after| {
                    (one.adjustment_id.made(), one.adjustment_id.as_str())
                        <= (after.made(), after.as_str())
                })
            });
            let shown: Vec<_> = rest.by_ref().take(page.limit).collect();
            (shown, rest.next().is_some() || found.more)
        }
    };
    let last = shown.last().filter(|_| more);
    let next = last.map(|last| Cursor::after(last.adjustment_id.as_str()));
    Ok(dialect::success(&AdjustmentList {
        adjustments: shown
            .iter()
            .map(|adjustment| AdjustmentView::of(adjustment, account))
            .collect(),
        totals: AdjustmentTotals {
            adjusted: sum.into(),
            currency: account.currency.as_str(),
            complete: !found.more,
        },
        kept_since: resource::kept_since(&account.costs_kept, range, account, context.now()),
        next_cursor: page.next(next.as_ref()),
    }))
}

#[derive(Serialize)]
struct AdjustmentList<'a> {
    adjustments: Vec<AdjustmentView<'a>>,
    totals: AdjustmentTotals<'a>,
    /// From when on they are kept, where the range begins earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_since: Option<String>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct AdjustmentTotals<'a> {
    adjusted: SumView,
    currency: &'a str,
    complete: bool,
}
