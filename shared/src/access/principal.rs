//! The principal of a request.

use std::sync::Arc;

use crate::ids;
use crate::model::account::Account;
use crate::model::credential::Credential;
use crate::model::token::Grant;

/// The sender of a request: a credential, and the account that it acts for.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The credential.
    pub credential: Arc<Credential>,
    /// The credential's own account, or another that it may act for.
    pub account: Arc<Account>,
}

impl Principal {
    /// Starts a new session that is bound to the account.
    #[must_use]
    pub fn new_session(&self) -> Grant {
        Grant {
            session_id: ids::guid().to_string(),
            account_id: self.account.id.clone(),
            credential_kind: self.credential.kind,
            credential_name: self.credential.name.clone(),
        }
    }
}
