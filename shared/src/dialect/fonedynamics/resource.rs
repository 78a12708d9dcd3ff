//! Resources that a path names by their sid, as far as they are the caller's own.

use super::field;
use crate::access::Principal;
use crate::ledger::Ledger;
use crate::model::property::{Property, PropertySid};
use crate::problem::{Fault, Problem};
use crate::request::fields::Fields;

impl Principal {
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
