//! The list of the functions that the gateway can call.

use callbook::edge::AnyFunction;

/// Returns every function of the product.
#[must_use]
pub fn functions() -> [AnyFunction; 23] {
    [
        phone_feedback::FUNCTION.any(),
        inbound_billable::FUNCTION.any(),
        caller_id::FUNCTION.any(),
        call_data::FUNCTION.any(),
        rapid_response::FUNCTION.any(),
        auth_login::FUNCTION.any(),
        auth_refresh::FUNCTION.any(),
        properties::FUNCTION.any(),
        numbers::FUNCTION.any(),
        addresses::FUNCTION.any(),
        calls::FUNCTION.any(),
        me::FUNCTION.any(),
        summary::FUNCTION.any(),
        vendors::FUNCTION.any(),
        costs::FUNCTION.any(),
        calls_log::FUNCTION.any(),
        invoices::FUNCTION.any(),
        queue::FUNCTION.any(),
        events::FUNCTION.any(),
        requests::FUNCTION.any(),
        webhooks::FUNCTION.any(),
        console::FUNCTION.any(),
        fallback::FUNCTION.any(),
    ]
}
