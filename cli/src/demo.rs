//! The demo accounts of `callbook local`, their secrets and the requests to try them with.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Ledger, Saved};
use callbook::model::account::{Account, AccountId, AccountSid};
use callbook::model::credential::{CredentialKind, Limits, NewCredential, SecretHash};
use callbook::model::queue::{CallProcess, CallProcessId};
use callbook::model::time::Zone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::credentials::keep;
use crate::folder;

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
}

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

impl Demo {
    /// What `file` has from an earlier start, else something new, which the file then has. It is written
    /// before the ledger hears of it, so a start that is cut short is taken up by the next.
    ///
    /// # Errors
    /// The file cannot be read, written or understood.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Self::new() };
        match fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).with_context(|| {
                format!(
                    "{} is not what it was written as; remove it for new ones",
                    file.display()
                )
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let demo = Self::new()?;
                folder::replace(file, &serde_json::to_vec_pretty(&demo)?)?;
                Ok(demo)
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
        }
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
        ] {
            let found_by = match kind {
                CredentialKind::Trestle => SecretHash::of(secret).to_hex(),
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
        Ok(())
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
        })
    }

    /// A request for each endpoint, to be pasted in this order: what is billed is the call that the
    /// query about its caller recorded.
    #[must_use]
    pub fn requests(&self, base_url: &str) -> String {
        let Self {
            trestle,
            tld,
            truecnam,
            truecnam_carrier,
            user,
            integrator,
            account: DemoAccount { account_id, .. },
        } = self;
        let key = &trestle.api_key;
        let tld = format!(
            "-H 'tld-api-id: {}' -H 'tld-api-key: {}'",
            tld.api_id, tld.api_key
        );
        let login = |of: &Login| format!("-d username={} -d password={}", of.username, of.password);
        let rapid = format!("{base_url}/voice/rapidresponse");
        let user = format!("-u '{}:{}'", user.username, user.password);
        let integrator = format!("{} -d account_id={account_id}", login(integrator));
        let (demo, carrier) = (login(truecnam), login(truecnam_carrier));
        let pair = "-d calling_number=12065550100 -d called_number=13105550111";
        let today = "-d start_date=$(date -u +%F) -d end_date=$(date -u +%F)";
        let json = "-H 'content-type: application/json'";
        let feedback = "{\"response_id\":\"T_demo\",\"phone\":\"+12065550100\",\"name\":\"Alice Example\",\
                        \"phone_status\":\"Connected\",\"phone_right_party_contact\":true}";
        let cost = "{\"did\":\"13105550111\",\"cid\":\"12065550100\",\"cost\":25.50}";
        let billable = format!("{base_url}/api/ingress/calls/inbound/billable");
        format!(
            "\
# Trestle: a dialed number was answered by the right person
curl -sS {base_url}/1.0/phone_feedback -H 'x-api-key: {key}' {json} -d '{feedback}'; echo
# TrueCNAM, the carrier's key: a call starts
curl -sS {base_url}/api/v1 {carrier} {pair} -d call_party=orig_call_start; echo
# TrueCNAM: that call reaches us; who is it?
curl -sS {base_url}/api/v1 {demo} {pair} -d call_party=terminating -d resp_type=extended; echo
# TrueCNAM, the carrier's key: the call is over
curl -sS {base_url}/api/v1 {carrier} {pair} -d call_party=orig_call_end; echo
# TLD: what the call cost, by JSON, by form and by path
curl -sS {billable} {tld} {json} -d '{cost}'; echo
curl -sS {billable} {tld} -d did=13105550111 -d cid=12065550100 -d cost=26.50; echo
curl -sS -X POST '{billable}/13105550111/12065550100?cost=27.50' {tld}; echo
# TeleTracker: today's calls and what they cost, as JSON and for a spreadsheet
curl -sS -G {user} {base_url}/reports/call-data {today} -d account_id={account_id}; echo
curl -sS -G {user} {base_url}/reports/call-data {today} -d format=csv
# TeleTracker: what a rapid response needs
curl -sS -X POST {user} {rapid}; echo
# TeleTracker: a callee for the dialer's queue; the second within the hour is refused
curl -sS {user} {rapid} -d callee=2065550100 -d 'whisper_text=Asked for a call back'; echo
curl -sS {user} {rapid} -d callee=2065550100 -d 'whisper_text=Asked for a call back'; echo
# TeleTracker: an integrator signs in on the account
curl -sS {base_url}/auth/login {integrator}; echo
# TeleTracker: it goes on by the token
curl -sS {rapid} -H \"authorization: Bearer $(curl -sS {base_url}/auth/login {integrator} | cut -d '\"' -f 10)\" -d callee=3105550111 -d 'whisper_text=By an integrator'; echo"
        )
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
        if ledger.account(account_id).await?.is_some() {
            return Ok(());
        }
        let now = Clock::system().now();
        let mut account = Account::new(
            account_id.clone(),
            account_sid.clone(),
            name.to_owned(),
            timezone.clone(),
            now,
        );
        account.callprocess_id = Some(*callprocess_id);
        let process = CallProcess {
            id: *callprocess_id,
            name: name.to_owned(),
            created_at: now,
        };
        // Refused is one that a start which was cut short has made.
        let _saved = ledger.add_call_process(account_id, &process).await?;
        match ledger.create_account(&account).await? {
            Saved::Done => Ok(()),
            Saved::Refused => bail!("account {account_id} was made by somebody else a moment ago"),
        }
    }
}
