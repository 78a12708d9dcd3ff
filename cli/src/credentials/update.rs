//! `callbook credential update`: changes role, vendor, DIDs, products, the limit on call starts and the watched silence.

use anyhow::{Context, Result, bail, ensure};
use callbook::ledger::{CredentialUpdateRefusal, Update};
use callbook::model::credential::{Credential, CredentialKind, Product};

use super::view::{FIELDS, not_found, vendor_not_found, view};
use crate::args::{CredentialRef, CredentialUpdateArgs};
use crate::{output, store};

/// Runs the command.
///
/// # Errors
/// Returns an error if an option is not for the credential's kind, the credential or the vendor does not exist,
/// the credential is revoked, or DynamoDB does not answer in time.
pub async fn run(args: CredentialUpdateArgs) -> Result<()> {
    let CredentialUpdateArgs {
        credential: CredentialRef { id, account, store },
        role,
        vendor,
        no_vendor,
        dids,
        any_did,
        products,
        starts_per_minute,
        silent_after,
    } = args;
    let (vendor_given, dids_given) = (vendor.is_some() || no_vendor, !dids.is_empty() || any_did);
    ensure!(
        role.is_some()
            || vendor_given
            || dids_given
            || !products.is_empty()
            || starts_per_minute.is_some()
            || silent_after.is_some(),
        "nothing to change (see `callbook credential update --help`)"
    );
    let ledger = store::open(&store).await?;
    let credentials = ledger.credentials(&account).await?;
    let found = credentials.iter().find(|credential| credential.id == id);
    let kind = found.with_context(|| not_found(&account, &id))?.kind;
    check_billing_options(kind, vendor_given, dids_given)?;
    check_role(kind, role.is_some())?;
    check_starts(kind, starts_per_minute.is_some())?;
    note_products(kind, &products);
    let change = |credential: &mut Credential| {
        if let Some(role) = role {
            credential.set_role(role);
        }
        if vendor_given {
            credential.vendor.clone_from(&vendor);
        }
        if starts_per_minute.is_some() {
            credential.limits.starts_per_minute = starts_per_minute;
        }
        if let Some(minutes) = silent_after {
            credential.silent_after = Some(minutes).filter(|minutes| *minutes > 0);
        }
        if dids_given {
            credential.dids.clone_from(&dids);
        }
        if !products.is_empty() {
            credential.products.clone_from(&products);
            // A user of an earlier version has a role from now on, so that its products alone count.
            credential.role = credential.role();
        }
    };
    let updated = match ledger.update_credential(&account, &id, change).await? {
        Update::Updated(credential) => view(&credential),
        Update::NotFound => bail!(not_found(&account, &id)),
        Update::Refused(CredentialUpdateRefusal::Revoked) => {
            bail!("{id} is revoked, which cannot be undone; create a new credential")
        }
        Update::Refused(CredentialUpdateRefusal::VendorNotFound) => {
            bail!(vendor_not_found(&account))
        }
    };
    match store.json {
        true => output::json(&updated),
        false => output::record(&updated, &FIELDS),
    }
}

/// Checks that only a tld credential belongs to a vendor or is fenced to DIDs.
///
/// # Errors
/// Returns an error that names the option and the kind it is for.
pub fn check_billing_options(kind: CredentialKind, vendor: bool, dids: bool) -> Result<()> {
    ensure!(
        !(vendor || dids) || kind == CredentialKind::Tld,
        "--vendor and --did are only for tld credentials; a {} credential sends no bills",
        kind.as_str()
    );
    Ok(())
}

/// Checks that only a user has a role.
///
/// # Errors
/// Returns an error that names the option and the kind it is for.
pub fn check_role(kind: CredentialKind, role: bool) -> Result<()> {
    ensure!(
        !role || kind == CredentialKind::User,
        "--role is only for user credentials"
    );
    Ok(())
}

/// Checks that only a truecnam credential has a limit on call starts.
///
/// # Errors
/// Returns an error that names the option and the kind it is for.
pub fn check_starts(kind: CredentialKind, starts: bool) -> Result<()> {
    ensure!(
        !starts || kind == CredentialKind::Truecnam,
        "--starts-per-minute is only for truecnam credentials; a {} credential starts no calls",
        kind.as_str()
    );
    Ok(())
}

/// Prints a note for each product that a kind of credential cannot be used for.
pub fn note_products(kind: CredentialKind, products: &[Product]) {
    // Not an error: a vendor may want to test how its client handles a key for another product.
    for product in products {
        if !kind.products().contains(product) {
            let (kind, product) = (kind.as_str(), product.as_str());
            output::note(&format!(
                "note: a {kind} credential cannot be used for {product}"
            ));
        }
    }
}
