//! Reading the entries that a decision moves along with others: the prices of one bill.

use crate::ledger::calls::pair::PairState;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::CostId;
use crate::model::pair::Pair;
use crate::model::pair::entry::CostEntry;
use crate::model::pair::settle::Slice;

/// How many prices of one bill are followed.
const MOST_PRICES: usize = 40;

impl Ledger {
    /// Reads an entry of a pair, with the call that it is matched to.
    pub(in crate::ledger) async fn add_entry_of(
        &self,
        account: &AccountId,
        pair: &Pair,
        state: &mut PairState,
        id: &CostId,
    ) -> Result<(), StoreError> {
        if state.slice.entry(id).is_some() {
            return Ok(());
        }
        let Some(row) = self.cost(account, id).await? else {
            return Ok(());
        };
        match &row.call_sid {
            Some(sid) => {
                let sids = [sid.clone()];
                self.add_calls(account, pair, state, &sids).await
            }
            None => {
                state.slice.unmatched.push(row.entry);
                Ok(())
            }
        }
    }

    /// The pair with the entries that a change moves along with others: the next prices of bills.
    pub(in crate::ledger) async fn with_prices(
        &self,
        account: &AccountId,
        pair: &Pair,
        mut state: PairState,
        change: impl Fn(&mut Slice),
    ) -> Result<PairState, StoreError> {
        for _ in 0..MOST_PRICES {
            let mut after = state.slice.clone();
            change(&mut after);
            let missing = after.missing_prices(&state.slice);
            if missing.is_empty() {
                break;
            }
            for id in missing {
                self.add_entry_of(account, pair, &mut state, &id).await?;
            }
        }
        Ok(state)
    }

    /// Reads the earlier prices of an entry's bill.
    pub(in crate::ledger) async fn add_prices(
        &self,
        account: &AccountId,
        pair: &Pair,
        state: &mut PairState,
        entry: &CostEntry,
    ) -> Result<(), StoreError> {
        let mut earlier = entry.reprices.clone();
        for _ in 0..MOST_PRICES {
            let Some(id) = earlier else {
                return Ok(());
            };
            self.add_entry_of(account, pair, state, &id).await?;
            earlier = state
                .slice
                .entry(&id)
                .and_then(|(entry, _)| entry.reprices.clone());
        }
        Ok(())
    }
}
