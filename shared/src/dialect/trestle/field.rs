//! Trestle's parameters (`contracts/trestle.md`). They have no error codes of their own.

use crate::model::field::{Codes, Field, fields};
use crate::model::text::PhoneStatus;

const BAD_REQUEST: &Codes = &Codes::all("bad_request");

fields! {
    /// The id of the response that the feedback is about.
    RESPONSE_ID = Field::private("response_id", BAD_REQUEST);
    /// The number that was dialed.
    PHONE = Field::phone_number("phone", BAD_REQUEST);
    /// Who answered.
    NAME = Field::private("name", BAD_REQUEST);
    /// Whether the number is connected.
    PHONE_STATUS = Field::plain_if(
        "phone_status",
        |text| PhoneStatus::parse(text).is_ok(),
        BAD_REQUEST,
    );
    /// Whether the intended person was reached.
    PHONE_RIGHT_PARTY_CONTACT = Field::plain_if(
        "phone_right_party_contact",
        |text| ["true", "false"].contains(&text),
        BAD_REQUEST,
    );
}
