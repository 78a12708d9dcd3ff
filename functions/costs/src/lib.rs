//! `/callbook/v1/costs` and `/callbook/v1/adjustments`: the money of an account (contracts/callbook.md).

mod adjustments;
mod decisions;
mod entry;
mod list;
mod refused;
mod wire;

use callbook::access::Unauthenticated;
use callbook::dialect::callbook::{self as dialect, resource};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::problem::Problem;
use callbook::request::page_token::PageKey;

/// The `costs` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "costs",
    dialect: Some(Dialect::Callbook),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Lists costs or shows one, voids or matches one, lists bills that were refused, lists adjustments or makes one.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, `IdempotencyKeyReused`, or
/// an error if DynamoDB does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, body) = resource::receive(unauthenticated).await?;
    if !context.account().is_migrated() {
        return Ok(dialect::not_migrated(context.guid()));
    }
    match routes::parts(context.request()).as_slice() {
        ["GET", _, _, "costs"] => list::list(&context, key).await,
        ["GET", _, _, "costs", "refused"] => refused::list(&context, key).await,
        ["GET", _, _, "costs", id] => entry::show(&context, id).await,
        ["POST", _, _, "costs", id, "void"] => decisions::void(&context, id, &body).await,
        ["POST", _, _, "costs", id, "match"] => decisions::match_to(&context, id, &body).await,
        ["POST", _, _, "costs", id, "unpin"] => decisions::unpin(&context, id, &body).await,
        ["GET", _, _, "adjustments"] => adjustments::list(&context, key).await,
        ["POST", _, _, "adjustments"] => adjustments::make(&context, &body).await,
        _ => Err(Problem::NotFound),
    }
}
