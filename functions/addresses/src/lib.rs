//! `/v2/Addresses`: addresses, which some countries require for their numbers.
//!
//! See contracts/fonedynamics.md.

mod filter;
mod wire;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::fonedynamics::list::PageRequest;
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::ledger::{AddressLinked, Deletion};
use callbook::model::address::{Address, AddressSid};
use callbook::model::credential::Product;
use callbook::problem::Problem;
use callbook::request::page_token::{PageKey, Pager};
use callbook::request::{Parameters, Reader};

use filter::Filter;
use wire::{AddressView, Deleted, List};

/// The `addresses` function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "addresses",
    dialect: Some(Dialect::Fonedynamics),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Creates an address, lists addresses, or shows or deletes one.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault or for an unknown sid,
/// `IdempotencyKeyReused`, or an error if DynamoDB does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, parameters) =
        resource::receive(unauthenticated, Product::Addresses, &["POST"]).await?;
    match routes::parts(context.request()).as_slice() {
        ["POST", "v2", "Accounts", sid, "Addresses"] => create(&context, &parameters, sid).await,
        ["GET", "v2", "Accounts", sid, "Addresses"] => list(&context, key, sid).await,
        ["GET", "v2", "Addresses", sid] => {
            resource::check(&parameters, &[field::ADDRESS_SID])?;
            show(&context, sid).await
        }
        ["DELETE", "v2", "Addresses", sid] => delete(&context, &parameters, sid).await,
        _ => Err(Problem::NotFound),
    }
}

async fn create(
    context: &Context<'_>,
    parameters: &Parameters,
    account: &str,
) -> Result<Answer, Problem> {
    let mut reader = Reader::new(parameters);
    resource::only(&mut reader, &wire::CREATED);
    let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, context.request());
    let own = reader.in_path(field::ACCOUNT_SID, account, |sid| context.owns(sid));
    let address = wire::read(&mut reader, context.now());
    let (key, (), address) = reader.finish((key, own, address))?;
    context.throttle().await?;
    let idempotent = context.idempotent("addresses", key.as_ref(), &wire::said(&address));
    let created = context
        .ledger()
        .create_address(&context.account().id, address, idempotent.as_ref())
        .await?;
    resource::created(created, |address| answer(context, address))
}

async fn list(context: &Context<'_>, key: &PageKey, sid: &str) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    let mut reader = Reader::new(request.query());
    resource::only(
        &mut reader,
        &[&Filter::FIELDS[..], &PageRequest::FIELDS].concat(),
    );
    let own = reader.in_path(field::ACCOUNT_SID, sid, |sid| context.owns(sid));
    let filter = Filter::read(&mut reader);
    let pager = Pager::new(key, &account.id, request.path(), &filter)?;
    let page = PageRequest::read(&mut reader, pager);
    let ((), filter, page) = reader.finish((own, filter, page))?;
    context.throttle().await?;
    let mut addresses = context.ledger().addresses(&account.id).await?;
    addresses.retain(|address| filter.selects(address));
    let page = page.page(addresses, |address| address.sid.as_str().to_owned());
    let shown = page
        .rows
        .iter()
        .map(|address| AddressView::of(address, account));
    Ok(fonedynamics::success(&List {
        addresses: shown.collect(),
        total_count: page.total,
        next_page_token: page.next_token,
    }))
}

/// Returns the account's address with the sid from the path.
async fn find(context: &Context<'_>, sid: &str) -> Result<Address, Problem> {
    let account = &context.account().id;
    let found = match AddressSid::parse(sid) {
        Ok(sid) => context.ledger().address(account, &sid).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| Problem::not_found(field::ADDRESS_SID))
}

async fn show(context: &Context<'_>, sid: &str) -> Result<Answer, Problem> {
    let address = find(context, sid).await?;
    context.throttle().await?;
    Ok(answer(context, &address))
}

fn answer(context: &Context<'_>, address: &Address) -> Answer {
    fonedynamics::success(&AddressView::of(address, context.account()))
}

async fn delete(
    context: &Context<'_>,
    parameters: &Parameters,
    sid: &str,
) -> Result<Answer, Problem> {
    resource::check(parameters, &[field::ADDRESS_SID])?;
    let address = find(context, sid).await?;
    context.throttle().await?;
    let (ledger, account) = (context.ledger(), &context.account().id);
    match ledger.delete_address(account, &address.sid).await? {
        // A concurrent request deleted it, or an earlier attempt whose answer was lost.
        Deletion::Deleted | Deletion::NotFound => Ok(fonedynamics::success(&Deleted {
            address_sid: address.sid.as_str(),
        })),
        Deletion::Refused(AddressLinked) => Ok(fonedynamics::address_in_use()),
    }
}
