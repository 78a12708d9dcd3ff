//! One structured line a request: what support finds by guid, and the metrics in it (EMF).

mod mask;

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::account::AccountId;
use crate::model::id::{CredentialId, Guid};
use crate::model::time::{Instant, Zone};

pub use mask::path as mask_path;

/// Where the lines go.
#[derive(Clone)]
pub struct Sink(Target);

#[derive(Clone)]
enum Target {
    Stdout,
    File(Arc<Mutex<File>>),
    Each(Arc<dyn Fn(&str) + Send + Sync>),
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

impl Sink {
    /// Standard output, which Lambda takes to CloudWatch.
    #[must_use]
    pub fn stdout() -> Self {
        Self(Target::Stdout)
    }

    /// A file that lines are appended to.
    ///
    /// # Errors
    /// The file cannot be opened for writing.
    pub fn file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Target::File(Arc::new(Mutex::new(file)))))
    }

    /// Whatever `each` does with a line.
    pub fn each(each: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Target::Each(Arc::new(each)))
    }

    pub(crate) fn write(&self, line: &str) {
        // A request is not refused because its log line could not be written.
        let _outcome = match &self.0 {
            Target::Stdout => writeln!(io::stdout().lock(), "{line}"),
            Target::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.write_all(format!("{line}\n").as_bytes())
            }
            Target::Each(each) => {
                each(line);
                Ok(())
            }
        };
    }
}

/// What a request leaves behind for its line while it is worked on.
#[derive(Debug, Default)]
pub struct Trail {
    caller: Mutex<Option<(CredentialId, AccountId)>>,
    parameters: Mutex<Map<String, Value>>,
}

impl Trail {
    /// Whose request it turned out to be; the account may still be another of the credential's.
    pub(crate) fn caller(&self, credential: &CredentialId, account: &AccountId) {
        let mut caller = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        *caller = Some((credential.clone(), account.clone()));
    }

    /// A parameter, masked here and now: the value itself is not kept.
    pub(crate) fn parameter(&self, name: &str, value: &str) {
        let mut parameters = self
            .parameters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if parameters.len() < 40 {
            let (name, value) = mask::parameter(name, value);
            parameters.insert(name, Value::String(value));
        }
    }
}

/// A request as its line tells it.
pub(crate) struct Line<'a> {
    pub(crate) guid: Guid,
    pub(crate) received: Instant,
    pub(crate) duration_us: u64,
    pub(crate) function: &'static str,
    pub(crate) dialect: &'static str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) source: Option<String>,
    pub(crate) status: u16,
    pub(crate) error: Option<&'static str>,
    pub(crate) cause: Option<&'a str>,
    pub(crate) cold: bool,
    pub(crate) replayed: bool,
    pub(crate) trail: &'a Trail,
}

#[derive(Serialize)]
struct Written<'a> {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    guid: String,
    function: &'static str,
    dialect: &'static str,
    method: &'a str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    parameters: Map<String, Value>,
    duration_us: u64,
    cold: bool,
    replayed: bool,
    requests: u8,
    client_errors: u8,
    server_errors: u8,
    #[serde(rename = "_aws")]
    metrics: Value,
}

impl Line<'_> {
    /// The line as JSON.
    pub(crate) fn to_json(&self) -> String {
        let caller = self
            .trail
            .caller
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        // What has a cause went wrong here; which status a vendor sees for it is its dialect's business.
        let ours = self.cause.is_some();
        let written = Written {
            timestamp: self.received.rfc3339(&Zone::utc()),
            level: if ours { "ERROR" } else { "INFO" },
            message: "request",
            guid: self.guid.to_string(),
            function: self.function,
            dialect: self.dialect,
            method: self.method,
            path: mask::path(self.path),
            source_ip: self.source.clone(),
            credential_id: caller.as_ref().map(|(credential, _)| credential.as_str()),
            account_id: caller.as_ref().map(|(_, account)| account.as_str()),
            status: self.status,
            error: self.error,
            cause: self.cause,
            parameters: self
                .trail
                .parameters
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            duration_us: self.duration_us,
            cold: self.cold,
            replayed: self.replayed,
            requests: 1,
            client_errors: u8::from(self.error.is_some() && !ours),
            server_errors: u8::from(ours),
            metrics: json!({
                "Timestamp": self.received.millis(),
                "CloudWatchMetrics": [{
                    "Namespace": "Callbook",
                    "Dimensions": [["function"]],
                    "Metrics": [
                        {"Name": "duration_us", "Unit": "Microseconds"},
                        {"Name": "requests", "Unit": "Count"},
                        {"Name": "client_errors", "Unit": "Count"},
                        {"Name": "server_errors", "Unit": "Count"},
                    ],
                }],
            }),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }
}
