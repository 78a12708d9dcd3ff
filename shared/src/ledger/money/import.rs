//! Costs of imported calls: entries like those of bills, under ids that are derived from the row.

use sha2::{Digest, Sha256};

use crate::ids;
use crate::ledger::calls::change::{Act, PairChange};
use crate::ledger::calls::contact::Caller;
use crate::ledger::calls::import::{ImportedCall, PastCall};
use crate::ledger::calls::tag::Tag;
use crate::ledger::contacts::contact::Contact;
use crate::ledger::money::cost::CostRow;
use crate::ledger::money::expectation::write_billed_caller;
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::end::{ABSENT_OR_ENDED, ending};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{n, read, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::Committed;
use crate::model::account::{Account, Rebill};
use crate::model::call::{CallSid, CostId};
use crate::model::pair::entry::{CostEntry, Dating, State};
use crate::model::time::Instant;

/// Who bills the cost of an imported call whose number is of no vendor.
pub(in crate::ledger) const IMPORT: &str = "import";

/// How many ids are tried; rows of one second share the first about once in four million times.
pub(in crate::ledger) const IDS: u32 = 8;

impl Ledger {
    /// Records a past call and what it cost, once. A call that this ledger recorded itself exists, whatever
    /// the row says; a row that was imported before with other details is refused as different.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the row may be imported again.
    pub async fn import_call(
        &self,
        account: &Account,
        call: &PastCall,
        now: Instant,
    ) -> Result<Creation<(), ExistsDifferent>, StoreError> {
        let imported = self.import_call_measured(account, call, now).await?;
        Ok(imported.outcome)
    }

    /// As [`Self::import_call`]; also says how far the row is from the call that it may have been meant for.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the row may be imported again.
    pub async fn import_call_measured(
        &self,
        account: &Account,
        call: &PastCall,
        now: Instant,
    ) -> Result<ImportedCall, StoreError> {
        if let Some(sid) = &call.call_sid
            && self.call_item(&account.id, sid).await?.is_some()
        {
            let outcome = Creation::Exists(());
            let distance = None;
            return Ok(ImportedCall { outcome, distance });
        }
        let (outcome, distance) = self.import_report(account, call, now).await?;
        if matches!(outcome, Creation::Refused(_)) {
            return Ok(ImportedCall { outcome, distance });
        }
        // An import that was cut short may have recorded the call without its cost.
        let cost = self.import_cost(account, call, now).await?;
        let outcome = match (outcome, cost) {
            (_, Creation::Refused(different)) => Creation::Refused(different),
            (Creation::Exists(()), Creation::Exists(())) => Creation::Exists(()),
            _ => Creation::Created(()),
        };
        Ok(ImportedCall { outcome, distance })
    }

    /// Records the cost of an imported call, once, as an entry.
    async fn import_cost(
        &self,
        account: &Account,
        call: &PastCall,
        now: Instant,
    ) -> Result<Creation<(), ExistsDifferent>, StoreError> {
        let Some(amount) = call.cost else {
            return Ok(Creation::Exists(()));
        };
        let report = call.report_sid(account);
        let periods = self.number_vendor(&account.id, &call.to).await?;
        let vendor = periods.and_then(|periods| periods.at(call.started).cloned());
        let billed = call.billed.unwrap_or(call.started);
        self.note_billed_day(account, billed, now).await?;
        let (pair, guid) = (call.pair(), ids::guid());
        let mut retry = Retry::planning("the calls of this pair").within(self.patience);
        let mut tried = 0;
        while tried < IDS {
            retry.next().await?;
            let cost_id = id_of(&report, billed, tried);
            if let Some(row) = self.cost(&account.id, &cost_id).await? {
                match row.label.as_deref() == Some(report.as_str()) {
                    true if row.amount() == amount => return Ok(Creation::Exists(())),
                    true => return Ok(Creation::Refused(ExistsDifferent)),
                    false => {
                        tried += 1;
                        continue;
                    }
                }
            }
            let mut entry = CostEntry {
                cost_id: cost_id.clone(),
                moment: call.started,
                dating: Dating::Moment,
                window_days: match pair.is_withheld() {
                    true => 1,
                    false => account.billing_window_days,
                },
                received_at: now,
                turn: 0,
                biller: match &vendor {
                    Some(vendor) => format!("vendor:{}", vendor.as_str()),
                    None => IMPORT.to_owned(),
                },
                amount,
                date_billed: billed,
                noted: false,
                call_id: call.external_id.clone(),
                reprices: None,
                adds: pair.is_withheld() || account.rebill == Rebill::Add,
                next_price: None,
                repriced: false,
                void: false,
                pin: None,
                other_pair: false,
                state: State::InForce,
            };
            let before = self.pair_of_entry(&account.id, &pair, &entry).await?;
            entry.turn = before.head.version + 1;
            let mut after = before.slice.clone();
            after.add_entry(entry.clone());
            let (decided, found) = after.entry(&cost_id).unwrap_or((&entry, None));
            let row = CostRow {
                entry: decided.clone(),
                notes: None,
                call_to: call.to.clone(),
                call_from: call.from.as_str().to_owned(),
                direction: call.direction,
                call_sid: found.map(|call| call.sid.clone()),
                vendor_id: vendor.clone(),
                credential_id: None,
                method_id: None,
                label: Some(report.as_str().to_owned()),
                call_date: call.started,
                ip_address: None,
                id_reused: false,
                maybe_second: false,
                other_price: false,
                archived: false,
                crowded: after.is_crowded_out(decided),
                two_vendors: false,
                expectation: None,
                former_id: None,
                guid: guid.to_string(),
                history: Vec::new(),
            };
            let contact = match pair.lead() {
                Some(phone) => self.lead_of(&account.id, phone).await?,
                None => Contact::default(),
            };
            let change = PairChange {
                account,
                pair: &pair,
                before: &before,
                after: &after,
                unsettled: before.head.unsettled.clone(),
                act: Act {
                    what: "import",
                    by: IMPORT,
                    reason: None,
                    guid,
                    now,
                },
            };
            let caller = pair.lead().map(|phone| Caller {
                phone,
                contact: &contact,
                vendor: None,
            });
            let caller = caller.filter(|_| contact.lead.is_some());
            let mut transaction = change.with_contact(caller.as_ref())?;
            let end = change.entry_end(decided, row.call_sid.as_ref());
            let item = ending(row.item(&account.id)?, end);
            // Its id is made of the row: one that has ended may not be deleted yet.
            transaction
                .put(Tag::Entry, item, ABSENT_OR_ENDED)
                .value(":now", n(now.seconds()));
            write_billed_caller(&mut transaction, &account.id, &row, end)?;
            match self.commit_plan(transaction, &retry).await? {
                Committed::Done => return Ok(Creation::Created(())),
                Committed::Refused(mut refusals) => {
                    let ours = refusals.take(Tag::Entry);
                    if ours.as_ref().is_some_and(|item| written_by(item, guid)) {
                        let _row: CostRow = read(ours.unwrap_or_default())?;
                        return Ok(Creation::Created(()));
                    }
                }
            }
        }
        Err(StoreError::Contended("the cost ids of this moment"))
    }
}

/// The id of the cost of an imported row, the same whenever it is imported.
pub(in crate::ledger) fn id_of(report: &CallSid, billed: Instant, tried: u32) -> CostId {
    let digest = Sha256::digest(format!("{}#{tried}", report.as_str()));
    let random = digest
        .iter()
        .take(4)
        .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    CostId::within_second(billed, 0, random)
}
