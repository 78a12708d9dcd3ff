//! The parameters of Callbook's own API (`contracts/callbook.md`).

use crate::model::field::{Codes, Field, FieldGroup, fields};
use crate::model::vendor::VendorStatus;
use crate::request::mask::{is_cost, is_date, is_small};

/// The API has one code for every fault: it tells them by a message.
const PARAMETER: &Codes = &Codes::all("invalid");

fields! {
    /// A vendor of the account.
    VENDOR_ID = Field::private("vendor_id", PARAMETER);
    /// A name for people.
    NAME = Field::private("name", PARAMETER);
    /// The status of a vendor.
    STATUS = Field::plain_if(
        "status",
        |text| VendorStatus::parse(text).is_ok(),
        PARAMETER,
    );
    /// The first day that terms hold.
    FROM = Field::plain_if("from", is_date, PARAMETER);
    /// The last day of a range, or an instant that it ends before.
    TO = Field::plain_if("to", is_date, PARAMETER);
    /// What a summary is grouped by.
    BY = Field::private("by", PARAMETER);
    /// A vendor, by which a list or a summary is filtered.
    VENDOR = Field::private("vendor", PARAMETER);
    /// A number that was called, by which a list or a summary is filtered.
    DID = Field::phone_number("did", PARAMETER);
    /// What a summary is compared with.
    COMPARE = Field::plain_if("compare", |text| text == "previous", PARAMETER);
    /// Whether a summary counts unique callers.
    UNIQUE_CALLERS = Field::plain_if(
        "unique_callers",
        |text| matches!(text, "true" | "false"),
        PARAMETER,
    );
    /// The price of a call.
    PRICE = Field::plain_if("price", is_cost, PARAMETER);
    /// How many seconds a call must last to be billable.
    MINIMUM_SECONDS = Field::plain_if("minimum_seconds", is_small, PARAMETER);
    /// For how many days another call of the same caller is not billable.
    DUPLICATE_DAYS = Field::plain_if("duplicate_days", is_small, PARAMETER);
    /// The maximum number of rows on a page.
    LIMIT = Field::plain_if("limit", is_small, PARAMETER);
    /// The token of the page to return.
    CURSOR = Field::private("cursor", PARAMETER);
}

/// The client's idempotency key, a header.
pub const IDEMPOTENCY_KEY: Field = Field::private("Idempotency-Key", PARAMETER);

/// The settings of a vendor that a client can change, at least one of which is required.
pub const NAME_OR_STATUS: FieldGroup = FieldGroup {
    fields: &[NAME, STATUS],
    separator: ", ",
    code: "invalid",
};
