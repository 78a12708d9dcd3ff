//! The list of the functions that the gateway can call.

use callbook::edge::Function;

/// Returns every function of the product.
#[must_use]
pub fn functions() -> [&'static Function; 12] {
    [
        &phone_feedback::FUNCTION,
        &inbound_billable::FUNCTION,
        &caller_id::FUNCTION,
        &call_data::FUNCTION,
        &rapid_response::FUNCTION,
        &auth_login::FUNCTION,
        &auth_refresh::FUNCTION,
        &properties::FUNCTION,
        &numbers::FUNCTION,
        &addresses::FUNCTION,
        &calls::FUNCTION,
        &fallback::FUNCTION,
    ]
}
