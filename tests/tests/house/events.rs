//! The event files for `cargo lambda invoke` are events of this API, with the answers that their names promise.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use callbook::model::credential::CredentialKind;
use callbook_local::gateway::event;
use callbook_tests::teletracker::{self, Session, pair};
use callbook_tests::{World, deliver};
use serde_json::{Value, json};

use crate::repository::{files, function_folders, routeless_functions};

/// The answer to each file: its status, and a text in its body.
const ANSWERS: &[(&str, u16, &str)] = &[
    ("addresses", 200, r#""AddressSid""#),
    ("addresses-refused", 400, "ACCOUNT_NOT_FOUND"),
    ("auth-login", 200, r#""refreshToken""#),
    ("auth-login-refused", 401, "UNAUTHENTICATED"),
    ("auth-refresh", 200, r#""refreshToken""#),
    ("auth-refresh-refused", 401, "UNAUTHENTICATED"),
    ("call-data", 200, r#""data":[]"#),
    ("call-data-refused", 401, "UNAUTHENTICATED"),
    ("calls", 200, r#""Calls":[]"#),
    ("calls-refused", 401, "UNAUTHORIZED"),
    ("caller-id", 200, r#""err":"0""#),
    ("caller-id-refused", 200, "Invalid username or password"),
    ("fallback", 405, "method_not_allowed"),
    ("fallback-refused", 404, "not_found"),
    ("inbound-billable", 200, r#""method":"ingress""#),
    ("inbound-billable-refused", 401, "Invalid API ID or API Key"),
    ("invoices", 404, "vendor_not_found"),
    ("invoices-refused", 400, r#""field":"rows""#),
    ("me", 200, r#""role":"admin""#),
    ("me-refused", 401, "missing_credential"),
    ("numbers", 200, r#""Numbers":[]"#),
    ("numbers-refused", 400, "PROPERTY_NOT_FOUND"),
    ("phone-feedback", 200, r#""status":"success""#),
    ("phone-feedback-refused", 403, "MISSING_API_KEY"),
    ("properties", 200, r#""PropertySid""#),
    ("properties-refused", 401, "UNAUTHORIZED"),
    ("rapid-response", 200, r#""callqueue_id""#),
    (
        "rapid-response-refused",
        400,
        r#"["account_id","callee","whisper_text"]"#,
    ),
    ("events", 200, r#""has_more":false"#),
    ("events-refused", 401, "missing_credential"),
    ("console", 200, r#"name="password""#),
    ("console-refused", 403, "This form was not sent by a page"),
    ("requests", 200, r#"{"requests":["#),
    ("requests-refused", 401, "missing_credential"),
    ("queue", 200, r#"{"entries":["#),
    ("queue-refused", 404, "queue_entry_not_found"),
    ("webhooks", 201, r#""secret":"whsec_"#),
    ("webhooks-refused", 404, "webhook_not_found"),
    ("summary", 200, r#""groups":[]"#),
    ("summary-refused", 401, "missing_credential"),
    ("calls-log", 200, r#""left_out":["unmatched""#),
    ("calls-log-refused", 400, r#""field":"to""#),
    ("costs", 200, r#""complete":true"#),
    ("costs-refused", 404, "cost_not_found"),
    ("vendors", 201, r#""vendor_id":"acme""#),
    ("vendors-refused", 404, "vendor_not_found"),
];

fn event_files() -> BTreeMap<String, String> {
    files("tests/events", "json")
        .into_iter()
        .map(|(path, text)| {
            let name = path
                .rsplit('/')
                .next()
                .unwrap()
                .trim_end_matches(".json")
                .to_owned();
            (name, text)
        })
        .collect()
}

/// The files, filled with the credentials of a new account.
async fn filled(world: &World) -> BTreeMap<String, Value> {
    let account = teletracker::account(world).await;
    let user = world.credential(&account, CredentialKind::User).await;
    let integrator = world.credential(&account, CredentialKind::Integrator).await;
    let session = Session::of(&teletracker::login(&world.app, &user, &[]).await);
    let trestle = world.credential(&account, CredentialKind::Trestle).await;
    let tld = world.credential(&account, CredentialKind::Tld).await;
    let truecnam = world.credential(&account, CredentialKind::Truecnam).await;
    let fonedynamics = world
        .credential(&account, CredentialKind::Fonedynamics)
        .await;
    let fill = |text: String| {
        [
            ("TRESTLE_API_KEY", &trestle.secret),
            ("TLD_API_ID", &tld.name),
            ("TLD_API_KEY", &tld.secret),
            ("TRUECNAM_USERNAME", &truecnam.name),
            ("TRUECNAM_PASSWORD", &truecnam.secret),
            ("TELETRACKER_BASIC", &pair(&user.name, &user.secret)),
            (
                "TELETRACKER_INTEGRATOR",
                &pair(&integrator.name, &integrator.secret),
            ),
            (
                "FONEDYNAMICS_BASIC",
                &pair(&fonedynamics.name, &fonedynamics.secret),
            ),
            ("FONEDYNAMICS_ACCOUNT_SID", &fonedynamics.name),
            ("TELETRACKER_USERNAME", &user.name),
            ("TELETRACKER_PASSWORD", &user.secret),
            ("TELETRACKER_REFRESH_TOKEN", &session.refresh_token),
        ]
        .into_iter()
        .fold(text, |text, (name, value)| text.replace(name, value))
    };
    let files = event_files().into_iter();
    files
        .map(|(name, text)| (name, serde_json::from_str(&fill(text)).unwrap()))
        .collect()
}

#[test]
fn every_function_has_a_file_that_it_accepts_and_one_that_it_refuses() {
    let wanted: BTreeSet<String> = function_folders()
        .into_iter()
        .filter(|function| !routeless_functions().contains(function))
        .flat_map(|function| [format!("{function}-refused"), function])
        .collect();
    assert_eq!(event_files().into_keys().collect::<BTreeSet<_>>(), wanted);
    let answers: BTreeSet<String> = ANSWERS
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    assert_eq!(answers, wanted);
}

#[tokio::test]
async fn every_file_equals_the_gateways_event_for_its_request() {
    let world = World::new().await;
    for (name, event) in filled(&world).await {
        let http = &event["requestContext"]["http"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let query = text(&event["rawQueryString"]);
        let question_mark = if query.is_empty() { "" } else { "?" };
        let path = text(&event["rawPath"]) + question_mark + &query;
        let headers: Vec<(String, String)> = event["headers"]
            .as_object()
            .expect("headers")
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        let headers: Vec<_> = headers
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let body = match event["isBase64Encoded"] == true {
            true => STANDARD.decode(text(&event["body"])).expect("base64"),
            false => text(&event["body"]).into_bytes(),
        };
        let made = event::from_local(&text(&http["method"]), &path, &headers, &body).unwrap();
        for field in [
            "version",
            "routeKey",
            "rawPath",
            "rawQueryString",
            "queryStringParameters",
            "pathParameters",
            "cookies",
            "body",
            "isBase64Encoded",
        ] {
            assert_eq!(event.get(field), made.get(field), "{name}: {field}");
        }
        let context = &event["requestContext"];
        assert_eq!(context["routeKey"], event["routeKey"], "{name}");
        assert_eq!(context["stage"], "$default", "{name}");
        let keys = |value: &Value| -> BTreeSet<String> {
            value
                .as_object()
                .expect("an object")
                .keys()
                .cloned()
                .collect()
        };
        assert_eq!(
            keys(context),
            keys(&made["requestContext"]),
            "{name}: requestContext"
        );
        assert_eq!(
            keys(http),
            keys(&made["requestContext"]["http"]),
            "{name}: http"
        );
        assert_eq!(
            event["headers"]["x-forwarded-for"], http["sourceIp"],
            "{name}: the client"
        );
    }
}

#[tokio::test]
async fn every_file_gets_the_expected_answer() {
    let world = World::new().await;
    let events = filled(&world).await;
    for &(name, status, text) in ANSWERS {
        let reply = deliver(&world.app, &events[name]).await;
        assert_eq!(reply.status, status, "{name}");
        assert!(reply.body.contains(text), "{name} is not answered {text}");
        let line: Value = serde_json::from_str(world.logs().last().unwrap()).unwrap();
        let function = name.trim_end_matches("-refused");
        assert_eq!(line["function"], json!(function), "{name}");
        let refused = line.get("error").is_some_and(|error| !error.is_null());
        assert_eq!(
            refused,
            status >= 400 || name.ends_with("-refused"),
            "{name}"
        );
    }
}
