//! `callbook credential rotate` and `end-rotation`: a new secret, and an end of the former one.

use anyhow::{Context, Result, bail};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{NextSecret, RotationRefusal, Update};
use callbook::model::credential::{CredentialKind, IssuedSecret, NewSecret};
use serde_json::{Value, json};

use super::named::named;
use super::secret;
use super::view::{FIELDS, NO_ENTROPY, not_found, secret_fields, view};
use crate::accounts::{find_account, format_instant};
use crate::args::{CredentialRef, RotateArgs};
use crate::{output, store};

/// Runs `callbook credential rotate`.
///
/// # Errors
/// Returns an error if the credential does not exist, is revoked, or still has the secret of before; if the secret
/// that is brought along is not good enough or is taken; or if DynamoDB does not answer in time.
pub async fn run(args: RotateArgs) -> Result<()> {
    let RotateArgs {
        credential:
            CredentialRef {
                name: wanted,
                account,
                store,
            },
        overlap,
        secret_from,
    } = args;
    let ledger = store::open(&store).await?;
    let owner = find_account(&ledger, &account).await?;
    let found = &named(&ledger, &account, &wanted).await?;
    let id = found.id.clone();
    let kind = found.kind;
    let shown = match kind {
        CredentialKind::Trestle => None,
        CredentialKind::Fonedynamics => Some(owner.sid.as_str().to_owned()),
        _ => Some(found.name.clone()),
    };
    let public = shown.clone().unwrap_or_default();
    let brought = secret_from.is_some();
    let new = match secret_from {
        Some(source) => {
            let chosen = secret::read(&source, kind, shown.as_deref())?;
            secret::check_unused(&ledger, kind, &public, &chosen).await?;
            // One hash of what a client presents has to tell of both secrets.
            let hash = chosen.hash(kind, &public, secret::salt_beside(found)?)?;
            NewSecret::Chosen(chosen, hash)
        }
        None => NewSecret::Generated(ids::secret().context(NO_ENTROPY)?),
    };
    let (stored, name, text) = new.stored(kind, &public);
    let now = Clock::system().now();
    let next = NextSecret {
        name,
        secret: stored,
        until: (!overlap.is_zero()).then(|| now.plus(overlap)),
        now,
    };
    let rotated = match ledger.rotate_credential(&account, &id, &next).await? {
        Update::Updated(credential) => credential,
        Update::NotFound => bail!(not_found(&account, id.as_str())),
        Update::Refused(RotationRefusal::Revoked) => {
            bail!("{id} is revoked, which cannot be undone; create a new credential")
        }
        Update::Refused(RotationRefusal::StillTwo(until)) => bail!(
            "{id} has two secrets until {}, and a third would end one that may be in use; first run `callbook \
             credential end-rotation {id} --account {account}`",
            format_instant(until)
        ),
        Update::Refused(RotationRefusal::NameTaken) => bail!(secret::taken(kind)),
    };
    let mut record = view(&rotated);
    if let Some(fields) = record.as_object_mut() {
        fields.remove("name");
        let issued = IssuedSecret {
            name: shown,
            secret: text,
        };
        fields.extend(secret_fields(kind, issued, brought));
    }
    print(&record, store.json)?;
    output::note(match brought {
        true => "The new secret is the one that you gave.",
        false => {
            "Copy the secret now: it cannot be shown again, because the ledger keeps only its hash."
        }
    });
    output::note(&match next.until {
        Some(until) => format!(
            "Both secrets are good until {}. Functions know the new one at once.",
            format_instant(until)
        ),
        None => "The former secret is refused within 30 seconds.".to_owned(),
    });
    Ok(())
}

/// Runs `callbook credential end-rotation`.
///
/// # Errors
/// Returns an error if the credential does not exist, or DynamoDB does not answer in time.
pub async fn end(credential: CredentialRef) -> Result<()> {
    let CredentialRef {
        name,
        account,
        store,
    } = credential;
    let ledger = store::open(&store).await?;
    let found = named(&ledger, &account, &name).await?;
    let (id, had_two) = (found.id, found.former.is_some());
    let now = Clock::system().now();
    let Update::Updated(credential) = ledger.end_rotation(&account, &id, now).await? else {
        bail!(not_found(&account, id.as_str()));
    };
    print(&view(&credential), store.json)?;
    output::note(match had_two {
        true => "The former secret is refused within 30 seconds.",
        false => "Nothing changed: the credential has one secret.",
    });
    Ok(())
}

fn print(record: &Value, as_json: bool) -> Result<()> {
    match as_json {
        true => output::json(&json!(record)),
        false => output::record(record, &FIELDS),
    }
}
