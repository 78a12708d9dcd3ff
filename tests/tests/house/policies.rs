//! Each function's policy allows exactly the requests that the function makes to the table.

use std::collections::BTreeSet;

use callbook::model::credential::{CredentialKind, NewCredential};
use callbook::model::phone::PhoneNumber;
use callbook_tests::faults::{self, Proxy, Seen};
use callbook_tests::fonedynamics::{FAR, STRICT, Site, done, path_of};
use callbook_tests::teletracker::{self, REFRESH, Session};
use callbook_tests::{Key, Reply, World, call_data, fd_calls, send_to};
use serde_json::Value;

use crate::repository::{functions, members};

/// The actions in a function's policy, without `dynamodb:`.
pub fn granted(function: &str) -> BTreeSet<String> {
    let template = functions();
    let policies = &template[function]["Policies"];
    let mut verbs = BTreeSet::new();
    for policy in policies.as_array().into_iter().flatten() {
        for statement in policy["Statement"]
            .as_array()
            .expect("statements and no managed policy")
        {
            assert_eq!(statement["Effect"], "Allow", "{function}");
            if statement["Resource"] == "EventBus.Arn" {
                // What it does there is no verb of the table.
                let put = serde_json::json!(["events:PutEvents"]);
                assert_eq!((function, &statement["Action"]), ("publish", &put));
                continue;
            }
            let table = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTableName}";
            assert_eq!(
                statement["Resource"],
                serde_json::json!(["MakesTable", "Table.Arn", table]),
                "the policy of {function} covers only the table (run scripts/generate-template)"
            );
            for action in statement["Action"].as_array().expect("a list of actions") {
                let action = action.as_str().unwrap();
                let verb = action
                    .strip_prefix("dynamodb:")
                    .expect("a verb of the table");
                verbs.insert(verb.to_owned());
            }
        }
    }
    verbs
}

/// The actions that DynamoDB checks for a request; for a transaction, those of its parts.
fn asked(seen: &Seen) -> BTreeSet<String> {
    if seen.verb != "TransactWriteItems" {
        return BTreeSet::from([seen.verb.clone()]);
    }
    let parts = seen.body["TransactItems"]
        .as_array()
        .expect("the parts of a transaction");
    parts
        .iter()
        .flat_map(members)
        .map(|(part, _)| verb_of(part).to_owned())
        .collect()
}

fn verb_of(part: &str) -> &'static str {
    match part {
        "Put" => "PutItem",
        "Update" => "UpdateItem",
        "Delete" => "DeleteItem",
        "ConditionCheck" => "ConditionCheckItem",
        other => panic!("a transaction has no part {other}"),
    }
}

pub fn used(proxy: &Proxy) -> BTreeSet<String> {
    proxy.seen().iter().flat_map(asked).collect()
}

/// Adds a limit, because counting it needs the most store requests.
pub fn limited(new: &mut NewCredential) {
    new.limits.per_second = Some(100);
    new.limits.per_month = Some(100);
}

pub async fn bill(world: &World, key: &Key, path: &str, body: &str) -> u16 {
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", key.secret.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let path = format!("/api/ingress/calls/inbound/billable{path}");
    world
        .send("POST", &path, &headers, body.as_bytes())
        .await
        .status
}

pub fn query(key: &Key, parameters: &str) -> String {
    format!(
        "/api/v1?username={}&password={}&{parameters}",
        key.name, key.secret
    )
}

#[tokio::test]
async fn phone_feedback_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let key = world
        .credential_with(&account, CredentialKind::Trestle, limited)
        .await;
    let headers = [("x-api-key", key.secret.as_str())];
    let feedback = br#"{"response_id":"T_1","phone":"2069735100","name":"Waidong Syrws",
        "phone_status":"Connected","phone_right_party_contact":true}"#;
    for (body, status) in [(&feedback[..], 200), (feedback, 200), (b"{}", 400)] {
        let reply = world
            .send("POST", "/1.0/phone_feedback", &headers, body)
            .await;
        assert_eq!(reply.status, status);
    }
    let stranger = [("x-api-key", "nobody's")];
    let reply = world
        .send("POST", "/1.0/phone_feedback", &stranger, feedback)
        .await;
    assert_eq!(reply.status, 403);
    assert_eq!(used(&proxy), granted("phone-feedback"));
}

#[tokio::test]
async fn inbound_billable_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let mut account = world.account().await;
    let caller_id = world.credential(&account, CredentialKind::Truecnam).await;
    let call = query(
        &caller_id,
        "calling_number=12069735100&called_number=18005550100",
    );
    let reply = send_to(&world.another_instance(), "GET", &call, &[], b"").await;
    assert_eq!(
        reply.json()["err"],
        "0",
        "the call to be billed is recorded"
    );
    assert!(
        proxy.seen().is_empty(),
        "requests of another function do not count"
    );

    let key = world
        .credential_with(&account, CredentialKind::Tld, limited)
        .await;
    assert_eq!(
        bill(&world, &key, "/8005550100/2069735100", "cost=25").await,
        200
    );
    assert_eq!(
        bill(&world, &key, "/8005550100/2069735100", "cost=25").await,
        200
    );
    assert_eq!(
        bill(&world, &key, "/8005550100", "cid=3105550111&cost=25").await,
        200
    );
    world
        .change(&mut account, |account| account.registered_dids_only = true)
        .await;
    let did = PhoneNumber::parse("8005550100").unwrap();
    world
        .ledger
        .register_number(&account, &did, world.clock.now())
        .await
        .unwrap();
    world.wait(60);
    assert_eq!(
        bill(&world, &key, "/8005550100/2069735100", "cost=26").await,
        200
    );
    assert_eq!(
        bill(&world, &key, "/8005550199/2069735100", "cost=26").await,
        400
    );
    assert_eq!(used(&proxy), granted("inbound-billable"));
}

#[tokio::test]
async fn caller_id_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let account = world.account_with(|account| account.carrier = true).await;
    let key = world.credential(&account, CredentialKind::Truecnam).await;
    let pair = "calling_number=12069735100&called_number=18005550100";
    for (parameters, err) in [
        (format!("{pair}&call_party=orig_call_start"), "0"),
        (format!("{pair}&call_party=orig_call_start"), "0"),
        (format!("{pair}&resp_type=extended"), "0"),
        (
            "calling_number=2069735100&called_number=18005550100".to_owned(),
            "0",
        ),
        ("calling_number=12069735100".to_owned(), "0"),
        (format!("{pair}&call_party=orig_call_end"), "0"),
        (format!("{pair}&call_party=orig_call_end"), "7"),
    ] {
        let reply = world.send("GET", &query(&key, &parameters), &[], b"").await;
        let answer = reply.json();
        assert_eq!(answer["err"], err, "{parameters}: {}", answer["error_msg"]);
    }
    assert_eq!(used(&proxy), granted("caller-id"));
}

/// The actions used while one request is served, for tests with several functions.
pub async fn used_by(proxy: &Proxy, request: impl Future<Output = Reply>) -> BTreeSet<String> {
    proxy.heal();
    request.await;
    used(proxy)
}

#[tokio::test]
async fn teletrackers_functions_use_exactly_their_policies() {
    let (world, proxy) = faults::world().await;
    let account = teletracker::account(&world).await;
    let user = world
        .credential_with(&account, CredentialKind::User, limited)
        .await;
    let app = &world.app;

    let login = used_by(&proxy, teletracker::login(app, &user, &[])).await;
    assert_eq!(login, granted("auth-login"));

    let session = Session::of(&teletracker::login(app, &user, &[]).await);
    let parameters = [("refresh_token", session.refresh_token.as_str())];
    let refresh = used_by(&proxy, teletracker::post(app, REFRESH, "", &parameters)).await;
    let again = used_by(&proxy, teletracker::post(app, REFRESH, "", &parameters)).await;
    assert_eq!(&refresh | &again, granted("auth-refresh"));

    let session = Session::of(&teletracker::login(app, &user, &[]).await);
    let (bearer, good) = (session.bearer(), teletracker::good());
    let rapid = used_by(&proxy, teletracker::respond(app, &bearer, &good)).await;
    assert_eq!(rapid, granted("rapid-response"));
}

#[tokio::test]
async fn call_data_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let caller_id = world.credential(&account, CredentialKind::Truecnam).await;
    let call = query(
        &caller_id,
        "calling_number=12069735100&called_number=18005550100",
    );
    send_to(&world.another_instance(), "GET", &call, &[], b"").await;
    let key = world
        .credential_with(&account, CredentialKind::User, limited)
        .await;
    let today = [("start_date", "2026-11-21"), ("end_date", "2026-11-21")];
    assert_eq!(call_data::rows(&world, &key, &today).await.len(), 1);
    assert_eq!(used(&proxy), granted("call-data"));
}

#[tokio::test]
async fn calls_uses_exactly_its_policy() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let kind = CredentialKind::Fonedynamics;
    let key = world.credential_with(&account, kind, limited).await;
    let property = fd_calls::property(&world, &account, None).await;
    let call = [("From", "+12069735100"), ("To", "+18005550100")];
    // A bill that came before its call leaves the unmatched ones when the call is recorded.
    let vendor = world.credential(&account, CredentialKind::Tld).await;
    let bill = "did=18005550100&cid=12069735100&cost=25";
    let headers = [
        ("tld-api-id", vendor.name.as_str()),
        ("tld-api-key", &vendor.secret),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let (app, path) = (
        world.another_instance(),
        "/api/ingress/calls/inbound/billable",
    );
    let billed = send_to(&app, "POST", path, &headers, bill.as_bytes()).await;
    assert_eq!(billed.status, 200, "{}", billed.body);
    for _ in 0..2 {
        fd_calls::record(&world, &key, &property, &call).await;
    }
    let path = fd_calls::of_property(&property);
    let listed = fd_calls::list(&world, &key, &path, &[]).await;
    let sid = listed["Calls"][0]["CallSid"].as_str().unwrap();
    let set = [("Disposition", "Busy")];
    let path = format!("/v2/Calls/{sid}");
    assert_eq!(fd_calls::post(&world, &key, &path, &set).await.status, 200);
    assert_eq!(fd_calls::get(&world, &key, &path, &[]).await.status, 200);
    assert_eq!(used(&proxy), granted("calls"));
}

#[tokio::test]
async fn fone_dynamics_resources_use_exactly_their_policies() {
    let (world, proxy) = faults::world().await;
    let mut site = Site::on(world, |_| {}).await;
    let kind = CredentialKind::Fonedynamics;
    site.key = site
        .world
        .credential_with(&site.account, kind, limited)
        .await;

    proxy.heal();
    let property = site.property("P").await;
    done(&site.get("/v2/Properties").await);
    assert_eq!(used(&proxy), granted("properties"));

    proxy.heal();
    let address = site.address(STRICT).await;
    let spare = site.address(STRICT).await;
    let list = format!("/v2/Accounts/{}/Addresses", site.sid());
    done(&site.get(&list).await);
    done(&site.delete(&format!("/v2/Addresses/{spare}")).await);
    assert_eq!(used(&proxy), granted("addresses"));

    proxy.heal();
    done(&site.buy_at(&property, FAR, &address).await);
    let path = path_of(FAR);
    done(&site.post(&path, &[("AddressSid", "")]).await);
    done(&site.delete(&path).await);
    done(&site.buy(&property, FAR).await);
    done(
        &site
            .get(&format!("/v2/Properties/{property}/Numbers"))
            .await,
    );
    assert_eq!(used(&proxy), granted("numbers"));
}

#[tokio::test]
async fn the_fallback_makes_no_store_request() {
    let (world, proxy) = faults::world().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/1.0/phone_feedback"),
        ("PUT", "/api/v1?username=a&password=b"),
        ("DELETE", "/api/ingress/calls/inbound/billable/1/2"),
    ] {
        let reply = world.send(method, path, &[("x-api-key", "any")], b"").await;
        assert!([404, 405].contains(&reply.status), "{method} {path}");
    }
    assert_eq!(used(&proxy), BTreeSet::new());
    assert_eq!(granted("fallback"), BTreeSet::new());
    assert_eq!(functions()["fallback"].get("Policies"), None::<&Value>);
}

#[test]
fn no_function_has_a_custom_role() {
    for (name, function) in functions() {
        assert_eq!(function.get("Role"), None::<&Value>, "{name}");
    }
}
