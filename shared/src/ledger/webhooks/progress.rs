//! Who delivers to an endpoint now, and how it went so far (pattern 94).
//!
//! One deliverer at a time works on an endpoint, by a lease: deliveries of a line must not overtake each other.
//! Who comes meanwhile knocks, and the holder looks once more before it gives the lease back. So an event that is
//! handed out at any moment is found by one of the two.

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, n, number, read, s, stored, text};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::update::Updated;
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::EndpointId;

const KIND: &str = "webhook_progress";

/// How often a lease is asked for, where another one ends at the same moment.
const MOST_TRIES: u32 = 3;

/// How deliveries to an endpoint went so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointProgress {
    /// The account.
    #[serde(rename = "account_id")]
    pub account: AccountId,
    /// The endpoint.
    #[serde(rename = "endpoint_id")]
    pub endpoint: EndpointId,
    /// How many attempts have failed since the last one that did not.
    pub failures: u32,
    /// Since when they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Instant>,
    /// Until when the endpoint is left in peace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until: Option<Instant>,
}

/// A lease of an endpoint.
#[derive(Clone, Debug)]
pub struct EndpointLease {
    /// How it went so far.
    pub progress: EndpointProgress,
    by: String,
}

impl EndpointLease {
    /// Returns who has it.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }
}

/// Outcome of giving a lease back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It is given back, or another deliverer's already.
    Done,
    /// Somebody knocked: there may be more to deliver.
    Knocked,
}

/// The update by which an endpoint begins anew.
pub(in crate::ledger) const RESET: &str = "SET failures = :none REMOVE failing_since, open_until";

/// The item of a new endpoint's progress.
pub(in crate::ledger) fn new_progress(
    account: &AccountId,
    endpoint: &EndpointId,
) -> Result<Item, StoreError> {
    let progress = EndpointProgress {
        account: account.clone(),
        endpoint: endpoint.clone(),
        failures: 0,
        failing_since: None,
        open_until: None,
    };
    stored(keys::endpoint_progress(account, endpoint), KIND, &progress)
}

impl Ledger {
    /// All endpoints of all accounts.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn all_webhooks(&self) -> Result<Vec<EndpointProgress>, StoreError> {
        let queries = keys::progress_partitions().map(|partition| self.query(partition).all());
        let found = futures_util::future::try_join_all(queries).await?;
        found.into_iter().flatten().map(read).collect()
    }

    /// Takes the lease of an endpoint until `until`, if nobody has it. Otherwise knocks.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn lease_webhook(
        &self,
        account: &AccountId,
        endpoint: &EndpointId,
        by: &str,
        (now, until): (Instant, Instant),
    ) -> Result<Option<EndpointLease>, StoreError> {
        let key = keys::endpoint_progress(account, endpoint);
        for _ in 0..MOST_TRIES {
            let free = "attribute_exists(pk) AND (attribute_not_exists(lease_until) OR \
                        lease_until <= :now OR lease_by = :by)";
            let taken = self
                .update_item(
                    key.clone(),
                    "SET lease_until = :until, lease_by = :by REMOVE knocked",
                    free,
                )
                .value(":until", at(until))
                .value(":by", s(by))
                .value(":now", at(now))
                .send()
                .await?;
            match taken {
                Updated::Done(item) => {
                    let progress = read(item)?;
                    let by = by.to_owned();
                    return Ok(Some(EndpointLease { progress, by }));
                }
                Updated::Refused(None) => return Ok(None),
                Updated::Refused(Some(_)) => {}
            }
            let knocked = self
                .update_item(key.clone(), "SET knocked = :now", "lease_until > :now")
                .value(":now", at(now))
                .send()
                .await?;
            if let Updated::Done(_) = knocked {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Writes how it goes, and holds the lease until `until`. Returns whether it is still this deliverer's.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn extend_webhook_lease(
        &self,
        lease: &EndpointLease,
        until: Instant,
    ) -> Result<bool, StoreError> {
        let EndpointLease { progress, by } = lease;
        let key = keys::endpoint_progress(&progress.account, &progress.endpoint);
        let moments = [
            ("failing_since", ":since", progress.failing_since),
            ("open_until", ":open", progress.open_until),
        ];
        let mut set = "SET lease_until = :until, failures = :failures".to_owned();
        let mut removed = Vec::new();
        for (name, value, moment) in &moments {
            match moment {
                Some(_) => set.push_str(&format!(", {name} = {value}")),
                None => removed.push(*name),
            }
        }
        if !removed.is_empty() {
            set.push_str(&format!(" REMOVE {}", removed.join(", ")));
        }
        let mut update = self
            .update_item(key, set, "lease_by = :by")
            .value(":until", at(until))
            .value(":failures", n(progress.failures))
            .value(":by", s(by.as_str()));
        for (_, value, moment) in moments {
            if let Some(moment) = moment {
                update = update.value(value, at(moment));
            }
        }
        Ok(matches!(update.send().await?, Updated::Done(_)))
    }

    /// Gives a lease back, unless somebody knocked meanwhile; `anyway` even then.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn release_webhook(
        &self,
        lease: &EndpointLease,
        anyway: bool,
    ) -> Result<Released, StoreError> {
        let EndpointLease { progress, by } = lease;
        let key = keys::endpoint_progress(&progress.account, &progress.endpoint);
        let condition = match anyway {
            true => "lease_by = :by",
            false => "lease_by = :by AND attribute_not_exists(knocked)",
        };
        let released = self
            .update_item(key, "REMOVE lease_until, lease_by, knocked", condition)
            .value(":by", s(by.as_str()))
            .send()
            .await?;
        Ok(match released {
            Updated::Refused(Some(found)) => {
                let own = text(&found, "lease_by") == Some(by.as_str());
                match own && number::<i64>(&found, "knocked").is_some() {
                    true => Released::Knocked,
                    false => Released::Done,
                }
            }
            Updated::Done(_) | Updated::Refused(None) => Released::Done,
        })
    }
}
