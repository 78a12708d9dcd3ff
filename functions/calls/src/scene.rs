//! What a call is shown with: the assignments of the account's numbers, and their current settings.

use std::collections::HashMap;
use std::sync::Arc;

use callbook::ledger::{CallRow, Ledger, StoreError};
use callbook::model::account::AccountId;
use callbook::model::assignment::NumberAssignments;
use callbook::model::number::{Attribution, RegisteredNumber};
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Range;

/// An account's number assignments and registered numbers, as far as they are needed.
pub struct CallContext {
    /// Which property held a number at which time.
    pub assignments: Arc<NumberAssignments>,
    numbers: HashMap<String, RegisteredNumber>,
}

impl CallContext {
    /// Reads those that the calls of a range are shown with.
    ///
    /// # Errors
    /// Returns an error if DynamoDB does not answer in time.
    pub async fn of_range(
        ledger: &Ledger,
        account: &AccountId,
        range: Range,
    ) -> Result<Self, StoreError> {
        let (assignments, numbers) = futures_util::try_join!(
            ledger.assignments_during(account, range),
            ledger.numbers(account),
        )?;
        Ok(Self {
            assignments: Arc::new(NumberAssignments::new(assignments)),
            numbers: by_e164(numbers),
        })
    }

    /// Reads those that one call is shown with.
    ///
    /// # Errors
    /// Returns an error if DynamoDB does not answer in time.
    pub async fn of_call(
        ledger: &Ledger,
        account: &AccountId,
        call: &CallRow,
    ) -> Result<Self, StoreError> {
        let own = PhoneNumber::from_stored(call.own_party()).ok();
        let number = async {
            match &own {
                Some(own) => ledger.number(account, own).await,
                None => Ok(None),
            }
        };
        let assignments = async {
            match (&call.recorded_for, &own) {
                (None, Some(own)) => ledger.assignments_until(account, own, call.started).await,
                _ => Ok(Vec::new()),
            }
        };
        let (assignments, number) = futures_util::try_join!(assignments, number)?;
        Ok(Self {
            assignments: Arc::new(NumberAssignments::new(assignments)),
            numbers: by_e164(number.into_iter().collect()),
        })
    }

    /// Returns the attribution of a number's callers.
    #[must_use]
    pub fn attribution(&self, number: &str) -> Option<&Attribution> {
        let number = self.numbers.get(number)?;
        Some(&number.settings.attribution)
    }

    /// Returns every number that was read.
    pub fn numbers(&self) -> impl Iterator<Item = &RegisteredNumber> {
        self.numbers.values()
    }
}

fn by_e164(numbers: Vec<RegisteredNumber>) -> HashMap<String, RegisteredNumber> {
    let named = |number: RegisteredNumber| (number.number.as_e164().to_owned(), number);
    numbers.into_iter().map(named).collect()
}
