//! `HEAD` is answered as `GET` is, in every dialect, and changes nothing.

use callbook::model::credential::CredentialKind;
use callbook_local::template;
use callbook_tests::teletracker::basic;
use callbook_tests::truecnam::{CALLED, CALLING, Pbx, pair};
use callbook_tests::{World, teletracker};

#[tokio::test]
async fn head_is_answered_as_get_is_wherever_get_has_a_route() {
    let world = World::new().await;
    let account = teletracker::account(&world).await;
    let user = world.credential(&account, CredentialKind::User).await;
    let site = world
        .credential(&account, CredentialKind::Fonedynamics)
        .await;
    let (user, site) = (basic(&user), basic(&site));
    let sid = account.sid.as_str();
    let routes = template::own_routes().unwrap();
    let mut seen = 0;
    for route in routes.iter() {
        let Some(path) = route.key().strip_prefix("GET ") else {
            continue;
        };
        let path = path
            .replace("{sid}", sid)
            .replace("{number}", "12065550100")
            .replace("{id}", "1")
            .replace("{proxy+}", "sign-in");
        let query = match path.trim_end_matches('/') {
            "/reports/call-data" => "?start_date=2026-11-20&end_date=2026-11-21",
            "/callbook/v1/costs" | "/callbook/v1/calls" | "/callbook/v1/adjustments" => {
                "?from=2026-11-20&to=2026-11-21"
            }
            _ => "",
        };
        let (path, authorization) = (
            format!("{path}{query}"),
            if path.starts_with("/v2") {
                &site
            } else {
                &user
            },
        );
        for headers in [vec![], vec![("authorization", authorization.as_str())]] {
            let get = world.send("GET", &path, &headers, b"").await;
            let head = world.send("HEAD", &path, &headers, b"").await;
            assert_eq!(head.status, get.status, "{path}");
            let described = |reply: &callbook_tests::Reply| {
                let mut headers = reply.headers.clone();
                headers.remove("x-request-guid");
                headers
            };
            assert_eq!(described(&head), described(&get), "{path}");
            let log = world.last_log().expect("a line");
            assert!(log.contains(r#""method":"HEAD""#), "{log}");
        }
        seen += 1;
    }
    assert!(seen > 40, "{seen}");
    let posted = world.send("HEAD", "/auth/login", &[], b"").await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("POST")));
}

/// A monitor's `HEAD` of a PBX's URL starts, ends and records no call.
#[tokio::test]
async fn head_records_starts_and_ends_no_call() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    let items = async || {
        let items = world.all_items().await;
        let keys = items
            .iter()
            .map(|item| ["pk", "sk", "type"].map(|name| item.text(name)));
        let mut keys: Vec<_> = keys.collect();
        keys.sort_unstable();
        keys
    };
    let before = items().await;
    for (party, calling) in [
        ("terminating", CALLING),
        ("orig_call_start", "12065550199"),
        ("orig_call_end", CALLING),
    ] {
        let path = format!("/api/v1?{}", pbx.encoded(&pair(party, calling, CALLED)));
        let reply = world.send("HEAD", &path, &[], b"").await;
        assert_eq!(reply.status, 200, "{party}: {}", reply.body);
        assert_eq!(items().await, before, "{party}");
    }
    assert_eq!(
        pbx.end(&world, CALLING, CALLED).await,
        "0",
        "the call is still live"
    );
}
