//! TeleTracker's parameters: `contracts/teletracker.md`.

use crate::model::account::AccountId;
use crate::model::field::{Codes, Field, FieldGroup, fields};
use crate::request::mask::{digits, is_date, is_small};
use crate::request::reader::switch;

/// A parameter's codes if it is missing, and if anything else is wrong with it.
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
    /// The first day of a report, or the instant that it begins at.
    START_DATE = Field::plain_if("start_date", is_date, DATE);
    /// The last day of a report, or the instant that it ends before.
    END_DATE = Field::plain_if("end_date", is_date, DATE);
    /// The public half of the credential.
    USERNAME = Field::private("username", PARAMETER);
    /// The secret half of the credential.
    PASSWORD = Field::private("password", PARAMETER);
    /// Whether the credential is only checked, and no token made.
    AUTH_ONLY = Field::plain_if("auth_only", is_switch, PARAMETER);
    /// The token that is exchanged for new ones.
    REFRESH_TOKEN = Field::private("refresh_token", PARAMETER);
    /// The number that was called.
    DID = Field::phone_number("did", NUMBER);
    /// The caller.
    CID = Field::phone_number("cid", NUMBER);
    /// Which way a call went.
    DIRECTION = Field::plain_if(
        "direction",
        |text| ["inbound", "outbound"].contains(&text),
        PARAMETER,
    );
    /// Whether a call has a cost.
    BILLED = Field::plain_if("billed", is_switch, PARAMETER);
    /// How a call ended.
    DISPOSITION = Field::private("disposition", PARAMETER);
    /// How many rows a page has.
    LIMIT = Field::plain_if("limit", is_small, PARAMETER);
    /// Where a report goes on.
    NEXT_TOKEN = Field::private("next_token", PARAMETER);
    /// How the rows are written.
    FORMAT = Field::plain_if(
        "format",
        |text| ["json", "csv", "ndjson"].contains(&text),
        PARAMETER,
    );
    /// The number to call.
    CALLEE = Field::phone_number("callee", NUMBER);
    /// What the agent hears before the call is connected.
    WHISPER_TEXT = Field::private("whisper_text", PARAMETER);
    /// The call process that places the call.
    CALLPROCESS_ID = Field::plain_if("callprocess_id", is_small, CALLPROCESS);
}

/// The range of a report, if its end comes before its start or too long after.
pub const DATE_RANGE: FieldGroup = FieldGroup {
    fields: &[START_DATE, END_DATE],
    separator: ", ",
    code: "INVALID_DATE_RANGE",
};
