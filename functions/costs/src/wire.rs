//! What clients send about costs.

use callbook::dialect::callbook::{field, resource};
use callbook::ledger::{AdjustmentSubject, CostDecision};
use callbook::model::adjustment::{Month, Reason, SignedAmount};
use callbook::model::call::{CallSid, CostId};
use callbook::model::cost::Cost;
use callbook::model::cost_filter::{CostFilter, CostFlag, CostOrder, OfVendor, callers};
use callbook::model::expectation::Expectation;
use callbook::model::field::Field;
use callbook::model::id::CredentialId;
use callbook::model::pair::entry::State;
use callbook::model::phone::PhoneNumber;
use callbook::model::text::IdempotencyKey;
use callbook::model::time::{Range, Zone};
use callbook::model::vendor::VendorId;
use callbook::problem::{Fault, Problem};
use callbook::request::reader::{json_string, json_string_or_number};
use callbook::request::{JsonObject, JsonReader, Reader, Request};
use serde::Serialize;
use serde_json::value::RawValue;

/// The parameters of a list of costs, without those of its page.
pub const LISTED: [Field; 13] = [
    field::FROM,
    field::TO,
    field::BY,
    field::VENDOR,
    field::DID,
    field::CALLER,
    field::STATE,
    field::MATCH,
    field::EXPECTATION,
    field::FLAG,
    field::MIN_AMOUNT,
    field::MAX_AMOUNT,
    field::CREDENTIAL,
];

/// Selects costs. Page tokens are bound to it.
#[derive(Serialize)]
pub struct CostQuery {
    pub range: Range,
    pub order: CostOrder,
    pub filter: CostFilter,
}

impl CostQuery {
    /// Reads the parameters. Returns `None` if one is at fault.
    pub fn read(reader: &mut Reader<'_>, zone: &Zone) -> Option<Self> {
        let range = resource::range(reader, zone);
        let order = reader.optional(field::BY, |text| {
            CostOrder::parse(text).map_err(Fault::invalid)
        });
        let filter = of_adjustments(reader);
        let state = reader.optional(field::STATE, |text| {
            State::parse(text).map_err(Fault::invalid)
        });
        let matched = reader.optional(field::MATCH, matched);
        let expectation = reader.optional(field::EXPECTATION, |text| {
            Expectation::parse(text).map_err(Fault::invalid)
        });
        let flag = reader.optional(field::FLAG, |text| {
            CostFlag::parse(text).map_err(Fault::invalid)
        });
        let min = reader.optional(field::MIN_AMOUNT, amount);
        let max = reader.optional(field::MAX_AMOUNT, amount);
        let order = order?.unwrap_or_default();
        if order == CostOrder::Call && matched == Some(Some(false)) {
            let rule = "an unmatched cost has no call; list it with by=billed";
            reader.fault(field::MATCH, Fault::invalid(rule));
            return None;
        }
        Some(Self {
            range: range?,
            order,
            filter: CostFilter {
                state: state?,
                matched: matched?,
                flag: flag?,
                expectation: expectation?,
                min: min?,
                max: max?,
                ..filter?
            },
        })
    }
}

/// The parameters of a list of adjustments, or of refused bills, without those of its page.
pub const ADJUSTMENTS: [Field; 6] = [
    field::FROM,
    field::TO,
    field::VENDOR,
    field::DID,
    field::CALLER,
    field::CREDENTIAL,
];

/// Reads the filters that costs, adjustments and refused bills share. Returns `None` if one is at fault.
pub fn of_adjustments(reader: &mut Reader<'_>) -> Option<CostFilter> {
    let vendor = reader.optional(field::VENDOR, |text| {
        OfVendor::parse(text).map_err(Fault::invalid)
    });
    let did = reader.optional(field::DID, |text| {
        PhoneNumber::parse(text).map_err(Fault::invalid)
    });
    let callers = reader.optional(field::CALLER, |text| callers(text).map_err(Fault::invalid));
    let credential = reader.optional(field::CREDENTIAL, |text| {
        CredentialId::parse(text).map_err(Fault::invalid)
    });
    Some(CostFilter {
        vendor: vendor?,
        did: did?,
        callers: callers?.unwrap_or_default(),
        credential: credential?.map(|id| id.as_str().to_owned()),
        ..CostFilter::default()
    })
}

fn amount(text: &str) -> Result<Cost, Fault> {
    Cost::parse(text).map_err(Fault::invalid)
}

fn matched(text: &str) -> Result<bool, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "matched" => Ok(true),
        "unmatched" => Ok(false),
        _ => Err(Fault::invalid("expected matched or unmatched")),
    }
}

/// What a person decides about a cost.
pub struct Decision {
    pub key: Option<IdempotencyKey>,
    pub reason: Reason,
    pub decision: CostDecision,
}

impl Decision {
    /// Reads a void.
    ///
    /// # Errors
    /// Returns `Invalid` with every field at fault.
    pub fn void(request: &Request, body: &JsonObject) -> Result<Self, Problem> {
        let mut reader = resource::body(request, body, &[field::REASON, field::ALL]);
        let (key, reason) = key_and_reason(&mut reader, request);
        let all = reader.optional_sent(field::ALL, yes_or_no);
        let (key, reason, all) = reader.finish((key, reason, all))?;
        let decision = CostDecision::Void {
            all: all.unwrap_or(false),
        };
        Ok(Self {
            key,
            reason,
            decision,
        })
    }

    /// Reads to which call a cost belongs, or that it belongs to none.
    ///
    /// # Errors
    /// Returns `Invalid` with every field at fault.
    pub fn match_to(request: &Request, body: &JsonObject) -> Result<Self, Problem> {
        let mut reader = resource::body(request, body, &[field::CALL_SID, field::REASON]);
        let (key, reason) = key_and_reason(&mut reader, request);
        let decision = reader.required(field::CALL_SID, |value| {
            match json_string(value)?.as_str() {
                "none" => Ok(CostDecision::Unmatch),
                text => CallSid::parse(text)
                    .map(CostDecision::Match)
                    .map_err(|error| Fault::invalid(format!("{error}, or none"))),
            }
        });
        let (key, reason, decision) = reader.finish((key, reason, decision))?;
        Ok(Self {
            key,
            reason,
            decision,
        })
    }

    /// Reads that the rules shall say again where a cost belongs.
    ///
    /// # Errors
    /// Returns `Invalid` with every field at fault.
    pub fn unpin(request: &Request, body: &JsonObject) -> Result<Self, Problem> {
        let mut reader = resource::body(request, body, &[field::REASON]);
        let (key, reason) = key_and_reason(&mut reader, request);
        let (key, reason) = reader.finish((key, reason))?;
        Ok(Self {
            key,
            reason,
            decision: CostDecision::Unpin,
        })
    }

    /// Returns what identifies the request, for idempotency.
    pub fn said(&self, id: &CostId) -> [String; 3] {
        let decision = match &self.decision {
            CostDecision::Void { all } => format!("void {all}"),
            CostDecision::Match(sid) => format!("match {}", sid.as_str()),
            CostDecision::Unmatch => "match none".to_owned(),
            CostDecision::Unpin => "unpin".to_owned(),
        };
        let reason = self.reason.as_str().to_owned();
        [id.as_str().to_owned(), decision, reason]
    }
}

/// A key and a reason as they were read: each `None` if it is at fault.
type KeyAndReason = (Option<Option<IdempotencyKey>>, Option<Reason>);

fn key_and_reason(reader: &mut JsonReader<'_>, request: &Request) -> KeyAndReason {
    let key = reader.idempotency_key(field::IDEMPOTENCY_KEY, request);
    (key, reader.required(field::REASON, reason))
}

fn reason(value: &RawValue) -> Result<Reason, Fault> {
    Ok(Reason::parse(&json_string(value)?)?)
}

fn yes_or_no(value: &RawValue) -> Result<bool, Fault> {
    serde_json::from_str(value.get()).map_err(|_| Fault::invalid("expected true or false"))
}

/// An adjustment that a client asks for.
pub struct Adjusting {
    pub key: Option<IdempotencyKey>,
    pub subject: AdjustmentSubject,
    pub amount: SignedAmount,
    pub reason: Reason,
}

impl Adjusting {
    /// Reads a new adjustment.
    ///
    /// # Errors
    /// Returns `Invalid` with every field at fault, or unless exactly one of cost, call and vendor is named.
    pub fn read(request: &Request, body: &JsonObject) -> Result<Self, Problem> {
        let fields = [
            field::COST_ID,
            field::CALL_SID,
            field::VENDOR_ID,
            field::MONTH,
            field::AMOUNT,
            field::REASON,
        ];
        let mut reader = resource::body(request, body, &fields);
        let (key, reason) = key_and_reason(&mut reader, request);
        let subject = subject(&mut reader);
        let amount = reader.required(field::AMOUNT, |value| {
            SignedAmount::parse(&json_string_or_number(value)?).map_err(Fault::invalid)
        });
        let (key, reason, subject, amount) = reader.finish((key, reason, subject, amount))?;
        Ok(Self {
            key,
            subject,
            amount,
            reason,
        })
    }

    /// Returns what identifies the request, for idempotency.
    pub fn said(&self) -> [String; 4] {
        let (kind, id) = match &self.subject {
            AdjustmentSubject::Cost(id) => ("cost", id.as_str().to_owned()),
            AdjustmentSubject::Call(sid) => ("call", sid.as_str().to_owned()),
            AdjustmentSubject::Month(vendor, month) => ("month", format!("{vendor} {month}")),
        };
        let reason = self.reason.as_str().to_owned();
        [kind.to_owned(), id, self.amount.four_places(), reason]
    }
}

fn subject(reader: &mut JsonReader<'_>) -> Option<AdjustmentSubject> {
    let cost = reader.optional_sent(field::COST_ID, |value| {
        CostId::parse(&json_string_or_number(value)?).map_err(Fault::invalid)
    });
    let call = reader.optional_sent(field::CALL_SID, |value| {
        CallSid::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let vendor = reader.optional_sent(field::VENDOR_ID, |value| {
        VendorId::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    let month = reader.optional_sent(field::MONTH, |value| {
        Month::parse(&json_string(value)?).map_err(Fault::invalid)
    });
    match (cost?, call?, vendor?, month?) {
        (Some(cost), None, None, None) => Some(AdjustmentSubject::Cost(cost)),
        (None, Some(call), None, None) => Some(AdjustmentSubject::Call(call)),
        (None, None, Some(vendor), Some(month)) => Some(AdjustmentSubject::Month(vendor, month)),
        (None, None, Some(_), None) => {
            reader.fault(field::MONTH, Fault::Missing);
            None
        }
        (None, None, None, None | Some(_)) => {
            reader.fault(field::ADJUSTED, Fault::Missing);
            None
        }
        (_, _, None, Some(_)) => {
            let rule = "only a vendor's adjustment has a month";
            reader.fault(field::MONTH, Fault::invalid(rule));
            None
        }
        _ => {
            let rule = "send one of them: an adjustment is on one cost, one call or one month";
            reader.fault(field::ADJUSTED, Fault::invalid(rule));
            None
        }
    }
}
