//! `/callbook/v1/calls`: the call log, and the story of one call (contracts/callbook.md).

mod list;
mod number_filter;
mod query;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::calls::CallStoryView;
use callbook::dialect::callbook::resource;
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::model::call::CallSid;
use callbook::problem::Problem;
use callbook::request::page_token::PageKey;

/// The `calls-log` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "calls-log",
    dialect: Some(Dialect::Callbook),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Lists the calls of a range, or shows one with every report and every cost entry.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, or an error if DynamoDB
/// does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, _body) = resource::receive(unauthenticated).await?;
    if !context.account().is_migrated() {
        return Ok(dialect::not_migrated(context.guid()));
    }
    match routes::parts(context.request()).as_slice() {
        ["GET", _, _, "calls"] => list::list(&context, key).await,
        ["GET", _, _, "calls", sid] => show(&context, sid).await,
        _ => Err(Problem::NotFound),
    }
}

/// Answers with a call. The sid of a report that was joined to another call is answered with that call.
async fn show(context: &Context<'_>, sid: &str) -> Result<Answer, Problem> {
    resource::nothing(context.request())?;
    context.throttle().await?;
    let (ledger, account) = (context.ledger(), context.account());
    let story = match CallSid::parse(sid) {
        Ok(sid) => ledger.call_story(&account.id, &sid).await?,
        Err(_) => None,
    };
    let Some(mut story) = story else {
        return Ok(dialect::call_not_found(context.guid()));
    };
    ledger.expect(account, &mut story.costs).await?;
    Ok(dialect::success(&CallStoryView::of(&story, account)))
}
