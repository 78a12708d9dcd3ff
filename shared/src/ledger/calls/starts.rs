//! The latest starts from a number (pattern 13), and what they prove about a caller.

use std::time::Duration;

use crate::ledger::calls::live_item::{CallStart, LiveItem};
use crate::ledger::calls::live_read::Ownership;
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys::{self, Key};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, n, s, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ALWAYS, Transaction};
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// For how long the start of a call is evidence of where the caller's calls come from.
pub(in crate::ledger) const RECENT: Duration = Duration::from_secs(24 * 3_600);

/// For how long the starts of calls from a number are kept after the latest: no account's calls are live
/// for longer, so an earlier call is over by then, whatever its account's setting was.
const KEPT: Duration = Duration::from_secs(168 * 3_600);

/// What the owner of a number and carriers have started from it lately.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Whether the number's account opted into TrueCLID.
    opted_in: bool,
    /// The numbers that the owner has called, in calls that are live or started recently.
    called: Vec<String>,
    /// Whether the owner or a carrier has placed such a call.
    in_use: bool,
    /// Whether a call may be live whose slot a later one has taken.
    forgotten: bool,
}

impl Origin {
    /// Whether the number's account placed a call from it to another number than `called`, which is live or
    /// started in the last 24 hours.
    #[must_use]
    pub fn calls_others(&self, called: &PhoneNumber) -> bool {
        self.called.iter().any(|to| to != called.as_e164())
    }

    /// Whether the number's account opted into TrueCLID, and neither it nor a carrier has placed such a call.
    #[must_use]
    pub fn silent(&self) -> bool {
        self.opted_in && !self.in_use && !self.forgotten
    }
}

impl Ledger {
    /// What the owner of a number and carriers have started from it lately. Nothing is read of a number
    /// without an owner, and nothing that other accounts have started.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn origin(
        &self,
        number: &PhoneNumber,
        ownership: &Ownership,
        now: Instant,
    ) -> Result<Origin, StoreError> {
        let Some(owner) = &ownership.calling else {
            return Ok(Origin::default());
        };
        let of_owner = keys::number_starts(number, &owner.account_id);
        let of_carriers = keys::carrier_starts(number);
        let mut origin = Origin {
            opted_in: owner.trueclid,
            ..Origin::default()
        };
        let since = now.minus(RECENT);
        for item in self.items(vec![of_owner, of_carriers]).await? {
            let called = recently_called(&item, since, now);
            origin.in_use |= !called.is_empty();
            origin.forgotten |= (0..16)
                .filter_map(|slot| instant(&item, &format!("before{slot}")))
                .any(|until| until > now);
            if text(&item, "type") == Some("number_starts") {
                origin.called.extend(called);
            }
        }
        Ok(origin)
    }
}

/// Adds the writes that record a start, and until when the call is live, in the slot of the called number: in
/// the account's item, and in that of carriers if a carrier's credential reports it.
pub(in crate::ledger) fn record_start(
    transaction: &mut Transaction<Tag>,
    start: &CallStart<'_>,
    now: Instant,
    until: Instant,
) {
    let of_account = keys::number_starts(start.calling, &start.account.id);
    put_start(
        transaction,
        start,
        of_account,
        "number_starts",
        (now, until),
    );
    if start.carrier {
        let of_carriers = keys::carrier_starts(start.calling);
        put_start(
            transaction,
            start,
            of_carriers,
            "carrier_starts",
            (now, until),
        );
    }
}

fn put_start(
    transaction: &mut Transaction<Tag>,
    start: &CallStart<'_>,
    key: Key,
    kind: &'static str,
    (now, until): (Instant, Instant),
) {
    let slot = keys::start_slot(start.called);
    // The item of carriers is many accounts', so each of its slots names one.
    let account = match kind {
        "carrier_starts" => format!("by{slot}"),
        _ => "account_id".to_owned(),
    };
    transaction
        .update(
            Tag::Starts,
            key,
            "SET #type = :type, v = :v, #account = :account, expires_at = :expires, \
             #to = :to, #at = :at, #until = :until, #before = if_not_exists(#until, :at) \
             REMOVE #ended, #ender",
            // The start that is written last is the newest.
            ALWAYS,
        )
        .name("#type", "type")
        .name("#account", account)
        .name("#to", format!("to{slot}"))
        .name("#at", format!("at{slot}"))
        .name("#until", format!("until{slot}"))
        .name("#before", format!("before{slot}"))
        .name("#ended", format!("ended{slot}"))
        .name("#ender", format!("ender{slot}"))
        .value(":type", s(kind))
        .value(":v", n(1))
        .value(":account", s(start.account.id.as_str()))
        .value(":expires", n(until.max(now.plus(KEPT)).seconds()))
        .value(":to", s(start.called.as_e164()))
        .value(":at", at(now))
        .value(":until", at(until));
}

/// Adds the writes that record the end of a call in the slot of the called number. If a later start has taken
/// the slot, to another number or by another carrier, the end says nothing about that one.
pub(in crate::ledger) fn record_end(
    transaction: &mut Transaction<Tag>,
    live: &LiveItem,
    called: &PhoneNumber,
) {
    let slot = keys::start_slot(called);
    let of_account = keys::number_starts(&live.calling, &live.account_id);
    transaction
        .update(Tag::Starts, of_account, "SET #ended = :called", ALWAYS)
        .name("#ended", format!("ended{slot}"))
        .value(":called", s(called.as_e164()));
    if live.carrier {
        let of_carriers = keys::carrier_starts(&live.calling);
        let set = "SET #ended = :called, #ender = :account";
        transaction
            .update(Tag::Starts, of_carriers, set, ALWAYS)
            .name("#ended", format!("ended{slot}"))
            .name("#ender", format!("ender{slot}"))
            .value(":called", s(called.as_e164()))
            .value(":account", s(live.account_id.as_str()));
    }
}

/// The numbers of the calls in an item of starts that started after `since` or are live `now`.
fn recently_called(starts: &Item, since: Instant, now: Instant) -> Vec<String> {
    let slots = 0..16;
    slots
        .filter_map(|slot| {
            let to = text(starts, &format!("to{slot}"))?.to_owned();
            let recent = instant(starts, &format!("at{slot}"))? > since;
            let ended = text(starts, &format!("ended{slot}")) == Some(&to)
                && text(starts, &format!("ender{slot}")) == text(starts, &format!("by{slot}"));
            let until = instant(starts, &format!("until{slot}"));
            let live = !ended && until.is_some_and(|until| until > now);
            (recent || live).then_some(to)
        })
        .collect()
}
