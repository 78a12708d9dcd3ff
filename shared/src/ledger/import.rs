//! Calls that took place before the ledger was there (patterns 8 to 10): recorded as live ones are, under
//! a sid that the call itself gives, so that recording it again finds it.

use rust_decimal::Decimal;

use super::calls::{Along, Recorded};
use super::{Inbound, Ledger, StoreError};
use crate::model::account::Account;
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::cost::Cost;
use crate::model::id::Guid;
use crate::model::phone::PhoneNumber;
use crate::model::report::Disposition;
use crate::model::text::Notes;
use crate::model::time::Instant;

use super::item::{Item, at, money, n, s};
use super::knowledge::Known;

/// A call of the past.
#[derive(Clone, Debug)]
pub struct PastCall {
    /// When it started.
    pub started: Instant,
    /// Which way it went.
    pub direction: Direction,
    /// Who called.
    pub from: CallingParty,
    /// Who was called.
    pub to: PhoneNumber,
    /// When it was over.
    pub ended: Option<Instant>,
    /// How long it was, in seconds.
    pub seconds: Option<u32>,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// What it cost.
    pub cost: Option<Cost>,
    /// When it was billed.
    pub billed: Option<Instant>,
    /// Anything that was noted.
    pub notes: Option<Notes>,
    /// What it is called where it comes from; it tells apart two calls that are otherwise the same.
    pub external_id: Option<String>,
}

/// How the recording of a past call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is in the ledger.
    New,
    /// It was before; nothing has changed.
    Already,
}

impl Ledger {
    /// Records a past call, with its caller's lead and first contact where there are none.
    ///
    /// # Errors
    /// The store's.
    pub async fn import_call(
        &self,
        account: &Account,
        call: &PastCall,
        guid: Guid,
    ) -> Result<Imported, StoreError> {
        let sid = CallSid::of_past(
            &account.sid,
            call.started,
            call.direction,
            call.from.as_str(),
            &call.to,
            call.external_id.as_deref(),
        );
        let inbound = Inbound {
            account,
            sid,
            calling: &call.from,
            called: &call.to,
            known: &Known::default(),
            guid,
        };
        let along = Along {
            more: details(call),
            recent: None,
        };
        let recorded = self.record(&inbound, call.direction, &along).await?;
        Ok(match recorded {
            Recorded::New => Imported::New,
            Recorded::Before | Recorded::Told(_) => Imported::Already,
        })
    }
}

/// What a live call is told later, as attributes of its item.
fn details(call: &PastCall) -> Item {
    let seconds = call.seconds.map(n);
    let text = |text: &str| s(text);
    [
        ("ended_at", call.ended.map(at)),
        ("duration_seconds", seconds),
        (
            "disposition",
            call.disposition.as_ref().map(|d| text(d.as_str())),
        ),
        (
            "cost",
            call.cost
                .as_ref()
                .map(Cost::decimal)
                .map(|cost: Decimal| money(cost)),
        ),
        ("date_billed", call.billed.map(at)),
        (
            "notes",
            call.notes.as_ref().map(|notes| text(notes.as_str())),
        ),
        ("external_id", call.external_id.as_deref().map(text)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}
