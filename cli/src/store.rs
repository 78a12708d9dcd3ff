//! The ledger that the operator's commands work on: any DynamoDB, by the ordinary AWS configuration.

use std::net::IpAddr;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use callbook::ledger::{Ledger, StoreError};
use http::Uri;

use crate::args::StoreArgs;
use crate::engine::{ANY_CREDENTIAL, ANY_REGION};

/// The ledger that the arguments and the environment name; what is wrong with the credentials is found
/// by the first request.
pub async fn open(args: &StoreArgs) -> Ledger {
    let shared = shared_config(args).await;
    let mut config = aws_sdk_dynamodb::config::Builder::from(&shared)
        // A person waits longer than a vendor, and a laptop is further away than a function.
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(Duration::from_secs(10))
                .operation_timeout(Duration::from_secs(30))
                .build(),
        );
    if let Some(url) = endpoint(args) {
        config = config.endpoint_url(url);
    }
    Ledger::new(Client::from_conf(config.build()), args.table.clone())
}

async fn shared_config(args: &StoreArgs) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Some(profile) = &args.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = region(args) {
        loader = loader.region(Region::new(region.to_owned()));
    }
    // An engine on this machine takes any credentials; asking the metadata service of a machine that is
    // no EC2 instance for some would take seconds.
    if args.profile.is_none() && endpoint(args).is_some_and(on_this_machine) {
        let any = Credentials::new(
            ANY_CREDENTIAL,
            ANY_CREDENTIAL,
            None,
            None,
            "embedded engine",
        );
        loader = loader.credentials_provider(
            CredentialsProviderChain::first_try(
                "environment",
                EnvironmentVariableCredentialsProvider::new(),
            )
            .or_else("any", SharedCredentialsProvider::new(any)),
        );
        if region(args).is_none() {
            loader = loader.region(Region::new(ANY_REGION));
        }
    }
    loader.load().await
}

/// A variable that is set to nothing counts as one that is not set.
fn endpoint(args: &StoreArgs) -> Option<&str> {
    args.endpoint_url.as_deref().filter(|url| !url.is_empty())
}

fn region(args: &StoreArgs) -> Option<&str> {
    args.region.as_deref().filter(|region| !region.is_empty())
}

/// What a person can do about an error of the store.
#[must_use]
pub fn advice(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unavailable(_) => {
            "check AWS_ENDPOINT_URL_DYNAMODB, the AWS credentials (profile, sign-in) and the region"
        }
        StoreError::Broken(_) => "check the table's name, and what the AWS credentials may do",
    }
}

/// Whether a URL leads to the loopback interface.
fn on_this_machine(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_is_recognised() {
        for (url, expected) in [
            ("http://127.0.0.1:8000", true),
            ("http://localhost:8000/", true),
            ("http://[::1]:8000", true),
            ("https://dynamodb.eu-west-1.amazonaws.com", false),
            ("http://localhost.example.com", false),
            ("nonsense url", false),
        ] {
            assert_eq!(on_this_machine(url), expected, "{url}");
        }
    }
}
