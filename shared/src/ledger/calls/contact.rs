//! The lead and the first contact of a caller (pattern 14), which are written with the caller's calls.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::ledger::calls::change::{PairChange, earliest};
use crate::ledger::calls::tag::Tag;
use crate::ledger::contacts::contact::{Contact, FirstContactItem, LeadItem};
use crate::ledger::keys;
use crate::ledger::table::end::{ABSENT_OR_ENDED, END, end_alone, end_of_contact};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, money, n, s, stored};
use crate::ledger::table::transaction::{PRESENT, Transaction};
use crate::model::call::{CallSid, LeadId};
use crate::model::phone::PhoneNumber;

/// Attributes of call rows that the pair does not decide, by the sid of the call.
pub(in crate::ledger) type Rows = BTreeMap<CallSid, Vec<(String, Option<AttributeValue>)>>;

/// The attribute of a lead that holds the sum of its entries in force. In `cost`, earlier versions kept the
/// last bill alone.
const LEAD_COST: &str = "total_cost";

/// The caller of a changed pair, and what is known of the caller.
pub(in crate::ledger) struct Caller<'a> {
    pub(in crate::ledger) phone: &'a PhoneNumber,
    pub(in crate::ledger) contact: &'a Contact,
    /// The vendor of the number that was called, if it has one.
    pub(in crate::ledger) vendor: Option<&'a str>,
}

impl PairChange<'_> {
    /// The transaction that writes the change, with the caller's lead and first contact where the pair is
    /// of inbound calls from a number.
    pub(in crate::ledger) fn with_contact(
        &self,
        caller: Option<&Caller<'_>>,
    ) -> Result<Transaction<Tag>, StoreError> {
        self.with_contact_and_rows(caller, Rows::new())
    }

    /// The same, with attributes of call rows that neither the pair nor the contact decides.
    pub(in crate::ledger) fn with_contact_and_rows(
        &self,
        caller: Option<&Caller<'_>>,
        mut rows: Rows,
    ) -> Result<Transaction<Tag>, StoreError> {
        let Some(caller) = caller else {
            let mut transaction = self.transaction(&rows)?;
            self.write_other_leads(&mut transaction, None);
            return Ok(transaction);
        };
        let first = self.first_contact(caller, &mut rows);
        let mut transaction = self.transaction(&rows)?;
        match &first {
            Some(first) => {
                self.write_first(&mut transaction, caller, first)?;
                self.unmark_former_first(&mut transaction, caller, first);
            }
            None => self.put_off_first(&mut transaction, caller),
        }
        self.write_lead(&mut transaction, caller, first.is_some())?;
        self.write_other_leads(&mut transaction, Some(caller.phone));
        Ok(transaction)
    }

    /// Takes the mark off the call of another pair that was the first contact so far, unless it has ended.
    fn unmark_former_first(
        &self,
        transaction: &mut Transaction<Tag>,
        caller: &Caller<'_>,
        first: &FirstContactItem,
    ) {
        let Some(old) = &caller.contact.first else {
            return;
        };
        let kept = self.account.calls_kept;
        let may_be_gone = kept.cut(old.call_sid.started(), self.act.now).is_some();
        let elsewhere = old.call_sid != first.call_sid && self.after.call(&old.call_sid).is_none();
        if elsewhere && !may_be_gone {
            let key = keys::call(&self.account.id, &old.call_sid);
            transaction.update(Tag::Pair, key, "REMOVE first_contact", PRESENT);
        }
    }

    /// The end of the caller's lead or first contact after this change, given when it ends so far.
    fn end_of_contact(&self, so_far: Option<Option<i64>>) -> Option<i64> {
        end_of_contact(self.account, so_far, self.act.now)
    }

    /// Puts off the end of a first contact that stays.
    fn put_off_first(&self, transaction: &mut Transaction<Tag>, caller: &Caller<'_>) {
        let Some(first) = &caller.contact.first else {
            return;
        };
        let end = self.end_of_contact(Some(first.expires_at));
        if end != first.expires_at {
            let key = keys::first_contact(&self.account.id, caller.phone);
            let (set, value) = end_alone(end);
            transaction
                .update(Tag::FirstContact, key, set, PRESENT)
                .values(value);
        }
    }

    /// Writes by how much the costs of the leads of other pairs change, but not that of `own`.
    fn write_other_leads(&self, transaction: &mut Transaction<Tag>, own: Option<&PhoneNumber>) {
        for phone in self.other_callers() {
            let change = self.cost_change(phone);
            if own == Some(phone) || change.is_zero() {
                continue;
            }
            let key = keys::lead(&self.account.id, phone);
            transaction
                .update(Tag::Pair, key, format!("ADD {LEAD_COST} :change"), PRESENT)
                .value(":change", money(change));
        }
    }

    /// The caller's first contact, if it is another one now.
    fn first_contact(&self, caller: &Caller<'_>, rows: &mut Rows) -> Option<FirstContactItem> {
        let old = caller.contact.first.as_ref();
        let new = self.earlier_contact(caller).or_else(|| {
            // The same contact, whose call was joined to another or parted from it.
            let call = self.after.call(old?.report_sid.as_ref()?)?;
            Some(FirstContactItem {
                call_sid: call.sid.clone(),
                ..old?.clone()
            })
        })?;
        if old.is_some_and(|old| old.call_sid == new.call_sid && old.report_sid == new.report_sid) {
            return None;
        }
        let flag = |set: bool| {
            let value = set.then_some(AttributeValue::Bool(true));
            vec![("first_contact".to_owned(), value)]
        };
        if let Some(old) = old
            && old.call_sid != new.call_sid
            && self.after.calls.iter().any(|call| call.sid == old.call_sid)
        {
            let old = rows.entry(old.call_sid.clone()).or_default();
            old.extend(flag(false));
        }
        let call = rows.entry(new.call_sid.clone()).or_default();
        call.extend(flag(true));
        Some(new)
    }

    /// The earliest report of the pair's calls, if it started before the caller's first contact so far.
    fn earlier_contact(&self, caller: &Caller<'_>) -> Option<FirstContactItem> {
        let (call, report) = earliest(self.after)?;
        let old = caller.contact.first.as_ref();
        let earlier = old.is_none_or(|old| report.start < old.contacted_at);
        earlier.then(|| FirstContactItem {
            call_sid: call.sid.clone(),
            report_sid: Some(report.sid.clone()),
            phone: caller.phone.clone(),
            contacted_at: report.start,
            expires_at: old.and_then(|old| old.expires_at),
        })
    }

    fn write_first(
        &self,
        transaction: &mut Transaction<Tag>,
        caller: &Caller<'_>,
        first: &FirstContactItem,
    ) -> Result<(), StoreError> {
        let item = |first: &FirstContactItem| {
            let key = keys::first_contact(&self.account.id, caller.phone);
            stored(key, "first_contact", first)
        };
        let seen = caller.contact.first.as_ref();
        let first = FirstContactItem {
            expires_at: self.end_of_contact(seen.map(|seen| seen.expires_at)),
            ..first.clone()
        };
        let (tag, new) = (Tag::FirstContact, item(&first)?);
        let Some(seen) = seen else {
            transaction
                .put(tag, new, ABSENT_OR_ENDED)
                .value(":now", n(self.act.now.seconds()));
            return Ok(());
        };
        let same = "contacted_at = :seen AND call_sid = :call";
        transaction
            .rewrite(tag, "first_contact", &item(seen)?, new, same)
            .value(":seen", at(seen.contacted_at))
            .value(":call", s(seen.call_sid.as_str()));
        Ok(())
    }

    /// Writes the lead if it is new, or else by how much its cost, and whether its vendor and its end change.
    fn write_lead(
        &self,
        transaction: &mut Transaction<Tag>,
        caller: &Caller<'_>,
        first_call: bool,
    ) -> Result<(), StoreError> {
        let account = self.account;
        let key = keys::lead(&account.id, caller.phone);
        let change = self.cost_change(caller.phone);
        let vendor = caller.vendor.unwrap_or(&account.vendor_id);
        let Some(lead) = &caller.contact.lead else {
            if self.after.calls.is_empty() {
                return Ok(());
            }
            let lead = LeadItem {
                lead_id: LeadId::of(&account.sid, caller.phone),
                vendor_id: vendor.to_owned(),
                phone: caller.phone.clone(),
                created_at: self.act.now,
                expires_at: self.end_of_contact(None),
            };
            let mut item = stored(key, "lead", &lead)?;
            if !change.is_zero() {
                item.insert(LEAD_COST.to_owned(), money(change));
            }
            transaction
                .put(Tag::Lead, item, ABSENT_OR_ENDED)
                .value(":now", n(self.act.now.seconds()));
            return Ok(());
        };
        let mut sets = Vec::new();
        let mut expression = String::new();
        let mut values = Vec::new();
        if first_call && lead.vendor_id != vendor {
            sets.push("vendor_id = :vendor".to_owned());
            values.push((":vendor", s(vendor)));
        }
        let end = self.end_of_contact(Some(lead.expires_at));
        if end != lead.expires_at {
            match end {
                Some(end) => {
                    sets.push(format!("{END} = :end"));
                    values.push((":end", n(end)));
                }
                None => expression.push_str(&format!("REMOVE {END} ")),
            }
        }
        if !sets.is_empty() {
            expression.push_str(&format!("SET {} ", sets.join(", ")));
        }
        if !change.is_zero() {
            expression.push_str("ADD ");
            expression.push_str(LEAD_COST);
            expression.push_str(" :change");
            values.push((":change", money(change)));
        }
        if !expression.is_empty() {
            transaction
                .update(Tag::Lead, key, expression, PRESENT)
                .values(values);
        }
        Ok(())
    }
}
