//! For which pairs a credential has sent a call id (pattern 39): a bill with the id of another pair's bill is
//! another bill, and flagged `id_reused`.
//!
//! The record holds the first pair and whether there was another. That is enough: once there were two, every
//! bill with the id is one whose id was sent for another pair. A client that sends one id with every call
//! therefore writes the record twice, and then once a day, so it never grows or gathers writes.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::ledger::calls::tag::Tag;
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, read, s, stored};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Transaction};
use crate::model::account::AccountId;
use crate::model::id::CredentialId;
use crate::model::idempotency::SAME_BILL;
use crate::model::pair::Pair;
use crate::model::pair::external_id::ExternalId;
use crate::model::time::Instant;

/// How often the record is written although it says nothing new, so that it lasts.
const RENEWED: Duration = Duration::from_secs(86_400);

/// The record of a credential's call id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::ledger) struct SentId {
    /// The pair that it was first sent for.
    sent_for: String,
    /// Whether it was sent for another one since.
    for_others: bool,
    /// When a bill with it was noted last.
    noted_at: Instant,
    /// Until when it counts.
    counts_until: Instant,
    /// The same in seconds, for the table's own clean-up.
    expires_at: i64,
}

fn name_of(pair: &Pair) -> String {
    format!("{}#{}", pair.to.as_e164(), pair.from.as_str())
}

impl SentId {
    fn new(sent_for: String, for_others: bool, now: Instant) -> Self {
        let counts_until = now.plus(SAME_BILL).plus(RENEWED);
        Self {
            sent_for,
            for_others,
            noted_at: now,
            counts_until,
            // Rounded down, so one second more keeps it until its last millisecond has passed.
            expires_at: counts_until.seconds() + 1,
        }
    }

    /// Whether the credential has sent the id for another pair than this one.
    pub(in crate::ledger) fn is_of_another(&self, pair: &Pair, now: Instant) -> bool {
        let counts = now <= self.counts_until;
        counts && (self.for_others || self.sent_for != name_of(pair))
    }
}

impl Ledger {
    /// For which pairs a credential has sent a call id.
    pub(in crate::ledger) async fn sent_id(
        &self,
        account: &AccountId,
        credential: &CredentialId,
        id: &ExternalId,
    ) -> Result<Option<SentId>, StoreError> {
        let item = self.get(keys::sent_id(account, credential, id)).await?;
        item.map(read).transpose()
    }
}

/// Adds the write that notes a bill with a call id, if its record has to change; refused if the record is
/// not `seen` any more.
pub(in crate::ledger) fn write_sent(
    transaction: &mut Transaction<Tag>,
    (account, credential): (&AccountId, &CredentialId),
    id: &ExternalId,
    pair: &Pair,
    seen: Option<&SentId>,
    now: Instant,
) -> Result<(), StoreError> {
    let key = keys::sent_id(account, credential, id);
    let counting = seen.filter(|seen| now <= seen.counts_until);
    let new = match counting {
        None => SentId::new(name_of(pair), false, now),
        Some(seen) => {
            let others = seen.is_of_another(pair, now);
            if others == seen.for_others && now < seen.noted_at.plus(RENEWED) {
                return Ok(());
            }
            SentId::new(seen.sent_for.clone(), others, now)
        }
    };
    let item = stored(key.clone(), "sent_id", &new)?;
    let Some(seen) = seen else {
        transaction.put(Tag::SentId, item, ABSENT);
        return Ok(());
    };
    let same = "noted_at = :noted AND sent_for = :for AND for_others = :others";
    let old = stored(key, "sent_id", seen)?;
    transaction
        .rewrite(Tag::SentId, "sent_id", &old, item, same)
        .value(":noted", at(seen.noted_at))
        .value(":for", s(seen.sent_for.as_str()))
        .value(":others", AttributeValue::Bool(seen.for_others));
    Ok(())
}
