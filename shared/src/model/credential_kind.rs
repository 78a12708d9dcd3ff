//! The kinds of clients that credentials are for.

use serde::{Deserialize, Serialize};

use super::product::Product;

/// The kind of client that a credential is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialKind {
    /// Trestle: one key in `x-api-key`, looked up by its hash.
    Trestle,
    /// TLD: an API id and an API key.
    Tld,
    /// TrueCNAM: a username and a password.
    Truecnam,
    /// TeleTracker: a person with one or more accounts, one of them the default.
    User,
    /// TeleTracker: a partner that acts for a list of accounts and has none of its own.
    Integrator,
    /// Fone Dynamics: an account's sid and a token.
    ///
    /// An account can have many tokens, so a credential is looked up by the hash of both.
    Fonedynamics,
}

impl CredentialKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Trestle,
        Self::Tld,
        Self::Truecnam,
        Self::User,
        Self::Integrator,
        Self::Fonedynamics,
    ];

    /// Returns the kind as commands and keys spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trestle => "trestle",
            Self::Tld => "tld",
            Self::Truecnam => "truecnam",
            Self::User => "user",
            Self::Integrator => "integrator",
            Self::Fonedynamics => "fonedynamics",
        }
    }

    /// Returns the products that a new credential of the kind may use by default.
    #[must_use]
    pub fn products(self) -> Vec<Product> {
        match self {
            Self::Trestle => vec![Product::PhoneFeedback],
            Self::Tld => vec![Product::InboundBillable],
            Self::Truecnam => vec![Product::CallerId],
            Self::User => vec![Product::CallData, Product::RapidResponse, Product::Callbook],
            Self::Integrator => Product::TELETRACKER.to_vec(),
            Self::Fonedynamics => vec![
                Product::Properties,
                Product::Numbers,
                Product::Addresses,
                Product::Calls,
            ],
        }
    }

    /// Whether a credential of the kind is looked up by a hash of its secret: a key without a name, or one
    /// of many tokens of a sid.
    #[must_use]
    pub fn is_found_by_secret(self) -> bool {
        matches!(self, Self::Trestle | Self::Fonedynamics)
    }
}
