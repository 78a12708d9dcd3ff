//! Imported calls (patterns 8 to 10), which took place before the ledger was there. Each is recorded like a
//! live one, under a sid that is derived from the call itself, so that a second import finds it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::ids;
use crate::ledger::calls::record::{CallExtras, NewCall};
use crate::ledger::contacts::contact::Contact;
use crate::ledger::keys;
use crate::ledger::outcome::{Creation, ExistsDifferent};
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{Item, at, money, n, s, text};
use crate::ledger::table::store::Ledger;
use crate::model::account::Account;
use crate::model::call::{CallSid, CallingParty, Direction};
use crate::model::cost::Cost;
use crate::model::phone::PhoneNumber;
use crate::model::report::Disposition;
use crate::model::text::Notes;
use crate::model::time::Instant;

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

/// The attribute with the digest of the row that a call was imported from. Later updates of the call leave
/// it alone.
const ROW: &str = "row_digest";

impl Ledger {
    /// Records a past call, with its caller's lead and first contact if there are none. A call that exists
    /// and was not imported counts as the same, whatever the ledger says about it; one that was imported from
    /// a row with other details is refused as different.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if the call may be imported again.
    pub async fn import_call(
        &self,
        account: &Account,
        call: &PastCall,
    ) -> Result<Creation<(), ExistsDifferent>, StoreError> {
        if let Some(sid) = &call.call_sid
            && self.get(keys::call(&account.id, sid)).await?.is_some()
        {
            return Ok(Creation::Exists(()));
        }
        let sid = CallSid::of_past(
            &account.sid,
            call.started,
            call.direction,
            call.from.as_str(),
            &call.to,
            call.external_id.as_deref(),
        );
        let new = NewCall {
            account,
            sid,
            calling: &call.from,
            called: &call.to,
            contact: &Contact::default(),
            // One for each call: with a common one, two rows of a call would look like one and its retry.
            guid: ids::guid(),
        };
        let mut attributes = details(call);
        let row = digest(&attributes);
        attributes.insert(ROW.to_owned(), s(row.as_str()));
        let extras = CallExtras {
            attributes,
            recent: None,
        };
        let recorded = self.record(&new, call.direction, &extras).await?;
        Ok(match recorded {
            Creation::Created(()) => Creation::Created(()),
            Creation::Exists(item) if text(&item, ROW).is_some_and(|other| other != row) => {
                Creation::Refused(ExistsDifferent)
            }
            Creation::Exists(_) | Creation::Refused(_) => Creation::Exists(()),
        })
    }
}

/// The attributes that a live call is given by later updates.
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

/// A digest that two rows of a call share only if their details are the same. Details that a row leaves out
/// add nothing, so that digests stay what they are if a later version knows more attributes.
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
