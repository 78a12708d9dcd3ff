//! The facts about a request that its log line shows.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::mask;
use crate::model::account::AccountId;
use crate::model::credential::Credential;
use crate::model::id::CredentialId;

/// Collects facts for a request's log line while the request is handled.
#[derive(Debug)]
pub struct LogContext {
    known: mask::KnownFields,
    principal: Mutex<Option<(CredentialId, AccountId)>>,
    parameters: Mutex<Map<String, Value>>,
    bill: Mutex<BillFacts>,
    slow_hashes: AtomicU32,
    refused: Mutex<Option<NotAdmitted>>,
    admitted: Mutex<Option<Admitted>>,
}

/// A credential whose secret was right, and the account that it acts for.
pub(crate) type Admitted = (Arc<Credential>, AccountId);

/// Why no credential was admitted. Only the log knows the difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotAdmitted {
    /// Nobody has this name or key.
    Unknown,
    /// The credential was revoked.
    Revoked,
    /// The name is known, and the secret is another.
    WrongSecret,
}

/// What a bill did, for its request's log line.
#[derive(Clone, Debug, Default)]
pub struct BillFacts {
    /// The entry that it made or repeated.
    pub cost_id: Option<String>,
    /// The call that it found.
    pub call_sid: Option<String>,
    /// The vendor whose cost it is.
    pub vendor_id: Option<String>,
    /// What people call the credential that sent it.
    pub label: Option<String>,
    /// Why it may not be for its DID, if it was refused for that.
    pub refusal: Option<String>,
    /// Whether its call now has costs in force of two vendors.
    pub two_vendors: bool,
}

impl LogContext {
    /// Creates an empty context, which shows the values of `known` parameters by their privacy.
    pub(super) fn new(known: mask::KnownFields) -> Self {
        Self {
            known,
            principal: Mutex::default(),
            parameters: Mutex::default(),
            bill: Mutex::default(),
            slow_hashes: AtomicU32::new(0),
            refused: Mutex::default(),
            admitted: Mutex::default(),
        }
    }

    /// Records why a credential was not admitted. Of several, the one that says most stays.
    pub(crate) fn not_admitted(&self, why: NotAdmitted) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        *refused = (*refused).max(Some(why));
    }

    /// Returns why no credential was admitted, if none was.
    pub(crate) fn refused(&self) -> Option<NotAdmitted> {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the credential and account. A later call may name another account of the credential.
    pub(crate) fn authenticated(&self, credential: &CredentialId, account: &AccountId) {
        let mut principal = self
            .principal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *principal = Some((credential.clone(), account.clone()));
    }

    /// Records the credential whose name came with a wrong secret, unless a principal is known.
    pub(crate) fn named(&self, credential: &CredentialId, account: &AccountId) {
        let mut principal = self
            .principal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        principal.get_or_insert_with(|| (credential.clone(), account.clone()));
    }

    /// Records what a request said that was made to answer this one: its principal, and why none was admitted.
    pub(crate) fn take_over(&self, inner: &Self) {
        if let Some((credential, account)) = inner.principal() {
            self.authenticated(&credential, &account);
        }
        if let Some(why) = inner.refused() {
            self.not_admitted(why);
        }
        self.slow_hashes
            .fetch_add(inner.slow_hashes(), Ordering::Relaxed);
    }

    /// Records whose request it is, once the secret was compared.
    pub(crate) fn admitted(&self, credential: &Arc<Credential>, account: &AccountId) {
        let mut admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        *admitted = Some((Arc::clone(credential), account.clone()));
    }

    /// Returns whose request it is, if its secret was right. The account is the one that it was about last.
    pub(crate) fn sender(&self) -> Option<Admitted> {
        let admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        let (credential, own) = admitted.clone()?;
        let named = self.principal().filter(|(id, _)| *id == credential.id);
        let account = named.map_or(own, |(_, account)| account);
        Some((credential, account))
    }

    /// Records that a secret was hashed slowly.
    pub(crate) fn hashed_slowly(&self) {
        self.slow_hashes.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many secrets were hashed slowly.
    pub(crate) fn slow_hashes(&self) -> u32 {
        self.slow_hashes.load(Ordering::Relaxed)
    }

    /// Records a parameter, masked. The value itself is not kept.
    pub(crate) fn parameter(&self, name: &str, value: &str) {
        let mut parameters = self
            .parameters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if parameters.len() < 40 {
            let (name, value) = mask::parameter(self.known, name, value);
            parameters.insert(name, Value::String(value));
        }
    }

    /// Returns the credential and account, as far as they are known.
    pub(crate) fn principal(&self) -> Option<(CredentialId, AccountId)> {
        let principal = self
            .principal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        principal.clone()
    }

    /// Records what a bill did.
    pub(crate) fn billed(&self, facts: BillFacts) {
        *self.bill.lock().unwrap_or_else(PoisonError::into_inner) = facts;
    }

    /// Returns what a bill did.
    pub(crate) fn bill(&self) -> BillFacts {
        let bill = self.bill.lock().unwrap_or_else(PoisonError::into_inner);
        bill.clone()
    }

    /// Returns the masked parameters.
    pub(crate) fn parameters(&self) -> Map<String, Value> {
        let parameters = self
            .parameters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        parameters.clone()
    }
}
