//! `POST /api/ingress/calls/inbound/billable[/{did}[/{cid}]]`: what a call cost (contracts/tld.md).

mod wire;

use std::time::Duration;

use callbook::access::{Presented, Principal};
use callbook::dialect::{Answer, Dialect, tld};
use callbook::edge::{App, Function};
use callbook::ledger::{BillEntry, BillRefusal, Creation};
use callbook::model::account::Account;
use callbook::model::call::CostId;
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::idempotency::IdempotencyRecord;
use callbook::problem::{Fault, FieldProblem, Missing, Problem, Switch};
use callbook::request::Request;

use wire::Wire;

/// The function.
pub const FUNCTION: Function = Function {
    name: "inbound-billable",
    dialect: Some(Dialect::Tld),
    reads_numbers: true,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Records what a call cost, once.
///
/// # Errors
/// Why it was not recorded.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    let (wire, caller) = admit(app, request).await?;
    let (bill, key) = wire.parse(&caller.account.zone)?;
    let (ledger, now) = (app.ledger()?, request.received());
    app.access().count(ledger, &caller, now).await?;

    let call_date = bill.call_date.unwrap_or(now);
    let call = ledger
        .call_to_bill(&caller.account, &bill, call_date)
        .await?;
    let window = Duration::from_secs(u64::from(caller.account.repeat_window_minutes) * 60);
    let entry = BillEntry {
        account: &caller.account,
        credential: &caller.credential,
        address: request.source(),
        bill: &bill,
        call: call.as_ref(),
        date_billed: bill.date_billed.unwrap_or(now),
        call_date,
        idempotency: IdempotencyRecord::of_bill(
            &caller.credential,
            key.as_ref(),
            &bill,
            window,
            now,
        ),
        guid: request.guid(),
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

/// Who it is, with the parameters that the credential may be among.
async fn admit(app: &App, request: &Request) -> Result<(Wire, Principal), Problem> {
    let wire = Wire::read(request).await;
    let (name, secret) = match wire::credential(request, wire.as_ref().ok()) {
        (Some(name), Some(secret)) => (name, secret),
        // A credential may be in the body that could not be read: then that is what is wrong.
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
    let (kind, product) = (CredentialKind::Tld, Product::InboundBillable);
    let shown = Presented::Pair {
        name: &name,
        secret: &secret,
    };
    let caller = app
        .access()
        .admit(app.ledger()?, request, kind, &shown, product)
        .await?;
    switched_on(&caller.account)?;
    Ok((wire, caller))
}

fn not_registered() -> Problem {
    Problem::Invalid(vec![FieldProblem {
        field: tld::field::DID,
        fault: Fault::Invalid("not a number of the account".to_owned()),
    }])
}

fn switched_on(account: &Account) -> Result<(), Problem> {
    if !account.tldialer {
        return Err(Problem::SwitchedOff(Switch::Dialer));
    }
    if !account.advanced_call_log {
        return Err(Problem::SwitchedOff(Switch::CallLog));
    }
    Ok(())
}
