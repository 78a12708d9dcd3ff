//! `POST /api/ingress/calls/inbound/billable[/{did}[/{cid}]]`: records a call's cost.
//!
//! See contracts/tld.md.

mod wire;

use std::sync::{Mutex, PoisonError};

use callbook::access::{Context, Presented, Unauthenticated};
use callbook::dialect::tld::{self, Feature, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::ledger::{BillEntry, BillRefusal, Billed, Creation};
use callbook::model::account::Account;
use callbook::model::credential::{Credential, CredentialKind, Product};
use callbook::problem::{Fault, Missing, Problem};
use callbook::request::BillFacts;

use wire::Wire;

/// The `inbound-billable` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "inbound-billable",
    dialect: Some(Dialect::Tld),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// Records what a call cost, once.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, `IdempotencyKeyReused`,
/// or an error if DynamoDB does not answer in time.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let (wire, context) = authorized(unauthenticated).await?;
    let (account, credential) = (context.account(), context.credential());
    if let Some(feature) = lacking(account) {
        return Ok(tld::not_enabled(feature));
    }
    let (ledger, now) = (context.ledger(), context.now());
    let (bill, key) = wire.parse(context.request(), account)?;
    context.throttle().await?;

    let entry = BillEntry {
        account,
        credential,
        address: context.request().source(),
        bill: &bill,
        key: key.as_ref(),
        guid: context.guid(),
        now,
    };
    let last = Mutex::default();
    let answer = |billed: &Billed| {
        *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(billed.clone());
        wire::answer(&entry, billed, &wire)
    };
    let outcome = ledger.record_bill(&entry, answer).await?;
    let last = last.into_inner().unwrap_or_else(PoisonError::into_inner);
    context
        .request()
        .billed(facts(credential, &outcome, last.as_ref()));
    let notes = bill.notes.as_ref();
    match outcome {
        Creation::Created(answer) => Ok(tld::billed(wire::with_notes(&answer, notes)?)),
        Creation::Exists(first) => Ok(tld::replayed(wire::with_notes(&first, notes)?)),
        Creation::Refused(BillRefusal::ExistsDifferent) => Err(Problem::IdempotencyKeyReused),
        Creation::Refused(BillRefusal::NotRegistered) => {
            Err(Problem::of(field::DID, Fault::invalid(NOT_REGISTERED)))
        }
        Creation::Refused(BillRefusal::Did(refusal)) => {
            Err(Problem::of(field::DID, Fault::invalid(refusal)))
        }
    }
}

/// Authenticates and authorizes the request.
///
/// Its parameters are read first, because they may contain the credential.
async fn authorized(unauthenticated: Unauthenticated<'_>) -> Result<(Wire, Context<'_>), Problem> {
    let request = unauthenticated.request();
    let wire = Wire::read(request).await;
    let (name, secret) = match wire::credential(request, wire.as_ref().ok()) {
        (Some(name), Some(secret)) => (name, secret),
        // The credential may be in the unreadable body, so the body is what is wrong.
        (name, _) => {
            wire?;
            let missing = if name.is_none() {
                Missing::Name
            } else {
                Missing::Secret
            };
            return Err(Problem::MissingCredential(missing));
        }
    };
    let wire = wire?;
    let presented = Presented::pair(CredentialKind::Tld, &name, &secret);
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let context = authenticated
        .authorize(Product::InboundBillable)?
        .own_account()
        .await?;
    Ok((wire, context))
}

/// What the log says of a bill. Of a repeat it says the entry, not the call, which may have changed since.
fn facts(
    credential: &Credential,
    outcome: &Creation<String, BillRefusal>,
    last: Option<&Billed>,
) -> BillFacts {
    let label = Some(credential.label.clone()).filter(|label| !label.is_empty());
    let vendor = |billed: &Billed| billed.vendor_id.as_ref().map(ToString::to_string);
    match (outcome, last) {
        (Creation::Created(_), Some(billed)) => BillFacts {
            cost_id: Some(billed.cost_id.as_str().to_owned()),
            call_sid: billed.call_sid.as_ref().map(|sid| sid.as_str().to_owned()),
            vendor_id: vendor(billed),
            label,
            two_vendors: billed.two_vendors,
            ..BillFacts::default()
        },
        (Creation::Exists(first), _) => BillFacts {
            cost_id: wire::cost_id_of(first),
            vendor_id: last.and_then(vendor),
            label,
            ..BillFacts::default()
        },
        (Creation::Refused(refusal), _) => BillFacts {
            label,
            refusal: match refusal {
                BillRefusal::Did(refusal) => Some(refusal.to_string()),
                BillRefusal::NotRegistered => Some(NOT_REGISTERED.to_owned()),
                BillRefusal::ExistsDifferent => None,
            },
            ..BillFacts::default()
        },
        (Creation::Created(_), None) => BillFacts {
            label,
            ..BillFacts::default()
        },
    }
}

/// Why a DID is refused by an account that takes bills for its registered numbers only.
const NOT_REGISTERED: &str = "not a number of the account";

/// Returns a feature that the account must enable before it can send bills.
fn lacking(account: &Account) -> Option<Feature> {
    if !account.tldialer {
        Some(Feature::Dialer)
    } else if !account.advanced_call_log {
        Some(Feature::CallLog)
    } else {
        None
    }
}
