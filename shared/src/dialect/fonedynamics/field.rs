//! The parameters, as faults name them.

/// The account in the path.
pub const ACCOUNT_SID: &str = "AccountSid";
/// A property.
pub const PROPERTY_SID: &str = "PropertySid";
/// An address.
pub const ADDRESS_SID: &str = "AddressSid";
/// A call.
pub const CALL_SID: &str = "CallSid";
/// What people call a property.
pub const NAME: &str = "Name";
/// Where a property's visitors come from.
pub const MAIN_DOMAIN: &str = "MainDomain";
/// A property's time zone.
pub const TIME_ZONE: &str = "TimeZone";
/// A phone number.
pub const NUMBER: &str = "Number";
/// What kind of number.
pub const TYPE: &str = "Type";
/// What a number can do.
pub const CAPABILITIES: &str = "Capabilities";
/// What people call a number or an address.
pub const FRIENDLY: &str = "Friendly";
/// How a number's calls are routed.
pub const ROUTING_METHOD: &str = "RoutingMethod";
/// Where to, by [`ROUTING_METHOD`] `Endpoint`.
pub const ENDPOINT_NUMBER: &str = "EndpointNumber";
/// Where to, by [`ROUTING_METHOD`] `Flow`.
pub const FLOW: &str = "Flow";
/// Where to, when no [`ROUTING_METHOD`] says which.
pub const ENDPOINT_NUMBER_OR_FLOW: &str = "EndpointNumber,Flow";
/// Whether calls are recorded.
pub const RECORDING: &str = "Recording";
/// Where a number's callers come from.
pub const ATTRIBUTION_SOURCE: &str = "Attribution_Source";
/// See [`ATTRIBUTION_SOURCE`].
pub const ATTRIBUTION_MEDIUM: &str = "Attribution_Medium";
/// See [`ATTRIBUTION_SOURCE`].
pub const ATTRIBUTION_CAMPAIGN: &str = "Attribution_Campaign";
/// See [`ATTRIBUTION_SOURCE`].
pub const ATTRIBUTION_CONTENT: &str = "Attribution_Content";
/// A country.
pub const COUNTRY_CODE: &str = "CountryCode";
/// A part of a country.
pub const REGION: &str = "Region";
/// A place in a country.
pub const LOCALITY: &str = "Locality";
/// The caller's own name for an address.
pub const REFERENCE: &str = "Reference";
/// An address's first line.
pub const LINE1: &str = "Line1";
/// An address's second line.
pub const LINE2: &str = "Line2";
/// An address's city.
pub const CITY: &str = "City";
/// An address's postal code.
pub const POSTAL_CODE: &str = "PostalCode";
/// Who called.
pub const FROM: &str = "From";
/// Who was called.
pub const TO: &str = "To";
/// Which way a call went.
pub const DIRECTION: &str = "Direction";
/// When a call began.
pub const STARTED: &str = "Started";
/// When a call was over.
pub const ENDED: &str = "Ended";
/// How a call ended.
pub const DISPOSITION: &str = "Disposition";
/// What may be set of a call, when nothing is.
pub const DISPOSITION_OR_ENDED: &str = "Disposition,Ended";
/// Where a list of calls begins, inclusive.
pub const DATE_FROM: &str = "Date_From";
/// Where a list of calls ends, exclusive.
pub const DATE_TO: &str = "Date_To";
/// Where calls were routed to.
pub const ENDPOINT: &str = "Endpoint";
/// First calls of their callers, repeated ones, or all.
pub const UNIQUE: &str = "Unique";
/// What may be set of a number, when nothing is.
pub const ANY_SETTING: &str = "Friendly,AddressSid,Attribution_Source,Attribution_Medium,\
    Attribution_Campaign,Attribution_Content,RoutingMethod,EndpointNumber,Flow,Recording";
/// How many of a list.
pub const RESULTS_COUNT: &str = "Results_Count";
/// How many of a list to pass over.
pub const RESULTS_SKIP: &str = "Results_Skip";
/// Where a list goes on.
pub const PAGE_TOKEN: &str = "PageToken";
