//! One log line per request, without secrets and without personal data.

mod line;
mod metrics;
mod money;
mod story;

use callbook::edge::dispatch;
use callbook::model::credential::{CredentialKind, Limits, Status};
use callbook_tests::World;
use callbook_tests::vendors::{self, Sent, use_key};
use serde_json::{Value, json};

use story::{CALLER, DIALED, PERSON, Story};

/// The line without random values and times, whose digits could look like a phone number.
fn without_random_values(line: &Value) -> String {
    let mut line = line.clone();
    for name in [
        "guid",
        "gateway_request_id",
        "lambda_request_id",
        "timestamp",
        "_aws",
        "credential_id",
        "account_id",
        "duration_us",
        "cost_id",
    ] {
        line.as_object_mut().unwrap().remove(name);
    }
    line.to_string()
}

/// The ASCII digits of a text, whatever script and punctuation they are written in.
fn digits(text: &str) -> String {
    let digit = |c: char| match c {
        '0'..='9' => Some(c),
        '\u{FF10}'..='\u{FF19}' => char::from_digit(c as u32 - 0xFF10, 10),
        '\u{660}'..='\u{669}' => char::from_digit(c as u32 - 0x660, 10),
        _ => None,
    };
    text.chars().filter_map(digit).collect()
}

fn assert_discreet(line: &str, parsed: &Value, secrets: &[String], case: &str) {
    for secret in secrets {
        let pieces = [secret.as_str(), &secret[..16], &secret[48..]];
        assert!(
            !pieces.iter().any(|piece| line.contains(piece)),
            "{case}: a secret"
        );
        let letters =
            |text: &str| -> String { text.chars().filter(char::is_ascii_alphabetic).collect() };
        let masked: String = letters(secret);
        assert!(
            !letters(line).contains(&masked),
            "{case}: the letters of a secret"
        );
    }
    let lower = line.to_lowercase();
    for name in PERSON.to_lowercase().split(' ') {
        assert!(!lower.contains(name), "{case}: a name");
    }
    let digits = digits(&without_random_values(parsed));
    for number in [CALLER, DIALED] {
        let number: Vec<char> = number.chars().skip(1).collect();
        for run in number.windows(7) {
            let run: String = run.iter().collect();
            assert!(!digits.contains(&run), "{case}: seven digits of a number");
        }
    }
}

#[tokio::test]
async fn every_request_writes_one_line_without_secrets_and_personal_data() {
    let mut story = Story::new().await;
    story.send_valid_requests().await;
    story.send_misplaced_values().await;
    let secrets = story.secrets();
    // The story sends every request of this deployment, so each line belongs to one of them.
    let lines = story.world.logs();
    assert_eq!(lines.len(), story.sent.len(), "one line per request");
    for (line, sent) in lines.iter().zip(&story.sent) {
        let case = &sent.case;
        assert!(!line.contains('\n'), "{case}: one line");
        let parsed: Value = serde_json::from_str(line).expect("a line is JSON");
        let guid = sent.reply.header("x-request-guid").unwrap();
        assert_eq!(parsed["guid"], guid, "{case}");
        assert_eq!(parsed["function"], sent.function, "{case}");
        assert_eq!(parsed["status"], sent.reply.status, "{case}");
        assert!(parsed["duration_us"].is_u64(), "{case}: duration");
        let credential = parsed["credential_id"].as_str();
        if sent.credential.is_some() && parsed["error"] != "malformed_body" {
            assert_eq!(
                credential,
                sent.credential.as_deref(),
                "{case}: {}",
                parsed["error"]
            );
            assert_eq!(
                parsed["account_id"],
                story.pbx.account.id.as_str(),
                "{case}"
            );
        }
        if sent.credential.is_none() {
            assert_eq!(credential, None, "{case}");
        }
        assert_discreet(line, &parsed, &secrets, case);
    }
}

#[tokio::test]
async fn a_refusal_of_a_known_credential_names_the_credential() {
    let world = World::new().await;
    for kind in vendors::ALL {
        let account = world.account().await;
        let limits = Limits {
            per_day: Some(1),
            ..Limits::default()
        };
        let key = world
            .credential_with(&account, kind, |new| new.limits = limits)
            .await;
        let app = &world.app;
        let send = async || use_key(app, &key, Sent::Well).await;
        send().await;
        send().await;
        let id = &key.credential.id;
        world
            .ledger
            .set_credential_status(&account.id, id, Status::Disabled)
            .await
            .unwrap();
        world.wait(30);
        send().await;
        let errors: Vec<_> = world.logs()[world.logs().len() - 3..]
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|line| {
                assert_eq!(line["credential_id"], id.as_str(), "{kind:?}");
                line["error"].clone()
            })
            .collect();
        assert_eq!(
            errors,
            [
                Value::Null,
                "rate_limited".into(),
                "credential_disabled".into()
            ]
        );
    }
}

#[tokio::test]
async fn a_wrong_secret_is_logged_with_the_credential_of_a_known_name_only() {
    let named = [
        CredentialKind::Tld,
        CredentialKind::Truecnam,
        CredentialKind::User,
    ];
    for kind in named {
        let world = World::new().await;
        let account = world.account().await;
        let key = world.credential(&account, kind).await;
        for (name, secret, whose) in [
            (key.name.as_str(), "wrong", Some(&key)),
            ("unknown", "wrong", None),
            (key.secret.as_str(), key.name.as_str(), None),
        ] {
            vendors::send(&world.app, kind, name, secret, Sent::Well).await;
            let line = world.logs().pop().expect("a line");
            assert!(!line.contains(&key.secret), "{kind:?}");
            let line: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(line["error"], "unknown_credential", "{kind:?}");
            let (credential, account) = (
                whose.map(|key| key.credential.id.as_str()),
                whose.map(|_| account.id.as_str()),
            );
            assert_eq!(line["credential_id"].as_str(), credential, "{kind:?}");
            assert_eq!(line["account_id"].as_str(), account, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_line_contains_the_clients_error_code_and_the_names_of_invalid_fields() {
    let world = World::new().await;
    for (kind, code, field) in [
        (CredentialKind::Trestle, "bad_request".into(), "phone"),
        (CredentialKind::Tld, Value::Null, "cid"),
        (CredentialKind::Truecnam, "1".into(), "calling_number"),
        (
            CredentialKind::User,
            "MISSING_REQUIRED_PARAMS".into(),
            "end_date",
        ),
        (
            CredentialKind::Fonedynamics,
            "PARAMETER_INVALID".into(),
            "Results_Count",
        ),
    ] {
        let account = world.account().await;
        let key = world.credential(&account, kind).await;
        use_key(&world.app, &key, Sent::Wanting).await;
        let line: Value = serde_json::from_str(world.logs().last().unwrap()).unwrap();
        assert_eq!(line["error"], "invalid_fields", "{kind:?}");
        assert_eq!(line["error_code"], code, "{kind:?}");
        assert_eq!(line["fields"], json!([field]), "{kind:?}");

        let (name, wrong) = (&key.name, "0".repeat(64));
        let reply = vendors::send(&world.app, kind, name, &wrong, Sent::Well).await;
        let line: Value = serde_json::from_str(world.logs().last().unwrap()).unwrap();
        assert_eq!(line["error"], "unknown_credential", "{kind:?}");
        assert_eq!(line.get("fields"), None, "{kind:?}");
        let body = reply.json();
        let code = match kind {
            CredentialKind::Truecnam => &body["err"],
            CredentialKind::Fonedynamics => &body["ResponseStatus"]["ErrorCode"],
            _ => &body["errorCode"],
        };
        assert_eq!(&line["error_code"], code, "{kind:?}");
    }
}

#[tokio::test]
async fn an_invalid_event_is_answered_and_logged() {
    let world = World::new().await;
    let events: [&[u8]; 7] = [
        b"",
        b"no JSON",
        b"null",
        b"[]",
        b"{}",
        b"{\"version\":\"1.0\",\"httpMethod\":\"GET\",\"path\":\"/api/v1\"}",
        b"\xff\xfe",
    ];
    for function in callbook_local::functions() {
        for event in events {
            let before = world.logs().len();
            let answer = dispatch(&world.app, &function, event, None).await;
            let answer: Value = serde_json::from_slice(&answer).expect("an answer");
            assert!(
                answer["statusCode"]
                    .as_u64()
                    .is_some_and(|status| status < 500)
            );
            let lines = world.logs();
            assert_eq!(lines.len(), before + 1, "{}", function.name);
            let line: Value = serde_json::from_str(&lines[before]).expect("a line is JSON");
            assert_eq!(
                line["guid"], answer["headers"]["x-request-guid"],
                "{}",
                function.name
            );
            assert_eq!(line["status"], answer["statusCode"], "{}", function.name);
            assert_eq!(line["function"], function.name);
        }
    }
}
