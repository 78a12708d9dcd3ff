//! `/callbook/v1/events`: what happened in the account, for whoever polls (docs/events/README.md).

use std::time::Duration;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::field;
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::ledger::EventPlace;
use callbook::model::event::{Event, EventType};
use callbook::model::time::RangeEnd;
use callbook::problem::{Cause, Fault, Problem};
use callbook::request::page_token::{Cursor, PageKey, Pager};
use serde::Serialize;
use serde_json::value::RawValue;

/// How far back a list begins that says neither where nor goes on from another.
const BACK: Duration = Duration::from_secs(86_400);

/// The `events` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "events",
    dialect: Some(Dialect::Callbook),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// A page of events.
#[derive(Serialize)]
struct EventList {
    /// The events as they are sent to webhooks and put on the bus.
    events: Vec<Box<RawValue>>,
    /// Where the list goes on: there is a cursor always, because events will follow.
    next_cursor: String,
    /// Whether more events are there already.
    has_more: bool,
}

/// Lists events, from the one published first.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, or an error if DynamoDB does
/// not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, _body) = resource::receive(unauthenticated).await?;
    match routes::parts(context.request()).as_slice() {
        ["GET", _, _, "events"] => list(&context, key).await,
        _ => Err(Problem::NotFound),
    }
}

async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    // A cursor is good with other types too: it says how far a client has come.
    let pager = Pager::new(key, &account.id, request.path(), &())?;
    let fields = [&[field::FROM, field::TYPE][..], &ListPage::FIELDS[..]].concat();
    let mut reader = resource::query(request, &fields);
    let from = reader.optional(field::FROM, |text| {
        RangeEnd::parse(text).map_err(Fault::invalid)
    });
    let kinds = reader.items(field::TYPE, |text| {
        EventType::parse(text).map_err(Fault::invalid)
    });
    let page = ListPage::read(&mut reader, pager);
    let (from, kinds, page) = reader.finish((from, kinds, page))?;
    context.throttle().await?;
    let now = context.now();
    let begin = || {
        let from = from.map_or(now.minus(BACK), |from| from.moment(&account.zone));
        EventPlace::before(from)
    };
    let cursor = page.cursor.as_ref();
    let after = cursor.and_then(|cursor| EventPlace::parse(&cursor.after));
    let after = after.unwrap_or_else(begin);
    let kinds: Vec<EventType> = kinds.unwrap_or_default().into_iter().collect();
    let ledger = context.ledger();
    let found = ledger
        .events(account, &after, &kinds, page.limit, now)
        .await?;
    let next = Cursor::after(found.next.as_str());
    let events = found.events.iter().map(shown);
    Ok(dialect::success(&EventList {
        events: events.collect::<Result<_, _>>()?,
        next_cursor: page.next(Some(&next)).unwrap_or_default(),
        has_more: found.more,
    }))
}

fn shown(event: &Event) -> Result<Box<RawValue>, Problem> {
    let broken = |_| Problem::Internal(Cause::text("an event is no JSON"));
    RawValue::from_string(event.to_json()).map_err(broken)
}
