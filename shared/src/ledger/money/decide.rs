//! What people decide about cost entries: void, match and unmatch. Each is a line in the entry's history.

use serde::{Deserialize, Serialize};

use crate::ledger::calls::change::{Act, PairChange};
use crate::ledger::calls::contact::Caller;
use crate::ledger::calls::pair::PairState;
use crate::ledger::calls::switch::pair_of;
use crate::ledger::calls::tag::Tag;
use crate::ledger::contacts::contact::Contact;
use crate::ledger::money::cost::CostRow;
use crate::ledger::outcome::{Creation, ExistsDifferent, Update};
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::idempotency::IdempotentRequest;
use crate::ledger::table::item::written_by;
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::Committed;
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CostId, Direction};
use crate::model::id::Guid;
use crate::model::pair::Pair;
use crate::model::pair::entry::{CostEntry, Pin};
use crate::model::pair::settle::Slice;
use crate::model::time::Instant;

/// What a person decides about a cost entry.
#[derive(Clone, Debug)]
pub enum CostDecision {
    /// It does not count. With `all`, no entry of its biller on the same call does.
    Void {
        /// Whether all of that biller's entries on the call are meant.
        all: bool,
    },
    /// It belongs to the call that this report is of.
    Match(CallSid),
    /// It belongs to no call.
    Unmatch,
    /// The rules say again where it belongs.
    Unpin,
}

/// A decision with everything that is recorded with it.
pub struct CostAct<'a> {
    /// Whose cost it is.
    pub account: &'a Account,
    /// The entry.
    pub cost_id: &'a CostId,
    /// What is decided.
    pub decision: &'a CostDecision,
    /// Who decides.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// The idempotent request, if it has a key.
    pub request: Option<&'a IdempotentRequest>,
    /// The request.
    pub guid: Guid,
    /// Now.
    pub now: Instant,
}

/// An entry after a decision.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The entry as it is now.
    pub row: CostRow,
    /// The entries that count again because of it.
    pub revived: Vec<CostId>,
    /// Whether an earlier request with the same idempotency key decided it.
    pub replayed: bool,
}

/// Why a decision is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionRefusal {
    /// The entry does not count, because more than forty later bills of its call replaced it.
    Archived,
    /// Its call is kept no longer.
    CallGone,
    /// The account has no such inbound call.
    NoSuchCall,
    /// The idempotency key was used for another decision.
    KeyReused,
}

/// What became of the transaction of a decision.
enum Written {
    /// It was written, and these entries count again.
    Now(Vec<CostId>),
    /// An earlier request with the same key wrote it.
    Before(Vec<CostId>),
    /// The key was used for something else.
    KeyReused,
    /// Somebody else was faster.
    Raced,
}

/// What the idempotency record of a decision keeps for its repeats.
#[derive(Serialize, Deserialize)]
struct Revived {
    /// The entries that count again because of it.
    revived: Vec<CostId>,
}

impl Revived {
    fn written(revived: &[CostId]) -> Result<String, StoreError> {
        let revived = revived.to_vec();
        serde_json::to_string(&Self { revived }).map_err(|error| unreadable(&error))
    }

    fn read(answer: &str) -> Result<Vec<CostId>, StoreError> {
        let read: Result<Self, _> = serde_json::from_str(answer);
        read.map(|read| read.revived)
            .map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    let place = (error.line(), error.column());
    StoreError::Broken(format!("the record of a decision is broken at {place:?}"))
}

impl Ledger {
    /// Carries out a decision about an entry.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn decide_cost(
        &self,
        act: &CostAct<'_>,
    ) -> Result<Update<Decided, DecisionRefusal>, StoreError> {
        let account = &act.account.id;
        let mut retry = Retry::planning("the entries of this pair").within(self.patience);
        loop {
            retry.next().await?;
            let Some(row) = self.acknowledged_cost(account, act.cost_id).await? else {
                return Ok(Update::NotFound);
            };
            let act = &CostAct {
                cost_id: &row.entry.cost_id,
                ..*act
            };
            if row.archived {
                return Ok(Update::Refused(DecisionRefusal::Archived));
            }
            let pair = row.pair();
            let mut before = self.pair_of_entry(account, &pair, &row.entry).await?;
            self.add_entry_of(account, &pair, &mut before, act.cost_id)
                .await?;
            self.add_prices(account, &pair, &mut before, &row.entry)
                .await?;
            let mut revived = Vec::new();
            if before.slice.entry(act.cost_id).is_none() {
                if self.call_has_ended(account, &row).await? {
                    return Ok(Update::Refused(DecisionRefusal::CallGone));
                }
                // It moved meanwhile.
                continue;
            }
            if let CostDecision::Match(sid) = act.decision {
                let Some((call, of)) = self.call_to_match(account, &pair, sid).await? else {
                    return Ok(Update::Refused(DecisionRefusal::NoSuchCall));
                };
                match of == pair {
                    true => self.add_calls(account, &pair, &mut before, &[call]).await?,
                    false => {
                        self.add_call_of_other(account, &of, &mut before, &call)
                            .await?;
                    }
                }
                if before.slice.call(sid).is_none() {
                    // Its call was joined to another meanwhile, or parted from it.
                    continue;
                }
            }
            if let CostDecision::Void { all: true } = act.decision {
                for id in voided(&before.slice, &row.entry, true) {
                    if let Some((entry, _)) = before.slice.entry(&id) {
                        let entry = entry.clone();
                        self.add_prices(account, &pair, &mut before, &entry).await?;
                    }
                }
            }
            if let (CostDecision::Unpin, Some(id)) = (act.decision, &row.entry.call_id) {
                let calls = self.calls_with_id(account, &pair, id).await?;
                self.add_calls(account, &pair, &mut before, &calls).await?;
            }
            let pin = |slice: &mut Slice| match act.decision {
                CostDecision::Void { .. } => {}
                // The report that has this sid, and not the call that it is in now: they may part.
                CostDecision::Match(sid) => {
                    slice.set_pin(act.cost_id, Some(Pin::Call(sid.clone())));
                }
                CostDecision::Unmatch => slice.set_pin(act.cost_id, Some(Pin::None)),
                CostDecision::Unpin => slice.set_pin(act.cost_id, None),
            };
            let before = self.with_prices(account, &pair, before, pin).await?;
            let mut after = before.slice.clone();
            pin(&mut after);
            if let CostDecision::Void { all } = act.decision {
                let ids = voided(&after, &row.entry, *all);
                revived = after.set_void(&ids, true);
            }
            let written = self
                .commit_decision(act, &pair, (&before, &after), revived, &retry)
                .await?;
            let (revived, replayed) = match written {
                Written::Now(revived) => (revived, false),
                Written::Before(revived) => (revived, true),
                Written::KeyReused => return Ok(Update::Refused(DecisionRefusal::KeyReused)),
                Written::Raced => continue,
            };
            let row = self.cost(account, act.cost_id).await?;
            return Ok(row.map_or(Update::NotFound, |row| {
                Update::Updated(Decided {
                    row,
                    revived,
                    replayed,
                })
            }));
        }
    }

    /// Whether a cost outlived the call that it is matched to.
    async fn call_has_ended(&self, account: &AccountId, row: &CostRow) -> Result<bool, StoreError> {
        let Some(sid) = &row.call_sid else {
            return Ok(false);
        };
        Ok(self.call_item(account, sid).await?.is_none())
    }

    async fn commit_decision(
        &self,
        act: &CostAct<'_>,
        pair: &Pair,
        (before, after): (&PairState, &Slice),
        revived: Vec<CostId>,
        retry: &Retry,
    ) -> Result<Written, StoreError> {
        if before.slice == *after && act.request.is_none() {
            return Ok(Written::Now(revived));
        }
        let contact = match pair.lead() {
            Some(phone) => self.lead_of(&act.account.id, phone).await?,
            None => Contact::default(),
        };
        let change = PairChange {
            account: act.account,
            pair,
            before,
            after,
            unsettled: before.head.unsettled.clone(),
            act: Act {
                what: match act.decision {
                    CostDecision::Void { .. } => "void",
                    CostDecision::Match(_) | CostDecision::Unmatch => "pin",
                    CostDecision::Unpin => "unpin",
                },
                by: act.by,
                reason: Some(act.reason),
                guid: act.guid,
                now: act.now,
            },
        };
        let caller = pair.lead().map(|phone| Caller {
            phone,
            contact: &contact,
            vendor: None,
        });
        let caller = caller.filter(|_| contact.lead.is_some());
        let mut transaction = change.with_contact(caller.as_ref())?;
        if let Some(request) = act.request {
            let made = Some(act.cost_id.as_str());
            let account = &act.account.id;
            let answer = Revived::written(&revived)?;
            request.record(&mut transaction, Tag::Idempotency, account, answer, made)?;
        }
        let Committed::Refused(mut refusals) = self.commit_plan(transaction, retry).await? else {
            return Ok(Written::Now(revived));
        };
        if let (Some(request), Some(found)) = (act.request, refusals.take(Tag::Idempotency)) {
            return Ok(match request.replay(found)? {
                Creation::Created(()) => Written::Now(revived),
                Creation::Exists(answer) => Written::Before(Revived::read(&answer)?),
                Creation::Refused(ExistsDifferent) => Written::KeyReused,
            });
        }
        let head = refusals.item(Tag::Head);
        Ok(match head.is_some_and(|head| written_by(head, act.guid)) {
            true => Written::Now(revived),
            false => Written::Raced,
        })
    }

    /// The call that this sid answers with, and its pair, if an entry of `pair` may be matched to it: a call
    /// of the same pair, or any inbound call of the account for an entry of an inbound call.
    async fn call_to_match(
        &self,
        account: &AccountId,
        pair: &Pair,
        sid: &CallSid,
    ) -> Result<Option<(CallSid, Pair)>, StoreError> {
        let item = self.call_item(account, sid).await?;
        let Some(row) = item.and_then(CallRow::of) else {
            return Ok(None);
        };
        let Some(of) = pair_of(&row) else {
            return Ok(None);
        };
        let inbound = |pair: &Pair| pair.direction == Direction::Inbound;
        let allowed = of == *pair || inbound(&of) && inbound(pair);
        Ok(allowed.then_some((row.sid, of)))
    }
}

/// The entries that a void is about.
fn voided(slice: &Slice, entry: &CostEntry, all: bool) -> Vec<CostId> {
    let call = slice.entry(&entry.cost_id).and_then(|(_, call)| call);
    match (all, call) {
        (true, Some(call)) => call
            .entries
            .iter()
            .filter(|other| other.biller == entry.biller && !other.void)
            .map(|other| other.cost_id.clone())
            .collect(),
        _ => vec![entry.cost_id.clone()],
    }
}
