//! `POST /v2/Properties/{sid}/Numbers`: a number for a property.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::App;
use callbook::ledger::{Bought, Buying};
use callbook::problem::{Fault, Problem};
use callbook::request::Request;
use callbook::request::fields::Fields;

use crate::wire::Purchase;
use crate::{address_sid, admit, e164, property_sid};

/// Buys a number.
///
/// # Errors
/// Why not.
pub(crate) async fn buy(app: &App, request: &Request, property: &str) -> Result<Answer, Problem> {
    let parameters = request.parameters().await?;
    let ledger = app.ledger()?;
    let caller = admit(app, request).await?;
    let mut fields = Fields::of(&parameters);
    let property = fields.required(field::PROPERTY_SID, Some(property), property_sid);
    let number = parameters
        .sent_number(field::NUMBER)
        .filter(|text| !text.is_empty());
    let number = fields.required(field::NUMBER, number, e164);
    let address = fields.optional(
        field::ADDRESS_SID,
        parameters.given(field::ADDRESS_SID),
        address_sid,
    );
    let (property, number, address) = fields.finish((property, number, address))?;

    let mut lacking = Fields::new();
    let buying = Buying {
        account: &caller.account,
        property: &property,
        number: &number,
        address: address.as_ref(),
        guid: request.guid(),
        now: request.received(),
    };
    let market = ledger.market(&buying).await?;
    if market.property.is_none() {
        lacking.fault(field::PROPERTY_SID, Fault::NotFound);
    }
    if market.own.is_none() && market.stock.is_none() {
        lacking.fault(field::NUMBER, Fault::NotFound);
    }
    if address.is_some() && market.address.is_none() {
        lacking.fault(field::ADDRESS_SID, Fault::NotFound);
    }
    lacking.check()?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    match ledger.buy(&buying, market).await? {
        Bought::Done(status) => Ok(fonedynamics::success(&Purchase::new(&number, status))),
        Bought::OtherProperty => Err(Problem::OtherProperty),
        Bought::NoNumber => Err(Problem::not_found(field::NUMBER)),
        Bought::NoAddress => Err(Problem::not_found(field::ADDRESS_SID)),
    }
}
