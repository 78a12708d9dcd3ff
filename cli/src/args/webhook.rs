//! The arguments of `callbook webhook`.

use callbook::model::account::AccountId;
use callbook::model::event::EventType;
use callbook::model::webhook::endpoint::InvalidConcurrency;
use callbook::model::webhook::{
    Concurrency, DeliveryId, EndpointId, EndpointState, EndpointUrl, InvalidUrl, WebhookFormat,
    WebhookMethod,
};
use clap::{Args, Subcommand};

use super::store::StoreArgs;

/// `callbook webhook ...`
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Create an endpoint that is told of the account's events, and print its secret
    ///
    /// The secret is shown once. Verify deliveries with it, by a library of the Standard Webhooks specification.
    #[command(after_help = "\
Examples:
  callbook webhook create https://example.com/hooks --account 12345678 --event cost.unmatched
  callbook webhook create 'https://dialer.example.com/add?phone=[callee]&text=[whisper_text]' \\
    --account 12345678 --format plain --event rapidresponse.queued")]
    Create(WebhookCreateArgs),
    /// List the account's endpoints
    #[command(after_help = "\
Examples:
  callbook webhook list --account 12345678")]
    List {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Change an endpoint, or enable one that was switched off
    #[command(after_help = "\
Examples:
  callbook webhook update we_0123456789abcdef --account 12345678 --status enabled")]
    Update(WebhookUpdateArgs),
    /// Delete an endpoint; what was to be delivered to it is not
    #[command(after_help = "\
Examples:
  callbook webhook delete we_0123456789abcdef --account 12345678")]
    Delete(WebhookRef),
    /// Give an endpoint a new secret, and print it
    ///
    /// Older secrets sign as well until the overlap ends, so that receivers can change over.
    #[command(after_help = "\
Examples:
  callbook webhook rotate we_0123456789abcdef --account 12345678 --overlap-hours 48")]
    Rotate {
        #[command(flatten)]
        webhook: WebhookRef,
        /// For how many hours older secrets sign as well, at most 168
        #[arg(long, value_name = "HOURS", default_value = "24", value_parser = clap::value_parser!(u32).range(0..=168))]
        overlap_hours: u32,
    },
    /// Queue the delivery of a test event
    #[command(after_help = "\
Examples:
  callbook webhook test we_0123456789abcdef --account 12345678")]
    Test(WebhookRef),
    /// List the deliveries to an endpoint, the latest first, with the last attempt of each
    #[command(after_help = "\
Examples:
  callbook webhook deliveries we_0123456789abcdef --account 12345678 --limit 20
  callbook webhook deliveries we_0123456789abcdef --account 12345678 --json")]
    Deliveries {
        #[command(flatten)]
        webhook: WebhookRef,
        /// How many at most
        #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u16).range(1..=10_000))]
        limit: u16,
    },
    /// Send a delivery again: now, if it waits for its next attempt
    #[command(after_help = "\
Examples:
  callbook webhook resend wd_0123456789abcdef_01795262400123_0123456789abcdef --account 12345678")]
    Resend {
        /// The delivery's ID
        #[arg(value_name = "ID", value_parser = DeliveryId::parse)]
        id: DeliveryId,
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// An endpoint of an account.
#[derive(Debug, Args)]
pub struct WebhookRef {
    /// The endpoint's ID
    #[arg(value_name = "ID", value_parser = EndpointId::parse)]
    pub id: EndpointId,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook webhook create`
#[derive(Debug, Args)]
pub struct WebhookCreateArgs {
    /// The URL; in a plain one, tokens such as [callee] stand for values of the event
    #[arg(value_name = "URL")]
    pub url: String,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// standard: JSON, signed; plain: a URL with tokens
    #[arg(long, value_name = "FORMAT", default_value = "standard", value_parser = WebhookFormat::parse)]
    pub format: WebhookFormat,
    /// The method of a plain endpoint: GET or POST [default: GET]
    #[arg(long, value_name = "METHOD", value_parser = WebhookMethod::parse)]
    pub method: Option<WebhookMethod>,
    /// A type of events that it wants; give it several times for several [default: all]
    #[arg(long = "event", value_name = "TYPE", value_parser = EventType::parse)]
    pub events: Vec<EventType>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// How many deliveries may be under way at the same time, 1 to 20
    #[arg(long, value_name = "N", value_parser = concurrency)]
    pub concurrency: Option<Concurrency>,
    /// Allow a URL of this machine; only `callbook local --loopback-webhooks` delivers to it
    #[arg(long)]
    pub loopback: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook webhook update`
#[derive(Debug, Args)]
pub struct WebhookUpdateArgs {
    #[command(flatten)]
    pub webhook: WebhookRef,
    /// The URL
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A type of events that it wants; give it several times for several
    #[arg(long = "event", value_name = "TYPE", value_parser = EventType::parse)]
    pub events: Vec<EventType>,
    /// It wants events of all types
    #[arg(long, conflicts_with = "events")]
    pub all_events: bool,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// enabled or disabled
    #[arg(long, value_name = "STATUS", value_parser = EndpointState::parse)]
    pub status: Option<EndpointState>,
    /// How many deliveries may be under way at the same time, 1 to 20
    #[arg(long, value_name = "N", value_parser = concurrency)]
    pub concurrency: Option<Concurrency>,
    /// Allow a URL of this machine; only `callbook local --loopback-webhooks` delivers to it
    #[arg(long)]
    pub loopback: bool,
}

/// Reads a URL, which may be of this machine if `loopback`.
///
/// # Errors
/// Returns `InvalidUrl` with what is wrong.
pub fn endpoint_url(text: &str, loopback: bool) -> Result<EndpointUrl, InvalidUrl> {
    match loopback {
        true => EndpointUrl::parse_local(text),
        false => EndpointUrl::parse(text),
    }
}

fn concurrency(text: &str) -> Result<Concurrency, InvalidConcurrency> {
    Concurrency::new(text.parse().unwrap_or(0))
}
