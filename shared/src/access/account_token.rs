//! Fone Dynamics' sign-in (contracts/fonedynamics.md): `Authorization: Basic` of an account's sid and a token.

use super::sign_in::basic;
use super::{Access, Presented, Principal};
use crate::ledger::Ledger;
use crate::model::credential::{CredentialKind, Product};
use crate::problem::Problem;
use crate::request::Request;

/// What a request does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessMode {
    /// It looks at it.
    Reading,
    /// It changes it.
    Writing,
}

impl AccessMode {
    /// By the request's method.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        match request.method() {
            "GET" => Self::Reading,
            _ => Self::Writing,
        }
    }
}

impl Access {
    /// Who it is by an account's sid and one of its tokens, and whether it may.
    ///
    /// # Errors
    /// Nobody, somebody who may not use `product`, or a token for reading alone that is used to write.
    pub async fn admit_account(
        &self,
        ledger: &Ledger,
        request: &Request,
        product: Product,
    ) -> Result<Principal, Problem> {
        let (name, secret) = basic(request)?;
        let shown = Presented::Pair {
            name: &name,
            secret: &secret,
        };
        let kind = CredentialKind::Fonedynamics;
        let caller = self.admit(ledger, request, kind, &shown, product).await?;
        if caller.credential.read_only && AccessMode::of(request) == AccessMode::Writing {
            return Err(Problem::ReadOnly);
        }
        Ok(caller)
    }
}

/// Whether a request shows an account's sid and a token, in a form that somebody could have; whether they
/// are anybody's is for [`Access::admit_account`] to judge.
///
/// # Errors
/// It does not: no store needs to be asked to refuse it.
pub fn shows_account(request: &Request) -> Result<(), Problem> {
    basic(request).map(drop)
}
