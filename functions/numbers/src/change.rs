//! `POST /v2/Numbers/{number}`: what a number is called, where its calls go, what is noted of them.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::{App, Parameters, Request};
use callbook::fields::{Fields, invalid, text_fault};
use callbook::ledger::{Changed, Changing};
use callbook::model::address::AddressSid;
use callbook::model::line::Line;
use callbook::model::number::{NumberChange, Recording, RoutingMethod, Unroutable};
use callbook::problem::{Fault, Problem};

use crate::wire::Shown;
use crate::{admit, e164};

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
    let (number, asked) = fields.finish((number, change))?;

    let account = &caller.account.id;
    let changing = Changing {
        account,
        change: &asked.change,
    };
    let mut lacking = Fields::new();
    let own = ledger.number(account, &number).await?;
    if own.is_none() {
        lacking.fault(field::NUMBER, Fault::NotFound);
    }
    let address = ledger.new_address(&changing).await?;
    if asked.names_address && address.is_none() {
        lacking.fault(field::ADDRESS_SID, Fault::NotFound);
    }
    lacking.check()?;
    let own = own.ok_or_else(|| Problem::not_found(field::NUMBER))?;
    asked.change.applied_to(&own).map_err(unroutable)?;
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    match ledger.change_number(&changing, own, address).await? {
        Changed::Done(number) => Ok(fonedynamics::success(&Shown::of(&number, &caller.account))),
        Changed::Refused(why) => Err(unroutable(why)),
        Changed::NoNumber => Err(Problem::not_found(field::NUMBER)),
        Changed::NoAddress => Err(Problem::not_found(field::ADDRESS_SID)),
    }
}

/// A request's parameters.
struct Asked {
    change: NumberChange,
    /// It is to be linked to an address, whether or not the sid is one.
    names_address: bool,
}

fn read(fields: &mut Fields, parameters: &Parameters) -> Option<Asked> {
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
    let given = |name| parameters.given(name).is_some();
    let routing_method = match parameters.sent(field::ROUTING_METHOD) {
        // No method in particular: the destination says which, so there has to be one.
        Some("") if !given(field::ENDPOINT_NUMBER) && !given(field::FLOW) => {
            fields.fault(field::ENDPOINT_NUMBER_OR_FLOW, Fault::Missing);
            None
        }
        method => fields.optional(
            field::ROUTING_METHOD,
            method.filter(|method| !method.is_empty()),
            |text| RoutingMethod::parse(text).map_err(invalid),
        ),
    };
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
    let address = fields.optional(field::ADDRESS_SID, address, Ok)?;
    let names_address = address.is_some_and(|text| !text.is_empty());
    let change = NumberChange {
        friendly: friendly?,
        source: source?,
        medium: medium?,
        campaign: campaign?,
        content: content?,
        routing_method: routing_method?,
        endpoint_number: endpoint_number?,
        flow: flow?,
        recording: recording?,
        address: address.map(|text| AddressSid::parse(text).ok()),
    };
    Some(Asked {
        change,
        names_address,
    })
}

/// A text that is set, or taken away by an empty one.
#[expect(clippy::option_option, reason = "left as it is, taken away, or set")]
fn text<const MOST: usize>(
    fields: &mut Fields,
    parameters: &Parameters,
    name: &'static str,
) -> Option<Option<Option<Line<MOST>>>> {
    fields.optional(name, parameters.sent(name), |text| match text.is_empty() {
        true => Ok(None),
        false => Line::parse(text).map(Some).map_err(text_fault),
    })
}

fn unroutable(why: Unroutable) -> Problem {
    let field = match why {
        Unroutable::NoDestination => field::ENDPOINT_NUMBER_OR_FLOW,
        Unroutable::NoEndpoint => field::ENDPOINT_NUMBER,
        Unroutable::NoFlow => field::FLOW,
        Unroutable::NoMethod => field::ROUTING_METHOD,
    };
    Problem::of(field, Fault::Missing)
}
