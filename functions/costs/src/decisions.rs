//! What people decide about costs: void, match and unpin.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::costs::CostView;
use callbook::dialect::callbook::field;
use callbook::ledger::{CostAct, CostDecision, Decided, DecisionRefusal, Update};
use callbook::model::call::CostId;
use callbook::problem::{Fault, Problem};
use callbook::request::JsonObject;
use serde::Serialize;

use crate::wire::Decision;

/// Voids an entry, or all of its vendor's on its call.
///
/// # Errors
/// Returns `Invalid` with every field at fault, `IdempotencyKeyReused`, or an error if DynamoDB does not
/// answer in time.
pub(crate) async fn void(
    context: &Context<'_>,
    id: &str,
    body: &JsonObject,
) -> Result<Answer, Problem> {
    decide(context, id, Decision::void(context.request(), body)?).await
}

/// Matches an entry to a call, or to none.
///
/// # Errors
/// As [`void`].
pub(crate) async fn match_to(
    context: &Context<'_>,
    id: &str,
    body: &JsonObject,
) -> Result<Answer, Problem> {
    decide(context, id, Decision::match_to(context.request(), body)?).await
}

/// Leaves it to the rules again where an entry belongs.
///
/// # Errors
/// As [`void`].
pub(crate) async fn unpin(
    context: &Context<'_>,
    id: &str,
    body: &JsonObject,
) -> Result<Answer, Problem> {
    decide(context, id, Decision::unpin(context.request(), body)?).await
}

async fn decide(context: &Context<'_>, id: &str, decision: Decision) -> Result<Answer, Problem> {
    context.throttle().await?;
    let account = context.account();
    let Ok(id) = CostId::parse(id) else {
        return Ok(dialect::cost_not_found(context.guid()));
    };
    let said = decision.said(&id);
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let once = context.once(decision.key.as_ref(), &said);
    let act = CostAct {
        account,
        cost_id: &id,
        decision: &decision.decision,
        by: context.credential().id.as_str(),
        reason: decision.reason.as_str(),
        request: once.as_ref(),
        guid: context.guid(),
        now: context.now(),
    };
    match context.ledger().decide_cost(&act).await? {
        Update::Updated(mut decided) => {
            let row = std::slice::from_mut(&mut decided.row);
            context.ledger().expect(account, row).await?;
            let answer = dialect::success(&DecidedCost::of(&decided, &decision, context));
            Ok(match decided.replayed {
                true => dialect::replayed(answer),
                false => answer,
            })
        }
        Update::NotFound => Ok(dialect::cost_not_found(context.guid())),
        Update::Refused(DecisionRefusal::KeyReused) => Err(Problem::IdempotencyKeyReused),
        Update::Refused(DecisionRefusal::Archived) => Ok(dialect::cost_archived(context.guid())),
        Update::Refused(DecisionRefusal::CallGone) => Ok(dialect::call_gone(context.guid())),
        Update::Refused(DecisionRefusal::NoSuchCall) => {
            let rule = "the account has no such inbound call";
            Err(Problem::of(field::CALL_SID, Fault::invalid(rule)))
        }
    }
}

/// An entry as it is after a decision.
#[derive(Serialize)]
struct DecidedCost<'a> {
    #[serde(flatten)]
    cost: CostView<'a>,
    /// The entries that count again because of a void.
    #[serde(skip_serializing_if = "Option::is_none")]
    revived: Option<Vec<&'a str>>,
}

impl<'a> DecidedCost<'a> {
    fn of(decided: &'a Decided, decision: &Decision, context: &'a Context<'_>) -> Self {
        let is_void = matches!(decision.decision, CostDecision::Void { .. });
        let revived = decided.revived.iter().map(CostId::as_str);
        Self {
            cost: CostView::of(&decided.row, context.account()),
            revived: is_void.then(|| revived.collect()),
        }
    }
}
