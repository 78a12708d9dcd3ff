//! A bill's parameters, from three places and under several names, and its answer.

use callbook::dialect::tld::field;
use callbook::edge::routes::INBOUND_BILLABLE;
use callbook::ledger::{BillEntry, Billed};
use callbook::model::account::Account;
use callbook::model::call::{Bill, CallingParty};
use callbook::model::cost::Cost;
use callbook::model::field::Field;
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::{InvalidPhone, PhoneNumber};
use callbook::model::text::{IdempotencyKey, Notes};
use callbook::model::time::{CallDate, Instant};
use callbook::model::withheld::is_withheld;
use callbook::problem::{Cause, Fault, Problem};
use callbook::request::{Parameters, Reader, Request};
use serde::{Deserialize, Serialize};

/// 2200-01-01T00:00:00Z, in milliseconds.
const LAST_BILLED: i64 = 7_258_118_400_000;

/// The parameters as sent.
///
/// The body takes precedence over the query string, and the query string over the path.
pub(crate) struct Wire(Parameters);

impl Wire {
    /// Collects the parameters.
    pub(crate) async fn read(request: &Request) -> Result<Self, Problem> {
        let path = request.path_parameters(INBOUND_BILLABLE, &[field::DID, field::CID]);
        Ok(Self(request.parameters().await?.and(&path)))
    }

    /// Reads the call's id at the vendor: from the header, or from the first of the parameters that has one.
    fn call_id(&self, reader: &mut Reader<'_>, request: &Request) -> Option<Option<ExternalId>> {
        let header = request.header("x-call-id");
        let names = [field::CALL_ID, field::CALL_UUID, field::INBOUND_CALL_ID];
        let sent = names.iter().filter_map(|name| self.0.value(*name));
        for text in header.into_iter().chain(sent) {
            match ExternalId::parse(text) {
                Ok(None) => {}
                Ok(id) => return Some(id),
                Err(error) => {
                    reader.fault(field::CALL_ID, Fault::invalid(error));
                    return None;
                }
            }
        }
        Some(None)
    }

    /// Parses the parameters and reports every fault at once. Dates are in the
    /// account's zone and order of month and day, unless they say otherwise.
    pub(crate) fn parse(
        &self,
        request: &Request,
        account: &Account,
    ) -> Result<(Bill, Option<IdempotencyKey>), Problem> {
        let mut reader = Reader::new(&self.0);
        let did = reader.required(field::DID, number);
        let cid = reader.required(field::CID, caller);
        let cost = reader.required(field::COST, |text| {
            Cost::parse(text).map_err(Fault::invalid)
        });
        let date_billed = reader.optional(field::DATE_BILLED, |text| billed(text, account));
        let call_date = reader.optional(field::CALL_DATE, |text| {
            CallDate::parse(text, &account.zone, account.date_order).map_err(Fault::invalid)
        });
        let call_id = self.call_id(&mut reader, request);
        let notes = reader.optional(field::NOTES, |text| Ok(Notes::parse(text)?));
        let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, request);
        let (did, cid, cost, date_billed, call_date, call_id, notes, key) =
            reader.finish((did, cid, cost, date_billed, call_date, call_id, notes, key))?;
        Ok((
            Bill {
                did,
                cid,
                cost,
                date_billed,
                call_date,
                call_id,
                notes,
            },
            key,
        ))
    }
}

/// Reads a caller: a number, or one of the ways to say that the number is withheld.
fn caller(text: &str) -> Result<CallingParty, Fault> {
    match is_withheld(text) {
        true => Ok(CallingParty::Withheld),
        false => number(text).map(CallingParty::Number),
    }
}

/// Reads when a call was billed. The ids of costs have room for the years from 1970 to 2200.
fn billed(text: &str, account: &Account) -> Result<Instant, Fault> {
    let billed = Instant::parse_in(text, &account.zone, account.date_order);
    let billed = billed.map_err(Fault::invalid)?;
    match (0..LAST_BILLED).contains(&billed.millis()) {
        true => Ok(billed),
        false => Err(Fault::invalid("expected a date from 1970 to 2199")),
    }
}

/// Reads a number. A text without a digit counts as missing; one with digits may be invalid.
fn number(text: &str) -> Result<PhoneNumber, Fault> {
    PhoneNumber::parse(text).map_err(|error| match error {
        InvalidPhone::Empty | InvalidPhone::NoDigits => Fault::Missing,
        other => Fault::invalid(other),
    })
}

/// Returns API id and API key, each from the first place that has it.
///
/// The places are the header, then `api_id` and `api_key`, then `api` and `apikey`. Under each name,
/// the body comes before the query string. A call platform's own `api` in the body therefore does not
/// hide an `api_id` in the URL.
pub(crate) fn credential(
    request: &Request,
    wire: Option<&Wire>,
) -> (Option<String>, Option<String>) {
    let parameters = wire.map_or_else(|| request.query(), |Wire(parameters)| parameters);
    let sent = |header: &str, fields: [Field; 2]| {
        request
            .header_once(header)
            .or_else(|| fields.iter().find_map(|field| parameters.value(*field)))
            .map(str::to_owned)
    };
    (
        sent("tld-api-id", [field::API_ID, field::API]),
        sent("tld-api-key", [field::API_KEY, field::APIKEY]),
    )
}

#[derive(Serialize)]
struct Answer<'a> {
    cid: &'a str,
    did: &'a str,
    cost: &'a str,
    cost_id: &'a str,
    inserted: Inserted<'a>,
    updated: u8,
    lead: Option<Lead<'a>>,
    first_contact: u8,
}

#[derive(Serialize)]
struct Inserted<'a> {
    date_billed: String,
    cost: &'a str,
    method: &'static str,
    method_id: &'a str,
    ip_address: String,
    call_date: String,
    call_from: &'a str,
    call_to: &'a str,
    attributable: &'static str,
    attributed: &'static str,
    calculatable: &'static str,
    /// `None` where the bill has notes: whoever answers fills them in.
    notes: Option<&'static str>,
}

#[derive(Serialize)]
struct Lead<'a> {
    lead_id: &'a str,
    vendor_id: &'a str,
    account_id: &'a str,
    cost: &'a str,
}

/// Returns the id of the entry that an earlier answer was given for.
pub(crate) fn cost_id_of(answer: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Made {
        cost_id: String,
    }
    let made: Made = serde_json::from_str(answer).ok()?;
    Some(made.cost_id)
}

/// How an answer is written whose notes are left out.
const WITHOUT_NOTES: &str = r#""notes":null"#;

/// Returns an answer with the notes of its bill, which a repeat of the bill has too. An answer that an earlier
/// version kept has them already.
pub(crate) fn with_notes(answer: &str, notes: Option<&Notes>) -> Result<String, Problem> {
    let notes = notes.map_or("", Notes::as_str);
    let written = serde_json::to_string(notes);
    let written = written.map_err(|error| Problem::Internal(Cause::of(&error)))?;
    Ok(answer.replacen(WITHOUT_NOTES, &format!(r#""notes":{written}"#), 1))
}

/// Returns the body of the answer to a bill, which repeats of the bill get too, without the notes: they are kept with
/// the bill alone.
pub(crate) fn answer(
    entry: &BillEntry<'_>,
    billed: &Billed,
    wire: &Wire,
) -> Result<String, Problem> {
    let BillEntry { account, bill, .. } = entry;
    let lead = billed.lead.as_ref();
    let cost = bill.cost.to_string();
    let sent = |number| wire.0.value(number).unwrap_or_default().trim();
    let answer = Answer {
        cid: sent(field::CID),
        did: sent(field::DID),
        cost: &cost,
        cost_id: billed.cost_id.as_str(),
        inserted: Inserted {
            date_billed: billed.date_billed.local(&account.zone),
            cost: &cost,
            method: "ingress",
            method_id: &entry.credential.name,
            ip_address: entry
                .address
                .map(|address| address.to_string())
                .unwrap_or_default(),
            call_date: billed.call_date.local(&account.zone),
            call_from: bill.cid.as_str(),
            call_to: bill.did.as_e164(),
            attributable: "1",
            attributed: "0",
            calculatable: "0",
            notes: bill.notes.is_none().then_some(""),
        },
        updated: u8::from(lead.is_some()),
        lead: lead.map(|lead| Lead {
            lead_id: lead.lead_id.as_str(),
            vendor_id: &lead.vendor_id,
            account_id: account.id.as_str(),
            cost: &cost,
        }),
        first_contact: u8::from(lead.is_some_and(|lead| lead.first_contact)),
    };
    serde_json::to_string(&answer).map_err(|error| Problem::Internal(Cause::of(&error)))
}
