//! Who of a pair carries an external id (pattern 17): calls, and the last bill of each credential.

use serde::{Deserialize, Serialize};

use crate::ledger::calls::pair::PairState;
use crate::ledger::calls::tag::Tag;
use crate::ledger::keys;
use crate::ledger::table::end::{end_of_all, with_end};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, n, nested, read, s, text, version};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ALWAYS, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CostId};
use crate::model::cost::Cost;
use crate::model::id::CredentialId;
use crate::model::pair::Pair;
use crate::model::pair::external_id::ExternalId;
use crate::model::time::Instant;

/// The last bill of a credential with one call id, in one pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::ledger) struct LastBill {
    pub(in crate::ledger) cost_id: CostId,
    pub(in crate::ledger) amount: Cost,
    pub(in crate::ledger) received_at: Instant,
    /// The name of the idempotency record that holds its answer.
    pub(in crate::ledger) record: String,
}

/// What is known of an external id in a pair.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct KnownId {
    /// The reports of calls that carry it.
    pub(in crate::ledger) calls: Vec<CallSid>,
    /// The credential's last bill with it.
    pub(in crate::ledger) last: Option<LastBill>,
}

/// The attribute that holds the last bill of a credential.
fn attribute(credential: &CredentialId) -> String {
    format!("bill_{credential}")
}

impl Ledger {
    /// What is known of a call id in a pair.
    pub(in crate::ledger) async fn known_id(
        &self,
        account: &AccountId,
        pair: &Pair,
        id: &ExternalId,
        credential: &CredentialId,
    ) -> Result<KnownId, StoreError> {
        let Some(mut item) = self.get(keys::pair_id(account, pair, id)).await? else {
            return Ok(KnownId::default());
        };
        let calls = carriers(&item);
        let last = match item.remove(&attribute(credential)) {
            Some(value) => {
                let map = value.as_m().ok().cloned();
                map.map(read::<LastBill>).transpose()?
            }
            None => None,
        };
        Ok(KnownId { calls, last })
    }

    /// The reports of a pair's calls that carry an id.
    pub(in crate::ledger) async fn calls_with_id(
        &self,
        account: &AccountId,
        pair: &Pair,
        id: &ExternalId,
    ) -> Result<Vec<CallSid>, StoreError> {
        let item = self.get(keys::pair_id(account, pair, id)).await?;
        Ok(item.as_ref().map(carriers).unwrap_or_default())
    }

    /// Reads the calls of a pair with these sids that are not known yet.
    pub(in crate::ledger) async fn add_calls(
        &self,
        account: &AccountId,
        pair: &Pair,
        state: &mut PairState,
        sids: &[CallSid],
    ) -> Result<(), StoreError> {
        for sid in sids {
            if state.slice.call(sid).is_some() {
                continue;
            }
            let mut item = self.get(keys::pair_call(account, pair, sid)).await?;
            if item.is_none()
                && let Some(row) = self.call_item(account, sid).await?
                && let Some(sid) = text(&row, "call_sid")
                && let Ok(sid) = CallSid::parse(sid)
                && state.slice.call(&sid).is_none()
            {
                item = self.get(keys::pair_call(account, pair, &sid)).await?;
            }
            if let Some(item) = item {
                let call = state.read_call(item)?;
                state.slice.calls.push(call);
            }
        }
        Ok(())
    }
}

fn carriers(item: &Item) -> Vec<CallSid> {
    let calls = item.get("calls").and_then(|calls| calls.as_ss().ok());
    let calls = calls.into_iter().flatten();
    calls.filter_map(|sid| CallSid::parse(sid).ok()).collect()
}

/// Adds the write that makes `new` the credential's last bill with a call id; refused if the last one is
/// not `seen` any more.
pub(in crate::ledger) fn write_last(
    transaction: &mut Transaction<Tag>,
    account: &Account,
    pair: &Pair,
    id: &ExternalId,
    credential: &CredentialId,
    (seen, new): (Option<&LastBill>, &LastBill),
) -> Result<(), StoreError> {
    let key = keys::pair_id(&account.id, pair, id);
    let end = end_of_all(account, new.received_at);
    let set = "SET #type = :type, v = :v, #bill = :bill";
    let write = transaction
        .update(Tag::ExternalId, key, with_end(set, end), ALWAYS)
        .values(end.map(|end| (":end", n(end))))
        .name("#type", "type")
        .name("#bill", attribute(credential))
        .value(":type", s("pair_id"))
        .value(":v", version())
        .value(":bill", nested("pair_id", new)?);
    match seen {
        Some(seen) => write
            .only_if("#bill = :seen")
            .value(":seen", nested("pair_id", seen)?),
        None => write.only_if("attribute_not_exists(#bill)"),
    };
    Ok(())
}

/// The item of a bill's idempotency record holds what it was answered.
pub(in crate::ledger) fn answer_of(item: &Item) -> Option<String> {
    text(item, "answer").map(str::to_owned)
}
