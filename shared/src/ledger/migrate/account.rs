//! Converting everything that the version before wrote for an account.

use futures_util::{StreamExt, stream};

use crate::ledger::keys;
use crate::ledger::keys::Key;
use crate::ledger::migrate::call::ConvertedCall;
use crate::ledger::migrate::cost::{ConvertedCost, OldPlace};
use crate::ledger::migrate::find::OldFact;
pub use crate::ledger::migrate::find::OldItems;
use crate::ledger::migrate::old_call::{ImportedCost, imported_cost};
use crate::ledger::money::cost::CostRow;
use crate::ledger::money::totals::Totals;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::read;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, LAYOUT};
use crate::model::call::{CallSid, CostId};
use crate::model::credential::Credential;
use crate::model::phone::mask_digits;
use crate::model::time::Instant;

/// How many callers are converted at once.
const CONCURRENT_CALLERS: usize = 16;

/// What was converted of an account, and what was not.
#[derive(Clone, Debug, Default)]
pub struct Migrated {
    /// How many calls.
    pub calls: usize,
    /// How many of them are one call with another now.
    pub joined: usize,
    /// How many number assignments that had ended.
    pub assignments: usize,
    /// What became of the costs: their states and sums.
    pub costs: Totals,
    /// What could not be converted.
    pub left: Vec<LeftItem>,
}

/// An item that could not be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftItem {
    /// Its key, with phone numbers masked, or the sid of a call.
    pub item: String,
    /// Why.
    pub why: String,
}

/// What was converted of one caller.
#[derive(Default)]
struct OfCaller {
    calls: usize,
    joined: usize,
    costs: Vec<CostId>,
    left: Vec<LeftItem>,
}

/// What a migration needs to convert anything.
struct Work<'a> {
    ledger: &'a Ledger,
    account: &'a Account,
    credentials: Vec<Credential>,
    old: &'a OldItems,
    now: Instant,
    progress: &'a (dyn Fn() + Sync),
}

impl Ledger {
    /// Converts what the version before wrote for an account, and marks the account if nothing is left.
    /// `progress` is told of each call and each cost.
    ///
    /// It may be cut off at any moment and started again.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be started again.
    pub async fn migrate(
        &self,
        account: &Account,
        old: &OldItems,
        now: Instant,
        progress: &(dyn Fn() + Sync),
    ) -> Result<Migrated, StoreError> {
        let work = Work {
            ledger: self,
            account,
            credentials: self.credentials(&account.id).await?,
            old,
            now,
            progress,
        };
        let mut migrated = Migrated::default();
        for key in &old.unreadable {
            let why = "it cannot be read".to_owned();
            let item = masked(key);
            migrated.left.push(LeftItem { item, why });
        }
        for key in &old.later {
            let why = "a later version of Callbook wrote it; update this one".to_owned();
            let item = masked(key);
            migrated.left.push(LeftItem { item, why });
        }
        for key in &old.firsts {
            self.convert_first(key.clone()).await?;
        }
        for key in &old.withheld {
            self.delete_first(key.clone()).await?;
        }
        let mut costs = Vec::new();
        let callers = stream::iter(old.callers.values()).map(|facts| work.convert(facts));
        let mut callers = callers.buffer_unordered(CONCURRENT_CALLERS);
        while let Some(converted) = callers.next().await {
            let converted = converted?;
            migrated.calls += converted.calls;
            migrated.joined += converted.joined;
            migrated.left.extend(converted.left);
            costs.extend(converted.costs);
        }
        drop(callers);
        for key in &old.leads {
            self.convert_lead(key.clone()).await?;
        }
        for key in &old.pointers {
            self.delete_if_present(key.clone()).await?;
        }
        // Entries replace each other until the last of them is there.
        let wanted = costs.iter().map(|id| keys::cost(&account.id, id));
        for item in self.items(wanted.collect()).await? {
            migrated.costs.add(&read::<CostRow>(item)?);
        }
        migrated.assignments = self.move_ended_assignments(&account.id).await?;
        if migrated.left.is_empty() {
            self.mark_migrated(account).await?;
        }
        Ok(migrated)
    }

    /// Marks an account whose calls and costs have the present layout.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn mark_migrated(&self, account: &Account) -> Result<(), StoreError> {
        if account.is_migrated() {
            return Ok(());
        }
        let mark = |account: &mut Account| {
            account.layout = LAYOUT;
            Ok::<(), StoreError>(())
        };
        self.update_account(&account.id, mark).await.map(drop)
    }
}

impl Work<'_> {
    /// Converts the calls and costs of one caller, one after the other: they share the caller's contact.
    async fn convert(&self, facts: &[OldFact]) -> Result<OfCaller, StoreError> {
        let mut done = OfCaller::default();
        for fact in facts {
            match fact {
                OldFact::Call { sid, imported } => {
                    self.convert_call(sid, &mut done).await?;
                    if *imported {
                        // A cost that only the row of the call had is an item now.
                        let place = OldPlace {
                            key: imported_cost(&self.account.id, sid),
                            once: None,
                        };
                        self.convert_cost(&place, &mut done).await?;
                    }
                }
                OldFact::Cost { place, .. } => {
                    self.convert_cost(&self.old.place(place), &mut done).await?;
                }
            }
            (self.progress)();
        }
        Ok(done)
    }

    async fn convert_call(&self, sid: &CallSid, done: &mut OfCaller) -> Result<(), StoreError> {
        let left = |why: &str| LeftItem {
            item: format!("call {}", sid.as_str()),
            why: why.to_owned(),
        };
        let converted = self.ledger.convert_call(self.account, sid, self.now);
        match converted.await? {
            ConvertedCall::Gone => {}
            ConvertedCall::Unreadable(why) => done.left.push(left(why)),
            ConvertedCall::Done { joined, imported } => {
                done.calls += 1;
                done.joined += usize::from(joined);
                if imported == ImportedCost::Replaced {
                    done.left.push(left(REPLACED));
                }
            }
        }
        Ok(())
    }

    async fn convert_cost(&self, place: &OldPlace, done: &mut OfCaller) -> Result<(), StoreError> {
        let converted = self
            .ledger
            .convert_cost(self.account, &self.credentials, place, self.now);
        match converted.await? {
            ConvertedCost::Gone => {}
            ConvertedCost::Done(id) => done.costs.push(id),
            ConvertedCost::Unreadable(why) => done.left.push(LeftItem {
                item: masked(&place.key),
                why: why.to_owned(),
            }),
        }
        Ok(())
    }
}

/// Why an imported cost is not converted.
const REPLACED: &str = "it was imported with a cost that a bill replaced, and the version before kept no \
     record of that cost; import its file again to enter it";

/// A key with its phone numbers masked.
fn masked(key: &Key) -> String {
    let parts = |text: &str| {
        let parts = text.split('#').map(|part| match part.starts_with('+') {
            true => mask_digits(part),
            false => part.to_owned(),
        });
        parts.collect::<Vec<_>>().join("#")
    };
    format!("{} {}", parts(&key.pk), parts(&key.sk))
}
