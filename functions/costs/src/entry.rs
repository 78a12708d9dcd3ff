//! One cost with its whole history.

use std::slice;

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::calls::CallStoryView;
use callbook::dialect::callbook::costs::{AdjustmentView, CostEventView, CostView};
use callbook::dialect::callbook::resource;
use callbook::ledger::{CallStory, CostRow};
use callbook::model::call::CostId;
use callbook::model::pair::entry::State;
use callbook::problem::Problem;
use serde::Serialize;

/// Answers with an entry: what became of it, and its call with every report and every other entry.
///
/// # Errors
/// Returns `Invalid` for any parameter, or `Unavailable` if the table cannot be reached in time.
pub(crate) async fn show(context: &Context<'_>, id: &str) -> Result<Answer, Problem> {
    resource::nothing(context.request())?;
    context.throttle().await?;
    let (ledger, account) = (context.ledger(), context.account());
    let row = match CostId::parse(id) {
        Ok(id) => ledger.acknowledged_cost(&account.id, &id).await?,
        Err(_) => None,
    };
    let Some(mut row) = row else {
        return Ok(dialect::cost_not_found(context.guid()));
    };
    let mut story = match &row.call_sid {
        Some(sid) => ledger.call_story(&account.id, sid).await?,
        None => None,
    };
    expect(context, &mut row, story.as_mut()).await?;
    let adjustments = ledger.adjustments_of_cost(&account.id, &row).await?;
    let fellow = story.iter().flat_map(|story| &story.costs);
    row.two_vendors = fellow.clone().any(|other| other.two_vendors);
    Ok(dialect::success(&CostHistory {
        cost: CostView::of(&row, account),
        flags: row.flags().into_iter().map(|flag| flag.as_str()).collect(),
        former_id: row.former_id.as_ref().map(CostId::as_str),
        reprices: row.entry.reprices.as_ref().map(CostId::as_str),
        replaced_by: story.as_ref().and_then(|story| replaced_by(&row, story)),
        ip_address: row.ip_address.as_deref(),
        history: CostEventView::all(&row, account),
        adjustments: adjustments
            .iter()
            .map(|adjustment| AdjustmentView::of(adjustment, account))
            .collect(),
        call: story
            .as_ref()
            .map(|story| CallStoryView::of(story, account)),
    }))
}

/// Tells an entry and the others of its call what the terms of their vendors make of them.
async fn expect(
    context: &Context<'_>,
    row: &mut CostRow,
    story: Option<&mut CallStory>,
) -> Result<(), Problem> {
    let (ledger, account) = (context.ledger(), context.account());
    if let Some(story) = story {
        ledger.expect(account, &mut story.costs).await?;
        let mut costs = story.costs.iter();
        if let Some(found) = costs.find(|cost| cost.entry.cost_id == row.entry.cost_id) {
            row.expectation = found.expectation;
            return Ok(());
        }
    }
    ledger.expect(account, slice::from_mut(row)).await?;
    Ok(())
}

/// The entry that counts in place of a superseded one: the new price of the same bill, or else the biller's
/// last word about the call.
fn replaced_by<'a>(row: &CostRow, story: &'a CallStory) -> Option<&'a str> {
    if row.entry.state != State::Superseded {
        return None;
    }
    let (id, biller) = (&row.entry.cost_id, &row.entry.biller);
    let others = story.costs.iter().map(|other| &other.entry);
    let mut others = others.filter(|other| other.cost_id != *id && !other.void);
    let price = others
        .clone()
        .find(|other| other.reprices.as_ref() == Some(id));
    let last = others.rfind(|other| {
        other.biller == *biller
            && (other.received_at, other.cost_id.as_str()) > (row.entry.received_at, id.as_str())
    });
    price.or(last).map(|other| other.cost_id.as_str())
}

#[derive(Serialize)]
struct CostHistory<'a> {
    #[serde(flatten)]
    cost: CostView<'a>,
    flags: Vec<&'static str>,
    /// The id by which an earlier version acknowledged it, if that was another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    former_id: Option<&'a str>,
    /// The entry of the same bill whose price this one replaces.
    reprices: Option<&'a str>,
    replaced_by: Option<&'a str>,
    ip_address: Option<&'a str>,
    history: Vec<CostEventView<'a>>,
    /// Those of the entry; its call has its own.
    adjustments: Vec<AdjustmentView<'a>>,
    call: Option<CallStoryView<'a>>,
}
