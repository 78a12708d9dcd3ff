//! `callbook requests`: the requests of an account's credentials that were refused, and why.

use std::collections::HashMap;
use std::io::{ErrorKind, Write};
use std::time::Duration;

use anyhow::Result;
use callbook::clock::Clock;
use callbook::dialect::callbook::requests::RefusedRequestView;
use callbook::ledger::{Ledger, RefusedRequestQuery};
use callbook::model::account::Account;
use callbook::model::refused_request::RefusedRequest;
use callbook::model::time::Instant;
use serde_json::json;

use crate::accounts::find_account;
use crate::args::RequestsArgs;
use crate::{output, store};

/// How many entries are read at once.
const PAGE: usize = 200;

/// How far back a list begins that does not say where.
const BACK: Duration = Duration::from_secs(86_400);

/// How long to wait before the list is read again.
const INTERVAL: Duration = Duration::from_secs(1);

/// How far back the list is read again: longer than a process adds requests up before it writes them.
const LATE: Duration = Duration::from_secs(120);

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, or DynamoDB does not answer in time.
pub async fn run(args: RequestsArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    let account = find_account(&ledger, &args.account).await?;
    let clock = Clock::system();
    let begin = match args.since {
        Some(since) => since.moment(&account.zone),
        None if args.follow => clock.now(),
        None => clock.now().minus(BACK),
    };
    let query = RefusedRequestQuery {
        credential: args.credential,
        vendor: args.vendor,
        since: Some(begin),
        after: None,
        limit: PAGE,
    };
    if args.follow {
        return follow(&ledger, &account, query, (&clock, args.store.json)).await;
    }
    let found = read(&ledger, &account, query, clock.now()).await?;
    if args.store.json {
        let view = |refused| RefusedRequestView::of(refused, &account.zone);
        let rows: Vec<_> = found.iter().map(view).collect();
        return output::json(&json!({ "requests": rows }));
    }
    if found.is_empty() {
        output::note("No request was refused whose credential is known.");
    }
    print(found.iter(), &account, false).map(drop)
}

/// Reads all entries of a query.
async fn read(
    ledger: &Ledger,
    account: &Account,
    mut query: RefusedRequestQuery,
    now: Instant,
) -> Result<Vec<RefusedRequest>> {
    let mut found = Vec::new();
    loop {
        let page = ledger.refused_requests(&account.id, &query, now).await?;
        found.extend(page.requests);
        query.after = page.next;
        if query.after.is_none() {
            return Ok(found);
        }
    }
}

/// Prints each entry when its first request is noted, and again when it has more.
async fn follow(
    ledger: &Ledger,
    account: &Account,
    mut query: RefusedRequestQuery,
    (clock, as_json): (&Clock, bool),
) -> Result<()> {
    let begin = query.since;
    let mut seen = HashMap::new();
    loop {
        let now = clock.now();
        query.since = begin.max(Some(now.minus(LATE)));
        if seen.is_empty() {
            query.since = begin;
        }
        let mut found = read(ledger, account, query.clone(), now).await?;
        found.retain(|entry| {
            let key = (entry.credential_id.clone(), entry.signature());
            let told = (entry.first_at, entry.count);
            seen.insert(key, told) != Some(told)
        });
        // The latest comes last, as in a log.
        if !print(found.iter().rev(), account, as_json)? {
            return Ok(());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Prints entries. Returns false if whoever read them has gone.
fn print<'a>(
    entries: impl Iterator<Item = &'a RefusedRequest>,
    account: &Account,
    as_json: bool,
) -> Result<bool> {
    let mut out = output::rows_out();
    for entry in entries {
        let text = match as_json {
            true => serde_json::to_string(&RefusedRequestView::of(entry, &account.zone))?,
            false => in_words(entry, account),
        };
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(false),
            written => written?,
        }
    }
    Ok(true)
}

/// An entry in two lines: what was sent, and why it was refused.
fn in_words(entry: &RefusedRequest, account: &Account) -> String {
    let time = entry.last_at.rfc3339(&account.zone);
    let (label, id) = (entry.label.as_str(), entry.credential_id.as_str());
    let sender = match label {
        "" => id.to_owned(),
        label => format!("{label} ({id})"),
    };
    let code = entry.error_code.as_deref();
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    format!(
        "{time}  {count} x {method} {route}  {status} {error}{code}  {sender}\n    {reason}  [{guid}]",
        count = entry.count,
        method = entry.method,
        route = entry.route,
        status = entry.status,
        error = entry.error,
        reason = entry.reason,
        guid = entry.guid,
    )
}
