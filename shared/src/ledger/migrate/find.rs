//! Finding what the version before wrote: one scan of the table.

use std::collections::{BTreeMap, HashMap};

use crate::ledger::keys::{Key, PK, SK};
use crate::ledger::migrate::cost::OldPlace;
use crate::ledger::migrate::{old_call, old_cost, once};
use crate::ledger::summary::names::account_of;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, instant, later, s, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::{CallSid, CostId};
use crate::model::time::Instant;
use crate::model::withheld::is_withheld;

/// The items of the version before. Those of this version have what each line says they lack.
const OLD: &str = "(#type = :call AND attribute_not_exists(sources)) \
     OR (#type = :cost AND attribute_not_exists(#state)) \
     OR (#type = :pointer AND attribute_not_exists(reports)) \
     OR (#type = :lead AND attribute_exists(cost)) \
     OR (#type = :first AND attribute_not_exists(report_sid)) \
     OR (#type = :once AND attribute_not_exists(made) AND contains(answer, :cost_id)) \
     OR #type = :recent";

/// What is read of them.
const READ: &str = "pk, sk, #type, call_sid, call_from, call_to, row_digest, recorded_at, cost_id, \
     #method, answer, phone, v";

/// A call or a cost to be converted, in the order in which that is done: the calls of a caller that were
/// reported when they took place, those that were imported, and the costs in the order of their receipt.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OldFact {
    Call { imported: bool, sid: CallSid },
    Cost { received: Instant, place: OldKey },
}

/// Where an item lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OldKey {
    pk: String,
    sk: String,
}

impl OldKey {
    pub(super) fn key(&self) -> Key {
        Key::new(self.pk.as_str(), self.sk.as_str())
    }
}

/// What the version before wrote for one account.
#[derive(Debug, Default)]
pub struct OldItems {
    /// Calls and costs by caller.
    pub(super) callers: BTreeMap<String, Vec<OldFact>>,
    pub(super) leads: Vec<Key>,
    pub(super) firsts: Vec<Key>,
    /// First contacts of callers whose keypad spelling was taken for a number.
    pub(super) withheld: Vec<Key>,
    /// What only helped to find calls.
    pub(super) pointers: Vec<Key>,
    /// The idempotency records of bills, by the cost that they were answered with.
    pub(super) onces: HashMap<CostId, Key>,
    /// The items that cannot be read.
    pub(super) unreadable: Vec<Key>,
    /// The items that a later version wrote.
    pub(super) later: Vec<Key>,
}

impl OldItems {
    /// How many calls and costs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.callers.values().map(Vec::len).sum()
    }

    /// Whether there is nothing to convert.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let others = [
            self.leads.len(),
            self.firsts.len(),
            self.withheld.len(),
            self.pointers.len(),
            self.unreadable.len(),
            self.later.len(),
        ];
        self.len() == 0 && others.iter().all(|count| *count == 0)
    }

    /// The place of a cost, with the idempotency record of its bill.
    pub(super) fn place(&self, at: &OldKey) -> OldPlace {
        let id = at.sk.strip_prefix("COST#");
        let id = id.and_then(|id| CostId::parse(id).ok());
        OldPlace {
            key: at.key(),
            once: id.and_then(|id| self.onces.get(&id).cloned()),
        }
    }

    fn take(&mut self, item: &Item) {
        let at = |name| text(item, name).unwrap_or_default();
        let (pk, sk) = (at(PK), at(SK));
        let key = || Key::new(pk, sk);
        if later(item).is_some() {
            self.later.push(key());
            return;
        }
        let caller = || at("call_from").to_owned();
        match text(item, "type") {
            Some("call") if old_call::is_old(item) => {
                match CallSid::parse(sk.trim_start_matches("CALL#")) {
                    Ok(sid) => self
                        .callers
                        .entry(caller())
                        .or_default()
                        .push(OldFact::Call {
                            imported: item.contains_key("row_digest"),
                            sid,
                        }),
                    Err(_) => self.unreadable.push(key()),
                }
            }
            Some("cost") if old_cost::is_old(item) => {
                self.callers
                    .entry(caller())
                    .or_default()
                    .push(OldFact::Cost {
                        received: instant(item, "recorded_at").unwrap_or(Instant::from_millis(0)),
                        place: OldKey {
                            pk: pk.to_owned(),
                            sk: sk.to_owned(),
                        },
                    });
            }
            Some("pair_call" | "recent_calls") => self.pointers.push(key()),
            Some("lead") => self.leads.push(key()),
            Some("first_contact") if is_withheld(at("phone")) => self.withheld.push(key()),
            Some("first_contact") => self.firsts.push(key()),
            Some("once") => {
                if let Some(id) = once::answered(item) {
                    self.onces.insert(id, key());
                }
            }
            _ => self.unreadable.push(key()),
        }
    }
}

impl Ledger {
    /// Reads the whole table for what the version before wrote, by account. `progress` is told how many items
    /// were read.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn find_old(
        &self,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<BTreeMap<AccountId, OldItems>, StoreError> {
        let mut found: BTreeMap<AccountId, OldItems> = BTreeMap::new();
        let scan = self
            .scan()
            .filter(OLD)
            .projection(READ)
            .name("#type", "type")
            .name("#state", "state")
            .name("#method", "method");
        let scan = VALUES
            .iter()
            .fold(scan, |scan, (name, value)| scan.value(name, s(*value)));
        let take = async |items: Vec<Item>| {
            for item in items {
                let account = text(&item, PK).and_then(account_of);
                if let Some(account) = account {
                    found.entry(account).or_default().take(&item);
                }
            }
            Ok(())
        };
        scan.each(progress, take).await?;
        for items in found.values_mut() {
            for facts in items.callers.values_mut() {
                facts.sort_unstable();
            }
        }
        Ok(found)
    }
}

/// The values of [`OLD`].
const VALUES: [(&str, &str); 8] = [
    (":call", "call"),
    (":cost", "cost"),
    (":pointer", "pair_call"),
    (":lead", "lead"),
    (":first", "first_contact"),
    (":once", "once"),
    (":recent", "recent_calls"),
    (":cost_id", "\"cost_id\""),
];
