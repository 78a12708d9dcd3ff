//! Fone Dynamics' parameters: `contracts/fonedynamics.md`. Clients may write their names in either case.

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

/// The codes of a parameter that has one of its own for a value that breaks its rule.
const fn invalid(code: &'static str) -> Codes {
    Codes {
        invalid: code,
        unreadable: code,
        ..*PARAMETER
    }
}

/// The codes of a parameter that names something of the account.
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
    /// A property's time zone.
    TIME_ZONE = plain_if("TimeZone", |text| Zone::parse(text).is_ok(), PARAMETER);
    /// A phone number.
    NUMBER = phone_number("Number", NAMED_NUMBER);
    /// The type of a number.
    TYPE = plain_if(
        "Type",
        |text| NumberType::parse_list(text).is_ok(),
        &invalid("UNKNOWN_NUMBERTYPE"),
    );
    /// What a number can do; some clients leave the second `i` of its name out.
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
    /// Where calls are routed to by [`ROUTING_METHOD`] `Endpoint`.
    ENDPOINT_NUMBER = phone_number("EndpointNumber", PHONE_NUMBER);
    /// Where calls are routed to by [`ROUTING_METHOD`] `Flow`.
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
    /// A place in a country.
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
    /// The number that was called.
    TO = phone_number("To", PHONE_NUMBER);
    /// Which way a call went.
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
    /// Where a list of calls begins, inclusive.
    DATE_FROM = plain_if("Date_From", is_date, PARAMETER);
    /// Where a list of calls ends, exclusive.
    DATE_TO = plain_if("Date_To", is_date, PARAMETER);
    /// The number that calls were routed to.
    ENDPOINT = phone_number("Endpoint", PHONE_NUMBER);
    /// Only first calls of their callers, only repeated ones, or all.
    UNIQUE = plain_if(
        "Unique",
        |text| ["All", "Unique", "Repeat"].contains(&text),
        PARAMETER,
    );
    /// How many rows of a list an answer holds.
    RESULTS_COUNT = plain_if("Results_Count", is_small, PARAMETER);
    /// How many rows of a list to skip.
    RESULTS_SKIP = plain_if("Results_Skip", is_small, PARAMETER);
    /// Where a list goes on.
    PAGE_TOKEN = private("PageToken", PARAMETER);
}

/// The account, which is in the path alone.
pub const ACCOUNT_SID: Field = private(
    "AccountSid",
    &named("ACCOUNT_NOT_FOUND", "this is not the token's account"),
);
/// A call, which is in the path alone.
pub const CALL_SID: Field = private(
    "CallSid",
    &named("CALL_NOT_FOUND", "the account has no such call"),
);
/// The client's own name for the attempt: a header.
pub const IDEMPOTENCY_KEY: Field = private("Idempotency-Key", PARAMETER);

/// Several parameters, one of which is required.
const fn one_of(fields: &'static [Field]) -> FieldGroup {
    FieldGroup {
        fields,
        separator: ",",
        code: "ONE_OF_SEVERAL_PARAMETERS_REQUIRED",
    }
}

/// Where calls are routed to, if no [`ROUTING_METHOD`] says which of the two it is.
pub const ENDPOINT_NUMBER_OR_FLOW: FieldGroup = one_of(&[ENDPOINT_NUMBER, FLOW]);
/// What can be set of a call.
pub const DISPOSITION_OR_ENDED: FieldGroup = one_of(&[DISPOSITION, ENDED]);
/// What can be set of a number.
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
