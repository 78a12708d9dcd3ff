//! What an account knows of a number (pattern 14): its feedback, and whether it is a lead.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{read, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::LeadId;
use crate::model::feedback::Reputation;
use crate::model::phone::PhoneNumber;
use crate::model::text::{PersonName, PhoneStatus};
use crate::model::time::Instant;

/// What is known of a number on one account.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// What its feedback says.
    pub reputation: Reputation,
    /// Its lead, where there is one.
    pub(in crate::ledger) lead: Option<LeadItem>,
    /// Whether it has had its first contact.
    pub(in crate::ledger) contacted: bool,
}

impl Contact {
    /// The same number's lead, with what another number's feedback says.
    #[must_use]
    pub fn with_reputation(self, reputation: Reputation) -> Self {
        Self { reputation, ..self }
    }
}

/// A lead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::ledger) struct LeadItem {
    pub(in crate::ledger) lead_id: LeadId,
    pub(in crate::ledger) vendor_id: String,
    pub(in crate::ledger) phone: PhoneNumber,
    pub(in crate::ledger) created_at: Instant,
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
    ) -> Result<Contact, StoreError> {
        let (from, to) = keys::KNOWN;
        let items = self
            .range(
                keys::known_partition(account, phone),
                from.to_owned(),
                to.to_owned(),
            )
            .await?;
        let since = now.minus(Duration::from_secs(u64::from(Reputation::DAYS) * 86_400));
        let mut known = Contact::default();
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
