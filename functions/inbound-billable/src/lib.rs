//! `POST /api/ingress/calls/inbound/billable[/{did}[/{cid}]]`: what a call cost (contracts/tld.md).

mod wire;

use std::time::Duration;

use callbook::access::Shown;
use callbook::dialect::{Answer, Dialect, tld};
use callbook::edge::{App, Function, Request};
use callbook::ids;
use callbook::ledger::{Billed, Billing};
use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Product};
use callbook::once::OnceKey;
use callbook::problem::{Fault, FieldProblem, Missing, Problem, Switch};

use wire::Wire;

/// The function.
pub const FUNCTION: Function = Function {
    name: "inbound-billable",
    dialect: Some(Dialect::Tld),
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Records what a call cost, once.
///
/// # Errors
/// Why it was not recorded.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    let wire = Wire::read(request).await;
    let (name, secret) = wire::credential(request, wire.as_ref().ok());
    let (name, secret) = match (name, secret, wire.as_ref().is_ok()) {
        (Some(name), Some(secret), _) => (name, secret),
        // A credential may be in the body that could not be read: then that is what is wrong.
        (_, _, false) => return Err(wire.err().unwrap_or(Problem::UnknownCredential)),
        (None, ..) => return Err(Problem::MissingCredential(Missing::Name)),
        (_, None, _) => return Err(Problem::MissingCredential(Missing::Secret)),
    };
    let shown = Shown::Pair {
        name: &name,
        secret: &secret,
    };
    let wire = wire?;
    let ledger = app.ledger()?;
    let caller = app
        .access()
        .admit(
            ledger,
            request,
            CredentialKind::Tld,
            &shown,
            Product::InboundBillable,
        )
        .await?;
    switched_on(&caller.account)?;

    let (bill, key) = wire.parse(&caller.account.zone)?;
    let now = request.received();
    app.access().count(ledger, &caller, now).await?;

    let call_date = bill.call_date.unwrap_or(now);
    let call = ledger
        .call_to_bill(&caller.account, &bill, call_date)
        .await?;
    let window = Duration::from_secs(u64::from(caller.account.repeat_window_minutes) * 60);
    let once = OnceKey::of_bill(&caller.credential, key.as_ref(), &bill, window, now);
    let mut billing = Billing {
        account: &caller.account,
        credential: &caller.credential,
        address: request.source(),
        bill: &bill,
        call: call.as_ref(),
        cost_id: &ids::cost_id(now),
        date_billed: bill.date_billed.unwrap_or(now),
        call_date,
        once: once.as_ref(),
        answer: "",
        guid: request.guid(),
        now,
    };
    let answer = wire::answer(&billing, &wire)?;
    billing.answer = &answer;
    match ledger.record_bill(&billing).await? {
        Billed::Done => Ok(tld::billed(answer)),
        Billed::Replayed(first) => Ok(tld::replayed(first)),
        Billed::KeyReused => Err(Problem::IdempotencyKeyReused),
        Billed::NotRegistered => Err(Problem::Invalid(vec![FieldProblem {
            field: tld::field::DID,
            fault: Fault::Invalid("not a number of the account".to_owned()),
        }])),
    }
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
