//! `GET /callbook/v1/summary`: counts and sums of calls and costs in groups (contracts/callbook.md).

mod ask;
mod wire;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::callbook::{self as dialect, field, resource};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::model::summary::grouping::{Groups, Numbers, Question, SummaryTooLarge};
use callbook::problem::{Fault, Problem};

use ask::Ask;
use wire::SummaryView;

/// The `summary` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "summary",
    dialect: Some(Dialect::Callbook),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// Answers the sums of a range, by group.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, or an error if DynamoDB does
/// not answer in time.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let (context, _body) = resource::receive(unauthenticated).await?;
    if !context.account().is_migrated() {
        return Ok(dialect::not_migrated(context.guid()));
    }
    let account = context.account();
    let mut reader = resource::query(context.request(), &Ask::FIELDS);
    let ask = Ask::read(&mut reader, &account.zone, context.now());
    let (ask,) = reader.finish((ask,))?;
    context.throttle().await?;
    let ledger = context.ledger();
    // Before the sums: they may be newer than what it says, and not older.
    let state = ledger.summary_state(&account.id);
    let range = ask.question.range_with(ask.previous.as_ref());
    let numbers = ledger.numbers_of_summary(&account.id, &ask.question.by, range);
    let (state, numbers) = futures_util::try_join!(state, numbers)?;
    let groups = read(&context, &ask, &ask.question, &numbers);
    let earlier = async {
        match &ask.previous {
            Some(question) => read(&context, &ask, question, &numbers).await.map(Some),
            None => Ok(None),
        }
    };
    let (groups, earlier) = futures_util::try_join!(groups, earlier)?;
    Ok(dialect::success(&SummaryView::of(
        account,
        &ask,
        &groups,
        earlier.as_ref(),
        state,
    )))
}

async fn read(
    context: &Context<'_>,
    ask: &Ask,
    question: &Question,
    numbers: &Numbers,
) -> Result<Groups, Problem> {
    let (ledger, account) = (context.ledger(), context.account());
    let groups = ledger
        .summary(&account.id, question, numbers, ask.unique_callers)
        .await?;
    groups.map_err(|too_large| {
        let mut reader = resource::query(context.request(), &Ask::FIELDS);
        let field = match too_large {
            SummaryTooLarge::Groups => field::BY,
            SummaryTooLarge::Callers => field::UNIQUE_CALLERS,
        };
        reader.fault(field, Fault::invalid(too_large));
        reader.into_problem()
    })
}
