//! Finding the credential that a person names: by its id, or by a label that is no other's.

use anyhow::{Result, bail, ensure};
use callbook::ledger::Ledger;
use callbook::model::account::AccountId;
use callbook::model::credential::{Credential, Status};
use callbook::model::id::CredentialId;

use super::view::not_found;

/// Finds the credential of an account that `name` means. An id means that credential whatever the labels are; a label
/// means a revoked credential only if no other has it.
///
/// # Errors
/// Returns an error if there is none, or several have that label, or DynamoDB does not answer in time.
pub async fn named(ledger: &Ledger, account: &AccountId, name: &str) -> Result<Credential> {
    let mut all = ledger.credentials(account).await?;
    let id = CredentialId::parse(name).ok();
    if let Some(place) = all.iter().position(|one| Some(&one.id) == id.as_ref()) {
        return Ok(all.swap_remove(place));
    }
    ensure!(
        !name.trim().is_empty(),
        "name the credential by its id or its label"
    );
    all.retain(|one| one.label == name.trim());
    if all.iter().any(|one| one.status != Status::Revoked) {
        all.retain(|one| one.status != Status::Revoked);
    }
    match (all.pop(), all.as_slice()) {
        (Some(only), []) => Ok(only),
        (None, _) => bail!(not_found(account, name)),
        (Some(last), others) => {
            let ids = others.iter().chain([&last]).map(|one| one.id.as_str());
            bail!(
                "several credentials of account {account} have the label {}: {}; name one by its id",
                name.trim(),
                ids.collect::<Vec<_>>().join(", ")
            )
        }
    }
}
