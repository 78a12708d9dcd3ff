//! Bills (patterns 10 and 16 to 18): what is a repeat, what is a new price, and everything else that a bill
//! changes, in one transaction.

use futures_util::future::{self, FutureExt};

use crate::ids;
use crate::ledger::calls::change::{Act, PairChange};
use crate::ledger::calls::contact::Caller;
use crate::ledger::calls::pair::PairState;
use crate::ledger::calls::record::MOST_WRITES;
use crate::ledger::calls::tag::Tag;
use crate::ledger::contacts::contact::Contact;
use crate::ledger::keys;
use crate::ledger::money::bill_entry::{BillEntry, BillRefusal, Billed};
use crate::ledger::money::bill_id::{KnownId, LastBill, write_last};
use crate::ledger::money::cost::CostRow;
use crate::ledger::money::expectation::write_billed_caller;
use crate::ledger::money::sent_id::{SentId, write_sent};
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::end::ending;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::written_by;
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, PRESENT, Transaction};
use crate::model::account::AccountId;
use crate::model::call::CostId;
use crate::model::fence::may_bill;
use crate::model::idempotency::{IdempotencyRecord, SAME_BILL};
use crate::model::pair::Pair;
use crate::model::pair::entry::{CostEntry, State};
use crate::model::pair::settle::Slice;
use crate::model::phone::PhoneNumber;
use crate::model::vendor::VendorId;

/// What a bill's plan stands on.
pub(in crate::ledger) struct BillRead {
    pub(in crate::ledger) state: PairState,
    pub(in crate::ledger) contact: Contact,
    pub(in crate::ledger) known: KnownId,
    /// For which pairs the credential sent the call id.
    pub(in crate::ledger) sent: Option<SentId>,
    /// The vendor of the number that was called.
    pub(in crate::ledger) of_number: Option<VendorId>,
    /// The vendor whose cost it is.
    pub(in crate::ledger) vendor: Option<VendorId>,
}

/// What a bill will change.
struct BillPlan<'a> {
    bill: &'a BillEntry<'a>,
    pair: &'a Pair,
    read: &'a BillRead,
    after: &'a Slice,
    entry: &'a CostEntry,
    record: Option<&'a IdempotencyRecord>,
    answer: &'a str,
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
        self.note_billed_day(bill.account, bill.date_billed(), bill.now)
            .await?;
        let shard = ids::shard(bill.account.shards);
        let mut cost_id = ids::cost_id(bill.date_billed(), shard);
        let mut retry = Retry::planning("the calls of this pair").within(self.patience);
        loop {
            retry.next().await?;
            let mut read = self.read_for(bill, &pair, &cost_id).await?;
            if let Err(refusal) = may_bill(bill.credential, &bill.bill.did, read.of_number.as_ref())
            {
                let why = refusal.to_string();
                self.note_refused(bill, record.as_ref(), &why).await?;
                return Ok(Creation::Refused(BillRefusal::Did(refusal)));
            }
            // The pair's own entries are part of the transaction, so an id that one of them has cannot be left to
            // its conditions.
            if let Some((_, call)) = read.state.slice.entry(&cost_id) {
                let known = self.get(keys::cost(account, &cost_id)).await?;
                if known.is_some_and(|cost| written_by(&cost, bill.guid)) {
                    let (vendor, call) = (read.vendor.as_ref(), call.map(|call| &call.sid));
                    let caller = (bill.bill.cid.number(), &read.contact);
                    let billed = bill.answered(&cost_id, caller, vendor, call);
                    return Ok(Creation::Created(answer(&billed)?));
                }
                cost_id = ids::other_cost_id(bill.date_billed(), shard);
                continue;
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
            let turn = read.state.head.version + 1;
            let entry = bill.entry(cost_id.clone(), reprices, read.vendor.as_ref(), turn);
            let mut after = read.state.slice.clone();
            let call = after.add_entry(entry.clone());
            let other = call.as_ref().and_then(|call| after.other_pair_of(call));
            let other = match other {
                Some(other) => Some(self.caller_of(account, other).await?),
                None => None,
            };
            let caller = match &other {
                Some((phone, contact)) => (phone.as_ref(), contact),
                None => (bill.bill.cid.number(), &read.contact),
            };
            let mut billed = bill.answered(&cost_id, caller, read.vendor.as_ref(), call.as_ref());
            billed.two_vendors = after.entry(&cost_id).is_some_and(|(entry, call)| {
                let twice = call.is_some_and(|call| call.shown().two_vendors);
                twice && entry.state == State::InForce
            });
            let text_of_answer = answer(&billed)?;
            let plan = BillPlan {
                bill,
                pair: &pair,
                read: &read,
                after: &after,
                entry: &entry,
                record: record.as_ref(),
                answer: &text_of_answer,
            };
            let transaction = plan.transaction()?;
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
                cost_id = ids::other_cost_id(bill.date_billed(), shard);
            }
            if refusals.contains(Tag::RegisteredNumber) {
                let why = "the DID is not a number of the account";
                self.note_refused(bill, record.as_ref(), why).await?;
                return Ok(Creation::Refused(BillRefusal::NotRegistered));
            }
        }
    }

    /// The number of a pair's caller, and what is known of it.
    pub(in crate::ledger) async fn caller_of(
        &self,
        account: &AccountId,
        pair: &Pair,
    ) -> Result<(Option<PhoneNumber>, Contact), StoreError> {
        Ok(match pair.lead() {
            Some(phone) => (Some(phone.clone()), self.lead_of(account, phone).await?),
            None => (None, Contact::default()),
        })
    }

    /// Reads everything that a bill depends on, at once.
    async fn read_for(
        &self,
        bill: &BillEntry<'_>,
        pair: &Pair,
        cost_id: &CostId,
    ) -> Result<BillRead, StoreError> {
        let account = &bill.account.id;
        let entry = bill.entry(cost_id.clone(), None, None, 0);
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
        let sent = match &bill.bill.call_id {
            Some(id) => self.sent_id(account, &bill.credential.id, id).left_future(),
            None => future::ready(Ok(None)).right_future(),
        };
        let state = self.pair_of_entry(account, pair, &entry);
        let periods = self.number_vendor(account, &bill.bill.did);
        let (mut state, contact, known, sent, periods) =
            futures_util::try_join!(state, contact, known, sent, periods)?;
        let (moment, _) = bill.moment();
        let of_number = periods.and_then(|periods| periods.at(moment).cloned());
        self.add_calls(account, pair, &mut state, &known.calls)
            .await?;
        Ok(BillRead {
            state,
            contact,
            known,
            sent,
            vendor: bill.vendor(of_number.as_ref()),
            of_number,
        })
    }
}

impl BillPlan<'_> {
    /// The transaction that carries it out.
    fn transaction(&self) -> Result<Transaction<Tag>, StoreError> {
        let Self {
            bill,
            pair,
            read,
            after,
            entry,
            record,
            answer,
        } = *self;
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
        let sent = read.sent.as_ref();
        let id_reused = sent.is_some_and(|sent| sent.is_of_another(pair, bill.now));
        let row = CostRow {
            id_reused,
            crowded,
            ..bill.row(
                decided.clone(),
                call.map(|call| call.sid.clone()),
                read.vendor.clone(),
            )
        };
        let end = change.entry_end(decided, row.call_sid.as_ref());
        let item = ending(row.item(account)?, end);
        transaction.put(Tag::Entry, item, ABSENT);
        write_billed_caller(&mut transaction, account, &row, end)?;
        if bill.account.registered_dids_only {
            let number = keys::account_number(account, &bill.bill.did);
            transaction.check(Tag::RegisteredNumber, number, PRESENT);
        }
        if let Some(record) = record {
            let request = IdempotentRequest::new(record.clone(), bill.guid, bill.now);
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
            let credential = &bill.credential.id;
            let last = (read.known.last.as_ref(), &new);
            write_last(&mut transaction, bill.account, pair, id, credential, last)?;
            let by = (account, credential);
            write_sent(&mut transaction, by, id, pair, sent, bill.now)?;
        }
        Ok(transaction)
    }
}
