//! `callbook account`: creates, shows, lists, updates, closes and reopens accounts.

mod closing;
mod deleting;
mod view;

use anyhow::{Context, Result, anyhow, bail, ensure};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, ExistsDifferent, Ledger, Update};
use callbook::model::account::{Account, AccountId};
use callbook::model::retention::TooShort;
use callbook::model::short_text::ShortText;
use callbook::model::time::Zone;
use serde_json::Value;

use crate::args::{AccountCommand, SettingsArgs, SwitchArgs};
use crate::{output, store};
pub use view::{format_instant, not_found};
use view::{show, view};

/// Runs the command.
///
/// # Errors
/// Returns an error if an argument is not valid, the account does not exist, or DynamoDB does not answer in
/// time.
pub async fn run(command: AccountCommand) -> Result<()> {
    match command {
        AccountCommand::Create {
            name,
            id,
            sid,
            currency,
            settings,
            store,
        } => {
            let ledger = store::open(&store).await?;
            if let Some(sid) = &sid {
                let accounts = ledger.accounts().await?;
                ensure!(
                    accounts.iter().all(|account| account.sid != *sid),
                    "the account sid {} is taken; give another, or none for a random one",
                    sid.as_str()
                );
            }
            let given = id.is_some();
            let mut account = Account::new(
                id.unwrap_or_else(ids::account_id),
                sid.unwrap_or_else(ids::account_sid),
                parse_name("the name", &name)?,
                Zone::utc(),
                Clock::system().now(),
            );
            account.currency = currency;
            settings.apply(&mut account)?;
            match ledger.create_account(&account).await? {
                Creation::Created(()) | Creation::Exists(()) => {}
                Creation::Refused(ExistsDifferent) if given => bail!(
                    "the account ID {} is taken; `callbook account show {}` shows its account",
                    account.id,
                    account.id
                ),
                Creation::Refused(ExistsDifferent) => {
                    bail!("the generated account ID is taken; run the command again")
                }
            }
            show(&account, store.json)
        }
        AccountCommand::Show { id, store } => {
            let ledger = store::open(&store).await?;
            show(&find_account(&ledger, &id).await?, store.json)
        }
        AccountCommand::List { store } => {
            let accounts = store::open(&store).await?.accounts().await?;
            let accounts: Vec<Value> = accounts.iter().map(view).collect();
            if store.json {
                return output::json(&Value::Array(accounts));
            }
            let columns = [
                "account_id",
                "name",
                "timezone",
                "carrier",
                "trueclid",
                "created_at",
            ];
            output::rows(
                &accounts,
                &columns,
                "There are no accounts. Create one with `callbook account create`.",
            )
        }
        AccountCommand::Update {
            id,
            name,
            settings,
            store,
        } => {
            ensure!(
                name.is_some() || settings.any(),
                "nothing to change: give --name or a setting (see `callbook account update --help`)"
            );
            let ledger = store::open(&store).await?;
            let name = name
                .as_deref()
                .map(|name| parse_name("the name", name))
                .transpose()?;
            let account = update(&ledger, &id, |account| {
                set(&mut account.name, name.clone());
                settings.clone().apply(account)
            });
            show(&account.await?, store.json)
        }
        AccountCommand::Close(args) if args.delete => deleting::delete(*args).await,
        AccountCommand::Close(args) => {
            closing::close(args.id, args.release_numbers, &args.store).await
        }
        AccountCommand::Reopen { id, store } => closing::reopen(id, &store).await,
    }
}

/// Returns the account with an ID.
///
/// # Errors
/// Returns an error if the account does not exist or DynamoDB does not answer in time.
pub async fn find_account(ledger: &Ledger, id: &AccountId) -> Result<Account> {
    let account = account_of(ledger, id).await?;
    if !account.is_migrated() {
        output::note(&format!(
            "Account {id} has calls and costs of an earlier version, which lists and sums leave out. Run \
             `callbook migrate`."
        ));
    }
    if account.is_closed() {
        output::note(&format!(
            "Account {id} is closed; `callbook account reopen {id}` opens it again."
        ));
    }
    Ok(account)
}

/// Returns the account with an ID, whichever version wrote its calls and costs.
///
/// # Errors
/// Returns an error if the account does not exist, or DynamoDB does not answer in time.
pub async fn account_of(ledger: &Ledger, id: &AccountId) -> Result<Account> {
    ledger.account(id).await?.with_context(|| not_found(id))
}

/// Updates the account with an ID, and returns it.
///
/// `change` runs again, on the current account, if another update of the account came first.
///
/// # Errors
/// Returns an error if the account does not exist, `change` fails, or DynamoDB does not answer in time.
pub async fn update(
    ledger: &Ledger,
    id: &AccountId,
    change: impl Fn(&mut Account) -> Result<()>,
) -> Result<Account> {
    match ledger.update_account(id, change).await? {
        Update::Updated(account) => Ok(account),
        Update::NotFound => bail!(not_found(id)),
    }
}

/// Checks that an account keeps its calls and costs for as long as requests promise.
///
/// # Errors
/// Returns an error with every reason why it does not.
pub fn check_retention(account: &Account) -> Result<()> {
    let checked = account.retention().check(account.billing_window_days);
    checked.map_err(|reasons| {
        let reasons: Vec<String> = reasons.iter().map(TooShort::to_string).collect();
        anyhow!(reasons.join("; "))
    })
}

/// Parses a display name or a label; `what` is the subject of the error message.
///
/// # Errors
/// Returns an error if the text is empty, too long, or contains a control character such as a line break. The
/// error does not quote the text.
pub fn parse_name(what: &str, text: &str) -> Result<String> {
    let name = ShortText::<256>::parse(text)
        .with_context(|| format!("{what} must be 1 to 256 characters on one line"))?;
    Ok(name.into())
}

impl SettingsArgs {
    /// Returns whether any setting is given.
    fn any(&self) -> bool {
        *self != Self::default()
    }

    fn apply(self, account: &mut Account) -> Result<()> {
        let Self {
            timezone,
            resp_type,
            resp_format,
            switches,
            billing_window_days,
            repeat_window_minutes,
            live_call_hours,
            same_call_seconds,
            rebill,
            date_order,
            shards,
            vendor_id,
        } = self;
        let SwitchArgs {
            carrier,
            trueclid,
            registered_dids_only,
            tldialer,
            advanced_call_log,
        } = switches;
        if let Some(shards) = shards {
            ensure!(
                shards >= account.shards,
                "account {} has {} shards; the number can only grow, because fewer shards would hide calls",
                account.id,
                account.shards
            );
        }
        set(&mut account.zone, timezone);
        set(&mut account.resp_type, resp_type);
        set(&mut account.resp_format, resp_format);
        set(&mut account.carrier, carrier);
        set(&mut account.trueclid, trueclid);
        set(&mut account.registered_dids_only, registered_dids_only);
        set(&mut account.tldialer, tldialer);
        set(&mut account.advanced_call_log, advanced_call_log);
        set(&mut account.billing_window_days, billing_window_days);
        if billing_window_days.is_some() {
            check_retention(account)?;
        }
        set(&mut account.repeat_window_minutes, repeat_window_minutes);
        set(&mut account.live_call_hours, live_call_hours);
        set(&mut account.same_call_seconds, same_call_seconds);
        set(&mut account.rebill, rebill);
        set(&mut account.date_order, date_order);
        set(&mut account.shards, shards);
        set(&mut account.vendor_id, vendor_id);
        Ok(())
    }
}

fn set<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}
