//! Which data folder and which ledger a command works on.

use std::path::PathBuf;

use anyhow::Result;
use callbook_local::engine::Storage;
use callbook_local::folder;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use http::Uri;

/// Where the embedded engine keeps its data.
#[derive(Debug, Args)]
pub struct StorageArgs {
    /// The data folder [default: the platform's data folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Keep the data in memory. `local` puts its request log and page token key in a temporary folder, which
    /// is removed at the end, but not after a kill
    #[arg(long, conflicts_with = "data")]
    pub memory: bool,
}

impl StorageArgs {
    /// Returns where the engine keeps its data.
    ///
    /// # Errors
    /// Returns an error if the platform defines no data folder for the user and `--data` is not given.
    pub fn storage(self) -> Result<Storage> {
        if self.memory {
            Ok(Storage::Memory)
        } else {
            Ok(Storage::Folder(folder::data_folder(self.data)?))
        }
    }
}

/// The ledger that a command works on.
#[derive(Debug, Args)]
#[command(next_help_heading = "Ledger")]
pub struct StoreArgs {
    /// The DynamoDB table: `TableName` in the outputs of a deployment [default: the running `callbook local`]
    #[arg(long, value_name = "NAME", env = "TABLE_NAME")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub table: Option<String>,
    // The next three options do not use clap's `env`. Every usage error would list those that the
    // environment sets as required, and a region from the command line would look like one from the
    // environment.
    /// The URL of a DynamoDB other than the region's [env: `AWS_ENDPOINT_URL_DYNAMODB`, also with --profile]
    #[arg(long, value_name = "URL", value_parser = endpoint_url)]
    pub endpoint_url: Option<Uri>,
    /// The profile of the shared AWS configuration that provides the credentials and the region, even if
    /// the environment sets others [env: `AWS_PROFILE`, unless the environment sets keys]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub profile: Option<String>,
    /// The AWS region [env: `AWS_REGION`]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub region: Option<String>,
    /// Write JSON instead of a table
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// Parses the URL of a DynamoDB.
///
/// # Errors
/// Returns an error if the scheme is not http or https, or the host is missing.
fn endpoint_url(text: &str) -> Result<Uri, &'static str> {
    let uri: Option<Uri> = text.parse().ok();
    uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
        .ok_or("expected a URL such as http://127.0.0.1:8000")
}
