//! Fone Dynamics' sign-in (contracts/fonedynamics.md): `Authorization: Basic` of an account's sid and a token.

use super::sign_in::basic;
use super::{Access, Caller, Shown};
use crate::dialect::fonedynamics::field;
use crate::edge::Request;
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::model::credential::{CredentialKind, Product};
use crate::model::property::{Property, PropertySid};
use crate::problem::{Fault, Problem};

/// What a request does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It looks at it.
    Reading,
    /// It changes it.
    Writing,
}

impl Doing {
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
    ) -> Result<Caller, Problem> {
        let (name, secret) = basic(request)?;
        let shown = Shown::Pair {
            name: &name,
            secret: &secret,
        };
        let kind = CredentialKind::Fonedynamics;
        let caller = self.admit(ledger, request, kind, &shown, product).await?;
        if caller.credential.read_only && Doing::of(request) == Doing::Writing {
            return Err(Problem::ReadOnly);
        }
        Ok(caller)
    }
}

impl Caller {
    /// Notes the fault where the account that a path names by its sid is not the caller's.
    pub fn check_own(&self, fields: &mut Fields, sid: &str) {
        if self.account.sid.as_str() != sid {
            fields.fault(field::ACCOUNT_SID, Fault::NotFound);
        }
    }

    /// The caller's property that a path names by its sid.
    ///
    /// # Errors
    /// It is nobody's, or somebody else's; and faults of the store.
    pub async fn property(&self, ledger: &Ledger, sid: &str) -> Result<Property, Problem> {
        let found = match PropertySid::parse(sid) {
            Ok(sid) => ledger.property(&self.account.id, &sid).await?,
            Err(_) => None,
        };
        found.ok_or_else(|| Problem::not_found(field::PROPERTY_SID))
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
