//! `callbook account close --delete`: everything of a closed account goes, after a time of grace.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use callbook::clock::Clock;
use callbook::ledger::{DeletionOutcome, DeletionReceipt, Ledger, Update};
use callbook::model::account::AccountId;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::closing::release;
use super::view::{format_instant, not_found};
use crate::args::CloseArgs;
use crate::{output, store};

/// What no command reaches.
const NOT_REACHED: [&str; 4] = [
    "log lines: they name the account, and end after 14 days",
    "backups for point-in-time recovery: they have its items for 35 days",
    "the table's stream: its records end after 24 hours",
    "files that were exported, and what other systems were told",
];

/// The fields of a receipt, in order.
const FIELDS: [&str; 6] = [
    "account_id",
    "by",
    "started_at",
    "finished_at",
    "deleted",
    "not_reached",
];

const DAY: Duration = Duration::from_secs(86_400);

/// Closes an account if it is open, and deletes it if its time of grace is over.
///
/// # Errors
/// Returns an error if the account does not exist, has numbers or credentials of other accounts when its time has come,
/// or DynamoDB does not answer in time. The same command goes on where it stopped.
pub async fn delete(args: CloseArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let id = &args.id;
    let bar = ProgressBar::new_spinner();
    let progress = |items: u64| {
        bar.set_message(format!("{items} items read"));
        bar.tick();
    };
    if args.dry_run {
        let counts = ledger.plan_deletion(id, &progress).await;
        bar.finish_and_clear();
        let shown =
            json!({"account_id": id.as_str(), "found": counts?, "not_reached": NOT_REACHED});
        show(
            &shown,
            &["account_id", "found", "not_reached"],
            args.store.json,
        )?;
        output::note("Nothing was changed.");
        return Ok(());
    }
    let now = Clock::system().now();
    close(&ledger, &args).await?;
    if args.release_numbers {
        release(&ledger, id).await?;
    }
    let outcome = ledger
        .delete_account(id, args.who.as_str(), now, &progress)
        .await;
    bar.finish_and_clear();
    match outcome.context("the account is not wholly deleted; run the same command again")? {
        DeletionOutcome::Waits(after) => {
            let after = format_instant(after);
            let shown = json!({"account_id": id.as_str(), "delete_after": after});
            show(&shown, &["account_id", "delete_after"], args.store.json)?;
            output::note(&format!(
                "Nothing is deleted yet. Run the same command again after {after}; until then `callbook account reopen \
                 {id}` takes it back."
            ));
            Ok(())
        }
        DeletionOutcome::HasNumbers(numbers) => bail!(
            "account {id} has {numbers} numbers: add --release-numbers, so that those that were bought go back into the \
             inventory"
        ),
        DeletionOutcome::Shared(credentials) => bail!(
            "{} of account {id} act for other accounts too; revoke them first, and give their clients credentials of \
             another account",
            credentials.join(", ")
        ),
        DeletionOutcome::Unknown => bail!(not_found(id)),
        DeletionOutcome::Deleted(receipt) => {
            show(&view(&receipt), &FIELDS, args.store.json)?;
            output::note("The receipt stays in the ledger: the same command prints it again.");
            Ok(())
        }
    }
}

/// Closes the account unless it is closed, deleted or being deleted, and says when it may be deleted.
async fn close(ledger: &Ledger, args: &CloseArgs) -> Result<()> {
    let id: &AccountId = &args.id;
    if ledger.deletion(id).await?.is_some() {
        return Ok(());
    }
    let now = Clock::system().now();
    if matches!(ledger.close_account(id, now).await?, Update::NotFound) {
        bail!(not_found(id));
    }
    ledger
        .schedule_deletion(id, DAY * u32::from(args.grace_days))
        .await?;
    Ok(())
}

fn show(value: &Value, fields: &[&str], as_json: bool) -> Result<()> {
    match as_json {
        true => output::json(value),
        false => output::record(value, fields),
    }
}

fn view(receipt: &DeletionReceipt) -> Value {
    json!({
        "account_id": receipt.account.as_str(),
        "by": receipt.by,
        "started_at": format_instant(receipt.started),
        "finished_at": receipt.finished.map(format_instant),
        "deleted": receipt.deleted,
        "not_reached": NOT_REACHED,
    })
}
