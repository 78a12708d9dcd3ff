//! Credentials: what a client presents, what it may do, and how often.

use serde::{Deserialize, Serialize};

use super::account::AccountId;
pub use super::chosen_secret::ChosenSecret;
pub use super::credential_kind::CredentialKind;
pub use super::former_secret::{Accepted, FormerSecret};
use super::former_secret::{accepted, salt_of};
use super::id::CredentialId;
use super::phone::PhoneNumber;
pub use super::product::{Product, Role};
use super::retention::Lifetime;
use super::rules::{EndpointRule, IpRule};
pub use super::secret::{SecretHash, StoredSecret};
pub use super::slow_hash::{NotHashed, Salt, SlowHash};
use super::time::Instant;
use super::vendor::VendorId;

/// The status of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The credential works.
    Active,
    /// The credential is disabled for now, and its error says so.
    Disabled,
    /// The credential is revoked for good. Its error is that of an unknown credential.
    Revoked,
}

impl Status {
    /// Returns the status as commands spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Revoked => "revoked",
        }
    }
}

/// How many requests a credential may send in each window. Windows follow the UTC calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<u32>,
    /// Requests per minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// Requests per day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
    /// Requests per month: the quota.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<u32>,
    /// Call starts and ends of a TrueCNAM key per minute. They count against no other limit. `None` is the
    /// default of a new key, and 0 is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_per_minute: Option<u32>,
}

/// How many call starts and ends a new TrueCNAM key may report in a minute.
const STARTS_PER_MINUTE: u32 = 600;

impl Limits {
    /// Returns the limits of a new credential of the kind (contracts/truecnam.md states its own).
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
                starts_per_minute: Some(STARTS_PER_MINUTE),
                ..Self::default()
            },
        }
    }

    /// Returns how many call starts and ends may be reported in a minute, or `None` for no limit. A
    /// credential of a version without this limit has that of a new one.
    #[must_use]
    pub fn starts(&self) -> Option<u32> {
        let most = self.starts_per_minute.unwrap_or(STARTS_PER_MINUTE);
        (most > 0).then_some(most)
    }

    /// Whether any window of requests is limited.
    #[must_use]
    pub fn any(&self) -> bool {
        self.per_second.is_some()
            || self.per_minute.is_some()
            || self.per_day.is_some()
            || self.per_month.is_some()
    }
}

/// A stored credential.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credential {
    /// The id that logs use.
    #[serde(rename = "credential_id")]
    pub id: CredentialId,
    /// The kind of client that it is for.
    pub kind: CredentialKind,
    /// The lookup name: an API id, a username, or a hash (of a key without a name, or of sid and
    /// token).
    pub name: String,
    /// The hash of the secret.
    #[serde(flatten)]
    pub secret: StoredSecret,
    /// The account that it belongs to. For a user, the default account.
    #[serde(rename = "account_id")]
    pub account: AccountId,
    /// Other accounts that it may act for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// A name for people.
    pub label: String,
    /// Whether it works.
    pub status: Status,
    /// The moment from which it no longer works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
    /// The products that it may use.
    pub products: Vec<Product>,
    /// The paths that it may use. Empty means every path.
    pub endpoints: Vec<EndpointRule>,
    /// The addresses that it may be used from. Empty means every address.
    pub addresses: Vec<IpRule>,
    /// The rate limits and the quota.
    pub limits: Limits,
    /// Whether it has carrier service (`orig_call_end`) even if its account does not.
    #[serde(default)]
    pub carrier: bool,
    /// Whether it may only read.
    #[serde(default)]
    pub read_only: bool,
    /// What a user may do. `None` for other kinds, and for users of versions without roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The vendor that it belongs to.
    #[serde(default, rename = "vendor_id", skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorId>,
    /// The only DIDs that it may bill. Empty means every DID.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dids: Vec<PhoneNumber>,
    /// After how many minutes without a request its silence is counted. `None` means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_after: Option<u32>,
    /// When it was created.
    pub created_at: Instant,
    /// How many times it was changed.
    #[serde(default)]
    pub revision: u32,
    /// The secret before the last rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<FormerSecret>,
    /// The moment before which no session may have been opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_from: Option<Instant>,
    /// Whether its account is closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub account_closed: bool,
    /// How long its account keeps feedback, if it is for feedback: such a request does not read the account.
    #[serde(
        default,
        rename = "feedback_days",
        skip_serializing_if = "Lifetime::is_forever"
    )]
    pub feedback_kept: Lifetime,
}

impl Credential {
    /// Returns until when a secret that was presented is right, if it is the secret in force or the one before
    /// it. `presented` compares it with a hash.
    #[must_use]
    pub fn accepts(
        &self,
        now: Instant,
        presented: impl Fn(&StoredSecret) -> bool,
    ) -> Option<Accepted> {
        accepted(&self.secret, self.former.as_ref(), now, presented)
    }

    /// Returns the salt with which a presented secret is hashed slowly.
    #[must_use]
    pub fn salt(&self) -> Salt {
        salt_of(&self.secret, self.former.as_ref())
    }

    /// Whether it is refused as an unknown credential: it was revoked, or its account is closed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status == Status::Revoked || self.account_closed
    }

    /// Whether feedback may be recorded with it, now or once it is enabled.
    #[must_use]
    pub fn for_feedback(&self) -> bool {
        self.kind == CredentialKind::Trestle && self.status != Status::Revoked
    }

    /// Whether a session of it that was opened at an instant may still live.
    #[must_use]
    pub fn lets_live(&self, opened: Instant) -> bool {
        self.sessions_from.is_none_or(|from| from <= opened)
    }

    /// Puts another secret in force. `name` is the one that the secret is looked up by, for the kinds whose names
    /// are made from their secrets. The secret in force until now stays good until `until`; without an overlap it
    /// is wrong from `now` on, and sessions of before end.
    pub fn rotate(
        &mut self,
        name: Option<String>,
        secret: StoredSecret,
        until: Option<Instant>,
        now: Instant,
    ) {
        let secret = std::mem::replace(&mut self.secret, secret);
        let name = name.map(|name| std::mem::replace(&mut self.name, name));
        match until {
            Some(until) => {
                self.former = Some(FormerSecret {
                    name,
                    secret,
                    until,
                });
            }
            None => self.end_rotation(now),
        }
    }

    /// Takes the former secret away, and ends the sessions of before: it may be what they were opened with.
    pub fn end_rotation(&mut self, now: Instant) {
        self.former = None;
        if matches!(self.kind, CredentialKind::User | CredentialKind::Integrator) {
            self.sessions_from = Some(now);
        }
    }

    /// Whether the credential may act for an account.
    #[must_use]
    pub fn acts_for(&self, account: &AccountId) -> bool {
        self.account == *account || self.accounts.contains(account)
    }

    /// Returns the role of a user, or `None` for any other kind.
    ///
    /// Users of versions without roles are admins.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        (self.kind == CredentialKind::User).then(|| self.role.unwrap_or(Role::Admin))
    }

    /// Sets the role of a user. It keeps the products that it had.
    pub fn set_role(&mut self, role: Role) {
        if self.may_use(Product::Callbook) && !self.products.contains(&Product::Callbook) {
            self.products.push(Product::Callbook);
        }
        self.role = Some(role);
    }

    /// Whether the credential may use a product.
    ///
    /// Only users sign in to Callbook's own API. A user who had every product before that API existed
    /// has it as well (`docs/decisions.md`, D-261).
    #[must_use]
    pub fn may_use(&self, product: Product) -> bool {
        if product != Product::Callbook {
            return self.products.contains(&product);
        }
        let from_before = self.role.is_none() && self.products == Product::TELETRACKER;
        self.kind == CredentialKind::User && (from_before || self.products.contains(&product))
    }

    /// Whether its requests are counted, because one of its limits or its silence depends on it.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.limits.any() || self.silent_after.is_some()
    }

    /// How many call starts and ends may be counted in a minute, or `None` if they are not counted.
    #[must_use]
    pub fn counted_starts(&self) -> Option<u32> {
        let watched = self.silent_after.map(|_| u32::MAX);
        self.limits.starts().or(watched)
    }

    /// Whether the credential may only read.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        self.read_only || self.role() == Some(Role::Viewer)
    }
}

/// The settings that an operator chooses for a new credential.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// The kind of client that it is for.
    pub kind: CredentialKind,
    /// The account that it belongs to. For a user, the default account.
    pub account: AccountId,
    /// Other accounts that it may act for.
    pub accounts: Vec<AccountId>,
    /// A name for people.
    pub label: String,
    /// The moment from which it no longer works.
    pub expires: Option<Instant>,
    /// The products that it may use. Empty means the default of its kind.
    pub products: Vec<Product>,
    /// The paths that it may use. Empty means every path.
    pub endpoints: Vec<EndpointRule>,
    /// The addresses that it may be used from. Empty means every address.
    pub addresses: Vec<IpRule>,
    /// The rate limits and the quota.
    pub limits: Limits,
    /// Whether it has carrier service even if its account does not.
    pub carrier: bool,
    /// Whether it may only read.
    pub read_only: bool,
    /// What a user may do. `None` means admin. It has no effect on other kinds.
    pub role: Option<Role>,
    /// The vendor that it belongs to.
    pub vendor: Option<VendorId>,
    /// The only DIDs that it may bill. Empty means every DID.
    pub dids: Vec<PhoneNumber>,
}

/// The credential as it is shown to its owner, once.
pub struct IssuedSecret {
    /// The public half: API id, username or account sid. `None` for a key without a name.
    pub name: Option<String>,
    /// The secret half.
    pub secret: String,
}

/// Where the secret of a new credential comes from.
#[derive(Clone, Debug)]
pub enum NewSecret {
    /// Generated here: 256 random bits.
    Generated(String),
    /// Chosen by a person or by another system, with its slow hash ([`ChosenSecret::hash`]).
    Chosen(ChosenSecret, SlowHash),
}

impl NewSecret {
    /// Returns what is stored of it, the name that a credential of the kind is looked up by if that is made from
    /// the secret, and the secret itself. `shown` is the public half.
    #[must_use]
    pub fn stored(
        self,
        kind: CredentialKind,
        shown: &str,
    ) -> (StoredSecret, Option<String>, String) {
        match self {
            Self::Generated(secret) => {
                let fast_name = kind.fast_name(shown, &secret);
                (
                    StoredSecret::Fast(SecretHash::of(&secret)),
                    fast_name,
                    secret,
                )
            }
            Self::Chosen(chosen, hash) => {
                let slow_name = kind.is_found_by_secret().then(|| hash.to_hex());
                (StoredSecret::Slow(hash), slow_name, chosen.into())
            }
        }
    }
}

impl NewCredential {
    /// Makes the settings of a credential with the defaults of its kind.
    #[must_use]
    pub fn of(kind: CredentialKind, account: AccountId) -> Self {
        Self {
            kind,
            account,
            accounts: Vec::new(),
            label: String::new(),
            expires: None,
            products: Vec::new(),
            endpoints: Vec::new(),
            addresses: Vec::new(),
            limits: Limits::of_new(kind),
            carrier: false,
            read_only: false,
            role: None,
            vendor: None,
            dids: Vec::new(),
        }
    }

    /// Issues the credential with the given random parts.
    ///
    /// `name` is the account's sid for the kind whose public half that is.
    #[must_use]
    pub fn issue(
        self,
        id: CredentialId,
        name: String,
        secret: String,
        now: Instant,
    ) -> (Credential, IssuedSecret) {
        self.issue_with(id, name, NewSecret::Generated(secret), now)
    }

    /// Issues the credential with a secret that is generated or brought along; the rest is as for
    /// [`Self::issue`].
    #[must_use]
    pub fn issue_with(
        self,
        id: CredentialId,
        name: String,
        secret: NewSecret,
        now: Instant,
    ) -> (Credential, IssuedSecret) {
        let (stored, fast_name, secret) = secret.stored(self.kind, &name);
        let shown = (self.kind != CredentialKind::Trestle).then(|| name.clone());
        let name = fast_name.unwrap_or(name);
        let products = if self.products.is_empty() {
            self.kind.products()
        } else {
            self.products
        };
        let credential = Credential {
            id,
            kind: self.kind,
            name,
            secret: stored,
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
            role: (self.kind == CredentialKind::User).then(|| self.role.unwrap_or(Role::Admin)),
            vendor: self.vendor,
            dids: self.dids,
            silent_after: None,
            created_at: now,
            revision: 0,
            former: None,
            sessions_from: None,
            account_closed: false,
            feedback_kept: Lifetime::FOREVER,
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
