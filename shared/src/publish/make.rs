//! Making events of news.

use serde::Serialize;
use serde_json::Value;

use super::data::{
    CallData, CredentialData, FeedbackData, LeadData, LimitData, NumberData, QueueEntryData,
    WebhookData,
};
use super::news::{News, Rows};
use crate::dialect::callbook::costs::{CostView, RefusedView};
use crate::ledger::ChangeRecord;
use crate::model::account::Account;
use crate::model::event::{Event, EventId, EventType, LineKey};
use crate::model::time::Instant;

/// Makes the events of one record.
pub(super) struct Maker<'a> {
    record: &'a ChangeRecord,
    account: &'a Account,
    pub(super) events: Vec<Event>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(record: &'a ChangeRecord, account: &'a Account) -> Self {
        Self {
            record,
            account,
            events: Vec::new(),
        }
    }

    /// Makes the event of a piece of news. A cost whose row is gone has none.
    pub(super) fn tell(&mut self, news: &News, rows: &Rows) {
        let (account, created) = (self.account, self.record.created);
        match news {
            News::Call(kind, pair, call) => {
                let recorded = call.reports.iter().map(|report| report.recorded_at);
                let time = recorded.max().unwrap_or(created);
                let noted = news.cost();
                let row = noted.and_then(|id| rows.get(&(account.id.clone(), id)));
                let notes = row.and_then(|row| row.notes.as_ref());
                let data = CallData::of(pair, call, notes, account);
                self.add(*kind, format!("call/{}", call.sid.as_str()), time, &data);
            }
            News::Cost(kind, entry, call) => {
                let id = &entry.cost_id;
                let Some(row) = rows.get(&(account.id.clone(), id.clone())) else {
                    return;
                };
                let mut row = row.clone();
                row.entry = (**entry).clone();
                row.call_sid.clone_from(call);
                let time = match kind {
                    EventType::CostRecorded => entry.received_at,
                    _ => created.max(entry.received_at),
                };
                let data = CostView::of(&row, account);
                self.add(*kind, format!("cost/{}", id.as_str()), time, &data);
            }
            News::Unmatched(..) => {}
            News::Refused(bill) => {
                let subject = format!("refused-bill/{}", bill.guid);
                let data = RefusedView::of(bill, account);
                self.add(EventType::CostRefused, subject, bill.refused_at, &data);
            }
            News::Lead(kind, lead) => {
                let time = match kind {
                    EventType::LeadCreated => lead.created_at,
                    _ => created,
                };
                let data = LeadData::of(lead, account);
                self.add(*kind, format!("lead/{}", lead.lead_id), time, &data);
            }
            News::Feedback(feedback) => {
                let subject = format!("feedback/{}", feedback.response_id);
                let data = FeedbackData::of(feedback, account);
                let kind = EventType::FeedbackReceived;
                self.add(kind, subject, feedback.received_at, &data);
            }
            News::Queue(kind, entry) => {
                let time = entry.ended_at.unwrap_or(entry.created_at);
                let data = QueueEntryData::of(entry, account);
                let subject = format!("queue/{}", entry.callqueue_id);
                self.add(*kind, subject, time, &data);
            }
            News::Number(kind, number) => {
                let time = match kind {
                    EventType::NumberBought => number.registered_at,
                    _ => created,
                };
                let data = NumberData::of(number, account);
                let subject = format!("number/{}", number.number.as_e164());
                self.add(*kind, subject, time, &data);
            }
            News::SwitchedOff(endpoint) => {
                let subject = format!("webhook/{}", endpoint.id);
                let data = WebhookData::of(endpoint, account);
                let time = endpoint.off_since.unwrap_or(created);
                self.add(EventType::WebhookDisabled, subject, time, &data);
            }
            News::Notice(kind, notice) => {
                let subject = format!("credential/{}", notice.credential_id);
                match kind {
                    EventType::LimitReached => {
                        let data = LimitData::of(notice, account);
                        self.add(*kind, subject, notice.noticed_at, &data);
                    }
                    _ => {
                        let data = CredentialData::of(notice, account);
                        self.add(*kind, subject, notice.noticed_at, &data);
                    }
                }
            }
        }
    }

    fn add(&mut self, kind: EventType, subject: String, time: Instant, data: &impl Serialize) {
        let record = self.record;
        let (pk, sk) = &record.key;
        let index = format!("{:02}", self.events.len());
        let created = format!("{:010}", record.created.seconds().max(0));
        let place = format!("{created}#{}#{index}", record.sequence());
        // What a pair tells has one order; any other item has its own.
        let line = match kind {
            EventType::CallRecorded
            | EventType::CallUpdated
            | EventType::CallEnded
            | EventType::CostRecorded
            | EventType::CostMatched
            | EventType::CostUnmatched
            | EventType::CostSuperseded
            | EventType::CostVoided => LineKey::of(&[pk]),
            _ => LineKey::of(&[pk, sk]),
        };
        self.events.push(Event {
            id: EventId::of(&[pk, sk, &place, kind.as_str()]),
            kind,
            account: self.account.id.clone(),
            subject,
            time,
            line,
            place,
            data: serde_json::to_value(data).unwrap_or(Value::Null),
        });
    }
}
