//! Which options are for which kinds of credentials.

use callbook::model::credential::{CredentialKind, Product};

use crate::output;

/// Says what is wrong with `--vendor` and `--did`, if they are not for the kind.
#[must_use]
pub fn billing_options(kind: CredentialKind, vendor: bool, dids: bool) -> Option<String> {
    let wrong = (vendor || dids) && kind != CredentialKind::Tld;
    wrong.then(|| {
        let kind = kind.as_str();
        format!(
            "--vendor and --did are only for tld credentials; a {kind} credential sends no bills"
        )
    })
}

/// Says what is wrong with `--role`, if it is not for the kind.
#[must_use]
pub fn role_option(kind: CredentialKind, role: bool) -> Option<String> {
    let wrong = role && kind != CredentialKind::User;
    wrong.then(|| "--role is only for user credentials".to_owned())
}

/// Says what is wrong with `--starts-per-minute`, if it is not for the kind.
#[must_use]
pub fn starts_option(kind: CredentialKind, starts: bool) -> Option<String> {
    let wrong = starts && kind != CredentialKind::Truecnam;
    wrong.then(|| {
        let kind = kind.as_str();
        format!(
            "--starts-per-minute is only for truecnam credentials; a {kind} credential starts no calls"
        )
    })
}

/// Whether a credential of this kind has something to read, and no role that says it.
#[must_use]
pub fn may_only_read(kind: CredentialKind) -> bool {
    match kind {
        CredentialKind::Fonedynamics | CredentialKind::Truecnam | CredentialKind::Integrator => {
            true
        }
        CredentialKind::Trestle | CredentialKind::Tld | CredentialKind::User => false,
    }
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
