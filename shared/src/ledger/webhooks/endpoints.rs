//! Webhook endpoints of an account (pattern 90).

use serde::Deserialize;
use serde_json::json;

use crate::ledger::keys;
use crate::ledger::outcome::{Creation, Deletion, ExistsDifferent, Update};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{Item, n, read, stored};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, ALWAYS, Committed, PRESENT, Transaction};
use crate::ledger::webhooks::progress::{RESET, new_progress};
use crate::ledger::webhooks::secrets::new_secrets;
use crate::model::account::AccountId;
use crate::model::time::Instant;
use crate::model::webhook::endpoint::TokensInStandard;
use crate::model::webhook::{
    Endpoint, EndpointChange, EndpointId, EndpointState, OffReason, SigningSecret,
};

/// Why an endpoint was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointRefusal {
    /// The idempotency key was used for another endpoint.
    KeyReused,
    /// The account has as many as it can have.
    TooMany,
}

/// The writes of creating, updating and deleting an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Endpoint,
    Secrets,
    Progress,
    IdempotencyRecord,
}

impl Ledger {
    /// Creates an endpoint, whose deliveries a secret signs.
    ///
    /// What the same idempotency key created exists already, as it is now. Its secret is not told again.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn create_webhook(
        &self,
        account: &AccountId,
        endpoint: Endpoint,
        secret: SigningSecret,
        request: Option<&IdempotentRequest>,
    ) -> Result<Creation<Endpoint, EndpointRefusal>, StoreError> {
        if self.webhooks(account).await?.len() >= Endpoint::MOST {
            let earlier = match request {
                Some(request) => self
                    .get(request.key(account))
                    .await?
                    .map(|found| (request, found)),
                None => None,
            };
            return match earlier.filter(|(request, found)| request.counts(found)) {
                Some((request, found)) => self.replayed(account, endpoint, request, found).await,
                None => Ok(Creation::Refused(EndpointRefusal::TooMany)),
            };
        }
        let key = keys::endpoint(account, &endpoint.id);
        let mut transaction = Transaction::new();
        transaction.put(Tag::Endpoint, stored(key, "webhook", &endpoint)?, ABSENT);
        let secrets = new_secrets(account, &endpoint.id, secret)?;
        transaction.put(Tag::Secrets, secrets, ABSENT);
        let progress = new_progress(account, &endpoint.id)?;
        transaction.put(Tag::Progress, progress, ABSENT);
        if let Some(request) = request {
            let made = json!({ "endpoint_id": endpoint.id.as_str() }).to_string();
            request.record(
                &mut transaction,
                Tag::IdempotencyRecord,
                account,
                made,
                None,
            )?;
        }
        let Committed::Refused(mut refusals) = self.commit(transaction).await? else {
            return Ok(Creation::Created(endpoint));
        };
        match (request, refusals.take(Tag::IdempotencyRecord)) {
            (Some(request), Some(found)) => self.replayed(account, endpoint, request, found).await,
            // The id is this request's own: an earlier try of it got through and its answer was lost.
            _ => Ok(Creation::Created(endpoint)),
        }
    }

    async fn replayed(
        &self,
        account: &AccountId,
        endpoint: Endpoint,
        request: &IdempotentRequest,
        found: Item,
    ) -> Result<Creation<Endpoint, EndpointRefusal>, StoreError> {
        Ok(match request.replay(found)? {
            Creation::Created(()) => Creation::Created(endpoint),
            Creation::Exists(made) => {
                let MadeEndpoint { endpoint_id: id } = read_answer(&made)?;
                // One that was deleted since is shown as it was asked for.
                let now = self.webhook(account, &id).await?;
                Creation::Exists(now.unwrap_or(Endpoint { id, ..endpoint }))
            }
            Creation::Refused(ExistsDifferent) => Creation::Refused(EndpointRefusal::KeyReused),
        })
    }

    /// The endpoints of an account, by id.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn webhooks(&self, account: &AccountId) -> Result<Vec<Endpoint>, StoreError> {
        let query = self.query(keys::account_partition(account));
        let found = query.prefix(keys::ENDPOINTS).all().await?;
        found.into_iter().map(read).collect()
    }

    /// One endpoint of an account.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn webhook(
        &self,
        account: &AccountId,
        id: &EndpointId,
    ) -> Result<Option<Endpoint>, StoreError> {
        let item = self.get(keys::endpoint(account, id)).await?;
        item.map(read).transpose()
    }

    /// Changes an endpoint. If somebody else was faster, the change is applied to what they left. One that is
    /// enabled begins anew: its circuit is closed.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn update_webhook(
        &self,
        account: &AccountId,
        id: &EndpointId,
        change: &EndpointChange,
        now: Instant,
    ) -> Result<Update<Endpoint, TokensInStandard>, StoreError> {
        let mut retry = Retry::planning("this webhook").within(self.patience);
        loop {
            retry.next().await?;
            let Some(endpoint) = self.webhook(account, id).await? else {
                return Ok(Update::NotFound);
            };
            let mut new = match change.applied_to(&endpoint, now) {
                Ok(new) => new,
                Err(refused) => return Ok(Update::Refused(refused)),
            };
            if new == endpoint {
                return Ok(Update::Updated(new));
            }
            new.revision += 1;
            let item = |endpoint: &Endpoint| {
                stored(keys::endpoint(account, &endpoint.id), "webhook", endpoint)
            };
            let (old, item) = (item(&endpoint)?, item(&new)?);
            let mut transaction = Transaction::new();
            transaction
                .rewrite(Tag::Endpoint, "webhook", &old, item, "revision = :before")
                .value(":before", n(endpoint.revision));
            if change.status == Some(EndpointState::Enabled) {
                let progress = keys::endpoint_progress(account, id);
                transaction
                    .update(Tag::Progress, progress, RESET, PRESENT)
                    .value(":none", n(0_u32));
            }
            if let Committed::Done = self.commit_plan(transaction, &retry).await? {
                return Ok(Update::Updated(new));
            }
        }
    }

    /// Disables an endpoint for a reason, unless it is disabled already. Returns whether this did it.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn switch_off_webhook(
        &self,
        account: &AccountId,
        endpoint: &Endpoint,
        reason: OffReason,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut new = endpoint.clone().switched_off(reason, now);
        if new == *endpoint {
            return Ok(false);
        }
        new.revision += 1;
        let item = |endpoint: &Endpoint| {
            stored(keys::endpoint(account, &endpoint.id), "webhook", endpoint)
        };
        let mut transaction = Transaction::new();
        transaction
            .rewrite(
                Tag::Endpoint,
                "webhook",
                &item(endpoint)?,
                item(&new)?,
                "revision = :before",
            )
            .value(":before", n(endpoint.revision));
        Ok(matches!(self.commit(transaction).await?, Committed::Done))
    }

    /// Deletes an endpoint. What was to be delivered to it is not.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn delete_webhook(
        &self,
        account: &AccountId,
        id: &EndpointId,
    ) -> Result<Deletion, StoreError> {
        if self.webhook(account, id).await?.is_none() {
            return Ok(Deletion::NotFound);
        }
        let mut transaction = Transaction::new();
        transaction.delete(Tag::Endpoint, keys::endpoint(account, id), PRESENT);
        transaction.delete(Tag::Secrets, keys::signing_secrets(account, id), ALWAYS);
        transaction.delete(Tag::Progress, keys::endpoint_progress(account, id), ALWAYS);
        match self.commit(transaction).await? {
            Committed::Done | Committed::Refused(_) => Ok(Deletion::Deleted),
        }
    }
}

/// What an idempotency record says of an endpoint: no secret is in it.
#[derive(Deserialize)]
struct MadeEndpoint {
    endpoint_id: EndpointId,
}

fn read_answer(answer: &str) -> Result<MadeEndpoint, StoreError> {
    serde_json::from_str(answer).map_err(|error| {
        StoreError::Broken(format!("the answer of an idempotency record: {error}"))
    })
}
