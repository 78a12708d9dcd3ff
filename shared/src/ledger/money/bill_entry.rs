//! A bill, and the entry that it becomes.

use std::net::IpAddr;

use crate::ledger::contacts::contact::Contact;
use crate::ledger::money::cost::CostRow;
use crate::model::account::{Account, Rebill};
use crate::model::call::{Bill, CallSid, CostId, Direction, LeadId, LeadRef};
use crate::model::credential::Credential;
use crate::model::fence::DidRefusal;
use crate::model::id::Guid;
use crate::model::pair::Pair;
use crate::model::pair::entry::{CostEntry, Dating, State};
use crate::model::phone::PhoneNumber;
use crate::model::text::IdempotencyKey;
use crate::model::time::{CallDate, Instant};
use crate::model::vendor::VendorId;

/// A bill with everything that decides about it.
pub struct BillEntry<'a> {
    /// Whose call it is.
    pub account: &'a Account,
    /// Who sends the bill.
    pub credential: &'a Credential,
    /// From where.
    pub address: Option<IpAddr>,
    /// What it says.
    pub bill: &'a Bill,
    /// The client's idempotency key.
    pub key: Option<&'a IdempotencyKey>,
    /// The request.
    pub guid: Guid,
    /// Now.
    pub now: Instant,
}

/// What a bill is answered with.
#[derive(Clone, Debug)]
pub struct Billed {
    /// The id of its entry.
    pub cost_id: CostId,
    /// The call that it found.
    pub call_sid: Option<CallSid>,
    /// The vendor whose cost it is.
    pub vendor_id: Option<VendorId>,
    /// The lead of the call that it found.
    pub lead: Option<LeadRef>,
    /// When the call was billed.
    pub date_billed: Instant,
    /// When the call took place, as far as the bill says.
    pub call_date: Instant,
    /// Whether it is in force on a call beside another vendor's cost.
    pub two_vendors: bool,
}

/// Why a bill is not recorded, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillRefusal {
    /// Its idempotency key came before with another bill.
    ExistsDifferent,
    /// The credential may not bill the DID.
    Did(DidRefusal),
    /// The account takes bills for its registered numbers only, and the DID is none of them.
    NotRegistered,
}

impl BillEntry<'_> {
    /// The pair that it is for.
    pub(in crate::ledger) fn pair(&self) -> Pair {
        Pair::inbound(self.bill.cid.clone(), self.bill.did.clone())
    }

    /// When the call was billed.
    #[must_use]
    pub fn date_billed(&self) -> Instant {
        self.bill.date_billed.unwrap_or(self.now)
    }

    /// When the call took place, as far as the bill says.
    #[must_use]
    pub fn call_date(&self) -> Instant {
        self.bill.call_date.map_or(self.now, CallDate::shown)
    }

    /// The time by which its call is found, and what the bill says about that.
    pub(in crate::ledger) fn moment(&self) -> (Instant, Dating) {
        match self.bill.call_date {
            None => (self.now, Dating::None),
            Some(CallDate::Moment(moment)) => (moment, Dating::Moment),
            Some(CallDate::Day { begins, ends }) if begins <= self.now => {
                (ends.min(self.now), Dating::Day)
            }
            Some(CallDate::Day { ends, .. }) => (ends, Dating::Day),
        }
    }

    /// The vendor whose cost it is: the credential's, or else the number's.
    pub(in crate::ledger) fn vendor(&self, of_number: Option<&VendorId>) -> Option<VendorId> {
        self.credential.vendor.as_ref().or(of_number).cloned()
    }

    /// Its entry, before it is decided where that belongs.
    pub(in crate::ledger) fn entry(
        &self,
        cost_id: CostId,
        reprices: Option<CostId>,
        vendor: Option<&VendorId>,
        turn: u64,
    ) -> CostEntry {
        let withheld = self.pair().is_withheld();
        let (moment, dating) = self.moment();
        CostEntry {
            cost_id,
            moment,
            dating,
            window_days: match withheld {
                true => 1,
                false => self.account.billing_window_days,
            },
            received_at: self.now,
            turn,
            biller: match vendor {
                Some(vendor) => format!("vendor:{}", vendor.as_str()),
                None => format!("credential:{}", self.credential.id.as_str()),
            },
            amount: self.bill.cost,
            date_billed: self.date_billed(),
            noted: self.bill.notes.is_some(),
            call_id: self.bill.call_id.clone(),
            reprices,
            adds: withheld || self.account.rebill == Rebill::Add,
            next_price: None,
            repriced: false,
            void: false,
            pin: None,
            other_pair: false,
            state: State::InForce,
        }
    }

    /// The row of its entry.
    pub(in crate::ledger) fn row(
        &self,
        entry: CostEntry,
        call: Option<CallSid>,
        vendor: Option<VendorId>,
    ) -> CostRow {
        CostRow {
            entry,
            notes: self.bill.notes.clone(),
            call_to: self.bill.did.clone(),
            call_from: self.bill.cid.as_str().to_owned(),
            direction: Direction::Inbound,
            call_sid: call,
            vendor_id: vendor,
            credential_id: Some(self.credential.id.as_str().to_owned()),
            method_id: Some(self.credential.name.clone()),
            label: Some(self.credential.label.clone()).filter(|label| !label.is_empty()),
            call_date: self.call_date(),
            ip_address: self.address.map(|address| address.to_string()),
            id_reused: false,
            maybe_second: false,
            other_price: false,
            archived: false,
            crowded: false,
            two_vendors: false,
            expectation: None,
            former_id: None,
            guid: self.guid.to_string(),
            history: Vec::new(),
        }
    }

    /// What it is answered with, given the call that it found, and who called and what is known of that
    /// caller.
    pub(in crate::ledger) fn answered(
        &self,
        cost_id: &CostId,
        (caller, contact): (Option<&PhoneNumber>, &Contact),
        vendor: Option<&VendorId>,
        call: Option<&CallSid>,
    ) -> Billed {
        let found = call.cloned();
        let lead = caller.zip(call).map(|(phone, call)| {
            let lead = contact.lead.as_ref();
            let first = contact.first.as_ref();
            LeadRef {
                lead_id: LeadId::of(&self.account.sid, phone),
                vendor_id: lead.map_or_else(
                    || self.account.vendor_id.clone(),
                    |lead| lead.vendor_id.clone(),
                ),
                first_contact: first.is_some_and(|first| first.call_sid == *call),
            }
        });
        Billed {
            cost_id: cost_id.clone(),
            call_sid: found,
            vendor_id: vendor.cloned(),
            lead,
            date_billed: self.date_billed(),
            call_date: self.call_date(),
            two_vendors: false,
        }
    }
}
