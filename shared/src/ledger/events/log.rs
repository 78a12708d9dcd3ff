//! The log of events (pattern 80), for those who poll.
//!
//! An event is listed by the moment of its publication, so that one that is published late is still behind the
//! cursor of whoever polls. A list ends [`SETTLED`] before now: writes that were begun by then are done, so
//! nothing can appear before an event that was listed.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::condition::ALWAYS;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, n, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::model::account::Account;
use crate::model::event::{Event, EventType, LineKey};
use crate::model::time::{Instant, UtcDay};

/// For how long an event is kept.
pub const EVENTS_KEPT: Duration = Duration::from_secs(30 * 86_400);

/// How long after its publication an event is listed: longer than one write may take.
const SETTLED: Duration = Duration::from_secs(3);

/// How many events are written at the same time.
const AT_ONCE: usize = 10;

/// How many events of one shard a page reads at most for each that is wanted.
const READ: usize = 256;

/// How many shards are read at the same time.
const SHARDS_AT_ONCE: usize = 16;

/// A place in the log: everything behind it was published later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventPlace(String);

impl EventPlace {
    /// The place before all events that are published at a moment or later.
    #[must_use]
    pub fn before(published: Instant) -> Self {
        Self(keys::events_from(published))
    }

    /// Reads what [`Self::as_str`] returned.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let place = Self(text.to_owned());
        (place.0.len() <= 160 && place.published().is_some()).then_some(place)
    }

    /// Returns the place as page tokens spell it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn published(&self) -> Option<Instant> {
        let millis = self.0.split('#').next()?;
        let digits = millis.len() == 14 && millis.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| millis.parse().ok().map(Instant::from_millis))
            .flatten()
    }
}

/// Some events, from the one published first.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events.
    pub events: Vec<Event>,
    /// Where the list goes on; there is such a place even where it ends for now.
    pub next: EventPlace,
    /// Whether more events are there already.
    pub more: bool,
}

impl Ledger {
    /// Logs events, and hands them to those who wait for them. Their order is kept.
    ///
    /// Events that were handed on before may be handed on again: whoever gets them knows them by their ids.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time. Some of the events may be handed
    /// on then.
    pub async fn hand_on(
        &self,
        account: &Account,
        events: &[Event],
        now: Instant,
    ) -> Result<(), StoreError> {
        self.log(account, events, now).await?;
        self.hand_out(events, now).await
    }

    /// Logs events. The order of each line is kept.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time. Some of the events may be logged then.
    pub async fn log(
        &self,
        account: &Account,
        events: &[Event],
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut lines: BTreeMap<&LineKey, Vec<&Event>> = BTreeMap::new();
        for event in events {
            lines.entry(&event.line).or_default().push(event);
        }
        let lines = lines.into_values();
        let lines: Vec<_> = lines
            .map(|line| self.log_line(account, line, now).boxed())
            .collect();
        let mut lines = stream::iter(lines).buffer_unordered(AT_ONCE);
        while lines.try_next().await?.is_some() {}
        Ok(())
    }

    /// Logs the events of a line. An event is not logged before the one that precedes it, even if that one fails.
    async fn log_line(
        &self,
        account: &Account,
        line: Vec<&Event>,
        now: Instant,
    ) -> Result<(), StoreError> {
        for event in line {
            self.log_event(account, event, now).await?;
        }
        Ok(())
    }

    async fn log_event(
        &self,
        account: &Account,
        event: &Event,
        now: Instant,
    ) -> Result<(), StoreError> {
        let set = "SET #type = :type, v = :v, event_id = :id, event_type = :kind, #event = :event, \
                   published_at = :now, expires_at = :expires";
        self.update_item(
            keys::event(event, now, shard_of(event, account.shards)),
            set,
            ALWAYS,
        )
        .name("#type", "type")
        .name("#event", "event")
        .value(":type", s("event"))
        .value(":v", version())
        .value(":id", s(event.id.as_str()))
        .value(":kind", s(event.kind.as_str()))
        .value(":event", s(event.to_json()))
        .value(":now", at(now))
        .value(":expires", n(now.plus(EVENTS_KEPT).seconds()))
        .send()
        .await
        .map(drop)
    }

    /// Lists events behind a place, at most `limit` of them, of these types or of all if there are none.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn events(
        &self,
        account: &Account,
        after: &EventPlace,
        kinds: &[EventType],
        limit: usize,
        now: Instant,
    ) -> Result<EventPage, StoreError> {
        let until = now.minus(SETTLED);
        let oldest = EventPlace::before(now.minus(EVENTS_KEPT));
        let after = after.max(&oldest);
        let first = after.published().unwrap_or(until);
        if first >= until {
            // Nothing is listed yet behind a place so late.
            return Ok(page(Vec::new(), after.clone(), false));
        }
        let (mut day, last) = (Some(UtcDay::of(first)), UtcDay::of(until));
        let mut found: Vec<(EventPlace, Event)> = Vec::new();
        while let Some(this) = day.filter(|day| *day <= last) {
            let shards = 0..account.shards.max(1);
            let pages: Vec<_> = shards
                .map(|shard| {
                    let page = self.events_of(account, (this, shard), (after, until), limit + 1);
                    page.boxed()
                })
                .collect();
            let pages = stream::iter(pages).buffered(SHARDS_AT_ONCE);
            let pages: Vec<Shard> = pages.try_collect().await?;
            // What lies behind the end of a shard that was not read to its end is not known yet.
            let known = pages.iter().filter_map(|page| page.known_to.clone()).min();
            let events = pages.into_iter().flat_map(|page| page.events);
            let mut events: Vec<_> = events
                .filter(|(place, _)| known.as_ref().is_none_or(|known| place <= known))
                .collect();
            events.sort_by(|(one, _), (other, _)| one.cmp(other));
            let scanned = events.last().map(|(place, _)| place.clone());
            let wanted = |event: &Event| kinds.is_empty() || kinds.contains(&event.kind);
            found.extend(events.into_iter().filter(|(_, event)| wanted(event)));
            if found.len() > limit {
                break;
            }
            if let Some(known) = known {
                let next = scanned.unwrap_or(known);
                return Ok(page(found, next, true));
            }
            day = this.next();
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let next = match found.last().filter(|_| more) {
            Some((place, _)) => place.clone(),
            None => EventPlace::before(until).max(after.clone()),
        };
        Ok(page(found, next, more))
    }

    /// Reads one shard of a day.
    async fn events_of(
        &self,
        account: &Account,
        (day, shard): (UtcDay, u8),
        (after, until): (&EventPlace, Instant),
        limit: usize,
    ) -> Result<Shard, StoreError> {
        let (from, to) = keys::events_between(after.as_str(), until);
        let query = self.query(keys::events_partition(&account.id, day, shard));
        let page = query
            .between(from, to)
            .limit(limit.max(READ))
            .page()
            .await?;
        let events = page.items.iter().map(read_event);
        let known_to = page.last.as_deref().and_then(keys::event_place);
        Ok(Shard {
            events: events.collect::<Result<_, _>>()?,
            known_to: known_to.map(|place| EventPlace(place.to_owned())),
        })
    }

    /// Hands every event item of an account to `take`, from the oldest that is kept: its partition and sort key,
    /// and the event.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn each_event(
        &self,
        account: &Account,
        now: Instant,
        mut take: impl FnMut(&str, &str, Event),
    ) -> Result<(), StoreError> {
        let mut day = Some(UtcDay::of(now.minus(EVENTS_KEPT)));
        while let Some(this) = day.filter(|day| *day <= UtcDay::of(now)) {
            for shard in 0..account.shards.max(1) {
                let partition = keys::events_partition(&account.id, this, shard);
                let query = self.query(partition.as_str());
                let take = &mut take;
                let read = query.each(|item: Item| {
                    let (_, event) = read_event(&item)?;
                    take(&partition, text(&item, keys::SK).unwrap_or_default(), event);
                    Ok(())
                });
                read.await?;
            }
            day = this.next();
        }
        Ok(())
    }
}

/// The events of one shard of a day.
struct Shard {
    events: Vec<(EventPlace, Event)>,
    /// Up to where it was read, if not to its end.
    known_to: Option<EventPlace>,
}

fn page(found: Vec<(EventPlace, Event)>, next: EventPlace, more: bool) -> EventPage {
    EventPage {
        events: found.into_iter().map(|(_, event)| event).collect(),
        next,
        more,
    }
}

fn read_event(found: &Item) -> Result<(EventPlace, Event), StoreError> {
    let place = text(found, keys::SK).and_then(keys::event_place);
    let event = text(found, "event").map(Event::read);
    match (place, event) {
        (Some(place), Some(Ok(event))) => Ok((EventPlace(place.to_owned()), event)),
        _ => Err(StoreError::Broken("event cannot be read".to_owned())),
    }
}

/// The shard of a day that an event lies in, by its id.
fn shard_of(event: &Event, shards: u8) -> u8 {
    let sum = event.id.as_str().bytes().fold(0_u8, u8::wrapping_add);
    sum.checked_rem(shards.max(1)).unwrap_or(0)
}
