//! `DELETE /v2/Numbers/{number}`: a number that is needed no more.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::{App, Request};
use callbook::fields::Fields;
use callbook::ledger::Released;
use callbook::model::property::PropertySid;
use callbook::problem::{Fault, Problem};

use crate::wire::Nothing;
use crate::{admit, e164};

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
    let property = parameters.given(field::PROPERTY_SID);
    let property = fields.optional(field::PROPERTY_SID, property, Ok);
    let (number, property) = fields.finish((number, property))?;

    let mut lacking = Fields::new();
    let own = ledger.number(account, &number).await?;
    if own.is_none() {
        lacking.fault(field::NUMBER, Fault::NotFound);
    }
    let named = match property {
        None => None,
        Some(text) => {
            let sid = PropertySid::parse(text).ok();
            let found = match &sid {
                Some(sid) => ledger.property(account, sid).await?,
                None => None,
            };
            if found.is_none() {
                lacking.fault(field::PROPERTY_SID, Fault::NotFound);
            }
            sid
        }
    };
    lacking.check()?;
    let own = own.ok_or_else(|| Problem::not_found(field::NUMBER))?;
    if named.is_some_and(|named| own.property_sid() != Some(&named)) {
        return Err(Problem::OtherProperty);
    }
    app.access().count(ledger, &caller, now).await?;
    match ledger.release(account, own, request.guid(), now).await? {
        Released::Done => Ok(fonedynamics::success(&Nothing {})),
        Released::NotThere => Err(Problem::not_found(field::NUMBER)),
    }
}
