//! TeleTracker's parameters (`contracts/teletracker.md`).

use crate::model::account::AccountId;
use crate::model::field::{Codes, Field, FieldGroup, fields};
use crate::request::mask::{digits, is_date, is_small};
use crate::request::reader::switch;

/// The codes of a parameter: one if it is missing, and `invalid` for any other fault.
const fn coded(invalid: &'static str) -> Codes {
    Codes {
        missing: "MISSING_REQUIRED_PARAMS",
        ..Codes::all(invalid)
    }
}

const PARAMETER: &Codes = &coded("INVALID_PARAMETER");
const NUMBER: &Codes = &coded("INVALID_PHONENUMBER");
const DATE: &Codes = &coded("INVALID_DATE");
const CALLPROCESS: &Codes = &coded("INVALID_CALLPROCESS");

fn is_switch(text: &str) -> bool {
    switch(text).is_ok()
}

fields! {
    /// The account that the request is about.
    ACCOUNT_ID = Field::plain_if(
        "account_id",
        |text| AccountId::parse(text).is_ok() && digits(text) < 7,
        PARAMETER,
    );
    /// The start of a report: its first day, or an instant.
    START_DATE = Field::plain_if("start_date", is_date, DATE);
    /// The end of a report: its last day, or an instant, exclusive.
    END_DATE = Field::plain_if("end_date", is_date, DATE);
    /// The public half of the credential.
    USERNAME = Field::private("username", PARAMETER);
    /// The secret half of the credential.
    PASSWORD = Field::private("password", PARAMETER);
    /// Whether to check the credential only, without issuing tokens.
    AUTH_ONLY = Field::plain_if("auth_only", is_switch, PARAMETER);
    /// The token that is exchanged for new ones.
    REFRESH_TOKEN = Field::private("refresh_token", PARAMETER);
    /// The number that was called.
    DID = Field::phone_number("did", NUMBER);
    /// The caller.
    CID = Field::phone_number("cid", NUMBER);
    /// The direction of a call.
    DIRECTION = Field::plain_if(
        "direction",
        |text| {
            ["inbound", "outbound"]
                .iter()
                .any(|word| text.eq_ignore_ascii_case(word))
        },
        PARAMETER,
    );
    /// Whether a call has a cost.
    BILLED = Field::plain_if("billed", is_switch, PARAMETER);
    /// How a call ended.
    DISPOSITION = Field::private("disposition", PARAMETER);
    /// The maximum number of rows on a page.
    LIMIT = Field::plain_if("limit", is_small, PARAMETER);
    /// The token of the page to return.
    NEXT_TOKEN = Field::private("next_token", PARAMETER);
    /// The format of the rows.
    FORMAT = Field::plain_if(
        "format",
        |text| {
            ["json", "csv", "ndjson"]
                .iter()
                .any(|word| text.eq_ignore_ascii_case(word))
        },
        PARAMETER,
    );
    /// The number to call.
    CALLEE = Field::phone_number("callee", NUMBER);
    /// What the agent hears before the call is connected.
    WHISPER_TEXT = Field::private("whisper_text", PARAMETER);
    /// The call process that places the call.
    CALLPROCESS_ID = Field::plain_if("callprocess_id", is_small, CALLPROCESS);
}

/// The range of a report, if it ends before it starts or is too long.
pub const DATE_RANGE: FieldGroup = FieldGroup {
    fields: &[START_DATE, END_DATE],
    separator: ", ",
    code: "INVALID_DATE_RANGE",
};
