//! Rate and quota windows (pattern 5): one item a credential, one conditional update a request.
//!
//! The item holds the current minute with a count for each of its seconds, and the current month with a
//! count for each of its days. A request adds one to every count under the condition that no limit is
//! reached. The first request of a new minute or month starts its counts anew; which of the two it is,
//! the update has to be told, and a wrong guess is refused by the condition with the item as it stands.
//! A process guesses from what it saw last, so the guess is wrong at most once a minute and process.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::ids;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::error::translate;
use crate::ledger::table::item::{Item, key, n, number, s};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::credential::{Credential, Limits};
use crate::model::time::Instant;
use crate::problem::Window;

/// How often a request that meets others at the turn of a minute tries again.
const ATTEMPTS: u32 = 8;

/// What is left of the windows; `None` where nothing is limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remaining {
    /// In the current minute.
    pub per_minute: Option<u32>,
    /// In the current UTC day.
    pub per_day: Option<u32>,
}

/// How counting a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It was within every limit.
    Within(Remaining),
    /// A rate limit is reached; nothing was counted.
    TooFast(Window),
    /// The month's quota is used up; nothing was counted.
    QuotaUsed,
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
            day_count: match month >= windows.month {
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
        let (minute, day) = (
            self.minute >= windows.minute,
            self.day >= windows.day_number,
        );
        Remaining {
            per_minute: left(limits.per_minute, minute, self.minute_count),
            per_day: left(limits.per_day, day, self.day_count),
        }
    }
}

/// The windows that an instant lies in.
struct Windows {
    minute: i64,
    second: String,
    month: u32,
    day: String,
    /// The days before it since 1970.
    day_number: i64,
}

impl Windows {
    fn of(now: Instant) -> Self {
        Self {
            minute: now.seconds().div_euclid(60),
            second: format!("s{}", now.seconds().rem_euclid(60)),
            month: now.utc_year_month(),
            day: format!("d{}", now.utc_day_of_month()),
            day_number: now.seconds().div_euclid(86_400),
        }
    }
}

impl Ledger {
    /// Counts a request of `credential` at `now`; `seen` is what the process saw last, and is renewed.
    ///
    /// # Errors
    /// The store's.
    pub async fn count(
        &self,
        account: &AccountId,
        credential: &Credential,
        now: Instant,
        seen: &mut Option<Seen>,
    ) -> Result<Counted, StoreError> {
        let windows = Windows::of(now);
        let limits = &credential.limits;
        // Whoever has not looked yet most likely comes in a new minute of a month already begun.
        let mut guess = seen.unwrap_or(Seen {
            month: windows.month,
            ..Seen::default()
        });
        for attempt in 0..ATTEMPTS {
            let key = key(keys::limit(account, &credential.id));
            let update = Update::new(&windows, limits, guess);
            let sent = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key))
                .update_expression(update.expression)
                .condition_expression(update.condition)
                .set_expression_attribute_names(Some(update.names))
                .set_expression_attribute_values(Some(update.values))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .send()
                .await;
            let item = match sent {
                Ok(answer) => {
                    let item = answer.attributes.unwrap_or_default();
                    let now_seen = Seen::of(&item, &windows);
                    *seen = Some(now_seen);
                    return Ok(Counted::Within(now_seen.remaining(limits, now)));
                }
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                        refused.item().cloned().unwrap_or_default()
                    }
                    _ => return Err(translate(error)),
                },
            };
            guess = Seen::of(&item, &windows);
            *seen = Some(guess);
            if let Some(full) = full(&item, &windows, limits) {
                return Ok(full);
            }
            if attempt > 1 {
                tokio::time::sleep(Duration::from_millis(ids::jitter_millis(20))).await;
            }
        }
        Err(StoreError::Unavailable(
            "the credential's windows kept turning".to_owned(),
        ))
    }
}

/// The update that fits a guess at what the item holds.
struct Update {
    expression: String,
    condition: String,
    names: std::collections::HashMap<String, String>,
    values: Item,
}

impl Update {
    fn new(windows: &Windows, limits: &Limits, guess: Seen) -> Self {
        // An instance whose clock is behind counts into the later window that others have begun.
        let same_minute = guess.minute >= windows.minute;
        let same_month = guess.month >= windows.month;
        let mut sets = vec!["#type = :type".to_owned(), "v = :one".to_owned()];
        let mut conditions = Vec::new();
        let mut names = std::collections::HashMap::from([("#type".to_owned(), "type".to_owned())]);
        let mut values = Item::from([(":type".to_owned(), s("limit")), (":one".to_owned(), n(1))]);
        let mut limit =
            |conditions: &mut Vec<String>, count: &str, most: Option<u32>, value: &str| {
                if let Some(most) = most {
                    conditions.push(format!(
                        "(attribute_not_exists({count}) OR {count} < {value})"
                    ));
                    values.insert(value.to_owned(), n(most));
                }
            };
        if same_minute {
            conditions.push("#minute >= :minute".to_owned());
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
            names.insert("#second".to_owned(), windows.second.clone());
        } else {
            conditions.push("(attribute_not_exists(#minute) OR #minute < :minute)".to_owned());
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
            conditions.push("#month >= :month".to_owned());
            sets.push("month_count = month_count + :one".to_owned());
            sets.push("days.#day = if_not_exists(days.#day, :zero) + :one".to_owned());
            limit(
                &mut conditions,
                "month_count",
                limits.per_month,
                ":per_month",
            );
            limit(&mut conditions, "days.#day", limits.per_day, ":per_day");
            names.insert("#day".to_owned(), windows.day.clone());
        } else {
            conditions.push("(attribute_not_exists(#month) OR #month < :month)".to_owned());
            sets.extend(
                ["#month = :month", "month_count = :one", "days = :days"].map(str::to_owned),
            );
        }
        names.insert("#minute".to_owned(), "minute".to_owned());
        names.insert("#month".to_owned(), "month".to_owned());
        values.insert(":minute".to_owned(), n(windows.minute));
        values.insert(":month".to_owned(), n(windows.month));
        if same_minute || same_month {
            values.insert(":zero".to_owned(), n(0));
        }
        if !same_minute {
            values.insert(":seconds".to_owned(), first(&windows.second));
        }
        if !same_month {
            values.insert(":days".to_owned(), first(&windows.day));
        }
        Self {
            expression: format!("SET {}", sets.join(", ")),
            condition: conditions.join(" AND "),
            names,
            values,
        }
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

/// Which limit an item's counts have reached, the longest window first: it is the one to wait for.
fn full(item: &Item, windows: &Windows, limits: &Limits) -> Option<Counted> {
    let reached = |limit: Option<u32>, count: u32| limit.is_some_and(|most| count >= most);
    if number(item, "month").is_some_and(|month: u32| month >= windows.month) {
        if reached(limits.per_month, number(item, "month_count").unwrap_or(0)) {
            return Some(Counted::QuotaUsed);
        }
        if reached(limits.per_day, nested(item, "days", &windows.day)) {
            return Some(Counted::TooFast(Window::Day));
        }
    }
    if number(item, "minute").is_some_and(|minute: i64| minute >= windows.minute) {
        if reached(limits.per_minute, number(item, "minute_count").unwrap_or(0)) {
            return Some(Counted::TooFast(Window::Minute));
        }
        if reached(limits.per_second, nested(item, "seconds", &windows.second)) {
            return Some(Counted::TooFast(Window::Second));
        }
    }
    None
}
