//! `callbook credential`: creates, shows, lists, updates, rotates, disables, enables and revokes credentials.

mod named;
mod options;
mod rotate;
mod secret;
mod update;
mod view;

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, CredentialRefusal, CredentialRevoked, Ledger, Update};
use callbook::model::credential::{
    Credential, CredentialKind, Limits, NewCredential, NewSecret, Status,
};
use callbook::model::time::Instant;
use serde_json::{Value, json};

use crate::accounts::{find_account, parse_name};
use crate::args::{CredentialArgs, CredentialCommand, CredentialRef, LimitArgs};
use crate::{output, store};
use named::named;
use options::{billing_options, may_only_read, note_products, role_option, starts_option};
use view::{FIELDS, NO_ENTROPY, not_found, row, secret_fields, vendor_not_found, view};

/// Runs the command.
///
/// # Errors
/// Returns an error if an argument is not valid, the account or the credential does not exist, or DynamoDB
/// does not answer in time.
pub async fn run(command: CredentialCommand) -> Result<()> {
    match command {
        CredentialCommand::Create(args) => create(*args).await,
        CredentialCommand::List { account, store } => {
            let ledger = store::open(&store).await?;
            find_account(&ledger, &account).await?;
            let credentials = ledger.credentials(&account).await?;
            if store.json {
                return output::json(&credentials.iter().map(view).collect());
            }
            // `credential show` has the rest.
            let columns = ["credential_id", "kind", "label", "status", "rules"];
            let rows: Vec<Value> = credentials.iter().map(row).collect();
            output::rows(&rows, &columns, "The account has no credentials.")
        }
        CredentialCommand::Show(CredentialRef {
            name,
            account,
            store,
        }) => {
            let ledger = store::open(&store).await?;
            let shown = view(&named(&ledger, &account, &name).await?);
            if store.json {
                output::json(&shown)
            } else {
                output::record(&shown, &FIELDS)
            }
        }
        CredentialCommand::Update(args) => update::run(*args).await,
        CredentialCommand::Rotate(args) => rotate::run(*args).await,
        CredentialCommand::EndRotation(credential) => rotate::end(credential).await,
        CredentialCommand::Disable(credential) => set_status(credential, Status::Disabled).await,
        CredentialCommand::Enable(credential) => set_status(credential, Status::Active).await,
        CredentialCommand::Revoke(credential) => set_status(credential, Status::Revoked).await,
    }
}

/// Checks that no option is without effect on a credential of this kind.
///
/// # Errors
/// Returns an error that names the option and the kinds it is for.
fn check_options(args: &CredentialArgs) -> Result<()> {
    let kind = args.kind;
    let signs_in = matches!(kind, CredentialKind::User | CredentialKind::Integrator);
    ensure!(
        signs_in || args.accounts.len() == 1,
        "more than one --account is only for user and integrator credentials"
    );
    if args.name.is_some() {
        match kind {
            CredentialKind::Trestle => {
                bail!("--id is not for trestle credentials: a key has no id")
            }
            CredentialKind::Fonedynamics => bail!(
                "--id is not for fonedynamics credentials: a client signs in with the account's sid, which \
                 `callbook account create --sid` takes"
            ),
            CredentialKind::Tld
            | CredentialKind::Truecnam
            | CredentialKind::User
            | CredentialKind::Integrator => {}
        }
    }
    ensure!(
        !args.carrier || kind == CredentialKind::Truecnam,
        "--carrier is only for truecnam credentials; a {} credential cannot end calls",
        kind.as_str()
    );
    ensure!(
        !args.read_only || may_only_read(kind),
        "--read-only is only for fonedynamics, truecnam and integrator credentials: a {} credential {}",
        kind.as_str(),
        match kind {
            CredentialKind::User => "only reads with --role viewer",
            _ => "has nothing to read",
        }
    );
    ensure!(
        !(args.read_only && args.carrier),
        "--read-only and --carrier contradict each other: to end a call is to write"
    );
    let wrong = starts_option(kind, args.limits.starts_per_minute.is_some())
        .or_else(|| billing_options(kind, args.vendor.is_some(), !args.dids.is_empty()))
        .or_else(|| role_option(kind, args.role.is_some()));
    if let Some(wrong) = wrong {
        bail!(wrong);
    }
    note_products(kind, &args.products);
    Ok(())
}

async fn create(args: CredentialArgs) -> Result<()> {
    check_options(&args)?;
    let CredentialArgs {
        kind,
        accounts,
        name,
        secret_from,
        label,
        expires,
        products,
        endpoints,
        ips,
        limits,
        carrier,
        read_only,
        role,
        vendor,
        dids,
        store,
    } = args;
    let label = match label.trim() {
        "" => String::new(),
        label => parse_name("the label", label)?,
    };
    let ledger = store::open(&store).await?;
    let mut found = Vec::new();
    for id in &accounts {
        found.push(find_account(&ledger, id).await?);
    }
    let mut found = found.into_iter();
    let account = found.next().context("--account is missing")?;
    let expires = expires
        .map(|date| Instant::parse(&date, &account.zone).context("--expires is not a valid date"))
        .transpose()?;
    let now = Clock::system().now();
    ensure!(
        expires.is_none_or(|expires| expires > now),
        "--expires is in the past; give a later date"
    );
    let new = NewCredential {
        kind,
        account: account.id,
        accounts: found.map(|account| account.id).collect(),
        label,
        expires,
        products,
        endpoints,
        addresses: ips,
        limits: limits.or_defaults(kind),
        carrier,
        read_only,
        role,
        vendor,
        dids,
    };
    let name = match kind {
        CredentialKind::Fonedynamics => Some(account.sid.as_str().to_owned()),
        _ => name,
    };
    let chosen = secret_from
        .map(|source| secret::read(&source, kind, name.as_deref()))
        .transpose()?;
    let brought = chosen.is_some();
    let name = name.unwrap_or_else(ids::credential_name);
    let secret = match chosen {
        Some(chosen) => {
            secret::check_unused(&ledger, kind, &name, &chosen).await?;
            let salt = ids::salt().context(NO_ENTROPY)?;
            let hash = chosen.hash(kind, &name, salt)?;
            NewSecret::Chosen(chosen, hash)
        }
        None => NewSecret::Generated(ids::secret().context(NO_ENTROPY)?),
    };
    let (credential, issued) = new.issue_with(ids::credential_id(), name, secret, now);
    save(&ledger, &credential).await?;
    let mut shown = view(&credential);
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("name");
        fields.extend(secret_fields(kind, issued, brought));
    }
    if store.json {
        return output::json(&shown);
    }
    output::record(&shown, &FIELDS)?;
    output::note(match brought {
        true => {
            "The secret is the one that you gave. It cannot be shown again, because the ledger keeps only its hash."
        }
        false => {
            "Copy the secret now: it cannot be shown again, because the ledger keeps only its hash."
        }
    });
    Ok(())
}

/// Writes a new credential to the ledger.
///
/// # Errors
/// Returns an error if the credential's name is taken or DynamoDB does not answer in time.
pub async fn save(ledger: &Ledger, credential: &Credential) -> Result<()> {
    match ledger.create_credential(credential).await? {
        Creation::Created(()) | Creation::Exists(()) => Ok(()),
        Creation::Refused(CredentialRefusal::NameTaken) if credential.kind.is_found_by_secret() => {
            bail!(secret::taken(credential.kind))
        }
        Creation::Refused(CredentialRefusal::NameTaken) => bail!(
            "the name {} is taken; a name is never reused, not even after its credential was revoked",
            credential.name
        ),
        Creation::Refused(CredentialRefusal::VendorNotFound) => {
            bail!(vendor_not_found(&credential.account))
        }
        Creation::Refused(CredentialRefusal::AccountClosed) => bail!(
            "account {} is closed; `callbook account reopen {}` opens it again",
            credential.account,
            credential.account
        ),
    }
}

async fn set_status(credential: CredentialRef, status: Status) -> Result<()> {
    let CredentialRef {
        name,
        account,
        store,
    } = credential;
    let ledger = store::open(&store).await?;
    let id = named(&ledger, &account, &name).await?.id;
    match ledger.set_credential_status(&account, &id, status).await? {
        Update::Updated(()) => {}
        Update::NotFound => bail!(not_found(&account, id.as_str())),
        Update::Refused(CredentialRevoked) => {
            bail!("{id} is revoked, which cannot be undone; create a new credential")
        }
    }
    let updated = json!({ "credential_id": id.as_str(), "status": status.as_str() });
    if store.json {
        output::json(&updated)
    } else {
        output::record(&updated, &FIELDS)
    }
}

impl LimitArgs {
    /// Returns the limits of a new credential: those given, and the defaults of its kind for the rest.
    fn or_defaults(self, kind: CredentialKind) -> Limits {
        let Self {
            per_second,
            per_minute,
            per_day,
            per_month,
            starts_per_minute,
        } = self;
        let defaults = Limits::of_new(kind);
        let choose = |given: Option<u32>, default: Option<u32>| match given {
            None => default,
            Some(0) => None,
            Some(limit) => Some(limit),
        };
        Limits {
            per_second: choose(per_second, defaults.per_second),
            per_minute: choose(per_minute, defaults.per_minute),
            per_day: choose(per_day, defaults.per_day),
            per_month: choose(per_month, defaults.per_month),
            // 0 is kept, because an absent limit on starts is the default one.
            starts_per_minute: starts_per_minute.or(defaults.starts_per_minute),
        }
    }
}
