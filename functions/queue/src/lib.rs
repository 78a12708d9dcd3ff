//! `/callbook/v1/queue`: callees that wait for a dialer, each given to one taker at a time
//! (contracts/callbook.md).

mod wire;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::ledger::{FinishOutcome, LeaseOutcome, TakeRequest, TakenEntry, WaitingEntry};
use callbook::model::queue::QueueId;
use callbook::problem::Problem;
use callbook::request::JsonObject;
use callbook::request::page_token::{Cursor, PageKey, Pager};

use wire::{FinishedEntry, QueueEntryView, TakenEntries, WaitingList};

/// The `queue` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "queue",
    dialect: Some(Dialect::Callbook),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Lists who waits, takes entries, extends the lease of one, or finishes it.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, or an error if DynamoDB does
/// not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, body) = resource::receive(unauthenticated).await?;
    match routes::parts(context.request()).as_slice() {
        ["GET", _, _, "queue"] => list(&context, key).await,
        ["POST", _, _, "queue", "take"] => take(&context, &body).await,
        ["POST", _, _, "queue", id, "extend"] => extend(&context, id, &body).await,
        ["POST", _, _, "queue", id, "finish"] => finish(&context, id, &body).await,
        _ => Err(Problem::NotFound),
    }
}

async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    let pager = Pager::new(key, &account.id, request.path(), &())?;
    let mut reader = resource::query(request, &ListPage::FIELDS);
    let page = ListPage::read(&mut reader, pager);
    let (page,) = reader.finish((page,))?;
    context.throttle().await?;
    let after = page.cursor.as_ref().map(|cursor| cursor.after.as_str());
    let after = after.and_then(|after| QueueId::parse(after).ok());
    let found = context
        .ledger()
        .queue_entries(&account.id, after, page.limit, context.now())
        .await?;
    let next = found.last.map(|last| Cursor::after(last.to_string()));
    let entries = found.entries.iter();
    Ok(dialect::success(&WaitingList {
        entries: entries
            .map(|entry| QueueEntryView::of(entry, account))
            .collect(),
        next_cursor: page.next(next.as_ref()),
    }))
}

async fn take(context: &Context<'_>, body: &JsonObject) -> Result<Answer, Problem> {
    let wanted = wire::wanted(context.request(), body)?;
    context.throttle().await?;
    let (ledger, account, now) = (context.ledger(), context.account(), context.now());
    let answer = |taken: &[WaitingEntry]| {
        let entries = taken.iter().map(|entry| QueueEntryView::of(entry, account));
        dialect::success(&TakenEntries {
            entries: entries.collect(),
        })
    };
    let mark = wanted.mark(context.credential());
    if let Some(mark) = &mark {
        let taken = ledger.taken_before(&account.id, mark, now).await?;
        if !taken.is_empty() {
            return Ok(dialect::replayed(answer(&taken)));
        }
    }
    let guid = context.guid().to_string();
    let request = TakeRequest {
        account: &account.id,
        process: wanted.process,
        limit: wanted.limit,
        lease: wanted.lease,
        by: mark.as_deref().unwrap_or(&guid),
        now,
    };
    Ok(answer(&ledger.take_from_queue(&request).await?))
}

async fn extend(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    let (lease, attempt) = wire::extension(context.request(), body)?;
    let Some(taken) = named(context, id, attempt).await? else {
        return Ok(dialect::queue_entry_not_found(context.guid()));
    };
    let (ledger, account) = (context.ledger(), context.account());
    let extended = ledger.extend_lease(&taken, lease, context.now());
    Ok(match extended.await? {
        LeaseOutcome::Extended(entry) => dialect::success(&QueueEntryView::of(&entry, account)),
        LeaseOutcome::Lost => dialect::lease_lost(context.guid()),
        LeaseOutcome::NotFound => dialect::queue_entry_not_found(context.guid()),
    })
}

async fn finish(context: &Context<'_>, id: &str, body: &JsonObject) -> Result<Answer, Problem> {
    let (result, attempt) = wire::end(context.request(), body)?;
    let Some(taken) = named(context, id, attempt).await? else {
        return Ok(dialect::queue_entry_not_found(context.guid()));
    };
    let finished = context.ledger().finish_entry(&taken, result, context.now());
    let answer = |attempt| dialect::success(&FinishedEntry::of(taken.id, attempt, result));
    Ok(match finished.await? {
        FinishOutcome::Finished { attempt } => answer(attempt),
        FinishOutcome::Repeated { attempt } => dialect::replayed(answer(attempt)),
        FinishOutcome::Lost => dialect::lease_lost(context.guid()),
        FinishOutcome::NotFound => dialect::queue_entry_not_found(context.guid()),
    })
}

/// The entry that a path names, if it can be one. The request is counted before.
async fn named<'a>(
    context: &'a Context<'_>,
    id: &str,
    attempt: Option<u32>,
) -> Result<Option<TakenEntry<'a>>, Problem> {
    context.throttle().await?;
    let account = &context.account().id;
    let id = QueueId::parse(id).ok();
    Ok(id.map(|id| TakenEntry {
        account,
        id,
        attempt,
    }))
}
