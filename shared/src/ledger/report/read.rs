//! Calls of a range in the order of their start (patterns 8 and 29): a few days and shards at a time, each
//! page made into rows as soon as it is there, so that memory and time grow with the rows alone.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::clock::Clock;
use crate::ledger::keys;
use crate::ledger::report::filter::{Conditions, lets_through};
use crate::ledger::report::latest_feedback::LatestFeedback;
use crate::ledger::report::shards::{Shard, merged, read_up_to};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::error::translate;
use crate::ledger::table::item::{Item, instant, number, s, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::assignment::NumberAssignments;
use crate::model::call::{CallSid, Direction};
use crate::model::property::PropertySid;
use crate::model::report::{CallFilter, Position};
use crate::model::time::{Instant, Range, UtcDay};

/// How many pages are read at the same time.
pub(in crate::ledger) const AT_ONCE: usize = 8;

/// How many rows lie in memory, about, however many shards they come from.
const AT_HAND: usize = 8_192;

/// How many calls a page looks at at least where a filter leaves some out.
const FIRST_LOOK: usize = 64;

/// How long a request may read: a function has ten seconds, and the last questions take some of them.
const READING: Duration = Duration::from_secs(6);

/// What a row is made of. Its start is in the sid, and its sid in the key.
const PROJECTION: &str = "sk, #direction, call_from, call_to, ended_at, duration_seconds, \
                          disposition, #cost, date_billed, lead_id, notes, property_sid";

/// One call of a report.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// Which call; it also says when it started.
    pub sid: CallSid,
    /// Which way it went.
    pub direction: Direction,
    /// Who called: E.164, or the digits that reached the switch.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// When it was over.
    pub ended: Option<Instant>,
    /// How long it was, in seconds.
    pub seconds: Option<u64>,
    /// How it ended.
    pub disposition: Option<String>,
    /// What it cost: a decimal number as the store spells it.
    pub cost: Option<String>,
    /// When it was billed.
    pub billed: Option<Instant>,
    /// Its caller's lead.
    pub lead: Option<String>,
    /// Anything that was noted.
    pub notes: Option<String>,
    /// The property that it was recorded for, where it was for one.
    pub recorded_for: Option<PropertySid>,
    /// What was last said about the other party's number.
    pub said: Option<Arc<LatestFeedback>>,
}

impl CallRow {
    /// Reads a projected item; `None` for one that no version of the product wrote.
    pub(in crate::ledger) fn of(mut item: Item) -> Option<Self> {
        let mut take = |name: &str| match item.remove(name) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => Some(text),
            _ => None,
        };
        let sid = keys::sid_of(&take("sk")?)?;
        let direction = match take("direction")?.as_str() {
            "inbound" => Direction::Inbound,
            "outbound" => Direction::Outbound,
            _ => return None,
        };
        Some(Self {
            sid,
            direction,
            from: take("call_from")?,
            to: take("call_to")?,
            disposition: take("disposition"),
            cost: take("cost"),
            lead: take("lead_id"),
            notes: take("notes"),
            recorded_for: take("property_sid").and_then(|sid| PropertySid::parse(&sid).ok()),
            ended: instant(&item, "ended_at"),
            seconds: number(&item, "duration_seconds"),
            billed: instant(&item, "date_billed"),
            said: None,
        })
    }

    /// The account's own end: the number that was called, or the one that the account called from.
    #[must_use]
    pub fn own_party(&self) -> &str {
        match self.direction {
            Direction::Inbound => &self.to,
            Direction::Outbound => &self.from,
        }
    }

    /// Whose call it is: the property that it was recorded for, else the one that held the account's end
    /// when it started.
    #[must_use]
    pub fn property<'a>(&'a self, holdings: &'a NumberAssignments) -> Option<&'a PropertySid> {
        let holder = || holdings.holder(self.own_party(), self.sid.started());
        self.recorded_for.as_ref().or_else(holder)
    }

    /// The number at the other end, where it is one.
    pub(in crate::ledger) fn other_party(&self) -> Option<&str> {
        let party = match self.direction {
            Direction::Inbound => &self.from,
            Direction::Outbound => &self.to,
        };
        party.starts_with('+').then_some(party)
    }
}

/// A report that is being read.
pub struct CallReport {
    ledger: Ledger,
    account: AccountId,
    shards: u8,
    filter: CallFilter,
    /// Where the next day that has not been asked for begins to count.
    next: Option<Position>,
    to: Instant,
    /// Days whose first pages are there, the earliest first.
    days: VecDeque<Vec<Shard>>,
    /// How many days to ask for at once.
    pace: usize,
    /// How many rows are still wanted, and one more.
    wanted: Option<usize>,
    /// How many calls of a shard to look at with the next question, where a filter leaves some out.
    look: usize,
    /// Whether to add what phone feedback said.
    says: bool,
    scanned: usize,
    bound: Option<Bound>,
}

/// Where reading ends, whatever is left.
struct Bound {
    calls: usize,
    until: Instant,
    clock: Clock,
}

impl Ledger {
    /// The calls of `range` that `filter` lets through, from `position` on where there is one. `wanted`
    /// is how many of them will be answered, where that is known: about as much is read as serves them, and
    /// one row more, which tells whether any follow.
    #[must_use]
    pub fn call_report(
        &self,
        account: &AccountId,
        shards: u8,
        range: Range,
        filter: CallFilter,
        position: Option<Position>,
        wanted: Option<usize>,
    ) -> CallReport {
        let start = range.from.max(Instant::from_millis(0));
        let position = position.filter(|position| position.moment() >= start);
        let next = position.unwrap_or_else(|| Position::at(start));
        let shards = shards.max(1);
        let own_numbers = filter.own_numbers.as_ref();
        let nothing = next.moment() >= range.to || own_numbers.is_some_and(BTreeSet::is_empty);
        CallReport {
            ledger: self.clone(),
            account: account.clone(),
            shards,
            filter,
            next: (!nothing).then_some(next),
            to: range.to,
            days: VecDeque::new(),
            pace: match wanted {
                Some(_) => 1,
                None => (AT_ONCE / usize::from(shards)).max(1),
            },
            wanted: wanted.map(|wanted| wanted.saturating_add(1)),
            look: wanted.map_or(AT_HAND, |wanted| wanted.clamp(FIRST_LOOK, AT_HAND)),
            says: true,
            scanned: 0,
            bound: None,
        }
    }
}

impl CallReport {
    /// The same without what phone feedback said about the other parties, which costs requests.
    #[must_use]
    pub fn without_feedback(mut self) -> Self {
        self.says = false;
        self
    }

    /// The same for a request that was received at `since`: when `calls` were looked at or the time of a
    /// request is up, [`Self::is_spent`].
    #[must_use]
    pub fn bounded(mut self, calls: usize, since: Instant, clock: &Clock) -> Self {
        self.bound = Some(Bound {
            calls,
            until: since.plus(READING),
            clock: clock.clone(),
        });
        self
    }

    /// The next rows in order, some thousands at most and none now and then, so that somebody who waits
    /// can give up; `None` behind the last.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self) -> Result<Option<Vec<CallRow>>, StoreError> {
        match (self.days.is_empty(), &self.next) {
            (true, None) => return Ok(None),
            (true, Some(_)) => self.read_days().await?,
            (false, _) => self.refill().await?,
        }
        let mut rows = self.at_hand();
        if self.says {
            let most = self
                .wanted
                .map_or(usize::MAX, |wanted| wanted.saturating_sub(1));
            let answered = most.min(rows.len());
            let answered = rows.get_mut(..answered).unwrap_or_default();
            self.ledger.say(&self.account, answered).await?;
        }
        if let Some(wanted) = &mut self.wanted {
            *wanted = wanted.saturating_sub(rows.len());
        }
        Ok(Some(rows))
    }

    /// Whether a bound was met: what is left is for another report, from [`Self::resting_place`] on.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.bound
            .as_ref()
            .is_some_and(|bound| self.scanned > bound.calls || bound.clock.now() >= bound.until)
    }

    /// Where reading could go on in another report, behind all rows that were given out; `None` where
    /// nothing is left.
    #[must_use]
    pub fn resting_place(&self) -> Option<Position> {
        match self.days.front() {
            Some(day) => read_up_to(day).cloned(),
            None => self.next.clone(),
        }
    }

    /// Takes the rows that are next, up to where a shard has to be read on, and drops the days that are over.
    fn at_hand(&mut self) -> Vec<CallRow> {
        let mut rows = Vec::new();
        while let Some(day) = self.days.front_mut() {
            rows.append(&mut merged(day));
            if day.iter().any(|shard| shard.rest.is_some()) {
                break;
            }
            self.days.pop_front();
        }
        rows
    }

    /// Reads the first page of every shard of the next days.
    async fn read_days(&mut self) -> Result<(), StoreError> {
        let mut empty = Vec::new();
        for _ in 0..self.pace {
            let Some(position) = self.next.take() else {
                break;
            };
            let day = UtcDay::of(position.moment());
            let end = day
                .next()
                .map_or(self.to, |next| next.begins().min(self.to));
            empty.extend((0..self.shards).map(|shard| Shard {
                partition: keys::day_partition(&self.account, day, shard),
                rows: VecDeque::new(),
                rest: Some(position.clone()),
                end,
            }));
            self.next = (end < self.to).then(|| Position::at(end));
        }
        let most = AT_ONCE / usize::from(self.shards);
        let read = self.read(empty).await?;
        self.pace = (self.pace * 2).clamp(1, most.max(1));
        let mut shards = read.into_iter().peekable();
        while shards.peek().is_some() {
            let day = shards.by_ref().take(usize::from(self.shards)).collect();
            self.days.push_back(day);
        }
        Ok(())
    }

    /// Reads the next page of every shard of the current day that has no row at hand.
    async fn refill(&mut self) -> Result<(), StoreError> {
        let Some(day) = self.days.pop_front() else {
            return Ok(());
        };
        self.days.push_front(Vec::new());
        let day = self.read(day).await?;
        if let Some(place) = self.days.front_mut() {
            *place = day;
        }
        Ok(())
    }

    /// The same shards; each that had no row at hand is read on by a page.
    async fn read(&mut self, shards: Vec<Shard>) -> Result<Vec<Shard>, StoreError> {
        let each = self.page_size(shards.len());
        self.look = (self.look * 2).min(AT_HAND);
        let this = &*self;
        let read: Vec<(Shard, usize)> = stream::iter(shards)
            .map(|shard| this.page(shard, each))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(read
            .into_iter()
            .map(|(shard, scanned)| {
                self.scanned += scanned;
                shard
            })
            .collect())
    }

    /// How many calls a page may look at. A filter passes some of them only: the more, the more often that
    /// was not enough.
    fn page_size(&self, shards: usize) -> usize {
        let most = (AT_HAND / shards.max(1)).max(FIRST_LOOK);
        match self.wanted {
            Some(wanted) if self.filter.is_open() => wanted.clamp(1, most),
            _ => self.look.min(most),
        }
    }

    /// Reads a shard on where it has no row at hand, and says how many calls were looked at.
    async fn page(&self, mut shard: Shard, each: usize) -> Result<(Shard, usize), StoreError> {
        if !shard.rows.is_empty() {
            return Ok((shard, 0));
        }
        let Some(position) = shard.rest.take() else {
            return Ok((shard, 0));
        };
        let (from, to) = keys::calls_between(position.as_str(), shard.end);
        let answer = self
            .query(&shard.partition, &from, &to)
            .limit(i32::try_from(each).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(translate)?;
        if let Some(last) = answer.last_evaluated_key {
            let last = text(&last, keys::SK).and_then(keys::sid_of);
            let last = last.ok_or_else(|| StoreError::Broken("a call's key is none".to_owned()))?;
            shard.rest = Some(Position::after(&last));
        }
        let items = answer.items.unwrap_or_default();
        let rows = items.into_iter().filter_map(CallRow::of);
        shard.rows = rows.filter(|row| lets_through(&self.filter, row)).collect();
        Ok((shard, usize::try_from(answer.scanned_count).unwrap_or(0)))
    }

    fn query(
        &self,
        partition: &str,
        from: &str,
        to: &str,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        let mut query = self
            .ledger
            .client
            .query()
            .table_name(&self.ledger.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(partition))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":to", s(to))
            .projection_expression(PROJECTION)
            .expression_attribute_names("#direction", "direction")
            .expression_attribute_names("#cost", "cost")
            .consistent_read(true);
        let conditions = Conditions::of(&self.filter);
        for (place, value) in &conditions.values {
            query = query.expression_attribute_values(place, value.clone());
        }
        query.set_filter_expression(conditions.expression())
    }
}
