//! What a request leaves for its log line while it is worked on.

use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::mask;
use crate::model::account::AccountId;
use crate::model::id::CredentialId;

/// What a request leaves behind for its line while it is worked on.
#[derive(Debug)]
pub struct LogContext {
    known: mask::KnownFields,
    principal: Mutex<Option<(CredentialId, AccountId)>>,
    parameters: Mutex<Map<String, Value>>,
}

impl LogContext {
    /// An empty context, which shows the values of `known` parameters by their privacy.
    pub(super) fn new(known: mask::KnownFields) -> Self {
        Self {
            known,
            principal: Mutex::default(),
            parameters: Mutex::default(),
        }
    }

    /// Whose request it turned out to be; the account may still be another of the credential's.
    pub(crate) fn authenticated(&self, credential: &CredentialId, account: &AccountId) {
        let mut principal = self
            .principal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *principal = Some((credential.clone(), account.clone()));
    }

    /// Whose name came with a wrong secret; gives way to a principal.
    pub(crate) fn named(&self, credential: &CredentialId, account: &AccountId) {
        let mut principal = self
            .principal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        principal.get_or_insert_with(|| (credential.clone(), account.clone()));
    }

    /// A parameter, masked here and now: the value itself is not kept.
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

    /// Whose request it is, as far as it is known.
    pub(crate) fn principal(&self) -> Option<(CredentialId, AccountId)> {
        let principal = self
            .principal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        principal.clone()
    }

    /// The masked parameters so far.
    pub(crate) fn parameters(&self) -> Map<String, Value> {
        let parameters = self
            .parameters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        parameters.clone()
    }
}
