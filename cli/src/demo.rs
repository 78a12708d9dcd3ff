//! The demo account of `callbook local`: its secrets, and what it begins with.

mod fonedynamics;
mod requests;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, ExistsDifferent, Ledger};
use callbook::model::account::{Account, AccountId};
use callbook::model::credential::{CredentialKind, Limits, NewCredential, SecretHash};
use callbook::model::property::PropertySid;
use callbook::model::queue::{CallProcess, CallProcessId};
use callbook::model::sid::AccountSid;
use callbook::model::time::Zone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::accounts::change;
use crate::credentials::keep;
use callbook_local::folder;

/// An account, and a credential for each dialect; calls are ended by a credential with carrier service.
#[derive(Serialize, Deserialize)]
pub struct Demo {
    account: DemoAccount,
    trestle: Key,
    tld: Pair,
    truecnam: Login,
    truecnam_carrier: Login,
    user: Login,
    integrator: Login,
    fonedynamics: Token,
}

/// What later versions have that a file of an earlier one may lack: where in it, and under which name.
const LATER: [(&str, &str); 4] = [
    ("/account", "callprocess_id"),
    ("", "user"),
    ("", "integrator"),
    ("", "fonedynamics"),
];

#[derive(Serialize, Deserialize)]
struct DemoAccount {
    account_id: AccountId,
    account_sid: AccountSid,
    timezone: Zone,
    callprocess_id: CallProcessId,
}

#[derive(Serialize, Deserialize)]
struct Key {
    api_key: String,
}

#[derive(Serialize, Deserialize)]
struct Pair {
    api_id: String,
    api_key: String,
}

#[derive(Serialize, Deserialize)]
struct Login {
    username: String,
    password: String,
}

/// A token of the account, and the property that its numbers begin on.
#[derive(Serialize, Deserialize)]
struct Token {
    token: String,
    property_sid: PropertySid,
}

impl Demo {
    /// What `file` has from an earlier start, with something new for what it lacks, all of which the file
    /// then has. It is written before the ledger hears of it, so a start that is cut short is taken up by
    /// the next.
    ///
    /// # Errors
    /// The file cannot be read, written or understood.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let fresh = Self::new()?;
        let Some(file) = file else { return Ok(fresh) };
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                folder::replace(file, &serde_json::to_vec_pretty(&fresh)?)?;
                return Ok(fresh);
            }
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", file.display()));
            }
        };
        let (demo, completed) = Self::read(&text, &fresh).with_context(|| {
            format!(
                "{} is not what it was written as; remove it for new ones",
                file.display()
            )
        })?;
        if completed {
            folder::replace(file, &serde_json::to_vec_pretty(&demo)?)?;
        }
        Ok(demo)
    }

    /// Reads what any version wrote, and says whether anything of `fresh` had to complete it.
    fn read(text: &[u8], fresh: &Self) -> Result<(Self, bool)> {
        let mut kept: Value = serde_json::from_slice(text)?;
        let fresh = serde_json::to_value(fresh)?;
        let mut completed = false;
        for (place, name) in LATER {
            let new = fresh.pointer(place).and_then(|object| object.get(name));
            let object = kept.pointer_mut(place).and_then(Value::as_object_mut);
            if let (Some(new), Some(object)) = (new, object)
                && !object.contains_key(name)
            {
                object.insert(name.to_owned(), new.clone());
                completed = true;
            }
        }
        Ok((serde_json::from_value(kept)?, completed))
    }

    fn new() -> Result<Self> {
        let secret = || ids::secret().context("this machine has no entropy for a secret");
        let login = || {
            Ok::<_, anyhow::Error>(Login {
                username: ids::credential_name(),
                password: secret()?,
            })
        };
        Ok(Self {
            account: DemoAccount {
                account_id: ids::account_id(),
                account_sid: ids::account_sid(),
                timezone: Zone::utc(),
                callprocess_id: CallProcessId::new(ids::number(Clock::system().now()))?,
            },
            trestle: Key { api_key: secret()? },
            tld: Pair {
                api_id: ids::credential_name(),
                api_key: secret()?,
            },
            truecnam: login()?,
            truecnam_carrier: login()?,
            user: login()?,
            integrator: login()?,
            fonedynamics: Token {
                token: secret()?,
                property_sid: ids::property_sid(),
            },
        })
    }

    /// Makes whatever of it the ledger lacks; what is there stays as it is, disabled or revoked too.
    ///
    /// # Errors
    /// The store's.
    pub async fn establish(&self, ledger: &Ledger) -> Result<()> {
        self.account.establish(ledger, "Demo").await?;
        let account = &self.account.account_id;
        let Self {
            trestle,
            tld,
            truecnam,
            truecnam_carrier,
            user,
            integrator,
            fonedynamics,
            ..
        } = self;
        for (kind, name, secret, carrier) in [
            (CredentialKind::Trestle, "", &trestle.api_key, false),
            (
                CredentialKind::Tld,
                tld.api_id.as_str(),
                &tld.api_key,
                false,
            ),
            (
                CredentialKind::Truecnam,
                &truecnam.username,
                &truecnam.password,
                false,
            ),
            (
                CredentialKind::Truecnam,
                &truecnam_carrier.username,
                &truecnam_carrier.password,
                true,
            ),
            (CredentialKind::User, &user.username, &user.password, false),
            (
                CredentialKind::Integrator,
                &integrator.username,
                &integrator.password,
                false,
            ),
            (
                CredentialKind::Fonedynamics,
                self.account.account_sid.as_str(),
                &fonedynamics.token,
                false,
            ),
        ] {
            let found_by = match kind {
                CredentialKind::Trestle => SecretHash::of(secret).to_hex(),
                CredentialKind::Fonedynamics => CredentialKind::name_of_token(name, secret),
                _ => name.to_owned(),
            };
            if ledger.credential(kind, &found_by).await?.is_none() {
                let new = NewCredential {
                    kind,
                    account: account.clone(),
                    accounts: Vec::new(),
                    label: "demo".to_owned(),
                    expires: None,
                    products: Vec::new(),
                    endpoints: Vec::new(),
                    addresses: Vec::new(),
                    limits: Limits::of_new(kind),
                    carrier,
                    read_only: false,
                };
                let (credential, _shown_already) = new.issue(
                    ids::credential_id(),
                    name.to_owned(),
                    secret.clone(),
                    Clock::system().now(),
                );
                keep(ledger, &credential).await?;
            }
        }
        self.fill_inventory(ledger).await
    }

    /// The demo account's number.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account.account_id
    }

    /// What `--credentials` writes.
    #[must_use]
    pub fn published(&self, base_url: &str) -> Value {
        json!({
            "base_url": base_url,
            "account": self.account,
            "trestle": self.trestle,
            "tld": self.tld,
            "truecnam": self.truecnam,
            "truecnam_carrier": self.truecnam_carrier,
            "user": self.user,
            "integrator": self.integrator,
            "fonedynamics": {
                "account_sid": self.account.account_sid,
                "token": self.fonedynamics.token,
                "property_sid": self.fonedynamics.property_sid,
            },
        })
    }
}

impl DemoAccount {
    async fn establish(&self, ledger: &Ledger, name: &str) -> Result<()> {
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
                // An earlier version made the account.
                let _created = ledger.create_call_process(account_id, &process).await?;
                change(ledger, account_id, |account| {
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
        // It exists if an earlier start was interrupted.
        let _created = ledger.create_call_process(account_id, &process).await?;
        match ledger.create_account(&account).await? {
            Creation::Created(()) | Creation::Exists(()) => Ok(()),
            Creation::Refused(ExistsDifferent) => {
                bail!("account {account_id} was made by somebody else a moment ago")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Taken away from what is written today, this is what each earlier version wrote.
    #[test]
    fn a_file_of_an_earlier_version_is_taken_up_and_completed() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("demo.json");
        let written = |demo: &Demo| serde_json::to_value(demo).unwrap();
        let first = written(&Demo::load(Some(&file)).unwrap());
        assert_eq!(written(&Demo::load(Some(&file)).unwrap()), first);
        let mut removed = first;
        for (place, name) in LATER {
            let object = removed.pointer_mut(place).unwrap();
            object.as_object_mut().unwrap().remove(name).unwrap();
        }
        let before = removed;
        fs::write(&file, before.to_string()).unwrap();
        let taken_up = written(&Demo::load(Some(&file)).unwrap());
        for (name, kept) in before.as_object().unwrap() {
            let now = taken_up.get(name).unwrap();
            match kept.as_object() {
                Some(kept) => kept
                    .iter()
                    .for_each(|(field, kept)| assert_eq!(now.get(field), Some(kept), "{name}")),
                None => assert_eq!(now, kept, "{name}"),
            }
        }
        for (place, name) in LATER {
            let now = taken_up.pointer(place).and_then(|o| o.get(name));
            assert!(now.is_some_and(|now| !now.is_null()), "{name} is new");
        }
        let read: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(read, taken_up, "and it is kept");
    }

    #[test]
    fn a_file_that_nobody_wrote_is_refused_and_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("demo.json");
        for text in ["", "[]", "{}", r#"{"account":{"account_id":"1"}}"#] {
            fs::write(&file, text).unwrap();
            assert!(Demo::load(Some(&file)).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }
}
