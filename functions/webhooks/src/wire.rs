//! What clients send about webhooks.

use std::collections::BTreeSet;

use callbook::dialect::callbook::{field, resource};
use callbook::model::event::EventType;
use callbook::model::text::IdempotencyKey;
use callbook::model::time::Instant;
use callbook::model::webhook::endpoint::TokensInStandard;
use callbook::model::webhook::{
    Concurrency, Description, Endpoint, EndpointChange, EndpointId, EndpointState, EndpointUrl,
    WebhookFormat, WebhookMethod,
};
use callbook::problem::{Fault, Problem};
use callbook::request::reader::{json_count, json_string};
use callbook::request::{JsonObject, JsonReader, Request};
use serde_json::value::RawValue;

/// The default of `overlap_hours`.
const OVERLAP: u32 = 24;

/// The maximum of `overlap_hours`: a week.
const LONGEST_OVERLAP: u32 = 168;

/// An endpoint that a client wants.
pub struct WantedEndpoint {
    url: EndpointUrl,
    format: WebhookFormat,
    method: Option<WebhookMethod>,
    events: Option<BTreeSet<EventType>>,
    description: Option<Description>,
    concurrency: Option<Concurrency>,
}

impl WantedEndpoint {
    /// Makes the endpoint.
    pub fn into_endpoint(self, id: EndpointId, now: Instant) -> Endpoint {
        let Self {
            url,
            format,
            method,
            events,
            description,
            concurrency,
        } = self;
        Endpoint {
            id,
            url,
            format,
            method: match format {
                WebhookFormat::Standard => None,
                WebhookFormat::Plain => Some(method.unwrap_or(WebhookMethod::Get)),
            },
            events,
            description,
            status: EndpointState::Enabled,
            off_reason: None,
            off_since: None,
            concurrency: concurrency.unwrap_or_default(),
            created_at: now,
            revision: 0,
        }
    }

    /// Returns the parameters that identify the request, for idempotency.
    pub fn said(&self) -> Vec<String> {
        let events = self.events.as_ref().map(|events| {
            let words = events.iter().map(|kind| kind.as_str());
            words.collect::<Vec<_>>().join(",")
        });
        let description = self.description.as_ref().map(Description::as_str);
        vec![
            self.url.as_str().to_owned(),
            self.format.as_str().to_owned(),
            self.method
                .map(WebhookMethod::as_str)
                .unwrap_or_default()
                .to_owned(),
            events.unwrap_or_default(),
            description.unwrap_or_default().to_owned(),
            self.concurrency
                .map(|number| u32::from(number).to_string())
                .unwrap_or_default(),
        ]
    }
}

/// Reads a new endpoint.
///
/// # Errors
/// Returns `Invalid` with every field at fault.
pub fn new_endpoint(
    request: &Request,
    body: &JsonObject,
) -> Result<(Option<IdempotencyKey>, WantedEndpoint), Problem> {
    let fields = [
        field::URL,
        field::FORMAT,
        field::METHOD,
        field::EVENTS,
        field::DESCRIPTION,
        field::CONCURRENCY,
    ];
    let mut reader = resource::body(request, body, &fields);
    let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, request);
    let url = reader.required(field::URL, url);
    let format = reader.optional_sent(field::FORMAT, |value| {
        WebhookFormat::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let method = reader.optional_sent(field::METHOD, |value| {
        WebhookMethod::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let events = reader.optional(field::EVENTS, events);
    let description = description(&mut reader);
    let concurrency = concurrency(&mut reader);
    let chosen = format.flatten().unwrap_or(WebhookFormat::Standard);
    if chosen == WebhookFormat::Standard {
        if url.as_ref().is_some_and(EndpointUrl::has_tokens) {
            reader.fault(field::URL, Fault::invalid(TokensInStandard));
        }
        if matches!(method, Some(Some(_))) {
            let fault = "is for endpoints of the format plain; the others get a POST";
            reader.fault(field::METHOD, Fault::invalid(fault));
        }
    }
    let read = (key, url, format, method, events, description, concurrency);
    let (key, url, _, method, events, description, concurrency) = reader.finish(read)?;
    let wanted = WantedEndpoint {
        url,
        format: chosen,
        method,
        events,
        description,
        concurrency,
    };
    Ok((key, wanted))
}

/// Reads a change of an endpoint.
///
/// # Errors
/// Returns `Invalid` with every field at fault, or if nothing is to be changed.
pub fn endpoint_change(request: &Request, body: &JsonObject) -> Result<EndpointChange, Problem> {
    let mut reader = resource::body(request, body, field::ENDPOINT_SETTINGS.fields);
    let url = reader.optional_sent(field::URL, url);
    let all = body
        .get(field::EVENTS.name)
        .is_some_and(|value| value.get() == "null");
    let events = reader.optional(field::EVENTS, events);
    let description = description(&mut reader);
    let status = reader.optional_sent(field::STATUS, |value| {
        EndpointState::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let concurrency = concurrency(&mut reader);
    let nothing = matches!(
        (&url, &events, &description, &status, &concurrency),
        (Some(None), Some(None), Some(None), Some(None), Some(None))
    );
    if nothing && !all {
        reader.fault(field::ENDPOINT_SETTINGS, Fault::Missing);
    }
    let read = (url, events, description, status, concurrency);
    let (url, events, description, status, concurrency) = reader.finish(read)?;
    Ok(EndpointChange {
        url,
        events: match events {
            None if all => Some(None),
            events => events.map(Some),
        },
        description,
        status,
        concurrency,
    })
}

/// Reads for how many hours the older secrets go on signing.
///
/// # Errors
/// Returns `Invalid` with every field at fault.
pub fn overlap(request: &Request, body: &JsonObject) -> Result<u32, Problem> {
    let mut reader = resource::body(request, body, &[field::OVERLAP_HOURS]);
    let hours = reader.optional(field::OVERLAP_HOURS, |value| {
        json_count(value, LONGEST_OVERLAP)
    });
    let (hours,) = reader.finish((hours,))?;
    Ok(hours.unwrap_or(OVERLAP))
}

/// Checks that a request has no parameters.
///
/// # Errors
/// Returns `Invalid` with each parameter that was sent.
pub fn no_members(request: &Request, body: &JsonObject) -> Result<(), Problem> {
    let reader = resource::body(request, body, &[]);
    reader.finish((Some(()),)).map(drop)
}

/// Refuses a change to a URL with tokens of an endpoint whose format has none.
pub fn tokens_in_standard(refused: TokensInStandard) -> Problem {
    let nothing = JsonObject::new();
    let mut reader = JsonReader::new(&nothing);
    reader.fault(field::URL, Fault::invalid(refused));
    match reader.finish((None::<()>,)) {
        Err(problem) => problem,
        Ok(_) => Problem::NotFound,
    }
}

fn url(value: &RawValue) -> Result<EndpointUrl, Fault> {
    EndpointUrl::parse(&json_string(value)?).map_err(Fault::invalid)
}

fn description(reader: &mut JsonReader<'_>) -> Option<Option<Description>> {
    reader.optional_sent(field::DESCRIPTION, |value| {
        Ok(Description::parse(&json_string(value)?)?)
    })
}

fn concurrency(reader: &mut JsonReader<'_>) -> Option<Option<Concurrency>> {
    reader.optional_sent(field::CONCURRENCY, |value| {
        let number = json_count(value, Concurrency::MOST);
        number.and_then(|number| Concurrency::new(number).map_err(Fault::invalid))
    })
}

/// Reads types of events; an empty list would want nothing.
fn events(value: &RawValue) -> Result<BTreeSet<EventType>, Fault> {
    let expected = || Fault::invalid("expected a list of types of events, or null for all of them");
    let words: Vec<String> = serde_json::from_str(value.get()).map_err(|_| expected())?;
    let kinds = words
        .iter()
        .map(|word| EventType::parse(word).map_err(Fault::invalid));
    let kinds: BTreeSet<EventType> = kinds.collect::<Result<_, _>>()?;
    match kinds.is_empty() {
        true => Err(expected()),
        false => Ok(kinds),
    }
}
