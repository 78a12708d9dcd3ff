//! `/v2/Numbers` and the lists of numbers: what an account has and what it can buy
//! (contracts/fonedynamics.md).

mod available;
mod filter;
mod list;
mod purchase;
mod release;
mod update;
mod wire;

use callbook::access::{Context, Unauthenticated};
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, PagedHandler, routes};
use callbook::model::address::AddressSid;
use callbook::model::credential::Product;
use callbook::model::phone::PhoneNumber;
use callbook::model::property::PropertySid;
use callbook::problem::{Fault, Problem};
use callbook::request::page_token::PageKey;

use list::Of;
use wire::NumberView;

/// The function.
pub const FUNCTION: Function<PagedHandler> = Function {
    name: "numbers",
    dialect: Some(Dialect::Fonedynamics),
    handler: PagedHandler(|request, key| Box::pin(handle(request, key))),
};

/// Does what the path and the method say.
///
/// # Errors
/// Returns a problem of access or of the parameters; `NotFound` for what is not the account's; or an error if
/// DynamoDB does not answer in time.
pub async fn handle(
    unauthenticated: Unauthenticated<'_>,
    key: &PageKey,
) -> Result<Answer, Problem> {
    let (context, parameters) =
        resource::receive(unauthenticated, Product::Numbers, &["POST", "DELETE"]).await?;
    match routes::parts(context.request()).as_slice() {
        ["GET", "v2", "Properties", sid, "Numbers"] => {
            list::list(&context, key, Of::Property(sid)).await
        }
        ["POST", "v2", "Properties", sid, "Numbers"] => {
            purchase::purchase(&context, &parameters, sid).await
        }
        ["GET", "v2", "Accounts", sid, "Numbers"] => {
            list::list(&context, key, Of::Account(sid)).await
        }
        ["GET", "v2", "Numbers", number] => {
            resource::check(&parameters, &[field::NUMBER])?;
            show(&context, number).await
        }
        ["POST", "v2", "Numbers", number] => update::update(&context, &parameters, number).await,
        ["DELETE", "v2", "Numbers", number] => {
            release::release(&context, &parameters, number).await
        }
        ["GET", "v2", "AvailableNumbers"] => available::list(&context, key).await,
        _ => Err(Problem::NotFound),
    }
}

/// A number as E.164 spells it, with or without its plus.
fn e164(text: &str) -> Result<PhoneNumber, Fault> {
    PhoneNumber::parse_e164(text).map_err(Fault::invalid)
}

/// The sid of a property: one of another form is nothing's.
fn property_sid(text: &str) -> Result<PropertySid, Fault> {
    PropertySid::parse(text).map_err(|_| Fault::NotFound)
}

/// The sid of an address: one of another form is nothing's.
fn address_sid(text: &str) -> Result<AddressSid, Fault> {
    AddressSid::parse(text).map_err(|_| Fault::NotFound)
}

async fn show(context: &Context<'_>, number: &str) -> Result<Answer, Problem> {
    let (ledger, account) = (context.ledger(), context.account());
    let number = e164(number).map_err(|fault| Problem::of(field::NUMBER, fault))?;
    let found = ledger.number(&account.id, &number).await?;
    let number = found.ok_or_else(|| Problem::not_found(field::NUMBER))?;
    context.throttle().await?;
    Ok(fonedynamics::success(&NumberView::of(&number, account)))
}
