//! `POST /1.0/phone_feedback`: what somebody found out by dialing a number (contracts/trestle.md).

use callbook::access::Presented;
use callbook::dialect::{Answer, Dialect, trestle};
use callbook::edge::{App, Function};
use callbook::model::credential::{CredentialKind, Product};
use callbook::model::feedback::Feedback;
use callbook::model::phone::PhoneNumber;
use callbook::model::text::{PersonName, PhoneStatus, ResponseId};
use callbook::problem::{Fault, Missing, Problem};
use callbook::request::fields::{Fields, invalid};
use callbook::request::{JsonObject, Request};
use serde_json::value::RawValue;

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
    let take = |name| {
        let value = body.get(name).map(AsRef::as_ref);
        value.filter(|value: &&RawValue| value.get() != "null")
    };
    let mut fields = Fields::new();
    let response_id = fields.required("response_id", take("response_id"), |value| {
        ResponseId::parse(&text(value)?).map_err(invalid)
    });
    let phone = fields.required("phone", take("phone"), |value| {
        PhoneNumber::parse(&text(value)?).map_err(invalid)
    });
    let name = fields.optional(
        "name",
        take("name").filter(|name| !is_blank(name)),
        |value| PersonName::parse(&text(value)?).map_err(invalid),
    );
    let status = fields.required("phone_status", take("phone_status"), |value| {
        let status = text(value)
            .ok()
            .and_then(|text| PhoneStatus::parse(&text).ok());
        status.ok_or_else(|| invalid("expected Connected or Disconnected"))
    });
    let right_party = fields.required(
        "phone_right_party_contact",
        take("phone_right_party_contact"),
        |value| serde_json::from_str(value.get()).map_err(|_| invalid("expected true or false")),
    );
    let (response_id, phone, name, status, right_party) =
        fields.finish((response_id, phone, name, status, right_party))?;
    Ok(Feedback {
        response_id,
        phone,
        name,
        status,
        right_party,
    })
}

fn text(value: &RawValue) -> Result<String, Fault> {
    serde_json::from_str(value.get()).map_err(|_| invalid("expected a string"))
}

fn is_blank(value: &RawValue) -> bool {
    text(value).is_ok_and(|text| text.trim().is_empty())
}
