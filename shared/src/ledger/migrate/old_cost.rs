//! A cost as the version before wrote it.

use sha2::{Digest, Sha256};

use crate::ledger::migrate::old_call::{Unreadable, caller};
use crate::ledger::money::cost::CostRow;
use crate::ledger::money::import::{IMPORT, id_of};
use crate::ledger::summary::facts::decimal;
use crate::ledger::table::item::{Item, instant, text};
use crate::model::account::{Account, Rebill};
use crate::model::call::{CallSid, CostId, Direction};
use crate::model::cost::Cost;
use crate::model::credential::{Credential, CredentialKind};
use crate::model::pair::Pair;
use crate::model::pair::entry::{CostEntry, Dating, State};
use crate::model::pair::external_id::ExternalId;
use crate::model::phone::PhoneNumber;
use crate::model::text::Notes;
use crate::model::time::{CallDate, DateOrder, Instant};
use crate::model::vendor::VendorId;

/// A cost of the version before.
pub(super) struct OldCost {
    /// The id that was acknowledged; none of an imported cost, which had none.
    pub(super) id: Option<CostId>,
    pub(super) pair: Pair,
    /// The caller as it was stored.
    from: String,
    pub(super) amount: Cost,
    pub(super) date_billed: Instant,
    pub(super) call_date: Instant,
    pub(super) received_at: Instant,
    pub(super) notes: Option<Notes>,
    /// The public name of the credential.
    method_id: Option<String>,
    address: Option<String>,
    /// The report of the imported call that it is the cost of.
    pub(super) report: Option<CallSid>,
    external_id: Option<ExternalId>,
    guid: String,
}

/// Whether an item is a cost of the version before.
pub(super) fn is_old(item: &Item) -> bool {
    text(item, "type") == Some("cost") && !item.contains_key("state")
}

impl OldCost {
    /// Reads a cost.
    pub(super) fn read(item: &Item) -> Result<Self, Unreadable> {
        let to = text(item, "call_to").and_then(|to| PhoneNumber::from_stored(to).ok());
        let from = text(item, "call_from").unwrap_or_default();
        let imported = text(item, "method") == Some(IMPORT);
        let id = text(item, "cost_id").and_then(|id| CostId::parse(id).ok());
        if id.is_none() && !imported {
            return Err("its id cannot be read");
        }
        let amount = item.get("cost").and_then(|cost| cost.as_n().ok());
        let amount = amount.and_then(|digits| decimal(digits));
        let amount = amount.and_then(|amount| Cost::from_decimal(amount).ok());
        let report = text(item, "call_sid").and_then(|sid| CallSid::parse(sid).ok());
        Ok(Self {
            id: id.filter(|_| !imported),
            pair: Pair {
                direction: match text(item, "direction") {
                    Some("outbound") => Direction::Outbound,
                    _ => Direction::Inbound,
                },
                from: caller(from).ok_or("its caller cannot be read")?,
                to: to.ok_or("the number that was called cannot be read")?,
            },
            from: from.to_owned(),
            amount: amount.ok_or("its amount cannot be read")?,
            date_billed: instant(item, "date_billed").ok_or("when it was billed cannot be read")?,
            call_date: instant(item, "call_date").ok_or("its call date cannot be read")?,
            received_at: instant(item, "recorded_at").ok_or("its receipt cannot be read")?,
            notes: text(item, "notes").and_then(|notes| Notes::parse(notes).ok()),
            method_id: text(item, "method_id").map(str::to_owned),
            address: text(item, "ip_address").map(str::to_owned),
            report: report.filter(|_| imported),
            external_id: text(item, "external_id")
                .and_then(|id| ExternalId::parse(id).ok().flatten()),
            guid: text(item, "guid").unwrap_or_default().to_owned(),
        })
    }

    /// The credential that sent it.
    pub(super) fn credential<'a>(&self, credentials: &'a [Credential]) -> Option<&'a Credential> {
        let name = self.method_id.as_ref()?;
        let mut credentials = credentials.iter();
        credentials.find(|one| one.kind == CredentialKind::Tld && one.name == *name)
    }

    /// The id of its entry, which holds when it was billed and where it is listed. It is the id that was
    /// acknowledged where that says just this, and else derived from it. `tried` counts ids that were taken.
    pub(super) fn entry_id(&self, account: &Account, tried: u32) -> CostId {
        if let Some(report) = &self.report {
            return id_of(report, self.date_billed, tried);
        }
        let former = self.id.as_ref().map_or("", CostId::as_str);
        if let Some(id) = &self.id
            && id.billed() == self.date_billed
            && id.shard() < account.shards
            && tried == 0
        {
            return id.clone();
        }
        let digest = Sha256::digest(format!("{former}#{tried}"));
        let mut bytes = digest.iter().copied();
        let shard = bytes.next().unwrap_or(0) % account.shards.max(1);
        let random = bytes.take(4);
        let random = random.fold(0_u32, |number, byte| number << 8 | u32::from(byte));
        CostId::new(self.date_billed, shard, random)
    }

    /// When its call took place, as far as its bill said. A bill that said a day alone was recorded with the
    /// day's midnight.
    pub(super) fn said_date(&self, account: &Account) -> Option<CallDate> {
        if self.call_date == self.received_at {
            return None;
        }
        let local = self.call_date.local(&account.zone);
        let day = local
            .get(..10)
            .and_then(|day| CallDate::parse(day, &account.zone, DateOrder::Mdy).ok());
        match day {
            Some(day) if self.report.is_none() && day.shown() == self.call_date => Some(day),
            _ => Some(CallDate::Moment(self.call_date)),
        }
    }

    /// The time by which its call is found, and what its bill said about that.
    fn moment(&self, account: &Account) -> (Instant, Dating) {
        if self.report.is_some() {
            return (self.call_date, Dating::Moment);
        }
        match self.said_date(account) {
            None => (self.received_at, Dating::None),
            Some(CallDate::Moment(moment)) => (moment, Dating::Moment),
            Some(CallDate::Day { begins, ends }) if begins <= self.received_at => {
                (ends.min(self.received_at), Dating::Day)
            }
            Some(CallDate::Day { ends, .. }) => (ends, Dating::Day),
        }
    }

    /// Its entry, before it is decided where that belongs.
    pub(super) fn entry(
        &self,
        account: &Account,
        credential: Option<&Credential>,
        vendor: Option<&VendorId>,
        cost_id: CostId,
        turn: u64,
    ) -> CostEntry {
        let withheld = self.pair.is_withheld();
        let (moment, dating) = self.moment(account);
        let biller = match (vendor, credential, &self.method_id) {
            (Some(vendor), ..) => format!("vendor:{}", vendor.as_str()),
            (None, Some(credential), _) => format!("credential:{}", credential.id.as_str()),
            (None, None, Some(name)) if self.report.is_none() => format!("credential:{name}"),
            (None, None, _) => IMPORT.to_owned(),
        };
        CostEntry {
            cost_id,
            moment,
            dating,
            window_days: if withheld {
                1
            } else {
                account.billing_window_days
            },
            received_at: self.received_at,
            turn,
            biller,
            amount: self.amount,
            date_billed: self.date_billed,
            noted: self.notes.is_some(),
            call_id: self.external_id.clone(),
            reprices: None,
            adds: withheld || account.rebill == Rebill::Add,
            next_price: None,
            repriced: false,
            void: false,
            pin: None,
            other_pair: false,
            state: State::InForce,
        }
    }

    /// The row of its entry.
    pub(super) fn row(
        &self,
        entry: CostEntry,
        call: Option<CallSid>,
        credential: Option<&Credential>,
        vendor: Option<VendorId>,
        crowded: bool,
    ) -> CostRow {
        let label = credential.map(|credential| credential.label.clone());
        let label = label.filter(|label| !label.is_empty());
        let report = self.report.as_ref().map(|sid| sid.as_str().to_owned());
        let former_id = self.id.clone().filter(|id| *id != entry.cost_id);
        CostRow {
            entry,
            notes: self.notes.clone(),
            call_to: self.pair.to.clone(),
            call_from: self.pair.from.as_str().to_owned(),
            direction: self.pair.direction,
            call_sid: call,
            vendor_id: vendor,
            credential_id: credential.map(|credential| credential.id.as_str().to_owned()),
            method_id: self.method_id.clone(),
            label: report.or(label),
            call_date: self.call_date,
            ip_address: self.address.clone(),
            id_reused: false,
            maybe_second: false,
            other_price: false,
            crowded,
            archived: false,
            former_id,
            two_vendors: false,
            expectation: None,
            guid: self.guid.clone(),
            history: Vec::new(),
        }
    }

    /// The caller as it was stored.
    pub(super) fn stored_caller(&self) -> &str {
        &self.from
    }
}
