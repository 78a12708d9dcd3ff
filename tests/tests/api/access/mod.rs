//! Authentication, authorization and limits: the same for every vendor, answered in each dialect.

mod chosen;
mod closing;
mod credentials;
mod limits;
pub mod matrix;
mod proxies;
mod rotation;

use callbook::model::credential::{CredentialKind, Limits, NewCredential};
use callbook_tests::vendors::{self, Verdict};
use callbook_tests::{Key, World};

/// One refusal as each dialect answers it: Trestle, TLD, TrueCNAM, TeleTracker, Fone
/// Dynamics.
type Refusals = [(u16, &'static str); 5];

const UNKNOWN: Refusals = [
    (
        403,
        "INVALID_API_KEY Verify your x-api-key header value or contact support.",
    ),
    (401, "Invalid API ID or API Key"),
    (200, "2 Invalid username or password"),
    (401, "UNAUTHENTICATED"),
    (401, "UNAUTHORIZED"),
];
const DISABLED: Refusals = [
    (
        403,
        "FORBIDDEN Contact support with your API key reference. (disabled)",
    ),
    (401, "API Key Disabled"),
    (200, "3 API key disabled"),
    (401, "UNAUTHENTICATED"),
    (401, "UNAUTHORIZED"),
];
const EXPIRED: Refusals = [
    (
        403,
        "FORBIDDEN Contact support with your API key reference. (expired)",
    ),
    (401, "API Key Expired"),
    (200, "3 API key disabled"),
    (401, "UNAUTHENTICATED"),
    (401, "UNAUTHORIZED"),
];
const OTHER_PRODUCT: Refusals = [
    (
        403,
        "FORBIDDEN Contact support with your API key reference. (no access to this product)",
    ),
    (403, "Product Not Allowed"),
    (200, "3 API key not allowed for this product"),
    (403, "FORBIDDEN"),
    (403, "FORBIDDEN"),
];
const WRONG_PATH: Refusals = [
    (
        403,
        "FORBIDDEN Contact support with your API key reference. (not allowed on this path)",
    ),
    (403, "Endpoint Not Allowed"),
    (200, "3 API key not allowed for this path"),
    OTHER_PRODUCT[3],
    OTHER_PRODUCT[4],
];
const WRONG_ADDRESS: Refusals = [
    (
        403,
        "FORBIDDEN Contact support with your API key reference. (not allowed from this address)",
    ),
    (403, "IP Address Not Allowed"),
    (200, "3 API key not allowed from this address"),
    OTHER_PRODUCT[3],
    OTHER_PRODUCT[4],
];
const TOO_FAST: Refusals = [
    (429, "RATE_LIMIT_EXCEEDED"),
    (429, "Rate Limit Exceeded"),
    (200, "8 Queries per minute exceeded"),
    (429, "RATE_LIMIT_EXCEEDED"),
    (429, "RATE_LIMIT_EXCEEDED"),
];
const TOO_MANY_THIS_SECOND: Refusals = [
    TOO_FAST[0],
    TOO_FAST[1],
    (200, "8 Queries per second exceeded"),
    TOO_FAST[3],
    TOO_FAST[4],
];
const TOO_MANY_TODAY: Refusals = [
    TOO_FAST[0],
    TOO_FAST[1],
    (200, "8 Queries per day exceeded"),
    TOO_FAST[3],
    TOO_FAST[4],
];
const QUOTA: Refusals = [
    (429, "QUOTA_EXCEEDED"),
    (429, "Quota Exceeded"),
    (200, "8 Queries per month exceeded"),
    (429, "QUOTA_EXCEEDED"),
    (429, "QUOTA_EXCEEDED"),
];

fn assert_refused(vendor: CredentialKind, refusals: &Refusals, found: &Verdict, case: &str) {
    let row = vendors::ALL
        .iter()
        .position(|known| *known == vendor)
        .expect("a vendor");
    let (status, text) = refusals[row];
    assert_eq!(
        (found.0, found.1.as_str()),
        (status, text),
        "{vendor:?}: {case}"
    );
}

async fn key(
    world: &World,
    vendor: CredentialKind,
    change: impl FnOnce(&mut NewCredential),
) -> Key {
    let account = world.account().await;
    let change = |new: &mut NewCredential| {
        new.limits = Limits::default();
        change(new);
    };
    world.credential_with(&account, vendor, change).await
}
