//! Calls that took place before the ledger was there (patterns 8 to 10): recorded as live ones are, under
//! a sid that the call itself gives, so that recording it again finds it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::ids;
use crate::ledger::calls::record::Inbound;
use crate::ledger::calls::record::{CallExtras, Recorded};
use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::store::Ledger;
use crate::model::account::Account;
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::cost::Cost;
use crate::model::phone::PhoneNumber;
use crate::model::report::Disposition;
use crate::model::text::Notes;
use crate::model::time::Instant;

use crate::ledger::contacts::contact::Contact;
use crate::ledger::table::item::{Item, at, money, n, s, text};

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
    /// The sid that it has in this ledger, if it came out of this one and not of another.
    pub call_sid: Option<CallSid>,
}

/// How the recording of a past call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is in the ledger.
    New,
    /// It was before; nothing has changed.
    Already,
    /// It was before, from a row that said something else of it; nothing has changed.
    Otherwise,
}

/// The attribute that keeps what the row of an imported call said, whatever becomes of the call.
const ROW: &str = "row_digest";

impl Ledger {
    /// Records a past call, with its caller's lead and first contact where there are none. A call that
    /// is there and was not imported counts as the same one, whatever is known of it.
    ///
    /// # Errors
    /// The store's.
    pub async fn import_call(
        &self,
        account: &Account,
        call: &PastCall,
    ) -> Result<Imported, StoreError> {
        if let Some(sid) = &call.call_sid
            && self.get(keys::call(&account.id, sid)).await?.is_some()
        {
            return Ok(Imported::Already);
        }
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
            known: &Contact::default(),
            // One for each call: with a common one, two rows of a call would take each other for a retry.
            guid: ids::guid(),
        };
        let mut more = details(call);
        let row = digest(&more);
        more.insert(ROW.to_owned(), s(row.as_str()));
        let along = CallExtras { more, recent: None };
        let recorded = self.record(&inbound, call.direction, &along).await?;
        Ok(match recorded {
            Recorded::New => Imported::New,
            Recorded::Before(item) if text(&item, ROW).is_some_and(|before| before != row) => {
                Imported::Otherwise
            }
            Recorded::Before(_) | Recorded::Told(_) => Imported::Already,
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
            call.cost.map(|cost| money(cost.decimal().normalize())),
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

/// The same for all rows that say the same of a call, and for no others. What a row leaves out adds
/// nothing, so rows keep theirs when there are more attributes one day.
fn digest(details: &Item) -> String {
    let mut hash = Sha256::new();
    for (name, value) in details.iter().collect::<BTreeMap<_, _>>() {
        let value = value.as_s().or_else(|_| value.as_n());
        let value = value.map_or("", String::as_str);
        hash.update(format!("{name}:{}:{value};", value.len()));
    }
    let half: Vec<u8> = hash.finalize().into_iter().take(16).collect();
    hex::encode(half)
}
