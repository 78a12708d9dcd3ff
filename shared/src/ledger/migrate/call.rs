//! Converting a call: its row, the report that it becomes, and the pointer by which bills found it.

use crate::ids;
use crate::ledger::calls::change::{Act, MIGRATE, PairChange};
use crate::ledger::calls::contact::{Caller, Rows};
use crate::ledger::calls::record::{MOST_WRITES, STEP, write_id};
use crate::ledger::calls::tag::Tag;
use crate::ledger::contacts::contact::Contact;
use crate::ledger::keys;
use crate::ledger::migrate::old_call::{ImportedCost, OldCall, Unreadable, cost_partition, is_old};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{s, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ALWAYS, Committed};
use crate::model::account::Account;
use crate::model::call::{CallSid, Direction};
use crate::model::id::Guid;
use crate::model::pair::Pair;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;

/// Outcome of converting a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum ConvertedCall {
    /// It is a report now, of a call of its own or of one that was known.
    Done {
        /// Whether it was joined to a call that was known.
        joined: bool,
        /// What it was imported with: a cost, which is left to be converted, or one that a bill replaced.
        imported: ImportedCost,
    },
    /// Another migration, or a request, has converted it meanwhile.
    Gone,
    /// It cannot be read.
    Unreadable(Unreadable),
}

impl Ledger {
    /// Converts a call of the version before, if it still is one.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub(in crate::ledger) async fn convert_call(
        &self,
        account: &Account,
        sid: &CallSid,
        now: Instant,
    ) -> Result<ConvertedCall, StoreError> {
        let (guid, key) = (ids::guid(), keys::call(&account.id, sid));
        let Some(found) = self.get(key.clone()).await?.filter(is_old) else {
            return Ok(ConvertedCall::Gone);
        };
        let pair = match OldCall::read(&found) {
            Ok(call) => call.pair,
            Err(unreadable) => return Ok(ConvertedCall::Unreadable(unreadable)),
        };
        let mut most = STEP;
        let mut retry = Retry::planning("the calls of this pair").within(self.patience);
        loop {
            retry.next().await?;
            let ended = OldCall::read(&found).ok().and_then(|call| call.ended);
            let around = self.pair_around(&account.id, &pair, sid.started(), ended);
            let contact = self.contact_to_convert(account, &pair);
            let (before, contact) = futures_util::try_join!(around, contact)?;
            // Read behind the head of the pair: whoever converts the call changes that.
            let Some(item) = self.get(key.clone()).await?.filter(is_old) else {
                return Ok(ConvertedCall::Gone);
            };
            let call = match OldCall::read(&item) {
                Ok(call) => call,
                Err(unreadable) => return Ok(ConvertedCall::Unreadable(unreadable)),
            };
            let vendor = match pair.direction {
                Direction::Inbound => self.number_vendor(&account.id, &pair.to).await?,
                Direction::Outbound => None,
            };
            let vendor = vendor.and_then(|periods| periods.at(sid.started()).cloned());
            let mut reports = call.reports(account, now);
            let (mut after, mut more) = (before.slice.clone(), false);
            for report in &mut reports {
                report.vendor.clone_from(&vendor);
                more |= after.add_report(report.clone(), most).more;
            }
            let mut unsettled = before.head.unsettled.clone();
            unsettled.extend(more.then(|| sid.clone()));
            let change = PairChange {
                account,
                pair: &pair,
                before: &before,
                after: &after,
                unsettled,
                act: act(guid, now),
            };
            let own = after.calls.iter().any(|call| call.sid == *sid);
            let mut rows = Rows::new();
            if own {
                let gone = call.gone().into_iter();
                let gone = gone.map(|name| (name.to_owned(), None));
                rows.insert(sid.clone(), gone.collect());
            }
            let caller = caller_of(&pair, &contact, vendor.as_ref());
            let mut transaction = change.with_contact_and_rows(caller.as_ref(), rows)?;
            for report in &reports {
                write_id(&mut transaction, account, &pair, report, now);
            }
            if !own {
                let joined = after.call(sid).map(|call| s(call.sid.as_str()));
                let gone = call.gone_if_joined().into_iter();
                let gone = gone.map(|name| (name.to_owned(), None));
                let attributes = gone.chain([("joined_into".to_owned(), joined)]);
                transaction.upsert(Tag::Pair, key.clone(), "joined_call", attributes);
            }
            transaction.delete(Tag::Pair, call.pointer(&account.id), ALWAYS);
            let billed = call.imported && self.has_costs(account, sid).await?;
            let cost = call.imported_cost(billed);
            if let ImportedCost::Known(cost) = cost {
                let item = call.cost_item(&account.id, cost)?;
                transaction.put(Tag::Pair, item, ALWAYS);
            }
            if transaction.len() > MOST_WRITES && most > 1 {
                most /= 2;
                continue;
            }
            if let Committed::Refused(refusals) = self.commit_plan(transaction, &retry).await? {
                let head = refusals.item(Tag::Head);
                if !head.is_some_and(|head| written_by(head, guid)) {
                    continue;
                }
                // An earlier try got through, and its answer was lost.
            }
            if more {
                self.settle(account, &pair, guid, now).await?;
            }
            return Ok(ConvertedCall::Done {
                joined: !own,
                imported: cost,
            });
        }
    }

    /// The contact of a pair's caller, whose first contact has the present form.
    pub(super) async fn contact_to_convert(
        &self,
        account: &Account,
        pair: &Pair,
    ) -> Result<Contact, StoreError> {
        let Some(phone) = pair.lead() else {
            return Ok(Contact::default());
        };
        let contact = self.lead_of(&account.id, phone).await?;
        match &contact.first {
            Some(first) if first.report_sid.is_none() => {
                let key = keys::first_contact(&account.id, phone);
                self.convert_first(key).await?;
                self.lead_of(&account.id, phone).await
            }
            _ => Ok(contact),
        }
    }

    /// Whether costs of a call are left in the form of the version before.
    async fn has_costs(&self, account: &Account, sid: &CallSid) -> Result<bool, StoreError> {
        let query = self.query(cost_partition(&account.id, sid)).prefix("COST#");
        Ok(!query.limit(1).page().await?.items.is_empty())
    }
}

/// The act by which everything is converted.
pub(super) fn act(guid: Guid, now: Instant) -> Act<'static> {
    Act {
        what: MIGRATE,
        by: MIGRATE,
        reason: None,
        guid,
        now,
    }
}

/// The caller of a pair, if its calls make leads.
pub(super) fn caller_of<'a>(
    pair: &'a Pair,
    contact: &'a Contact,
    vendor: Option<&'a VendorId>,
) -> Option<Caller<'a>> {
    pair.lead().map(|phone| Caller {
        phone,
        contact,
        vendor: vendor.map(VendorId::as_str),
    })
}
