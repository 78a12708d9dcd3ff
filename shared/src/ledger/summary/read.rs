//! Reading the sums of a range of days (patterns 70 and 71), several days at once.
//!
//! Pages are small and are folded as soon as they arrive, so memory does not grow with the range.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::ledger::keys;
use crate::ledger::summary::callers::hashes_of;
use crate::ledger::summary::facts::decimal;
use crate::ledger::summary::names;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::assignment::NumberAssignments;
use crate::model::summary::grouping::{
    GroupBy, Groups, Numbers, Question, Summary, SummaryTooLarge,
};
use crate::model::time::{Range, UtcDay};

/// How many days are read at once.
const DAYS: usize = 8;

/// How many items a page has: some 40 KB.
const PAGE: usize = 120;

impl Ledger {
    /// What is known of the account's numbers, as far as the groupings of a range need it.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn numbers_of_summary(
        &self,
        account: &AccountId,
        by: &[Vec<GroupBy>],
        range: Range,
    ) -> Result<Numbers, StoreError> {
        let mut numbers = Numbers::default();
        let mut by = by.iter().flatten();
        if by.clone().any(|by| *by == GroupBy::Property) {
            let assignments = self.assignments_during(account, range).await?;
            numbers.assignments = NumberAssignments::new(assignments);
        }
        if by.any(|by| by.is_attribution()) {
            let found = self.numbers(account).await?;
            let attributions = found.into_iter().map(|number| {
                let attribution = number.settings.attribution;
                (number.number.as_e164().to_owned(), attribution)
            });
            numbers.attributions = attributions.collect::<HashMap<_, _>>();
        }
        Ok(numbers)
    }

    /// Folds the sums of a range into groups, however many groupings there are, in one reading. Unique callers are
    /// read only if `callers`. Of one number, the sums of the others are not read.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn summary(
        &self,
        account: &AccountId,
        question: &Question,
        numbers: &Numbers,
        callers: bool,
    ) -> Result<Result<Groups, SummaryTooLarge>, StoreError> {
        let summary = Mutex::new((Summary::new(question, numbers), Ok(())));
        let mut days = Vec::new();
        let mut next = Some(UtcDay::of(question.range.from));
        while let Some(day) = next.filter(|day| day.begins() < question.range.to) {
            days.push(day);
            next = day.next();
        }
        let reads = days.into_iter().map(|day| {
            let summary = &summary;
            async move {
                let partition = names::sums_partition(account, day);
                let query = self.query(partition).limit(PAGE);
                let query = match (callers, &question.did) {
                    (true, _) => query,
                    (false, None) => query.prefix(names::SUMS),
                    (false, Some(did)) => query.prefix(names::sums_of(did)),
                };
                query
                    .each(|item| {
                        let mut summary = summary.lock().unwrap_or_else(PoisonError::into_inner);
                        if summary.1.is_ok() {
                            summary.1 = fold(&mut summary.0, day, &item);
                        }
                        Ok(())
                    })
                    .await
            }
        });
        stream::iter(reads)
            .buffer_unordered(DAYS)
            .try_collect::<()>()
            .await?;
        let (summary, folded) = summary.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(folded.map(|()| summary.finish()))
    }
}

/// Adds the sums or callers of one item.
fn fold(summary: &mut Summary<'_>, day: UtcDay, item: &Item) -> Result<(), SummaryTooLarge> {
    let Some(sk) = text(item, keys::SK) else {
        return Ok(());
    };
    if let Some(key) = names::sum_key(day, sk) {
        let cells = item.iter().filter_map(|(name, value)| {
            let (slot, measure) = names::read_sum_name(name)?;
            Some((slot, measure, decimal(value.as_n().ok()?)?))
        });
        return summary.add(&key, cells);
    }
    if let Some((key, _part)) = names::callers_key(day, sk) {
        for (name, set) in item {
            if let Some(slot) = names::read_callers_name(name) {
                summary.add_callers(&key, slot, &hashes_of(set))?;
            }
        }
    }
    Ok(())
}
