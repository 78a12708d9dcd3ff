//! `callbook cost void`, `match`, `unpin` and `adjust`.

use anyhow::{Result, bail};
use callbook::clock::Clock;
use callbook::dialect::callbook::costs::AdjustmentView;
use callbook::ids;
use callbook::ledger::{
    AdjustmentRefusal, AdjustmentSubject, CostAct, CostDecision, Creation, DecisionRefusal,
    NewAdjustment, Update,
};
use callbook::model::call::CostId;
use serde_json::json;

use super::{not_found, print};
use crate::accounts::find_account;
use crate::args::{AdjustArgs, CostRef, MatchTarget, WhyArgs};
use crate::{output, store};

/// The fields of an adjustment.
const ADJUSTMENT: [&str; 13] = [
    "adjustment_id",
    "cost_id",
    "call_sid",
    "vendor_id",
    "month",
    "did",
    "cid",
    "amount",
    "currency",
    "reason",
    "by",
    "made_at",
    "guid",
];

/// Takes a cost back.
///
/// # Errors
/// Returns an error if the account or the cost does not exist, or DynamoDB does not answer in time.
pub async fn void(cost: CostRef, why: WhyArgs, all: bool) -> Result<()> {
    decide(cost, why, CostDecision::Void { all }).await
}

/// Matches a cost to a call, or to none.
///
/// # Errors
/// As [`void`], and if the call is none of the cost's DID and caller.
pub async fn match_to(cost: CostRef, call: MatchTarget, why: WhyArgs) -> Result<()> {
    let decision = match call {
        MatchTarget::Call(sid) => CostDecision::Match(sid),
        MatchTarget::None => CostDecision::Unmatch,
    };
    decide(cost, why, decision).await
}

/// Leaves it to the rules again where a cost belongs.
///
/// # Errors
/// As [`void`].
pub async fn unpin(cost: CostRef, why: WhyArgs) -> Result<()> {
    decide(cost, why, CostDecision::Unpin).await
}

async fn decide(cost: CostRef, why: WhyArgs, decision: CostDecision) -> Result<()> {
    let CostRef { id, account, store } = cost;
    let ledger = store::open(&store).await?;
    let account = find_account(&ledger, &account).await?;
    let act = CostAct {
        account: &account,
        cost_id: &id,
        decision: &decision,
        by: why.who.as_str(),
        reason: why.reason.as_str(),
        request: None,
        guid: ids::guid(),
        now: Clock::system().now(),
    };
    match ledger.decide_cost(&act).await? {
        Update::Updated(mut decided) => {
            let row = std::slice::from_mut(&mut decided.row);
            ledger.expect(&account, row).await?;
            let revived: Vec<&str> = decided.revived.iter().map(CostId::as_str).collect();
            let more = match decision {
                CostDecision::Void { .. } => vec![("revived", json!(revived))],
                _ => Vec::new(),
            };
            print(&decided.row, &account, store.json, &more)
        }
        Update::NotFound => bail!(not_found(&account)),
        Update::Refused(DecisionRefusal::Archived) => bail!(
            "more than 40 later bills of its call replaced the cost, which therefore stays superseded"
        ),
        Update::Refused(DecisionRefusal::CallGone) => bail!(
            "the call of the cost is kept no longer (`callbook retention show {}`), so nothing about it is decided any \
             more; `callbook cost adjust` corrects its amount",
            account.id
        ),
        Update::Refused(DecisionRefusal::NoSuchCall | DecisionRefusal::KeyReused) => {
            bail!("account {} has no such inbound call", account.id)
        }
    }
}

/// Makes an adjustment.
///
/// # Errors
/// Returns an error if the account, the cost, the call or the vendor does not exist, or DynamoDB does not
/// answer in time.
pub async fn adjust(args: AdjustArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.account).await?;
    let subject = match (args.cost, args.call, args.vendor, args.month) {
        (Some(cost), ..) => AdjustmentSubject::Cost(cost),
        (None, Some(call), ..) => AdjustmentSubject::Call(call),
        (None, None, Some(vendor), Some(month)) => AdjustmentSubject::Month(vendor, month),
        _ => bail!("name a cost, a call, or a vendor with a month"),
    };
    let new = NewAdjustment {
        account: &account,
        subject: &subject,
        amount: args.amount,
        reason: &args.why.reason,
        by: args.why.who.as_str(),
        request: None,
        guid: ids::guid(),
        now: Clock::system().now(),
    };
    let made = match ledger.adjust(&new).await? {
        Creation::Created(made) | Creation::Exists(made) => made,
        Creation::Refused(AdjustmentRefusal::NoSuchCost) => bail!(not_found(&account)),
        Creation::Refused(AdjustmentRefusal::NoSuchCall) => {
            bail!("account {} has no such call", account.id)
        }
        Creation::Refused(AdjustmentRefusal::NoSuchVendor | AdjustmentRefusal::KeyReused) => {
            bail!("account {} has no such vendor", account.id)
        }
    };
    let view = serde_json::to_value(AdjustmentView::of(&made, &account))?;
    match args.store.json {
        true => output::json(&view),
        false => output::record(&view, &ADJUSTMENT),
    }
}
