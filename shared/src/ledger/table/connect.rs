//! The one SDK client of a process.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    AppName, BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig,
};

use crate::config::{self, Config};
use crate::ledger::table::http;
use crate::ledger::table::retry;
use crate::ledger::table::store::Ledger;
use crate::ledger::table::trust::Trust;

impl Ledger {
    /// Connects as `config` says, for a function; nothing is sent yet.
    #[must_use]
    pub fn connect(config: &Config) -> Self {
        let mut builder = Self::sdk_config()
            .region(Region::new(config.region.clone()))
            // Lambda renews these by replacing the whole environment, so a provider that never
            // refreshes lives no longer than they do.
            .credentials_provider(Credentials::new(
                config.access_key_id.clone(),
                config.secret_access_key.clone(),
                config.session_token.clone(),
                None,
                "environment",
            ));
        if let Some(endpoint) = &config.endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        Self::new(
            Client::from_conf(builder.build()),
            config.table_name.clone(),
        )
        .with_patience(retry::PATIENCE)
    }

    /// What every client of the product shares, wherever its credentials come from: connections over
    /// HTTP/1.1 with ring as the only TLS provider, and retries that fit inside a vendor's patience.
    #[must_use]
    pub fn sdk_config() -> aws_sdk_dynamodb::config::Builder {
        Self::sdk_config_trusting(Trust::new(config::names_authorities()))
    }

    /// As [`Ledger::sdk_config`], with a choice of certificate authorities.
    pub(super) fn sdk_config_trusting(trust: Trust) -> aws_sdk_dynamodb::config::Builder {
        let mut builder = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http::client(trust))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_millis(800))
                    .operation_attempt_timeout(Duration::from_secs(1))
                    .operation_timeout(Duration::from_millis(2_500))
                    .build(),
            )
            // The timeouts above already end what stalls; watching every body besides costs timers.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // The SDK's first pause of a second is longer than a whole request may take.
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(4)
                    .with_initial_backoff(Duration::from_millis(25)),
            );
        builder.set_app_name(AppName::new("callbook").ok());
        builder
    }
}
