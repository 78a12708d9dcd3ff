//! The demo account in the ledger.

use anyhow::{Result, bail};
use callbook::clock::Clock;
use callbook::ledger::{Creation, ExistsDifferent, Ledger};
use callbook::model::account::Account;
use callbook::model::queue::CallProcess;

use super::DemoAccount;
use crate::accounts::update;

impl DemoAccount {
    pub(super) async fn create_missing(&self, ledger: &Ledger, name: &str) -> Result<()> {
        let Self {
            account_id,
            account_sid,
            timezone,
            callprocess_id,
        } = self;
        let now = Clock::system().now();
        let process = CallProcess {
            id: *callprocess_id,
            name: name.to_owned(),
            created_at: now,
        };
        if let Some(account) = ledger.account(account_id).await? {
            if account.callprocess_id.is_none() {
                // An earlier version created the account, without a call process.
                let _created = ledger.create_call_process(account_id, &process).await?;
                update(ledger, account_id, |account| {
                    account.callprocess_id.get_or_insert(*callprocess_id);
                    Ok(())
                })
                .await?;
            }
            return Ok(());
        }
        let mut account = Account::new(
            account_id.clone(),
            account_sid.clone(),
            name.to_owned(),
            timezone.clone(),
            now,
        );
        account.callprocess_id = Some(*callprocess_id);
        // It exists already if an earlier start was interrupted.
        let _created = ledger.create_call_process(account_id, &process).await?;
        match ledger.create_account(&account).await? {
            Creation::Created(()) | Creation::Exists(()) => Ok(()),
            Creation::Refused(ExistsDifferent) => {
                bail!("another process is creating account {account_id}; try again")
            }
        }
    }
}
