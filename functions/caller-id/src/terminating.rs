//! A call reaches somebody: who is calling, and is it really them.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::truecnam::{self, Form, TrueClid};
use callbook::ids;
use callbook::ledger::{Contact, LiveCall, NewCall};
use callbook::model::call::CallingParty;
use callbook::model::phone::{InvalidPhone, PhoneNumber};
use callbook::model::text::ResponseType;
use callbook::problem::Problem;

use crate::names;
use crate::wire::{self, Reaching};

/// What was found out about a caller.
struct Found {
    /// The number behind what was received: as it stands, or the one that it is a mangled form of.
    number: Option<PhoneNumber>,
    /// The number that what was received is a mangled form of.
    proposed: Option<PhoneNumber>,
    contact: Contact,
    true_clid: TrueClid,
}

/// Records the call and answers who is calling.
pub(crate) async fn answer(
    context: &Context<'_>,
    reaching: &Reaching,
    form: Form,
) -> Result<Answer, Problem> {
    let remaining = context.throttle().await?;
    let found = find(context, reaching, form).await?;
    if let Some(called) = &reaching.called {
        let calling = match &found.number {
            Some(number) => CallingParty::Number(number.clone()),
            None => CallingParty::Digits(reaching.calling.clone()),
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
        context.ledger().record_inbound(&call).await?;
    }
    let reputation = &found.contact.reputation;
    let (name, extended_name) = names(reputation.name.as_ref());
    let digits = |number: &PhoneNumber| number.digits().to_owned();
    let (per_minute_remaining, per_day_remaining) = wire::shown(remaining);
    Ok(truecnam::caller(
        form,
        &truecnam::Caller {
            calling_number: reaching.calling.digits().to_owned(),
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

/// Two rounds of reads at most, each concurrent: what is live towards the called number and what is known
/// of the caller; then what the first round asks for.
async fn find(context: &Context<'_>, reaching: &Reaching, form: Form) -> Result<Found, Problem> {
    let (ledger, account, now) = (context.ledger(), &context.account().id, context.now());
    let received = reaching.calling.as_phone();
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
    if let Some(proposed) = proposed(reaching.calling.digits(), &live) {
        // A possible number is recorded as the number that it is; the names are the full number's.
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

/// Ten digits that lack nothing but the North American country code are that number to bills and names,
/// if not to TrueCLID.
fn assumed(reaching: &Reaching) -> Option<PhoneNumber> {
    let digits = reaching.calling.digits();
    match PhoneNumber::parse_e164(digits) {
        Err(InvalidPhone::CountryCodeMissing) => PhoneNumber::parse(digits).ok(),
        _ => None,
    }
}

/// The live number that `received` is a mangled form of: one that it contains before one that contains
/// it, and of these the latest start.
fn proposed(received: &str, live: &[LiveCall]) -> Option<PhoneNumber> {
    let contains = |whole: &str, part: &str| whole.starts_with(part) || whole.ends_with(part);
    let full = |call: &&LiveCall| contains(received, call.calling.digits());
    let truncated = |call: &&LiveCall| contains(call.calling.digits(), received);
    let call = live
        .iter()
        .find(full)
        .or_else(|| live.iter().find(truncated))?;
    Some(call.calling.clone())
}
