//! Reading parts of other pairs, whose calls a person matched entries of a pair to.
//!
//! As with the pair itself, the head of another pair is read before anything else of it: a transaction that
//! counts up the version that was read has then seen everything.

use crate::ledger::calls::pair::{Head, PairState};
use crate::ledger::calls::switch::pair_of;
use crate::ledger::keys;
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::read;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::CallSid;
use crate::model::pair::Pair;
use crate::model::pair::settle::OtherPart;

impl Ledger {
    /// Reads the call with this sid, or the one that this sid's report was joined to, whichever pair of the
    /// account it is of.
    pub(in crate::ledger) async fn add_call_of_account(
        &self,
        account: &AccountId,
        pair: &Pair,
        state: &mut PairState,
        sid: &CallSid,
    ) -> Result<(), StoreError> {
        let row = self.call_item(account, sid).await?;
        let row = row.and_then(CallRow::of);
        let Some((row, of)) = row.and_then(|row| pair_of(&row).map(|of| (row, of))) else {
            return Ok(());
        };
        match of == *pair {
            true => self.add_calls(account, pair, state, &[row.sid]).await,
            false => self.add_call_of_other(account, &of, state, &row.sid).await,
        }
    }

    /// Reads a call of another pair.
    pub(in crate::ledger) async fn add_call_of_other(
        &self,
        account: &AccountId,
        other: &Pair,
        state: &mut PairState,
        sid: &CallSid,
    ) -> Result<(), StoreError> {
        if state.slice.call(sid).is_some() {
            return Ok(());
        }
        self.add_other(account, other, state).await?;
        let item = self.get(keys::pair_call(account, other, sid)).await?;
        if let Some(item) = item
            && state.other_mut(other).is_some()
        {
            let call = state.read_call(item)?;
            let part = state.other_mut(other);
            part.into_iter()
                .for_each(|part| part.calls.push(call.clone()));
        }
        Ok(())
    }

    /// Reads the head of another pair, if it is not known yet. Returns whether it was not: what was read of
    /// the pair before may then be outdated.
    pub(in crate::ledger) async fn add_other(
        &self,
        account: &AccountId,
        other: &Pair,
        state: &mut PairState,
    ) -> Result<bool, StoreError> {
        if state.other_mut(other).is_some() {
            return Ok(false);
        }
        let head = self.get(keys::pair_head(account, other)).await?;
        let head = head.map(read::<Head>).transpose()?;
        let head = head.map(Head::free).transpose()?;
        state.other_heads.push(head.unwrap_or_default());
        state.slice.others.push(OtherPart {
            pair: other.clone(),
            calls: Vec::new(),
            unmatched: Vec::new(),
        });
        Ok(true)
    }
}

impl PairState {
    /// The part of another pair, if any of that is known.
    pub(in crate::ledger) fn other_mut(&mut self, pair: &Pair) -> Option<&mut OtherPart> {
        let mut others = self.slice.others.iter_mut();
        others.find(|part| part.pair == *pair)
    }
}
