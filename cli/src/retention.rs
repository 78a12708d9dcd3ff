//! `callbook retention`: for how many days an account keeps what.

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ledger::{EVENTS_KEPT, REFUSED_REQUESTS_KEPT, RetentionReceipt};
use callbook::model::account::{Account, AccountId};
use callbook::model::retention::{Kept, Retention};
use callbook::model::time::Instant;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::accounts::{
    account_of, check_retention, find_account, format_instant, not_found, update,
};
use crate::args::{RetentionApplyArgs, RetentionCommand, RetentionSetArgs};
use crate::{output, store};

/// The fields of an account's retention, in order.
const FIELDS: [&str; 15] = [
    "account_id",
    "calls",
    "calls_kept_since",
    "costs",
    "costs_kept_since",
    "contacts",
    "contacts_kept_since",
    "feedback",
    "feedback_kept_since",
    "queue",
    "queue_kept_since",
    "least_days",
    "to_be_applied",
    "fixed",
    "forever",
];

/// What is kept until somebody deletes or erases it.
const FOREVER: [&str; 2] = [
    "sums",
    "settings: numbers, vendors, credentials, properties, addresses",
];

/// The kinds of what is kept for a time of its own, in the order of [`Retention::all`].
const KINDS: [&str; 5] = ["calls", "costs", "contacts", "feedback", "queue"];

/// The fields of a receipt, in order.
const RECEIPT: [&str; 12] = [
    "retention_id",
    "account_id",
    "by",
    "calls",
    "costs",
    "contacts",
    "feedback",
    "queue",
    "started_at",
    "finished_at",
    "ended",
    "lifted",
];

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, a time is too short for what requests promise, others keep changing the
/// rows, or DynamoDB does not answer in time. `apply` goes on where it stopped.
pub async fn run(command: RetentionCommand) -> Result<()> {
    match command {
        RetentionCommand::Show { id, store } => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &id).await?;
            let mut shown = view(&account);
            if store.json {
                let receipts = ledger.retentions(&id).await?;
                let receipts = receipts.iter().map(|one| receipt_view(&account, one));
                insert(&mut shown, "applied".to_owned(), receipts.collect());
            }
            show(&account, &shown, store.json)
        }
        RetentionCommand::Set(args) => set(args).await,
        RetentionCommand::Apply(args) => apply(args).await,
    }
}

async fn set(args: RetentionSetArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let now = Clock::system().now();
    let account = update(&ledger, &args.id, |account| {
        ensure!(
            account.is_migrated(),
            "account {} has items of an earlier version; run `callbook migrate` first",
            account.id
        );
        let settings = [
            (&mut account.calls_kept, args.calls),
            (&mut account.costs_kept, args.costs),
            (&mut account.contacts_kept, args.contacts),
            (&mut account.feedback_kept, args.feedback),
            (&mut account.queue_kept, args.queue),
        ];
        for (kept, asked) in settings {
            if let Some(asked) = asked {
                kept.set(asked, now);
            }
        }
        check_retention(account)
    });
    let account = account.await?;
    ledger
        .tell_credentials(&account)
        .await
        .context("the setting is saved, but not in all credentials; run the same command again")?;
    show(&account, &view(&account), args.store.json)
}

async fn apply(args: RetentionApplyArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let account = account_of(&ledger, &args.id).await?;
    let bar = ProgressBar::new_spinner();
    let progress = |items: u64| {
        bar.set_message(format!("{items} items read"));
        bar.tick();
    };
    if args.dry_run {
        let plan = ledger.plan_retention(&account, &progress).await;
        bar.finish_and_clear();
        let plan = plan?;
        let mut shown = json!({
            "account_id": account.id.as_str(),
            "would_end": plan.ended,
            "would_be_gone_at_once": plan.gone,
            "would_be_lifted": plan.lifted,
        });
        for (name, kept) in KINDS.into_iter().zip(account.retention().all()) {
            insert(
                &mut shown,
                name.to_owned(),
                json!(kept.lifetime().to_string()),
            );
        }
        let fields = [
            "account_id",
            "calls",
            "costs",
            "contacts",
            "feedback",
            "queue",
            "would_end",
            "would_be_gone_at_once",
            "would_be_lifted",
        ];
        match args.store.json {
            true => output::json(&shown)?,
            false => output::record(&shown, &fields)?,
        }
        output::note("Nothing was changed.");
        return Ok(());
    }
    let applied = ledger
        .apply_retention(&account.id, args.who.as_str(), &progress)
        .await;
    bar.finish_and_clear();
    let receipt =
        applied.context("the setting is not wholly applied; run the same command again")?;
    let Some(receipt) = receipt else {
        bail!(not_found(&account.id));
    };
    let shown = receipt_view(&account, &receipt);
    match args.store.json {
        true => output::json(&shown)?,
        false => output::record(&shown, &RECEIPT)?,
    }
    if receipt.ended.is_empty() && receipt.lifted.is_empty() {
        note_earlier(&ledger.retentions(&account.id).await?, &receipt);
    }
    Ok(())
}

/// Says which run has done what this one found done, for whoever never got its answer.
fn note_earlier(receipts: &[RetentionReceipt], empty: &RetentionReceipt) {
    let before = receipts.iter().take_while(|one| one.id != empty.id);
    let did = |one: &&RetentionReceipt| !(one.ended.is_empty() && one.lifted.is_empty());
    if let Some(one) = before.filter(did).last() {
        output::note(&format!(
            "There was nothing left to do. The run {} of {} was the last that changed rows; `callbook retention show --json` \
             has its receipt.",
            one.id,
            format_instant(one.started)
        ));
    }
}

fn show(account: &Account, shown: &Value, as_json: bool) -> Result<()> {
    match as_json {
        true => output::json(shown)?,
        false => output::record(shown, &FIELDS)?,
    }
    if is_pending(account) {
        output::note(&format!(
            "What was recorded before the last change ends as before it. `callbook retention apply {}` applies the setting \
             to that.",
            account.id
        ));
    }
    Ok(())
}

fn is_pending(account: &Account) -> bool {
    account.retention().changed_at().is_some()
}

fn insert(shown: &mut Value, name: String, value: Value) {
    if let Value::Object(shown) = shown {
        shown.insert(name, value);
    }
}

fn view(account: &Account) -> Value {
    let now = Clock::system().now();
    let days = |kept: std::time::Duration| format!("{} days", kept.as_secs() / 86_400);
    let mut shown = json!({
        "account_id": account.id.as_str(),
        "least_days": Retention::least(account.billing_window_days),
        "to_be_applied": is_pending(account),
        "fixed": {
            "events": days(EVENTS_KEPT),
            "deliveries": days(EVENTS_KEPT),
            "refused requests": days(REFUSED_REQUESTS_KEPT),
            "idempotency records": "1 to 30 days",
        },
        "forever": FOREVER,
    });
    for (name, kept) in KINDS.into_iter().zip(account.retention().all()) {
        let since = kept.since(now).map(format_instant);
        insert(
            &mut shown,
            name.to_owned(),
            json!(kept.lifetime().to_string()),
        );
        insert(&mut shown, format!("{name}_kept_since"), json!(since));
    }
    shown
}

fn receipt_view(account: &Account, receipt: &RetentionReceipt) -> Value {
    json!({
        "retention_id": receipt.id,
        "account_id": account.id.as_str(),
        "by": receipt.by,
        "calls": receipt.calls.to_string(),
        "costs": receipt.costs.to_string(),
        "contacts": receipt.contacts.to_string(),
        "feedback": receipt.feedback.to_string(),
        "queue": receipt.queue.to_string(),
        "started_at": format_instant(receipt.started),
        "finished_at": receipt.finished.map(format_instant),
        "ended": receipt.ended,
        "lifted": receipt.lifted,
    })
}

/// Says that a list or a sum from `from` on lacks what has ended, if it may.
pub fn note_cut(what: &str, kept: &Kept, from: Instant, id: &AccountId) {
    if let Some(since) = kept.cut(from, Clock::system().now()) {
        output::note(&format!(
            "Account {id} keeps {what} since {} only; those from before may be missing here.",
            format_instant(since)
        ));
    }
}
