//! TLD's parameters (`contracts/tld.md`). TLD has no error codes, but a text for each fault.

use crate::model::field::{Codes, Field, fields};
use crate::request::mask::{is_cost, is_date};

const DID_TEXTS: &Codes = &Codes {
    missing: "Missing or Invalid DID",
    unreadable: "Missing or Invalid DID",
    ..Codes::all("Invalid DID")
};
const CID_TEXTS: &Codes = &Codes {
    missing: "Missing or Invalid CID",
    unreadable: "Missing or Invalid CID",
    ..Codes::all("Invalid CID")
};
const NOTES_TEXTS: &Codes = &Codes {
    too_long: "Notes Too Long",
    ..Codes::all("Invalid notes")
};
/// Never sent: a missing or wrong credential is refused before its fields are checked.
const CREDENTIAL_TEXTS: &Codes = &Codes::all("Invalid API ID or API Key");

fields! {
    /// The number that was called.
    DID = Field::phone_number("did", DID_TEXTS)
        .read_as(&["inbound_number", "number_dialed", "call_to", "did"]);
    /// The caller.
    CID = Field::phone_number("cid", CID_TEXTS)
        .read_as(&["phone_number", "phone", "cid", "call_from"]);
    /// What the call cost.
    COST = Field::plain_if("cost", is_cost, &Codes::all("Missing or Invalid Cost"));
    /// When it was billed.
    DATE_BILLED = Field::plain_if("date_billed", is_date, &Codes::all("Invalid date_billed"));
    /// When the call took place.
    CALL_DATE = Field::plain_if("call_date", is_date, &Codes::all("Invalid call_date"));
    /// The call's id at the vendor.
    CALL_ID = Field::private("call_id", &Codes::all("Invalid call_id"));
    /// Another name of [`CALL_ID`].
    CALL_UUID = Field::private("call_uuid", &Codes::all("Invalid call_id"));
    /// Another name of [`CALL_ID`].
    INBOUND_CALL_ID = Field::private("inbound_call_id", &Codes::all("Invalid call_id"));
    /// Free text, kept as it was sent.
    NOTES = Field::private("notes", NOTES_TEXTS).verbatim();
    /// The public half of the credential.
    API_ID = Field::private("api_id", CREDENTIAL_TEXTS);
    /// Another name of [`API_ID`], which a call platform may use for its own purposes.
    API = Field::private("api", CREDENTIAL_TEXTS);
    /// The secret half of the credential.
    API_KEY = Field::private("api_key", CREDENTIAL_TEXTS);
    /// Another name of [`API_KEY`].
    APIKEY = Field::private("apikey", CREDENTIAL_TEXTS);
}

/// The client's idempotency key, a header.
pub const IDEMPOTENCY_KEY: Field =
    Field::private("Idempotency-Key", &Codes::all("Invalid Idempotency-Key"));
