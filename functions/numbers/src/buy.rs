//! `POST /v2/Properties/{sid}/Numbers`: a number for a property.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field};
use callbook::ledger::{Bought, Buying};
use callbook::problem::{Fault, Problem};
use callbook::request::faults::Faults;
use callbook::request::{Parameters, Reader};

use crate::wire::Purchase;
use crate::{address_sid, e164, property_sid};

/// Buys a number.
///
/// # Errors
/// Returns a problem of the parameters or of the limits; `NotFound` for a property, number or address; or
/// an error if DynamoDB does not answer in time.
pub(crate) async fn buy(
    context: &Context<'_>,
    parameters: &Parameters,
    property: &str,
) -> Result<Answer, Problem> {
    let ledger = context.ledger();
    let mut reader = Reader::new(parameters);
    let property = reader.in_path(field::PROPERTY_SID, property, property_sid);
    let number = reader.required(field::NUMBER, e164);
    let address = reader.optional(field::ADDRESS_SID, address_sid);
    let (property, number, address) = reader.finish((property, number, address))?;

    let mut lacking = Faults::default();
    let buying = Buying {
        account: context.account(),
        property: &property,
        number: &number,
        address: address.as_ref(),
        guid: context.guid(),
        now: context.now(),
    };
    let market = ledger.market(&buying).await?;
    if market.property.is_none() {
        lacking.add(field::PROPERTY_SID, Fault::NotFound);
    }
    if market.own.is_none() && market.stock.is_none() {
        lacking.add(field::NUMBER, Fault::NotFound);
    }
    if address.is_some() && market.address.is_none() {
        lacking.add(field::ADDRESS_SID, Fault::NotFound);
    }
    lacking.check()?;
    context.throttle().await?;
    match ledger.buy(&buying, market).await? {
        Bought::Done(status) => Ok(fonedynamics::success(&Purchase::new(&number, status))),
        Bought::OtherProperty => Ok(fonedynamics::other_property()),
        Bought::NoNumber => Err(Problem::not_found(field::NUMBER)),
        Bought::NoAddress => Err(Problem::not_found(field::ADDRESS_SID)),
    }
}
