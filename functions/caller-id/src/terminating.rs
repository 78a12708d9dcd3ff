//! Terminating queries: who is calling, and whether the number is genuine.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::truecnam::{self, Form, TrueClid};
use callbook::ids;
use callbook::ledger::{Contact, LiveCall, NewCall};
use callbook::model::call::CallingParty;
use callbook::model::phone::{InvalidPhone, PhoneNumber, SwitchDigits};
use callbook::model::text::ResponseType;
use callbook::problem::Problem;

use crate::names;
use crate::wire::{self, Reaching};

/// The facts found about a caller.
struct Found {
    /// The number that called: the received one, or the full number behind a mangled one.
    number: Option<PhoneNumber>,
    /// The full number, if the received one is a mangled form of it.
    proposed: Option<PhoneNumber>,
    contact: Contact,
    true_clid: TrueClid,
}

/// Records the call, and answers who is calling.
pub(crate) async fn answer(
    context: &Context<'_>,
    reaching: &Reaching,
    form: Form,
) -> Result<Answer, Problem> {
    let remaining = context.throttle().await?;
    let found = find(context, reaching, form).await?;
    if let Some(called) = &reaching.called {
        let calling = match (&found.number, &reaching.calling) {
            (Some(number), _) => CallingParty::Number(number.clone()),
            (None, Some(digits)) => CallingParty::Digits(digits.clone()),
            (None, None) => CallingParty::Withheld,
        };
        let account = context.account();
        let call = NewCall {
            account,
            sid: ids::call_sid(context.now(), ids::shard(account.shards)),
            calling: &calling,
            called,
            contact: &found.contact,
            guid: context.guid(),
        };
        context.ledger().record_lookup(&call).await?;
    }
    let reputation = &found.contact.reputation;
    let (name, extended_name) = names(reputation.name.as_ref());
    let digits = |number: &PhoneNumber| number.digits().to_owned();
    let (per_minute_remaining, per_day_remaining) = wire::shown(remaining);
    Ok(truecnam::caller(
        form,
        &truecnam::Caller {
            calling_number: received(reaching).to_owned(),
            called_number: reaching.called.as_ref().map(digits).unwrap_or_default(),
            proposed_calling_number: found.proposed.as_ref().map(digits).unwrap_or_default(),
            name,
            extended_name,
            true_clid: found.true_clid,
            spam_score: reputation.spam_score(),
            spam_score_match: reputation.recent > 0,
            per_minute_remaining,
            per_day_remaining,
        },
    ))
}

/// The calling number as answers repeat it: the digits received, or none of a withheld number.
fn received(reaching: &Reaching) -> &str {
    let digits = reaching.calling.as_ref();
    digits.map(SwitchDigits::digits).unwrap_or_default()
}

/// Finds out who is calling, with at most two rounds of concurrent reads.
///
/// The first round reads the live calls to the called number and what is known of the caller. The
/// second round reads what follows from the first.
async fn find(context: &Context<'_>, reaching: &Reaching, form: Form) -> Result<Found, Problem> {
    let (ledger, account, now) = (context.ledger(), &context.account().id, context.now());
    let received = reaching.calling.as_ref().and_then(SwitchDigits::as_phone);
    let assumed = received.clone().or_else(|| assumed(reaching));
    let (live, contact) = futures_util::try_join!(
        async {
            match &reaching.called {
                Some(called) => ledger.live_calls(called, now).await,
                None => Ok(Vec::new()),
            }
        },
        async {
            match &assumed {
                Some(number) => ledger.contact(account, number, now).await,
                None => Ok(Contact::default()),
            }
        },
    )?;
    let verified = received
        .as_ref()
        .is_some_and(|number| live.iter().any(|call| call.calling == *number));
    if verified {
        let true_clid = TrueClid::Verified;
        return Ok(Found {
            number: received,
            proposed: None,
            contact,
            true_clid,
        });
    }
    if let Some(proposed) = proposed(reaching, &live) {
        // A received number that is possible is recorded as it is. Only the names are those of the full
        // number.
        let number = received.clone().or_else(|| Some(proposed.clone()));
        let contact = match assumed.as_ref() == Some(&proposed) {
            true => contact,
            false => {
                let full = ledger.contact(account, &proposed, now).await?;
                match received {
                    Some(_) => contact.with_reputation(full.reputation),
                    None => full,
                }
            }
        };
        let true_clid = TrueClid::Unknown;
        return Ok(Found {
            number,
            proposed: Some(proposed),
            contact,
            true_clid,
        });
    }
    let true_clid = match (&received, &reaching.called) {
        (Some(number), Some(called)) if form.kind == ResponseType::Extended => {
            let origin = ledger.origin(number, now).await?;
            if origin.calls_others(called) {
                TrueClid::True
            } else if origin.silent() {
                TrueClid::False
            } else {
                TrueClid::Unknown
            }
        }
        _ => TrueClid::Unknown,
    };
    Ok(Found {
        number: assumed,
        proposed: None,
        contact,
        true_clid,
    })
}

/// Returns the North American number that ten digits without their country code stand for.
///
/// Bills and names use it. TrueCLID does not.
fn assumed(reaching: &Reaching) -> Option<PhoneNumber> {
    let digits = reaching.calling.as_ref()?.digits();
    match PhoneNumber::parse_e164(digits) {
        Err(InvalidPhone::CountryCodeMissing) => PhoneNumber::parse(digits).ok(),
        _ => None,
    }
}

/// Returns the live number that the received one is a mangled form of.
///
/// A number contained in `received` comes before one that contains it. Among several, the one with the
/// latest start counts.
fn proposed(reaching: &Reaching, live: &[LiveCall]) -> Option<PhoneNumber> {
    let received = reaching.calling.as_ref()?.digits();
    let contains = |whole: &str, part: &str| whole.starts_with(part) || whole.ends_with(part);
    let full = |call: &&LiveCall| contains(received, call.calling.digits());
    let truncated = |call: &&LiveCall| contains(call.calling.digits(), received);
    let call = live
        .iter()
        .find(full)
        .or_else(|| live.iter().find(truncated))?;
    Some(call.calling.clone())
}
