//! The ledger that the operator's commands work on: any DynamoDB, by the ordinary AWS configuration.

use std::net::IpAddr;
use std::time::Duration;

use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use callbook::ledger::{Ledger, StoreError};
use http::Uri;

use crate::args::StoreArgs;
use callbook_local::engine::{ANY_CREDENTIAL, ANY_REGION};

/// The ledger that the arguments and the environment name; what is wrong with the credentials or with the
/// environment is found by the first request.
pub async fn open(args: &StoreArgs) -> Ledger {
    let endpoint = endpoint(args);
    let shared = shared_config(args, endpoint.as_deref()).await;
    let mut config = aws_sdk_dynamodb::config::Builder::from(&shared)
        // A person waits longer than a vendor, and a laptop is further away than a function.
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(Duration::from_secs(10))
                .operation_timeout(Duration::from_secs(30))
                .build(),
        );
    if let Some(url) = endpoint {
        config = config.endpoint_url(url);
    }
    Ledger::new(Client::from_conf(config.build()), args.table.clone())
}

async fn shared_config(args: &StoreArgs, endpoint: Option<&str>) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
    if let Some(profile) = &args.profile {
        loader = of_profile(loader, profile, http).await;
    } else if endpoint.is_some_and(on_this_machine) {
        loader = of_this_machine(loader);
    }
    if let Some(region) = &args.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}

/// A profile that was asked for comes before the environment, which the SDK would ask first: a command
/// must not act in another account than the one it was told.
async fn of_profile(loader: ConfigLoader, profile: &str, http: SharedHttpClient) -> ConfigLoader {
    let region = RegionProviderChain::first_try(
        ProfileFileRegionProvider::builder()
            .profile_name(profile)
            .build(),
    )
    .or_else(EnvironmentVariableRegionProvider::new());
    let config = ProviderConfig::without_region()
        .with_http_client(http)
        .with_region(region.region().await);
    let credentials = ProfileFileCredentialsProvider::builder()
        .configure(&config)
        .profile_name(profile)
        .build();
    loader
        .profile_name(profile)
        .region(region)
        .credentials_provider(credentials)
}

/// An engine on this machine takes any credentials; asking the metadata service of a machine that is no
/// EC2 instance for some would take seconds.
fn of_this_machine(loader: ConfigLoader) -> ConfigLoader {
    let any = Credentials::new(
        ANY_CREDENTIAL,
        ANY_CREDENTIAL,
        None,
        None,
        "embedded engine",
    );
    let credentials = CredentialsProviderChain::first_try(
        "environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("any", SharedCredentialsProvider::new(any));
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(Region::new(ANY_REGION));
    loader.credentials_provider(credentials).region(region)
}

/// The URL that was given, else the environment's; a variable that is set to nothing counts as one that
/// is not set.
fn endpoint(args: &StoreArgs) -> Option<String> {
    if let Some(url) = &args.endpoint_url {
        return Some(url.to_string());
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the parser of the arguments cannot read it: see StoreArgs"
    )]
    let set = std::env::var("AWS_ENDPOINT_URL_DYNAMODB").ok();
    set.filter(|url| !url.is_empty())
}

/// What a person can do about an error of the store.
#[must_use]
pub fn advice(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unavailable(_) => {
            "check AWS_ENDPOINT_URL_DYNAMODB, the AWS credentials (profile, sign-in) and the region"
        }
        StoreError::Contended(_) => {
            "run it again; others are changing the same items at this moment"
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
