//! `callbook cost`: lists, shows and decides costs, and makes adjustments; `callbook export costs`.

pub mod decide;
pub mod list;
pub mod rows;

use anyhow::{Context, Result};
use callbook::dialect::callbook::costs::{AdjustmentView, CostEventView, CostView, RefusedView};
use callbook::ledger::{CostRow, Ledger, Totals};
use callbook::model::account::{Account, AccountId};
use callbook::model::time::{Range, RangeEnd};
use serde_json::{Value, json};

use crate::accounts::find_account;
use crate::args::{CostCommand, CostRef, StoreArgs};
use crate::{output, store};

/// Runs the command.
///
/// # Errors
/// Returns an error if the account or the cost does not exist, an argument is not valid, or DynamoDB does not
/// answer in time.
pub async fn run(command: CostCommand) -> Result<()> {
    match command {
        CostCommand::List(args) => list::run(args).await,
        CostCommand::Show(cost) => show(cost).await,
        CostCommand::Void { cost, why, all } => decide::void(cost, why, all).await,
        CostCommand::Adjust(args) => decide::adjust(args).await,
        CostCommand::Match { cost, call, why } => decide::match_to(cost, call, why).await,
        CostCommand::Unpin { cost, why } => decide::unpin(cost, why).await,
        CostCommand::Refused {
            account,
            from,
            to,
            store,
        } => refused(&account, (from, to), store).await,
    }
}

async fn show(cost: CostRef) -> Result<()> {
    let CostRef { id, account, store } = cost;
    let ledger = store::open(&store).await?;
    let account = find_account(&ledger, &account).await?;
    let row = ledger.acknowledged_cost(&account.id, &id).await?;
    let mut row = row.with_context(|| not_found(&account))?;
    ledger
        .expect(&account, std::slice::from_mut(&mut row))
        .await?;
    let mut view = serde_json::to_value(CostView::of(&row, &account))?;
    let history = serde_json::to_value(CostEventView::all(&row, &account))?;
    let adjustments = adjustments(&ledger, &account, &row).await?;
    let flags: Vec<_> = row.flags().into_iter().map(|flag| flag.as_str()).collect();
    if let Some(fields) = view.as_object_mut() {
        fields.insert("flags".to_owned(), json!(flags));
        if let Some(former) = &row.former_id {
            fields.insert("former_id".to_owned(), json!(former.as_str()));
        }
    }
    if store.json {
        if let Some(fields) = view.as_object_mut() {
            fields.insert("history".to_owned(), history);
            fields.insert("adjustments".to_owned(), Value::Array(adjustments));
        }
        return output::json(&view);
    }
    let former = ["former_id"];
    let former = if row.former_id.is_some() {
        &former[..]
    } else {
        &[]
    };
    let fields = [&CostView::FIELDS[..], &["flags"], former].concat();
    output::record(&view, &fields)?;
    let lines = history.as_array().map(Vec::as_slice).unwrap_or_default();
    output::print("")?;
    output::rows(lines, &["at", "what", "state", "reason"], "")?;
    if !adjustments.is_empty() {
        output::print("")?;
        output::rows(&adjustments, &["on", "amount", "made_at", "reason"], "")?;
    }
    Ok(())
}

/// The adjustments of a cost and of its call.
async fn adjustments(ledger: &Ledger, account: &Account, row: &CostRow) -> Result<Vec<Value>> {
    let of_cost = ledger.adjustments_of_cost(&account.id, row).await?;
    let story = match &row.call_sid {
        Some(sid) => ledger.call_story(&account.id, sid).await?,
        None => None,
    };
    let of_call = story.map(|story| story.adjustments).unwrap_or_default();
    let named = of_cost.iter().map(|one| ("cost", one));
    let named = named.chain(of_call.iter().map(|one| ("call", one)));
    let views = named.map(|(on, one)| {
        let mut view = serde_json::to_value(AdjustmentView::of(one, account))?;
        if let Some(fields) = view.as_object_mut() {
            fields.insert("on".to_owned(), json!(on));
        }
        Ok(view)
    });
    views.collect()
}

/// Lists the bills of a range that were refused for their DID.
async fn refused(id: &AccountId, (from, to): (RangeEnd, RangeEnd), args: StoreArgs) -> Result<()> {
    let ledger = store::open(&args).await?;
    let account = find_account(&ledger, id).await?;
    let range = Range::of_any_length(from, to, &account.zone)?;
    let bills = ledger.refused_bills(&account.id, range).await?;
    let rows = bills
        .iter()
        .map(|bill| serde_json::to_value(RefusedView::of(bill, &account)));
    let rows = rows.collect::<Result<Vec<Value>, _>>()?;
    if args.json {
        return output::json(&Value::Array(rows));
    }
    let columns = ["refused_at", "did", "amount", "reason"];
    output::rows(&rows, &columns, "No bill was refused for its DID.")
}

/// The message for a cost that the account does not have.
fn not_found(account: &Account) -> String {
    let id = &account.id;
    format!("account {id} has no such cost; `callbook cost list --account {id}` lists its costs")
}

/// Prints a cost as it is now.
fn print(row: &CostRow, account: &Account, as_json: bool, more: &[(&str, Value)]) -> Result<()> {
    let mut view = serde_json::to_value(CostView::of(row, account))?;
    if let Some(fields) = view.as_object_mut() {
        let more = more.iter();
        fields.extend(more.map(|(name, value)| ((*name).to_owned(), value.clone())));
    }
    if as_json {
        return output::json(&view);
    }
    let names: Vec<&str> = more.iter().map(|(name, _)| *name).collect();
    output::record(&view, &[&CostView::FIELDS[..], &names].concat())
}

/// The sums of the identity, with their names, in words.
pub fn sums(totals: &Totals, account: &Account) -> Vec<(&'static str, String)> {
    let Totals {
        acknowledged,
        in_force,
        superseded,
        void,
        matched,
        unmatched,
        adjusted,
    } = totals;
    let currency = account.currency.as_str();
    let named = [
        ("acknowledged", acknowledged),
        ("in force", in_force),
        ("superseded", superseded),
        ("void", void),
        ("matched", matched),
        ("unmatched", unmatched),
        ("adjusted", adjusted),
    ];
    let in_words = named.into_iter().map(|(name, sum)| {
        (
            name,
            format!("{} {currency} in {}", sum.four_places(), sum.count),
        )
    });
    in_words.collect()
}
