//! The demo account of `callbook local`: its credentials and its initial records.

mod account;
mod fill;
mod fonedynamics;
mod requests;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::edge::DemoUser;
use callbook::ids;
use callbook::ledger::Ledger;
use callbook::model::account::AccountId;
use callbook::model::credential::{CredentialKind, NewCredential};
use callbook::model::property::PropertySid;
use callbook::model::queue::CallProcessId;
use callbook::model::sid::AccountSid;
use callbook::model::time::Zone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::args::{DemoArgs, DemoCommand, StoreArgs};
use crate::{credentials, output, store};
use callbook_local::folder;
use callbook_local::running::Running;

/// The demo account and its credentials: one of each kind, and a TrueCNAM one with carrier service.
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
    demo_data: Filler,
}

/// The credentials of the demo data, which `callbook demo fill` creates in the ledger.
#[derive(Serialize, Deserialize)]
struct Filler {
    /// A user who only reads.
    viewer: Login,
    /// Keys of vendors, by vendor.
    vendors: BTreeMap<String, Pair>,
}

/// The name of the key that is disabled.
const FORMER: &str = "delta-former";

/// The names of the vendors' keys.
const KEYS: [&str; 5] = ["acme", "bright", "cobalt", "delta", FORMER];

/// Fields that a file of an earlier version may lack: the JSON pointer of their object, and their name.
const ADDED_LATER: [(&str, &str); 5] = [
    ("/account", "callprocess_id"),
    ("", "user"),
    ("", "integrator"),
    ("", "fonedynamics"),
    ("", "demo_data"),
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

/// An API token of the account, and the property that its first numbers belong to.
#[derive(Serialize, Deserialize)]
struct Token {
    token: String,
    property_sid: PropertySid,
}

impl Demo {
    /// Reads `file` from an earlier start, and generates whatever is missing from it.
    ///
    /// The completed file is written before anything is created in the ledger, so the next start completes a
    /// start that was interrupted. Without a file, everything is generated, with `zone` as the account's time zone.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or written, its contents are not valid, or they have another zone
    /// than the one that is asked for.
    pub fn load(file: Option<&Path>, zone: Option<&Zone>) -> Result<Self> {
        let demo = Self::load_or_generate(file, zone)?;
        let own = &demo.account.timezone;
        ensure!(
            zone.is_none_or(|zone| zone == own),
            "the demo account is there already, in the time zone {}; change it with `callbook account update`",
            own.name()
        );
        Ok(demo)
    }

    fn load_or_generate(file: Option<&Path>, zone: Option<&Zone>) -> Result<Self> {
        let mut generated = Self::generate()?;
        if let Some(zone) = zone {
            generated.account.timezone = zone.clone();
        }
        let Some(file) = file else {
            return Ok(generated);
        };
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                folder::replace(file, &serde_json::to_vec_pretty(&generated)?)?;
                return Ok(generated);
            }
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot read the file {}", file.display()));
            }
        };
        let (demo, completed) = Self::read(&text, &generated).with_context(|| {
            format!(
                "the demo credentials in {} are not valid; remove the file to generate new ones",
                file.display()
            )
        })?;
        if completed {
            folder::replace(file, &serde_json::to_vec_pretty(&demo)?)?;
        }
        Ok(demo)
    }

    /// Parses a file of any version. Returns whether it was completed with fields of `generated`.
    fn read(text: &[u8], generated: &Self) -> Result<(Self, bool)> {
        let mut stored: Value = serde_json::from_slice(text)?;
        let generated = serde_json::to_value(generated)?;
        let mut completed = false;
        for (pointer, name) in ADDED_LATER {
            let new = generated
                .pointer(pointer)
                .and_then(|object| object.get(name));
            let object = stored.pointer_mut(pointer).and_then(Value::as_object_mut);
            if let (Some(new), Some(object)) = (new, object)
                && !object.contains_key(name)
            {
                object.insert(name.to_owned(), new.clone());
                completed = true;
            }
        }
        Ok((serde_json::from_value(stored)?, completed))
    }

    /// Returns the user that the console offers.
    #[must_use]
    pub fn user(&self) -> DemoUser {
        DemoUser {
            username: self.user.username.clone(),
            password: self.user.password.clone(),
        }
    }

    fn generate() -> Result<Self> {
        let secret = || {
            ids::secret()
                .context("cannot generate a secret: the system's random number generator failed")
        };
        let login = || {
            Ok::<_, anyhow::Error>(Login {
                username: ids::credential_name(),
                password: secret()?,
            })
        };
        let pair = || {
            Ok::<_, anyhow::Error>(Pair {
                api_id: ids::credential_name(),
                api_key: secret()?,
            })
        };
        let names = KEYS.into_iter();
        let vendors: Result<_> = names.map(|name| Ok((name.to_owned(), pair()?))).collect();
        Ok(Self {
            account: DemoAccount {
                account_id: ids::account_id(),
                account_sid: ids::account_sid(),
                timezone: Zone::utc(),
                callprocess_id: CallProcessId::new(ids::number(Clock::system().now()))?,
            },
            trestle: Key { api_key: secret()? },
            tld: pair()?,
            truecnam: login()?,
            truecnam_carrier: login()?,
            user: login()?,
            integrator: login()?,
            fonedynamics: Token {
                token: secret()?,
                property_sid: ids::property_sid(),
            },
            demo_data: Filler {
                viewer: login()?,
                vendors: vendors?,
            },
        })
    }

    /// Creates whatever the ledger lacks. Existing records stay as they are, even disabled or revoked ones.
    ///
    /// # Errors
    /// Returns an error if DynamoDB does not answer in time, or another process takes an ID or a name.
    pub async fn create_missing(&self, ledger: &Ledger) -> Result<()> {
        self.account.create_missing(ledger, "Demo").await?;
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
            let lookup_name = kind.fast_name(name, secret);
            let lookup_name = lookup_name.unwrap_or_else(|| name.to_owned());
            if ledger.credential(kind, &lookup_name).await?.is_none() {
                let new = NewCredential {
                    label: "demo".to_owned(),
                    carrier,
                    ..NewCredential::of(kind, account.clone())
                };
                let (credential, _secret) = new.issue(
                    ids::credential_id(),
                    name.to_owned(),
                    secret.clone(),
                    Clock::system().now(),
                );
                credentials::save(ledger, &credential).await?;
            }
        }
        self.create_missing_numbers(ledger).await
    }

    /// Reads what [`Demo::credentials_file`] wrote.
    fn of_credentials(credentials: &Value) -> Result<Self> {
        serde_json::from_value(credentials.clone()).context("its credentials cannot be read")
    }

    /// The ID of the demo account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account.account_id
    }

    /// Returns the contents of the file that `--credentials` names.
    #[must_use]
    pub fn credentials_file(&self, base_url: &str) -> Value {
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
            "demo_data": self.demo_data,
        })
    }
}

/// `callbook demo`: prints the requests of the running `callbook local`, or fills it with data.
///
/// # Errors
/// Returns an error if none runs, or several do and the arguments do not name one, or as [`Demo::fill`] does.
pub async fn run(args: &DemoArgs) -> Result<()> {
    let mut running = Running::all();
    running.retain(|running| running.base_url.is_some() && !running.demo.is_null());
    if let Some(url) = &args.url {
        let url = url.trim_end_matches('/');
        running.retain(|running| running.base_url.as_deref() == Some(url));
    }
    // Of several, the one in the default folder is first.
    let found = match running.as_slice() {
        [] => bail!("no `callbook local` runs here; start it in another terminal"),
        [found] => found,
        [found, ..] if found.is_default => found,
        several => {
            let urls: Vec<_> = several
                .iter()
                .filter_map(|running| Some(format!("  --url {}", running.base_url.as_ref()?)))
                .collect();
            bail!("several run; say which one:\n{}", urls.join("\n"))
        }
    };
    let base_url = found.base_url.as_deref().unwrap_or_default();
    if let Some(DemoCommand::Fill(fill)) = &args.command {
        let demo = Demo::of_credentials(&found.demo)?;
        let folder = found.folder.as_deref().unwrap_or(Path::new("."));
        let ledger = running_ledger(found).await?;
        let filled = demo.fill(&ledger, (base_url, folder), fill).await?;
        return match args.json {
            true => output::json(&filled.json()),
            false => output::print(&filled.text()),
        };
    }
    if args.json {
        return output::json(&found.demo);
    }
    let demo = Demo::of_credentials(&found.demo)?;
    output::print(&demo.requests(base_url))
}

/// Opens the ledger of a running `callbook local`.
async fn running_ledger(running: &Running) -> Result<Ledger> {
    store::open(&StoreArgs {
        table: Some(running.table.clone()),
        endpoint_url: Some(running.endpoint.parse()?),
        profile: None,
        region: None,
        json: false,
    })
    .await
}

/// Checks that a file does not exist, or is a credentials file of an earlier run, so that nothing else is lost.
///
/// # Errors
/// Returns an error that names the file if it is another one.
pub fn may_replace(file: &Path) -> Result<()> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the file {}", file.display()));
        }
    };
    let stored: Value = serde_json::from_slice(&text).unwrap_or_default();
    ensure!(
        stored.get("base_url").is_some() && stored.get("tld").is_some(),
        "the file {} exists already and is no credentials file of `callbook local`; name another one with --credentials",
        file.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of an earlier version is one of today without the fields that were added later.
    #[test]
    fn a_file_of_an_earlier_version_is_read_and_completed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.json");
        let to_json = |demo: &Demo| serde_json::to_value(demo).unwrap();
        let first = to_json(&Demo::load(Some(&file), None).unwrap());
        assert_eq!(to_json(&Demo::load(Some(&file), None).unwrap()), first);
        let mut earlier = first;
        for (pointer, name) in ADDED_LATER {
            let object = earlier.pointer_mut(pointer).unwrap();
            object.as_object_mut().unwrap().remove(name).unwrap();
        }
        fs::write(&file, earlier.to_string()).unwrap();
        let completed = to_json(&Demo::load(Some(&file), None).unwrap());
        for (name, stored) in earlier.as_object().unwrap() {
            let now = completed.get(name).unwrap();
            match stored.as_object() {
                Some(stored) => stored.iter().for_each(|(field, stored)| {
                    assert_eq!(now.get(field), Some(stored), "{name}");
                }),
                None => assert_eq!(now, stored, "{name}"),
            }
        }
        for (pointer, name) in ADDED_LATER {
            let now = completed.pointer(pointer).and_then(|o| o.get(name));
            assert!(now.is_some_and(|now| !now.is_null()), "{name} is added");
        }
        let read: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(read, completed, "the completed file is written");
    }

    #[test]
    fn an_invalid_file_is_an_error_and_stays_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.json");
        for text in ["", "[]", "{}", r#"{"account":{"account_id":"1"}}"#] {
            fs::write(&file, text).unwrap();
            assert!(Demo::load(Some(&file), None).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }
}
