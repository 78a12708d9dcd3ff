//! Inbound calls (patterns 8 to 10), and the leads and first contacts they make.

use serde::{Deserialize, Serialize};

use crate::ledger::calls::recent::{Recent, recent_calls};
use crate::ledger::contacts::contact::{Contact, LeadItem};
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, read, stored, text};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction, LeadId, LeadRef};
use crate::model::id::Guid;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// A call as it is first written; what happens to it later (end, cost, date billed) is set by updates.
#[derive(Serialize)]
pub(in crate::ledger) struct CallItem<'a> {
    pub(in crate::ledger) call_sid: &'a CallSid,
    pub(in crate::ledger) account_id: &'a AccountId,
    pub(in crate::ledger) direction: Direction,
    pub(in crate::ledger) call_from: &'a str,
    pub(in crate::ledger) call_to: &'a PhoneNumber,
    pub(in crate::ledger) started_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::ledger) lead_id: Option<&'a LeadId>,
    /// Whether it is the first call of its caller that the account has recorded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::ledger) first_contact: bool,
    /// The request that wrote it: a retry that lost its answer knows its own work by it.
    pub(in crate::ledger) guid: String,
}

/// A pair's pointer to a call, with all that billing needs to know.
#[derive(Serialize, Deserialize)]
pub(in crate::ledger) struct PairItem {
    pub(in crate::ledger) call_sid: CallSid,
    pub(in crate::ledger) lead: LeadRef,
}

#[derive(Serialize)]
struct FirstContactItem<'a> {
    call_sid: &'a CallSid,
    phone: &'a PhoneNumber,
    contacted_at: Instant,
}

/// An inbound call to be recorded.
pub struct Inbound<'a> {
    /// Whose call it is.
    pub account: &'a Account,
    /// Its sid, which also says when it started.
    pub sid: CallSid,
    /// Who is calling.
    pub calling: &'a CallingParty,
    /// Which number is called.
    pub called: &'a PhoneNumber,
    /// What is known of the caller, as just read; what has changed since is found out by the conditions.
    pub known: &'a Contact,
    /// The request.
    pub guid: Guid,
}

/// What goes into the ledger with a call.
#[derive(Default)]
pub(in crate::ledger) struct CallExtras<'a> {
    /// More attributes than a live call begins with.
    pub(in crate::ledger) more: Item,
    /// Its place among the recent calls of its pair.
    pub(in crate::ledger) recent: Option<&'a Recent>,
}

/// How often the plan is made anew when another request made the lead or the first contact meanwhile.
const PLANS: u32 = 4;

impl Ledger {
    /// Records an inbound call, with its caller's lead and first contact where it is the first, in one
    /// transaction.
    ///
    /// # Errors
    /// The store's.
    pub async fn record_inbound(&self, call: &Inbound<'_>) -> Result<(), StoreError> {
        let along = CallExtras::default();
        match self.record(call, Direction::Inbound, &along).await? {
            Recorded::New => Ok(()),
            Recorded::Before(_) | Recorded::Told(_) => Err(taken()),
        }
    }

    /// Records a call of either direction with what goes along with it; only an inbound one makes a lead, a
    /// first contact and a pointer for bills.
    pub(in crate::ledger) async fn record(
        &self,
        call: &Inbound<'_>,
        direction: Direction,
        along: &CallExtras<'_>,
    ) -> Result<Recorded, StoreError> {
        let mut lead = call.known.lead.clone();
        let mut contacted = call.known.contacted;
        for _ in 0..PLANS {
            let plan = self.call_writes_of(call, direction, along, lead.as_ref(), contacted)?;
            let kinds = plan.kinds;
            let Transacted::Refused(found) = self.transact(plan.writes).await? else {
                return Ok(Recorded::New);
            };
            for (index, item) in found {
                match (kinds.get(index), item) {
                    (Some(Write::Call), Some(item)) if wrote(&item, call.guid) => {
                        return Ok(Recorded::New);
                    }
                    (Some(Write::Call), Some(item)) => return Ok(Recorded::Before(item)),
                    (Some(Write::Lead), Some(item)) => lead = Some(read(item)?),
                    (Some(Write::FirstContact), _) => contacted = true,
                    (Some(Write::Recent), Some(item)) => {
                        return recent_calls(item).map(Recorded::Told);
                    }
                    _ => return Err(taken()),
                }
            }
        }
        Err(StoreError::Unavailable(
            "the caller's lead kept changing".to_owned(),
        ))
    }

    fn call_writes_of(
        &self,
        call: &Inbound<'_>,
        direction: Direction,
        along: &CallExtras<'_>,
        lead: Option<&LeadItem>,
        contacted: bool,
    ) -> Result<Plan, StoreError> {
        const NEW: &str = "attribute_not_exists(pk)";
        let account = &call.account.id;
        let caller = call
            .calling
            .number()
            .filter(|_| direction == Direction::Inbound);
        let caller = caller.map(|phone| {
            let lead = lead.cloned().unwrap_or_else(|| LeadItem {
                lead_id: LeadId::of(&call.account.sid, phone),
                vendor_id: call.account.vendor_id.clone(),
                phone: phone.clone(),
                created_at: call.sid.started(),
            });
            (phone, lead)
        });
        let item = CallItem {
            call_sid: &call.sid,
            account_id: account,
            direction,
            call_from: call.calling.as_str(),
            call_to: call.called,
            started_at: call.sid.started(),
            lead_id: caller.as_ref().map(|(_, lead)| &lead.lead_id),
            first_contact: caller.is_some() && !contacted,
            guid: call.guid.to_string(),
        };
        let mut item = stored(keys::call(account, &call.sid), "call", &item)?;
        item.extend(along.more.clone());
        let mut plan = Plan {
            writes: vec![self.put(item, NEW).write()?],
            kinds: vec![Write::Call],
        };
        if let Some(recent) = along.recent {
            let note = self.note_recent(account, recent, &call.sid)?;
            plan.add(Write::Recent, note.write()?);
        }
        let Some((phone, lead_item)) = caller else {
            return Ok(plan);
        };
        let pair = PairItem {
            call_sid: call.sid.clone(),
            lead: LeadRef {
                lead_id: lead_item.lead_id.clone(),
                vendor_id: lead_item.vendor_id.clone(),
                first_contact: !contacted,
            },
        };
        let pair_key = keys::pair_call(account, call.called, phone, &call.sid);
        plan.add(
            Write::Pair,
            self.put(stored(pair_key, "pair_call", &pair)?, NEW)
                .write()?,
        );
        if lead.is_none() {
            let item = stored(keys::lead(account, phone), "lead", &lead_item)?;
            plan.add(Write::Lead, self.put(item, NEW).write()?);
        }
        if !contacted {
            let first = FirstContactItem {
                call_sid: &call.sid,
                phone,
                contacted_at: call.sid.started(),
            };
            let item = stored(keys::first_contact(account, phone), "first_contact", &first)?;
            plan.add(Write::FirstContact, self.put(item, NEW).write()?);
        }
        Ok(plan)
    }
}

/// How the recording of a call ended.
pub(in crate::ledger) enum Recorded {
    /// It is in the ledger.
    New,
    /// A call of its sid was there before, this one, and stays as it is.
    Before(Item),
    /// The pair has these recent calls, the earliest first, that it may be one of.
    Told(Vec<CallSid>),
}

fn taken() -> StoreError {
    StoreError::Broken("a new call sid is already taken".to_owned())
}

/// A transaction's writes, and what each of them is.
struct Plan {
    writes: Vec<aws_sdk_dynamodb::types::TransactWriteItem>,
    kinds: Vec<Write>,
}

impl Plan {
    fn add(&mut self, kind: Write, write: aws_sdk_dynamodb::types::TransactWriteItem) {
        self.kinds.push(kind);
        self.writes.push(write);
    }
}

#[derive(Clone, Copy)]
enum Write {
    Call,
    Pair,
    Lead,
    FirstContact,
    Recent,
}

/// Whether `item` was written by the request `guid`.
pub(in crate::ledger) fn wrote(item: &Item, guid: Guid) -> bool {
    text(item, "guid") == Some(guid.to_string().as_str())
}
