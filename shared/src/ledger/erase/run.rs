//! Carrying an erasure out.
//!
//! Calls, costs, leads and pairs are one matter: a bill that comes meanwhile must find all of it, under the number or
//! under the pseudonym. Where one transaction holds them, it moves them at once. Where it does not, the heads of the
//! pairs are marked first: a request for such a pair is answered as when others keep changing it, and comes again.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ids;
use crate::ledger::erase::change::{Change, MOVING, Part};
use crate::ledger::erase::find::{Found, Wanted, counts, is_core};
use crate::ledger::erase::record::{ErasureReceipt, KindCounts, Running, Tag};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, n, number};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, Transaction};
use crate::model::account::Account;
use crate::model::call::LeadId;
use crate::model::erasure::{Substitution, pseudonym, random_digits};
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// How many writes a transaction has at most beside the record's. DynamoDB takes 100, of 4 MB together.
const BATCH: usize = 60;

/// How often everything is read again without anything having been written.
const ATTEMPTS: u32 = 8;

/// A number to be erased from an account.
pub struct ErasureRequest<'a> {
    /// The account.
    pub account: &'a Account,
    /// The number.
    pub number: &'a PhoneNumber,
    /// Who asks for it.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Whether to go on although a vendor's retry may come that is not recognised any more.
    pub despite_repeats: bool,
    /// When.
    pub now: Instant,
}

/// Why a number is not erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErasureRefusal {
    /// It is the account's own number, or settings name it; the types of the items.
    Settings(Vec<String>),
    /// So many calls with it are live.
    Live(u64),
    /// Until then, a vendor's retry of a bill has to find its answer.
    Repeats(Instant),
}

/// What there is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasurePlan {
    /// The items with the number, by type.
    pub found: KindCounts,
    /// Why it would not be erased now.
    pub refusal: Option<ErasureRefusal>,
    /// Whether an earlier erasure was interrupted, and goes on.
    pub goes_on: bool,
    /// Whether calls and costs that belong together are more than a transaction holds: while they are moved, requests
    /// about their pairs are contended.
    pub halts_pairs: bool,
}

/// Outcome of an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErasureOutcome {
    /// The number is nowhere.
    Nothing,
    /// Nothing was changed.
    Refused(ErasureRefusal),
    /// It is erased.
    Erased(ErasureReceipt),
}

impl ErasureRequest<'_> {
    fn substitution(&self, instead: &PhoneNumber) -> Substitution {
        let sid = &self.account.sid;
        let leads = (&LeadId::of(sid, self.number), &LeadId::of(sid, instead));
        Substitution::new(self.number, instead, leads)
    }

    fn wanted<'a>(&'a self, us: &'a Substitution) -> Wanted<'a> {
        Wanted {
            account: self.account,
            us,
            now: self.now,
        }
    }

    fn new_pseudonym(&self) -> Result<PhoneNumber, StoreError> {
        let random = ids::digits(random_digits(self.number));
        let pseudonym = random.as_deref().and_then(pseudonym);
        pseudonym.ok_or_else(|| StoreError::Broken("no random number could be made".to_owned()))
    }

    fn refusal(&self, found: &Found) -> Option<ErasureRefusal> {
        if !found.settings.is_empty() {
            let kinds = found.settings.iter().cloned().collect();
            return Some(ErasureRefusal::Settings(kinds));
        }
        if found.live > 0 {
            return Some(ErasureRefusal::Live(found.live));
        }
        let until = found.repeats_until.filter(|_| !self.despite_repeats);
        until.map(ErasureRefusal::Repeats)
    }
}

/// What a pass has done.
#[derive(Clone, Copy, Debug, Default)]
struct Pass {
    written: bool,
}

impl Ledger {
    /// Finds what there is to be erased, and writes nothing.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn plan_erasure(
        &self,
        request: &ErasureRequest<'_>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<ErasurePlan, StoreError> {
        let running = self
            .running_erasure(&request.account.id, request.number)
            .await?;
        let goes_on = running.is_some();
        let instead = match running {
            Some(running) => running.pseudonym,
            None => request.new_pseudonym()?,
        };
        let us = request.substitution(&instead);
        let found = self.find_number(&request.wanted(&us), progress).await?;
        let refusal = request.refusal(&found).filter(|_| !goes_on);
        Ok(ErasurePlan {
            found: found.counts(),
            refusal,
            goes_on,
            halts_pairs: halts_pairs(found.changes.iter().filter(|one| is_core(one))),
        })
    }

    /// Erases a number from an account. An erasure that was interrupted goes on where it stopped.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time, and [`StoreError::Contended`] if
    /// others kept changing the items. The same request goes on where it stopped.
    pub async fn erase_number(
        &self,
        request: &ErasureRequest<'_>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<ErasureOutcome, StoreError> {
        let ErasureRequest {
            account,
            number,
            by,
            reason,
            now,
            ..
        } = request;
        let account = &account.id;
        let mut running = self.running_erasure(account, number).await?;
        let instead = match &running {
            Some(running) => running.pseudonym.clone(),
            None => request.new_pseudonym()?,
        };
        let us = request.substitution(&instead);
        let mut left = ATTEMPTS;
        while left > 0 {
            let found = self.find_number(&request.wanted(&us), progress).await?;
            let begun = match &running {
                Some(running) => running,
                None => {
                    if let Some(refusal) = request.refusal(&found) {
                        return Ok(ErasureOutcome::Refused(refusal));
                    }
                    if found.changes.is_empty() {
                        return Ok(ErasureOutcome::Nothing);
                    }
                    let about = (account, *number, instead.clone());
                    let begun = self
                        .begin_erasure(about, (by, reason), &found.counts(), *now)
                        .await?;
                    running.insert(begun)
                }
            };
            if found.changes.is_empty() {
                let receipt = self.finish_erasure(account, begun, *now).await?;
                return Ok(ErasureOutcome::Erased(receipt));
            }
            let pass = self
                .carry_out(request.account, begun, found.changes)
                .await?;
            left = match pass.written {
                true => ATTEMPTS,
                false => left - 1,
            };
        }
        Err(StoreError::Contended("the items with this number"))
    }

    /// Writes changes in transactions. What others changed meanwhile is left to the next pass.
    async fn carry_out(
        &self,
        account: &Account,
        running: &Running,
        changes: Vec<Change>,
    ) -> Result<Pass, StoreError> {
        let mut pass = Pass::default();
        let (core, single): (Vec<_>, Vec<_>) = changes.into_iter().partition(is_core);
        for chunk in chunks(single) {
            self.write_changes(account, running, chunk, &mut pass)
                .await?;
        }
        if halts_pairs(&core) {
            let heads: Vec<Change> = core
                .iter()
                .filter(|one| is_free_head(one))
                .cloned()
                .collect();
            if !heads.is_empty() {
                // With the pairs marked, everything is read again: calls may have come until then.
                for chunk in chunks(heads) {
                    self.mark_heads(chunk, &mut pass).await?;
                }
                return Ok(pass);
            }
        }
        for chunk in chunks(core) {
            if !self
                .write_changes(account, running, chunk, &mut pass)
                .await?
            {
                // What is left depends on it.
                break;
            }
        }
        Ok(pass)
    }

    /// Writes changes in one transaction; whether they are written.
    async fn write_changes(
        &self,
        account: &Account,
        running: &Running,
        changes: Vec<Change>,
        pass: &mut Pass,
    ) -> Result<bool, StoreError> {
        let mut transaction = Transaction::new();
        running.count(&mut transaction, &account.id, &counts(&changes));
        for change in changes {
            change.write(&mut transaction, Tag::Item);
        }
        let done = matches!(self.commit(transaction).await?, Committed::Done);
        pass.written |= done;
        Ok(done)
    }

    /// Marks the heads of pairs that are to be moved, where they are and where they will be: nobody writes to either
    /// pair until it is moved.
    async fn mark_heads(&self, heads: Vec<Change>, pass: &mut Pass) -> Result<(), StoreError> {
        let mut transaction = Transaction::new();
        for head in heads {
            let (mark, copy) = marks(&head);
            mark.write(&mut transaction, Tag::Item);
            transaction.put(Tag::Item, copy, ABSENT);
        }
        let done = matches!(self.commit(transaction).await?, Committed::Done);
        pass.written |= done;
        Ok(())
    }
}

/// Splits changes into those of one transaction each, in their order. The parts of a queue entry stay together.
fn chunks(changes: Vec<Change>) -> Vec<Vec<Change>> {
    let mut chunks: Vec<Vec<Change>> = Vec::new();
    let mut writes = BATCH;
    let mut last = None;
    for change in changes {
        let queued = match change.part() {
            Part::Queue => number::<u64>(&change.before, "callqueue_id"),
            _ => None,
        };
        let together = queued.is_some() && queued == last;
        writes += change.writes();
        last = queued;
        match chunks.last_mut() {
            Some(chunk) if writes <= BATCH || together => chunk.push(change),
            _ => {
                writes = change.writes();
                chunks.push(vec![change]);
            }
        }
    }
    chunks
}

/// Whether changes that belong together are of pairs, and more than a transaction holds.
fn halts_pairs<'a>(core: impl IntoIterator<Item = &'a Change>) -> bool {
    let (mut writes, mut pairs) = (0, false);
    for change in core {
        writes += change.writes();
        pairs |= change.part() == Part::Head;
    }
    pairs && writes > BATCH
}

/// Whether a change is of the head of a pair that is not marked.
fn is_free_head(change: &Change) -> bool {
    change.part() == Part::Head && !change.before.contains_key(MOVING)
}

/// The mark of a pair's head, which refuses every request that has read the pair before, and the head of the pair that
/// it will be.
fn marks(head: &Change) -> (Change, Item) {
    let version = number::<i64>(&head.before, "version").unwrap_or(0);
    let marked = |head: &Item| {
        let mut head = head.clone();
        head.insert("version".to_owned(), n(version + 1));
        head.insert(MOVING.to_owned(), AttributeValue::Bool(true));
        head
    };
    let mark = Change {
        before: head.before.clone(),
        after: Some(marked(&head.before)),
    };
    let copy = marked(head.after.as_ref().unwrap_or(&head.before));
    (mark, copy)
}
