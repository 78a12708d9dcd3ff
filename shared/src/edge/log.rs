//! Log lines: one structured line for each request, found by its guid, with its metrics (EMF).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::dialect::Failure;
use crate::edge::{counts, routes};
use crate::model::id::Guid;
use crate::model::time::{Instant, Zone};
use crate::problem::Cause;
use crate::request::log_context::LogContext;
use crate::request::mask;

/// The namespace of the product's CloudWatch metrics.
const NAMESPACE: &str = "Callbook";

/// A destination of log lines.
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
    /// Writes to standard output, which Lambda sends to CloudWatch.
    #[must_use]
    pub fn stdout() -> Self {
        Self(Target::Stdout)
    }

    /// Appends lines to a file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be opened for writing.
    pub fn file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Target::File(Arc::new(Mutex::new(file)))))
    }

    /// Calls `each` with every line.
    pub fn each(each: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Target::Each(Arc::new(each)))
    }

    pub(crate) fn write(&self, line: &str) {
        // A failure to write a log line must not fail the request.
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

/// Masks a decoded path for the log. See [`mask::path`].
#[must_use]
pub fn mask_path(path: &str) -> String {
    mask::path(path, routes::paths)
}

/// The facts of a request's log line.
pub(crate) struct LogLine<'a> {
    pub(crate) guid: Guid,
    /// The `requestId` of the gateway's access log.
    pub(crate) gateway_request_id: Option<&'a str>,
    /// The `requestId` of Lambda's own lines, such as that of a timeout.
    pub(crate) lambda_request_id: Option<&'a str>,
    pub(crate) received: Instant,
    pub(crate) duration_us: u64,
    /// The deployment's name, if it has one.
    pub(crate) stack: Option<&'a str>,
    pub(crate) function: &'static str,
    pub(crate) dialect: &'static str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) source: Option<String>,
    pub(crate) status: u16,
    /// The reason why the request failed, if it did.
    pub(crate) failure: Option<&'a Failure>,
    /// The vendor's error code in the answer, if its dialect has codes.
    pub(crate) error_code: Option<&'static str>,
    pub(crate) cold: bool,
    pub(crate) replayed: bool,
    /// Whether its credential has sent nothing but invalid requests for some time.
    pub(crate) invalid_streak: bool,
    pub(crate) log: &'a LogContext,
}

#[derive(Serialize)]
struct Written<'a> {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    guid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lambda_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack: Option<&'a str>,
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
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    parameters: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    duration_us: u64,
    cold: bool,
    replayed: bool,
    client_errors: u8,
    server_errors: u8,
    /// The rare metrics, by name.
    #[serde(flatten)]
    counted: BTreeMap<&'static str, u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    two_vendors: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slow_hashes: Option<u32>,
    #[serde(rename = "_aws")]
    metrics: Value,
}

impl LogLine<'_> {
    /// Returns the line as JSON.
    pub(crate) fn to_json(&self) -> String {
        let principal = self.log.principal();
        // A failure with a cause is our fault. The dialect alone decides which status the vendor sees.
        let cause = self.failure.and_then(Failure::cause);
        let ours = cause.is_some();
        let bill = self.log.bill();
        let counted = counts::counted(self.log, self.failure, self.invalid_streak);
        let written = Written {
            timestamp: self.received.rfc3339(&Zone::utc()),
            level: if ours { "ERROR" } else { "INFO" },
            message: "request",
            guid: self.guid.to_string(),
            gateway_request_id: self.gateway_request_id,
            lambda_request_id: self.lambda_request_id,
            stack: self.stack,
            function: self.function,
            dialect: self.dialect,
            method: self.method,
            path: mask_path(self.path),
            source_ip: self.source.clone(),
            credential_id: principal
                .as_ref()
                .map(|(credential, _)| credential.as_str()),
            account_id: principal.as_ref().map(|(_, account)| account.as_str()),
            status: self.status,
            error: self.failure.map(Failure::code),
            error_code: self.error_code,
            fields: self.failure.map(Failure::fields).unwrap_or_default(),
            cause: cause.map(Cause::for_the_log),
            parameters: self.log.parameters(),
            cost_id: bill.cost_id,
            call_sid: bill.call_sid,
            vendor_id: bill.vendor_id,
            label: bill.label,
            refusal: bill.refusal,
            duration_us: self.duration_us,
            cold: self.cold,
            replayed: self.replayed,
            client_errors: u8::from(self.failure.is_some() && !ours),
            server_errors: u8::from(ours),
            counted: counted.iter().map(|name| (*name, 1)).collect(),
            two_vendors: bill.two_vendors.then_some(1),
            slow_hashes: Some(self.log.slow_hashes()).filter(|made| *made > 0),
            metrics: metrics(
                self.stack,
                self.received,
                &counted.iter().map(|name| (*name, true)).collect::<Vec<_>>(),
            ),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }
}

/// Declares which fields are metrics, with the deployment as their dimension.
///
/// The number of requests and their duration are not among them, because Lambda counts both for
/// free. A rare metric is declared only in lines that count something, because CloudWatch charges
/// for every hour in which a metric occurs.
pub(super) fn metrics(stack: Option<&str>, received: Instant, rare: &[(&str, bool)]) -> Value {
    let stack: Vec<&str> = stack.iter().map(|_| "stack").collect();
    let function = [stack.as_slice(), &["function"]].concat();
    let mut metrics = vec![json!({
        "Namespace": NAMESPACE,
        "Dimensions": [function],
        "Metrics": [
            {"Name": "client_errors", "Unit": "Count"},
            {"Name": "server_errors", "Unit": "Count"},
        ],
    })];
    let rare = rare.iter().filter(|(_, counts)| *counts);
    metrics.extend(rare.map(|(name, _)| {
        json!({
            "Namespace": NAMESPACE,
            "Dimensions": [stack],
            "Metrics": [{"Name": name, "Unit": "Count"}],
        })
    }));
    json!({"Timestamp": received.millis(), "CloudWatchMetrics": metrics})
}
