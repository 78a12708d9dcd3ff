//! A call as the version before wrote it.

use std::collections::BTreeMap;

use crate::ledger::calls::change::ROW;
use crate::ledger::keys::Key;
use crate::ledger::migrate::digest::details_of_row;
use crate::ledger::money::import::IMPORT;
use crate::ledger::summary::facts::decimal;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, instant, money, number, s, stored, text};
use crate::model::account::{Account, AccountId};
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::cost::Cost;
use crate::model::pair::Pair;
use crate::model::pair::external_id::ExternalId;
use crate::model::pair::source_report::{Source, SourceReport};
use crate::model::phone::{PhoneNumber, SwitchDigits};
use crate::model::property::PropertySid;
use crate::model::report::Disposition;
use crate::model::text::Notes;
use crate::model::time::Instant;
use crate::model::withheld::is_withheld;

/// Why an item cannot be converted. It names no value.
pub(in crate::ledger) type Unreadable = &'static str;

/// The attributes of a call that no call has any more.
const GONE: [&str; 4] = ["guid", "ended_by", "row_digest", "external_id"];

/// A call of the version before.
pub(super) struct OldCall {
    pub(super) sid: CallSid,
    pub(super) pair: Pair,
    /// The caller as it was stored.
    from: String,
    pub(super) ended: Option<Instant>,
    seconds: Option<u32>,
    disposition: Option<Disposition>,
    property: Option<PropertySid>,
    notes: Option<Notes>,
    cost: Option<Cost>,
    billed: Option<Instant>,
    external_id: Option<ExternalId>,
    guid: String,
    /// Whether `orig_call_end` ended it.
    ended_by_caller: bool,
    /// Whether it was imported.
    pub(super) imported: bool,
    /// Which details are those of its row, if it was imported and that is known.
    of_row: Option<Vec<&'static str>>,
}

/// What an imported call cost by its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum ImportedCost {
    /// Nothing.
    None,
    /// This.
    Known(Cost),
    /// Something that a bill has replaced: the version before kept no other record of it.
    Replaced,
}

/// Whether an item is the row of a call of the version before.
pub(super) fn is_old(item: &Item) -> bool {
    text(item, "type") == Some("call") && !item.contains_key("sources")
}

impl OldCall {
    /// Reads the row of a call.
    pub(super) fn read(item: &Item) -> Result<Self, Unreadable> {
        let sid = text(item, "call_sid").and_then(|sid| CallSid::parse(sid).ok());
        let to = text(item, "call_to").and_then(|to| PhoneNumber::from_stored(to).ok());
        let from = text(item, "call_from").and_then(caller);
        let direction = match text(item, "direction") {
            Some("inbound") => Direction::Inbound,
            Some("outbound") => Direction::Outbound,
            _ => return Err("its direction cannot be read"),
        };
        let digest = text(item, "row_digest");
        let written = |name: &str| item.get(name)?.as_n().ok().and_then(|n| decimal(n));
        Ok(Self {
            sid: sid.ok_or("its sid cannot be read")?,
            pair: Pair {
                direction,
                from: from.ok_or("its caller cannot be read")?,
                to: to.ok_or("the number that was called cannot be read")?,
            },
            from: text(item, "call_from").unwrap_or_default().to_owned(),
            ended: instant(item, "ended_at"),
            seconds: number(item, "duration_seconds"),
            disposition: text(item, "disposition").and_then(|text| Disposition::parse(text).ok()),
            property: text(item, "property_sid").and_then(|sid| PropertySid::parse(sid).ok()),
            notes: text(item, "notes").and_then(|notes| Notes::parse(notes).ok()),
            cost: written("cost").and_then(|cost| Cost::from_decimal(cost).ok()),
            billed: instant(item, "date_billed"),
            external_id: text(item, "external_id")
                .and_then(|id| ExternalId::parse(id).ok().flatten()),
            guid: text(item, "guid").unwrap_or_default().to_owned(),
            ended_by_caller: item.contains_key("ended_by"),
            imported: digest.is_some(),
            of_row: digest.and_then(|digest| details_of_row(item, digest)),
        })
    }

    /// Who told of the call.
    fn source(&self) -> Source {
        match self.pair.direction {
            _ if self.imported => Source::Cdr,
            _ if self.property.is_some() => Source::Switch,
            Direction::Inbound => Source::Lookup,
            Direction::Outbound => Source::StartEnd,
        }
    }

    /// Whether its source said when it started.
    fn is_stated(&self, account: &Account) -> bool {
        let Pair { direction, to, .. } = &self.pair;
        let of_stated = || {
            let start = self.sid.started();
            CallSid::of_past(&account.sid, start, *direction, &self.from, to, None)
        };
        self.source() != Source::Switch || self.sid == of_stated()
    }

    /// Whether a detail is what its source said at first. Only of imported calls it is known what came later.
    fn is_first(&self, detail: &str) -> bool {
        let of_row = self.of_row.as_ref();
        of_row.is_none_or(|of_row| of_row.contains(&detail))
    }

    /// What its source said, and where it is known that a later request changed that, what it says since.
    pub(super) fn reports(&self, account: &Account, now: Instant) -> Vec<SourceReport> {
        let start = self.sid.started();
        let source = self.source();
        let stated_length = source == Source::Cdr || self.ended_by_caller;
        // A bill's notes are its entry's.
        let own_notes = source == Source::Cdr && self.is_first("notes");
        let changed = SourceReport {
            sid: self.sid.clone(),
            source,
            start,
            stated: self.is_stated(account),
            ended: self.ended.map(|ended| ended.max(start)),
            seconds: self.seconds.filter(|_| stated_length),
            disposition: self.disposition.clone(),
            external_id: self.external_id.clone(),
            property: self.property.clone(),
            notes: self.notes.clone().filter(|_| own_notes),
            vendor: None,
            within: account.same_call_seconds,
            revision: 0,
            // When a file was imported is not known, but the call was known by then from other sources.
            recorded_at: if self.imported { now } else { start },
            guid: self.guid.clone(),
        };
        let first = SourceReport {
            ended: changed.ended.filter(|_| self.is_first("ended_at")),
            seconds: changed
                .seconds
                .filter(|_| self.is_first("duration_seconds")),
            disposition: changed
                .disposition
                .clone()
                .filter(|_| self.is_first("disposition")),
            ..changed.clone()
        };
        if first == changed {
            return vec![first];
        }
        let sid = self.correction(account);
        let revision = 1;
        vec![
            first,
            SourceReport {
                sid,
                revision,
                ..changed
            },
        ]
    }

    /// The sid of the report that corrects the first, the same whenever the call is converted.
    fn correction(&self, account: &Account) -> CallSid {
        let Pair { direction, to, .. } = &self.pair;
        let name = format!("correction of {}", self.sid.as_str());
        let start = self.sid.started();
        CallSid::of_past(&account.sid, start, *direction, &self.from, to, Some(&name))
    }

    /// What it cost by its row; `billed`: whether a bill for it was recorded as well.
    pub(super) fn imported_cost(&self, billed: bool) -> ImportedCost {
        let known = self.cost.map_or(ImportedCost::None, ImportedCost::Known);
        match &self.of_row {
            _ if !self.imported => ImportedCost::None,
            Some(of_row) if of_row.contains(&"cost") => known,
            Some(_) => ImportedCost::None,
            None if billed => ImportedCost::Replaced,
            None => known,
        }
    }

    /// The item of a cost that only the row of its call had, in the form of the version before. It is
    /// converted like the others.
    pub(super) fn cost_item(&self, account: &AccountId, cost: Cost) -> Result<Item, StoreError> {
        let key = imported_cost(account, &self.sid);
        let start = self.sid.started();
        let direction = match self.pair.direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        };
        let mut item = stored(key, "cost", &BTreeMap::<String, String>::new())?;
        item.extend([
            ("call_sid".to_owned(), s(self.sid.as_str())),
            ("direction".to_owned(), s(direction)),
            ("call_from".to_owned(), s(self.from.as_str())),
            ("call_to".to_owned(), s(self.pair.to.as_e164())),
            ("date_billed".to_owned(), at(self.billed.unwrap_or(start))),
            ("call_date".to_owned(), at(start)),
            ("recorded_at".to_owned(), at(start)),
            ("method".to_owned(), s(IMPORT)),
            ("cost".to_owned(), money(cost.decimal())),
            ("guid".to_owned(), s(self.guid.as_str())),
        ]);
        if let Some(id) = &self.external_id {
            item.insert("external_id".to_owned(), s(id.as_str()));
        }
        Ok(item)
    }

    /// The attributes of its row that its call does not have any more.
    pub(super) fn gone(&self) -> Vec<&'static str> {
        let mut gone = GONE.to_vec();
        if self.pair.is_withheld() {
            gone.push("first_contact");
        }
        gone
    }

    /// The attributes that its row does not have any more once it was joined to another call.
    pub(super) fn gone_if_joined(&self) -> Vec<&'static str> {
        let mut gone = GONE.to_vec();
        gone.extend(ROW.iter().filter(|name| !GONE.contains(name)));
        gone
    }

    /// The pointer by which bills found it.
    pub(super) fn pointer(&self, account: &AccountId) -> Key {
        let (to, from) = (self.pair.to.as_e164(), &self.from);
        let partition = format!("A#{account}#PAIR#{to}#{from}");
        Key::new(partition, format!("CALL#{}", self.sid.as_str()))
    }
}

/// A caller as the version before stored it. It took the keypad spellings of withheld callers for numbers.
pub(super) fn caller(text: &str) -> Option<CallingParty> {
    if is_withheld(text) {
        return Some(CallingParty::Withheld);
    }
    match PhoneNumber::from_stored(text) {
        Ok(number) => Some(CallingParty::Number(number)),
        Err(_) => SwitchDigits::parse(text).ok().map(CallingParty::Digits),
    }
}

/// The key of a cost that only the row of its call had.
pub(super) fn imported_cost(account: &AccountId, sid: &CallSid) -> Key {
    Key::new(cost_partition(account, sid), "COST#import")
}

/// The partition of a call's costs in the version before.
pub(super) fn cost_partition(account: &AccountId, sid: &CallSid) -> String {
    format!("A#{account}#CALL#{}", sid.as_str())
}
