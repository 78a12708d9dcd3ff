//! What clients send about vendors, and how vendors are shown.

use callbook::dialect::callbook::{field, resource};
use callbook::model::account::Account;
use callbook::model::cost::Cost;
use callbook::model::text::IdempotencyKey;
use callbook::model::time::{CivilDay, Instant};
use callbook::model::vendor::{Terms, Vendor, VendorChange, VendorId, VendorName, VendorStatus};
use callbook::problem::{Fault, Problem};
use callbook::request::reader::{json_count, json_string, json_string_or_number};
use callbook::request::{JsonObject, Request};
use serde::Serialize;
use serde_json::value::RawValue;

/// Reads a new vendor.
///
/// # Errors
/// Returns `Invalid` with every field at fault.
pub fn new_vendor(
    request: &Request,
    body: &JsonObject,
    now: Instant,
) -> Result<(Option<IdempotencyKey>, Vendor), Problem> {
    let fields = [field::VENDOR_ID, field::NAME, field::STATUS];
    let mut reader = resource::body(request, body, &fields);
    let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, request);
    let id = reader.required(field::VENDOR_ID, |value| {
        VendorId::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let name = reader.required(field::NAME, name);
    let status = reader.optional_sent(field::STATUS, status);
    let (key, id, name, status) = reader.finish((key, id, name, status))?;
    let mut vendor = Vendor::new(id, name, now);
    vendor.status = status.unwrap_or(vendor.status);
    Ok((key, vendor))
}

/// Reads a change of a vendor's name or status.
///
/// # Errors
/// Returns `Invalid` with every field at fault, or if neither is sent.
pub fn vendor_change(
    request: &Request,
    body: &JsonObject,
) -> Result<(Option<IdempotencyKey>, VendorChange), Problem> {
    let mut reader = resource::body(request, body, field::NAME_OR_STATUS.fields);
    let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, request);
    let name = reader.optional_sent(field::NAME, name);
    let status = reader.optional_sent(field::STATUS, status);
    if let (Some(None), Some(None)) = (&name, &status) {
        reader.fault(field::NAME_OR_STATUS, Fault::Missing);
    }
    let (key, name, status) = reader.finish((key, name, status))?;
    let change = VendorChange {
        name,
        status,
        terms: None,
    };
    Ok((key, change))
}

/// Reads terms, which hold from a day on.
///
/// # Errors
/// Returns `Invalid` with every field at fault.
pub fn new_terms(
    request: &Request,
    body: &JsonObject,
) -> Result<(Option<IdempotencyKey>, VendorChange), Problem> {
    let fields = [
        field::FROM,
        field::PRICE,
        field::MINIMUM_SECONDS,
        field::DUPLICATE_DAYS,
    ];
    let mut reader = resource::body(request, body, &fields);
    let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, request);
    let from = reader.required(field::FROM, |value| {
        CivilDay::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let price = reader.required(field::PRICE, |value| {
        Cost::parse(&json_string_or_number(value)?).map_err(Fault::invalid)
    });
    let minimum_seconds = reader.optional_sent(field::MINIMUM_SECONDS, |value| {
        json_count(value, Terms::MOST_SECONDS)
    });
    let duplicate_days = reader.optional_sent(field::DUPLICATE_DAYS, |value| {
        json_count(value, Terms::MOST_DAYS)
    });
    let (key, from, price, minimum_seconds, duplicate_days) =
        reader.finish((key, from, price, minimum_seconds, duplicate_days))?;
    let terms = Terms {
        from,
        price,
        minimum_seconds: minimum_seconds.unwrap_or(0),
        duplicate_days: duplicate_days.unwrap_or(0),
    };
    let change = VendorChange {
        terms: Some(terms),
        ..VendorChange::default()
    };
    Ok((key, change))
}

fn name(value: &RawValue) -> Result<VendorName, Fault> {
    Ok(VendorName::parse(&json_string(value)?)?)
}

fn status(value: &RawValue) -> Result<VendorStatus, Fault> {
    VendorStatus::parse(&json_string(value)?).map_err(Fault::invalid)
}

/// Returns the parameters that identify a request to create a vendor, for idempotency.
pub fn said(vendor: &Vendor) -> [&str; 3] {
    [
        vendor.id.as_str(),
        vendor.name.as_str(),
        vendor.status.as_str(),
    ]
}

/// Returns the parameters that identify a request to change a vendor, for idempotency.
pub fn said_of_change(change: &VendorChange) -> Vec<String> {
    let VendorChange {
        name,
        status,
        terms,
    } = change;
    let mut said = vec![
        name.as_ref()
            .map_or_else(String::new, |name| name.as_str().to_owned()),
        status.map_or_else(String::new, |status| status.as_str().to_owned()),
    ];
    if let Some(terms) = terms {
        said.extend([
            terms.from.to_string(),
            terms.price.four_places(),
            terms.minimum_seconds.to_string(),
            terms.duplicate_days.to_string(),
        ]);
    }
    said
}

/// A page of vendors.
#[derive(Serialize)]
pub struct List<'a> {
    pub vendors: Vec<VendorView<'a>>,
    pub next_cursor: Option<String>,
}

/// A vendor as clients see it.
#[derive(Serialize)]
pub struct VendorView<'a> {
    vendor_id: &'a str,
    name: &'a str,
    status: &'static str,
    terms: Vec<TermsView>,
    created_at: String,
}

#[derive(Serialize)]
struct TermsView {
    from: String,
    price: String,
    minimum_seconds: u32,
    duplicate_days: u32,
}

impl<'a> VendorView<'a> {
    /// Shows a vendor to its account.
    pub fn of(vendor: &'a Vendor, account: &Account) -> Self {
        let terms = vendor.terms.iter().map(|terms| TermsView {
            from: terms.from.to_string(),
            price: terms.price.four_places(),
            minimum_seconds: terms.minimum_seconds,
            duplicate_days: terms.duplicate_days,
        });
        Self {
            vendor_id: vendor.id.as_str(),
            name: vendor.name.as_str(),
            status: vendor.status.as_str(),
            terms: terms.collect(),
            created_at: vendor.created_at.rfc3339(&account.zone),
        }
    }
}
