//! The parameters of `POST /callbook/v1/invoices/check` (`contracts/callbook.md`).

use crate::model::cost_filter::CostOrder;
use crate::model::field::{Codes, Field, fields};
use crate::model::invoice::amounts::DecimalMark;
use crate::model::invoice::column::Column;
use crate::request::mask::{is_date, is_small};

const PARAMETER: &Codes = &Codes::all("invalid");

fields! {
    /// The vendor whose statement it is.
    VENDOR = Field::private("vendor", PARAMETER);
    /// The first day, or the first moment, of the range that is compared.
    FROM = Field::plain_if("from", is_date, PARAMETER);
    /// The last day, or the moment behind the range.
    TO = Field::plain_if("to", is_date, PARAMETER);
    /// By which time entries are of the range.
    BY = Field::plain_if("by", |text| CostOrder::parse(text).is_ok(), PARAMETER);
    /// How many seconds a line and its entry may be apart.
    TOLERANCE_SECONDS = Field::plain_if("tolerance_seconds", is_small, PARAMETER);
    /// What stands before decimals.
    DECIMAL = Field::plain_if("decimal", |text| DecimalMark::parse(text).is_ok(), PARAMETER);
    /// The lines of the statement.
    ROWS = Field::private("rows", PARAMETER);
    /// The name of a column in a CSV statement.
    COLUMN_DATE = Field::private("column.date", PARAMETER);
    /// As [`COLUMN_DATE`].
    COLUMN_TIME = Field::private("column.time", PARAMETER);
    /// As [`COLUMN_DATE`].
    COLUMN_DID = Field::private("column.did", PARAMETER);
    /// As [`COLUMN_DATE`].
    COLUMN_CALLER = Field::private("column.caller", PARAMETER);
    /// As [`COLUMN_DATE`].
    COLUMN_AMOUNT = Field::private("column.amount", PARAMETER);
    /// As [`COLUMN_DATE`].
    COLUMN_CALL_ID = Field::private("column.call_id", PARAMETER);
}

/// The parameter that names a column of the statement.
#[must_use]
pub fn name_of(column: Column) -> Field {
    match column {
        Column::Date => COLUMN_DATE,
        Column::Time => COLUMN_TIME,
        Column::Did => COLUMN_DID,
        Column::Caller => COLUMN_CALLER,
        Column::Amount => COLUMN_AMOUNT,
        Column::CallId => COLUMN_CALL_ID,
    }
}
