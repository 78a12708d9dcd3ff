//! Costs that have been without a call for more than a day, from the kept sums (patterns 2 and 70).

use std::time::Duration;

use rust_decimal::Decimal;

use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::currency::Currency;
use crate::model::summary::grouping::{Numbers, Question};
use crate::model::summary::measures::Measure;
use crate::model::time::{Instant, Range, UtcDay};

/// The costs of an account that have been without a call for more than a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedCosts {
    /// Whose they are.
    pub account: AccountId,
    /// The currency of `amount`.
    pub currency: Currency,
    /// When they were billed, in whole UTC days.
    pub billed: Range,
    /// How many there are.
    pub count: Decimal,
    /// What they amount to.
    pub amount: Decimal,
}

const DAY: Duration = Duration::from_secs(86_400);

impl Ledger {
    /// Finds the accounts with costs that have been without a call for more than a day.
    ///
    /// Only costs that were billed within the account's billing window count: older ones stay without a call.
    /// It reads the sums of whole UTC days, up to that before yesterday, so a cost is found after one to two
    /// days.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn unmatched_costs(&self, now: Instant) -> Result<Vec<UnmatchedCosts>, StoreError> {
        let mut found = Vec::new();
        for account in self.accounts().await? {
            let costs = self.unmatched_of(&account, now).await?;
            found.extend(Some(costs).filter(|costs| !costs.count.is_zero()));
        }
        Ok(found)
    }

    async fn unmatched_of(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<UnmatchedCosts, StoreError> {
        let today = UtcDay::of(now).begins();
        let question = Question {
            range: Range {
                from: today.minus(DAY * account.billing_window_days),
                to: today.minus(DAY),
            },
            zone: account.zone.clone(),
            by: Vec::new(),
            vendor: None,
            did: None,
            shift: 0,
            overdue: today.minus(DAY),
        };
        let numbers = Numbers::default();
        let groups = self.summary(&account.id, &question, &numbers, false);
        let groups = groups
            .await?
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(UnmatchedCosts {
            account: account.id.clone(),
            currency: account.currency,
            billed: question.range,
            count: groups.total.sums.get(Measure::UnmatchedCount),
            amount: groups.total.sums.get(Measure::Unmatched),
        })
    }
}
