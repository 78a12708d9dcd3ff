//! The rows of cost entries (pattern 34): what a bill said, and what became of it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::summary::names;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, money, read, stored, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::{CallSid, CallingParty, CostId, Direction};
use crate::model::cost::Cost;
use crate::model::expectation::Expectation;
use crate::model::pair::Pair;
use crate::model::pair::entry::{CostEntry, Pin, State};
use crate::model::phone::{PhoneNumber, SwitchDigits};
use crate::model::text::Notes;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;
use crate::model::withheld::WITHHELD;

/// A cost entry with everything that is known of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CostRow {
    /// What its bill said, and what the rules and people decided about it.
    #[serde(flatten)]
    pub entry: CostEntry,
    /// Free text from the vendor. It is kept here alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Notes>,
    /// The number that was called, as E.164.
    pub call_to: PhoneNumber,
    /// Who called: E.164, the digits that reached a switch, or `withheld`.
    pub call_from: String,
    /// Which way the call goes: bills are for inbound calls, and imports are for any.
    #[serde(default = "inbound", skip_serializing_if = "is_inbound")]
    pub direction: Direction,
    /// The call that it is matched to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_sid: Option<CallSid>,
    /// The vendor whose cost it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_id: Option<VendorId>,
    /// The credential that sent the bill; none for an imported cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<String>,
    /// The public name of that credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method_id: Option<String>,
    /// What people call that credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// When the call took place, as answers show it.
    pub call_date: Instant,
    /// From where the bill was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// Whether the same credential had sent its call id for another pair.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub id_reused: bool,
    /// Whether a repeat of its bill may have been for a second call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maybe_second: bool,
    /// Whether it came at another price than was agreed with its vendor at that moment. Whoever follows the
    /// stream notes it, some seconds later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_price: bool,
    /// Whether it found a call that had no room for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub crowded: bool,
    /// Whether its call has left it out for later bills: it stays as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// The id by which an earlier version acknowledged it, if that was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_id: Option<CostId>,
    /// Whether another vendor bills its call as well, as far as the reader of the row looked.
    #[serde(skip)]
    pub two_vendors: bool,
    /// What the terms of its vendor make of it, as far as the reader of the row asked.
    #[serde(skip)]
    pub expectation: Option<Expectation>,
    /// The request.
    pub guid: String,
    /// What became of it since, from the first to the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<CostEvent>,
}

pub(in crate::ledger) fn inbound() -> Direction {
    Direction::Inbound
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
pub(in crate::ledger) fn is_inbound(direction: &Direction) -> bool {
    *direction == Direction::Inbound
}

/// Something that became of a cost entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CostEvent {
    /// When.
    pub at: Instant,
    /// What was done: `bill`, `report`, `void`, `pin`, ...
    pub what: String,
    /// Who did it.
    pub by: String,
    /// Why, where a person said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The request.
    pub guid: String,
    /// The state of the entry since then.
    pub state: State,
    /// The call that it is matched to since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_sid: Option<CallSid>,
}

impl CostRow {
    /// The pair that it lies in.
    #[must_use]
    pub fn pair(&self) -> Pair {
        let from = match PhoneNumber::from_stored(&self.call_from) {
            Ok(number) => CallingParty::Number(number),
            Err(_) => SwitchDigits::parse(&self.call_from)
                .ok()
                .filter(|_| self.call_from != WITHHELD)
                .map_or(CallingParty::Withheld, CallingParty::Digits),
        };
        Pair {
            direction: self.direction,
            from,
            to: self.call_to.clone(),
        }
    }

    /// The amount.
    #[must_use]
    pub fn amount(&self) -> Cost {
        self.entry.amount
    }

    /// Whether a person matched it.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        matches!(self.entry.pin, Some(Pin::Call(_) | Pin::None))
    }

    /// The item that stores it. The amount is an exact number beside the text, for sums of the table.
    pub(in crate::ledger) fn item(&self, account: &AccountId) -> Result<Item, StoreError> {
        let mut item = stored(keys::cost(account, &self.entry.cost_id), "cost", self)?;
        item.insert("cost".to_owned(), money(self.amount().decimal()));
        // Its history is a list from the first write on, so that later ones append to it.
        item.entry("history".to_owned())
            .or_insert_with(|| AttributeValue::L(Vec::new()));
        Ok(item)
    }
}

impl Ledger {
    /// One cost entry.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn cost(
        &self,
        account: &AccountId,
        id: &CostId,
    ) -> Result<Option<CostRow>, StoreError> {
        let item = self.get(keys::cost(account, id)).await?;
        item.map(read).transpose()
    }

    /// Cost entries by account and id; those that are not there are left out.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn cost_rows(
        &self,
        wanted: Vec<(AccountId, CostId)>,
    ) -> Result<HashMap<(AccountId, CostId), CostRow>, StoreError> {
        let wanted = wanted.into_iter();
        let wanted = wanted.map(|(account, id)| keys::cost(&account, &id));
        let wanted: Vec<_> = wanted.collect();
        let found = self.items(wanted).await?.into_iter();
        let rows = found.map(|item| {
            let account = text(&item, keys::PK).and_then(names::account_of);
            let broken = || StoreError::Broken("cost has no account".to_owned());
            let account = account.ok_or_else(broken)?;
            let row: CostRow = read(item)?;
            Ok(((account, row.entry.cost_id.clone()), row))
        });
        rows.collect()
    }

    /// One cost entry, by its id or by the one by which an earlier version acknowledged it.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn acknowledged_cost(
        &self,
        account: &AccountId,
        id: &CostId,
    ) -> Result<Option<CostRow>, StoreError> {
        if let Some(row) = self.cost(account, id).await? {
            return Ok(Some(row));
        }
        let renamed = self.get(keys::former_cost(account, id)).await?;
        let id = renamed.and_then(|item| CostId::parse(text(&item, "cost_id")?).ok());
        match id {
            Some(id) => self.cost(account, &id).await,
            None => Ok(None),
        }
    }
}
