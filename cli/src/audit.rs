//! `callbook audit`: proves the sums of accounts from their calls and costs, entry by entry.

use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::Result;
use callbook::clock::Clock;
use callbook::ledger::Ledger;
use callbook::model::time::{Instant, Zone};
use callbook_audit::{Audited, EntrySum, Finding, Step, Walk, WireTable};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::accounts::find_account;
use crate::args::AuditArgs;
use crate::{output, store};

/// How many findings of an account are shown to people. `--json` has all of them.
const MOST_SHOWN: usize = 50;

/// Runs the command, and returns 1 if something does not add up.
///
/// # Errors
/// Returns an error if the account does not exist, or DynamoDB does not answer in time or refuses.
pub async fn run(args: AuditArgs) -> Result<ExitCode> {
    let (client, table) = store::open_table(&args.store).await?;
    let ledger = Ledger::new(client.clone(), table.clone());
    if let Some(id) = &args.account {
        find_account(&ledger, id).await?;
    } else {
        // Fails as the other commands do if the table cannot be reached.
        ledger.accounts().await?;
    }
    let source = WireTable::new(client, table);
    let progress = Progress::new()?;
    let walk = Walk {
        source: &source,
        clock: &Clock::system(),
        step: &|step| progress.show(step),
    };
    let audited = walk.run(args.account.as_ref().map(|id| id.as_str())).await;
    progress.bar.finish_and_clear();
    let audited = audited?;
    let right = audited.iter().all(Audited::is_right);
    if args.store.json {
        let accounts: Vec<Value> = audited.iter().map(view).collect();
        output::json(&json!({"accounts": accounts, "adds_up": right}))?;
    } else {
        for (number, account) in audited.iter().enumerate() {
            if number > 0 {
                output::print("")?;
            }
            print(account)?;
        }
        if audited.is_empty() {
            output::note("There are no accounts.");
        }
    }
    Ok(match right {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The lines of an account, in order.
const FIELDS: [&str; 11] = [
    "account",
    "calls",
    "acknowledged",
    "in force",
    "superseded",
    "void",
    "matched",
    "unmatched",
    "adjusted",
    "summaries",
    "result",
];

/// A bar at the terminal, with words for what is going on.
struct Progress {
    bar: ProgressBar,
    /// How many items were read.
    found: Mutex<usize>,
}

impl Progress {
    fn new() -> Result<Self> {
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template("{spinner} {msg}")?);
        Ok(Self {
            bar,
            found: Mutex::new(0),
        })
    }

    fn show(&self, step: Step) {
        let message = match step {
            Step::Found(items) => {
                let mut found = self.found.lock().unwrap_or_else(|error| error.into_inner());
                *found += items;
                format!("{found} items found")
            }
            Step::Judging(done, of) => format!("{done} of {of} calls, costs and callers judged"),
            Step::Again => "looking again at what seems wrong".to_owned(),
            Step::Comparing(done, of) => format!("summaries of {done} of {of} days compared"),
            Step::Waiting => "waiting until the summaries have caught up".to_owned(),
        };
        self.bar.set_message(message);
        self.bar.tick();
    }
}

/// The sums of the identity, with their names.
fn sums(account: &Audited) -> [(&'static str, EntrySum); 7] {
    let money = account.money;
    [
        ("acknowledged", money.acknowledged),
        ("in_force", money.in_force),
        ("superseded", money.superseded),
        ("void", money.void),
        ("matched", money.matched),
        ("unmatched", money.unmatched),
        ("adjusted", money.adjusted),
    ]
}

fn as_of(account: &Audited) -> Option<String> {
    let at = account.summaries.as_of.map(Instant::from_millis);
    at.map(|at| at.rfc3339(&Zone::utc()))
}

fn view(account: &Audited) -> Value {
    let totals: Map<_, _> = sums(account)
        .into_iter()
        .map(|(name, EntrySum { count, amount })| {
            let amount = format!("{amount:.4}");
            (name.to_owned(), json!({"count": count, "amount": amount}))
        })
        .chain([("currency".to_owned(), json!(account.currency))])
        .collect();
    let findings = account.findings.iter().map(|finding| {
        json!({
            "rule": finding.rule,
            "cost_id": finding.cost_id,
            "call_sid": finding.call_sid,
            "key": finding.key,
            "what": finding.what,
        })
    });
    json!({
        "account_id": account.account,
        "calls": account.calls,
        "totals": totals,
        "adds_up": account.is_right(),
        "summaries": {
            "days": account.summaries.days,
            "days_ended": account.summaries.ended,
            "as_of": as_of(account),
            "changing": account.summaries.changing,
        },
        "changing": account.changing,
        "findings": findings.collect::<Vec<_>>(),
    })
}

fn print(account: &Audited) -> Result<()> {
    let currency = account.currency.as_deref().unwrap_or_default();
    let mut fields = Map::from_iter([
        ("account".to_owned(), json!(account.account)),
        ("calls".to_owned(), json!(account.calls)),
    ]);
    for (name, EntrySum { count, amount }) in sums(account) {
        let sum = format!("{amount:.4} {currency} in {count}");
        fields.insert(name.replace('_', " "), json!(sum));
    }
    let summaries = match as_of(account) {
        None => "not compared: nothing follows the table's stream".to_owned(),
        Some(as_of) => {
            let ended = match account.summaries.ended {
                0 => String::new(),
                days => format!(", {days} days not, whose calls or costs have ended"),
            };
            let days = account.summaries.days;
            format!("{days} days compared{ended}, as of {as_of}")
        }
    };
    fields.insert("summaries".to_owned(), json!(summaries));
    let result = match account.findings.len() {
        0 if account.is_right() => "everything adds up".to_owned(),
        0 => "not everything could be judged".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    fields.insert("result".to_owned(), json!(result));
    output::record(&Value::Object(fields), &FIELDS)?;
    for finding in account.findings.iter().take(MOST_SHOWN) {
        output::print(&line(finding))?;
    }
    advise(account);
    Ok(())
}

fn line(finding: &Finding) -> String {
    let Finding {
        rule,
        key,
        what,
        cost_id,
        call_sid,
    } = finding;
    let subject = match (cost_id, call_sid) {
        (Some(id), _) => format!("cost {id}"),
        (None, Some(sid)) => format!("call {sid}"),
        (None, None) => key.clone(),
    };
    format!("{subject}: {what} ({rule})")
}

/// Says what can be done about the findings.
fn advise(account: &Audited) {
    let id = &account.account;
    if account.findings.len() > MOST_SHOWN {
        let left = account.findings.len() - MOST_SHOWN;
        output::note(&format!("{left} more findings; --json has all of them"));
    }
    let days = account.findings.iter().filter_map(Finding::day_of_sums);
    if let (Some(from), Some(to)) = (days.clone().min(), days.max()) {
        output::note(&format!(
            "Summaries can be made again: callbook rollup rebuild --account {id} --from {from} --to {to}"
        ));
    }
    if account.changing > 0 {
        output::note(&format!(
            "{} callers changed whenever they were read and were not judged; run the command again",
            account.changing
        ));
    }
    if account.summaries.changing > 0 {
        output::note(&format!(
            "{} sums changed whenever they were read and were not compared; run the command again",
            account.summaries.changing
        ));
    }
}
