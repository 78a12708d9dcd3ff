//! `POST /v2/Properties/{sid}/Numbers`: a number for a property.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::ledger::{Creation, Purchase, PurchaseRefusal};
use callbook::problem::{Fault, Problem};
use callbook::request::faults::Faults;
use callbook::request::{Parameters, Reader};

use crate::wire::PurchaseView;
use crate::{address_sid, e164, property_sid};

/// Purchases a number.
///
/// # Errors
/// Returns a problem of the parameters or of the limits; `NotFound` for a property, number or address; or
/// an error if DynamoDB does not answer in time.
pub(crate) async fn purchase(
    context: &Context<'_>,
    parameters: &Parameters,
    property: &str,
) -> Result<Answer, Problem> {
    let ledger = context.ledger();
    let mut reader = Reader::new(parameters);
    resource::only(
        &mut reader,
        &[field::PROPERTY_SID, field::NUMBER, field::ADDRESS_SID],
    );
    let property = reader.in_path(field::PROPERTY_SID, property, property_sid);
    let number = reader.required(field::NUMBER, e164);
    let address = reader.optional(field::ADDRESS_SID, address_sid);
    let (property, number, address) = reader.finish((property, number, address))?;

    let mut lacking = Faults::default();
    let purchase = Purchase {
        account: context.account(),
        property: &property,
        number: &number,
        address: address.as_ref(),
        guid: context.guid(),
        now: context.now(),
    };
    let found = ledger.purchase_context(&purchase).await?;
    if found.property.is_none() {
        lacking.add(field::PROPERTY_SID, Fault::NotFound);
    }
    if found.own.is_none() && found.inventory.is_none() {
        lacking.add(field::NUMBER, Fault::NotFound);
    }
    if address.is_some() && found.address.is_none() {
        lacking.add(field::ADDRESS_SID, Fault::NotFound);
    }
    lacking.check()?;
    context.throttle().await?;
    match ledger.purchase_number(&purchase, found).await? {
        Creation::Created(status) | Creation::Exists(status) => {
            Ok(fonedynamics::success(&PurchaseView::new(&number, status)))
        }
        Creation::Refused(PurchaseRefusal::AddressNotFound) => {
            Err(Problem::not_found(field::ADDRESS_SID))
        }
        Creation::Refused(PurchaseRefusal::NumberNotFound) => {
            Err(Problem::not_found(field::NUMBER))
        }
        Creation::Refused(PurchaseRefusal::OtherProperty) => Ok(fonedynamics::other_property()),
    }
}
