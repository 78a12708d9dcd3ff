//! Contacts (pattern 14): what an account knows about a phone number, from feedback and earlier calls.

use serde::{Deserialize, Serialize};

use crate::ledger::contacts::feedback_sums::{is_summed, recent, recent_of};
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::{CallSid, LeadId};
use crate::model::feedback::Reputation;
use crate::model::phone::PhoneNumber;
use crate::model::text::PersonName;
use crate::model::time::Instant;

/// How many pieces of feedback are read of a number whose feedback has no sums yet: two read units.
const SAMPLE: usize = 24;

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
    /// When it ends, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::ledger) expires_at: Option<i64>,
}

/// A lead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::ledger) struct LeadItem {
    pub(in crate::ledger) lead_id: LeadId,
    pub(in crate::ledger) vendor_id: String,
    pub(in crate::ledger) phone: PhoneNumber,
    pub(in crate::ledger) created_at: Instant,
    /// When it ends, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::ledger) expires_at: Option<i64>,
}

#[derive(Deserialize)]
struct LatestItem {
    name: Option<PersonName>,
}

impl Ledger {
    /// The account's contact of a number. It reads four small items, however much feedback there is.
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
        let mut contact = Contact::default();
        for item in items {
            match text(&item, "type") {
                Some("latest_feedback") => {
                    contact.reputation = self.reputation(account, phone, item, now).await?;
                }
                Some("lead") => contact.lead = Some(read(item)?),
                Some("first_contact") => contact.first = Some(read(item)?),
                _ => {}
            }
        }
        Ok(contact)
    }

    /// What the latest feedback about a number and its sums say. Where a version without sums wrote it, they
    /// are those of [`SAMPLE`] pieces of feedback, until the next one counts them all.
    async fn reputation(
        &self,
        account: &AccountId,
        phone: &PhoneNumber,
        latest: Item,
        now: Instant,
    ) -> Result<Reputation, StoreError> {
        let (recent, recent_bad) = if is_summed(&latest) {
            recent(&latest, now)
        } else {
            let query = self.query(keys::contact_partition(account, phone));
            let page = query.prefix(keys::FEEDBACK).limit(SAMPLE).page().await?;
            recent_of(&page.items, now)
        };
        let LatestItem { name } = read(latest)?;
        Ok(Reputation {
            name,
            recent,
            recent_bad,
        })
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
        let (from, to) = keys::CONTACT;
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
