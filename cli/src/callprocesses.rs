//! `callbook callprocess ...`

use anyhow::{Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Ledger, Saved};
use callbook::model::account::Account;
use callbook::model::queue::{CallProcess, CallProcessId};
use serde_json::{Value, json};

use crate::accounts::{find, named, when};
use crate::args::{CallProcessArgs, CallProcessCommand, OneCallProcess};
use crate::{output, store};

const FIELDS: [&str; 4] = ["callprocess_id", "name", "default", "created_at"];

/// Runs the command.
///
/// # Errors
/// What the person at the terminal is told.
pub async fn run(command: CallProcessCommand) -> Result<()> {
    match command {
        CallProcessCommand::Add(args) => add(args).await,
        CallProcessCommand::List { account, store } => {
            let ledger = store::open(&store).await;
            let account = find(&ledger, &account).await?;
            let processes = ledger.call_processes(&account.id).await?;
            let processes: Vec<Value> = processes
                .iter()
                .map(|process| view(process, &account))
                .collect();
            if store.json {
                return output::json(&Value::Array(processes));
            }
            output::rows(&processes, &FIELDS, "The account has no call process.")
        }
        CallProcessCommand::Default(OneCallProcess { id, account, store }) => {
            let ledger = store::open(&store).await;
            let mut account = find(&ledger, &account).await?;
            let processes = ledger.call_processes(&account.id).await?;
            let Some(process) = processes.iter().find(|process| process.id == id) else {
                bail!("account {} has no call process {id}", account.id);
            };
            set_default(&ledger, &mut account, Some(id)).await?;
            show(&view(process, &account), store.json)
        }
        CallProcessCommand::Remove(OneCallProcess { id, account, store }) => {
            let ledger = store::open(&store).await;
            let mut account = find(&ledger, &account).await?;
            let removed = ledger.remove_call_process(&account.id, id).await?;
            ensure!(
                removed == Saved::Done,
                "account {} has no call process {id}",
                account.id
            );
            if account.callprocess_id == Some(id) {
                set_default(&ledger, &mut account, None).await?;
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
    let ledger = store::open(&store).await;
    let mut account = find(&ledger, &account).await?;
    let now = Clock::system().now();
    let process = CallProcess {
        id: id.map_or_else(|| CallProcessId::new(ids::number(now)), Ok)?,
        name: named("a name", &name)?,
        created_at: now,
    };
    if ledger.add_call_process(&account.id, &process).await? == Saved::Refused {
        bail!(
            "account {} has a call process {} already",
            account.id,
            process.id
        );
    }
    if default {
        set_default(&ledger, &mut account, Some(process.id)).await?;
    }
    show(&view(&process, &account), store.json)
}

async fn set_default(
    ledger: &Ledger,
    account: &mut Account,
    id: Option<CallProcessId>,
) -> Result<()> {
    account.callprocess_id = id;
    match ledger.save_account(account).await? {
        Saved::Done => Ok(()),
        Saved::Refused => bail!(
            "account {} was changed by somebody else a moment ago; try again",
            account.id
        ),
    }
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
        "created_at": when(process.created_at),
    })
}
