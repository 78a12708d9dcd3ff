//! What summaries count of a row: the row of a call, a cost entry or an adjustment, as an item or an image
//! of one.

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;

use crate::ledger::table::item::{Item, instant, number, text};
use crate::model::adjustment::AdjustmentId;
use crate::model::call::CostId;
use crate::model::pair::entry::State;
use crate::model::summary::delta::{
    AdjustmentFact, CallCost, CallFact, CostFact, Fact, RefusedFact,
};
use crate::model::vendor::VendorId;

/// The fact that a row tells; `None` for an item that summaries do not count.
///
/// Outbound calls, and what they cost, are not counted: nobody buys them, and a summary's DID is the number
/// that was called.
pub(in crate::ledger) fn fact_of(item: &Item) -> Option<Fact> {
    match text(item, "type")? {
        "call" => call(item).map(Fact::Call),
        "cost" => cost(item).map(Fact::Cost),
        "adjustment" => adjustment(item).map(Fact::Adjustment),
        "refused_bill" => refused(item).map(Fact::Refused),
        _ => None,
    }
}

fn call(item: &Item) -> Option<CallFact> {
    // A row without sources is of an earlier version. It counts once `callbook migrate` has converted it.
    if text(item, "direction")? != "inbound" || !item.contains_key("sources") {
        return None;
    }
    let costs = item.get("costs").and_then(|costs| costs.as_l().ok());
    let costs = costs.into_iter().flatten();
    Some(CallFact {
        started: instant(item, "started_at")?,
        did: text(item, "call_to")?.to_owned(),
        caller: text(item, "call_from")?.to_owned(),
        vendor: vendor(item),
        disposition: text(item, "disposition").map(str::to_owned),
        seconds: number(item, "duration_seconds").unwrap_or(0),
        costs: costs.filter_map(call_cost).collect(),
        two_vendors: flag(item, "two_vendors"),
    })
}

fn call_cost(cost: &AttributeValue) -> Option<CallCost> {
    let cost = cost.as_m().ok()?;
    Some(CallCost {
        vendor: vendor(cost),
        count: number(cost, "count")?,
        amount: decimal(text(cost, "amount")?)?,
    })
}

fn cost(item: &Item) -> Option<CostFact> {
    if text(item, "direction") == Some("outbound") {
        return None;
    }
    let state = [State::InForce, State::Superseded, State::Void];
    let said = text(item, "state")?;
    Some(CostFact {
        billed: CostId::parse(text(item, "cost_id")?).ok()?.billed(),
        did: text(item, "call_to")?.to_owned(),
        vendor: vendor(item),
        amount: decimal(item.get("cost")?.as_n().ok()?)?,
        state: state.into_iter().find(|state| state.as_str() == said)?,
        matched: text(item, "call_sid").is_some(),
        maybe_second: flag(item, "maybe_second"),
        id_reused: flag(item, "id_reused"),
        other_price: flag(item, "other_price"),
    })
}

fn adjustment(item: &Item) -> Option<AdjustmentFact> {
    if text(item, "direction") == Some("outbound") {
        return None;
    }
    let id = AdjustmentId::parse(text(item, "adjustment_id")?).ok()?;
    Some(AdjustmentFact {
        made: id.made(),
        did: text(item, "call_to").map(str::to_owned),
        vendor: vendor(item),
        amount: decimal(item.get("adjusted")?.as_n().ok()?)?,
    })
}

fn refused(item: &Item) -> Option<RefusedFact> {
    Some(RefusedFact {
        refused: instant(item, "refused_at")?,
        did: text(item, "call_to")?.to_owned(),
        vendor: vendor(item),
        amount: decimal(item.get("cost")?.as_n().ok()?)?,
    })
}

fn flag(item: &Item, name: &str) -> bool {
    item.get(name) == Some(&AttributeValue::Bool(true))
}

fn vendor(item: &Item) -> Option<VendorId> {
    text(item, "vendor_id").and_then(|id| VendorId::parse(id).ok())
}

/// A decimal as DynamoDB spells it.
pub(in crate::ledger) fn decimal(digits: &str) -> Option<Decimal> {
    let exact = digits.parse().ok();
    exact.or_else(|| Decimal::from_scientific(digits).ok())
}
