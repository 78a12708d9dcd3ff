//! The policies of Callbook's own functions, and of the one that follows the table's stream.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use callbook::model::credential::{CredentialKind, NewCredential};
use callbook_tests::faults::{self, Fault, Proxy};
use callbook_tests::tld::Platform;
use callbook_tests::{Key, World, fd_calls, send_to, teletracker, vendor, webhooks};

use crate::policies::{bill, granted, limited, query, used, used_by};
use crate::repository::{function_folders, members, toml};

#[tokio::test]
async fn callbooks_own_functions_use_exactly_the_granted_verbs() {
    let (world, proxy) = faults::world().await;
    let account = teletracker::account(&world).await;
    let user = world
        .credential_with(&account, CredentialKind::User, limited)
        .await;
    let authorization = teletracker::basic(&user);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
    ];
    let me = world.send("GET", "/callbook/v1/me", &headers, b"");
    assert_eq!(used_by(&proxy, me).await, granted("me"));
    let path = "/callbook/v1/summary?by=property,source&unique_callers=true";
    let summary = world.send("GET", path, &headers, b"");
    assert_eq!(used_by(&proxy, summary).await, granted("summary"));

    proxy.heal();
    for (method, path, body) in [
        ("POST", "", r#"{"vendor_id":"acme","name":"Acme"}"#),
        ("PATCH", "/acme", r#"{"name":"Acme Leads"}"#),
        (
            "PUT",
            "/acme/terms",
            r#"{"from":"2026-12-01","price":"25"}"#,
        ),
        ("GET", "", ""),
        ("GET", "/acme", ""),
    ] {
        let path = format!("/callbook/v1/vendors{path}");
        let headers = [headers[0], headers[1], ("idempotency-key", method)];
        let reply = world.send(method, &path, &headers, body.as_bytes()).await;
        assert!(reply.status < 300, "{path}: {}", reply.body);
    }
    assert_eq!(used(&proxy), granted("vendors"));
    let queued = teletracker::respond(&world.app, &authorization, &teletracker::good()).await;
    assert_eq!(queued.status, 200, "{}", queued.body);
    proxy.heal();
    let queue = |method: &'static str, path: String, body: &'static str| {
        let (world, headers) = (&world, &headers);
        async move {
            let path = format!("/callbook/v1/queue{path}");
            let reply = world.send(method, &path, headers, body.as_bytes()).await;
            assert!(reply.status < 300, "{path}: {}", reply.body);
            reply.json()
        }
    };
    let taken = queue("POST", "/take".to_owned(), "{}").await;
    let id = taken["entries"][0]["id"].to_string();
    queue("POST", format!("/{id}/extend"), "{}").await;
    queue("POST", format!("/{id}/finish"), r#"{"result":"failed"}"#).await;
    queue("GET", String::new(), "").await;
    assert_eq!(used(&proxy), granted("queue"));
    let fresh = world.restarted();
    let events = send_to(&fresh, "GET", "/callbook/v1/events", &headers, b"");
    assert_eq!(used_by(&proxy, events).await, granted("events"));
    let fresh = world.restarted();
    let requests = send_to(&fresh, "GET", "/callbook/v1/requests", &headers, b"");
    assert_eq!(used_by(&proxy, requests).await, granted("requests"));
    let seller = |new: &mut NewCredential| new.vendor = Some(vendor::id("acme"));
    let key = world.credential_with(&account, CredentialKind::Tld, seller);
    bill(&world, &key.await, "/8005550100/2069735100", "cost=25").await;
    let check = r#"{"vendor":"acme","from":"2026-11-21","to":"2026-11-21","rows":[]}"#;
    let path = "/callbook/v1/invoices/check";
    let check = world.send("POST", path, &headers, check.as_bytes());
    assert_eq!(used_by(&proxy, check).await, granted("invoices"));
}

/// Leaves entries to the function on the stream: a call is recorded behind more bills than one transaction
/// moves, and the store is down from then on.
async fn leave_entries(world: &World, proxy: &Proxy, key: &Key, switch: &Key) {
    for id in 0..22 {
        let body = format!("cost=25&call_id=x{id}");
        let status = bill(world, key, "/8005550100/3105550111", &body).await;
        assert_eq!(status, 200);
    }
    let recorded = AtomicBool::new(false);
    proxy.plan(move |seen| {
        let stops = recorded.load(Ordering::Relaxed);
        if seen.verb == "TransactWriteItems" {
            recorded.store(true, Ordering::Relaxed);
        }
        stops.then_some(Fault::Down)
    });
    let call = "calling_number=13105550111&called_number=18005550100";
    world.send("GET", &query(switch, call), &[], b"").await;
    proxy.heal();
}

#[tokio::test]
async fn rollup_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let key = world.credential(&account, CredentialKind::Tld).await;
    let caller_id = world.credential(&account, CredentialKind::Truecnam).await;
    let call = query(
        &caller_id,
        "calling_number=12069735100&called_number=18005550100",
    );
    world.send("GET", &call, &[], b"").await;
    // The call starts earlier than its lookup, in another hour: the caller goes from one set to another.
    let started = world.clock.now().minus(std::time::Duration::from_secs(5));
    let site = world
        .credential(&account, CredentialKind::Fonedynamics)
        .await;
    let property = fd_calls::property(&world, &account, None).await;
    let call = [
        ("From", "+12069735100"),
        ("To", "+18005550100"),
        ("Started", &fd_calls::seconds(started)),
    ];
    fd_calls::record(&world, &site, &property, &call).await;
    bill(&world, &key, "/8005550100/2069735100", "cost=25").await;
    leave_entries(&world, &proxy, &key, &caller_id).await;
    let ledger = callbook::ledger::Ledger::new(proxy.client(), callbook_local::engine::TABLE);
    proxy.heal();
    // The second time it sums up what the first one decided.
    for _ in 0..2 {
        let records = world.stream_records();
        world.deliver_records(&ledger, &records).await.unwrap();
    }
    ledger.pulse(world.clock.now()).await.unwrap();
    ledger.unmatched_costs(world.clock.now()).await.unwrap();
    world.check_sums();
    assert_eq!(used(&proxy), granted("rollup"));
}

#[tokio::test]
async fn publish_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let key = world.credential(&account, CredentialKind::Tld).await;
    let ends = world
        .clock
        .now()
        .plus(std::time::Duration::from_secs(3_600));
    let ending = |new: &mut NewCredential| new.expires = Some(ends);
    world
        .credential_with(&account, CredentialKind::Tld, ending)
        .await;
    let endpoint = webhooks::endpoint(&world, "https://example.com/");
    webhooks::create(&world, &account, &endpoint).await;
    bill(&world, &key, "/8005550100/2069735100", "cost=25").await;
    let ledger = callbook::ledger::Ledger::new(proxy.client(), callbook_local::engine::TABLE);
    let app = world.publish_app(&ledger, None);
    proxy.heal();
    let left = world.publish_records(&app, &world.told_records()).await;
    assert_eq!(left, Ok(None));
    world.wait(86_400);
    ledger.mark_overdue(world.clock.now()).await.unwrap();
    ledger
        .note_expiring(ends.minus(std::time::Duration::from_secs(60)))
        .await
        .unwrap();
    assert_eq!(used(&proxy), granted("publish"));
}

#[tokio::test]
async fn the_functions_of_the_money_use_exactly_their_policies() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    vendor::add(&world, &account, "acme").await;
    let user = world
        .credential_with(&account, CredentialKind::User, limited)
        .await;
    let platform = Platform::of(world, &account).await;
    platform.call().await;
    let bill = platform.bill("25", &[]).await.json();
    let id = bill["cost_id"].as_str().unwrap();
    let world = platform.world;
    let sid = world.only("call").await.text("call_sid");
    let authorization = teletracker::basic(&user);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
    ];
    let range = "?from=2026-11-21&to=2026-11-21";
    proxy.heal();
    for path in [format!("calls{range}"), format!("calls/{sid}")] {
        let path = format!("/callbook/v1/{path}");
        let reply = world.send("GET", &path, &headers, b"").await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    }
    assert_eq!(used(&proxy), granted("calls-log"));

    proxy.heal();
    let reason = r#""reason":"r""#;
    for (method, path, body) in [
        ("GET", format!("costs{range}&by=call"), String::new()),
        ("GET", format!("costs/{id}"), String::new()),
        (
            "POST",
            format!("costs/{id}/match"),
            format!(r#"{{"call_sid":"none",{reason}}}"#),
        ),
        ("POST", format!("costs/{id}/unpin"), format!("{{{reason}}}")),
        ("POST", format!("costs/{id}/void"), format!("{{{reason}}}")),
        (
            "POST",
            "adjustments".to_owned(),
            format!(r#"{{"vendor_id":"acme","month":"2026-11","amount":1,{reason}}}"#),
        ),
    ] {
        let path = format!("/callbook/v1/{path}");
        let reply = world.send(method, &path, &headers, body.as_bytes()).await;
        assert!(reply.status < 300, "{path}: {}", reply.body);
    }
    assert_eq!(used(&proxy), granted("costs"));
}

/// The console lets other functions answer in its own process; it opens sessions as `auth-login` does, and renews them
/// as `auth-refresh` does.
#[test]
fn the_console_may_do_what_the_functions_may_that_it_asks() {
    let manifest = toml("functions/console/Cargo.toml");
    let folders = function_folders();
    let asked = members(&manifest["dependencies"]).map(|(name, _)| name);
    let asked: BTreeSet<_> = asked.filter(|name| folders.contains(*name)).collect();
    assert!(asked.contains("summary"));
    let sessions = ["auth-login", "auth-refresh"];
    let verbs = asked.iter().chain(&sessions);
    let verbs: BTreeSet<_> = verbs.flat_map(|function| granted(function)).collect();
    assert_eq!(granted("console"), verbs);
}
