//! TrueCNAM's parameters (`contracts/truecnam.md`).

use crate::model::field::{Codes, Field, fields};
use crate::model::text::{ResponseFormat, ResponseType};

const PARAMETER: &Codes = &Codes {
    missing: "1",
    ..Codes::all("5")
};
const NUMBER: &Codes = &Codes {
    missing: "1",
    ..Codes::all("4")
};

fields! {
    /// The public half of the credential.
    USERNAME = Field::private("username", PARAMETER);
    /// The secret half of the credential.
    PASSWORD = Field::private("password", PARAMETER);
    /// The level of detail of the answer.
    RESP_TYPE = Field::plain_if("resp_type", |text| ResponseType::parse(text).is_ok(), PARAMETER);
    /// The format of the answer.
    RESP_FORMAT = Field::plain_if(
        "resp_format",
        |text| ResponseFormat::parse(text).is_ok(),
        PARAMETER,
    );
    /// The kind of query: which party asks, and at which end of the call.
    CALL_PARTY = Field::plain_if(
        "call_party",
        |text| ["orig_call_start", "orig_call_end", "terminating"].contains(&text),
        PARAMETER,
    );
    /// The caller.
    CALLING_NUMBER = Field::phone_number("calling_number", NUMBER);
    /// The called number.
    CALLED_NUMBER = Field::phone_number("called_number", NUMBER);
}
