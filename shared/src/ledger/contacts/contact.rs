//! Contacts (pattern 14): what an account knows about a phone number, from feedback and earlier calls.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{read, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::{CallSid, LeadId};
use crate::model::feedback::Reputation;
use crate::model::phone::PhoneNumber;
use crate::model::text::{PersonName, PhoneStatus};
use crate::model::time::Instant;

/// What one account knows about a phone number.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// What its feedback says.
    pub reputation: Reputation,
    /// Its lead, if there is one.
    pub(in crate::ledger) lead: Option<LeadItem>,
    /// Its first contact, if it has had one.
    pub(in crate::ledger) first: Option<FirstContactItem>,
}

impl Contact {
    /// The same contact, with the feedback about another number.
    #[must_use]
    pub fn with_reputation(self, reputation: Reputation) -> Self {
        Self { reputation, ..self }
    }
}

/// A first contact: the caller's earliest inbound call, whenever that was recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::ledger) struct FirstContactItem {
    pub(in crate::ledger) call_sid: CallSid,
    /// The report that says so; its call may be joined to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::ledger) report_sid: Option<CallSid>,
    pub(in crate::ledger) phone: PhoneNumber,
    pub(in crate::ledger) contacted_at: Instant,
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
    /// The account's contact of a number.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn contact(
        &self,
        account: &AccountId,
        phone: &PhoneNumber,
        now: Instant,
    ) -> Result<Contact, StoreError> {
        let (from, to) = keys::CONTACT;
        let items = self
            .query(keys::contact_partition(account, phone))
            .between(from, to)
            .all()
            .await?;
        let since = now.minus(Duration::from_secs(u64::from(Reputation::DAYS) * 86_400));
        let mut contact = Contact::default();
        let mut named_at = None;
        for item in items {
            match text(&item, "type") {
                Some("feedback") => {
                    let feedback: FeedbackItem = read(item)?;
                    let newer = named_at.is_none_or(|at| at <= feedback.received_at);
                    if feedback.right_party && feedback.name.is_some() && newer {
                        named_at = Some(feedback.received_at);
                        contact.reputation.name = feedback.name;
                    }
                    if feedback.received_at >= since {
                        let bad = feedback.phone_status == PhoneStatus::Disconnected
                            || !feedback.right_party;
                        contact.reputation.recent += 1;
                        contact.reputation.recent_bad += u32::from(bad);
                    }
                }
                Some("lead") => contact.lead = Some(read(item)?),
                Some("first_contact") => contact.first = Some(read(item)?),
                _ => {}
            }
        }
        Ok(contact)
    }

    /// The lead and the first contact of a number, without what its feedback says.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub(in crate::ledger) async fn lead_of(
        &self,
        account: &AccountId,
        phone: &PhoneNumber,
    ) -> Result<Contact, StoreError> {
        let (from, to) = keys::LEAD_AND_FIRST;
        let items = self
            .query(keys::contact_partition(account, phone))
            .between(from, to)
            .all()
            .await?;
        let mut contact = Contact::default();
        for item in items {
            match text(&item, "type") {
                Some("lead") => contact.lead = Some(read(item)?),
                Some("first_contact") => contact.first = Some(read(item)?),
                _ => {}
            }
        }
        Ok(contact)
    }
}
