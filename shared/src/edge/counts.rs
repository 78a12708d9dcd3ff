//! What a request's log line counts besides failures: facts that an alarm of the template watches.
//!
//! Each is a metric of its own with the deployment as its dimension. It is declared only in lines that count
//! something, because CloudWatch charges for every hour in which a metric occurs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::dialect::Failure;
use crate::model::id::CredentialId;
use crate::request::log_context::{LogContext, NotAdmitted};

/// How many requests of a credential have to be invalid, one after the other, before they are counted.
const STREAK: u32 = 10;

/// For each credential, how many of its latest requests to this process were invalid, without a good one
/// between them.
#[derive(Debug, Default)]
pub(super) struct InvalidStreaks(Mutex<HashMap<CredentialId, u32>>);

impl InvalidStreaks {
    /// Notes the outcome of a request, and says whether it continues a long streak.
    ///
    /// A refusal for another reason than the form of the request neither continues nor ends a streak.
    pub(super) fn note(&self, log: &LogContext, failure: Option<&Failure>) -> bool {
        let Some((credential, _)) = log.principal() else {
            return false;
        };
        let mut streaks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            None => {
                streaks.remove(&credential);
                false
            }
            Some(failure) if failure.is_of_form() => {
                let streak = streaks.entry(credential).or_default();
                *streak = streak.saturating_add(1);
                *streak >= STREAK
            }
            Some(_) => false,
        }
    }
}

/// Returns the names of the metrics that a request counts in.
pub(super) fn counted(
    log: &LogContext,
    failure: Option<&Failure>,
    streak: bool,
) -> Vec<&'static str> {
    let unknown = failure.is_some_and(Failure::is_unknown_credential);
    let refused = match log.refused().filter(|_| unknown) {
        Some(NotAdmitted::WrongSecret) => Some("wrong_secrets"),
        Some(NotAdmitted::Unknown) => Some("unknown_credentials"),
        // Whoever still uses a revoked key would never let the alarm end.
        Some(NotAdmitted::Revoked) | None => None,
    };
    let refused_did = log.bill().refusal.map(|_| "refused_dids");
    let streak = streak.then_some("invalid_streaks");
    let problem = failure.and_then(Failure::metric);
    let all = [problem, refused, refused_did, streak];
    all.into_iter().flatten().collect()
}
