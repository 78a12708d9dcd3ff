//! `DELETE /v2/Numbers/{number}`: a number that is needed no more.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::ledger::Deletion;
use callbook::problem::{Fault, Problem};
use callbook::request::faults::Faults;
use callbook::request::{Parameters, Reader};

use crate::wire::Released;
use crate::{e164, property_sid};

/// Gives a number back.
///
/// # Errors
/// Returns a problem of the parameters or of the limits; `NotFound` for a number or property; or an error if
/// DynamoDB does not answer in time.
pub(crate) async fn release(
    context: &Context<'_>,
    parameters: &Parameters,
    number: &str,
) -> Result<Answer, Problem> {
    let (ledger, account) = (context.ledger(), &context.account().id);
    let mut reader = Reader::new(parameters);
    resource::only(&mut reader, &[field::NUMBER, field::PROPERTY_SID]);
    let number = reader.in_path(field::NUMBER, number, e164);
    let named = reader.optional(field::PROPERTY_SID, property_sid);
    let (number, named) = reader.finish((number, named))?;

    let mut lacking = Faults::default();
    let own = ledger.number(account, &number).await?;
    if own.is_none() {
        lacking.add(field::NUMBER, Fault::NotFound);
    }
    if let Some(sid) = &named
        && ledger.property(account, sid).await?.is_none()
    {
        lacking.add(field::PROPERTY_SID, Fault::NotFound);
    }
    lacking.check()?;
    let own = own.ok_or_else(|| Problem::not_found(field::NUMBER))?;
    if named.is_some_and(|named| own.property_sid() != Some(&named)) {
        return Ok(fonedynamics::other_property());
    }
    context.throttle().await?;
    let (guid, now) = (context.guid(), context.now());
    match ledger.release_number(account, own, guid, now).await? {
        Deletion::Deleted => Ok(fonedynamics::success(&Released {
            number: number.as_e164(),
        })),
        Deletion::NotFound => Err(Problem::not_found(field::NUMBER)),
    }
}
