//! What a cell has to answer, from the order of the checks, and whether it did.

use callbook_tests::Reply;
use serde_json::Value;

use super::holder::{Holder, MARK};
use super::request::Target;
use super::{Address, Fence, Holding, State, takes};

/// What is refused before the request itself is looked at.
const REFUSALS: [&str; 9] = [
    "missing_credential",
    "unknown_credential",
    "credential_disabled",
    "credential_expired",
    "address_not_allowed",
    "endpoint_not_allowed",
    "product_not_allowed",
    "read_only",
    "account_not_allowed",
];

/// What is said of somebody else's resource.
const NOTHING_THERE: [&str; 9] = [
    "account_not_allowed",
    "invalid_fields",
    "not_found",
    "vendor_not_found",
    "cost_not_found",
    "call_not_found",
    "queue_entry_not_found",
    "webhook_not_found",
    "delivery_not_found",
];

/// What a cell has to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// This refusal.
    Refused(&'static str),
    /// As if there were nothing of that name.
    NothingThere,
    /// What the request asks for, or what is wrong with that.
    Done,
}

/// The order of the checks, once more.
pub fn expected(
    target: &Target,
    holding: &Holding,
    path: &str,
    fence: &[String],
    own: bool,
) -> Expected {
    let signs_in = target.function == "auth-login";
    let kind = holding.key.credential.kind;
    let refused = Expected::Refused;
    if !target.kinds().contains(&kind) || holding.state == State::Revoked {
        return refused("unknown_credential");
    }
    match holding.state {
        State::Disabled => return refused("credential_disabled"),
        State::Expired => return refused("credential_expired"),
        _ => {}
    }
    if holding.address == Address::Elsewhere {
        return refused("address_not_allowed");
    }
    let path = path.trim_end_matches('/');
    if !fence.is_empty() && !fence.iter().any(|rule| takes(rule, path)) {
        return refused("endpoint_not_allowed");
    }
    match holding.state {
        State::Elsewhere if !signs_in => return refused("product_not_allowed"),
        State::ReadOnly if target.writes() && !signs_in => return refused("read_only"),
        _ => {}
    }
    match (own, target.function.as_str()) {
        (false, "call-data" | "rapid-response" | "auth-login") => refused("account_not_allowed"),
        (false, _) if target.names() => Expected::NothingThere,
        (_, "inbound-billable") if holding.fence == Fence::OtherDid => refused("invalid_fields"),
        _ => Expected::Done,
    }
}

/// Whether one answer was a success, or what is wrong with it.
pub fn checked(
    expected: Expected,
    reply: &Reply,
    line: &Value,
    neighbour: &Holder,
) -> Result<bool, String> {
    let error = line["error"].as_str();
    let as_expected = match expected {
        Expected::Refused(code) => error == Some(code),
        Expected::NothingThere => error.is_some_and(|code| NOTHING_THERE.contains(&code)),
        Expected::Done => !error.is_some_and(|code| REFUSALS.contains(&code)),
    };
    // TrueCNAM says everything with 200.
    let refused = match line["function"].as_str() {
        Some("caller-id") => reply.json()["err"] != "0",
        _ => reply.status >= 400,
    };
    let faults = [
        (!as_expected, "another error"),
        (refused != error.is_some(), "answer and log differ"),
        (reply.status >= 500, "our fault"),
        (reply.body.contains(MARK), "shows what the neighbour has"),
        (
            line["account_id"] == neighbour.account.id.as_str(),
            "for the neighbour",
        ),
    ];
    match faults.into_iter().find(|(is_so, _)| *is_so) {
        None => Ok(error.is_none()),
        Some((_, fault)) => Err(format!(
            "{fault}: {} {error:?} for {expected:?}",
            reply.status
        )),
    }
}
