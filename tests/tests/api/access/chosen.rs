//! Credentials whose secrets their clients had before.

use callbook::model::credential::{CredentialKind, SecretHash, Status};
use callbook::model::sid::AccountSid;
use callbook_tests::teletracker::{self, LOGIN};
use callbook_tests::vendors::{self, PHONE, Sent, done, use_key, verdict};
use callbook_tests::{Key, World, faults, send_to, tld, truecnam};
use serde_json::{Value, json};

use super::{UNKNOWN, assert_refused, key};

/// A secret that fits every kind.
const SECRET: &str = "k3y-of-the-client-itself";

async fn chosen(world: &World, vendor: CredentialKind) -> Key {
    let account = world.account().await;
    world.chosen(&account, vendor, "its-own-name", SECRET).await
}

/// How many secrets the last request hashed slowly.
fn slow_hashes(world: &World) -> u64 {
    let line = world.last_log().expect("a log line");
    let line: Value = serde_json::from_str(&line).unwrap();
    line["slow_hashes"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn a_vendor_of_each_dialect_is_switched_by_its_host_alone() {
    let world = World::new().await;
    let sid = AccountSid::parse("KQWERTYUIOPASDFGHJKLZXCVBNMQWERT").unwrap();
    let account = world
        .account_with(|account| {
            account.id = callbook::model::account::AccountId::parse("12345").unwrap();
            account.sid = sid.clone();
        })
        .await;
    let bring = async |kind, name: &str, secret: &str| {
        world.chosen(&account, kind, name, secret).await;
    };
    bring(CredentialKind::Truecnam, "APIkey", "APIpassword").await;
    bring(CredentialKind::User, "test@user.com", "testpassword").await;
    bring(CredentialKind::Integrator, "partner", "partner:password").await;
    bring(CredentialKind::Tld, "1047", "9f86d081884c7d65").await;
    bring(CredentialKind::Trestle, "", "aXk39sLq0PzR7tYw2mNb").await;
    bring(CredentialKind::Fonedynamics, "", "d41d8cd98f00b204e980").await;

    // The documented example of TrueCNAM, to the letter.
    let start = "/api/v1?username=APIkey&password=APIpassword&resp_format=json&resp_type=extended\
                 &calling_number=12125551212&called_number=16465557000&call_party=orig_call_start";
    let reply = world.send("GET", start, &[], b"").await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("ok")));

    // Those of TeleTracker.
    let user = format!(
        "Basic {}",
        teletracker::pair("test@user.com", "testpassword")
    );
    let user = [("authorization", user.as_str())];
    let report = "/reports/call-data?start_date=2022-10-01&end_date=2022-10-02&account_id=12345";
    let reply = world.send("GET", report, &user, b"").await;
    assert_eq!(
        (reply.status, &reply.json()["success"]),
        (200, &json!(true))
    );
    let reply = world.send("POST", "/voice/rapidresponse", &user, b"").await;
    assert_eq!(reply.json()["errorCode"], "MISSING_REQUIRED_PARAMS");
    let body = json!({"username": "test@user.com", "password": "testpassword"}).to_string();
    let as_json = [("content-type", tld::JSON)];
    let reply = world.send("POST", LOGIN, &as_json, body.as_bytes()).await;
    let token = reply.json()["token"].as_str().expect("a token").to_owned();
    let bearer = format!("Bearer {token}");
    let bearer = [("authorization", bearer.as_str())];
    let reply = world.send("GET", report, &bearer, b"").await;
    assert_eq!(reply.status, 200);
    let partner = teletracker::pair("partner", "partner:password");
    let partner = format!("Integrator {partner}");
    let partner = [("authorization", partner.as_str())];
    let reply = world.send("GET", report, &partner, b"").await;
    assert_eq!(reply.status, 200);
    // A user signs in to Callbook's own API as well.
    let reply = world.send("GET", "/callbook/v1/me", &user, b"").await;
    assert_eq!(reply.status, 200, "{}", reply.body);

    // TLD: in headers, in the query, and in the body.
    let billable = "/api/ingress/calls/inbound/billable/3105550111/2065550100";
    let headers = [
        ("tld-api-id", "1047"),
        ("tld-api-key", "9f86d081884c7d65"),
        ("content-type", tld::JSON),
    ];
    let cost = json!({"cost": "25.50"}).to_string();
    let reply = world
        .send("POST", billable, &headers, cost.as_bytes())
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json()["inserted"]["method_id"], "1047");
    let query = format!("{billable}?api_id=1047&api_key=9f86d081884c7d65&cost=1");
    assert_eq!(world.send("POST", &query, &[], b"").await.status, 200);
    let body = tld::form(&[
        ("api", "1047"),
        ("apikey", "9f86d081884c7d65"),
        ("cost", "2"),
    ]);
    let form = [("content-type", tld::FORM)];
    let reply = world.send("POST", billable, &form, body.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);

    // Trestle.
    let headers = [
        ("x-api-key", "aXk39sLq0PzR7tYw2mNb"),
        ("content-type", tld::JSON),
    ];
    let body = json!({
        "response_id": "T_b5d031b8-e8a3-4eef-8fa8-d87d3b7e386f",
        "phone": "2069735100",
        "name": "Waidong Syrws",
        "phone_status": "Connected",
        "phone_right_party_contact": true,
    });
    let body = body.to_string();
    let reply = world
        .send("POST", "/1.0/phone_feedback", &headers, body.as_bytes())
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);

    // Fone Dynamics: the sid that is in its paths, and its token.
    let sid = sid.as_str();
    let token = format!("Basic {}", teletracker::pair(sid, "d41d8cd98f00b204e980"));
    let token = [("authorization", token.as_str())];
    for path in [
        format!("/v2/Accounts/{sid}/Numbers"),
        format!("/v2/Accounts/{sid}/Calls"),
        "/v2/Properties".to_owned(),
    ] {
        let reply = world.send("GET", &path, &token, b"").await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn what_is_stored_of_a_chosen_secret_is_slow_to_guess() {
    for kind in CredentialKind::ALL {
        let world = World::new().await;
        let key = chosen(&world, kind).await;
        let items = world.engine.items().unwrap();
        let stored = format!("{items:?}");
        assert!(!stored.contains(SECRET), "{kind:?}");
        let public = format!("{}:{SECRET}", key.name);
        for fast in [SECRET, public.as_str()] {
            let hash = SecretHash::of(fast).to_hex();
            assert!(!stored.contains(&hash), "{kind:?}: a fast hash is stored");
        }
        for item in world.items("credential").await {
            let name = |name: &str| item.has(name);
            assert!(name("secret_argon2") && !name("secret_sha256"), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_chosen_secret_is_hashed_once_in_an_instance() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let key = chosen(&world, vendor).await;
        assert_eq!(use_key(&world.app, &key, Sent::Well).await, done());
        assert_eq!(slow_hashes(&world), 1, "{vendor:?}: the first request");
        for seconds in [0, 29, 1, 60, 3_600] {
            world.wait(seconds);
            assert_eq!(use_key(&world.app, &key, Sent::Well).await, done());
            assert_eq!(slow_hashes(&world), 0, "{vendor:?}: after {seconds} s");
        }
        // Also where the credential is read again, a change of it is seen.
        world.set_status(&key.credential, Status::Revoked).await;
        world.wait(30);
        let found = use_key(&world.app, &key, Sent::Well).await;
        assert_refused(vendor, &UNKNOWN, &found, "revoked");
        let fresh = world.another_instance();
        let generated = self::key(&world, vendor, |_| {}).await;
        assert_eq!(use_key(&fresh, &generated, Sent::Well).await, done());
        assert_eq!(slow_hashes(&world), 0, "{vendor:?}: a generated secret");
    }
}

/// What each kind of refusal costs, the first time and the second: requests to the store and slow hashes.
type Costs = Vec<(std::collections::BTreeMap<String, usize>, u64)>;

#[tokio::test]
async fn every_refused_credential_costs_the_same_reads_and_hashes() {
    for vendor in vendors::ALL {
        let (world, proxy) = faults::world().await;
        let generated = key(&world, vendor, |_| {}).await;
        let brought = chosen(&world, vendor).await;
        let revoked = key(&world, vendor, |_| {}).await;
        let account = world.account().await;
        let old = "another-k3y-of-the-client";
        let revoked_chosen = world.chosen(&account, vendor, "another-name", old).await;
        for key in [&revoked, &revoked_chosen] {
            world.set_status(&key.credential, Status::Revoked).await;
        }
        let wrong = |at: usize| format!("{at}{}", "0".repeat(63));
        let mut all: Vec<(&str, Costs)> = Vec::new();
        for (case, name, secret) in [
            ("an unknown name", "nobody", wrong(1)),
            (
                "a wrong generated secret",
                generated.name.as_str(),
                wrong(2),
            ),
            ("a wrong chosen secret", brought.name.as_str(), wrong(3)),
            (
                "a revoked generated one",
                revoked.name.as_str(),
                revoked.secret.clone(),
            ),
            (
                "a revoked chosen one",
                revoked_chosen.name.as_str(),
                revoked_chosen.secret.clone(),
            ),
        ] {
            let mut costs = Costs::new();
            for _ in 0..2 {
                proxy.heal();
                let reply = vendors::send(&world.app, vendor, name, &secret, Sent::Well).await;
                assert_refused(vendor, &UNKNOWN, &verdict(vendor, &reply), case);
                costs.push((proxy.verbs(), slow_hashes(&world)));
            }
            all.push((case, costs));
        }
        let (_, first) = &all[0];
        assert_eq!((first[0].1, first[1].1), (1, 0), "{vendor:?}");
        for (case, costs) in &all {
            assert_eq!(costs, first, "{vendor:?}: {case}");
        }
    }
}

#[tokio::test]
async fn a_refused_sign_in_costs_the_same_for_every_name() {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let generated = world.credential(&account, CredentialKind::User).await;
    let user = world
        .chosen(&account, CredentialKind::User, "pat@example.com", SECRET)
        .await;
    let partner = world
        .chosen(&account, CredentialKind::Integrator, "partner", SECRET)
        .await;
    let sign_in = async |name: &str, password: &str| {
        let body = json!({"username": name, "password": password, "account_id": account.id});
        let headers = [("content-type", tld::JSON)];
        proxy.heal();
        let body = body.to_string();
        let reply = send_to(&world.app, "POST", LOGIN, &headers, body.as_bytes()).await;
        (reply.status, proxy.verbs(), slow_hashes(&world))
    };
    let unknown = sign_in("nobody", "wrong password").await;
    assert_eq!((unknown.0, unknown.2), (401, 2), "a user's and a partner's");
    for name in [&generated.name, &user.name, &partner.name] {
        assert_eq!(sign_in(name, "wrong password").await, unknown, "{name}");
    }
    for (key, most) in [(&generated, 0), (&user, 1), (&partner, 2)] {
        let (status, _, slow) = sign_in(&key.name, &key.secret).await;
        assert_eq!((status, slow), (200, most), "{}", key.name);
        let (status, _, slow) = sign_in(&key.name, &key.secret).await;
        assert_eq!((status, slow), (200, 0), "{}: again", key.name);
    }
}

#[tokio::test]
async fn wrong_secrets_cannot_take_more_than_a_bounded_part_of_an_instance() {
    let vendor = CredentialKind::Tld;
    let world = World::new().await;
    let generated = key(&world, vendor, |_| {}).await;
    let brought = chosen(&world, vendor).await;
    assert_eq!(use_key(&world.app, &brought, Sent::Well).await, done());
    let mut hashed = slow_hashes(&world);
    let mut refusals = std::collections::BTreeMap::new();
    for at in 0..100 {
        let (name, secret) = (format!("name{}", at % 7), format!("wrong secret {at}"));
        let reply = vendors::send(&world.app, vendor, &name, &secret, Sent::Well).await;
        *refusals.entry(reply.status).or_insert(0) += 1;
        hashed += slow_hashes(&world);
    }
    assert_eq!(hashed, 32, "the burst of an instance");
    assert_eq!(refusals, [(401, 31), (503, 69)].into());
    // Who presented a good secret before goes on, and so does who has a generated one.
    world.wait(3);
    for key in [&generated, &brought] {
        assert_eq!(use_key(&world.app, key, Sent::Well).await, done());
    }
    // A chosen secret that this instance has not seen waits for its turn.
    let account = world.account().await;
    let late = world.chosen(&account, vendor, "late", SECRET).await;
    let (status, error) = use_key(&world.app, &late, Sent::Well).await;
    assert_eq!((status, error.as_str()), (503, "TLDialer Connection Error"));
    let fresh = world.another_instance();
    assert_eq!(use_key(&fresh, &late, Sent::Well).await, done());
    world.wait(2);
    assert_eq!(use_key(&world.app, &late, Sent::Well).await, done());
    // A client with a wrong secret that sends it again and again costs one hash.
    world.wait(5);
    for at in 0..20 {
        let reply = vendors::send(&world.app, vendor, "late", "wrong for ever", Sent::Well).await;
        assert_eq!(
            (reply.status, slow_hashes(&world)),
            (401, u64::from(at == 0))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_the_same_moment_hash_a_secret_once() {
    let world = World::new().await;
    let key = chosen(&world, CredentialKind::Truecnam).await;
    let query = truecnam_query(&key);
    let requests = (0..16).map(|_| send_to(&world.app, "GET", &query, &[], b""));
    for reply in futures_util::future::join_all(requests).await {
        assert_eq!(reply.json()["err"], "0");
    }
    let hashed: u64 = world
        .logs()
        .iter()
        .filter_map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["slow_hashes"].as_u64()
        })
        .sum();
    assert_eq!(hashed, 1);
}

fn truecnam_query(key: &Key) -> String {
    let query = tld::form(&[
        ("username", &key.name),
        ("password", &key.secret),
        ("calling_number", PHONE),
        ("resp_type", "basic"),
    ]);
    format!("{}?{query}", truecnam::PATH)
}
