//! Every refusal is a `ResponseStatus` and comes before any effect.

use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::fonedynamics::{NUMBER, Site, ask, done, path_of};
use callbook_tests::teletracker::pair;
use callbook_tests::{Reply, faults, send_to};
use serde_json::{Value, json};

fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{}", reply.body);
    let body = reply.json();
    let object = body["ResponseStatus"].as_object().expect("the envelope");
    assert_eq!(body.as_object().unwrap().len(), 1);
    assert_eq!(object["ErrorCode"], code);
    assert!(
        object["Message"]
            .as_str()
            .is_some_and(|text| text.ends_with('.'))
    );
    assert!(object["Errors"].is_array());
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn an_unknown_credential_is_unauthorized_on_every_path() {
    let site = Site::new().await;
    let nobody = format!("Basic {}", pair(site.sid(), "wrong"));
    for (method, path) in [
        ("GET", "/v2/Properties".to_owned()),
        ("POST", "/v2/Properties".to_owned()),
        ("GET", "/v2/Properties/x/Numbers".to_owned()),
        ("POST", "/v2/Properties/x/Numbers".to_owned()),
        ("GET", format!("/v2/Accounts/{}/Numbers", site.sid())),
        ("DELETE", path_of(NUMBER)),
        ("POST", format!("/v2/Accounts/{}/Addresses", site.sid())),
        ("DELETE", "/v2/Addresses/x".to_owned()),
    ] {
        for headers in [vec![], vec![("authorization", nobody.as_str())]] {
            let reply = send_to(&site.world.app, method, &path, &headers, b"").await;
            assert_refused(&reply, 401, "UNAUTHORIZED");
            let challenge = reply.header("www-authenticate");
            assert_eq!(
                challenge,
                Some("Basic realm=\"Callbook\""),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn a_password_that_a_browser_remembers_is_not_taken_from_another_sites_page() {
    let site = Site::new().await;
    let basic = format!("Basic {}", pair(site.sid(), &site.key.secret));
    for (more, served) in [
        (vec![], true),
        (vec![("sec-fetch-site", "none")], true),
        (
            vec![
                ("sec-fetch-site", "same-origin"),
                ("origin", "http://localhost"),
            ],
            true,
        ),
        (vec![("origin", "http://localhost")], true),
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("origin", "http://evil.example")], false),
        (vec![("origin", "null")], false),
    ] {
        let form = [
            ("authorization", basic.as_str()),
            ("host", "localhost"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let headers = [&form[..], &more[..]].concat();
        let body = b"Name=Main";
        let reply = send_to(&site.world.app, "POST", "/v2/Properties", &headers, body).await;
        match served {
            true => assert_eq!(reply.status, 200, "{more:?}: {}", reply.body),
            false => assert_refused(&reply, 401, "UNAUTHORIZED"),
        }
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn a_read_only_token_can_read_and_not_write() {
    let site = Site::new().await;
    let kind = CredentialKind::Fonedynamics;
    let reader = site
        .world
        .credential_with(&site.account, kind, |new| {
            new.read_only = true;
            new.limits = Limits::default();
        })
        .await;
    let app = &site.world.app;
    let accounts = format!("/v2/Accounts/{}/Addresses", site.sid());
    for path in ["/v2/Properties", accounts.as_str()] {
        done(&ask(app, &reader, "GET", path, "").await);
    }
    for (method, path, body) in [
        ("POST", "/v2/Properties", "Name=x"),
        ("POST", "/v2/Properties", ""),
        ("POST", "/v2/Properties/x/Numbers", "Number=x"),
        ("POST", "/v2/Numbers/x", ""),
        ("DELETE", "/v2/Numbers/x", ""),
        ("POST", accounts.as_str(), ""),
        ("DELETE", "/v2/Addresses/x", ""),
    ] {
        let reply = ask(app, &reader, method, path, body).await;
        assert_refused(&reply, 403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn errors_without_a_documented_code_have_the_same_envelope() {
    let site = Site::new().await;
    let basic = format!("Basic {}", pair(&site.key.name, &site.key.secret));
    let large = format!("Name={}", "x".repeat(300_000));
    for (method, path, media, body, status, code) in [
        (
            "POST",
            "/v2/Properties",
            "application/json",
            "{",
            400,
            "PARAMETER_INVALID",
        ),
        (
            "POST",
            "/v2/Properties",
            "application/json",
            "[]",
            400,
            "PARAMETER_INVALID",
        ),
        (
            "POST",
            "/v2/Properties",
            "text/plain",
            "Name",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "POST",
            "/v2/Properties",
            "application/x-www-form-urlencoded",
            large.as_str(),
            413,
            "BODY_TOO_LARGE",
        ),
        (
            "PUT",
            "/v2/Properties",
            "application/json",
            "{}",
            405,
            "METHOD_NOT_ALLOWED",
        ),
        (
            "DELETE",
            "/v2/Properties/x",
            "application/json",
            "",
            405,
            "METHOD_NOT_ALLOWED",
        ),
        (
            "GET",
            "/v2/Nothing",
            "application/json",
            "",
            404,
            "NOT_FOUND",
        ),
    ] {
        let headers = [("authorization", basic.as_str()), ("content-type", media)];
        let reply = site
            .world
            .send(method, path, &headers, body.as_bytes())
            .await;
        assert_refused(&reply, status, code);
    }
}

#[tokio::test]
async fn unreadable_bodies_cost_no_store_request_and_invalid_fields_only_a_note() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    let basic = format!("Basic {}", pair(&site.key.name, &site.key.secret));
    let headers = [
        ("authorization", basic.as_str()),
        ("content-type", "application/json"),
    ];
    let bare = [("content-type", "application/json")];
    proxy.heal();
    for path in [
        "/v2/Properties",
        "/v2/Properties/x/Numbers",
        "/v2/Numbers/1",
    ] {
        let reply = site.world.send("POST", path, &headers, b"{").await;
        assert_refused(&reply, 400, "PARAMETER_INVALID");
        let reply = site.world.send("POST", path, &bare, b"{}").await;
        assert_refused(&reply, 401, "UNAUTHORIZED");
    }
    assert_eq!(proxy.seen().len(), 0, "the store was asked");
    done(&site.get("/v2/Properties").await);
    // The credential is cached. Of each way of being refused, the first is noted.
    for noted in [3, 0] {
        proxy.heal();
        for path in [
            "/v2/Properties",
            "/v2/Properties/x/Numbers",
            "/v2/Numbers/1",
        ] {
            let reply = site.world.send("POST", path, &headers, b"{}").await;
            assert_eq!(reply.status, 400, "{path}");
        }
        let seen = proxy.verbs();
        assert_eq!(seen.get("UpdateItem").copied().unwrap_or_default(), noted);
        assert_eq!(seen.values().sum::<usize>(), noted, "{seen:?}");
    }
}

#[tokio::test]
async fn an_unreachable_store_is_a_503_with_retry_after() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    done(&site.get("/v2/Properties").await);
    proxy.plan(|_| Some(faults::Fault::Down));
    let reply = site.post("/v2/Properties", &[("Name", "x")]).await;
    assert_refused(&reply, 503, "SERVICE_UNAVAILABLE");
    assert_eq!(reply.header("retry-after"), Some("1"));
    proxy.heal();
    assert_eq!(done(&site.get("/v2/Properties").await)["TotalCount"], 0);
}

#[tokio::test]
async fn a_log_line_contains_no_number_no_name_and_no_token() {
    let site = Site::new().await;
    let property = site.property("Secret Roofing").await;
    done(&site.buy(&property, NUMBER).await);
    let body = json!({"Friendly": "Jane Roe", "EndpointNumber": "+13105550111", "Flow": "Nightly"});
    let path = format!("{}?PropertySid={property}", path_of(NUMBER));
    site.post_json(&path, &body).await;
    site.delete(&path).await;
    for line in site.world.logs() {
        let parsed: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed["dialect"], "fonedynamics");
        for private in [
            "2065550111",
            "3105550111",
            "Jane",
            "Nightly",
            "Secret",
            &site.key.secret,
        ] {
            assert!(!line.contains(private), "{line}");
        }
    }
}
