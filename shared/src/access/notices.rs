//! Notices of what people should hear of: a credential that is refused, a limit that is reached, and each way in which
//! requests are refused.
//!
//! Only the holder of the right secret can cause one, and one a credential, kind and hour is written: an unknown
//! name and a wrong secret take the same path as ever, and nobody can write without bound.

use std::sync::PoisonError;

use super::lookup::Access;
use super::rules;
use crate::ledger::{Notice, NoticeKind};
use crate::model::account::AccountId;
use crate::model::credential::Credential;
use crate::model::refused_request::RefusedRequest;
use crate::model::time::Instant;
use crate::problem::Problem;
use crate::request::Request;

/// The most credentials whose last notice a process remembers.
const MOST: usize = 1_000;

impl Access {
    /// Notes that a credential with the right secret is refused, if it is.
    pub(super) async fn note_refusal(&self, credential: &Credential, request: &Request) {
        let Err(refusal) = rules::permit(credential, request) else {
            return;
        };
        let reason = match refusal {
            Problem::CredentialDisabled => "disabled",
            Problem::CredentialExpired => "expired",
            Problem::AddressNotAllowed => "address",
            _ => "path",
        };
        let kind = NoticeKind::CredentialRefused;
        self.note(credential, kind, reason, request.received())
            .await;
    }

    /// Notes a refused request for the people of its account. What cannot be written is lost.
    pub(crate) async fn note_refused(&self, account: &AccountId, refused: RefusedRequest) {
        let now = refused.last_at;
        let next = self.refusals.add(account, refused.shortened(), now);
        if let Some((account, entry)) = next {
            drop(self.ledger.note_refused_requests(&account, &entry).await);
        }
    }

    /// Notes that a credential reached a limit, if that is the outcome.
    pub(super) async fn note_limit<T>(
        &self,
        credential: &Credential,
        outcome: &Result<T, Problem>,
        now: Instant,
    ) {
        let limit = match outcome {
            Err(Problem::RateLimited { .. }) => "rate",
            Err(Problem::QuotaExceeded { .. }) => "quota",
            _ => return,
        };
        self.note(credential, NoticeKind::LimitReached, limit, now)
            .await;
    }

    async fn note(&self, credential: &Credential, kind: NoticeKind, detail: &str, now: Instant) {
        let hour = now.seconds().div_euclid(3_600);
        let known = || {
            let mut noticed = self.noticed.lock().unwrap_or_else(PoisonError::into_inner);
            if noticed.len() >= MOST {
                noticed.clear();
            }
            noticed.insert((credential.id.clone(), kind), hour)
        };
        if known() == Some(hour) {
            return;
        }
        let notice = Notice {
            kind,
            credential_id: credential.id.as_str().to_owned(),
            label: credential.label.clone(),
            detail: detail.to_owned(),
            window: hour.to_string(),
            expires: credential.expires,
            noticed_at: now,
        };
        // The refusal is answered in any case.
        drop(self.ledger.notice(&credential.account, &notice).await);
    }
}
