//! What an account knows of a number (pattern 14): its feedback, and whether it is a lead.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::item::{read, text};
use super::{Ledger, StoreError, keys};
use crate::model::account::AccountId;
use crate::model::call::LeadId;
use crate::model::feedback::Reputation;
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
