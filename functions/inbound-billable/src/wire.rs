//! What is on the wire: parameters from three places under several names, and the answer.

use callbook::dialect::tld::field;
use callbook::edge::routes::INBOUND_BILLABLE;
use callbook::ledger::BillEntry;
use callbook::model::call::{Bill, CostId};
use callbook::model::cost::Cost;
use callbook::model::phone::{InvalidPhone, PhoneNumber};
use callbook::model::text::{IdempotencyKey, Notes};
use callbook::model::time::{Instant, Zone};
use callbook::problem::{Cause, Fault, Problem};
use callbook::request::fields::{Fields, invalid, text_fault};
use callbook::request::{Parameters, Request};
use serde::Serialize;

const DID: &[&str] = &["inbound_number", "number_dialed", "call_to", "did"];
const CID: &[&str] = &["phone_number", "phone", "cid", "call_from"];

/// The parameters of a request, as sent.
pub(crate) struct Wire {
    did: Option<String>,
    cid: Option<String>,
    cost: Option<String>,
    date_billed: Option<String>,
    call_date: Option<String>,
    notes: Option<String>,
    idempotency_key: Option<String>,
    body: Parameters,
}

impl Wire {
    /// Gathers the parameters: the body beats the query string, and that the path.
    pub(crate) async fn read(request: &Request) -> Result<Self, Problem> {
        let body = request.body_parameters().await?;
        let sent = |names: &[&str]| {
            body.first_of(names)
                .or_else(|| request.query().first_of(names))
                .map(str::to_owned)
        };
        let number = |names: &[&str]| {
            body.first_number_of(names)
                .or_else(|| request.query().first_number_of(names))
                .map(str::to_owned)
        };
        let mut path = request.segments_after(INBOUND_BILLABLE).into_iter();
        let mut in_path = || path.next().filter(|segment| !segment.trim().is_empty());
        let (path_did, path_cid) = (in_path(), in_path());
        Ok(Self {
            did: number(DID).or(path_did),
            cid: number(CID).or(path_cid),
            cost: sent(&["cost"]),
            date_billed: sent(&["date_billed"]),
            call_date: sent(&["call_date"]),
            notes: body
                .verbatim("notes")
                .or_else(|| request.query().verbatim("notes"))
                .map(str::to_owned),
            idempotency_key: request.header("idempotency-key").map(str::to_owned),
            body,
        })
    }

    /// Parses all of them, with every fault at once; dates without an offset are in `zone`.
    pub(crate) fn parse(&self, zone: &Zone) -> Result<(Bill, Option<IdempotencyKey>), Problem> {
        let date = |text: &str| Instant::parse(text, zone).map_err(invalid);
        let mut fields = Fields::of(&self.body);
        let did = fields.required(field::DID, self.did.as_deref(), number);
        let cid = fields.required(field::CID, self.cid.as_deref(), number);
        let cost = fields.required(field::COST, self.cost.as_deref(), |text| {
            Cost::parse(text).map_err(invalid)
        });
        let date_billed = fields.optional(field::DATE_BILLED, self.date_billed.as_deref(), date);
        let call_date = fields.optional(field::CALL_DATE, self.call_date.as_deref(), date);
        let notes = fields.optional(field::NOTES, self.notes.as_deref(), |text| {
            Notes::parse(text).map_err(text_fault)
        });
        let key = fields.optional("Idempotency-Key", self.idempotency_key.as_deref(), |text| {
            IdempotencyKey::parse(text).map_err(invalid)
        });
        let (did, cid, cost, date_billed, call_date, notes, key) =
            fields.finish((did, cid, cost, date_billed, call_date, notes, key))?;
        Ok((
            Bill {
                did,
                cid,
                cost,
                date_billed,
                call_date,
                notes,
            },
            key,
        ))
    }
}

/// Something without a digit is no number at all; with digits it is one, if not a possible one.
fn number(text: &str) -> Result<PhoneNumber, Fault> {
    PhoneNumber::parse(text).map_err(|error| match error {
        InvalidPhone::Empty | InvalidPhone::NoDigits => Fault::Missing,
        other => invalid(other),
    })
}

/// API ID and API key: of each the header, else `api_id` and `api_key`, else `api` and `apikey`; of one name
/// the body's before the query string's. A platform's own `api` in the body hides no `api_id` in the URL.
pub(crate) fn credential(
    request: &Request,
    wire: Option<&Wire>,
) -> (Option<String>, Option<String>) {
    let named = |name: &&str| {
        wire.and_then(|wire| wire.body.get(name))
            .or_else(|| request.query().get(name))
    };
    let sent = |header: &str, names: [&str; 2]| {
        request
            .header(header)
            .or_else(|| names.iter().find_map(named))
            .map(str::to_owned)
    };
    (
        sent("tld-api-id", ["api_id", "api"]),
        sent("tld-api-key", ["api_key", "apikey"]),
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
    notes: &'a str,
}

#[derive(Serialize)]
struct Lead<'a> {
    lead_id: &'a str,
    vendor_id: &'a str,
    account_id: &'a str,
    cost: &'a str,
}

/// The body of the answer to a bill, which is also the answer to its repeats.
pub(crate) fn answer(
    entry: &BillEntry<'_>,
    cost_id: &CostId,
    wire: &Wire,
) -> Result<String, Problem> {
    let BillEntry { account, bill, .. } = entry;
    let lead = entry.call.map(|call| &call.lead);
    let cost = bill.cost.to_string();
    let answer = Answer {
        cid: wire.cid.as_deref().unwrap_or_default().trim(),
        did: wire.did.as_deref().unwrap_or_default().trim(),
        cost: &cost,
        cost_id: cost_id.as_str(),
        inserted: Inserted {
            date_billed: entry.date_billed.local(&account.zone),
            cost: &cost,
            method: "ingress",
            method_id: &entry.credential.name,
            ip_address: entry
                .address
                .map(|address| address.to_string())
                .unwrap_or_default(),
            call_date: entry.call_date.local(&account.zone),
            call_from: bill.cid.as_e164(),
            call_to: bill.did.as_e164(),
            attributable: "1",
            attributed: "0",
            calculatable: "0",
            notes: bill.notes.as_ref().map_or("", |notes| notes.as_str()),
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
