//! `POST /v2/Properties/{sid}/Numbers`: a number for a property.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::App;
use callbook::ledger::{Creation, Purchase, PurchaseRefusal};
use callbook::problem::{Fault, Problem};
use callbook::request::Request;
use callbook::request::fields::Fields;

use crate::wire::PurchaseView;
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
    let purchase = Purchase {
        account: &caller.account,
        property: &property,
        number: &number,
        address: address.as_ref(),
        guid: request.guid(),
        now: request.received(),
    };
    let context = ledger.purchase_context(&purchase).await?;
    if context.property.is_none() {
        lacking.fault(field::PROPERTY_SID, Fault::NotFound);
    }
    if context.own.is_none() && context.inventory.is_none() {
        lacking.fault(field::NUMBER, Fault::NotFound);
    }
    if address.is_some() && context.address.is_none() {
        lacking.fault(field::ADDRESS_SID, Fault::NotFound);
    }
    lacking.check()?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    match ledger.purchase_number(&purchase, context).await? {
        Creation::Created(status) | Creation::Exists(status) => {
            Ok(fonedynamics::success(&PurchaseView::new(&number, status)))
        }
        Creation::Refused(PurchaseRefusal::AddressNotFound) => {
            Err(Problem::not_found(field::ADDRESS_SID))
        }
        Creation::Refused(PurchaseRefusal::NumberNotFound) => {
            Err(Problem::not_found(field::NUMBER))
        }
        Creation::Refused(PurchaseRefusal::OtherProperty) => Err(Problem::OtherProperty),
    }
}
