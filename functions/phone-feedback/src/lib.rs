//! `POST /1.0/phone_feedback`: records the result of dialing a number (contracts/trestle.md).

use callbook::access::{Presented, Unauthenticated};
use callbook::dialect::trestle::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::feedback::Feedback;
use callbook::model::phone::PhoneNumber;
use callbook::model::text::{PersonName, PhoneStatus, ResponseId};
use callbook::problem::{Fault, Missing, Problem};
use callbook::request::JsonObject;
use callbook::request::reader::{JsonReader, json_string};

/// The `phone-feedback` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "phone-feedback",
    dialect: Some(Dialect::Trestle),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// Records feedback.
///
/// # Errors
/// Returns the refusals of access control, a problem of the body, `Invalid` with every field at fault,
/// or an error if DynamoDB does not answer in time.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let request = unauthenticated.request();
    let key = request
        .header_once("x-api-key")
        .ok_or(Problem::MissingCredential(Missing::Secret))?;
    let presented = Presented::key(CredentialKind::Trestle, key);
    let body = unauthenticated.read_from(&presented, request.json_object())?;
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let context = authenticated
        .authorize(Product::PhoneFeedback)?
        .own_account_unread();
    let feedback = read(&body)?;
    context.throttle().await?;
    context
        .ledger()
        .record_feedback(context.credential(), &feedback, context.now())
        .await?;
    Ok(trestle::received())
}

/// Reads the fields that the contract lists. `null` counts as absent, and other fields are ignored.
fn read(body: &JsonObject) -> Result<Feedback, Problem> {
    let mut reader = JsonReader::new(body);
    let response_id = reader.required(field::RESPONSE_ID, |value| {
        ResponseId::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let phone = reader.required(field::PHONE, |value| {
        PhoneNumber::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let name = reader.optional(field::NAME, |value| {
        PersonName::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let status = reader.required(field::PHONE_STATUS, |value| {
        let text = json_string(value).ok();
        let status = text.and_then(|text| PhoneStatus::parse(&text).ok());
        status.ok_or_else(|| Fault::invalid("expected Connected or Disconnected"))
    });
    let right_party = reader.required(field::PHONE_RIGHT_PARTY_CONTACT, |value| {
        serde_json::from_str(value.get()).map_err(|_| Fault::invalid("expected true or false"))
    });
    let (response_id, phone, name, status, right_party) =
        reader.finish((response_id, phone, name, status, right_party))?;
    Ok(Feedback {
        response_id,
        phone,
        name,
        status,
        right_party,
    })
}
