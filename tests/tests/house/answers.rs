//! Every documented status is answered, and in its documented shape.

use std::collections::{BTreeMap, BTreeSet};

use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, Status};
use callbook::model::rules::EndpointRule;
use callbook_tests::faults::{self, Fault};
use callbook_tests::tld::{FORM, JSON, form};
use callbook_tests::{Key, World};
use serde_json::json;

use crate::answers_call_data as call_data;
use crate::answers_callbook as callbook_api;
use crate::answers_calls as calls;
use crate::answers_fonedynamics as fonedynamics;
use crate::answers_teletracker as teletracker;
use crate::answers_webhooks as webhooks;
use crate::contract::Contract;
use crate::examples::Answers;
use crate::repository::{Operation, operations};

/// The statuses that each operation answered.
type Seen = BTreeMap<String, BTreeSet<u16>>;

/// Sends requests, and checks each answer against the expected status and the contract.
pub struct Client<'a> {
    contract: &'a Contract,
    pub operation: Operation,
    seen: &'a mut Seen,
    answers: &'a mut Answers,
}

impl Client<'_> {
    pub async fn ask(
        &mut self,
        world: &World,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
        status: u16,
    ) {
        let key = self.operation.key();
        let method = match (status, self.operation.method.as_str()) {
            (405, "PUT") => "DELETE",
            (405, _) => "PUT",
            (_, method) => method,
        };
        let reply = world.send(method, path, headers, body.as_bytes()).await;
        assert_eq!(reply.status, status, "{key}: {}", reply.body);
        self.contract.check(&self.operation, &reply, &key);
        assert_eq!(
            reply.header("retry-after").is_some(),
            matches!(status, 429 | 503),
            "{key}: Retry-After of a {status}"
        );
        self.answers.keep(&self.operation, &reply);
        self.seen.entry(key).or_default().insert(status);
    }
}

/// Parses an endpoint rule.
pub fn rule(text: &str) -> EndpointRule {
    EndpointRule::parse(text).expect("a rule")
}

/// A credential whose account does not exist, which is an internal error.
pub async fn orphan(world: &World, kind: CredentialKind) -> Key {
    let account = world.account().await;
    let key = world.credential(&account, kind).await;
    world.remove_account(&account.id).await;
    key
}

pub async fn disabled(world: &World, account: &Account, kind: CredentialKind) -> Key {
    let key = world.credential(account, kind).await;
    world.set_status(&key.credential, Status::Disabled).await;
    key
}

async fn trestle(client: &mut Client<'_>) {
    const PATH: &str = "/1.0/phone_feedback";
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let kind = CredentialKind::Trestle;
    let key = world.credential(&account, kind).await.secret;
    let rate = world
        .credential_with(&account, kind, |new| new.limits.per_second = Some(1))
        .await;
    let quota = world
        .credential_with(&account, kind, |new| new.limits.per_month = Some(1))
        .await;
    let off = disabled(&world, &account, kind).await.secret;
    let broken = world.credential(&account, kind).await;
    world.break_credential(&broken.credential).await;
    let broken = broken.secret;
    let good = json!({
        "response_id": "T_1", "phone": "2069735100", "name": null,
        "phone_status": "Disconnected", "phone_right_party_contact": false,
    })
    .to_string();
    let large = format!("{good}{}", " ".repeat(300_000));
    for (key, body, status) in [
        (&key, good.as_str(), 200),
        (&key, "{}", 400),
        (&key, "{", 400),
        (&key, "[]", 400),
        (&"nobody's".to_owned(), &good, 403),
        (&String::new(), &good, 403),
        (&off, &good, 403),
        (&key, &large, 413),
        (&rate.secret, &good, 200),
        (&rate.secret, &good, 429),
        (&quota.secret, &good, 200),
        (&quota.secret, &good, 429),
        (&broken, &good, 500),
    ] {
        client
            .ask(&world, PATH, &[("x-api-key", key)], body, status)
            .await;
    }
    let coded = [("x-api-key", key.as_str()), ("content-encoding", "br")];
    client.ask(&world, PATH, &coded, &good, 415).await;
    proxy.plan(|_| Some(Fault::Down));
    client
        .ask(&world, PATH, &[("x-api-key", &key)], &good, 503)
        .await;
}

async fn tld(client: &mut Client<'_>) {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let kind = CredentialKind::Tld;
    let key = world.credential(&account, kind).await;
    let rate = world
        .credential_with(&account, kind, |new| new.limits.per_minute = Some(1))
        .await;
    let elsewhere = world
        .credential_with(&account, kind, |new| {
            new.endpoints = vec![rule("/elsewhere")];
        })
        .await;
    let off = disabled(&world, &account, kind).await;
    let broken = orphan(&world, kind).await;
    let nobody = Key {
        credential: key.credential.clone(),
        name: "x".into(),
        secret: "y".into(),
    };
    let caller_id = world.credential(&account, CredentialKind::Truecnam).await;
    let call = [
        ("username", caller_id.name.as_str()),
        ("password", &caller_id.secret),
        ("calling_number", "12069735100"),
        ("called_number", "18005550100"),
    ];
    world
        .send("GET", &format!("/api/v1?{}", form(&call)), &[], b"")
        .await;

    let path = client
        .operation
        .path
        .replace("{did}", "8005550100")
        .replace("{cid}", "2069735100");
    let bill = |cost| form(&[("did", "8005550100"), ("cid", "2069735100"), ("cost", cost)]);
    let large = format!("{}&x={}", bill("1"), "x".repeat(300_000));
    let (one, two, none, bad) = (bill("25.50"), bill("26"), bill(""), bill("1e3"));
    for (key, media, once, body, status) in [
        (&key, FORM, "", one.as_str(), 200),
        (&key, FORM, "", &one, 200),
        (
            &key,
            JSON,
            "",
            r#"{"did":"8005550100","cid":"3105550111","cost":1}"#,
            200,
        ),
        (&key, FORM, "", &none, 400),
        (&key, FORM, "", &bad, 400),
        (&key, JSON, "", r#"{"did":"#, 400),
        (&nobody, FORM, "", &one, 401),
        (&off, FORM, "", &one, 401),
        (&elsewhere, FORM, "", &one, 403),
        (&key, FORM, "", &one, 405),
        (&key, FORM, "first", &one, 200),
        (&key, FORM, "first", &one, 200),
        (&key, FORM, "first", &two, 409),
        (&key, FORM, "", &large, 413),
        (&key, "text/plain", "", &one, 415),
        (&rate, FORM, "", &one, 200),
        (&rate, FORM, "", &one, 429),
        (&broken, FORM, "", &one, 500),
    ] {
        let mut headers = vec![
            ("tld-api-id", key.name.as_str()),
            ("tld-api-key", key.secret.as_str()),
        ];
        headers.push(("content-type", media));
        if !once.is_empty() {
            headers.push(("idempotency-key", once));
        }
        client.ask(&world, &path, &headers, body, status).await;
    }
    client
        .ask(&world, &path, &[("content-type", FORM)], &one, 401)
        .await;
    proxy.plan(|_| Some(Fault::Down));
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", &key.secret),
    ];
    let headers = [headers[0], headers[1], ("content-type", FORM)];
    client.ask(&world, &path, &headers, &two, 503).await;
}

async fn truecnam(client: &mut Client<'_>) {
    let (world, proxy) = faults::world().await;
    let account = world.account_with(|account| account.carrier = true).await;
    let kind = CredentialKind::Truecnam;
    let key = world.credential(&account, kind).await;
    let broken = orphan(&world, kind).await;
    let pair = [
        ("calling_number", "12125551212"),
        ("called_number", "16465557000"),
    ];
    let mut rows: Vec<(&Key, Vec<_>, u16)> = Vec::new();
    for resp_type in ["simple", "basic", "extended", "unheard-of"] {
        for resp_format in ["csv", "json", "xml", "text"] {
            for call_party in [
                "orig_call_start",
                "terminating",
                "orig_call_end",
                "orig_call_end",
            ] {
                let mut row = pair.to_vec();
                row.extend([("resp_type", resp_type), ("resp_format", resp_format)]);
                row.push(("call_party", call_party));
                rows.push((&key, row, 200));
            }
        }
    }
    let nobody = Key {
        credential: key.credential.clone(),
        name: "x".into(),
        secret: "y".into(),
    };
    rows.push((&key, Vec::new(), 200));
    rows.push((&nobody, pair.to_vec(), 200));
    rows.push((&key, vec![("calling_number", "012")], 200));
    let mut start = pair.to_vec();
    start.extend([("resp_format", "json"), ("call_party", "orig_call_start")]);
    for (key, status) in [(&broken, 500), (&key, 405)] {
        rows.push((key, pair.to_vec(), status));
        rows.push((key, start.clone(), status));
    }
    for resp_format in ["csv", "json", "xml", "text"] {
        let mut row = pair.to_vec();
        row.push(("resp_format", resp_format));
        rows.push((&key, row, 503));
    }
    rows.push((&key, start, 503));
    for (key, mut row, status) in rows {
        if status == 503 {
            proxy.plan(|_| Some(Fault::Down));
        }
        row.extend([
            ("username", key.name.as_str()),
            ("password", key.secret.as_str()),
        ]);
        let parameters = form(&row);
        if client.operation.method == "GET" {
            let path = format!("/api/v1?{parameters}");
            client.ask(&world, &path, &[], "", status).await;
        } else {
            let headers = [("content-type", FORM)];
            client
                .ask(&world, "/api/v1", &headers, &parameters, status)
                .await;
        }
    }
}

#[tokio::test]
async fn every_documented_status_is_answered_as_its_shape_and_its_examples_say() {
    let contract = Contract::read();
    let (mut seen, mut answers) = (Seen::new(), Answers::default());
    for operation in operations() {
        let function = operation.function.clone();
        let mut client = Client {
            contract: &contract,
            operation,
            seen: &mut seen,
            answers: &mut answers,
        };
        match function.as_str() {
            "phone-feedback" => trestle(&mut client).await,
            "inbound-billable" => tld(&mut client).await,
            "caller-id" => truecnam(&mut client).await,
            "calls" => calls::requests(&mut client).await,
            "call-data" => call_data::requests(&mut client).await,
            "rapid-response" => teletracker::rapid_response(&mut client).await,
            "auth-login" => teletracker::login(&mut client).await,
            "auth-refresh" => teletracker::refresh(&mut client).await,
            "properties" | "numbers" | "addresses" => fonedynamics::requests(&mut client).await,
            "me" | "summary" | "vendors" | "costs" | "calls-log" | "invoices" | "queue"
            | "events" | "requests" => {
                callbook_api::requests(&mut client).await;
            }
            "webhooks" => webhooks::requests(&mut client).await,
            other => panic!("no requests for {other}"),
        }
    }
    for operation in operations() {
        let documented: BTreeSet<u16> = Contract::statuses(&operation).into_iter().collect();
        assert_eq!(seen[&operation.key()], documented, "{}", operation.key());
    }
    let faults: BTreeSet<_> = operations()
        .iter()
        .flat_map(|operation| answers.faults(&contract, operation))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
