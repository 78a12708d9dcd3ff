//! What a change tells: the difference between what an item was and what it is.

use std::collections::HashMap;

use crate::ledger::{
    Change, CostRow, FeedbackChange, LeadChange, Notice, NoticeKind, QueueChange, Recorded,
    RefusedBill,
};
use crate::model::account::AccountId;
use crate::model::call::{CallSid, CostId};
use crate::model::event::EventType;
use crate::model::number::RegisteredNumber;
use crate::model::pair::Pair;
use crate::model::pair::call::PairCall;
use crate::model::pair::entry::{CostEntry, State};
use crate::model::time::Instant;
use crate::model::webhook::Endpoint;

/// Rows of costs by account and id.
pub(super) type Rows = HashMap<(AccountId, CostId), CostRow>;

/// A piece of news. All but one become an event each.
pub(super) enum News {
    /// Of a call.
    Call(EventType, Pair, Box<PairCall>),
    /// Of a cost, and its call.
    Cost(EventType, Box<CostEntry>, Option<CallSid>),
    /// A cost has no call since its receipt, or since the change: no event, unless that lasts.
    Unmatched(Box<CostEntry>, Option<Instant>),
    /// A bill was refused.
    Refused(RefusedBill),
    /// Of a lead.
    Lead(EventType, LeadChange),
    /// Feedback was received.
    Feedback(FeedbackChange),
    /// Of an entry of the dialer's queue.
    Queue(EventType, QueueChange),
    /// Of a number.
    Number(EventType, Box<RegisteredNumber>),
    /// Of a credential.
    Notice(EventType, Notice),
    /// A webhook was switched off.
    SwitchedOff(Box<Endpoint>),
}

impl News {
    /// The cost that an event is about, or whose notes its call shows.
    pub(super) fn cost(&self) -> Option<CostId> {
        match self {
            Self::Cost(_, entry, _) => Some(entry.cost_id.clone()),
            Self::Call(_, _, call) => call.shown().noted_by,
            _ => None,
        }
    }
}

/// Returns the news of a change, in the order in which they are told.
pub(super) fn news_of(change: Change) -> Vec<News> {
    match change {
        Change::Call {
            pair,
            old,
            new,
            recorded,
        } => of_call(&pair, old.as_deref(), &new, &recorded),
        Change::Unmatched {
            old,
            new,
            recorded,
            overdue,
            ..
        } => of_unmatched(old.as_deref(), &new, recorded, overdue),
        Change::RefusedBill(bill) => vec![News::Refused(bill)],
        Change::Lead { created, lead } => vec![News::Lead(
            match created {
                true => EventType::LeadCreated,
                false => EventType::LeadUpdated,
            },
            lead,
        )],
        Change::Feedback(feedback) => vec![News::Feedback(feedback)],
        Change::Queue(entry) => vec![News::Queue(
            match entry.callqueue_status.as_str() {
                "processing" => EventType::RapidResponseQueued,
                "completed" => EventType::RapidResponseCompleted,
                _ => EventType::RapidResponseFailed,
            },
            entry,
        )],
        Change::Number { bought, number } => vec![News::Number(
            match bought {
                true => EventType::NumberBought,
                false => EventType::NumberReleased,
            },
            number,
        )],
        Change::SwitchedOff(endpoint) => vec![News::SwitchedOff(endpoint)],
        Change::Notice(notice) => vec![News::Notice(
            match notice.kind {
                NoticeKind::CredentialRefused => EventType::CredentialRefused,
                NoticeKind::CredentialExpiring => EventType::CredentialExpiring,
                NoticeKind::LimitReached => EventType::LimitReached,
            },
            notice,
        )],
    }
}

fn of_call(pair: &Pair, old: Option<&PairCall>, new: &PairCall, recorded: &Recorded) -> Vec<News> {
    let mut news = Vec::new();
    let mut tell = |kind| news.push(News::Call(kind, pair.clone(), Box::new(new.clone())));
    let mut reports = new.reports.iter();
    let reported = reports.any(|report| recorded.has(report.sid.as_str(), report.recorded_at));
    let has_ended = new.ended().is_some();
    match old {
        // What an earlier version recorded and this one converts was told of then, or never.
        None if !reported && matches!(recorded, Recorded::Since(_)) => {}
        // A call that parted from another has the sid of a report that was recorded before.
        None if !reported => tell(EventType::CallUpdated),
        None => {
            tell(EventType::CallRecorded);
            if has_ended {
                tell(EventType::CallEnded);
            }
        }
        Some(old) if has_ended && old.ended().is_none() => tell(EventType::CallEnded),
        Some(old) if old.reports != new.reports || old.crowded != new.crowded => {
            tell(EventType::CallUpdated);
        }
        Some(_) => {}
    }
    for entry in &new.entries {
        let mut entries = old.iter().flat_map(|old| &old.entries);
        let was = entries.find(|was| was.cost_id == entry.cost_id);
        let mut tell = |kind| {
            let sid = Some(new.sid.clone());
            news.push(News::Cost(kind, Box::new(entry.clone()), sid));
        };
        if was.is_none() {
            if recorded.has(entry.cost_id.as_str(), entry.received_at) {
                tell(EventType::CostRecorded);
            } else if matches!(recorded, Recorded::Since(_)) {
                continue;
            }
            tell(EventType::CostMatched);
        }
        let before = was.map_or(State::InForce, |was| was.state);
        tell_state(before, entry.state, tell);
    }
    news
}

fn of_unmatched(
    old: Option<&CostEntry>,
    new: &CostEntry,
    recorded: bool,
    overdue: bool,
) -> Vec<News> {
    let mut news = Vec::new();
    let mut tell = |kind| news.push(News::Cost(kind, Box::new(new.clone()), None));
    if recorded {
        tell(EventType::CostRecorded);
    }
    if overdue {
        tell(EventType::CostUnmatched);
    }
    let before = old.map_or(State::InForce, |old| old.state);
    tell_state(before, new.state, tell);
    if old.is_none() && new.state == State::InForce {
        let since = recorded.then_some(new.received_at);
        news.push(News::Unmatched(Box::new(new.clone()), since));
    }
    news
}

/// Tells what became of a cost. That it counts again is told as a match.
fn tell_state(before: State, now: State, mut tell: impl FnMut(EventType)) {
    match now {
        State::Superseded if before != now => tell(EventType::CostSuperseded),
        State::Void if before != now => tell(EventType::CostVoided),
        State::InForce if before != now => tell(EventType::CostMatched),
        State::InForce | State::Superseded | State::Void => {}
    }
}
