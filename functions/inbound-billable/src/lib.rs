//! `POST /api/ingress/calls/inbound/billable[/{did}[/{cid}]]`: records a call's cost.
//!
//! See contracts/tld.md.

mod wire;

use std::time::Duration;

use callbook::access::{Context, Presented, Unauthenticated};
use callbook::dialect::tld::{self, Feature, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::ledger::{BillEntry, BillRefusal, Creation};
use callbook::model::account::Account;
use callbook::model::call::CostId;
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::idempotency::IdempotencyRecord;
use callbook::problem::{Fault, Missing, Problem};

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
    let (bill, key) = wire.parse(context.request(), &account.zone)?;
    context.throttle().await?;

    let call_date = bill.call_date.unwrap_or(now);
    let call = ledger.call_to_bill(account, &bill, call_date).await?;
    let window = Duration::from_secs(u64::from(account.repeat_window_minutes) * 60);
    let entry = BillEntry {
        account,
        credential,
        address: context.request().source(),
        bill: &bill,
        call: call.as_ref(),
        date_billed: bill.date_billed.unwrap_or(now),
        call_date,
        idempotency: IdempotencyRecord::of_bill(credential, key.as_ref(), &bill, window, now),
        guid: context.guid(),
        now,
    };
    let answer = |cost_id: &CostId| wire::answer(&entry, cost_id, &wire);
    match ledger.record_bill(&entry, answer).await? {
        Creation::Created(answer) => Ok(tld::billed(answer)),
        Creation::Exists(first) => Ok(tld::replayed(first)),
        Creation::Refused(BillRefusal::ExistsDifferent) => Err(Problem::IdempotencyKeyReused),
        Creation::Refused(BillRefusal::NotRegistered) => Err(not_registered()),
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

fn not_registered() -> Problem {
    Problem::of(field::DID, Fault::invalid("not a number of the account"))
}

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
