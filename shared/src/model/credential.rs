//! Credentials: what a client shows, what it may do, and how fast.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::account::AccountId;
use super::id::CredentialId;
use super::rules::{EndpointRule, IpRule};
use super::time::Instant;

/// Whose client shows the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialKind {
    /// One key in `x-api-key`; it is found by its hash.
    Trestle,
    /// An API id and an API key.
    Tld,
    /// A username and a password.
    Truecnam,
    /// TeleTracker: a person with accounts of their own, one of them the default.
    User,
    /// TeleTracker: a partner with a list of accounts, none of them its own.
    Integrator,
    /// Fone Dynamics: an account's sid and a token. An account has as many tokens as it likes, so one is
    /// found by the hash of both ([`CredentialKind::name_of_token`]).
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

    /// As commands and keys spell it.
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

    /// What a credential of the kind may use unless it is told otherwise.
    #[must_use]
    pub fn products(self) -> Vec<Product> {
        match self {
            Self::Trestle => vec![Product::PhoneFeedback],
            Self::Tld => vec![Product::InboundBillable],
            Self::Truecnam => vec![Product::CallerId],
            Self::User | Self::Integrator => vec![Product::CallData, Product::RapidResponse],
            Self::Fonedynamics => vec![
                Product::Properties,
                Product::Numbers,
                Product::Addresses,
                Product::Calls,
            ],
        }
    }

    /// What a credential is found by when the account sid `shown` and a token are shown.
    #[must_use]
    pub fn name_of_token(shown: &str, token: &str) -> String {
        SecretHash::of(&format!("{shown}:{token}")).to_hex()
    }
}

/// What a credential may be good for: one function's work, in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Product {
    /// Trestle phone feedback, version 1.0.
    #[serde(rename = "phone-feedback/1.0")]
    PhoneFeedback,
    /// TLD inbound billable.
    #[serde(rename = "inbound-billable")]
    InboundBillable,
    /// TrueCNAM TrueCLID, version 1.
    #[serde(rename = "caller-id/1")]
    CallerId,
    /// TeleTracker call data.
    #[serde(rename = "call-data")]
    CallData,
    /// TeleTracker rapid response.
    #[serde(rename = "rapid-response")]
    RapidResponse,
    /// Fone Dynamics properties, version 2.
    #[serde(rename = "properties/2")]
    Properties,
    /// Fone Dynamics numbers, version 2.
    #[serde(rename = "numbers/2")]
    Numbers,
    /// Fone Dynamics addresses, version 2.
    #[serde(rename = "addresses/2")]
    Addresses,
    /// Fone Dynamics calls, version 2.
    #[serde(rename = "calls/2")]
    Calls,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 9] = [
        Self::PhoneFeedback,
        Self::InboundBillable,
        Self::CallerId,
        Self::CallData,
        Self::RapidResponse,
        Self::Properties,
        Self::Numbers,
        Self::Addresses,
        Self::Calls,
    ];

    /// As commands spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PhoneFeedback => "phone-feedback/1.0",
            Self::InboundBillable => "inbound-billable",
            Self::CallerId => "caller-id/1",
            Self::CallData => "call-data",
            Self::RapidResponse => "rapid-response",
            Self::Properties => "properties/2",
            Self::Numbers => "numbers/2",
            Self::Addresses => "addresses/2",
            Self::Calls => "calls/2",
        }
    }
}

/// Whether a credential is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It works.
    Active,
    /// Switched off for now; its owner is told so.
    Disabled,
    /// Gone for good: it is answered as one that never was.
    Revoked,
}

impl Status {
    /// As commands spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Revoked => "revoked",
        }
    }
}

/// How many requests a credential has in each window; windows are those of the UTC calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Queries per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<u32>,
    /// Queries per minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// Queries per day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
    /// The monthly quota.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<u32>,
}

impl Limits {
    /// What a new credential of the kind starts with (contracts/truecnam.md names its own).
    #[must_use]
    pub fn of_new(kind: CredentialKind) -> Self {
        match kind {
            CredentialKind::Trestle
            | CredentialKind::Tld
            | CredentialKind::User
            | CredentialKind::Integrator
            | CredentialKind::Fonedynamics => Self::default(),
            CredentialKind::Truecnam => Self {
                per_minute: Some(600),
                per_day: Some(100_000),
                ..Self::default()
            },
        }
    }

    /// Whether anything is limited at all.
    #[must_use]
    pub fn any(&self) -> bool {
        self.per_second.is_some()
            || self.per_minute.is_some()
            || self.per_day.is_some()
            || self.per_month.is_some()
    }
}

/// The SHA-256 of a secret; the secret itself is never kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of what a client shows.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Compares in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// 64 hex digits: how a key without a name is found.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

impl TryFrom<String> for SecretHash {
    type Error = hex::FromHexError;
    fn try_from(text: String) -> Result<Self, hex::FromHexError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> Self {
        hash.to_hex()
    }
}

/// A credential as the ledger keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credential {
    /// What logs call it.
    #[serde(rename = "credential_id")]
    pub id: CredentialId,
    /// Whose client shows it.
    pub kind: CredentialKind,
    /// What it is found by: API id, username, or a hash (of a key that has no name, of sid and token).
    pub name: String,
    /// The hash of its secret.
    pub secret_sha256: SecretHash,
    /// Whose it is; a user's default account.
    #[serde(rename = "account_id")]
    pub account: AccountId,
    /// The further accounts that it may act for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// What people call it.
    pub label: String,
    /// Whether it is in use.
    pub status: Status,
    /// From when on it no longer works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
    /// What it may be used for.
    pub products: Vec<Product>,
    /// Where it may be used; none means everywhere.
    pub endpoints: Vec<EndpointRule>,
    /// From where it may be used; none means from everywhere.
    pub addresses: Vec<IpRule>,
    /// How fast.
    pub limits: Limits,
    /// Has carrier service (`orig_call_end`) though its account has not.
    #[serde(default)]
    pub carrier: bool,
    /// May read, and no more.
    #[serde(default)]
    pub read_only: bool,
    /// When it was made.
    pub created_at: Instant,
}

impl Credential {
    /// Whether it may act for an account.
    #[must_use]
    pub fn acts_for(&self, account: &AccountId) -> bool {
        self.account == *account || self.accounts.contains(account)
    }
}

/// What a person chooses about a new credential.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Whose client will show it.
    pub kind: CredentialKind,
    /// Whose it will be; a user's default account.
    pub account: AccountId,
    /// The further accounts that it may act for.
    pub accounts: Vec<AccountId>,
    /// What people call it.
    pub label: String,
    /// From when on it no longer works.
    pub expires: Option<Instant>,
    /// What it may be used for; empty means the product of its kind.
    pub products: Vec<Product>,
    /// Where it may be used.
    pub endpoints: Vec<EndpointRule>,
    /// From where it may be used.
    pub addresses: Vec<IpRule>,
    /// How fast.
    pub limits: Limits,
    /// Has carrier service though its account has not.
    pub carrier: bool,
    /// May read, and no more.
    pub read_only: bool,
}

/// What the owner of a new credential is given, once.
pub struct IssuedSecret {
    /// The public half: API id, username or account sid; `None` for a key that has no name.
    pub name: Option<String>,
    /// The secret half, 64 hex digits.
    pub secret: String,
}

impl NewCredential {
    /// Issues the credential with the given random parts; `name` is the account's sid where that is the
    /// public half.
    #[must_use]
    pub fn issue(
        self,
        id: CredentialId,
        name: String,
        secret: String,
        now: Instant,
    ) -> (Credential, IssuedSecret) {
        let hash = SecretHash::of(&secret);
        let (name, shown) = match self.kind {
            CredentialKind::Trestle => (hash.to_hex(), None),
            CredentialKind::Tld
            | CredentialKind::Truecnam
            | CredentialKind::User
            | CredentialKind::Integrator => (name.clone(), Some(name)),
            CredentialKind::Fonedynamics => {
                (CredentialKind::name_of_token(&name, &secret), Some(name))
            }
        };
        let products = if self.products.is_empty() {
            self.kind.products()
        } else {
            self.products
        };
        let credential = Credential {
            id,
            kind: self.kind,
            name,
            secret_sha256: hash,
            account: self.account,
            accounts: self.accounts,
            label: self.label,
            status: Status::Active,
            expires: self.expires,
            products,
            endpoints: self.endpoints,
            addresses: self.addresses,
            limits: self.limits,
            carrier: self.carrier,
            read_only: self.read_only,
            created_at: now,
        };
        (
            credential,
            IssuedSecret {
                name: shown,
                secret,
            },
        )
    }
}
