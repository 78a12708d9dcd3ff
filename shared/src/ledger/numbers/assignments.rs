//! Number assignments: which property had which number when (patterns 30 and 33). The transaction that assigns a
//! number opens its item, and the one that releases the number moves it to the past.
//!
//! Lists of calls and sums read what lasts, which is bounded by the numbers that the account has, and of the past
//! what may touch their range (`docs/decisions.md`, D-547).

use std::fmt::Debug;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, stored, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Transaction};
use crate::model::account::AccountId;
use crate::model::id::Guid;
use crate::model::number::CurrentAssignment;
use crate::model::phone::PhoneNumber;
use crate::model::property::NumberAssignment;
use crate::model::time::{Instant, Range};

/// How many assignments that began before a moment are read. One would do if all instances had one clock: with
/// several, an assignment may begin a little before the end of the one before it.
const LATEST: usize = 4;

/// How much earlier or later than the time in its sid a call may have started: what is known of it may have come in
/// later reports.
const SLACK: Duration = Duration::from_secs(86_400);

/// How many classes of past assignments are read at once: all of them.
const CLASSES: usize = 5;

/// An assignment that has ended.
#[derive(Serialize)]
pub(in crate::ledger) struct Ended<'a> {
    #[serde(flatten)]
    assignment: &'a NumberAssignment,
    /// The request that released the number.
    ended_by: String,
}

impl Ledger {
    /// The assignments of an account's numbers that touch a range, or the day before or after it.
    ///
    /// What is read of the past are assignments that ended within the range or shortly after: within a day if they
    /// lasted a day at most, within 8, 64 or 512 days if they lasted that long, and all that lasted longer.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn assignments_during(
        &self,
        account: &AccountId,
        range: Range,
    ) -> Result<Vec<NumberAssignment>, StoreError> {
        let range = Range {
            from: range.from.minus(SLACK),
            to: range.to.plus(SLACK),
        };
        // What lasts comes first: an assignment that ends meanwhile is in its old place or in its new one.
        let query = self.query(keys::account_partition(account));
        let mut items = query.prefix(keys::ASSIGNMENTS).all().await?;
        let classes = keys::past_assignments_in(range).into_iter();
        let past = stream::iter(classes).map(|(from, to)| {
            let query = self.query(keys::past_partition(account));
            query.between(from, to).all()
        });
        let past: Vec<Vec<Item>> = past.buffered(CLASSES).try_collect().await?;
        items.extend(past.into_iter().flatten());
        let all = items.into_iter().map(read::<NumberAssignment>);
        let touches = |one: &NumberAssignment| {
            one.from <= range.to && one.until.is_none_or(|until| range.from <= until)
        };
        all.filter(|one| one.as_ref().map_or(true, touches))
            .collect()
    }

    /// The assignments of one of an account's numbers that began last, at a moment or before; the one in force
    /// then is among them. However often the number was bought and released, a few are read.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn assignments_until(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
        at: Instant,
    ) -> Result<Vec<NumberAssignment>, StoreError> {
        let mut found: Vec<NumberAssignment> = Vec::new();
        for (from, to) in keys::assignments_until(number, at) {
            let query = self.query(keys::account_partition(account));
            let query = query.between(from, to).descending().limit(LATEST);
            for item in query.page().await?.items {
                found.push(read(item)?);
            }
            // The usual case: the number is still the property's.
            if found.iter().any(|one| one.until.is_none()) {
                break;
            }
        }
        Ok(found)
    }

    /// Whether an assignment was ended by the request `guid`.
    pub(in crate::ledger) async fn ended_assignment(
        &self,
        account: &AccountId,
        number: &PhoneNumber,
        assignment: &CurrentAssignment,
        guid: Guid,
    ) -> Result<bool, StoreError> {
        let key = keys::ended_assignment(account, number, assignment);
        let item = self.get(key).await?;
        let ended_by = item.as_ref().and_then(|item| text(item, "ended_by"));
        Ok(ended_by == Some(guid.to_string().as_str()))
    }
}

/// Adds the write that opens an assignment, and the check that it has not been opened and ended before.
pub(in crate::ledger) fn open_assignment<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    number: &PhoneNumber,
    assignment: &CurrentAssignment,
) -> Result<(), StoreError> {
    let key = keys::number_assignment(account, number, assignment);
    let open = NumberAssignment {
        number: number.clone(),
        property_sid: assignment.property_sid.clone(),
        from: assignment.since,
        until: None,
    };
    transaction.put(tag, stored(key, "tenure", &open)?, ABSENT);
    let ended = keys::ended_assignment(account, number, assignment);
    transaction.check(tag, ended, ABSENT);
    Ok(())
}

/// Adds the writes that end an assignment, and move it to the past; refused if it has ended already.
pub(in crate::ledger) fn end_assignment<Tag: Copy + Eq + Debug>(
    transaction: &mut Transaction<Tag>,
    tag: Tag,
    account: &AccountId,
    number: &PhoneNumber,
    assignment: &CurrentAssignment,
    (guid, now): (Guid, Instant),
) -> Result<(), StoreError> {
    let ended = NumberAssignment {
        number: number.clone(),
        property_sid: assignment.property_sid.clone(),
        from: assignment.since,
        // The clock of this instance may be behind the one that opened it.
        until: Some(now.max(assignment.since)),
    };
    let item = Ended {
        assignment: &ended,
        ended_by: guid.to_string(),
    };
    let open = keys::number_assignment(account, number, assignment);
    transaction
        .delete(
            tag,
            open,
            "attribute_exists(pk) AND attribute_not_exists(#until)",
        )
        .name("#until", "until");
    let key = keys::ended_assignment(account, number, assignment);
    transaction.put(tag, stored(key, "tenure", &item)?, ABSENT);
    let key = keys::past_assignment(account, &ended, &assignment.guid);
    transaction.put(tag, stored(key, "past_tenure", &item)?, ABSENT);
    Ok(())
}
