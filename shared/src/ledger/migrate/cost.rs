//! Converting a cost into an entry.

use serde::Serialize;

use crate::ids;
use crate::ledger::calls::change::{MIGRATE, PairChange};
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys::{self, Key};
use crate::ledger::migrate::call::{act, caller_of};
use crate::ledger::migrate::old_call::Unreadable;
use crate::ledger::migrate::old_cost::{OldCost, is_old};
use crate::ledger::migrate::once;
use crate::ledger::money::cost::{CostEvent, CostRow};
use crate::ledger::money::expectation::write_billed_caller;
use crate::ledger::money::import::IDS;
use crate::ledger::table::end::ending;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, stored, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, ALWAYS, Committed, PRESENT, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::call::CostId;
use crate::model::credential::Credential;
use crate::model::time::Instant;

/// Outcome of converting a cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ConvertedCost {
    /// It is this entry now.
    Done(CostId),
    /// Another migration has converted it meanwhile, or its row was imported again since.
    Gone,
    /// It cannot be read.
    Unreadable(Unreadable),
}

/// Leads from the id of a cost that was acknowledged to its entry (pattern 40).
#[derive(Serialize)]
struct FormerItem<'a> {
    former_id: &'a CostId,
    cost_id: &'a CostId,
}

/// Where a cost of the version before lies, and the idempotency record of its bill.
#[derive(Clone, Debug)]
pub(super) struct OldPlace {
    pub(super) key: Key,
    pub(super) once: Option<Key>,
}

impl Ledger {
    /// Converts a cost of the version before, if it is still there.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub(super) async fn convert_cost(
        &self,
        account: &Account,
        credentials: &[Credential],
        place: &OldPlace,
        now: Instant,
    ) -> Result<ConvertedCost, StoreError> {
        let guid = ids::guid();
        let mut tried = 0;
        let mut retry = Retry::planning("the calls of this pair").within(self.patience);
        while tried < IDS {
            retry.next().await?;
            let Some(found) = self.get(place.key.clone()).await?.filter(is_old) else {
                return Ok(ConvertedCost::Gone);
            };
            let cost = match OldCost::read(&found) {
                Ok(cost) => cost,
                Err(unreadable) => return Ok(ConvertedCost::Unreadable(unreadable)),
            };
            let pair = &cost.pair;
            let credential = cost.credential(credentials);
            let cost_id = cost.entry_id(account, tried);
            let periods = self.number_vendor(&account.id, &pair.to).await?;
            let draft = cost.entry(account, credential, None, cost_id.clone(), 0);
            let of_number = periods.and_then(|periods| periods.at(draft.moment).cloned());
            let vendor = credential.and_then(|credential| credential.vendor.clone());
            let vendor = vendor.or(of_number);
            let state = self.pair_of_entry(&account.id, pair, &draft);
            let contact = self.contact_to_convert(account, pair);
            let (before, contact) = futures_util::try_join!(state, contact)?;
            // Read behind the head of the pair: whoever converts the cost changes that.
            if self.get(place.key.clone()).await?.is_none() {
                return Ok(ConvertedCost::Gone);
            }
            // The pair's own entries are part of the transaction, so an id that one of them has cannot be left to
            // its conditions.
            if before.slice.entry(&cost_id).is_some() {
                let taken = self.get(keys::cost(&account.id, &cost_id)).await?;
                if taken.is_some_and(|row| is_same(row, &cost).unwrap_or_default()) {
                    self.delete_if_present(place.key.clone()).await?;
                    return Ok(ConvertedCost::Gone);
                }
                tried += 1;
                continue;
            }
            let turn = before.head.version + 1;
            let entry = cost.entry(account, credential, vendor.as_ref(), cost_id.clone(), turn);
            let mut after = before.slice.clone();
            after.add_entry(entry.clone());
            let (decided, call) = after.entry(&cost_id).unwrap_or((&entry, None));
            let call = call.map(|call| call.sid.clone());
            let crowded = after.is_crowded_out(decided);
            let mut row = cost.row(decided.clone(), call, credential, vendor, crowded);
            row.history.push(CostEvent {
                at: now,
                what: MIGRATE.to_owned(),
                by: MIGRATE.to_owned(),
                reason: None,
                guid: guid.to_string(),
                state: row.entry.state,
                call_sid: row.call_sid.clone(),
            });
            let change = PairChange {
                account,
                pair,
                before: &before,
                after: &after,
                unsettled: before.head.unsettled.clone(),
                act: act(guid, now),
            };
            let caller = caller_of(pair, &contact, None);
            let caller = caller.filter(|_| contact.lead.is_some());
            let mut transaction = change.with_contact(caller.as_ref())?;
            let end = change.entry_end(decided, row.call_sid.as_ref());
            let item = ending(row.item(&account.id)?, end);
            transaction.put(Tag::Entry, item, ABSENT);
            write_billed_caller(&mut transaction, &account.id, &row, end)?;
            // Whoever converts the cost deletes it.
            transaction.delete(Tag::Pair, place.key.clone(), PRESENT);
            if let Some(former) = &row.former_id {
                write_former(&mut transaction, &account.id, former, &cost_id)?;
            }
            if let (Some(key), Some(credential)) = (&place.once, credential)
                && let Some(record) = self.get(key.clone()).await?
                && once::answered(&record).as_ref() == cost.id.as_ref()
            {
                once::convert(
                    &mut transaction,
                    account,
                    credential,
                    &cost,
                    &cost_id,
                    &record,
                );
            }
            match self.commit_plan(transaction, &retry).await? {
                Committed::Done => return Ok(ConvertedCost::Done(cost_id)),
                Committed::Refused(mut refusals) => {
                    let head = refusals.item(Tag::Head);
                    if head.is_some_and(|head| written_by(head, guid)) {
                        return Ok(ConvertedCost::Done(cost_id));
                    }
                    let Some(taken) = refusals.take(Tag::Entry) else {
                        continue;
                    };
                    if is_same(taken, &cost)? {
                        self.delete_if_present(place.key.clone()).await?;
                        return Ok(ConvertedCost::Gone);
                    }
                    tried += 1;
                }
            }
        }
        Err(StoreError::Contended("the cost ids of this moment"))
    }
}

/// Whether a row is of the imported cost that is about to be converted: its file was imported again.
fn is_same(row: Item, cost: &OldCost) -> Result<bool, StoreError> {
    let row: CostRow = read(row)?;
    let report = cost.report.as_ref();
    Ok(report.is_some_and(|report| row.label.as_deref() == Some(report.as_str())))
}

fn write_former(
    transaction: &mut Transaction<Tag>,
    account: &AccountId,
    former_id: &CostId,
    cost_id: &CostId,
) -> Result<(), StoreError> {
    let key = keys::former_cost(account, former_id);
    let item = FormerItem { former_id, cost_id };
    transaction.put(Tag::Pair, stored(key, "former_cost", &item)?, ALWAYS);
    Ok(())
}
