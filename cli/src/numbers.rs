//! `callbook number`: registers numbers to accounts, and releases them.

use anyhow::{Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, Deletion, NumberOwned};
use serde_json::{Value, json};

use crate::accounts::{find_account, format_instant};
use crate::args::{NumberCommand, NumbersArgs};
use crate::{output, store};

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, a number could not be registered or released, or DynamoDB
/// does not answer in time.
pub async fn run(command: NumberCommand) -> Result<()> {
    match command {
        NumberCommand::Add(NumbersArgs {
            numbers,
            account,
            store,
        }) => {
            let ledger = store::open(&store).await;
            let account = find_account(&ledger, &account).await?;
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
            find_account(&ledger, &account).await?;
            let numbers = ledger.numbers(&account).await?;
            let numbers: Vec<Value> = numbers
                .into_iter()
                .map(|number| {
                    json!({
                        "number": number.number.as_e164(),
                        "registered_at": format_instant(number.registered_at),
                    })
                })
                .collect();
            if store.json {
                return output::json(&Value::Array(numbers));
            }
            output::rows(
                &numbers,
                &["number", "registered_at"],
                "The account has no numbers.",
            )
        }
        NumberCommand::Remove(NumbersArgs {
            numbers,
            account,
            store,
        }) => {
            let ledger = store::open(&store).await;
            find_account(&ledger, &account).await?;
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

/// Prints the outcome of each number, and fails if any outcome is `failure`.
fn report(outcomes: &[Value], failure: &str, as_json: bool) -> Result<()> {
    if as_json {
        output::json(&json!(outcomes))?;
    } else {
        output::rows(outcomes, &["number", "outcome"], "")?;
    }
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.get("outcome") == Some(&json!(failure)))
        .count();
    if failed > 0 {
        bail!("{failed} of {} numbers failed: {failure}", outcomes.len());
    }
    Ok(())
}
