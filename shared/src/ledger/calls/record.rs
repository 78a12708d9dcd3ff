//! Recording what a source reports of a call (patterns 8 to 10), and settling what depends on it.

use std::time::Duration;

use crate::ids;
use crate::ledger::calls::change::{Act, PairChange};
use crate::ledger::calls::contact::Caller;
use crate::ledger::calls::pair::{Head, PairState};
use crate::ledger::calls::tag::Tag;
use crate::ledger::contacts::contact::Contact;
use crate::ledger::keys;
use crate::ledger::report::row::CallRow;
use crate::ledger::table::end::{end_of_all, with_end};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{n, read, s, set, text, version, written_by};
use crate::ledger::table::retry::Retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ALWAYS, Committed, Transaction};
use crate::model::account::Account;
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::id::Guid;
use crate::model::pair::Pair;
use crate::model::pair::call::PairCall;
use crate::model::pair::settle::Slice;
use crate::model::pair::source_report::{Source, SourceReport};
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;

/// How many entries one transaction moves at most.
pub(in crate::ledger) const STEP: usize = 20;

/// How many writes a transaction has at most; DynamoDB takes 100.
pub(in crate::ledger) const MOST_WRITES: usize = 96;

/// How many steps a request takes to move what is left of an earlier one, or of its own.
const STEPS: usize = 8;

/// A lookup of a caller's name, which tells that a call rings.
pub struct NewCall<'a> {
    /// Whose call it is.
    pub account: &'a Account,
    /// The sid of the report, which also says when the call started.
    pub sid: CallSid,
    /// Who is calling.
    pub calling: &'a CallingParty,
    /// Which number is called.
    pub called: &'a PhoneNumber,
    /// The caller's contact as it was just read. If it has changed since, the transaction's conditions find
    /// out.
    pub contact: &'a Contact,
    /// The request.
    pub guid: Guid,
}

/// A report to be recorded.
pub(in crate::ledger) struct NewReport<'a> {
    pub(in crate::ledger) account: &'a Account,
    pub(in crate::ledger) pair: &'a Pair,
    pub(in crate::ledger) report: SourceReport,
    /// The caller's contact, if it was just read.
    pub(in crate::ledger) contact: Option<&'a Contact>,
    pub(in crate::ledger) guid: Guid,
}

impl<'a> NewReport<'a> {
    /// The change of its pair from `before` to `after`.
    fn change<'c>(
        &'c self,
        before: &'c PairState,
        after: &'c Slice,
        unsettled: Vec<CallSid>,
    ) -> PairChange<'c>
    where
        'a: 'c,
    {
        PairChange {
            account: self.account,
            pair: self.pair,
            before,
            after,
            unsettled,
            act: Act {
                what: "report",
                by: "report",
                reason: None,
                guid: self.guid,
                now: self.report.recorded_at,
            },
        }
    }

    /// The outcome if the report is known: of this call.
    fn known(&self, state: &PairState, call: &PairCall) -> Result<Recorded, StoreError> {
        let row = self.change(state, &state.slice, Vec::new()).row_of(call)?;
        let row = CallRow::of(row).ok_or_else(unreadable)?;
        let guid = self.guid.to_string();
        Ok(
            match call.reports.iter().any(|report| report.guid == guid) {
                true => Recorded::New(row),
                false => Recorded::Known(row),
            },
        )
    }
}

/// Outcome of recording a report.
pub(in crate::ledger) enum Recorded {
    /// It is recorded, by this request; the call that it is of.
    New(CallRow),
    /// The same was reported before; the call that it is of.
    Known(CallRow),
    /// It is another report under the sid of one that was recorded before.
    Different,
    /// The conditions of other writes of the transaction did not hold.
    Refused,
}

/// What else a report's transaction writes, given the sid of the report's call, and the report.
pub(in crate::ledger) type Extra<'a> =
    &'a (dyn Fn(&mut Transaction<Tag>, &CallSid, &SourceReport) -> Result<(), StoreError> + Sync);

/// Nothing.
pub(in crate::ledger) const NOTHING: Extra<'static> = &|_, _, _| Ok(());

impl Ledger {
    /// Records that a call rings, with its caller's lead and first contact if there are none.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the request may be sent again.
    pub async fn record_lookup(&self, call: &NewCall<'_>) -> Result<(), StoreError> {
        let now = call.sid.started();
        let pair = Pair::inbound(call.calling.clone(), call.called.clone());
        let new = NewReport {
            account: call.account,
            pair: &pair,
            report: SourceReport {
                sid: call.sid.clone(),
                source: Source::Lookup,
                start: now,
                stated: true,
                ended: None,
                seconds: None,
                disposition: None,
                external_id: None,
                property: None,
                notes: None,
                vendor: None,
                within: call.account.same_call_seconds,
                revision: 0,
                recorded_at: now,
                guid: call.guid.to_string(),
            },
            contact: Some(call.contact),
            guid: call.guid,
        };
        self.record(&new, NOTHING).await.map(drop)
    }

    /// Records a report once, and decides again which call is which and which cost is whose, as far as that
    /// depends on it.
    pub(in crate::ledger) async fn record(
        &self,
        new: &NewReport<'_>,
        extra: Extra<'_>,
    ) -> Result<Recorded, StoreError> {
        let (recorded, _) = self.record_among(new, extra).await?;
        Ok(recorded)
    }

    /// As [`Self::record`]; also returns the part of the pair around the report.
    pub(in crate::ledger) async fn record_among(
        &self,
        new: &NewReport<'_>,
        extra: Extra<'_>,
    ) -> Result<(Recorded, Slice), StoreError> {
        let NewReport { account, pair, .. } = *new;
        let mut contact = new.contact.cloned();
        let mut report = new.report.clone();
        let mut most = STEP;
        let mut retry = Retry::planning("the calls of this pair").within(self.patience);
        loop {
            retry.next().await?;
            let around = self.pair_around(&account.id, pair, report.start, report.ended);
            let known_contact = self.contact_of(account, pair, contact.as_ref());
            let vendor = self.vendor_of_called(account, pair, report.start);
            let (before, read, vendor) = futures_util::try_join!(around, known_contact, vendor)?;
            report.vendor.clone_from(&vendor);
            let vendor = vendor.filter(|_| may_be_first(&read, report.start));
            match known(&before, &report) {
                Some(Knowing::Recorded(call)) => {
                    let known = new.known(&before, call)?;
                    return Ok((known, before.slice));
                }
                Some(Knowing::Other) if differs_from_its_row(&before, &report) => {
                    return Ok((Recorded::Different, before.slice));
                }
                // The sid of a stated start is made of the start. This report has more to say, or is the first of
                // its source.
                Some(Knowing::Other) => {
                    report.sid = ids::call_sid(report.start, ids::shard(account.shards));
                }
                None => {}
            }
            // A call that is placed right after another one ended is not that one.
            while starts_as_another_ended(&before, &report) {
                report.start = report.start.plus(Duration::from_millis(1));
            }
            let add = |slice: &mut Slice| slice.add_report(report.clone(), most);
            let before = self
                .with_prices(&account.id, pair, before, |slice| drop(add(slice)))
                .await?;
            let mut after = before.slice.clone();
            let settled = add(&mut after);
            let mut unsettled = before.head.unsettled.clone();
            unsettled.extend(settled.more.then(|| settled.answer.clone()));
            let change = new.change(&before, &after, unsettled);
            let caller = pair.lead().map(|phone| Caller {
                phone,
                contact: &read,
                vendor: vendor.as_ref().map(VendorId::as_str),
            });
            let mut transaction = change.with_contact(caller.as_ref())?;
            extra(&mut transaction, &settled.answer, &report)?;
            write_id(
                &mut transaction,
                account,
                pair,
                &report,
                new.report.recorded_at,
            );
            if transaction.len() > MOST_WRITES && most > 1 {
                most /= 2;
                continue;
            }
            let call = after.call(&settled.answer).ok_or_else(unreadable)?;
            let row = CallRow::of(change.row_of(call)?).ok_or_else(unreadable)?;
            let refusals = match self.commit_plan(transaction, &retry).await? {
                Committed::Done => {
                    if !change.unsettled.is_empty() {
                        self.settle(account, pair, new.guid, report.recorded_at)
                            .await?;
                    }
                    return Ok((Recorded::New(row), after));
                }
                Committed::Refused(refusals) => refusals,
            };
            let head = refusals.item(Tag::Head);
            if head.is_some_and(|head| written_by(head, new.guid)) {
                return Ok((Recorded::New(row), after));
            }
            if let Some(row) = refusals.item(Tag::Row) {
                // An earlier version wrote the call, and it is not migrated yet.
                if let Some(sid) = text(row, keys::SK).and_then(keys::sid_of) {
                    self.convert_call(account, &sid, report.recorded_at).await?;
                }
                contact = None;
            } else if refusals.contains(Tag::Lead) || refusals.contains(Tag::FirstContact) {
                contact = None;
            } else if refusals.contains(Tag::Live) {
                return Ok((Recorded::Refused, after));
            }
        }
    }

    /// The contact of a pair's caller, as it is known or as it is now.
    async fn contact_of(
        &self,
        account: &Account,
        pair: &Pair,
        known: Option<&Contact>,
    ) -> Result<Contact, StoreError> {
        match (pair.lead(), known) {
            (None, _) => Ok(Contact::default()),
            (Some(_), Some(contact)) => Ok(contact.clone()),
            (Some(phone), None) => self.lead_of(&account.id, phone).await,
        }
    }

    /// The vendor of the number that was called, at the start of an inbound call.
    async fn vendor_of_called(
        &self,
        account: &Account,
        pair: &Pair,
        start: Instant,
    ) -> Result<Option<VendorId>, StoreError> {
        if pair.direction == Direction::Outbound {
            return Ok(None);
        }
        let periods = self.number_vendor(&account.id, &pair.to).await?;
        Ok(periods.and_then(|periods| periods.at(start).cloned()))
    }

    /// Moves the entries of a pair that earlier steps left, in steps of its own.
    pub(in crate::ledger) async fn settle(
        &self,
        account: &Account,
        pair: &Pair,
        guid: Guid,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut retry = Retry::planning("the entries of this pair").within(self.patience);
        let mut steps = 0;
        let mut most = STEP;
        let mut contact = match pair.lead() {
            Some(phone) => self.lead_of(&account.id, phone).await?,
            None => Contact::default(),
        };
        while steps < STEPS {
            retry.next().await?;
            let head = self.get(keys::pair_head(&account.id, pair)).await?;
            let head = head.map(read::<Head>);
            let Some(sid) = head
                .transpose()?
                .and_then(|head| head.unsettled.first().cloned())
            else {
                return Ok(());
            };
            let before = self
                .pair_around(&account.id, pair, sid.started(), None)
                .await?;
            let before = self
                .with_prices(&account.id, pair, before, |slice| {
                    slice.settle_around(&sid, most);
                })
                .await?;
            let mut after = before.slice.clone();
            let more = after.settle_around(&sid, most);
            let unsettled = before.head.unsettled.iter();
            let unsettled = unsettled.filter(|other| more || **other != sid).cloned();
            let change = PairChange {
                account,
                pair,
                before: &before,
                after: &after,
                unsettled: unsettled.collect(),
                act: Act {
                    what: "report",
                    by: "report",
                    reason: None,
                    guid,
                    now,
                },
            };
            let caller = pair.lead().map(|phone| Caller {
                phone,
                contact: &contact,
                vendor: None,
            });
            let transaction = change.with_contact(caller.as_ref())?;
            if transaction.len() > MOST_WRITES && most > 1 {
                most /= 2;
                continue;
            }
            match self.commit_plan(transaction, &retry).await? {
                Committed::Done => {
                    steps += 1;
                    retry = Retry::planning("the entries of this pair").within(self.patience);
                }
                Committed::Refused(_) => {
                    if let Some(phone) = pair.lead() {
                        contact = self.lead_of(&account.id, phone).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a call that started then may be the first of its caller.
fn may_be_first(contact: &Contact, start: Instant) -> bool {
    let first = contact.first.as_ref();
    let follows = first.is_some_and(|first| first.contacted_at <= start);
    !follows || contact.lead.is_none()
}

/// Whether a call is announced with the start of one that was announced before and has ended.
fn starts_as_another_ended(state: &PairState, report: &SourceReport) -> bool {
    let announced = report.source == Source::StartEnd && report.ended.is_none();
    let mut reports = state.slice.calls.iter().flat_map(|call| &call.reports);
    announced
        && reports.any(|other| {
            other.source == report.source && other.start == report.start && other.ended.is_some()
        })
}

/// Adds the write that names a report under the id that its call has at the source.
pub(in crate::ledger) fn write_id(
    transaction: &mut Transaction<Tag>,
    account: &Account,
    pair: &Pair,
    report: &SourceReport,
    now: Instant,
) {
    let Some(id) = &report.external_id else {
        return;
    };
    let key = keys::pair_id(&account.id, pair, id);
    let end = end_of_all(account, now);
    let expression = with_end("SET #type = :type, v = :v", end);
    transaction
        .update(
            Tag::ExternalId,
            key,
            format!("{expression} ADD calls :call"),
            ALWAYS,
        )
        .values(end.map(|end| (":end", n(end))))
        .name("#type", "type")
        .value(":type", s("pair_id"))
        .value(":v", version())
        .value(":call", set([report.sid.as_str()]));
}

/// What is known of a report before it is recorded.
enum Knowing<'a> {
    /// It was recorded; the call that it is of.
    Recorded(&'a PairCall),
    /// Another one was recorded under its sid.
    Other,
}

/// Whether a report was recorded before: by this request, or by a switch or file that said just the same.
/// What is announced or asked twice is two reports, even if they say the same.
fn known<'a>(state: &'a PairState, report: &SourceReport) -> Option<Knowing<'a>> {
    let reports = state.slice.calls.iter();
    let mut reports = reports.flat_map(|call| call.reports.iter().map(move |other| (call, other)));
    let mut same_sid = false;
    let found = reports.find(|(_, other)| {
        same_sid |= other.sid == report.sid;
        let kept = matches!(report.source, Source::Switch | Source::Cdr);
        let repeated =
            kept && (report.stated || report.ended.is_some()) && other.says_the_same(report);
        other.guid == report.guid || repeated
    });
    match found {
        Some((call, _)) => Some(Knowing::Recorded(call)),
        None => same_sid.then_some(Knowing::Other),
    }
}

/// Whether a file told of the same call before, in other words.
fn differs_from_its_row(state: &PairState, report: &SourceReport) -> bool {
    let reports = state.slice.calls.iter().flat_map(|call| &call.reports);
    let same = |other: &SourceReport| {
        (other.source, other.start) == (report.source, report.start)
            && other.external_id == report.external_id
    };
    report.source == Source::Cdr && reports.into_iter().any(same)
}

pub(in crate::ledger) fn unreadable() -> StoreError {
    StoreError::Broken("a recorded call is gone or cannot be read".to_owned())
}
