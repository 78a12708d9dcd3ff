//! Refused requests as the API shows them.

use serde::Serialize;

use crate::model::refused_request::RefusedRequest;
use crate::model::time::Zone;
use crate::model::vendor::VendorId;

/// Requests of one credential that were refused in the same way within an hour.
#[derive(Debug, Serialize)]
pub struct RefusedRequestView<'a> {
    /// When the first of them arrived, in the account's zone.
    pub first_at: String,
    /// When the latest of them arrived.
    pub last_at: String,
    /// How many there were at least.
    pub count: u64,
    credential_id: &'a str,
    label: &'a str,
    vendor_id: Option<&'a str>,
    dialect: &'a str,
    function: &'a str,
    method: &'a str,
    route: &'a str,
    status: u16,
    error: &'a str,
    error_code: Option<&'a str>,
    fields: &'a [String],
    reason: &'a str,
    guid: &'a str,
}

impl<'a> RefusedRequestView<'a> {
    /// Shows an entry, with its times in a zone.
    #[must_use]
    pub fn of(refused: &'a RefusedRequest, zone: &Zone) -> Self {
        Self {
            first_at: refused.first_at.rfc3339(zone),
            last_at: refused.last_at.rfc3339(zone),
            count: refused.count,
            credential_id: refused.credential_id.as_str(),
            label: &refused.label,
            vendor_id: refused.vendor_id.as_ref().map(VendorId::as_str),
            dialect: &refused.dialect,
            function: &refused.function,
            method: &refused.method,
            route: &refused.route,
            status: refused.status,
            error: &refused.error,
            error_code: refused.error_code.as_deref(),
            fields: &refused.fields,
            reason: &refused.reason,
            guid: &refused.guid,
        }
    }
}
