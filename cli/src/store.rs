//! Opens the ledger that a command works on: any DynamoDB, found through the usual AWS configuration.

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
use callbook_local::engine::{ANY_REGION, AccessKey};
use callbook_local::folder;

/// Opens the ledger that the arguments and the environment name.
///
/// Nothing is sent yet: wrong credentials or a wrong environment make the first request fail.
pub async fn open(args: &StoreArgs) -> Ledger {
    Ledger::new(client(args).await, args.table.clone())
}

/// Makes a client of the DynamoDB that the arguments and the environment name.
pub async fn client(args: &StoreArgs) -> Client {
    let endpoint = endpoint(args);
    let shared = shared_config(args, endpoint.as_deref()).await;
    let mut config = aws_sdk_dynamodb::config::Builder::from(&shared)
        // A person can wait longer than a vendor, and a laptop is further from DynamoDB than a function.
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
    Client::from_conf(config.build())
}

async fn shared_config(args: &StoreArgs, endpoint: Option<&str>) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
    if let Some(profile) = &args.profile {
        loader = with_profile(loader, profile, http).await;
    } else if endpoint.is_some_and(is_loopback) {
        loader = with_local_defaults(loader);
    }
    if let Some(region) = &args.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}

/// Takes credentials and region from a profile, before those of the environment.
///
/// The SDK would prefer the environment. A command must not act in another AWS account than the one of the
/// profile that was named.
async fn with_profile(loader: ConfigLoader, profile: &str, http: SharedHttpClient) -> ConfigLoader {
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

/// Falls back to the access key of the default data folder, and to a placeholder region, for an engine on this
/// machine.
///
/// The key is the one of `callbook local` and `callbook database` without `--data`. Other engines accept any
/// key. The SDK's default chain would spend seconds on asking the metadata service of an EC2 instance.
fn with_local_defaults(loader: ConfigLoader) -> ConfigLoader {
    // A key that cannot be read is one that the engine does not take, which its refusal says.
    let own = folder::data_folder(None).and_then(|data| AccessKey::read(&data));
    let own = match own {
        Ok(Some(key)) => key.credentials(),
        _ => Credentials::new("local", "local", None, None, "placeholder"),
    };
    let credentials = CredentialsProviderChain::first_try(
        "environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("data folder", SharedCredentialsProvider::new(own));
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(Region::new(ANY_REGION));
    loader.credentials_provider(credentials).region(region)
}

/// Returns the URL from the arguments, or else from the environment. An empty variable counts as not set.
fn endpoint(args: &StoreArgs) -> Option<String> {
    if let Some(url) = &args.endpoint_url {
        return Some(url.to_string());
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "clap must not read this variable: see StoreArgs"
    )]
    let set = std::env::var("AWS_ENDPOINT_URL_DYNAMODB").ok();
    set.filter(|url| !url.is_empty())
}

/// Returns what the operator can do about a store error.
#[must_use]
pub fn advice(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unavailable(_) => {
            "check AWS_ENDPOINT_URL_DYNAMODB, the AWS credentials (profile, sign-in) and the region"
        }
        StoreError::Contended(_) => {
            "other processes are updating the same items; run the command again"
        }
        StoreError::Later { .. } => {
            "install the version of this command that the deployment has, or a later one"
        }
        StoreError::Broken(_) => "check the table name and the permissions of the AWS credentials",
    }
}

/// Returns whether the host of a URL is this machine's loopback interface.
fn is_loopback(url: &str) -> bool {
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
    fn loopback_urls_are_recognised() {
        for (url, expected) in [
            ("http://127.0.0.1:8000", true),
            ("http://localhost:8000/", true),
            ("http://[::1]:8000", true),
            ("https://dynamodb.eu-west-1.amazonaws.com", false),
            ("http://localhost.example.com", false),
            ("nonsense url", false),
        ] {
            assert_eq!(is_loopback(url), expected, "{url}");
        }
    }
}
