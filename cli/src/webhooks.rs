//! `callbook webhook`: where an account is told of its events, and what became of each delivery.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ids;
use callbook::ledger::{Creation, Deletion, Ledger, Update};
use callbook::model::account::{Account, AccountId};
use callbook::model::webhook::endpoint::TokensInStandard;
use callbook::model::webhook::{
    Delivery, Description, Endpoint, EndpointChange, EndpointId, EndpointState, OffReason,
    WebhookFormat, WebhookMethod,
};
use serde_json::{Value, json};

use crate::accounts::find_account;
use crate::args::{WebhookCommand, WebhookCreateArgs, WebhookRef, WebhookUpdateArgs, endpoint_url};
use crate::{output, store};

/// The columns of endpoints. `--json` has the others.
const ENDPOINTS: [&str; 5] = ["id", "url", "format", "events", "status"];

/// The columns of deliveries. `--json` has the others.
const DELIVERIES: [&str; 5] = ["id", "event_type", "status", "attempts", "last"];

/// How many deliveries one request to the ledger reads.
const PAGE: usize = 100;

/// Runs the command.
///
/// # Errors
/// Returns an error if the account, the endpoint or the delivery does not exist, an argument is not valid, or
/// DynamoDB does not answer in time.
pub async fn run(command: WebhookCommand) -> Result<()> {
    match command {
        WebhookCommand::Create(args) => create(args).await,
        WebhookCommand::List { account, store } => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            let found = ledger.webhooks(&account.id).await?;
            let rows: Vec<Value> = found.iter().map(|found| view(found, &account)).collect();
            if store.json {
                return output::json(&json!({ "webhooks": rows }));
            }
            output::rows(&rows, &ENDPOINTS, "The account has no webhooks.")
        }
        WebhookCommand::Update(args) => update(args).await,
        WebhookCommand::Delete(webhook) => {
            let (ledger, account) = open(&webhook).await?;
            match ledger.delete_webhook(&account.id, &webhook.id).await? {
                Deletion::Deleted => output::note(&format!("Webhook {} is deleted.", webhook.id)),
                Deletion::NotFound => bail!(not_found(&account.id, &webhook.id)),
                Deletion::Refused(never) => match never {},
            }
            Ok(())
        }
        WebhookCommand::Rotate {
            webhook,
            overlap_hours,
        } => rotate(&webhook, overlap_hours).await,
        WebhookCommand::Test(webhook) => {
            let (ledger, account) = open(&webhook).await?;
            let endpoint = ledger.webhook(&account.id, &webhook.id).await?;
            let endpoint = endpoint.with_context(|| not_found(&account.id, &webhook.id))?;
            ensure_enabled(&endpoint)?;
            let (guid, now) = (ids::guid().to_string(), Clock::system().now());
            let queued = ledger
                .queue_test(&account.id, &webhook.id, &guid, now)
                .await?;
            show(&[queued], &account, webhook.store.json)
        }
        WebhookCommand::Deliveries { webhook, limit } => deliveries(&webhook, limit.into()).await,
        WebhookCommand::Resend { id, account, store } => {
            let ledger = store::open(&store).await?;
            let account = find_account(&ledger, &account).await?;
            let endpoint = ledger.webhook(&account.id, id.endpoint()).await?;
            let endpoint = endpoint.with_context(|| not_found(&account.id, id.endpoint()))?;
            ensure_enabled(&endpoint)?;
            match ledger
                .resend_delivery(&account.id, &id, Clock::system().now())
                .await?
            {
                Update::Updated(delivery) => show(&[delivery], &account, store.json),
                Update::NotFound => bail!("account {} has no delivery {id}", account.id),
                Update::Refused(never) => match never {},
            }
        }
    }
}

async fn open(webhook: &WebhookRef) -> Result<(Ledger, Account)> {
    let ledger = store::open(&webhook.store).await?;
    let account = find_account(&ledger, &webhook.account).await?;
    Ok((ledger, account))
}

fn not_found(account: &AccountId, id: &EndpointId) -> String {
    format!("account {account} has no webhook {id}")
}

fn ensure_enabled(endpoint: &Endpoint) -> Result<()> {
    ensure!(
        endpoint.status == EndpointState::Enabled,
        "webhook {} is disabled; enable it with `callbook webhook update --status enabled`",
        endpoint.id
    );
    Ok(())
}

async fn create(args: WebhookCreateArgs) -> Result<()> {
    let url = endpoint_url(&args.url, args.loopback)?;
    let plain = args.format == WebhookFormat::Plain;
    ensure!(plain || !url.has_tokens(), TokensInStandard);
    ensure!(
        plain || args.method.is_none(),
        "--method is for endpoints of the format plain; the others get a POST"
    );
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.account).await?;
    let endpoint = Endpoint {
        id: ids::endpoint_id(),
        url,
        format: args.format,
        method: plain.then(|| args.method.unwrap_or(WebhookMethod::Get)),
        events: (!args.events.is_empty()).then(|| args.events.into_iter().collect()),
        description: description(args.description.as_deref())?,
        status: EndpointState::Enabled,
        off_reason: None,
        off_since: None,
        concurrency: args.concurrency.unwrap_or_default(),
        created_at: Clock::system().now(),
        revision: 0,
    };
    let secret = ids::signing_secret().context("the system's random number generator failed")?;
    let created = ledger.create_webhook(&account.id, endpoint, secret.clone(), None);
    match created.await? {
        Creation::Created(endpoint) | Creation::Exists(endpoint) => {
            let mut shown = view(&endpoint, &account);
            if let (false, Some(shown)) = (plain, shown.as_object_mut()) {
                shown.insert("secret".to_owned(), json!(secret.reveal()));
            }
            output::json(&shown)
        }
        Creation::Refused(_) => bail!(
            "account {} has {} webhooks, the most that an account can have; change or delete one of them",
            account.id,
            Endpoint::MOST
        ),
    }
}

async fn update(args: WebhookUpdateArgs) -> Result<()> {
    let chosen = !args.events.is_empty() || args.all_events;
    let change = EndpointChange {
        url: args
            .url
            .as_deref()
            .map(|url| endpoint_url(url, args.loopback))
            .transpose()?,
        events: chosen.then(|| match args.all_events {
            true => None,
            false => Some(args.events.iter().copied().collect()),
        }),
        description: description(args.description.as_deref())?,
        status: args.status,
        concurrency: args.concurrency,
    };
    ensure!(
        change != EndpointChange::default(),
        "nothing to change: give --url, --event, --all-events, --description, --status or --concurrency"
    );
    let (ledger, account) = open(&args.webhook).await?;
    let id = &args.webhook.id;
    let updated = ledger.update_webhook(&account.id, id, &change, Clock::system().now());
    match updated.await? {
        Update::Updated(endpoint) => output::json(&view(&endpoint, &account)),
        Update::NotFound => bail!(not_found(&account.id, id)),
        Update::Refused(refused) => bail!(refused),
    }
}

async fn rotate(webhook: &WebhookRef, overlap_hours: u32) -> Result<()> {
    let (ledger, account) = open(webhook).await?;
    let secret = ids::signing_secret().context("the system's random number generator failed")?;
    let now = Clock::system().now();
    let until = now.plus(Duration::from_secs(u64::from(overlap_hours) * 3_600));
    let rotated = ledger.rotate_secret(&account.id, &webhook.id, &secret, (until, now));
    match rotated.await? {
        Update::Updated(secrets) => output::json(&json!({
            "id": webhook.id.as_str(),
            "secret": secret.reveal(),
            "older_secrets_until": secrets.older_until(now).map(|until| until.rfc3339(&account.zone)),
        })),
        Update::NotFound => bail!(not_found(&account.id, &webhook.id)),
        Update::Refused(never) => match never {},
    }
}

async fn deliveries(webhook: &WebhookRef, limit: usize) -> Result<()> {
    let (ledger, account) = open(webhook).await?;
    let endpoint = ledger.webhook(&account.id, &webhook.id).await?;
    endpoint.with_context(|| not_found(&account.id, &webhook.id))?;
    let now = Clock::system().now();
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let most = PAGE.min(limit - found.len());
        let page = ledger.deliveries(&account.id, &webhook.id, before.as_ref(), (most, now));
        let page = page.await?;
        found.extend(page.deliveries);
        before = page.last;
        if before.is_none() || found.len() >= limit {
            break;
        }
    }
    show(&found, &account, webhook.store.json)
}

fn show(found: &[Delivery], account: &Account, as_json: bool) -> Result<()> {
    let rows: Vec<Value> = found
        .iter()
        .map(|found| delivery_view(found, account))
        .collect();
    if as_json {
        return output::json(&json!({ "deliveries": rows }));
    }
    output::rows(&rows, &DELIVERIES, "There are no deliveries.")
}

fn description(text: Option<&str>) -> Result<Option<Description>> {
    text.map(|text| Description::parse(text).context("--description"))
        .transpose()
}

fn view(endpoint: &Endpoint, account: &Account) -> Value {
    let events = endpoint.events.as_ref();
    let events = events.map(|events| events.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
    json!({
        "id": endpoint.id.as_str(),
        "url": endpoint.url.as_str(),
        "format": endpoint.format.as_str(),
        "method": endpoint.method.map(WebhookMethod::as_str),
        "events": events,
        "description": endpoint.description.as_ref().map(Description::as_str),
        "status": endpoint.status.as_str(),
        "disabled_reason": endpoint.off_reason.map(OffReason::as_str),
        "disabled_at": endpoint.off_since.map(|since| since.rfc3339(&account.zone)),
        "concurrency": u32::from(endpoint.concurrency),
        "created_at": endpoint.created_at.rfc3339(&account.zone),
    })
}

fn delivery_view(delivery: &Delivery, account: &Account) -> Value {
    let tries = delivery.tries.iter().map(|attempt| {
        json!({
            "at": attempt.at.rfc3339(&account.zone),
            "duration_ms": attempt.took_ms,
            "status": attempt.status,
            "error": attempt.error,
            "answer": attempt.answer,
        })
    });
    let last = delivery
        .tries
        .last()
        .map(|last| match (last.status, &last.error) {
            (Some(status), None) => status.to_string(),
            (Some(status), Some(error)) => format!("{status}: {error}"),
            (None, error) => error.clone().unwrap_or_default(),
        });
    json!({
        "id": delivery.id.to_string(),
        "webhook_id": delivery.id.endpoint().as_str(),
        "event_id": delivery.event_id.as_str(),
        "event_type": delivery.event_type,
        "status": delivery.state.as_str(),
        "attempts": delivery.attempts,
        "queued_at": delivery.queued_at.rfc3339(&account.zone),
        "next_attempt_at": delivery.due.map(|due| due.rfc3339(&account.zone)),
        "ended_at": delivery.ended_at.map(|at| at.rfc3339(&account.zone)),
        "last": last,
        "tries": tries.collect::<Vec<_>>(),
    })
}
