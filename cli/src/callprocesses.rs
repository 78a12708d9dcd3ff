//! `callbook callprocess`: the call processes that rapid responses are queued for.

use anyhow::{Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, Deletion, Ledger};
use callbook::model::account::{Account, AccountId};
use callbook::model::queue::{CallProcess, CallProcessId};
use serde_json::{Value, json};

use crate::accounts::{find_account, format_instant, parse_name, update};
use crate::args::{CallProcessArgs, CallProcessCommand, CallProcessRef};
use crate::{output, store};

const FIELDS: [&str; 4] = ["callprocess_id", "name", "default", "created_at"];

/// Runs the command.
///
/// # Errors
/// Returns an error if an argument is not valid, the account or the call process does not exist, or DynamoDB
/// does not answer in time.
pub async fn run(command: CallProcessCommand) -> Result<()> {
    match command {
        CallProcessCommand::Add(args) => add(args).await,
        CallProcessCommand::List { account, store } => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            let processes = ledger.call_processes(&account.id).await?;
            let processes: Vec<Value> = processes
                .iter()
                .map(|process| view(process, &account))
                .collect();
            if store.json {
                return output::json(&Value::Array(processes));
            }
            output::rows(&processes, &FIELDS, "The account has no call processes.")
        }
        CallProcessCommand::Default(CallProcessRef { id, account, store }) => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            let processes = ledger.call_processes(&account.id).await?;
            let Some(process) = processes.iter().find(|process| process.id == id) else {
                bail!("account {} has no call process {id}", account.id);
            };
            let account = set_default(&ledger, &account.id, id).await?;
            show(&view(process, &account), store.json)
        }
        CallProcessCommand::Remove(CallProcessRef { id, account, store }) => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            let deleted = ledger.delete_call_process(&account.id, id).await?;
            ensure!(
                deleted == Deletion::Deleted,
                "account {} has no call process {id}",
                account.id
            );
            // It may have become the default since the account was read.
            if find_account(&ledger, &account.id).await?.callprocess_id == Some(id) {
                update(&ledger, &account.id, |account| {
                    account.callprocess_id.take_if(|default| *default == id);
                    Ok(())
                })
                .await?;
            }
            show(
                &json!({ "callprocess_id": id, "removed": true }),
                store.json,
            )
        }
    }
}

async fn add(args: CallProcessArgs) -> Result<()> {
    let CallProcessArgs {
        name,
        account,
        id,
        default,
        store,
    } = args;
    let ledger = store::open(&store).await?;
    let mut account = find_account(&ledger, &account).await?;
    let now = Clock::system().now();
    let process = CallProcess {
        id: id.map_or_else(|| CallProcessId::new(ids::number(now)), Ok)?,
        name: parse_name("the name", &name)?,
        created_at: now,
    };
    let created = ledger.create_call_process(&account.id, &process).await?;
    if created == Creation::Exists(()) {
        bail!(
            "account {} already has a call process {}",
            account.id,
            process.id
        );
    }
    if default {
        account = set_default(&ledger, &account.id, process.id).await?;
    }
    show(&view(&process, &account), store.json)
}

async fn set_default(ledger: &Ledger, account: &AccountId, id: CallProcessId) -> Result<Account> {
    update(ledger, account, |account| {
        account.callprocess_id = Some(id);
        Ok(())
    })
    .await
}

fn show(view: &Value, as_json: bool) -> Result<()> {
    if as_json {
        output::json(view)
    } else {
        output::record(
            view,
            &["callprocess_id", "name", "default", "created_at", "removed"],
        )
    }
}

fn view(process: &CallProcess, account: &Account) -> Value {
    json!({
        "callprocess_id": process.id,
        "name": process.name,
        "default": account.callprocess_id == Some(process.id),
        "created_at": format_instant(process.created_at),
    })
}
