//! `callbook account close` and `reopen`.

use anyhow::{Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{ClosureOutcome, Deletion, Ledger, Update};
use callbook::model::account::AccountId;
use serde_json::{Value, json};

use super::view::{format_instant, not_found};
use crate::args::StoreArgs;
use crate::{output, store};

/// What is said of a closed account, in order.
const FIELDS: [&str; 7] = [
    "account_id",
    "closed_at",
    "credentials_refused",
    "credentials_that_go_on",
    "numbers_released",
    "numbers_kept",
    "kept",
];

/// What closing leaves as it is.
const KEPT: [&str; 6] = [
    "calls, costs and adjustments",
    "sums and idempotency records",
    "leads, feedback and queue entries",
    "settings, vendors, properties and addresses",
    "credentials, which are good again after `callbook account reopen`",
    "live calls and tokens, until they expire",
];

/// Closes an account.
///
/// # Errors
/// Returns an error if the account does not exist, or DynamoDB does not answer in time. The same command goes on
/// where it stopped.
pub async fn close(id: AccountId, release_numbers: bool, args: &StoreArgs) -> Result<()> {
    let ledger = store::open(args).await?;
    let now = Clock::system().now();
    let Update::Updated(outcome) = ledger.close_account(&id, now).await? else {
        bail!(not_found(&id));
    };
    let released = match release_numbers {
        true => release(&ledger, &id).await?,
        false => 0,
    };
    let kept = ledger.numbers(&id).await?.len();
    let mut closed = view(&outcome);
    if let Some(closed) = closed.as_object_mut() {
        closed.insert("numbers_released".to_owned(), json!(released));
        closed.insert("numbers_kept".to_owned(), json!(kept));
        closed.insert("kept".to_owned(), json!(KEPT));
    }
    print(&closed, args.json)?;
    if kept > 0 {
        output::note(&format!(
            "{} not released: opening the account again could not bring {} back. Release with `callbook account \
             close {id} --release-numbers`.",
            output::counted_were(kept, "number"),
            if kept == 1 { "it" } else { "them" },
        ));
    }
    for credential in &outcome.shared {
        let others = credential.accounts.iter().map(ToString::to_string);
        output::note(&format!(
            "{} goes on for {}, but not for {id}.",
            credential.id,
            others.collect::<Vec<_>>().join(", ")
        ));
    }
    output::note("Functions refuse the account's requests within 30 seconds.");
    Ok(())
}

/// Opens an account again.
///
/// # Errors
/// As [`close`].
pub async fn reopen(id: AccountId, args: &StoreArgs) -> Result<()> {
    let ledger = store::open(args).await?;
    let Update::Updated(outcome) = ledger.reopen_account(&id).await? else {
        let begun = ledger.account(&id).await?.is_some();
        if begun || ledger.deletion(&id).await?.is_some() {
            bail!("account {id} is deleted, or its deletion has begun: it cannot be opened again");
        }
        bail!(not_found(&id));
    };
    let mut opened = view(&outcome);
    if let Some(fields) = opened.as_object_mut() {
        fields.remove("credentials_refused");
        fields.insert("credentials".to_owned(), json!(outcome.credentials));
    }
    match args.json {
        true => output::json(&opened)?,
        false => output::record(&opened, &["account_id", "closed_at", "credentials"])?,
    }
    output::note("Functions take the account's requests again within 30 seconds.");
    Ok(())
}

pub async fn release(ledger: &Ledger, id: &AccountId) -> Result<usize> {
    let mut released = 0;
    for number in ledger.numbers(id).await? {
        let now = Clock::system().now();
        let gone = ledger
            .remove_number(id, &number.number, ids::guid(), now)
            .await?;
        released += usize::from(gone == Deletion::Deleted);
    }
    Ok(released)
}

fn view(outcome: &ClosureOutcome) -> Value {
    let shared = outcome
        .shared
        .iter()
        .map(|credential| credential.id.as_str());
    json!({
        "account_id": outcome.account.id.as_str(),
        "closed_at": outcome.account.closed_at.map(format_instant),
        "credentials_refused": outcome.credentials,
        "credentials_that_go_on": shared.collect::<Vec<_>>(),
    })
}

fn print(closed: &Value, as_json: bool) -> Result<()> {
    match as_json {
        true => output::json(closed),
        false => output::record(closed, &FIELDS),
    }
}
