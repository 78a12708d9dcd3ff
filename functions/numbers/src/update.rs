//! `POST /v2/Numbers/{number}`: what a number is called, where its calls go, what is noted of them.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::ledger::{NumberUpdateRefusal, Update};
use callbook::model::field::Subject;
use callbook::model::number::{NumberChange, Recording, RoutingMethod, Unroutable};
use callbook::model::short_text::ShortText;
use callbook::problem::{Fault, Problem};
use callbook::request::faults::Faults;
use callbook::request::{Parameters, Reader};

use crate::wire::NumberView;
use crate::{address_sid, e164};

/// Updates a number. What is sent is set, what is sent empty is taken away, and the rest stays.
///
/// # Errors
/// Returns a problem of the parameters or of the limits; `NotFound` for a number or address; `Missing` for a
/// destination that the routing method needs; or an error if DynamoDB does not answer in time.
pub(crate) async fn update(
    context: &Context<'_>,
    parameters: &Parameters,
    number: &str,
) -> Result<Answer, Problem> {
    let (ledger, account) = (context.ledger(), context.account());
    let mut reader = Reader::new(parameters);
    // A typed client repeats what the path says.
    resource::only(
        &mut reader,
        &[field::ANY_SETTING.fields, &[field::NUMBER]].concat(),
    );
    let number = reader.in_path(field::NUMBER, number, e164);
    let change = read(&mut reader);
    let (number, change) = reader.finish((number, change))?;

    let mut lacking = Faults::default();
    let own = ledger.number(&account.id, &number).await?;
    if own.is_none() {
        lacking.add(field::NUMBER, Fault::NotFound);
    }
    if let Some(Err(why)) = own.as_ref().map(|own| change.applied_to(own)) {
        lacking.add(destination(why), Fault::Missing);
    }
    let named = change.named_address();
    let address = ledger.named_address(&account.id, named).await?;
    if named.is_some() && address.is_none() {
        lacking.add(field::ADDRESS_SID, Fault::NotFound);
    }
    lacking.check()?;
    let own = own.ok_or_else(|| Problem::not_found(field::NUMBER))?;
    context.throttle().await?;
    let updated = ledger.update_number(&account.id, &change, own, address);
    match updated.await? {
        Update::Updated(number) => Ok(fonedynamics::success(&NumberView::of(&number, account))),
        Update::NotFound => Err(Problem::not_found(field::NUMBER)),
        Update::Refused(NumberUpdateRefusal::AddressNotFound) => {
            Err(Problem::not_found(field::ADDRESS_SID))
        }
        Update::Refused(NumberUpdateRefusal::Unroutable(why)) => {
            Err(Problem::of(destination(why), Fault::Missing))
        }
    }
}

fn read(reader: &mut Reader<'_>) -> Option<NumberChange> {
    if !reader.has_any(field::ANY_SETTING.fields) {
        reader.fault(field::ANY_SETTING, Fault::Missing);
        return None;
    }
    let friendly = reader.optional_sent(field::FRIENDLY, |text| setting(text, short));
    let source = reader.optional_sent(field::ATTRIBUTION_SOURCE, |text| setting(text, short));
    let medium = reader.optional_sent(field::ATTRIBUTION_MEDIUM, |text| setting(text, short));
    let campaign = reader.optional_sent(field::ATTRIBUTION_CAMPAIGN, |text| setting(text, short));
    let content = reader.optional_sent(field::ATTRIBUTION_CONTENT, |text| setting(text, short));
    let routing_method = routing_method(reader);
    let endpoint_number = reader.optional_sent(field::ENDPOINT_NUMBER, |text| setting(text, e164));
    let flow = reader.optional_sent(field::FLOW, |text| setting(text, short));
    let recording = reader.optional_sent(field::RECORDING, |text| {
        Recording::parse(text).map_err(Fault::invalid)
    });
    let address = reader.optional_sent(field::ADDRESS_SID, |text| setting(text, address_sid));
    Some(NumberChange {
        friendly: friendly?,
        source: source?,
        medium: medium?,
        campaign: campaign?,
        content: content?,
        routing_method: routing_method?,
        endpoint_number: endpoint_number?,
        flow: flow?,
        recording: recording?,
        address: address?,
    })
}

/// The method that is set, or, with both destinations, taken away.
#[expect(clippy::option_option, reason = "left as it is, taken away, or set")]
fn routing_method(reader: &mut Reader<'_>) -> Option<Option<Option<RoutingMethod>>> {
    let method = reader.optional_sent(field::ROUTING_METHOD, |text| {
        setting(text, |text| {
            RoutingMethod::parse(text).map_err(Fault::invalid)
        })
    });
    if !matches!(method, Some(Some(None))) {
        return method;
    }
    let is_set = |field| reader.sent(field).map(|text| !text.is_empty());
    match [field::ENDPOINT_NUMBER, field::FLOW].map(is_set) {
        [Some(false), Some(false)] => Some(Some(None)),
        // No method in particular: the destination says which, so there has to be one.
        [Some(true), _] | [_, Some(true)] => Some(None),
        _ => {
            reader.fault(field::ENDPOINT_NUMBER_OR_FLOW, Fault::Missing);
            None
        }
    }
}

/// Reads what is set, or `None` from the empty text, which takes the setting away.
fn setting<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    match text.is_empty() {
        true => Ok(None),
        false => parse(text).map(Some),
    }
}

fn short<const MOST: usize>(text: &str) -> Result<ShortText<MOST>, Fault> {
    Ok(ShortText::parse(text)?)
}

/// What is missing of where a number's calls go.
fn destination(why: Unroutable) -> Subject {
    match why {
        Unroutable::NoDestination => field::ENDPOINT_NUMBER_OR_FLOW.into(),
        Unroutable::NoEndpoint => field::ENDPOINT_NUMBER.into(),
        Unroutable::NoFlow => field::FLOW.into(),
        Unroutable::NoMethod => field::ROUTING_METHOD.into(),
    }
}
