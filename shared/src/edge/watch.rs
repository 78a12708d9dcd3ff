//! The log lines of what should have happened by now and did not.

use serde_json::json;

use super::work::Invocation;
use crate::ledger::{OldEntries, SilentCredential, Watched};
use crate::model::time::Zone;

/// Returns one line for each credential that fell silent, and one for each account whose callees wait too long.
pub(super) fn lines(invocation: &Invocation<'_>, watched: &Watched) -> Vec<String> {
    let utc = Zone::utc();
    let silent = watched.silent.iter().map(|silent| {
        let SilentCredential {
            id,
            account,
            label,
            since,
        } = silent;
        let own = json!({
            "message": "silent credential",
            "account_id": account.as_str(),
            "credential_id": id.as_str(),
            "label": label,
            "since": since.rfc3339(&utc),
            "silent_credentials": 1,
        });
        invocation.line(own, Ok(()), &[("silent_credentials", true)])
    });
    let waiting = watched.waiting.iter().map(|waiting| {
        let OldEntries {
            account,
            count,
            since,
        } = waiting;
        let own = json!({
            "message": "old queue entries",
            "account_id": account.as_str(),
            "since": since.rfc3339(&utc),
            "old_queue_entries": count,
        });
        invocation.line(own, Ok(()), &[("old_queue_entries", true)])
    });
    silent.chain(waiting).collect()
}
