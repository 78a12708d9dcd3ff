//! What a record of the stream changes, as far as events tell of it.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use crate::ledger::calls::pair::{PairCallItem, pair_bill};
use crate::ledger::events::notice::Notice;
use crate::ledger::keys;
use crate::ledger::money::refused::RefusedBill;
use crate::ledger::numbers::owned::number_of;
use crate::ledger::summary::names;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{self, Item, instant, read, text};
use crate::ledger::table::stream::{self, Record, UnreadableBatch};
use crate::model::account::AccountId;
use crate::model::number::RegisteredNumber;
use crate::model::pair::Pair;
use crate::model::pair::call::PairCall;
use crate::model::pair::entry::CostEntry;
use crate::model::phone::PhoneNumber;
use crate::model::queue::{CallProcessId, QueueId};
use crate::model::time::Instant;
use crate::model::webhook::{Endpoint, EndpointState, OffReason};

/// The types of the items whose changes events tell of. The event source mapping filters by them.
pub const TOLD: [&str; 9] = [
    "pair_call",
    "pair_bill",
    "refused_bill",
    "lead",
    "feedback",
    "queue_entry",
    "number",
    "notice",
    "webhook",
];

/// How long before its record something was received that was recorded then, where a version without the mark
/// wrote it.
const JUST_NOW: Duration = Duration::from_secs(600);

/// A batch of records of one shard, in their order.
pub struct ChangeBatch {
    pub(in crate::ledger) shard: String,
    /// The records.
    pub records: Vec<ChangeRecord>,
}

/// One record.
pub struct ChangeRecord {
    /// The sequence number, as Lambda wants it back.
    pub number: String,
    /// When the change was made, to the second.
    pub created: Instant,
    /// The partition and the sort key of the item.
    pub key: (String, String),
    /// The account whose item it is.
    pub account: Option<AccountId>,
    record: Record,
}

/// What an item was and is.
pub enum Change {
    /// A call of a pair.
    Call {
        /// The pair.
        pair: Pair,
        /// What it was; `None` for one that is new.
        old: Option<Box<PairCall>>,
        /// What it is.
        new: Box<PairCall>,
        /// Which of its reports and entries were recorded with this change.
        recorded: Recorded,
    },
    /// A cost without a call.
    Unmatched {
        /// The pair.
        pair: Pair,
        /// What it was; `None` if it had a call, or was not there.
        old: Option<Box<CostEntry>>,
        /// What it is.
        new: Box<CostEntry>,
        /// Whether it was recorded with this change.
        recorded: bool,
        /// Whether it has had no call for a day since this change.
        overdue: bool,
    },
    /// A bill was refused.
    RefusedBill(RefusedBill),
    /// A lead.
    Lead {
        /// Whether it is new.
        created: bool,
        /// What it is.
        lead: LeadChange,
    },
    /// A piece of feedback.
    Feedback(FeedbackChange),
    /// An entry of the dialer's queue.
    Queue(QueueChange),
    /// A number of the account.
    Number {
        /// Whether the account has it since, or had it until then.
        bought: bool,
        /// The number.
        number: Box<RegisteredNumber>,
    },
    /// A notice.
    Notice(Notice),
    /// A webhook was switched off, and nobody asked for that.
    SwitchedOff(Box<Endpoint>),
}

/// Which reports and entries of a call a change recorded.
pub enum Recorded {
    /// Those with these ids.
    Ids(Vec<String>),
    /// Those that were received after this moment: an earlier version made the change.
    Since(Instant),
}

impl Recorded {
    /// Whether what has this id, and was received then, was recorded.
    #[must_use]
    pub fn has(&self, id: &str, received: Instant) -> bool {
        match self {
            Self::Ids(ids) => ids.iter().any(|one| one == id),
            Self::Since(moment) => received >= *moment,
        }
    }
}

/// A lead as its item says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LeadChange {
    /// Its id.
    pub lead_id: String,
    /// The vendor that it is attributed to.
    pub vendor_id: String,
    /// Its number.
    pub phone: PhoneNumber,
    /// When it was made.
    pub created_at: Instant,
    /// What its calls cost, as DynamoDB spells it.
    #[serde(skip)]
    pub cost: Option<String>,
}

/// A piece of feedback as its item says.
#[derive(Clone, Debug, Deserialize)]
pub struct FeedbackChange {
    /// The response that it is about.
    pub response_id: String,
    /// The number that was dialed.
    pub phone: PhoneNumber,
    /// Who answered.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether anybody could be reached.
    pub phone_status: String,
    /// Whether it was the intended person.
    pub right_party: bool,
    /// When it was received.
    pub received_at: Instant,
    /// Who sent it.
    #[serde(default)]
    pub credential_id: Option<String>,
}

/// A queue entry as its item says.
#[derive(Clone, Debug, Deserialize)]
pub struct QueueChange {
    /// Its id.
    pub callqueue_id: QueueId,
    /// The call process that places the call.
    pub callprocess_id: CallProcessId,
    /// What has become of it.
    pub callqueue_status: String,
    /// The number to call.
    pub lead_numtocall: PhoneNumber,
    /// Its lead.
    pub lead_id: String,
    /// The text that the agent hears.
    pub whisper_text: String,
    /// When it was queued.
    pub created_at: Instant,
    /// How often it was given to a taker, once it is over.
    #[serde(default)]
    pub attempts: u32,
    /// When it was over.
    #[serde(default)]
    pub ended_at: Option<Instant>,
    /// Who asked for it.
    #[serde(default)]
    pub credential_id: Option<String>,
}

impl ChangeBatch {
    /// Reads a batch.
    ///
    /// # Errors
    /// Returns `UnreadableBatch` if it is no event of a table's stream with its shard.
    pub fn read(event: &[u8]) -> Result<Self, UnreadableBatch> {
        let (shard, records) = stream::read(event)?;
        Ok(Self {
            shard,
            records: records.into_iter().map(ChangeRecord::of).collect(),
        })
    }
}

impl ChangeRecord {
    fn of(record: Record) -> Self {
        let of = |name: &str| text(&record.keys, name).unwrap_or_default().to_owned();
        let key = (of(keys::PK), of(keys::SK));
        Self {
            number: record.number.clone(),
            created: record.created,
            account: names::account_of(&key.0),
            key,
            record,
        }
    }

    /// The sequence number in the form in which texts sort as numbers do.
    #[must_use]
    pub fn sequence(&self) -> String {
        stream::sequence(&self.number)
    }

    /// Reads what it changes; `None` if events do not tell of it.
    ///
    /// # Errors
    /// Returns [`StoreError::Later`] if a later version wrote the item, and [`StoreError::Broken`] if it cannot be
    /// read.
    pub fn change(&self) -> Result<Option<Change>, StoreError> {
        let Record { old, new, .. } = &self.record;
        for image in [old, new] {
            if let Some(later) = item::later(image) {
                return Err(later);
            }
        }
        let kind = text(new, "type").or_else(|| text(old, "type"));
        let is_new = old.is_empty();
        let gone = new.is_empty();
        if gone && kind != Some("number") {
            return Ok(None);
        }
        Ok(match kind {
            Some("pair_call") => self.call()?,
            Some("pair_bill") => self.unmatched()?,
            Some("refused_bill") if is_new => Some(Change::RefusedBill(read(new.clone())?)),
            Some("lead") => lead(old, new)?,
            Some("feedback") if feedback_differs(old, new) => {
                Some(Change::Feedback(read(new.clone())?))
            }
            Some("queue_entry") => {
                let status = |item| text(item, "callqueue_status");
                let differs = status(old) != status(new);
                differs
                    .then(|| read(new.clone()).map(Change::Queue))
                    .transpose()?
            }
            Some("number") if is_new || gone => {
                let number = number_of(if gone { old.clone() } else { new.clone() })?;
                Some(Change::Number {
                    bought: !gone,
                    number: Box::new(number),
                })
            }
            Some("webhook") if !is_new => switched_off(old, new)?,
            Some("notice") if is_new => Some(Change::Notice(read(new.clone())?)),
            _ => None,
        })
    }

    fn pair(&self) -> Result<Pair, StoreError> {
        let pair = keys::pair_of_partition(&self.key.0);
        let broken = || StoreError::Broken("the partition of a pair is none".to_owned());
        pair.map(|(_, pair)| pair).ok_or_else(broken)
    }

    fn call(&self) -> Result<Option<Change>, StoreError> {
        let Record { old, new, .. } = &self.record;
        let call = |image: &Item| {
            let item = read::<PairCallItem>(image.clone());
            item.map(|item| Box::new(PairCall::from(item)))
        };
        let marks = new.get("recorded").and_then(|marks| marks.as_l().ok());
        let recorded = match marks {
            Some(marks) => Recorded::Ids(
                marks
                    .iter()
                    .filter_map(|mark| mark.as_s().ok().cloned())
                    .collect(),
            ),
            None => Recorded::Since(self.created.minus(JUST_NOW)),
        };
        Ok(Some(Change::Call {
            pair: self.pair()?,
            old: (!old.is_empty()).then(|| call(old)).transpose()?,
            new: call(new)?,
            recorded,
        }))
    }

    fn unmatched(&self) -> Result<Option<Change>, StoreError> {
        let Record { old, new, .. } = &self.record;
        let entry = Box::new(pair_bill(new.clone())?);
        let marked = new.get("recorded") == Some(&AttributeValue::Bool(true));
        let told = |image| instant(image, OVERDUE_SINCE).is_some();
        Ok(Some(Change::Unmatched {
            pair: self.pair()?,
            old: (!old.is_empty())
                .then(|| pair_bill(old.clone()).map(Box::new))
                .transpose()?,
            recorded: old.is_empty() && marked,
            overdue: told(new) && !told(old),
            new: entry,
        }))
    }
}

/// The attribute of an unmatched entry that says since when it is told of.
pub(in crate::ledger) const OVERDUE_SINCE: &str = "overdue_at";

fn switched_off(old: &Item, new: &Item) -> Result<Option<Change>, StoreError> {
    let status = |item| text(item, "status");
    let asked = text(new, "off_reason") == Some(OffReason::Asked.as_str());
    if asked || status(old) == status(new) || status(old) != Some(EndpointState::Enabled.as_str()) {
        return Ok(None);
    }
    Ok(Some(Change::SwitchedOff(Box::new(read(new.clone())?))))
}

fn lead(old: &Item, new: &Item) -> Result<Option<Change>, StoreError> {
    let cost = |image: &Item| image.get("total_cost")?.as_n().ok().cloned();
    let vendor = |image| text(image, "vendor_id");
    // One that has ended may not be deleted yet when another takes its place.
    let made = |image| instant(image, "created_at");
    let created = old.is_empty() || made(old) != made(new);
    if !created && cost(old) == cost(new) && vendor(old) == vendor(new) {
        return Ok(None);
    }
    let lead: LeadChange = read(new.clone())?;
    let cost = cost(new);
    Ok(Some(Change::Lead {
        created,
        lead: LeadChange { cost, ..lead },
    }))
}

/// Whether feedback says something else than before, or says it again later.
fn feedback_differs(old: &Item, new: &Item) -> bool {
    ["received_at", "phone_status", "right_party", "name"]
        .iter()
        .any(|name| old.get(*name) != new.get(*name))
}
