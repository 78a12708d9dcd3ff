//! How credentials are shown, and what is said of one that does not exist.

use callbook::model::account::AccountId;
use callbook::model::credential::{Credential, CredentialKind, IssuedSecret, Role};
use serde_json::{Value, json};

use crate::accounts::format_instant;

/// The fields of one credential, in the order of the table.
pub const FIELDS: [&str; 26] = [
    "credential_id",
    "account_id",
    "accounts",
    "kind",
    "name",
    "label",
    "status",
    "expires",
    "products",
    "endpoints",
    "ips",
    "limits",
    "carrier",
    "read_only",
    "role",
    "vendor_id",
    "dids",
    "silent_after",
    "api_id",
    "api_key",
    "username",
    "password",
    "account_sid",
    "token",
    "former_until",
    "created_at",
];

/// Says that an account has no such credential.
#[must_use]
pub fn not_found(account: &AccountId, id: &str) -> String {
    format!(
        "account {account} has no credential {id}; `callbook credential list --account {account}` lists its credentials"
    )
}

/// Says that an account has no such vendor.
#[must_use]
pub fn vendor_not_found(account: &AccountId) -> String {
    format!(
        "account {account} has no such vendor; `callbook vendor list --account {account}` lists its vendors"
    )
}

/// Returns a credential as JSON, without the hash of its secret.
///
/// The name is null for the kinds whose name is derived from the secret.
#[must_use]
pub fn view(credential: &Credential) -> Value {
    let name = match credential.kind {
        CredentialKind::Trestle | CredentialKind::Fonedynamics => Value::Null,
        _ => json!(credential.name),
    };
    json!({
        "credential_id": credential.id.as_str(),
        "account_id": credential.account.as_str(),
        "accounts": credential.accounts,
        "kind": credential.kind.as_str(),
        "name": name,
        "label": credential.label,
        "status": credential.status.as_str(),
        "expires": credential.expires.map(format_instant),
        "products": credential.products,
        "endpoints": credential.endpoints,
        "ips": credential.addresses,
        "limits": credential.limits,
        "carrier": credential.carrier,
        "read_only": credential.read_only,
        "role": credential.role().map(Role::as_str),
        "vendor_id": credential.vendor,
        "dids": credential.dids,
        "former_until": credential
            .former
            .as_ref()
            .map(|former| format_instant(former.until)),
        "silent_after": credential.silent_after,
        "created_at": format_instant(credential.created_at),
    })
}

/// Returns a row of the table of credentials.
///
/// `rules` lists everything that can differ between two credentials of one kind: rights and restrictions.
#[must_use]
pub fn row(credential: &Credential) -> Value {
    let mut rules = Vec::new();
    if credential.carrier {
        rules.push("carrier".to_owned());
    }
    if credential.read_only {
        rules.push("read-only".to_owned());
    }
    if credential.role() == Some(Role::Viewer) {
        rules.push("viewer".to_owned());
    }
    let mut add = |name: &str, values: Vec<String>| {
        if !values.is_empty() {
            rules.push(format!("{name}={}", values.join("+")));
        }
    };
    let products = &credential.products;
    if *products != credential.kind.products() {
        let products = products.iter().map(|product| product.as_str().to_owned());
        add("products", products.collect());
    }
    add(
        "accounts",
        credential
            .accounts
            .iter()
            .map(ToString::to_string)
            .collect(),
    );
    add(
        "endpoints",
        credential
            .endpoints
            .iter()
            .map(ToString::to_string)
            .collect(),
    );
    add(
        "ips",
        credential
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect(),
    );
    add(
        "vendor",
        credential.vendor.iter().map(ToString::to_string).collect(),
    );
    let dids = credential.dids.iter().map(|did| did.as_e164().to_owned());
    add("dids", dids.collect());
    let mut row = view(credential);
    if let Some(fields) = row.as_object_mut() {
        fields.insert("rules".to_owned(), json!(rules));
    }
    row
}

/// Says that there is no secret without randomness.
pub const NO_ENTROPY: &str =
    "cannot generate a secret: the system's random number generator failed";

/// Returns the sign-in fields under the names that the vendor's API gives them, without a secret that was
/// brought along.
#[must_use]
pub fn secret_fields(
    kind: CredentialKind,
    issued: IssuedSecret,
    brought: bool,
) -> serde_json::Map<String, Value> {
    let IssuedSecret { name, secret } = issued;
    let secret = Some(secret).filter(|_| !brought);
    let fields = match kind {
        CredentialKind::Trestle => vec![("api_key", secret)],
        CredentialKind::Tld => vec![("api_id", name), ("api_key", secret)],
        CredentialKind::Truecnam | CredentialKind::User | CredentialKind::Integrator => {
            vec![("username", name), ("password", secret)]
        }
        CredentialKind::Fonedynamics => vec![("account_sid", name), ("token", secret)],
    };
    fields
        .into_iter()
        .filter(|(_, value)| value.is_some())
        .map(|(field, value)| (field.to_owned(), json!(value)))
        .collect()
}
