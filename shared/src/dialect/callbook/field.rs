//! The parameters of Callbook's own API (`contracts/callbook.md`).

use crate::model::adjustment::Month;
use crate::model::call::{CallSid, Direction};
use crate::model::cost_filter::{CostFlag, CostOrder};
use crate::model::event::EventType;
use crate::model::expectation::Expectation;
use crate::model::field::{Codes, Field, FieldGroup, fields};
use crate::model::id::CredentialId;
use crate::model::pair::entry::State;
use crate::model::property::PropertySid;
use crate::model::queue::QueueResult;
use crate::model::summary::grouping::{self, GroupBy};
use crate::model::vendor::VendorStatus;
use crate::model::webhook::{EndpointState, WebhookFormat, WebhookMethod};
use crate::request::mask::{is_cost, is_date, is_small};

/// The API has one code for every fault: it tells them by a message.
const PARAMETER: &Codes = &Codes::all("invalid");

fields! {
    /// A vendor of the account.
    VENDOR_ID = Field::private("vendor_id", PARAMETER);
    /// A name for people.
    NAME = Field::private("name", PARAMETER);
    /// The status of a vendor or of a webhook.
    STATUS = Field::plain_if("status", is_status, PARAMETER);
    /// The first day that terms hold.
    FROM = Field::plain_if("from", is_date, PARAMETER);
    /// The moment or the day from which on refused requests are listed.
    SINCE = Field::plain_if("since", is_date, PARAMETER);
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
    /// The last day of a range, inclusive, or its end, exclusive.
    TO = Field::plain_if("to", is_date, PARAMETER);
    /// By which time a list of costs goes, or what a summary is grouped by.
    BY = Field::plain_if("by", is_by, PARAMETER);
    /// A vendor, or `(none)`, that a list or a summary is narrowed to.
    VENDOR = Field::private("vendor", PARAMETER);
    /// The number that was called.
    DID = Field::phone_number("did", PARAMETER);
    /// Who called, or `withheld`.
    CALLER = Field::phone_number("caller", PARAMETER);
    /// The state of a cost.
    STATE = Field::plain_if("state", |text| State::parse(text).is_ok(), PARAMETER);
    /// Whether a cost is matched to a call.
    MATCH = Field::plain_if(
        "match",
        |text| ["matched", "unmatched"].iter().any(|word| text.eq_ignore_ascii_case(word)),
        PARAMETER,
    );
    /// What a person should look at.
    FLAG = Field::plain_if("flag", |text| CostFlag::parse(text).is_ok(), PARAMETER);
    /// What the terms of its vendor make of a cost.
    EXPECTATION = Field::plain_if(
        "expectation",
        |text| Expectation::parse(text).is_ok(),
        PARAMETER,
    );
    /// The least amount of a cost.
    MIN_AMOUNT = Field::plain_if("min_amount", is_cost, PARAMETER);
    /// The largest amount of a cost.
    MAX_AMOUNT = Field::plain_if("max_amount", is_cost, PARAMETER);
    /// The credential that sent a bill.
    CREDENTIAL = Field::plain_if(
        "credential",
        |text| CredentialId::parse(text).is_ok(),
        PARAMETER,
    );
    /// How a call ended.
    DISPOSITION = Field::private("disposition", PARAMETER);
    /// Whether a call was billed.
    BILLED = Field::plain_if("billed", |text| billed(text).is_some(), PARAMETER);
    /// The least length of a call in seconds.
    MIN_SECONDS = Field::plain_if("min_seconds", is_small, PARAMETER);
    /// The largest length of a call in seconds.
    MAX_SECONDS = Field::plain_if("max_seconds", is_small, PARAMETER);
    /// The hour of the day in which a call began, in the account's zone.
    HOUR = Field::plain_if("hour", |text| hour(text).is_some(), PARAMETER);
    /// The day of the week on which a call began, in the account's zone.
    WEEKDAY = Field::plain_if("weekday", |text| weekday(text).is_some(), PARAMETER);
    /// The source in the attribution of the number that was called; likewise the next three.
    SOURCE = Field::private("source", PARAMETER);
    /// See [`SOURCE`].
    MEDIUM = Field::private("medium", PARAMETER);
    /// See [`SOURCE`].
    CAMPAIGN = Field::private("campaign", PARAMETER);
    /// See [`SOURCE`].
    CONTENT = Field::private("content", PARAMETER);
    /// The property that had the number that was called.
    PROPERTY = Field::plain_if("property", |text| PropertySid::parse(text).is_ok(), PARAMETER);
    /// Which way a call went.
    DIRECTION = Field::plain_if("direction", |text| direction(text).is_some(), PARAMETER);
    /// A cost entry.
    COST_ID = Field::private("cost_id", PARAMETER);
    /// A call.
    CALL_SID = Field::plain_if("call_sid", |text| CallSid::parse(text).is_ok(), PARAMETER);
    /// A month of a vendor.
    MONTH = Field::plain_if("month", |text| Month::parse(text).is_ok(), PARAMETER);
    /// The signed amount of an adjustment.
    AMOUNT = Field::plain_if("amount", is_signed_amount, PARAMETER);
    /// Why a person decides something.
    REASON = Field::private("reason", PARAMETER);
    /// For how long a queue entry is given to a taker.
    LEASE_SECONDS = Field::plain_if("lease_seconds", is_small, PARAMETER);
    /// The call process of queue entries.
    CALLPROCESS_ID = Field::private("callprocess_id", PARAMETER);
    /// What a taker says of a queue entry.
    RESULT = Field::plain_if("result", |text| QueueResult::parse(text).is_ok(), PARAMETER);
    /// The number of the attempt by which a taker was given a queue entry.
    ATTEMPT = Field::plain_if("attempt", is_small, PARAMETER);
    /// Types of events that a list is narrowed to.
    TYPE = Field::plain_if("type", is_event_types, PARAMETER);
    /// Whether all of a vendor's entries on the call are meant.
    ALL = Field::plain_if("all", |text| ["true", "false"].contains(&text), PARAMETER);
    /// Where deliveries to a webhook are sent. It may have a password in it.
    URL = Field::private("url", PARAMETER);
    /// How deliveries to a webhook look.
    FORMAT = Field::plain_if("format", |text| WebhookFormat::parse(text).is_ok(), PARAMETER);
    /// The method of a plain webhook.
    METHOD = Field::plain_if("method", |text| WebhookMethod::parse(text).is_ok(), PARAMETER);
    /// The types of events that a webhook wants.
    EVENTS = Field::private("events", PARAMETER);
    /// What a webhook is for.
    DESCRIPTION = Field::private("description", PARAMETER);
    /// How many deliveries to a webhook may be under way at the same time.
    CONCURRENCY = Field::plain_if("concurrency", is_small, PARAMETER);
    /// For how many hours the older secrets of a webhook go on signing.
    OVERLAP_HOURS = Field::plain_if("overlap_hours", is_small, PARAMETER);
    /// The maximum number of rows on a page.
    LIMIT = Field::plain_if("limit", is_small, PARAMETER);
    /// The token of the page to return.
    CURSOR = Field::private("cursor", PARAMETER);
}

fn is_event_types(text: &str) -> bool {
    let mut types = text.split(',');
    types.all(|text| EventType::parse(text.trim()).is_ok())
}

/// The client's idempotency key, a header.
pub const IDEMPOTENCY_KEY: Field = Field::private("Idempotency-Key", PARAMETER);

/// What an adjustment is on, one of which is required.
pub const ADJUSTED: FieldGroup = FieldGroup {
    fields: &[COST_ID, CALL_SID, VENDOR_ID],
    separator: ", ",
    code: "invalid",
};

/// Reads whether a call was billed, in either case.
#[must_use]
pub fn billed(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// Reads an hour of the day, `00` to `23`.
#[must_use]
pub fn hour(text: &str) -> Option<u8> {
    let hour = text.parse().ok().filter(|hour| *hour < 24);
    hour.filter(|_| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Reads a day of the week, `monday` to `sunday` in either case, as its number from 1.
#[must_use]
pub fn weekday(text: &str) -> Option<u8> {
    (1..=7).find(|number| grouping::weekday(*number).eq_ignore_ascii_case(text))
}

/// Reads which way a call went, in either case.
#[must_use]
pub fn direction(text: &str) -> Option<Direction> {
    match text.to_ascii_lowercase().as_str() {
        "inbound" => Some(Direction::Inbound),
        "outbound" => Some(Direction::Outbound),
        _ => None,
    }
}

/// Whether a text says the order of a list or the groupings of a summary.
fn is_by(text: &str) -> bool {
    let mut words = text.split([',', ';']).map(str::trim);
    CostOrder::parse(text).is_ok() || words.all(|word| GroupBy::parse(word).is_ok())
}

/// Whether a text is a signed amount with fewer digits than a phone number.
fn is_signed_amount(text: &str) -> bool {
    is_cost(text.trim_start_matches(['-', '+']))
}

/// Whether a text is the status of a vendor or of a webhook.
fn is_status(text: &str) -> bool {
    VendorStatus::parse(text).is_ok() || EndpointState::parse(text).is_ok()
}

/// The settings of a webhook that a client can change, at least one of which is required.
pub const ENDPOINT_SETTINGS: FieldGroup = FieldGroup {
    fields: &[URL, EVENTS, DESCRIPTION, STATUS, CONCURRENCY],
    separator: ", ",
    code: "invalid",
};

/// The settings of a vendor that a client can change, at least one of which is required.
pub const NAME_OR_STATUS: FieldGroup = FieldGroup {
    fields: &[NAME, STATUS],
    separator: ", ",
    code: "invalid",
};
