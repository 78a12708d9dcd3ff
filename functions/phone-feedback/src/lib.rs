//! `POST /1.0/phone_feedback`: what somebody found out by dialing a number (contracts/trestle.md).

use callbook::access::Presented;
use callbook::dialect::trestle::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{App, Function};
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::feedback::Feedback;
use callbook::model::phone::PhoneNumber;
use callbook::model::text::{PersonName, PhoneStatus, ResponseId};
use callbook::problem::{Fault, Missing, Problem};
use callbook::request::reader::{JsonReader, json_string};
use callbook::request::{JsonObject, Request};

/// The function.
pub const FUNCTION: Function = Function {
    name: "phone-feedback",
    dialect: Some(Dialect::Trestle),
    reads_numbers: true,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Keeps one piece of feedback.
///
/// # Errors
/// Why it was not kept.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    let key = request
        .header("x-api-key")
        .ok_or(Problem::MissingCredential(Missing::Secret))?;
    let body = request.json_object()?;
    let ledger = app.ledger()?;
    let shown = Presented::Key(key);
    let caller = app
        .access()
        .admit(
            ledger,
            request,
            CredentialKind::Trestle,
            &shown,
            Product::PhoneFeedback,
        )
        .await?;
    let feedback = read(&body)?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    ledger
        .record_feedback(
            &caller.account.id,
            &caller.credential.id,
            &feedback,
            request.received(),
        )
        .await?;
    Ok(trestle::received())
}

/// The body as the contract's table has it; `null` is absent, and what the table does not name is ignored.
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
