//! `GET /reports/call-data` (contracts/teletracker.md).

mod accounts;
mod dates;
mod filters;
mod formats;
mod goldens;
mod pages;
mod reading;
mod requests;
mod rows;

use callbook::ledger::{Creation, PastCall};
use callbook::model::account::Account;
use callbook::model::call::{CallingParty, Direction};
use callbook::model::phone::PhoneNumber;
use callbook::model::time::{Instant, Zone};
use callbook_tests::World;

/// The day of every call in these tests.
const TODAY: [(&str, &str); 2] = [("start_date", "2026-11-21"), ("end_date", "2026-11-21")];

/// An imported call, from one number to another.
fn past(date: &str, direction: Direction, from: &str, to: &str) -> PastCall {
    PastCall {
        started: Instant::parse(date, &Zone::utc()).unwrap(),
        direction,
        from: CallingParty::Number(PhoneNumber::parse(from).unwrap()),
        to: PhoneNumber::parse(to).unwrap(),
        ended: None,
        seconds: None,
        disposition: None,
        cost: None,
        billed: None,
        notes: None,
        external_id: None,
        call_sid: None,
    }
}

/// An imported inbound call.
fn inbound(date: &str) -> PastCall {
    past(date, Direction::Inbound, "+12069735101", "+12069735100")
}

/// Imports a call.
async fn record(world: &World, account: &Account, call: &PastCall) {
    let done = world
        .ledger
        .import_call(account, call, world.clock.now())
        .await;
    assert_eq!(done.unwrap(), Creation::Created(()));
}

/// The values of one column.
fn column(rows: &[serde_json::Value], name: &str) -> Vec<String> {
    let text = |row: &serde_json::Value| match &row[name] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    rows.iter().map(text).collect()
}
