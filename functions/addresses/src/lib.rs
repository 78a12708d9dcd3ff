//! `/v2/Addresses`: what some countries want to see before a number is in use
//! (contracts/fonedynamics.md).

mod wire;

use callbook::access::{Principal, shows_account};
use callbook::dialect::fonedynamics::list::Wanted;
use callbook::dialect::fonedynamics::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::routes;
use callbook::edge::{App, Function};
use callbook::ledger::{AddressLinked, Creation, Deletion, ExistsDifferent, IdempotentRequest};
use callbook::model::address::{Address, AddressSid};
use callbook::model::credential::Product;
use callbook::problem::Problem;
use callbook::request::Request;
use callbook::request::fields::Fields;
use callbook::request::page_token::ListQuestion;

use wire::{AddressView, List, Nothing};

/// The function.
pub const FUNCTION: Function = Function {
    name: "addresses",
    dialect: Some(Dialect::Fonedynamics),
    reads_numbers: false,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Makes an address, lists them, shows one or deletes it.
///
/// # Errors
/// Why not.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    shows_account(request)?;
    match (
        request.method(),
        routes::segments(request.path()).as_slice(),
    ) {
        ("POST", ["v2", "Accounts", sid, "Addresses"]) => make(app, request, sid).await,
        ("GET", ["v2", "Accounts", sid, "Addresses"]) => list(app, request, sid).await,
        ("GET", ["v2", "Addresses", sid]) => show(app, request, sid).await,
        ("DELETE", ["v2", "Addresses", sid]) => delete(app, request, sid).await,
        _ => Err(Problem::NotFound),
    }
}

async fn admit(app: &App, request: &Request) -> Result<Principal, Problem> {
    let product = Product::Addresses;
    app.access()
        .admit_account(app.ledger()?, request, product)
        .await
}

async fn make(app: &App, request: &Request, account: &str) -> Result<Answer, Problem> {
    let parameters = request.parameters().await?;
    let (ledger, now) = (app.ledger()?, request.received());
    let caller = admit(app, request).await?;
    let mut fields = Fields::of(&parameters);
    let key = fields.idempotency_key(request);
    caller.check_own(&mut fields, account);
    let address = wire::read(&mut fields, &parameters, now);
    let (key, address) = fields.finish((key, address))?;
    app.access().count(ledger, &caller, now).await?;
    let idempotent = key.map(|key| {
        let said = wire::said(&address);
        IdempotentRequest::to_create(
            "addresses",
            &said,
            &caller.credential,
            &key,
            request.guid(),
            now,
        )
    });
    let account = &caller.account;
    let created = ledger
        .create_address(&account.id, address, idempotent.as_ref())
        .await?;
    match created {
        Creation::Created(address) => {
            Ok(fonedynamics::success(&AddressView::of(&address, account)))
        }
        Creation::Exists(address) => Ok(fonedynamics::again(&AddressView::of(&address, account))),
        Creation::Refused(ExistsDifferent) => Err(Problem::IdempotencyKeyReused),
    }
}

async fn list(app: &App, request: &Request, sid: &str) -> Result<Answer, Problem> {
    let (ledger, key) = (app.ledger()?, app.page_key()?);
    let caller = admit(app, request).await?;
    let account = &caller.account;
    let question = ListQuestion {
        account: &account.id,
        path: request.path().as_str(),
        filters: &[],
    };
    let mut fields = Fields::new();
    caller.check_own(&mut fields, sid);
    let wanted = Wanted::read(&mut fields, request.query(), key, &question);
    let (wanted, ()) = fields.finish((wanted, Some(())))?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    let addresses = ledger.addresses(&account.id).await?;
    let name = |address: &Address| address.sid.as_str().to_owned();
    let page = wanted.cut(addresses, name, key, &question);
    let shown = page
        .rows
        .iter()
        .map(|address| AddressView::of(address, account));
    Ok(fonedynamics::success(&List {
        addresses: shown.collect(),
        total_count: page.total,
        next_page_token: page.next,
    }))
}

/// The address that a path names, if it is the caller's.
async fn find(app: &App, caller: &Principal, sid: &str) -> Result<Address, Problem> {
    let found = match AddressSid::parse(sid) {
        Ok(sid) => app.ledger()?.address(&caller.account.id, &sid).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| Problem::not_found(field::ADDRESS_SID))
}

async fn show(app: &App, request: &Request, sid: &str) -> Result<Answer, Problem> {
    let ledger = app.ledger()?;
    let caller = admit(app, request).await?;
    let address = find(app, &caller, sid).await?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    Ok(fonedynamics::success(&AddressView::of(
        &address,
        &caller.account,
    )))
}

async fn delete(app: &App, request: &Request, sid: &str) -> Result<Answer, Problem> {
    let ledger = app.ledger()?;
    let caller = admit(app, request).await?;
    let address = find(app, &caller, sid).await?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    match ledger
        .delete_address(&caller.account.id, &address.sid)
        .await?
    {
        // Somebody else deleted it meanwhile, or an earlier try did and its answer was lost.
        Deletion::Deleted | Deletion::NotFound => Ok(fonedynamics::success(&Nothing {})),
        Deletion::Refused(AddressLinked) => Err(Problem::AddressInUse),
    }
}
