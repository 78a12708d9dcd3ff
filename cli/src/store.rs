//! Opens the ledger that a command works on: any DynamoDB, found through the usual AWS configuration.

mod missing;
mod profiles;

use std::net::IpAddr;
use std::time::Duration;

use anyhow::Result;
use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use callbook::ledger::{Bus, Ledger, StoreError};
use http::Uri;

use crate::args::StoreArgs;
use crate::output;
use callbook_local::engine::{ANY_REGION, AccessKey};
use callbook_local::folder;
use callbook_local::running::Running;

pub use missing::NoLedger;

/// Where a ledger is.
struct Place {
    endpoint: Option<String>,
    table: String,
    /// The key of an engine of this machine.
    key: Option<AccessKey>,
}

/// Opens the ledger that the arguments and the environment name, or else the one of the running `callbook local`.
///
/// Nothing is sent yet: wrong credentials or a wrong environment make the first request fail.
///
/// # Errors
/// Returns `NoLedger` if nothing says which ledger is meant, or there is no such profile.
pub async fn open(args: &StoreArgs) -> Result<Ledger> {
    let (client, table) = open_table(args).await?;
    Ok(Ledger::new(client, table))
}

/// Opens the ledger as [`open`] does, and the event bus of a name in the same AWS account.
///
/// # Errors
/// Returns `NoLedger` as [`open`] does.
pub async fn open_with_bus(args: &StoreArgs, name: &str) -> Result<(Ledger, Bus)> {
    let place = found(args)?;
    let ledger = Ledger::new(client(args, &place).await, place.table.clone());
    let shared = shared_config(args, &place).await;
    let config = aws_sdk_eventbridge::config::Builder::from(&shared)
        .timeout_config(timeouts())
        .retry_config(RetryConfig::disabled());
    let client = aws_sdk_eventbridge::Client::from_conf(config.build());
    Ok((ledger, Bus::new(client, name.to_owned())))
}

/// Makes a client of the DynamoDB that the arguments and the environment name, and returns the name of the table.
///
/// # Errors
/// Returns `NoLedger` as [`open`] does.
pub async fn open_table(args: &StoreArgs) -> Result<(Client, String)> {
    let place = found(args)?;
    Ok((client(args, &place).await, place.table))
}

/// Finds the ledger, and checks that the profile exists that it is reached with.
fn found(args: &StoreArgs) -> Result<Place> {
    let place = place(args)?;
    // An engine of this machine has its own key.
    if args.profile.is_some() || !place.endpoint.as_deref().is_some_and(is_loopback) {
        profiles::check(args.profile.as_deref())?;
    }
    Ok(place)
}

/// Finds the ledger: the one that is named, or the only one that runs on this machine.
fn place(args: &StoreArgs) -> Result<Place, NoLedger> {
    let endpoint = endpoint(args);
    let local = endpoint.as_deref().is_some_and(is_loopback);
    let names_a_deployment = args.profile.is_some() || args.region.is_some();
    if let (Some(table), false) = (&args.table, local) {
        return Ok(Place {
            endpoint,
            table: table.clone(),
            key: None,
        });
    }
    let mut running = Running::all();
    if let (Some(endpoint), true) = (&endpoint, local) {
        let same = |url: &str| url.trim_end_matches('/') == endpoint.trim_end_matches('/');
        let found = running.into_iter().find(|running| same(&running.endpoint));
        let table = args.table.clone();
        let table = table.or_else(|| Some(found.as_ref()?.table.clone()));
        return Ok(Place {
            table: table.ok_or_else(|| NoLedger(no_table(endpoint)))?,
            key: found.map(|found| found.key()),
            endpoint: Some(endpoint.clone()),
        });
    }
    if endpoint.is_some() || names_a_deployment {
        let deployment = endpoint.as_deref().unwrap_or("a deployment");
        return Err(NoLedger(no_table(deployment)));
    }
    // Of several, the one in the default folder is first.
    let others = running.split_off(running.len().min(1));
    match running.pop() {
        Some(running) if others.is_empty() || running.is_default => {
            output::hint(&format!("On {}.", running.shown()));
            Ok(Place {
                table: running.table.clone(),
                key: Some(running.key()),
                endpoint: Some(running.endpoint),
            })
        }
        Some(running) => {
            let all = others.iter().chain([&running]).map(|running| {
                format!(
                    "  --endpoint-url {}   {}",
                    running.endpoint,
                    running.shown()
                )
            });
            let all: Vec<_> = all.collect();
            Err(NoLedger(format!(
                "several ledgers run on this machine; say which one:\n{}",
                all.join("\n")
            )))
        }
        None => Err(NoLedger(NO_LEDGER.to_owned())),
    }
}

const NO_LEDGER: &str = "no ledger is named, and none runs on this machine.\n\
    On this machine: start `callbook local` in another terminal. Commands find it.\n\
    For a deployment: export TABLE_NAME=NAME, or add --table NAME. The name is\n\
    TableName in the outputs of the stack:\n  \
    aws cloudformation describe-stacks --stack-name STACK \\\n    \
    --query 'Stacks[0].Outputs'";

fn no_table(place: &str) -> String {
    format!(
        "the table of {place} is not named.\n\
         Export TABLE_NAME=NAME, or add --table NAME. The name is TableName in the\n\
         outputs of the stack, and callbook for a local ledger"
    )
}

/// Makes a client of the DynamoDB that the arguments and the environment name.
async fn client(args: &StoreArgs, place: &Place) -> Client {
    let shared = shared_config(args, place).await;
    let mut config = aws_sdk_dynamodb::config::Builder::from(&shared).timeout_config(timeouts());
    if let Some(url) = &place.endpoint {
        config = config.endpoint_url(url);
    }
    Client::from_conf(config.build())
}

/// A person can wait longer than a vendor, and a laptop is further from AWS than a function.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(30))
        .build()
}

async fn shared_config(args: &StoreArgs, place: &Place) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
    if let Some(profile) = &args.profile {
        loader = with_profile(loader, profile, http).await;
    } else if place.endpoint.as_deref().is_some_and(is_loopback) {
        loader = with_local_defaults(loader, place.key.as_ref());
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

/// Falls back to the access key of an engine on this machine, and to a placeholder region.
///
/// Without a key that is known, the one of the default data folder is tried. Engines of others accept any key. The
/// SDK's default chain would spend seconds on asking the metadata service of an EC2 instance.
fn with_local_defaults(loader: ConfigLoader, key: Option<&AccessKey>) -> ConfigLoader {
    // A key that cannot be read is one that the engine does not take, which its refusal says.
    let of_folder = || folder::data_folder(None).and_then(|data| AccessKey::read(&data));
    let own = match key.cloned().or_else(|| of_folder().ok().flatten()) {
        Some(key) => key.credentials(),
        None => Credentials::new("local", "local", None, None, "placeholder"),
    };
    let credentials = CredentialsProviderChain::first_try(
        "environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("engine", SharedCredentialsProvider::new(own));
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
            "Check AWS_ENDPOINT_URL_DYNAMODB, the AWS credentials (profile, sign-in) and the\n\
             region. Without AWS_ENDPOINT_URL_DYNAMODB and TABLE_NAME, commands find the\n\
             running `callbook local`."
        }
        StoreError::Contended(_) => {
            "Other processes are updating the same items; run the command again."
        }
        StoreError::Later { .. } => {
            "Install the version of this command that the deployment has, or a later one."
        }
        StoreError::Broken(_) => "Check the table name and the permissions of the AWS credentials.",
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
