//! `callbook number ...`

use anyhow::{Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, Deletion, NumberOwned};
use serde_json::{Value, json};

use crate::accounts::{find, when};
use crate::args::{NumberCommand, Numbers};
use crate::{output, store};

/// Runs the command.
///
/// # Errors
/// What the person at the terminal is told.
pub async fn run(command: NumberCommand) -> Result<()> {
    match command {
        NumberCommand::Add(Numbers {
            numbers,
            account,
            store,
        }) => {
            let ledger = store::open(&store).await;
            let account = find(&ledger, &account).await?;
            let now = Clock::system().now();
            let mut outcomes = Vec::new();
            for number in &numbers {
                let outcome = match ledger.register_number(&account, number, now).await? {
                    Creation::Created(()) => "registered",
                    Creation::Exists(()) => "registered before",
                    Creation::Refused(NumberOwned) => "taken by another account",
                };
                outcomes.push(json!({ "number": number.as_e164(), "outcome": outcome }));
            }
            report(&outcomes, "taken by another account", store.json)
        }
        NumberCommand::List { account, store } => {
            let ledger = store::open(&store).await;
            find(&ledger, &account).await?;
            let numbers = ledger.numbers(&account).await?;
            let numbers: Vec<Value> = numbers
                .into_iter()
                .map(|known| {
                    json!({
                        "number": known.number.as_e164(),
                        "registered_at": when(known.registered_at),
                    })
                })
                .collect();
            if store.json {
                return output::json(&Value::Array(numbers));
            }
            output::rows(
                &numbers,
                &["number", "registered_at"],
                "The account has no number.",
            )
        }
        NumberCommand::Remove(Numbers {
            numbers,
            account,
            store,
        }) => {
            let ledger = store::open(&store).await;
            find(&ledger, &account).await?;
            let mut outcomes = Vec::new();
            for number in &numbers {
                let outcome = match ledger
                    .remove_number(&account, number, ids::guid(), Clock::system().now())
                    .await?
                {
                    Deletion::Deleted => "given back",
                    Deletion::NotFound => "not the account's",
                };
                outcomes.push(json!({ "number": number.as_e164(), "outcome": outcome }));
            }
            report(&outcomes, "not the account's", store.json)
        }
    }
}

/// Prints what became of each number, and fails when one met `failure`.
fn report(outcomes: &[Value], failure: &str, as_json: bool) -> Result<()> {
    if as_json {
        output::json(&json!(outcomes))?;
    } else {
        output::rows(outcomes, &["number", "outcome"], "")?;
    }
    let failed = outcomes
        .iter()
        .filter(|one| one.get("outcome") == Some(&json!(failure)))
        .count();
    if failed > 0 {
        bail!("{failed} of {} numbers: {failure}", outcomes.len());
    }
    Ok(())
}
