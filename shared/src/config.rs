//! The only place that reads the environment.

use std::env;

/// What a function is told by its environment.
#[derive(Clone)]
pub struct Config {
    /// `TABLE_NAME`: the ledger's table.
    pub table_name: String,
    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`.
    pub region: String,
    /// `AWS_ENDPOINT_URL_DYNAMODB`, else `AWS_ENDPOINT_URL`: a store elsewhere than in the region.
    pub endpoint: Option<String>,
    /// `AWS_ACCESS_KEY_ID`
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`
    pub session_token: Option<String>,
}

/// Variables that are not set; all of them at once.
#[derive(Debug, thiserror::Error)]
#[error("the environment lacks {}", .0.join(", "))]
pub struct MissingVariables(Vec<&'static str>);

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// Names every variable that is missing.
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

/// `PAGE_TOKEN_KEY`: signs page tokens; only a function that answers in pages has it.
///
/// # Errors
/// Returns an error if it is not set.
pub fn page_token_key() -> Result<String, MissingVariables> {
    variable("PAGE_TOKEN_KEY").ok_or_else(|| MissingVariables(vec!["PAGE_TOKEN_KEY"]))
}

/// `STACK_NAME`: the deployment that the function belongs to, for its metrics.
#[must_use]
pub fn stack_name() -> Option<String> {
    variable("STACK_NAME")
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the environment is read"
    )]
    env::var(name).ok().filter(|value| !value.is_empty())
}
