//! How accounts are shown, and what is said of one that does not exist.

use anyhow::Result;
use callbook::model::account::{Account, AccountId};
use callbook::model::time::Instant;
use serde_json::{Value, json};

use crate::output;

const FIELDS: [&str; 24] = [
    "account_id",
    "account_sid",
    "name",
    "timezone",
    "currency",
    "resp_type",
    "resp_format",
    "carrier",
    "trueclid",
    "registered_dids_only",
    "tldialer",
    "advanced_call_log",
    "billing_window_days",
    "repeat_window_minutes",
    "live_call_hours",
    "same_call_seconds",
    "rebill",
    "date_order",
    "shards",
    "vendor_id",
    "callprocess_id",
    "created_at",
    "closed_at",
    "delete_after",
];

/// Prints an account.
///
/// # Errors
/// Returns an error if the output cannot be written.
pub fn show(account: &Account, as_json: bool) -> Result<()> {
    let view = view(account);
    if as_json {
        output::json(&view)
    } else {
        output::record(&view, &FIELDS)
    }
}

/// Returns an account as JSON.
#[must_use]
pub fn view(account: &Account) -> Value {
    json!({
        "account_id": account.id.as_str(),
        "account_sid": account.sid.as_str(),
        "name": account.name,
        "timezone": account.zone.name(),
        "currency": account.currency.as_str(),
        "resp_type": account.resp_type.as_str(),
        "resp_format": account.resp_format.as_str(),
        "carrier": account.carrier,
        "trueclid": account.trueclid,
        "registered_dids_only": account.registered_dids_only,
        "tldialer": account.tldialer,
        "advanced_call_log": account.advanced_call_log,
        "billing_window_days": account.billing_window_days,
        "repeat_window_minutes": account.repeat_window_minutes,
        "live_call_hours": account.live_call_hours,
        "same_call_seconds": account.same_call_seconds,
        "rebill": account.rebill.as_str(),
        "date_order": account.date_order.as_str(),
        "shards": account.shards,
        "vendor_id": account.vendor_id,
        "callprocess_id": account.callprocess_id,
        "created_at": format_instant(account.created_at),
        "closed_at": account.closed_at.map(format_instant),
        "delete_after": account.delete_after.map(format_instant),
    })
}

/// Formats an instant as every command prints it: RFC 3339 in UTC.
#[must_use]
pub fn format_instant(instant: Instant) -> String {
    instant.rfc3339_utc_millis()
}

/// Says that an account does not exist.
#[must_use]
pub fn not_found(id: &AccountId) -> String {
    format!("account {id} does not exist; `callbook account list` lists all accounts")
}
