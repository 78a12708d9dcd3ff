//! `callbook migrate`: converts what an earlier version wrote, and what `callbook local` does of it by itself.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use callbook::clock::Clock;
use callbook::ledger::{Ledger, LeftItem, Migrated, OldItems, Sum};
use callbook::model::account::{Account, AccountId};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::accounts::account_of;
use crate::args::MigrateArgs;
use crate::{output, store};

/// Converts every account, or one. 1 stands for items that could not be converted.
///
/// # Errors
/// Returns an error if the account does not exist, or DynamoDB does not answer in time. The same command goes
/// on where it stopped.
pub async fn run(args: MigrateArgs) -> Result<ExitCode> {
    let ledger = store::open(&args.store).await?;
    let accounts = match &args.account {
        Some(id) => vec![account_of(&ledger, id).await?],
        None => ledger.accounts().await?,
    };
    let (mut done, others) = migrate(&ledger, accounts).await?;
    if args.account.is_none() {
        done.extend(others.into_iter().map(without_account));
    }
    report(&done, args.store.json)?;
    Ok(match done.iter().all(|(_, done)| done.left.is_empty()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Converts the accounts of a ledger of this machine that an earlier version wrote, before it is served, and
/// says so in a line each.
///
/// # Errors
/// As [`run`].
pub async fn migrate_own(ledger: &Ledger) -> Result<()> {
    let accounts = ledger.accounts().await?.into_iter();
    let (present, old): (Vec<Account>, Vec<Account>) =
        accounts.partition(|account| account.is_migrated());
    for account in present {
        ledger.move_ended_assignments(&account.id).await?;
    }
    if old.is_empty() {
        return Ok(());
    }
    let (done, _others) = migrate(ledger, old).await?;
    for (account, done) in done {
        let (calls, costs) = (done.calls, done.costs.acknowledged.count);
        output::note(&format!(
            "Account {account} was written by an earlier version. Converted: {} and {}.",
            output::counted(calls, "call"),
            output::counted(usize::try_from(costs).unwrap_or(usize::MAX), "cost"),
        ));
        for LeftItem { item, why } in done.left {
            output::note(&format!("{item} is not: {why}."));
        }
    }
    Ok(())
}

/// What was converted of each account, and how much there is of accounts that are not among them.
type Done = (Vec<(AccountId, Migrated)>, Vec<(AccountId, usize)>);

/// What is left of an account that does not exist.
fn without_account((id, facts): (AccountId, usize)) -> (AccountId, Migrated) {
    let left = LeftItem {
        item: match facts {
            1 => "1 call or cost".to_owned(),
            _ => format!("{facts} calls and costs"),
        },
        why: "the account does not exist".to_owned(),
    };
    let left = vec![left];
    (
        id,
        Migrated {
            left,
            ..Migrated::default()
        },
    )
}

async fn migrate(ledger: &Ledger, accounts: Vec<Account>) -> Result<Done> {
    let reading = ProgressBar::new_spinner();
    let mut all = ledger
        .find_old(&|items| {
            reading.set_message(format!("{items} items read"));
            reading.tick();
        })
        .await?;
    reading.finish_and_clear();
    let found: BTreeMap<AccountId, (Account, OldItems)> = accounts
        .into_iter()
        .map(|account| {
            let old = all.remove(&account.id).unwrap_or_default();
            (account.id.clone(), (account, old))
        })
        .collect();
    let facts: usize = found.values().map(|(_, old)| old.len()).sum();
    let progress = ProgressBar::new(u64::try_from(facts)?);
    progress.set_style(ProgressStyle::with_template(
        "{bar:30} {pos}/{len} calls and costs {eta}",
    )?);
    let mut done = Vec::new();
    for (id, (account, old)) in found {
        let now = Clock::system().now();
        let count = || progress.inc(1);
        let migrated = ledger.migrate(&account, &old, now, &count).await?;
        done.push((id, migrated));
    }
    progress.finish_and_clear();
    let others = all.into_iter().map(|(id, old)| (id, old.len()));
    Ok((done, others.collect()))
}

/// The sums of an account's costs, with their names.
fn sums(done: &Migrated) -> [(&'static str, &Sum); 6] {
    let costs = &done.costs;
    [
        ("acknowledged", &costs.acknowledged),
        ("in_force", &costs.in_force),
        ("superseded", &costs.superseded),
        ("void", &costs.void),
        ("matched", &costs.matched),
        ("unmatched", &costs.unmatched),
    ]
}

fn report(done: &[(AccountId, Migrated)], as_json: bool) -> Result<()> {
    if as_json {
        let accounts: Vec<Value> = done.iter().map(|(id, done)| view(id, done)).collect();
        return output::json(&Value::Array(accounts));
    }
    let rows: Vec<Value> = done
        .iter()
        .map(|(id, done)| {
            let sums = sums(done).map(|(name, sum)| (name, json!(sum.four_places())));
            with(view_of(id, done), sums, json!(done.left.len()))
        })
        .collect();
    let columns = [
        "account_id",
        "calls",
        "joined",
        "acknowledged",
        "in_force",
        "superseded",
        "unmatched",
        "left",
    ];
    output::rows(&rows, &columns, "There are no accounts.")?;
    for (id, done) in done {
        if done.assignments > 0 {
            let moved = output::counted(done.assignments, "ended number assignment");
            output::note(&format!(
                "account {id}: {moved} moved to where lists find them"
            ));
        }
        for LeftItem { item, why } in &done.left {
            output::note(&format!("account {id}: {item} is not converted: {why}"));
        }
    }
    Ok(())
}

fn view(id: &AccountId, done: &Migrated) -> Value {
    let left = done.left.iter();
    let left: Vec<Value> = left
        .map(|left| json!({"item": left.item, "why": left.why}))
        .collect();
    let sums = sums(done).map(|(name, sum)| {
        let sum = json!({"count": sum.count, "amount": sum.four_places()});
        (name, sum)
    });
    with(view_of(id, done), sums, Value::Array(left))
}

fn view_of(id: &AccountId, done: &Migrated) -> Map<String, Value> {
    [
        ("account_id", json!(id.as_str())),
        ("calls", json!(done.calls)),
        ("joined", json!(done.joined)),
        ("assignments", json!(done.assignments)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn with(mut view: Map<String, Value>, sums: [(&str, Value); 6], left: Value) -> Value {
    view.extend(sums.map(|(name, sum)| (name.to_owned(), sum)));
    view.insert("left".to_owned(), left);
    Value::Object(view)
}
