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

/// How often an entry is looked for where its row says that it is.
const MOST_LOOKS: usize = 4;

impl Ledger {
    /// Reads an entry with the call that it is matched to, whichever pairs they are of.
    pub(in crate::ledger) async fn add_entry_of(
        &self,
        account: &AccountId,
        pair: &Pair,
        state: &mut PairState,
        id: &CostId,
    ) -> Result<(), StoreError> {
        // It may move while it is looked for.
        for _ in 0..MOST_LOOKS {
            if state.slice.entry(id).is_some() {
                return Ok(());
            }
            let Some(mut row) = self.cost(account, id).await? else {
                return Ok(());
            };
            row.entry.noted = row.notes.is_some();
            let own = row.pair();
            match &row.call_sid {
                _ if row.archived => return Ok(()),
                Some(sid) if row.entry.other_pair || own != *pair => {
                    self.add_call_of_account(account, pair, state, sid).await?;
                }
                Some(sid) => {
                    let sids = [sid.clone()];
                    self.add_calls(account, pair, state, &sids).await?;
                }
                None if own == *pair => state.slice.unmatched.push(row.entry),
                // Read once more if its pair's head was not known before it.
                None if self.add_other(account, &own, state).await? => {}
                None => {
                    let part = state.other_mut(&own);
                    part.into_iter()
                        .for_each(|part| part.unmatched.push(row.entry.clone()));
                }
            }
        }
        Ok(())
    }

    /// The pair with the entries that a change moves along with others: the next prices of bills.
    pub(in crate::ledger) async fn with_prices(
        &self,
        account: &AccountId,
        pair: &Pair,
        mut state: PairState,
        change: impl Fn(&mut Slice),
    ) -> Result<PairState, StoreError> {
        let mut seen = Vec::new();
        for _ in 0..MOST_PRICES {
            let mut after = state.slice.clone();
            change(&mut after);
            let mut missing = after.missing_prices(&state.slice);
            missing.retain(|id| !seen.contains(id));
            if missing.is_empty() {
                break;
            }
            for id in missing {
                // A price that says a date, or that a person matched, goes nowhere with an earlier one.
                let row = self.cost(account, &id).await?;
                if row.is_some_and(|row| row.entry.follows().is_some()) {
                    self.add_entry_of(account, pair, &mut state, &id).await?;
                }
                seen.push(id);
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
