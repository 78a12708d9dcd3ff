//! The log lines of what should have happened by now and did not.

use serde_json::{Value, json};

use super::log::metrics;
use crate::ids;
use crate::ledger::{OldEntries, SilentCredential, Watched};
use crate::model::time::{Instant, Zone};

/// Returns one line for each credential that fell silent, and one for each account whose callees wait too long.
pub(super) fn lines(
    stack: Option<&str>,
    function: &str,
    watched: &Watched,
    received: Instant,
) -> Vec<String> {
    let utc = Zone::utc();
    let common = (stack, function, received);
    let silent = watched.silent.iter().map(|silent| {
        let SilentCredential {
            id,
            account,
            label,
            since,
        } = silent;
        let mut line = json!({
            "message": "silent credential",
            "account_id": account.as_str(),
            "credential_id": id.as_str(),
            "label": label,
            "since": since.rfc3339(&utc),
        });
        complete(&mut line, common, "silent_credentials", 1);
        line.to_string()
    });
    let waiting = watched.waiting.iter().map(|waiting| {
        let OldEntries {
            account,
            count,
            since,
        } = waiting;
        let mut line = json!({
            "message": "old queue entries",
            "account_id": account.as_str(),
            "since": since.rfc3339(&utc),
        });
        complete(&mut line, common, "old_queue_entries", *count);
        line.to_string()
    });
    silent.chain(waiting).collect()
}

/// Adds what every line has, and the metric that it counts in.
fn complete(
    line: &mut Value,
    (stack, function, received): (Option<&str>, &str, Instant),
    metric: &str,
    count: usize,
) {
    let mut more = json!({
        "timestamp": received.rfc3339(&Zone::utc()),
        "level": "INFO",
        "guid": ids::guid().to_string(),
        "function": function,
        "client_errors": 0,
        "server_errors": 0,
        "_aws": metrics(stack, received, &[(metric, true)]),
    });
    if let (Some(line), Some(more)) = (line.as_object_mut(), more.as_object_mut()) {
        line.append(more);
        line.insert(metric.to_owned(), json!(count));
        line.extend(stack.map(|stack| ("stack".to_owned(), json!(stack))));
    }
}
