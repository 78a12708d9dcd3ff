//! Terminating queries: who is calling, and whether the number is genuine.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::truecnam::{self, Form, TrueClid};
use callbook::ids;
use callbook::ledger::{Contact, LiveCall, LivePair, NewCall, Ownership, StoreError};
use callbook::model::call::CallingParty;
use callbook::model::phone::{InvalidPhone, PhoneNumber, SwitchDigits};
use callbook::model::text::ResponseType;
use callbook::problem::Problem;

use crate::names;
use crate::wire::{self, Reaching};

/// How many digits a received number and the full number share at least. Fewer stand for too many numbers.
const SHARED_DIGITS: usize = 7;

/// The facts found about a caller.
struct Found {
    /// The number that called: the received one, or the full number behind a mangled one.
    number: Option<PhoneNumber>,
    /// The full number, if the received one is a mangled form of it.
    proposed: Option<PhoneNumber>,
    contact: Contact,
    true_clid: TrueClid,
}

/// Answers who is calling, and records the call if the request `records` and names the called number.
pub(crate) async fn answer(
    context: &Context<'_>,
    reaching: &Reaching,
    form: Form,
    records: bool,
) -> Result<Answer, Problem> {
    let remaining = context.throttle().await?;
    let found = find(context, reaching, form).await?;
    if let Some(called) = reaching.called.as_ref().filter(|_| records) {
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

/// Finds out who is calling, in rounds of concurrent reads.
///
/// The first round reads what the request names. The second reads what a number that no live call proves
/// may be instead. Only a mangled number that is a possible number itself takes a third, for the names of the
/// full number.
async fn find(context: &Context<'_>, reaching: &Reaching, form: Form) -> Result<Found, Problem> {
    let (ledger, account, now) = (context.ledger(), &context.account().id, context.now());
    let received = reaching.calling.as_ref().and_then(SwitchDigits::as_phone);
    let assumed = received.clone().or_else(|| assumed(reaching));
    let named = received.as_ref().zip(reaching.called.as_ref());
    // Digits that are no possible number are mangled for certain.
    let mangled = mangled(reaching).filter(|_| received.is_none());
    let (pair, ownership, live, contact) = futures_util::try_join!(
        async {
            match named {
                Some((calling, called)) => ledger.live_pair(calling, called, now).await,
                None => Ok(LivePair::default()),
            }
        },
        async {
            match &reaching.called {
                Some(called) => ledger.ownership(account, received.as_ref(), called).await,
                None => Ok(Ownership::default()),
            }
        },
        live_calls_like(context, mangled),
        async {
            match &assumed {
                Some(number) => ledger.contact(account, number, now).await,
                None => Ok(Contact::default()),
            }
        },
    )?;
    if let Some(named) = named
        && ledger.is_vouched_for(&pair, &ownership, named, now).await?
    {
        return Ok(Found {
            number: received,
            proposed: None,
            contact,
            true_clid: TrueClid::Verified,
        });
    }
    // Nobody learns who is calling somebody else.
    let own = ownership.owns_called();
    let (also_live, true_clid) = futures_util::try_join!(
        live_calls_like(
            context,
            self::mangled(reaching).filter(|_| own && received.is_some())
        ),
        true_clid(context, named, &ownership, form),
    )?;
    let live = if received.is_some() { also_live } else { live };
    let proposed = proposed(reaching, &live).filter(|_| own);
    let Some(proposed) = proposed else {
        return Ok(Found {
            number: assumed,
            proposed: None,
            contact,
            true_clid,
        });
    };
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
    Ok(Found {
        // A received number that is possible is recorded as it is. Only the names are those of the full
        // number.
        number: received.or_else(|| Some(proposed.clone())),
        proposed: Some(proposed),
        contact,
        true_clid: TrueClid::Unknown,
    })
}

/// Returns the digits received and the number that they reached, if there are enough of them to be told from
/// other numbers.
fn mangled(reaching: &Reaching) -> Option<(&str, &PhoneNumber)> {
    let digits = received(reaching);
    let called = reaching.called.as_ref()?;
    (digits.len() >= SHARED_DIGITS).then_some((digits, called))
}

async fn live_calls_like(
    context: &Context<'_>,
    mangled: Option<(&str, &PhoneNumber)>,
) -> Result<Vec<LiveCall>, StoreError> {
    let Some((digits, called)) = mangled else {
        return Ok(Vec::new());
    };
    let (ledger, now) = (context.ledger(), context.now());
    ledger.live_calls_like(digits, called, now).await
}

/// Returns the TrueCLID result of a caller whom no live call proves. Only one form shows it.
async fn true_clid(
    context: &Context<'_>,
    named: Option<(&PhoneNumber, &PhoneNumber)>,
    ownership: &Ownership,
    form: Form,
) -> Result<TrueClid, StoreError> {
    let Some((calling, called)) = named.filter(|_| form.kind == ResponseType::Extended) else {
        return Ok(TrueClid::Unknown);
    };
    let (ledger, now) = (context.ledger(), context.now());
    let origin = ledger.origin(calling, ownership, now).await?;
    Ok(if origin.calls_others(called) {
        TrueClid::True
    } else if origin.silent() {
        TrueClid::False
    } else {
        TrueClid::Unknown
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
    let received = received(reaching);
    let contains = |whole: &str, part: &str| {
        let mangled = whole.starts_with(part) || whole.ends_with(part);
        mangled && whole != part && part.len() >= SHARED_DIGITS
    };
    let full = |call: &&LiveCall| contains(received, call.calling.digits());
    let truncated = |call: &&LiveCall| contains(call.calling.digits(), received);
    let call = live
        .iter()
        .find(full)
        .or_else(|| live.iter().find(truncated))?;
    Some(call.calling.clone())
}
