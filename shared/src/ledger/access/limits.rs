//! Rate and quota windows (pattern 5): one item a credential, one conditional update a request.
//!
//! The item holds the current minute with a count for each of its seconds, and the current month with a
//! count for each of its days. A request adds one to every count under the condition that no limit is
//! reached. The first request of a new minute or month starts its counts anew; which of the two it is,
//! the update has to be told, and a wrong guess is refused by the condition with the item as it stands.
//! A process guesses from what it saw last, so the guess is wrong at most once a minute and process.
//!
//! A window of the item counts as begun only if it is the current one, or one that a clock within the tolerated
//! skew is in. A clock that jumped ahead once would otherwise hold the month until it comes.
//!
//! The item names the request that was counted last, so that an update whose answer was lost is not counted
//! again. It is if another request of the credential was counted in between.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, n, number, s, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::update::{ItemUpdate, Updated};
use crate::model::account::AccountId;
use crate::model::credential::{Credential, Limits};
use crate::model::id::{CredentialId, Guid};
use crate::model::time::{CLOCK_SKEW, Instant};
use crate::problem::Window;

/// What is left of the windows; `None` where nothing is limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remaining {
    /// In the current minute.
    pub per_minute: Option<u32>,
    /// In the current UTC day.
    pub per_day: Option<u32>,
}

/// Outcome of counting a request against a credential's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// It is within every limit, and is counted.
    Within(Remaining),
    /// It was not counted.
    Refused(LimitReached),
}

/// Why a request was not counted; the longest window first, because it is the one to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitReached {
    /// The month's quota is used up.
    Quota,
    /// The rate limit of the window is reached.
    Rate(Window),
}

/// What a process saw last in an item: the minute and the month that it was in, and how many requests of
/// that minute and of a day of that month had been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    minute: i64,
    minute_count: u32,
    month: u32,
    day: i64,
    day_count: u32,
}

impl Seen {
    fn of(item: &Item, windows: &Windows) -> Self {
        let month = number(item, "month").unwrap_or(0);
        Self {
            minute: number(item, "minute").unwrap_or(0),
            minute_count: number(item, "minute_count").unwrap_or(0),
            month,
            day: windows.day_number,
            day_count: match windows.is_month(month) {
                true => nested(item, "days", &windows.day),
                false => 0,
            },
        }
    }

    /// What is left of a credential's limits, where nobody else has used any since.
    #[must_use]
    pub fn remaining(&self, limits: &Limits, now: Instant) -> Remaining {
        let windows = Windows::of(now);
        let left = |limit: Option<u32>, current: bool, count: u32| {
            limit.map(|most| most.saturating_sub(if current { count } else { 0 }))
        };
        let (minute, day) = (windows.is_minute(self.minute), windows.is_day(self.day));
        Remaining {
            per_minute: left(limits.per_minute, minute, self.minute_count),
            per_day: left(limits.per_day, day, self.day_count),
        }
    }
}

/// The windows that an instant lies in.
struct Windows {
    minute: i64,
    /// The minute of a clock that is as far ahead as clocks may be.
    last_minute: i64,
    second: String,
    month: u32,
    /// The month of a clock that is as far ahead as clocks may be.
    last_month: u32,
    day: String,
    /// The days before it since 1970.
    day_number: i64,
    last_day_number: i64,
}

impl Windows {
    fn of(now: Instant) -> Self {
        let ahead = now.plus(CLOCK_SKEW);
        Self {
            minute: now.seconds().div_euclid(60),
            last_minute: ahead.seconds().div_euclid(60),
            second: format!("s{}", now.seconds().rem_euclid(60)),
            month: now.utc_year_month(),
            last_month: ahead.utc_year_month(),
            day: format!("d{}", now.utc_day_of_month()),
            day_number: now.seconds().div_euclid(86_400),
            last_day_number: ahead.seconds().div_euclid(86_400),
        }
    }

    fn is_minute(&self, minute: i64) -> bool {
        (self.minute..=self.last_minute).contains(&minute)
    }

    fn is_day(&self, day: i64) -> bool {
        (self.day_number..=self.last_day_number).contains(&day)
    }

    fn is_month(&self, month: u32) -> bool {
        (self.month..=self.last_month).contains(&month)
    }
}

impl Ledger {
    /// Counts a request of `credential` at `now`. `seen` is what the process saw last, and is renewed.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn throttle(
        &self,
        account: &AccountId,
        credential: &Credential,
        (guid, now): (Guid, Instant),
        seen: &mut Option<Seen>,
    ) -> Result<Throttle, StoreError> {
        let key = keys::limit(account, &credential.id);
        self.count(key, &credential.limits, (guid, now), seen).await
    }

    /// Counts a call start or end of `credential` at `now`, of which `most` are allowed in a minute.
    ///
    /// # Errors
    /// As [`Ledger::throttle`].
    pub async fn throttle_starts(
        &self,
        credential: &Credential,
        most: u32,
        (guid, now): (Guid, Instant),
        seen: &mut Option<Seen>,
    ) -> Result<Throttle, StoreError> {
        let key = keys::starts_limit(&credential.account, &credential.id);
        let limits = Limits {
            per_minute: Some(most),
            ..Limits::default()
        };
        self.count(key, &limits, (guid, now), seen).await
    }

    /// Returns the minute in which a request of a credential was counted last, or `None` if none ever was.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn last_counted(
        &self,
        account: &AccountId,
        id: &CredentialId,
    ) -> Result<Option<Instant>, StoreError> {
        let windows = self
            .query(keys::limits_partition(account, id))
            .all()
            .await?;
        let minutes = windows
            .iter()
            .filter_map(|item| number::<i64>(item, "minute"));
        let last = minutes.max();
        Ok(last.map(|minute| Instant::from_millis(minute.saturating_mul(60_000))))
    }

    async fn count(
        &self,
        key: keys::Key,
        limits: &Limits,
        (guid, now): (Guid, Instant),
        seen: &mut Option<Seen>,
    ) -> Result<Throttle, StoreError> {
        let windows = Windows::of(now);
        // A process that has seen nothing yet most likely comes in a new minute of a month that has begun.
        let mut guess = seen.unwrap_or(Seen {
            month: windows.month,
            ..Seen::default()
        });
        let mut retry = Retry::planning("this credential's limits").within(self.patience);
        loop {
            retry.next().await?;
            let update = LimitUpdate::new(&windows, limits, guess, guid);
            let item = match update.on(self, key.clone()).send().await? {
                Updated::Done(item) => {
                    let now_seen = Seen::of(&item, &windows);
                    *seen = Some(now_seen);
                    return Ok(Throttle::Within(now_seen.remaining(limits, now)));
                }
                Updated::Refused(found) => found.unwrap_or_default(),
            };
            guess = Seen::of(&item, &windows);
            *seen = Some(guess);
            // An earlier try of this update got through and its answer was lost.
            if written_by(&item, guid) {
                return Ok(Throttle::Within(guess.remaining(limits, now)));
            }
            if let Some(reached) = limit_reached(&item, &windows, limits) {
                return Ok(Throttle::Refused(reached));
            }
        }
    }
}

/// The update that fits a guess at what the item holds.
struct LimitUpdate {
    expression: String,
    condition: String,
    names: Vec<(&'static str, String)>,
    values: Vec<(&'static str, AttributeValue)>,
}

impl LimitUpdate {
    fn new(windows: &Windows, limits: &Limits, guess: Seen, guid: Guid) -> Self {
        // An instance whose clock is behind counts into the later window that others have begun.
        let same_minute = windows.is_minute(guess.minute);
        let same_month = windows.is_month(guess.month);
        let mut sets = ["#type = :type", "v = :one", "guid = :guid"]
            .map(str::to_owned)
            .to_vec();
        let mut conditions = vec!["(attribute_not_exists(guid) OR guid <> :guid)".to_owned()];
        let mut names = vec![
            ("#type", "type".to_owned()),
            ("#minute", "minute".to_owned()),
            ("#month", "month".to_owned()),
        ];
        let mut values = vec![
            (":type", s("limit")),
            (":one", n(1)),
            (":guid", s(guid.to_string())),
            (":minute", n(windows.minute)),
            (":last_minute", n(windows.last_minute)),
            (":month", n(windows.month)),
            (":last_month", n(windows.last_month)),
        ];
        let mut limit =
            |conditions: &mut Vec<String>, count: &str, most: Option<u32>, value: &'static str| {
                if let Some(most) = most {
                    conditions.push(format!(
                        "(attribute_not_exists({count}) OR {count} < {value})"
                    ));
                    values.push((value, n(most)));
                }
            };
        if same_minute {
            conditions.push("#minute BETWEEN :minute AND :last_minute".to_owned());
            sets.push("minute_count = minute_count + :one".to_owned());
            sets.push("seconds.#second = if_not_exists(seconds.#second, :zero) + :one".to_owned());
            limit(
                &mut conditions,
                "minute_count",
                limits.per_minute,
                ":per_minute",
            );
            limit(
                &mut conditions,
                "seconds.#second",
                limits.per_second,
                ":per_second",
            );
            names.push(("#second", windows.second.clone()));
        } else {
            conditions.push(
                "(attribute_not_exists(#minute) OR #minute < :minute OR #minute > :last_minute)"
                    .to_owned(),
            );
            sets.extend(
                [
                    "#minute = :minute",
                    "minute_count = :one",
                    "seconds = :seconds",
                ]
                .map(str::to_owned),
            );
        }
        if same_month {
            conditions.push("#month BETWEEN :month AND :last_month".to_owned());
            sets.push("month_count = month_count + :one".to_owned());
            sets.push("days.#day = if_not_exists(days.#day, :zero) + :one".to_owned());
            limit(
                &mut conditions,
                "month_count",
                limits.per_month,
                ":per_month",
            );
            limit(&mut conditions, "days.#day", limits.per_day, ":per_day");
            names.push(("#day", windows.day.clone()));
        } else {
            conditions.push(
                "(attribute_not_exists(#month) OR #month < :month OR #month > :last_month)"
                    .to_owned(),
            );
            sets.extend(
                ["#month = :month", "month_count = :one", "days = :days"].map(str::to_owned),
            );
        }
        if same_minute || same_month {
            values.push((":zero", n(0)));
        }
        if !same_minute {
            values.push((":seconds", first(&windows.second)));
        }
        if !same_month {
            values.push((":days", first(&windows.day)));
        }
        Self {
            expression: format!("SET {}", sets.join(", ")),
            condition: conditions.join(" AND "),
            names,
            values,
        }
    }

    /// The update, to be sent to the item under `key`.
    fn on(self, ledger: &Ledger, key: keys::Key) -> ItemUpdate {
        let update = ledger.update_item(key, self.expression, self.condition);
        let update = self
            .names
            .into_iter()
            .fold(update, |update, (name, attribute)| {
                update.name(name, attribute)
            });
        let values = self.values.into_iter();
        values.fold(update, |update, (name, value)| update.value(name, value))
    }
}

/// Counts of which only `window` has begun.
fn first(window: &str) -> AttributeValue {
    AttributeValue::M(Item::from([(window.to_owned(), n(1))]))
}

fn nested(item: &Item, counts: &str, window: &str) -> u32 {
    item.get(counts)
        .and_then(|counts| counts.as_m().ok())
        .and_then(|counts| number(counts, window))
        .unwrap_or(0)
}

/// The limit that an item's counts have reached, the longest window first.
fn limit_reached(item: &Item, windows: &Windows, limits: &Limits) -> Option<LimitReached> {
    let reached = |limit: Option<u32>, count: u32| limit.is_some_and(|most| count >= most);
    if number(item, "month").is_some_and(|month| windows.is_month(month)) {
        if reached(limits.per_month, number(item, "month_count").unwrap_or(0)) {
            return Some(LimitReached::Quota);
        }
        if reached(limits.per_day, nested(item, "days", &windows.day)) {
            return Some(LimitReached::Rate(Window::Day));
        }
    }
    if number(item, "minute").is_some_and(|minute| windows.is_minute(minute)) {
        if reached(limits.per_minute, number(item, "minute_count").unwrap_or(0)) {
            return Some(LimitReached::Rate(Window::Minute));
        }
        if reached(limits.per_second, nested(item, "seconds", &windows.second)) {
            return Some(LimitReached::Rate(Window::Second));
        }
    }
    None
}
