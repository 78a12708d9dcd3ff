//! What an account knows of a number (pattern 14): its feedback, and whether it is a lead.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::item::{at, key, n, read, s, text};
use super::{Ledger, StoreError, keys, translate};
use crate::model::account::AccountId;
use crate::model::call::LeadId;
use crate::model::feedback::{Feedback, Reputation};
use crate::model::id::CredentialId;
use crate::model::phone::PhoneNumber;
use crate::model::text::{PersonName, PhoneStatus};
use crate::model::time::Instant;

/// What is known of a number on one account.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What its feedback says.
    pub reputation: Reputation,
    /// Its lead, where there is one.
    pub(super) lead: Option<LeadItem>,
    /// Whether it has had its first contact.
    pub(super) contacted: bool,
}

impl Known {
    /// The same number's lead, with what another number's feedback says.
    #[must_use]
    pub fn with_reputation(self, reputation: Reputation) -> Self {
        Self { reputation, ..self }
    }
}

/// A lead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LeadItem {
    pub(super) lead_id: LeadId,
    pub(super) vendor_id: String,
    pub(super) phone: PhoneNumber,
    pub(super) created_at: Instant,
}

#[derive(Deserialize)]
struct FeedbackItem {
    name: Option<PersonName>,
    phone_status: PhoneStatus,
    right_party: bool,
    received_at: Instant,
}

impl Ledger {
    /// Keeps a piece of feedback; the same response and number again replaces the earlier one, and of
    /// two that cross on the way the one received later stays.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep_feedback(
        &self,
        account: &AccountId,
        credential: &CredentialId,
        feedback: &Feedback,
        now: Instant,
    ) -> Result<(), StoreError> {
        let (set_name, name) = match &feedback.name {
            Some(name) => (", #name = :name", Some(s(name.as_str()))),
            None => (" REMOVE #name", None),
        };
        let expression = format!(
            "SET #type = :type, v = :v, response_id = :response, phone = :phone, \
             phone_status = :status, right_party = :right, credential_id = :credential, \
             received_at = :now, \
             first_received_at = if_not_exists(first_received_at, :now){set_name}"
        );
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::feedback(
                account,
                &feedback.phone,
                &feedback.response_id,
            ))))
            .update_expression(expression)
            .condition_expression("attribute_not_exists(pk) OR received_at <= :now")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":type", s("feedback"))
            .expression_attribute_values(":v", n(1))
            .expression_attribute_values(":response", s(feedback.response_id.as_str()))
            .expression_attribute_values(":phone", s(feedback.phone.as_e164()))
            .expression_attribute_values(":status", s(feedback.status.as_str()))
            .expression_attribute_values(":right", AttributeValue::Bool(feedback.right_party))
            .expression_attribute_values(":credential", s(credential.as_str()))
            .expression_attribute_values(":now", at(now));
        if let Some(name) = name {
            update = update.expression_attribute_values(":name", name);
        }
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // Newer feedback is there already: the newest wins, and this one has been received.
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(translate(error)),
            },
        }
    }

    /// What the account knows of a number.
    ///
    /// # Errors
    /// The store's.
    pub async fn known(
        &self,
        account: &AccountId,
        phone: &PhoneNumber,
        now: Instant,
    ) -> Result<Known, StoreError> {
        let (from, to) = keys::KNOWN;
        let items = self
            .range(
                keys::known_partition(account, phone),
                from.to_owned(),
                to.to_owned(),
            )
            .await?;
        let since = now.minus(Duration::from_secs(u64::from(Reputation::DAYS) * 86_400));
        let mut known = Known::default();
        let mut named_at = None;
        for item in items {
            match text(&item, "type") {
                Some("feedback") => {
                    let feedback: FeedbackItem = read(item)?;
                    let newer = named_at.is_none_or(|at| at <= feedback.received_at);
                    if feedback.right_party && feedback.name.is_some() && newer {
                        named_at = Some(feedback.received_at);
                        known.reputation.name = feedback.name;
                    }
                    if feedback.received_at >= since {
                        let bad = feedback.phone_status == PhoneStatus::Disconnected
                            || !feedback.right_party;
                        known.reputation.recent += 1;
                        known.reputation.recent_bad += u32::from(bad);
                    }
                }
                Some("lead") => known.lead = Some(read(item)?),
                Some("first_contact") => known.contacted = true,
                _ => {}
            }
        }
        Ok(known)
    }
}
