//! `callbook retention`: for how many days an account keeps its calls and costs.

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
const FIELDS: [&str; 9] = [
    "account_id",
    "calls",
    "calls_kept_since",
    "costs",
    "costs_kept_since",
    "least_days",
    "to_be_applied",
    "fixed",
    "forever",
];

/// What is kept until somebody deletes or erases it.
const FOREVER: [&str; 5] = [
    "leads and first contacts",
    "feedback",
    "queue entries",
    "sums",
    "settings: numbers, vendors, credentials, properties, addresses",
];

/// The fields of a receipt, in order.
const RECEIPT: [&str; 9] = [
    "retention_id",
    "account_id",
    "by",
    "calls",
    "costs",
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
                if let Value::Object(shown) = &mut shown {
                    shown.insert("applied".to_owned(), receipts.collect());
                }
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
        if let Some(calls) = args.calls {
            account.calls_kept.set(calls, now);
        }
        if let Some(costs) = args.costs {
            account.costs_kept.set(costs, now);
        }
        check_retention(account)
    });
    let account = account.await?;
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
        let shown = json!({
            "account_id": account.id.as_str(),
            "calls": account.calls_kept.lifetime().to_string(),
            "costs": account.costs_kept.lifetime().to_string(),
            "would_end": plan.ended,
            "would_be_gone_at_once": plan.gone,
            "would_be_lifted": plan.lifted,
        });
        let fields = [
            "account_id",
            "calls",
            "costs",
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
        true => output::json(&shown),
        false => output::record(&shown, &RECEIPT),
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
    let Retention { calls, costs } = account.retention();
    calls.changed_at().or(costs.changed_at()).is_some()
}

fn view(account: &Account) -> Value {
    let now = Clock::system().now();
    let since = |kept: &Kept| kept.since(now).map(format_instant);
    let days = |kept: std::time::Duration| format!("{} days", kept.as_secs() / 86_400);
    json!({
        "account_id": account.id.as_str(),
        "calls": account.calls_kept.lifetime().to_string(),
        "calls_kept_since": since(&account.calls_kept),
        "costs": account.costs_kept.lifetime().to_string(),
        "costs_kept_since": since(&account.costs_kept),
        "least_days": Retention::least(account.billing_window_days),
        "to_be_applied": is_pending(account),
        "fixed": {
            "events": days(EVENTS_KEPT),
            "deliveries": days(EVENTS_KEPT),
            "refused requests": days(REFUSED_REQUESTS_KEPT),
            "idempotency records": "1 to 30 days",
        },
        "forever": FOREVER,
    })
}

fn receipt_view(account: &Account, receipt: &RetentionReceipt) -> Value {
    json!({
        "retention_id": receipt.id,
        "account_id": account.id.as_str(),
        "by": receipt.by,
        "calls": receipt.calls.to_string(),
        "costs": receipt.costs.to_string(),
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
