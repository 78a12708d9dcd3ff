//! `GET` and `POST /api/v1`: call starts, call ends, and who is calling (contracts/truecnam.md).

mod terminating;
mod wire;

use callbook::access::{Presented, Principal};
use callbook::dialect::truecnam::{self, Form, Query};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{App, Function};
use callbook::ids;
use callbook::ledger::{CallStart, Update};
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::phone::PhoneNumber;
use callbook::model::text::PersonName;
use callbook::problem::{Problem, Switch};
use callbook::request::Request;

use wire::{Asked, Wire};

/// The function.
pub const FUNCTION: Function = Function {
    name: "caller-id",
    dialect: Some(Dialect::Truecnam),
    reads_numbers: true,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Answers in the form that was asked for, refusals included.
///
/// # Errors
/// The body cannot be read at all.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    let wire = Wire::read(request).await?;
    let asked = wire.parse();
    let refuse = |problem, form, remaining| {
        truecnam::refuse(problem, form, wire.query(), &wire.echo(remaining))
    };
    let Some((name, secret)) = wire.credential() else {
        let problem = asked.err().unwrap_or(Problem::UnknownCredential);
        return Ok(refuse(problem, wire.form(Form::default()), None));
    };
    let shown = Presented::Pair { name, secret };
    let kind = CredentialKind::Truecnam;
    let (ledger, access) = (app.ledger()?, app.access());
    let caller = match access.recognize(ledger, request, kind, &shown).await {
        Ok(caller) => caller,
        Err(problem) => return Ok(refuse(problem, wire.form(Form::default()), None)),
    };
    let form = wire.form(Form {
        kind: caller.account.resp_type,
        format: caller.account.resp_format,
    });
    let answer = answer(app, request, &caller, asked, form, wire.query()).await;
    Ok(answer.unwrap_or_else(|problem| {
        let remaining = access.remaining(&caller.credential, request.received());
        refuse(problem, form, Some(remaining))
    }))
}

async fn answer(
    app: &App,
    request: &Request,
    caller: &Principal,
    asked: Result<Asked, Problem>,
    form: Form,
    query: Option<Query>,
) -> Result<Answer, Problem> {
    caller.may(request, Product::CallerId)?;
    let carrier = caller.account.carrier || caller.credential.carrier;
    if query == Some(Query::End) && !carrier {
        return Err(Problem::SwitchedOff(Switch::Carrier));
    }
    match asked? {
        Asked::Start { calling, called } => {
            start(app, request, caller, &calling, &called).await?;
            Ok(truecnam::started(form))
        }
        Asked::End { calling, called } => end(app, request, caller, &calling, &called, form).await,
        Asked::Terminating(reaching) => {
            terminating::answer(app, request, caller, &reaching, form).await
        }
    }
}

async fn start(
    app: &App,
    request: &Request,
    caller: &Principal,
    calling: &PhoneNumber,
    called: &PhoneNumber,
) -> Result<(), Problem> {
    let sid = ids::call_sid(request.received(), ids::shard(caller.account.shards));
    let start = CallStart {
        account: &caller.account,
        sid,
        calling,
        called,
        guid: request.guid(),
    };
    // A call that is live already is the same call.
    let _started = app.ledger()?.start_call(&start).await?;
    Ok(())
}

async fn end(
    app: &App,
    request: &Request,
    caller: &Principal,
    calling: &PhoneNumber,
    called: &PhoneNumber,
    form: Form,
) -> Result<Answer, Problem> {
    let (ledger, account, now) = (app.ledger()?, &caller.account.id, request.received());
    let (ended, contact) = futures_util::try_join!(
        ledger.end_call(account, calling, called, request.guid(), now),
        ledger.contact(account, called, now),
    )?;
    if ended == Update::NotFound {
        return Err(Problem::NoLiveCall);
    }
    let (name, extended) = names(contact.reputation.name.as_ref());
    Ok(truecnam::ended(form, &name, &extended))
}

/// The 15-character name and the full one; both empty where none is known.
fn names(name: Option<&PersonName>) -> (String, String) {
    name.map(|name| (name.cnam(), name.as_str().to_owned()))
        .unwrap_or_default()
}
