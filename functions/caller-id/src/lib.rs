//! `GET` and `POST /api/v1`: call starts, call ends and caller id (contracts/truecnam.md).

mod terminating;
mod wire;

use std::sync::Arc;

use callbook::access::{Authenticated, Context, Presented, Unauthenticated};
use callbook::dialect::truecnam::{self, Form, Query, QueryRefusal};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::ids;
use callbook::ledger::{CallStart, Creation, Update};
use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::phone::PhoneNumber;
use callbook::model::text::PersonName;
use callbook::problem::Problem;

use wire::{Asked, Wire};

/// The `caller-id` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "caller-id",
    dialect: Some(Dialect::Truecnam),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// Answers a query in the form that it asks for, refusals included.
///
/// # Errors
/// Returns `BodyTooLarge`, `MalformedBody` or `UnsupportedMediaType` if the body cannot be read.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let wire = Wire::read(unauthenticated.request()).await?;
    let asked = wire.parse();
    let refuse = |refusal: QueryRefusal, form, remaining| {
        truecnam::refuse(refusal, form, wire.query(), &wire.echo(remaining))
    };
    let Some((name, secret)) = wire.credential() else {
        let problem = asked.err().unwrap_or(Problem::UnknownCredential);
        return Ok(refuse(problem.into(), wire.form(Form::default()), None));
    };
    let presented = Presented::pair(CredentialKind::Truecnam, name, secret);
    let (authenticated, account) = match identify(unauthenticated, &presented).await {
        Ok(identified) => identified,
        Err(problem) => return Ok(refuse(problem.into(), wire.form(Form::default()), None)),
    };
    let form = wire.form(Form {
        kind: account.resp_type,
        format: account.resp_format,
    });
    let answer = answer(&authenticated, asked, form, wire.query()).await;
    Ok(answer.unwrap_or_else(|refusal| refuse(refusal, form, Some(authenticated.remaining()))))
}

/// Authenticates the request and loads the account.
///
/// The account is loaded before any further check, because its settings decide how errors are
/// formatted.
async fn identify<'a>(
    unauthenticated: Unauthenticated<'a>,
    presented: &Presented,
) -> Result<(Authenticated<'a>, Arc<Account>), Problem> {
    let authenticated = unauthenticated.authenticate(presented).await?;
    let account = authenticated.account().await?;
    Ok((authenticated, account))
}

async fn answer(
    authenticated: &Authenticated<'_>,
    asked: Result<Asked, Problem>,
    form: Form,
    query: Option<Query>,
) -> Result<Answer, QueryRefusal> {
    // What a request does decides, and not its method: `GET` and `POST` do the same here.
    let authorized = match query {
        Some(Query::Start | Query::End) => authenticated.authorize_to_write(Product::CallerId)?,
        Some(Query::Terminating) | None => authenticated.authorize_to_read(Product::CallerId)?,
    };
    let context = authorized.own_account().await?;
    let carrier = context.account().carrier || context.credential().carrier;
    if query == Some(Query::End) && !carrier {
        return Err(QueryRefusal::NotCarrier);
    }
    // `HEAD` changes nothing: it records no call, and starts and ends none.
    let head = context.request().is_head();
    match asked? {
        Asked::Start { .. } | Asked::End { .. } if head => Ok(truecnam::started(form)),
        Asked::Start { calling, called } => {
            start(&context, &calling, &called, carrier).await?;
            Ok(truecnam::started(form))
        }
        Asked::End { calling, called } => end(&context, &calling, &called, form).await,
        Asked::Terminating(reaching) => {
            let records = !head && !context.credential().only_reads();
            Ok(terminating::answer(&context, &reaching, form, records).await?)
        }
    }
}

async fn start(
    context: &Context<'_>,
    calling: &PhoneNumber,
    called: &PhoneNumber,
    carrier: bool,
) -> Result<(), QueryRefusal> {
    let (ledger, account) = (context.ledger(), context.account());
    let start = CallStart {
        account,
        credential: &context.credential().id,
        carrier,
        sid: ids::call_sid(context.now(), ids::shard(account.shards)),
        calling,
        called,
        guid: context.guid(),
    };
    let before = async { ledger.before_start(&start).await.map_err(Problem::from) };
    let ((), before) = futures_util::try_join!(context.throttle_starts(), before)?;
    match ledger
        .start_call(&start, before)
        .await
        .map_err(Problem::from)?
    {
        // A start of a call that is already live is the same call.
        Creation::Created(()) | Creation::Exists(()) => Ok(()),
        Creation::Refused(limit) => Err(QueryRefusal::LiveCalls(limit)),
    }
}

async fn end(
    context: &Context<'_>,
    calling: &PhoneNumber,
    called: &PhoneNumber,
    form: Form,
) -> Result<Answer, QueryRefusal> {
    let (ledger, account, now) = (context.ledger(), context.account(), context.now());
    let contact = ledger.contact(&account.id, called, now);
    let contact = async { contact.await.map_err(Problem::from) };
    let ((), contact) = futures_util::try_join!(context.throttle_starts(), contact)?;
    let ended = ledger
        .end_call(account, calling, called, context.guid(), now)
        .await
        .map_err(Problem::from)?;
    if ended == Update::NotFound {
        return Err(QueryRefusal::NoLiveCall);
    }
    let (name, extended) = names(contact.reputation.name.as_ref());
    Ok(truecnam::ended(form, &name, &extended))
}

/// Returns the name in 15 characters and in full. Both are empty if there is no name.
fn names(name: Option<&PersonName>) -> (String, String) {
    name.map(|name| (name.cnam(), name.as_str().to_owned()))
        .unwrap_or_default()
}
