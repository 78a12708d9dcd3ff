//! The only module that reads environment variables.

use std::env;

/// Configuration of a function, from its environment variables.
#[derive(Clone)]
pub struct Config {
    /// `TABLE_NAME`: the ledger's DynamoDB table.
    pub table_name: String,
    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`.
    pub region: String,
    /// `AWS_ENDPOINT_URL_DYNAMODB`, else `AWS_ENDPOINT_URL`: a DynamoDB endpoint other than the
    /// region's.
    pub endpoint: Option<String>,
    /// `AWS_ACCESS_KEY_ID`
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`
    pub session_token: Option<String>,
}

/// Required environment variables that are not set.
#[derive(Debug, thiserror::Error)]
#[error("set the missing environment variables: {}", .0.join(", "))]
pub struct MissingVariables(Vec<&'static str>);

impl Config {
    /// Reads the environment variables.
    ///
    /// # Errors
    /// Returns `MissingVariables` with the name of every variable that is missing.
    pub fn from_env() -> Result<Self, MissingVariables> {
        let mut missing = Vec::new();
        let mut required = |name: &'static str, value: Option<String>| {
            value.unwrap_or_else(|| {
                missing.push(name);
                String::new()
            })
        };
        let config = Self {
            table_name: required("TABLE_NAME", variable("TABLE_NAME")),
            region: required(
                "AWS_REGION",
                variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")),
            ),
            endpoint: variable("AWS_ENDPOINT_URL_DYNAMODB")
                .or_else(|| variable("AWS_ENDPOINT_URL")),
            access_key_id: required("AWS_ACCESS_KEY_ID", variable("AWS_ACCESS_KEY_ID")),
            secret_access_key: required("AWS_SECRET_ACCESS_KEY", variable("AWS_SECRET_ACCESS_KEY")),
            session_token: variable("AWS_SESSION_TOKEN"),
        };
        if missing.is_empty() {
            Ok(config)
        } else {
            Err(MissingVariables(missing))
        }
    }
}

/// The bus that events are put on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusConfig {
    /// `EVENT_BUS_NAME`: the name or the ARN of the bus.
    pub name: String,
    /// `AWS_ENDPOINT_URL_EVENTBRIDGE`: an endpoint other than the region's.
    pub endpoint: Option<String>,
}

/// Returns the bus that events are put on. Only the function that publishes has one.
///
/// # Errors
/// Returns `MissingVariables` if `EVENT_BUS_NAME` is not set.
pub fn event_bus() -> Result<BusConfig, MissingVariables> {
    let name = variable("EVENT_BUS_NAME").ok_or(MissingVariables(vec!["EVENT_BUS_NAME"]))?;
    Ok(BusConfig {
        name,
        endpoint: variable("AWS_ENDPOINT_URL_EVENTBRIDGE"),
    })
}

/// Returns `PAGE_TOKEN_KEY`, which signs page tokens. Only functions that answer in pages have it.
///
/// # Errors
/// Returns `MissingVariables` if it is not set.
pub fn page_token_key() -> Result<String, MissingVariables> {
    variable("PAGE_TOKEN_KEY").ok_or_else(|| MissingVariables(vec!["PAGE_TOKEN_KEY"]))
}

/// Returns `STACK_NAME`: the deployment that the function belongs to, a dimension of its metrics.
#[must_use]
pub fn stack_name() -> Option<String> {
    variable("STACK_NAME")
}

/// Returns `TRUSTED_PROXIES`: the addresses of proxies in front of the API, empty if there are none.
#[must_use]
pub fn trusted_proxies() -> String {
    variable("TRUSTED_PROXIES").unwrap_or_default()
}

/// Whether `SSL_CERT_FILE` or `SSL_CERT_DIR` says which certificate authorities to trust.
#[must_use]
pub fn names_authorities() -> bool {
    variable("SSL_CERT_FILE")
        .or_else(|| variable("SSL_CERT_DIR"))
        .is_some()
}

/// Returns the value of a variable, or `None` if it is unset or empty.
fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the environment is read"
    )]
    env::var(name).ok().filter(|value| !value.is_empty())
}
