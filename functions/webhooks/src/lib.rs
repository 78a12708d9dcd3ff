//! `/callbook/v1/webhooks`: where an account wants to be told of its events, and what became of each delivery
//! (contracts/callbook.md).

mod show;
mod wire;

use std::time::Duration;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::ids;
use callbook::ledger::{Creation, Deletion, EndpointRefusal, Update};
use callbook::model::webhook::{DeliveryId, Endpoint, EndpointId, EndpointState};
use callbook::problem::{Cause, Problem};
use callbook::request::JsonObject;
use callbook::request::page_token::{Cursor, PageKey, Pager};

use show::{DeletedView, DeliveriesView, DeliveryView, EndpointView, EndpointsView, NewSecretView};

/// The `webhooks` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "webhooks",
    dialect: Some(Dialect::Callbook),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Lists, creates, changes, deletes or tests endpoints, gives one a new secret, lists deliveries, or sends one again.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, `IdempotencyKeyReused`, or an error
/// if DynamoDB does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, body) = resource::receive(unauthenticated).await?;
    match routes::parts(context.request()).as_slice() {
        ["GET", _, _, "webhooks"] => list(&context).await,
        ["POST", _, _, "webhooks"] => create(&context, &body).await,
        ["PATCH", _, _, "webhooks", id] => change(&context, id, &body).await,
        ["DELETE", _, _, "webhooks", id] => delete(&context, id, &body).await,
        ["POST", _, _, "webhooks", id, "rotate"] => rotate(&context, id, &body).await,
        ["POST", _, _, "webhooks", id, "test"] => test(&context, id, &body).await,
        ["GET", _, _, "webhooks", id, "deliveries"] => deliveries(&context, id, key).await,
        ["POST", _, _, "deliveries", id, "resend"] => resend(&context, id, &body).await,
        _ => Err(Problem::NotFound),
    }
}

async fn list(context: &Context<'_>) -> Result<Answer, Problem> {
    resource::nothing(context.request())?;
    context.throttle().await?;
    let account = context.account();
    let found = context.ledger().webhooks(&account.id).await?;
    let may_change = !context.credential().only_reads();
    let shown = found
        .iter()
        .map(|endpoint| EndpointView::of(endpoint, account, may_change));
    Ok(dialect::success(&EndpointsView {
        webhooks: shown.collect(),
    }))
}

async fn create(context: &Context<'_>, body: &JsonObject) -> Result<Answer, Problem> {
    let (key, wanted) = wire::new_endpoint(context.request(), body)?;
    context.throttle().await?;
    let account = context.account();
    let said = wanted.said();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let once = context.once(key.as_ref(), &said);
    let endpoint = wanted.into_endpoint(ids::endpoint_id(), context.now());
    let secret = ids::signing_secret().ok_or_else(no_entropy)?;
    let created =
        context
            .ledger()
            .create_webhook(&account.id, endpoint, secret.clone(), once.as_ref());
    Ok(match created.await? {
        Creation::Created(endpoint) => {
            let view = EndpointView::of(&endpoint, account, true);
            dialect::created(&view.with_secret(&endpoint, &secret))
        }
        Creation::Exists(endpoint) => {
            let view = EndpointView::of(&endpoint, account, true);
            dialect::replayed(dialect::created(&view))
        }
        Creation::Refused(EndpointRefusal::KeyReused) => return Err(Problem::IdempotencyKeyReused),
        Creation::Refused(EndpointRefusal::TooMany) => {
            dialect::too_many_webhooks(context.guid(), Endpoint::MOST)
        }
    })
}

async fn change(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    let change = wire::endpoint_change(context.request(), body)?;
    context.throttle().await?;
    let account = context.account();
    let Ok(id) = EndpointId::parse(id) else {
        return Ok(dialect::webhook_not_found(context.guid()));
    };
    let ledger = context.ledger();
    let updated = ledger.update_webhook(&account.id, &id, &change, context.now());
    Ok(match updated.await? {
        Update::Updated(endpoint) => dialect::success(&EndpointView::of(&endpoint, account, true)),
        Update::NotFound => dialect::webhook_not_found(context.guid()),
        Update::Refused(refused) => return Err(wire::tokens_in_standard(refused)),
    })
}

async fn delete(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    wire::no_members(context.request(), body)?;
    context.throttle().await?;
    let Ok(id) = EndpointId::parse(id) else {
        return Ok(dialect::webhook_not_found(context.guid()));
    };
    let deleted = context.ledger().delete_webhook(&context.account().id, &id);
    Ok(match deleted.await? {
        Deletion::Deleted => dialect::success(&DeletedView { id, deleted: true }),
        Deletion::NotFound => dialect::webhook_not_found(context.guid()),
    })
}

async fn rotate(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    let overlap = wire::overlap(context.request(), body)?;
    context.throttle().await?;
    let (account, now) = (context.account(), context.now());
    let Ok(id) = EndpointId::parse(id) else {
        return Ok(dialect::webhook_not_found(context.guid()));
    };
    let secret = ids::signing_secret().ok_or_else(no_entropy)?;
    let until = now.plus(Duration::from_secs(u64::from(overlap) * 3_600));
    let ledger = context.ledger();
    let rotated = ledger.rotate_secret(&account.id, &id, &secret, (until, now));
    Ok(match rotated.await? {
        Update::Updated(secrets) => {
            let older = secrets.older_until(now);
            dialect::success(&NewSecretView::of(id, &secret, older, account))
        }
        Update::NotFound => dialect::webhook_not_found(context.guid()),
    })
}

async fn test(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    wire::no_members(context.request(), body)?;
    context.throttle().await?;
    let (account, ledger) = (context.account(), context.ledger());
    let found = match EndpointId::parse(id) {
        Ok(id) => ledger.webhook(&account.id, &id).await?,
        Err(_) => None,
    };
    let Some(endpoint) = found else {
        return Ok(dialect::webhook_not_found(context.guid()));
    };
    if endpoint.status == EndpointState::Disabled {
        return Ok(dialect::webhook_disabled(context.guid()));
    }
    let guid = context.guid().to_string();
    let queued = ledger.queue_test(&account.id, &endpoint.id, &guid, context.now());
    Ok(dialect::success(&DeliveryView::of(&queued.await?, account)))
}

async fn deliveries(context: &Context<'_>, id: &str, key: &PageKey) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    let pager = Pager::new(key, &account.id, request.path(), &())?;
    let mut reader = resource::query(request, &ListPage::FIELDS);
    let page = ListPage::read(&mut reader, pager);
    let (page,) = reader.finish((page,))?;
    context.throttle().await?;
    let ledger = context.ledger();
    let found = match EndpointId::parse(id) {
        Ok(id) => ledger.webhook(&account.id, &id).await?,
        Err(_) => None,
    };
    let Some(endpoint) = found else {
        return Ok(dialect::webhook_not_found(context.guid()));
    };
    let before = page.cursor.as_ref().map(|cursor| cursor.after.as_str());
    let before = before.and_then(|before| DeliveryId::parse(before).ok());
    let asked = (page.limit, context.now());
    let found = ledger
        .deliveries(&account.id, &endpoint.id, before.as_ref(), asked)
        .await?;
    let next = found.last.map(|last| Cursor::after(last.to_string()));
    let shown = found
        .deliveries
        .iter()
        .map(|delivery| DeliveryView::of(delivery, account));
    Ok(dialect::success(&DeliveriesView {
        deliveries: shown.collect(),
        next_cursor: page.next(next.as_ref()),
    }))
}

async fn resend(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    wire::no_members(context.request(), body)?;
    context.throttle().await?;
    let (account, ledger) = (context.account(), context.ledger());
    let Ok(id) = DeliveryId::parse(id) else {
        return Ok(dialect::delivery_not_found(context.guid()));
    };
    let Some(endpoint) = ledger.webhook(&account.id, id.endpoint()).await? else {
        return Ok(dialect::delivery_not_found(context.guid()));
    };
    if endpoint.status == EndpointState::Disabled {
        return Ok(dialect::webhook_disabled(context.guid()));
    }
    let resent = ledger.resend_delivery(&account.id, &id, context.now());
    Ok(match resent.await? {
        Update::Updated(delivery) => dialect::success(&DeliveryView::of(&delivery, account)),
        Update::NotFound => dialect::delivery_not_found(context.guid()),
    })
}

fn no_entropy() -> Problem {
    Problem::Internal(Cause::text("the system's random number generator failed"))
}
