//! The refusals that only one dialect has, in plain words for the people of the account.

/// Says why a request was refused with a dialect's own word for it, as the log has it.
#[must_use]
pub fn reason_of(word: &str) -> &'static str {
    match word {
        "switched_off" => "the account or the credential does not have this feature",
        "address_in_use" => "a number is linked to the address, so it cannot be deleted",
        "other_property" => "the number belongs to another property",
        "duplicate_queue_entry" => "the callee was queued less than an hour ago",
        "result_too_large" => {
            "the report has more rows than one answer holds: ask for fewer days, or for pages"
        }
        "no_live_call" => "no call between these numbers is live",
        "live_calls_exceeded" => "the account has as many live calls as it may have",
        "vendor_not_found" => "the account has no such vendor",
        "cost_not_found" => "the account has no such cost",
        "call_not_found" => "the account has no such call",
        "queue_entry_not_found" => "the account has no such entry in its queue",
        "lease_lost" => "the queue entry is not the taker's: its lease has run out, or it is over",
        "webhook_not_found" => "the account has no such webhook",
        "delivery_not_found" => "the account has no such delivery, or no longer",
        "webhook_disabled" => "the webhook is disabled",
        "too_many_webhooks" => "the account has as many webhooks as it can have",
        "account_not_migrated" => "calls and costs of an earlier version are not converted yet",
        "vendor_exists" => "the account has another vendor of this id",
        "too_many_terms" => "the vendor has as many terms as it can have",
        "call_gone" => "the cost's call is kept no longer",
        "cost_archived" => "too many later bills replaced the cost for it to be decided about",
        _ => "the request was refused",
    }
}
