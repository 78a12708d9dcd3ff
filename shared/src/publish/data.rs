//! The data of events, in the shapes of `docs/events/schemas`. Costs and refused bills are shown as lists show them.

use serde::Serialize;

use crate::ledger::{FeedbackChange, LeadChange, Notice, QueueChange};
use crate::model::account::Account;
use crate::model::call::{Direction, LeadId};
use crate::model::cost;
use crate::model::number::RegisteredNumber;
use crate::model::pair::Pair;
use crate::model::pair::call::PairCall;
use crate::model::pair::external_id::ExternalId;
use crate::model::pair::source_report::Source;
use crate::model::property::PropertySid;
use crate::model::queue::{CallProcessId, QueueId};
use crate::model::report::Disposition;
use crate::model::text::Notes;
use crate::model::time::Instant;
use crate::model::vendor::VendorId;
use crate::model::webhook::{Endpoint, OffReason};

/// A call.
#[derive(Serialize)]
pub(super) struct CallData {
    call_sid: String,
    direction: Direction,
    call_from: String,
    call_to: String,
    vendor_id: Option<String>,
    started_at: String,
    ended_at: Option<String>,
    seconds: Option<i64>,
    disposition: Option<String>,
    cost: Option<String>,
    currency: String,
    date_billed: Option<String>,
    lead_id: Option<String>,
    property_sid: Option<String>,
    notes: Option<String>,
    sources: Vec<Source>,
    external_ids: Vec<String>,
    /// The sids of its reports: calls that were joined are known by them.
    report_sids: Vec<String>,
    two_vendors: bool,
    crowded: bool,
}

impl CallData {
    /// `noted` is what the bill noted that the call shows.
    pub(super) fn of(
        pair: &Pair,
        call: &PairCall,
        noted: Option<&Notes>,
        account: &Account,
    ) -> Self {
        let when = |instant: Instant| instant.rfc3339(&account.zone);
        let shown = call.shown();
        let lead = pair.lead().map(|phone| LeadId::of(&account.sid, phone));
        let ids = shown.external_ids.iter().map(ExternalId::as_str);
        let text = |text: &str| text.to_owned();
        Self {
            call_sid: text(call.sid.as_str()),
            direction: pair.direction,
            call_from: text(pair.from.as_str()),
            call_to: text(pair.to.as_e164()),
            vendor_id: shown.vendor.as_ref().map(VendorId::as_str).map(text),
            started_at: when(shown.start),
            ended_at: shown.ended.map(when),
            seconds: shown.seconds,
            disposition: shown
                .disposition
                .as_ref()
                .map(Disposition::as_str)
                .map(text),
            cost: shown.cost.map(|cost| cost.four_places()),
            currency: text(account.currency.as_str()),
            date_billed: shown.billed.map(when),
            lead_id: lead.map(|lead| text(lead.as_str())),
            property_sid: shown.property.as_ref().map(PropertySid::as_str).map(text),
            notes: noted.or(shown.notes.as_ref()).map(Notes::as_str).map(text),
            sources: call.reports.iter().map(|report| report.source).collect(),
            external_ids: ids.map(text).collect(),
            report_sids: call
                .reports
                .iter()
                .map(|report| text(report.sid.as_str()))
                .collect(),
            two_vendors: shown.two_vendors,
            crowded: call.crowded,
        }
    }
}

/// A lead.
#[derive(Serialize)]
pub(super) struct LeadData<'a> {
    lead_id: &'a str,
    phone: &'a str,
    vendor_id: &'a str,
    created_at: String,
    cost: String,
    currency: &'a str,
}

impl<'a> LeadData<'a> {
    pub(super) fn of(lead: &'a LeadChange, account: &'a Account) -> Self {
        let cost = lead.cost.as_deref().unwrap_or("0");
        Self {
            lead_id: &lead.lead_id,
            phone: lead.phone.as_e164(),
            vendor_id: &lead.vendor_id,
            created_at: lead.created_at.rfc3339(&account.zone),
            cost: cost::four_places_of(cost).into_owned(),
            currency: account.currency.as_str(),
        }
    }
}

/// A piece of feedback.
#[derive(Serialize)]
pub(super) struct FeedbackData<'a> {
    response_id: &'a str,
    phone: &'a str,
    status: &'a str,
    right_party: bool,
    name: Option<&'a str>,
    received_at: String,
    credential_id: Option<&'a str>,
}

impl<'a> FeedbackData<'a> {
    pub(super) fn of(feedback: &'a FeedbackChange, account: &Account) -> Self {
        Self {
            response_id: &feedback.response_id,
            phone: feedback.phone.as_e164(),
            status: &feedback.phone_status,
            right_party: feedback.right_party,
            name: feedback.name.as_deref(),
            received_at: feedback.received_at.rfc3339(&account.zone),
            credential_id: feedback.credential_id.as_deref(),
        }
    }
}

/// An entry of the dialer's queue.
#[derive(Serialize)]
pub(super) struct QueueEntryData<'a> {
    id: QueueId,
    callprocess_id: CallProcessId,
    callee: &'a str,
    whisper_text: &'a str,
    lead_id: &'a str,
    queued_at: String,
    /// `processing` while it waits, then `completed`, `failed` or `expired`.
    status: &'a str,
    attempts: u32,
    ended_at: Option<String>,
    credential_id: Option<&'a str>,
}

impl<'a> QueueEntryData<'a> {
    pub(super) fn of(entry: &'a QueueChange, account: &Account) -> Self {
        let when = |instant: Instant| instant.rfc3339(&account.zone);
        Self {
            id: entry.callqueue_id,
            callprocess_id: entry.callprocess_id,
            callee: entry.lead_numtocall.as_e164(),
            whisper_text: &entry.whisper_text,
            lead_id: &entry.lead_id,
            queued_at: when(entry.created_at),
            status: &entry.callqueue_status,
            attempts: entry.attempts,
            ended_at: entry.ended_at.map(when),
            credential_id: entry.credential_id.as_deref(),
        }
    }
}

/// A number of the account.
#[derive(Serialize)]
pub(super) struct NumberData<'a> {
    number: &'a str,
    friendly: Option<&'a str>,
    property_sid: Option<&'a str>,
    registered_at: String,
    source: Option<&'a str>,
    medium: Option<&'a str>,
    campaign: Option<&'a str>,
    content: Option<&'a str>,
}

impl<'a> NumberData<'a> {
    pub(super) fn of(number: &'a RegisteredNumber, account: &Account) -> Self {
        let settings = &number.settings;
        let from = &settings.attribution;
        let assignment = number.assignment.as_ref();
        Self {
            number: number.number.as_e164(),
            friendly: settings.friendly.as_ref().map(|name| name.as_str()),
            property_sid: assignment.map(|assignment| assignment.property_sid.as_str()),
            registered_at: number.registered_at.rfc3339(&account.zone),
            source: from.source.as_ref().map(|text| text.as_str()),
            medium: from.medium.as_ref().map(|text| text.as_str()),
            campaign: from.campaign.as_ref().map(|text| text.as_str()),
            content: from.content.as_ref().map(|text| text.as_str()),
        }
    }
}

/// A credential, without what it is presented by.
#[derive(Serialize)]
pub(super) struct CredentialData<'a> {
    credential_id: &'a str,
    label: &'a str,
    /// Why it was refused, or in how many days it ends.
    reason: &'a str,
    expires_at: Option<String>,
}

impl<'a> CredentialData<'a> {
    pub(super) fn of(notice: &'a Notice, account: &Account) -> Self {
        let when = |instant: Instant| instant.rfc3339(&account.zone);
        Self {
            credential_id: &notice.credential_id,
            label: &notice.label,
            reason: &notice.detail,
            expires_at: notice.expires.map(when),
        }
    }
}

/// A credential and the limit that it reached.
#[derive(Serialize)]
pub(super) struct LimitData<'a> {
    credential_id: &'a str,
    label: &'a str,
    limit: &'a str,
    reached_at: String,
}

impl<'a> LimitData<'a> {
    pub(super) fn of(notice: &'a Notice, account: &Account) -> Self {
        Self {
            credential_id: &notice.credential_id,
            label: &notice.label,
            limit: &notice.detail,
            reached_at: notice.noticed_at.rfc3339(&account.zone),
        }
    }
}

/// A webhook that was switched off. Its URL may have a password in it.
#[derive(Serialize)]
pub(super) struct WebhookData<'a> {
    webhook_id: &'a str,
    description: Option<&'a str>,
    reason: Option<&'static str>,
    disabled_at: Option<String>,
}

impl<'a> WebhookData<'a> {
    pub(super) fn of(endpoint: &'a Endpoint, account: &Account) -> Self {
        let when = |instant: Instant| instant.rfc3339(&account.zone);
        let description = endpoint.description.as_ref();
        Self {
            webhook_id: endpoint.id.as_str(),
            description: description.map(|text| text.as_str()),
            reason: endpoint.off_reason.map(OffReason::as_str),
            disabled_at: endpoint.off_since.map(when),
        }
    }
}
