//! Bills (patterns 10 and 16 to 18): what is a repeat, what is a new price, and everything else that a bill
//! changes, in one transaction.

use std::net::IpAddr;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::{self, FutureExt};

use crate::ids;
use crate::ledger::calls::change::{Act, PairChange};
use crate::ledger::calls::contact::Caller;
use crate::ledger::calls::pair::PairState;
use crate::ledger::calls::record::MOST_WRITES;
use crate::ledger::calls::tag::Tag;
use crate::ledger::contacts::contact::Contact;
use crate::ledger::keys;
use crate::ledger::money::bill_id::{KnownId, LastBill, answer_of, write_last};
use crate::ledger::money::cost::CostRow;
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::{Item, text, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, PRESENT, Transaction};
use crate::model::account::{Account, AccountId, Rebill};
use crate::model::call::{Bill, CallSid, CostId, LeadId, LeadRef};
use crate::model::credential::Credential;
use crate::model::fence::{DidRefusal, may_bill};
use crate::model::id::Guid;
use crate::model::idempotency::{IdempotencyRecord, SAME_BILL};
use crate::model::pair::Pair;
use crate::model::pair::entry::{CostEntry, Dating, State};
use crate::model::pair::settle::Slice;
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
    fn pair(&self) -> Pair {
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
    fn moment(&self) -> (Instant, Dating) {
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
    fn vendor(&self, of_number: Option<&VendorId>) -> Option<VendorId> {
        self.credential.vendor.as_ref().or(of_number).cloned()
    }

    fn entry(
        &self,
        cost_id: CostId,
        reprices: Option<CostId>,
        vendor: Option<&VendorId>,
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
            biller: match vendor {
                Some(vendor) => format!("vendor:{}", vendor.as_str()),
                None => format!("credential:{}", self.credential.id.as_str()),
            },
            amount: self.bill.cost,
            date_billed: self.date_billed(),
            notes: self.bill.notes.clone(),
            call_id: self.bill.call_id.clone(),
            reprices,
            adds: withheld || self.account.rebill == Rebill::Add,
            repriced: false,
            void: false,
            pin: None,
            state: State::InForce,
        }
    }

    fn row(
        &self,
        entry: CostEntry,
        call: Option<CallSid>,
        vendor: Option<VendorId>,
        crowded: bool,
    ) -> CostRow {
        CostRow {
            entry,
            call_to: self.bill.did.clone(),
            call_from: self.bill.cid.as_str().to_owned(),
            call_sid: call,
            vendor_id: vendor,
            credential_id: Some(self.credential.id.as_str().to_owned()),
            method_id: Some(self.credential.name.clone()),
            label: Some(self.credential.label.clone()).filter(|label| !label.is_empty()),
            call_date: self.call_date(),
            ip_address: self.address.map(|address| address.to_string()),
            id_reused: false,
            maybe_second: false,
            crowded,
            two_vendors: false,
            guid: self.guid.to_string(),
            history: Vec::new(),
        }
    }

    /// What was read for it.
    fn answered(&self, cost_id: &CostId, read: &Read, call: Option<&CallSid>) -> Billed {
        let contact = &read.contact;
        let found = call.cloned();
        let lead = self.bill.cid.number().zip(call).map(|(phone, call)| {
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
            vendor_id: read.vendor.clone(),
            lead,
            date_billed: self.date_billed(),
            call_date: self.call_date(),
        }
    }
}

/// What a bill's plan stands on.
struct Read {
    state: PairState,
    contact: Contact,
    known: KnownId,
    /// The vendor of the number that was called.
    of_number: Option<VendorId>,
    /// The vendor whose cost it is.
    vendor: Option<VendorId>,
}

impl Ledger {
    /// Records a bill once: its entry, and what changes with it. `answer` makes the answer to the request.
    /// The outcome holds the answer to give: this one, or the one that the same bill was given before.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again,
    /// and the error of `answer`.
    pub async fn record_bill<E: From<StoreError>>(
        &self,
        bill: &BillEntry<'_>,
        answer: impl Fn(&Billed) -> Result<String, E>,
    ) -> Result<Creation<String, BillRefusal>, E> {
        let account = &bill.account.id;
        let pair = bill.pair();
        let record = IdempotencyRecord::of_bill(
            bill.credential,
            bill.key,
            bill.bill,
            bill.account,
            bill.now,
        );
        let request = record
            .clone()
            .map(|record| IdempotentRequest::new(record, bill.guid, bill.now));
        let shard = ids::shard(bill.account.shards);
        let mut cost_id = ids::cost_id(bill.date_billed(), shard);
        let mut retry = Retry::planning("the calls of this pair").within(self.patience);
        loop {
            retry.next().await?;
            let mut read = self.read_for(bill, &pair, &cost_id).await?;
            if let Err(refusal) = may_bill(bill.credential, &bill.bill.did, read.of_number.as_ref())
            {
                return Ok(Creation::Refused(BillRefusal::Did(refusal)));
            }
            let last = read.known.last.clone();
            let last = last.filter(|last| bill.now <= last.received_at.plus(SAME_BILL));
            let ours = |last: &LastBill| last.cost_id == cost_id;
            if let Some(last) = last
                .as_ref()
                .filter(|last| !ours(last) && last.amount == bill.bill.cost)
            {
                return self
                    .repeat_of_id(bill, request.as_ref(), last, &read, answer)
                    .await;
            }
            let reprices = last.filter(|last| !ours(last)).map(|last| last.cost_id);
            if let Some(earlier) = &reprices {
                self.add_entry_of(account, &pair, &mut read.state, earlier)
                    .await?;
            }
            let entry = bill.entry(cost_id.clone(), reprices, read.vendor.as_ref());
            let mut after = read.state.slice.clone();
            let call = after.add_entry(entry.clone());
            let billed = bill.answered(&cost_id, &read, call.as_ref());
            let text_of_answer = answer(&billed)?;
            let transaction = self.bill_transaction(
                bill,
                &pair,
                &read,
                &after,
                &entry,
                request.as_ref(),
                record.as_ref(),
                &text_of_answer,
            )?;
            if transaction.len() > MOST_WRITES {
                let crowded = "a bill changes more entries than one transaction writes".to_owned();
                return Err(StoreError::Broken(crowded).into());
            }
            let Committed::Refused(mut refusals) = self.commit_plan(transaction, &retry).await?
            else {
                return Ok(Creation::Created(text_of_answer));
            };
            let earlier = refusals.take(Tag::Idempotency);
            if let (Some(request), Some(earlier)) = (&request, earlier) {
                let first = earlier.clone();
                match request.replay(earlier)? {
                    Creation::Created(()) => return Ok(Creation::Created(text_of_answer)),
                    Creation::Exists(answer) => {
                        self.note_repeat(bill, &pair, &read, &first).await?;
                        return Ok(Creation::Exists(answer));
                    }
                    Creation::Refused(ExistsDifferent) => {
                        return Ok(Creation::Refused(BillRefusal::ExistsDifferent));
                    }
                }
            }
            if let Some(cost) = refusals.item(Tag::Entry) {
                if written_by(cost, bill.guid) {
                    return Ok(Creation::Created(text_of_answer));
                }
                // A new id is taken about once in four thousand pairs of bills of one millisecond.
                cost_id = ids::cost_id(bill.date_billed(), shard);
            }
            if refusals.contains(Tag::RegisteredNumber) {
                return Ok(Creation::Refused(BillRefusal::NotRegistered));
            }
        }
    }

    /// Reads everything that a bill depends on, at once.
    async fn read_for(
        &self,
        bill: &BillEntry<'_>,
        pair: &Pair,
        cost_id: &CostId,
    ) -> Result<Read, StoreError> {
        let account = &bill.account.id;
        let entry = bill.entry(cost_id.clone(), None, None);
        let contact = match pair.lead() {
            Some(phone) => self.lead_of(account, phone).left_future(),
            None => future::ready(Ok(Contact::default())).right_future(),
        };
        let known = match &bill.bill.call_id {
            Some(id) => self
                .known_id(account, pair, id, &bill.credential.id)
                .left_future(),
            None => future::ready(Ok(KnownId::default())).right_future(),
        };
        let state = self.pair_of_entry(account, pair, &entry);
        let periods = self.number_vendor(account, &bill.bill.did);
        let (mut state, contact, known, periods) =
            futures_util::try_join!(state, contact, known, periods)?;
        let (moment, _) = bill.moment();
        let of_number = periods.and_then(|periods| periods.at(moment).cloned());
        self.add_calls(account, pair, &mut state, &known.calls)
            .await?;
        Ok(Read {
            state,
            contact,
            known,
            vendor: bill.vendor(of_number.as_ref()),
            of_number,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one transaction")]
    fn bill_transaction(
        &self,
        bill: &BillEntry<'_>,
        pair: &Pair,
        read: &Read,
        after: &Slice,
        entry: &CostEntry,
        request: Option<&IdempotentRequest>,
        record: Option<&IdempotencyRecord>,
        answer: &str,
    ) -> Result<Transaction<Tag>, StoreError> {
        let account = &bill.account.id;
        let change = PairChange {
            account: bill.account,
            pair,
            before: &read.state,
            after,
            unsettled: read.state.head.unsettled.clone(),
            act: Act {
                what: "bill",
                by: bill.credential.id.as_str(),
                reason: None,
                guid: bill.guid,
                now: bill.now,
            },
        };
        let caller = pair.lead().map(|phone| Caller {
            phone,
            contact: &read.contact,
            vendor: read.of_number.as_ref().map(VendorId::as_str),
        });
        // A bill makes no contact: without a call of the pair there may be none.
        let caller = caller.filter(|_| read.contact.lead.is_some());
        let mut transaction = change.with_contact(caller.as_ref())?;
        let placed = after.entry(&entry.cost_id);
        let (decided, call) = placed.unwrap_or((entry, None));
        let crowded = after.is_crowded_out(decided);
        let row = bill.row(
            decided.clone(),
            call.map(|call| call.sid.clone()),
            read.vendor.clone(),
            crowded,
        );
        transaction.put(Tag::Entry, row.item(account)?, ABSENT);
        if bill.account.registered_dids_only {
            let number = keys::account_number(account, &bill.bill.did);
            transaction.check(Tag::RegisteredNumber, number, PRESENT);
        }
        if let Some(request) = request {
            let made = Some(entry.cost_id.as_str());
            let answer = answer.to_owned();
            request.record(&mut transaction, Tag::Idempotency, account, answer, made)?;
        }
        if let (Some(id), Some(record)) = (&bill.bill.call_id, record) {
            let new = LastBill {
                cost_id: entry.cost_id.clone(),
                amount: entry.amount,
                received_at: bill.now,
                record: record.name.clone(),
            };
            let (credential, seen) = (&bill.credential.id, read.known.last.as_ref());
            write_last(&mut transaction, account, pair, id, credential, seen, &new)?;
        }
        Ok(transaction)
    }

    /// Answers a bill whose call id came before with the same price.
    async fn repeat_of_id<E: From<StoreError>>(
        &self,
        bill: &BillEntry<'_>,
        request: Option<&IdempotentRequest>,
        last: &LastBill,
        read: &Read,
        answer: impl Fn(&Billed) -> Result<String, E>,
    ) -> Result<Creation<String, BillRefusal>, E> {
        let account = &bill.account.id;
        // An idempotency key comes first: it may be another bill's.
        if let (Some(_), Some(request)) = (bill.key, request)
            && let Some(found) = self.get(request.key(account)).await?
            && request.counts(&found)
        {
            return Ok(match request.replay(found)? {
                Creation::Created(()) => Creation::Exists(String::new()),
                Creation::Exists(first) => Creation::Exists(first),
                Creation::Refused(ExistsDifferent) => {
                    Creation::Refused(BillRefusal::ExistsDifferent)
                }
            });
        }
        let record = keys::idempotency_record(account, &last.record);
        if let Some(first) = self.get(record).await?.as_ref().and_then(answer_of) {
            return Ok(Creation::Exists(first));
        }
        let row = self.cost(account, &last.cost_id).await?;
        let call = row.and_then(|row| row.call_sid);
        let billed = bill.answered(&last.cost_id, read, call.as_ref());
        Ok(Creation::Exists(answer(&billed)?))
    }

    /// Reads an entry of a pair, with the call that it is matched to.
    pub(in crate::ledger) async fn add_entry_of(
        &self,
        account: &AccountId,
        pair: &Pair,
        state: &mut PairState,
        id: &CostId,
    ) -> Result<(), StoreError> {
        if state.slice.entry(id).is_some() {
            return Ok(());
        }
        let Some(row) = self.cost(account, id).await? else {
            return Ok(());
        };
        match &row.call_sid {
            Some(sid) => {
                let sids = [sid.clone()];
                self.add_calls(account, pair, state, &sids).await
            }
            None => {
                state.slice.unmatched.push(row.entry);
                Ok(())
            }
        }
    }

    /// Notes on an entry that a repeat of its bill may have been for a second call: it says neither key, id
    /// nor date, and as a bill of its own it would belong to another call.
    async fn note_repeat(
        &self,
        bill: &BillEntry<'_>,
        pair: &Pair,
        read: &Read,
        first: &Item,
    ) -> Result<(), StoreError> {
        let dated = bill.bill.call_date.is_some() || bill.bill.call_id.is_some();
        if bill.key.is_some() || dated {
            return Ok(());
        }
        let Some(id) = text(first, "made").and_then(|id| CostId::parse(id).ok()) else {
            return Ok(());
        };
        let Some(row) = self.cost(&bill.account.id, &id).await? else {
            return Ok(());
        };
        let mut slice = read.state.slice.clone();
        let own =
            slice.add_entry(bill.entry(ids::cost_id(bill.now, 0), None, read.vendor.as_ref()));
        let own = own.and_then(|sid| slice.call(&sid).map(|call| call.sid.clone()));
        if own.is_some() && own != row.call_sid && !row.maybe_second && pair == &row.pair() {
            let key = keys::cost(&bill.account.id, &id);
            self.update_item(key, "SET maybe_second = :yes", PRESENT)
                .value(":yes", AttributeValue::Bool(true))
                .send()
                .await?;
        }
        Ok(())
    }
}
