//! Fone Dynamics' parameters (`contracts/fonedynamics.md`). Clients may write names in either case.

use crate::model::country::Country;
use crate::model::field::{Codes, Field, FieldGroup, fields};
use crate::model::inventory::{Capabilities, NumberType};
use crate::model::number::{Recording, RoutingMethod};
use crate::model::time::Zone;
use crate::request::mask::{is_date, is_small};

const PARAMETER: &Codes = &Codes {
    missing: "PARAMETER_REQUIRED",
    too_short: "PARAMETER_TOO_SHORT",
    too_long: "PARAMETER_TOO_LONG",
    ..Codes::all("PARAMETER_INVALID")
};

/// The codes of a parameter with its own code for invalid values.
const fn invalid(code: &'static str) -> Codes {
    Codes {
        invalid: code,
        unreadable: code,
        ..*PARAMETER
    }
}

/// The codes of a parameter that names a resource of the account.
const fn named(not_found: &'static str, not_found_text: &'static str) -> Codes {
    Codes {
        not_found,
        not_found_text,
        ..*PARAMETER
    }
}

const PLACE: &Codes = &named("LOCATION_NOT_FOUND", "no numbers were ever offered there");
const COUNTRY: &Codes = &Codes {
    not_found: "COUNTRY_NOT_FOUND",
    not_found_text: "there is no such country",
    unavailable: "COUNTRY_UNAVAILABLE",
    ..invalid("INVALID_COUNTRYCODE_FORMAT")
};
const PHONE_NUMBER: &Codes = &invalid("INVALID_PHONENUMBER_FORMAT");
const NAMED_NUMBER: &Codes = &Codes {
    not_found: "NUMBER_NOT_FOUND",
    not_found_text: "the account has no such number, or none such can be bought",
    ..*PHONE_NUMBER
};

const fn private(name: &'static str, codes: &'static Codes) -> Field {
    Field::private(name, codes).in_any_case()
}

const fn plain_if(name: &'static str, is_plain: fn(&str) -> bool, codes: &'static Codes) -> Field {
    Field::plain_if(name, is_plain, codes).in_any_case()
}

const fn phone_number(name: &'static str, codes: &'static Codes) -> Field {
    Field::phone_number(name, codes).in_any_case()
}

fields! {
    /// A property.
    PROPERTY_SID = private(
        "PropertySid",
        &named("PROPERTY_NOT_FOUND", "the account has no such property"),
    );
    /// An address.
    ADDRESS_SID = private(
        "AddressSid",
        &named("ADDRESS_NOT_FOUND", "the account has no such address"),
    );
    /// The name of a property.
    NAME = private("Name", PARAMETER);
    /// The web site whose visitors call a property's numbers.
    MAIN_DOMAIN = private("MainDomain", PARAMETER);
    /// Whether a property's numbers are meant to take messages: kept and shown, and nothing else.
    SMS_ENABLED = plain_if("SmsEnabled", is_flag, PARAMETER);
    /// Whether a property's calls are recorded: see [`SMS_ENABLED`].
    CALL_RECORDING_ENABLED = plain_if("CallRecordingEnabled", is_flag, PARAMETER);
    /// Whether a property is in use: see [`SMS_ENABLED`].
    ACTIVE = plain_if("Active", is_flag, PARAMETER);
    /// A property's time zone.
    TIME_ZONE = plain_if("TimeZone", |text| Zone::parse_any(text).is_ok(), PARAMETER);
    /// A phone number.
    NUMBER = phone_number("Number", NAMED_NUMBER);
    /// The type of a number.
    TYPE = plain_if(
        "Type",
        |text| NumberType::parse_list(text).is_ok(),
        &invalid("UNKNOWN_NUMBERTYPE"),
    );
    /// The capabilities of a number. Some clients misspell the name without its second `i`.
    CAPABILITIES = plain_if(
        "Capabilities",
        |text| Capabilities::parse(text).is_ok(),
        &invalid("UNKNOWN_CAPABILITY"),
    )
    .read_as(&["Capabilities", "Capabilites"]);
    /// The client's own name for a number or an address.
    FRIENDLY = private("Friendly", PARAMETER);
    /// How a number's calls are routed.
    ROUTING_METHOD = plain_if(
        "RoutingMethod",
        |text| RoutingMethod::parse(text).is_ok(),
        &invalid("UNKNOWN_ROUTING_METHOD"),
    );
    /// The number that calls go to if [`ROUTING_METHOD`] is `Endpoint`.
    ENDPOINT_NUMBER = phone_number("EndpointNumber", PHONE_NUMBER);
    /// The flow that calls go through if [`ROUTING_METHOD`] is `Flow`.
    FLOW = private("Flow", PARAMETER);
    /// Whether calls are recorded.
    RECORDING = plain_if(
        "Recording",
        |text| Recording::parse(text).is_ok(),
        &invalid("UNKNOWN_RECORDING_OPTION"),
    );
    /// The source that a number's calls are attributed to.
    ATTRIBUTION_SOURCE = private("Attribution_Source", PARAMETER);
    /// The medium that a number's calls are attributed to.
    ATTRIBUTION_MEDIUM = private("Attribution_Medium", PARAMETER);
    /// The campaign that a number's calls are attributed to.
    ATTRIBUTION_CAMPAIGN = private("Attribution_Campaign", PARAMETER);
    /// The content that a number's calls are attributed to.
    ATTRIBUTION_CONTENT = private("Attribution_Content", PARAMETER);
    /// A country.
    COUNTRY_CODE = plain_if("CountryCode", |text| Country::parse(text).is_ok(), COUNTRY);
    /// A region of a country.
    REGION = private("Region", PLACE);
    /// A city or town.
    LOCALITY = private("Locality", PLACE);
    /// The client's own reference for an address.
    REFERENCE = private("Reference", PARAMETER);
    /// An address's first line.
    LINE1 = private("Line1", PARAMETER);
    /// An address's second line.
    LINE2 = private("Line2", PARAMETER);
    /// An address's city.
    CITY = private("City", PARAMETER);
    /// An address's postal code.
    POSTAL_CODE = private("PostalCode", PARAMETER);
    /// The caller.
    FROM = phone_number("From", PHONE_NUMBER);
    /// The callee.
    TO = phone_number("To", PHONE_NUMBER);
    /// The direction of a call.
    DIRECTION = plain_if(
        "Direction",
        |text| ["inbound", "outbound"].contains(&text),
        PARAMETER,
    );
    /// When a call started.
    STARTED = plain_if("Started", is_date, PARAMETER);
    /// When a call ended.
    ENDED = plain_if("Ended", is_date, PARAMETER);
    /// How a call ended.
    DISPOSITION = private("Disposition", &invalid("UNKNOWN_DISPOSITION"));
    /// The start of a list of calls, inclusive.
    DATE_FROM = plain_if("Date_From", is_date, PARAMETER);
    /// The end of a list of calls, exclusive.
    DATE_TO = plain_if("Date_To", is_date, PARAMETER);
    /// The number that calls were routed to.
    ENDPOINT = phone_number("Endpoint", PHONE_NUMBER);
    /// Selects first calls of their callers, repeated calls, or all.
    UNIQUE = plain_if(
        "Unique",
        |text| ["All", "Unique", "Repeat"].contains(&text),
        PARAMETER,
    );
    /// The maximum number of rows in an answer.
    RESULTS_COUNT = plain_if("Results_Count", is_small, PARAMETER);
    /// The number of rows to skip.
    RESULTS_SKIP = plain_if("Results_Skip", is_small, PARAMETER);
    /// The token of the page to return.
    PAGE_TOKEN = private("PageToken", PARAMETER);
}

/// The account, which only occurs in the path.
pub const ACCOUNT_SID: Field = private(
    "AccountSid",
    &named("ACCOUNT_NOT_FOUND", "this is not the token's account"),
);
/// A call, which only occurs in the path.
pub const CALL_SID: Field = private(
    "CallSid",
    &named("CALL_NOT_FOUND", "the account has no such call"),
);
/// The client's idempotency key, a header.
pub const IDEMPOTENCY_KEY: Field = private("Idempotency-Key", PARAMETER);

/// Whether a text is a truth value.
fn is_flag(text: &str) -> bool {
    ["true", "false", "1", "0"].contains(&text)
}

/// A group of parameters, at least one of which is required.
const fn one_of(fields: &'static [Field]) -> FieldGroup {
    FieldGroup {
        fields,
        separator: ",",
        code: "ONE_OF_SEVERAL_PARAMETERS_REQUIRED",
    }
}

/// The destinations of calls, one of which is required without a [`ROUTING_METHOD`].
pub const ENDPOINT_NUMBER_OR_FLOW: FieldGroup = one_of(&[ENDPOINT_NUMBER, FLOW]);
/// The properties of a call that a client can change.
pub const DISPOSITION_OR_ENDED: FieldGroup = one_of(&[DISPOSITION, ENDED]);
/// The settings of a number that a client can change.
pub const ANY_SETTING: FieldGroup = one_of(&[
    FRIENDLY,
    ADDRESS_SID,
    ATTRIBUTION_SOURCE,
    ATTRIBUTION_MEDIUM,
    ATTRIBUTION_CAMPAIGN,
    ATTRIBUTION_CONTENT,
    ROUTING_METHOD,
    ENDPOINT_NUMBER,
    FLOW,
    RECORDING,
]);
