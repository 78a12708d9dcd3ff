//! Unique callers: a hash of each caller, in sets by day, DID, vendor and hour (pattern 71), in parts.
//!
//! A caller who calls twice within an hour is in its set once, so a set does not tell when the last of the
//! caller's calls is gone. A hash is taken out only after a look at the pair: if it has no call left there.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};

use crate::ledger::calls::pair::PairCallItem;
use crate::ledger::summary::names;
use crate::ledger::summary::parts::Part;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{read, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::pair::call::PairCall;
use crate::model::summary::delta::{CallFact, Fact};
use crate::model::summary::place::{Slot, SumKey};
use crate::model::time::{UtcDay, Zone};
use crate::model::withheld::WITHHELD;

/// Where a caller is counted. The key has no disposition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct CallerPlace {
    pub(in crate::ledger) key: SumKey,
    pub(in crate::ledger) slot: Slot,
    pub(in crate::ledger) hash: u64,
    caller: String,
}

/// Where the caller of a call is counted; `None` for a cost, and for callers who withhold their numbers, of
/// whom nobody knows how many they are.
pub(in crate::ledger) fn caller_of(
    account: &AccountId,
    fact: Option<&Fact>,
    zone: &Zone,
) -> Option<CallerPlace> {
    let Some(Fact::Call(call)) = fact else {
        return None;
    };
    (call.caller != WITHHELD).then(|| CallerPlace {
        key: caller_key(call),
        slot: Slot::of(call.started, zone),
        hash: hash(account, &call.caller),
        caller: call.caller.clone(),
    })
}

fn caller_key(call: &CallFact) -> SumKey {
    SumKey {
        day: UtcDay::of(call.started),
        did: call.did.clone(),
        vendor: call.vendor.clone(),
        disposition: String::new(),
    }
}

/// The first 8 bytes of a hash of the caller, which differs from account to account.
fn hash(account: &AccountId, caller: &str) -> u64 {
    let digest = Sha256::digest(format!("callbook caller {account} {caller}"));
    digest
        .iter()
        .take(8)
        .fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

/// Hashes as a set.
pub(in crate::ledger) fn hashes(callers: impl IntoIterator<Item = u64>) -> AttributeValue {
    let bytes = callers
        .into_iter()
        .map(|hash| Blob::new(hash.to_be_bytes()));
    AttributeValue::Bs(bytes.collect())
}

/// The hashes of a set.
pub(in crate::ledger) fn hashes_of(set: &AttributeValue) -> Vec<u64> {
    let bytes = set.as_bs().map(Vec::as_slice).unwrap_or_default();
    let hashes = bytes.iter().filter_map(|bytes| {
        let bytes: [u8; 8] = bytes.as_ref().try_into().ok()?;
        Some(u64::from_be_bytes(bytes))
    });
    hashes.collect()
}

impl Ledger {
    /// Whether the caller still has a call where it was counted.
    pub(in crate::ledger) async fn calls_there(
        &self,
        account: &AccountId,
        place: &CallerPlace,
        zone: &Zone,
    ) -> Result<bool, StoreError> {
        let partition = names::inbound_pair(account, &place.key.did, &place.caller);
        let (from, to) = names::pair_calls_of_day(place.key.day);
        let items = self.query(partition).between(from, to).all().await?;
        for item in items {
            if text(&item, "type") != Some("pair_call") {
                continue;
            }
            let call = PairCall::from(read::<PairCallItem>(item)?).shown();
            let there = UtcDay::of(call.start) == place.key.day
                && Slot::of(call.start, zone) == place.slot
                && call.vendor == place.key.vendor;
            if there {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The parts that have the caller of a place. A part exists only if the one before it does.
    pub(in crate::ledger) async fn parts_with(
        &self,
        account: &AccountId,
        place: &CallerPlace,
    ) -> Result<Vec<Part>, StoreError> {
        let name = names::callers_name(place.slot);
        let mut parts = Vec::new();
        for part in Part::path(place.hash) {
            let key = names::callers(account, &place.key, &part);
            let Some(item) = self.get(key).await? else {
                break;
            };
            let set = item.get(&name);
            if set.is_some_and(|set| hashes_of(set).contains(&place.hash)) {
                parts.push(part);
            }
        }
        Ok(parts)
    }
}
