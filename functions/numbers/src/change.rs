//! `POST /v2/Numbers/{number}`: what a number is called, where its calls go, what is noted of them.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::App;
use callbook::ledger::{NumberUpdateRefusal, Update};
use callbook::model::number::{NumberChange, Recording, RoutingMethod, Unroutable};
use callbook::model::short_text::ShortText;
use callbook::problem::{Fault, Problem};
use callbook::request::fields::{Fields, invalid, text_fault};
use callbook::request::{Parameters, Request};

use crate::wire::NumberView;
use crate::{address_sid, admit, e164};

/// Changes a number. What is sent is set, what is sent empty is taken away, and the rest stays.
///
/// # Errors
/// Why not.
pub(crate) async fn change(app: &App, request: &Request, number: &str) -> Result<Answer, Problem> {
    let parameters = request.parameters().await?;
    let ledger = app.ledger()?;
    let caller = admit(app, request).await?;
    let mut fields = Fields::of(&parameters);
    let number = fields.required(field::NUMBER, Some(number), e164);
    let change = read(&mut fields, &parameters);
    let (number, change) = fields.finish((number, change))?;

    let account = &caller.account.id;
    let mut lacking = Fields::new();
    let own = ledger.number(account, &number).await?;
    if own.is_none() {
        lacking.fault(field::NUMBER, Fault::NotFound);
    }
    if let Some(Err(why)) = own.as_ref().map(|own| change.applied_to(own)) {
        lacking.fault(destination(why), Fault::Missing);
    }
    let named = change.named_address();
    let address = ledger.named_address(account, named).await?;
    if named.is_some() && address.is_none() {
        lacking.fault(field::ADDRESS_SID, Fault::NotFound);
    }
    lacking.check()?;
    let own = own.ok_or_else(|| Problem::not_found(field::NUMBER))?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    match ledger.update_number(account, &change, own, address).await? {
        Update::Updated(number) => Ok(fonedynamics::success(&NumberView::of(
            &number,
            &caller.account,
        ))),
        Update::NotFound => Err(Problem::not_found(field::NUMBER)),
        Update::Refused(NumberUpdateRefusal::AddressNotFound) => {
            Err(Problem::not_found(field::ADDRESS_SID))
        }
        Update::Refused(NumberUpdateRefusal::Unroutable(why)) => {
            Err(Problem::of(destination(why), Fault::Missing))
        }
    }
}

fn read(fields: &mut Fields, parameters: &Parameters) -> Option<NumberChange> {
    if field::ANY_SETTING
        .split(',')
        .all(|name| parameters.sent(name).is_none() && !fields.is_unreadable(name))
    {
        fields.fault(field::ANY_SETTING, Fault::Missing);
        return None;
    }
    let mut line = |name| text(fields, parameters, name);
    let friendly = line(field::FRIENDLY);
    let source = line(field::ATTRIBUTION_SOURCE);
    let medium = line(field::ATTRIBUTION_MEDIUM);
    let campaign = line(field::ATTRIBUTION_CAMPAIGN);
    let content = line(field::ATTRIBUTION_CONTENT);
    let routing_method = routing_method(fields, parameters);
    let endpoint_number = fields.optional(
        field::ENDPOINT_NUMBER,
        parameters.sent_number(field::ENDPOINT_NUMBER),
        |text| match text.is_empty() {
            true => Ok(None),
            false => e164(text).map(Some),
        },
    );
    let flow = text(fields, parameters, field::FLOW);
    let recording = fields.optional(
        field::RECORDING,
        parameters.sent(field::RECORDING),
        |text| Recording::parse(text).map_err(invalid),
    );
    let address = parameters.sent(field::ADDRESS_SID);
    let address = fields.optional(field::ADDRESS_SID, address, |text| match text.is_empty() {
        true => Ok(None),
        false => address_sid(text).map(Some),
    });
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
fn routing_method(
    fields: &mut Fields,
    parameters: &Parameters,
) -> Option<Option<Option<RoutingMethod>>> {
    let sent = |name| parameters.sent(name).map(|text| !text.is_empty());
    match parameters.sent(field::ROUTING_METHOD) {
        Some("") => match [field::ENDPOINT_NUMBER, field::FLOW].map(sent) {
            [Some(false), Some(false)] => Some(Some(None)),
            // No method in particular: the destination says which, so there has to be one.
            [Some(true), _] | [_, Some(true)] => Some(None),
            _ => {
                fields.fault(field::ENDPOINT_NUMBER_OR_FLOW, Fault::Missing);
                None
            }
        },
        method => fields.optional(field::ROUTING_METHOD, method, |text| {
            RoutingMethod::parse(text).map(Some).map_err(invalid)
        }),
    }
}

/// A text that is set, or taken away by an empty one.
#[expect(clippy::option_option, reason = "left as it is, taken away, or set")]
fn text<const MOST: usize>(
    fields: &mut Fields,
    parameters: &Parameters,
    name: &'static str,
) -> Option<Option<Option<ShortText<MOST>>>> {
    fields.optional(name, parameters.sent(name), |text| match text.is_empty() {
        true => Ok(None),
        false => ShortText::parse(text).map(Some).map_err(text_fault),
    })
}

/// What is missing of where a number's calls go.
fn destination(why: Unroutable) -> &'static str {
    match why {
        Unroutable::NoDestination => field::ENDPOINT_NUMBER_OR_FLOW,
        Unroutable::NoEndpoint => field::ENDPOINT_NUMBER,
        Unroutable::NoFlow => field::FLOW,
        Unroutable::NoMethod => field::ROUTING_METHOD,
    }
}
