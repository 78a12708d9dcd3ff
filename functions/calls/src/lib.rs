//! `/v2/Calls/{sid}`, and lists of a property's or an account's calls (contracts/fonedynamics.md).

mod list;
mod query;
mod scene;
mod wire;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::ledger::{CallRow, Contact, SwitchCall, Update};
use callbook::model::call::{CallSid, Direction};
use callbook::model::credential::Product;
use callbook::model::time::Zone;
use callbook::problem::Problem;
use callbook::request::Parameters;
use callbook::request::page_token::PageKey;

use list::Whose;
use scene::CallContext;
use wire::{Call, Changing, Recording};

/// The `calls` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "calls",
    dialect: Some(Dialect::Fonedynamics),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Handles a request by its path and method.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault or for an unknown sid,
/// or an error if DynamoDB does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, parameters) =
        resource::receive(unauthenticated, Product::Calls, &["POST"]).await?;
    match routes::parts(context.request()).as_slice() {
        ["GET", "v2", "Calls", sid] => {
            resource::check(&parameters, &[field::CALL_SID])?;
            show(&context, sid).await
        }
        ["POST", "v2", "Calls", sid] => update(&context, &parameters, sid).await,
        ["POST", "v2", "Properties", sid, "Calls"] => record(&context, &parameters, sid).await,
        ["GET", "v2", "Properties", sid, "Calls"] => {
            list::list(&context, &parameters, key, Whose::Property(sid)).await
        }
        ["GET", "v2", "Accounts", sid, "Calls"] => {
            list::list(&context, &parameters, key, Whose::Account(sid)).await
        }
        _ => Err(Problem::NotFound),
    }
}

async fn show(context: &Context<'_>, sid: &str) -> Result<Answer, Problem> {
    let call = find(context, sid).await?;
    context.throttle().await?;
    answer(context, &call).await
}

async fn update(
    context: &Context<'_>,
    parameters: &Parameters,
    sid: &str,
) -> Result<Answer, Problem> {
    let (account, now) = (context.account(), context.now());
    let (sid, changing) = Changing::read(parameters, sid, now)?;
    let zone = match changing.depends_on_zone() {
        true => zone_of(context, &find(context, sid.as_str()).await?).await?,
        false => account.zone.clone(),
    };
    let change = changing.since(sid.started(), &zone, now)?;
    context.throttle().await?;
    let ledger = context.ledger();
    let updated = ledger.update_call(account, &sid, &change, context.guid(), now);
    match updated.await? {
        Update::Updated(call) => answer(context, &call).await,
        Update::NotFound => Err(Problem::not_found(field::CALL_SID)),
    }
}

async fn record(
    context: &Context<'_>,
    parameters: &Parameters,
    property: &str,
) -> Result<Answer, Problem> {
    let (account, now) = (context.account(), context.now());
    let recording = Recording::read(parameters, now)?;
    let (property, contact) =
        futures_util::try_join!(context.property(property), contact_of(context, &recording))?;
    let zone = property.zone.as_ref().unwrap_or(&account.zone);
    let (began, change) = recording.times(zone, now)?;
    context.throttle().await?;
    let call = SwitchCall {
        account,
        property: &property.sid,
        from: &recording.from,
        to: &recording.to,
        direction: recording.direction,
        began,
        change,
        external_id: None,
        contact: &contact,
        guid: context.guid(),
        now,
    };
    let call = context.ledger().record_call(&call).await?;
    answer(context, &call).await
}

async fn answer(context: &Context<'_>, call: &CallRow) -> Result<Answer, Problem> {
    let account = context.account();
    let scene = CallContext::of_call(context.ledger(), &account.id, call).await?;
    Ok(fonedynamics::success(&Call::of(call, &account.sid, &scene)))
}

/// Returns the account's call with the sid from the path.
async fn find(context: &Context<'_>, sid: &str) -> Result<CallRow, Problem> {
    let missing = || Problem::not_found(field::CALL_SID);
    let sid = CallSid::parse(sid).map_err(|_| missing())?;
    let account = &context.account().id;
    let found = context.ledger().call(account, &sid).await?;
    found.ok_or_else(missing)
}

/// Returns what is known of the caller of an inbound call. Callees of outbound calls are not contacts.
async fn contact_of(context: &Context<'_>, recording: &Recording) -> Result<Contact, Problem> {
    let (account, now) = (&context.account().id, context.now());
    Ok(match (recording.direction, recording.from.number()) {
        (Direction::Inbound, Some(from)) => context.ledger().contact(account, from, now).await?,
        _ => Contact::default(),
    })
}

/// Returns the zone of a call's days: its property's, else the account's.
async fn zone_of(context: &Context<'_>, call: &CallRow) -> Result<Zone, Problem> {
    let (ledger, account) = (context.ledger(), context.account());
    let scene = CallContext::of_call(ledger, &account.id, call).await?;
    let property = match call.property(&scene.assignments) {
        Some(sid) => ledger.property(&account.id, sid).await?,
        None => None,
    };
    let zone = property.and_then(|property| property.zone);
    Ok(zone.unwrap_or_else(|| account.zone.clone()))
}
