//! `/callbook/v1/requests`: the requests of the account's credentials that were refused, and why.

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::callbook as dialect;
use callbook::dialect::callbook::field;
use callbook::dialect::callbook::requests::RefusedRequestView;
use callbook::dialect::callbook::resource::{self, ListPage};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::ledger::{RefusedRequestPlace, RefusedRequestQuery};
use callbook::model::id::CredentialId;
use callbook::model::time::RangeEnd;
use callbook::model::vendor::VendorId;
use callbook::problem::{Fault, Problem};
use callbook::request::page_token::{Cursor, PageKey, Pager};
use serde::Serialize;

/// The `requests` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "requests",
    dialect: Some(Dialect::Callbook),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

#[derive(Serialize)]
struct RequestList<'a> {
    requests: Vec<RefusedRequestView<'a>>,
    next_cursor: Option<String>,
}

/// Lists refused requests, those of the latest hour first.
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
        ["GET", _, _, "requests"] => list(&context, key).await,
        _ => Err(Problem::NotFound),
    }
}

async fn list(context: &Context<'_>, key: &PageKey) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    let fields = [field::CREDENTIAL, field::VENDOR, field::SINCE];
    let fields = [&fields[..], &ListPage::FIELDS[..]].concat();
    let mut reader = resource::query(request, &fields);
    let credential = reader.optional(field::CREDENTIAL, |text| {
        CredentialId::parse(text).map_err(Fault::invalid)
    });
    let vendor = reader.optional(field::VENDOR, |text| {
        VendorId::parse(text).map_err(Fault::invalid)
    });
    let since = reader.optional(field::SINCE, |text| {
        RangeEnd::parse(text).map_err(Fault::invalid)
    });
    // A page goes on with the same filters: those of another list would leave entries out.
    let scope = (&credential, &vendor);
    let pager = Pager::new(key, &account.id, request.path(), &scope)?;
    let page = ListPage::read(&mut reader, pager);
    let (credential, vendor, since, page) = reader.finish((credential, vendor, since, page))?;
    context.throttle().await?;
    let cursor = page.cursor.as_ref();
    let query = RefusedRequestQuery {
        credential,
        vendor,
        since: since.map(|since| since.moment(&account.zone)),
        after: cursor.and_then(|cursor| RefusedRequestPlace::parse(&cursor.after)),
        limit: page.limit,
    };
    let ledger = context.ledger();
    let found = ledger.refused_requests(&account.id, &query, context.now());
    let found = found.await?;
    let next = found.next.map(|place| Cursor::after(place.as_str()));
    let view = |refused| RefusedRequestView::of(refused, &account.zone);
    Ok(dialect::success(&RequestList {
        requests: found.requests.iter().map(view).collect(),
        next_cursor: page.next(next.as_ref()),
    }))
}
