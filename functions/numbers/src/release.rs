//! `DELETE /v2/Numbers/{number}`: a number that is needed no more.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::App;
use callbook::ledger::Deletion;
use callbook::problem::{Fault, Problem};
use callbook::request::Request;
use callbook::request::fields::Fields;

use crate::wire::Nothing;
use crate::{admit, e164, property_sid};

/// Gives a number back.
///
/// # Errors
/// Why not.
pub(crate) async fn release(app: &App, request: &Request, number: &str) -> Result<Answer, Problem> {
    let parameters = request.parameters().await?;
    let (ledger, now) = (app.ledger()?, request.received());
    let caller = admit(app, request).await?;
    let account = &caller.account.id;
    let mut fields = Fields::of(&parameters);
    let number = fields.required(field::NUMBER, Some(number), e164);
    let named = fields.optional(
        field::PROPERTY_SID,
        parameters.given(field::PROPERTY_SID),
        property_sid,
    );
    let (number, named) = fields.finish((number, named))?;

    let mut lacking = Fields::new();
    let own = ledger.number(account, &number).await?;
    if own.is_none() {
        lacking.fault(field::NUMBER, Fault::NotFound);
    }
    if let Some(sid) = &named
        && ledger.property(account, sid).await?.is_none()
    {
        lacking.fault(field::PROPERTY_SID, Fault::NotFound);
    }
    lacking.check()?;
    let own = own.ok_or_else(|| Problem::not_found(field::NUMBER))?;
    if named.is_some_and(|named| own.property_sid() != Some(&named)) {
        return Err(Problem::OtherProperty);
    }
    app.access().count(ledger, &caller, now).await?;
    let guid = request.guid();
    match ledger.release_number(account, own, guid, now).await? {
        Deletion::Deleted => Ok(fonedynamics::success(&Nothing {})),
        Deletion::NotFound => Err(Problem::not_found(field::NUMBER)),
    }
}
