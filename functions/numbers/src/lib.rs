//! `/v2/Numbers` and the lists of numbers: what an account has and what it can buy
//! (contracts/fonedynamics.md).

mod available;
mod buy;
mod change;
mod filter;
mod list;
mod release;
mod wire;

use callbook::access::{Principal, shows_account};
use callbook::dialect::fonedynamics::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::routes;
use callbook::edge::{App, Function};
use callbook::model::address::AddressSid;
use callbook::model::credential::Product;
use callbook::model::phone::PhoneNumber;
use callbook::model::property::PropertySid;
use callbook::problem::{Fault, Problem};
use callbook::request::Request;
use callbook::request::fields::{Fields, invalid};

use list::Of;
use wire::NumberView;

/// The function.
pub const FUNCTION: Function = Function {
    name: "numbers",
    dialect: Some(Dialect::Fonedynamics),
    reads_numbers: false,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Does what the path and the method say.
///
/// # Errors
/// Why it was not done.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    shows_account(request)?;
    match (
        request.method(),
        routes::segments(request.path()).as_slice(),
    ) {
        ("GET", ["v2", "Properties", sid, "Numbers"]) => {
            list::list(app, request, Of::Property(sid)).await
        }
        ("POST", ["v2", "Properties", sid, "Numbers"]) => buy::buy(app, request, sid).await,
        ("GET", ["v2", "Accounts", sid, "Numbers"]) => {
            list::list(app, request, Of::Account(sid)).await
        }
        ("GET", ["v2", "Numbers", number]) => show(app, request, number).await,
        ("POST", ["v2", "Numbers", number]) => change::change(app, request, number).await,
        ("DELETE", ["v2", "Numbers", number]) => release::release(app, request, number).await,
        ("GET", ["v2", "AvailableNumbers"]) => available::list(app, request).await,
        _ => Err(Problem::NotFound),
    }
}

/// Who asks, if they may.
async fn admit(app: &App, request: &Request) -> Result<Principal, Problem> {
    let product = Product::Numbers;
    app.access()
        .admit_account(app.ledger()?, request, product)
        .await
}

/// A number as E.164 spells it, with or without its plus.
fn e164(text: &str) -> Result<PhoneNumber, Fault> {
    PhoneNumber::parse_e164(text).map_err(invalid)
}

/// The sid of a property: one of another form is nothing's.
fn property_sid(text: &str) -> Result<PropertySid, Fault> {
    PropertySid::parse(text).map_err(|_| Fault::NotFound)
}

/// The sid of an address: one of another form is nothing's.
fn address_sid(text: &str) -> Result<AddressSid, Fault> {
    AddressSid::parse(text).map_err(|_| Fault::NotFound)
}

async fn show(app: &App, request: &Request, number: &str) -> Result<Answer, Problem> {
    let ledger = app.ledger()?;
    let caller = admit(app, request).await?;
    let mut fields = Fields::new();
    let number = fields.required(field::NUMBER, Some(number), e164);
    let (number, ()) = fields.finish((number, Some(())))?;
    let found = ledger.number(&caller.account.id, &number).await?;
    let number = found.ok_or_else(|| Problem::not_found(field::NUMBER))?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    Ok(fonedynamics::success(&NumberView::of(
        &number,
        &caller.account,
    )))
}
