//! `callbook erase`: takes a person's number out of an account.

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ledger::{
    ErasureOutcome, ErasurePlan, ErasureReceipt, ErasureRefusal, ErasureRequest, KindCounts, Ledger,
};
use callbook::model::account::Account;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::accounts::{find_account, format_instant};
use crate::args::EraseArgs;
use crate::{output, store};

/// What no command reaches.
const NOT_REACHED: [&str; 5] = [
    "log lines: they never have the full number, and end after 14 days",
    "backups for point-in-time recovery: they have the number for 35 days",
    "the table's stream: its records end after 24 hours",
    "files that were exported, and what other systems were told",
    "free text about the person that does not have the number, such as notes",
];

/// What to do after an erasure that was interrupted.
const NOT_WHOLLY: &str = "the number is not wholly erased, and its calls and bills may be answered 503 until it is; \
                          run the same command again";

/// The fields of a receipt, in order.
const FIELDS: [&str; 10] = [
    "erasure_id",
    "account_id",
    "pseudonym",
    "by",
    "reason",
    "started_at",
    "finished_at",
    "found",
    "changed",
    "not_reached",
];

/// Runs the command. 1 stands for a number that is not erased, or not wholly.
///
/// # Errors
/// Returns an error if the account does not exist, its calls have the layout of an earlier version, the reason has the
/// number in it, others keep changing the items, or DynamoDB does not answer in time. The same command goes on where
/// it stopped.
pub async fn run(args: EraseArgs) -> Result<ExitCode> {
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.account).await?;
    let Some(number) = &args.number else {
        return receipts(&ledger, &account, args.store.json).await;
    };
    ensure!(
        account.is_migrated(),
        "account {} has items of an earlier version, which may have the number; run `callbook migrate` first",
        account.id
    );
    let told = [args.reason.as_str(), args.who.as_str()].join(" ");
    let digits: String = told.chars().filter(char::is_ascii_digit).collect();
    ensure!(
        !digits.contains(&number.national_digits()),
        "--reason and --who are kept; say them without the number"
    );
    let request = ErasureRequest {
        account: &account,
        number,
        by: args.who.as_str(),
        reason: args.reason.as_str(),
        despite_repeats: args.despite_repeats,
        now: Clock::system().now(),
    };
    let reading = ProgressBar::new_spinner();
    let progress = |items: u64| {
        reading.set_message(format!("{items} items read"));
        reading.tick();
    };
    if args.dry_run {
        let plan = ledger.plan_erasure(&request, &progress).await;
        reading.finish_and_clear();
        return show_plan(&account, &plan?, args.store.json);
    }
    let outcome = ledger.erase_number(&request, &progress).await;
    reading.finish_and_clear();
    match outcome.context(NOT_WHOLLY)? {
        ErasureOutcome::Nothing => {
            let nothing = json!({"account_id": account.id.as_str(), "found": {}});
            if args.store.json {
                output::json(&nothing)?;
            }
            output::note("Nothing of the account has this number.");
            Ok(ExitCode::SUCCESS)
        }
        ErasureOutcome::Refused(refusal) => bail!(why(&account, &refusal)),
        ErasureOutcome::Erased(receipt) => {
            let receipt = view(&account, &receipt);
            match args.store.json {
                true => output::json(&receipt)?,
                false => output::record(&receipt, &FIELDS)?,
            }
            output::note("Keep the receipt: it says what was done, and not whose number it was.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn receipts(ledger: &Ledger, account: &Account, as_json: bool) -> Result<ExitCode> {
    let mut receipts = ledger.erasures(&account.id).await?;
    receipts.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    let receipts: Vec<Value> = receipts.iter().map(|one| view(account, one)).collect();
    match as_json {
        true => output::json(&Value::Array(receipts))?,
        false => output::rows(
            &receipts,
            &["erasure_id", "by", "reason", "started_at", "finished_at"],
            "Nothing was erased from the account.",
        )?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show_plan(account: &Account, plan: &ErasurePlan, as_json: bool) -> Result<ExitCode> {
    let refusal = plan.refusal.as_ref().map(|refusal| why(account, refusal));
    let shown = json!({
        "account_id": account.id.as_str(),
        "found": plan.found,
        "goes_on": plan.goes_on,
        "halts_pairs": plan.halts_pairs,
        "refused": refusal,
        "not_reached": NOT_REACHED,
    });
    match as_json {
        true => output::json(&shown)?,
        false => output::record(
            &shown,
            &[
                "account_id",
                "found",
                "goes_on",
                "halts_pairs",
                "refused",
                "not_reached",
            ],
        )?,
    }
    if plan.halts_pairs {
        output::note(
            "More belongs together than one transaction holds. Until the erasure is done, calls and bills of this \
             number are answered 503, and vendors send them again. If it is interrupted, run it again at once.",
        );
    }
    output::note("Nothing was changed.");
    Ok(match refusal {
        Some(_) => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    })
}

/// Says why a number is not erased, and what to do.
fn why(account: &Account, refusal: &ErasureRefusal) -> String {
    let id = &account.id;
    match refusal {
        ErasureRefusal::Settings(kinds) => format!(
            "this number is the account's own, or its settings name it ({}); change those first, or keep it: it is not \
             a caller's",
            kinds.join(", ").replace('_', " ")
        ),
        ErasureRefusal::Live(calls) => format!(
            "{} with this number of account {id}; run the command again when they are over",
            match calls {
                1 => "there is 1 live call".to_owned(),
                _ => format!("there are {calls} live calls"),
            }
        ),
        ErasureRefusal::Repeats(until) => format!(
            "until {} a vendor may send a bill with this number again, and without its idempotency record it would count \
             twice; run the command again after that, or with --despite-repeats",
            format_instant(*until)
        ),
    }
}

fn view(account: &Account, receipt: &ErasureReceipt) -> Value {
    let counts = |counts: &KindCounts| json!(counts);
    json!({
        "erasure_id": receipt.id,
        "account_id": account.id.as_str(),
        "pseudonym": receipt.pseudonym.as_e164(),
        "by": receipt.by,
        "reason": receipt.reason,
        "started_at": format_instant(receipt.started),
        "finished_at": receipt.finished.map(format_instant),
        "found": counts(&receipt.found),
        "changed": counts(&receipt.changed),
        "not_reached": NOT_REACHED,
    })
}
