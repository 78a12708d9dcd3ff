//! `callbook cost`: lists, shows and decides costs, and makes adjustments; `callbook export costs`.

pub mod decide;
pub mod list;
pub mod rows;

use anyhow::{Context, Result};
use callbook::dialect::callbook::costs::{CostEventView, CostView};
use callbook::ledger::{CostRow, Totals};
use callbook::model::account::Account;
use serde_json::{Value, json};

use crate::accounts::find_account;
use crate::args::{CostCommand, CostRef};
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
    }
}

async fn show(cost: CostRef) -> Result<()> {
    let CostRef { id, account, store } = cost;
    let ledger = store::open(&store).await;
    let account = find_account(&ledger, &account).await?;
    let row = ledger.acknowledged_cost(&account.id, &id).await?;
    let row = row.with_context(|| not_found(&account))?;
    let mut view = serde_json::to_value(CostView::of(&row, &account))?;
    let history = serde_json::to_value(CostEventView::all(&row, &account))?;
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
    output::rows(lines, &["at", "what", "state", "reason"], "")
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
