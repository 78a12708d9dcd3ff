use callbook::ledger::{CredentialRevoked, Ledger, Update};
use callbook::model::credential::{Credential, CredentialKind, Product, Status};
use callbook::model::rules::{EndpointRule, IpRule};
use callbook_local::engine::TABLE;
use callbook_tests::tld::Platform;
use callbook_tests::vendors::{self, PHONE, Sent, done, use_key, verdict};
use callbook_tests::{Key, World, faults, tld, truecnam};

use super::{
    DISABLED, EXPIRED, OTHER_PRODUCT, UNKNOWN, WRONG_ADDRESS, WRONG_PATH, assert_refused, key,
};

async fn set(world: &World, key: &Key, status: Status) {
    world.set_status(&key.credential, status).await;
}

#[tokio::test]
async fn an_unknown_key_a_wrong_secret_and_a_revoked_key_get_the_same_answer() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let (known, revoked) = (
            key(&world, vendor, |_| {}).await,
            key(&world, vendor, |_| {}).await,
        );
        set(&world, &revoked, Status::Revoked).await;
        let wrong = "0".repeat(64);
        let long = "x".repeat(5_000);
        let mut bodies = Vec::new();
        for (case, name, secret) in [
            ("wrong secret", &known.name, &wrong),
            (
                "wrong secret, of another length",
                &known.name,
                &"x".to_owned(),
            ),
            ("unknown", &"unknown".to_owned(), &wrong),
            (
                "unknown, with another key's secret",
                &"unknown".to_owned(),
                &known.secret,
            ),
            ("unknown, and very long", &long, &long),
            ("revoked", &revoked.name, &revoked.secret),
            ("another key's secret", &revoked.name, &known.secret),
        ] {
            // A key without a name consists of its secret only.
            if vendor == CredentialKind::Trestle && *secret == known.secret {
                continue;
            }
            let reply = vendors::send(&world.app, vendor, name, secret, Sent::Well).await;
            assert_refused(vendor, &UNKNOWN, &verdict(vendor, &reply), case);
            let guid = reply.header("x-request-guid").expect("a guid");
            bodies.push((reply.status, reply.body.replace(guid, "GUID")));
        }
        assert!(
            bodies.windows(2).all(|two| two[0] == two[1]),
            "{vendor:?}: the answers differ"
        );
    }
}

#[tokio::test]
async fn a_key_of_another_vendor_is_unknown() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        for other in vendors::ALL.into_iter().filter(|other| *other != vendor) {
            let key = key(&world, other, |_| {}).await;
            let name = if key.name.is_empty() {
                "none"
            } else {
                &key.name
            };
            let reply = vendors::send(&world.app, vendor, name, &key.secret, Sent::Well).await;
            assert_refused(vendor, &UNKNOWN, &verdict(vendor, &reply), other.as_str());
        }
    }
}

#[tokio::test]
async fn a_key_without_permission_is_answered_with_the_reason() {
    let address = IpRule::parse("203.0.113.0/24").unwrap();
    let here = IpRule::parse("127.0.0.1").unwrap();
    let endpoint = EndpointRule::parse("/elsewhere*").unwrap();
    for vendor in vendors::ALL {
        let world = World::new().await;
        let now = world.clock.now();
        let other = Product::ALL
            .into_iter()
            .find(|product| !vendor.products().contains(product))
            .unwrap();
        let expired = key(&world, vendor, |new| new.expires = Some(now)).await;
        let product = key(&world, vendor, |new| new.products = vec![other]).await;
        let path = key(&world, vendor, |new| new.endpoints = vec![endpoint.clone()]).await;
        let from = key(&world, vendor, |new| new.addresses = vec![address]).await;
        let disabled = key(&world, vendor, |_| {}).await;
        set(&world, &disabled, Status::Disabled).await;
        for (case, key, refusals) in [
            ("expired", &expired, &EXPIRED),
            ("other product", &product, &OTHER_PRODUCT),
            ("other path", &path, &WRONG_PATH),
            ("other address", &from, &WRONG_ADDRESS),
            ("disabled", &disabled, &DISABLED),
        ] {
            for again in ["", ", again"] {
                let found = use_key(&world.app, key, Sent::Well).await;
                assert_refused(vendor, refusals, &found, &format!("{case}{again}"));
            }
        }
        let good = key(&world, vendor, |new| {
            new.endpoints = vec![endpoint.clone(), EndpointRule::parse("*").unwrap()];
            new.addresses = vec![address, here];
            new.products = [vec![other], vendor.products()].concat();
        })
        .await;
        assert_eq!(
            use_key(&world.app, &good, Sent::Well).await,
            done(),
            "{vendor:?}: one matching rule is enough"
        );
        for kind in ["feedback", "cost", "call"] {
            let most = usize::from(
                (vendor, kind) == (CredentialKind::Trestle, "feedback")
                    || (vendor, kind) == (CredentialKind::Tld, "cost"),
            );
            assert_eq!(
                world.items(kind).await.len(),
                most,
                "{vendor:?}: {kind} of the permitted key"
            );
        }
    }
}

#[tokio::test]
async fn a_key_works_until_it_expires() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let until = world.clock.now().plus(std::time::Duration::from_secs(100));
        let key = key(&world, vendor, |new| new.expires = Some(until)).await;
        world.wait(99);
        assert_eq!(
            use_key(&world.app, &key, Sent::Well).await,
            done(),
            "{vendor:?}"
        );
        world.wait(1);
        let found = use_key(&world.app, &key, Sent::Well).await;
        assert_refused(
            vendor,
            &EXPIRED,
            &found,
            "a key in the cache expires on time",
        );
    }
}

#[tokio::test]
async fn every_instance_sees_a_change_of_a_key_within_thirty_seconds() {
    for (status, refusals) in [(Status::Disabled, &DISABLED), (Status::Revoked, &UNKNOWN)] {
        for vendor in vendors::ALL {
            let world = World::new().await;
            let key = key(&world, vendor, |_| {}).await;
            let (one, other) = (world.app.clone(), world.another_instance());
            assert_eq!(use_key(&one, &key, Sent::Well).await, done(), "{vendor:?}");
            set(&world, &key, status).await;
            let case = format!("{status:?}");
            let found = use_key(&other, &key, Sent::Well).await;
            assert_refused(
                vendor,
                refusals,
                &found,
                &format!("{case}, not in the cache"),
            );
            world.wait(29);
            let found = use_key(&one, &key, Sent::Well).await;
            assert_eq!(found, done(), "{vendor:?}: {case}: still cached");
            world.wait(1);
            let found = use_key(&one, &key, Sent::Well).await;
            assert_refused(vendor, refusals, &found, &format!("{case}, after 30 s"));
        }
    }
}

#[tokio::test]
async fn a_change_of_an_account_is_seen_within_thirty_seconds_with_every_key() {
    let (world, proxy) = faults::world().await;
    let mut platform = Platform::on(world, |_| {}).await;
    let kind = CredentialKind::Tld;
    let second = platform.world.credential(&platform.account, kind).await;
    assert_eq!(platform.bill("1", &[]).await.status, 200);
    platform
        .world
        .change(&mut platform.account, |account| account.tldialer = false)
        .await;
    platform.world.wait(29);
    platform.key = second;
    let reply = platform.bill("2", &[]).await;
    assert_eq!(reply.status, 200, "the account is cached by the first key");
    platform.world.wait(1);
    proxy.heal();
    let reply = platform.bill("3", &[]).await;
    assert_eq!(reply.json()["error"], "TLDialer Not Enabled");
    let asked: Vec<_> = proxy.verbs().into_iter().collect();
    assert_eq!(
        asked,
        [("GetItem".to_owned(), 1), ("UpdateItem".to_owned(), 1)],
        "the second key is cached, and its refusal is noted"
    );
}

#[tokio::test]
async fn an_unknown_key_a_wrong_secret_and_a_revoked_key_cost_the_same_store_requests() {
    for vendor in vendors::ALL {
        let (world, proxy) = faults::world().await;
        let (known, revoked) = (
            key(&world, vendor, |_| {}).await,
            key(&world, vendor, |_| {}).await,
        );
        set(&world, &revoked, Status::Revoked).await;
        let mut asked = Vec::new();
        for (name, secret) in [
            (&"0".repeat(known.name.len()), &"1".repeat(64)),
            (&known.name, &"0".repeat(64)),
            (&revoked.name, &revoked.secret),
        ] {
            proxy.heal();
            let reply = vendors::send(&world.app, vendor, name, secret, Sent::Well).await;
            assert_refused(
                vendor,
                &UNKNOWN,
                &verdict(vendor, &reply),
                "unknown or revoked",
            );
            asked.push(proxy.verbs());
        }
        assert_eq!(asked[0], asked[1], "{vendor:?}");
        assert_eq!(asked[1], asked[2], "{vendor:?}");
    }
}

#[tokio::test]
async fn a_key_works_again_after_it_is_enabled() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let key = key(&world, vendor, |_| {}).await;
        set(&world, &key, Status::Disabled).await;
        let found = use_key(&world.app, &key, Sent::Well).await;
        assert_refused(vendor, &DISABLED, &found, "disabled");
        set(&world, &key, Status::Active).await;
        world.wait(30);
        assert_eq!(
            use_key(&world.app, &key, Sent::Well).await,
            done(),
            "{vendor:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_revoked_while_it_is_being_enabled_stays_revoked() {
    for vendor in vendors::ALL {
        let (world, proxy) = faults::world().await;
        let key = key(&world, vendor, |_| {}).await;
        set(&world, &key, Status::Disabled).await;
        let Credential { account, id, .. } = key.credential.clone();
        let faster = world.ledger.clone();
        proxy.before_next("TransactWriteItems", async move {
            let revoked = faster.set_credential_status(&account, &id, Status::Revoked);
            assert_eq!(revoked.await.unwrap(), Update::Updated(()));
        });
        let slower = Ledger::new(proxy.client(), TABLE);
        let Credential { account, id, .. } = &key.credential;
        let enabled = slower.set_credential_status(account, id, Status::Active);
        assert_eq!(
            enabled.await.unwrap(),
            Update::Refused(CredentialRevoked),
            "{vendor:?}"
        );

        let listed = world.ledger.credentials(account).await.unwrap();
        let statuses: Vec<Status> = listed.iter().map(|listed| listed.status).collect();
        assert_eq!(statuses, [Status::Revoked], "{vendor:?}: its listed status");
        let found = use_key(&world.app, &key, Sent::Well).await;
        assert_refused(vendor, &UNKNOWN, &found, "its use");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_change_that_conflicts_with_another_is_retried() {
    let (world, proxy) = faults::world().await;
    let key = key(&world, CredentialKind::Tld, |_| {}).await;
    let Credential { account, id, .. } = key.credential.clone();
    let faster = world.ledger.clone();
    proxy.before_next("TransactWriteItems", async move {
        let disabled = faster.set_credential_status(&account, &id, Status::Disabled);
        assert_eq!(disabled.await.unwrap(), Update::Updated(()));
    });
    let slower = Ledger::new(proxy.client(), TABLE);
    let Credential { account, id, .. } = &key.credential;
    let revoked = slower.set_credential_status(account, id, Status::Revoked);
    assert_eq!(revoked.await.unwrap(), Update::Updated(()));
    let found = use_key(&world.app, &key, Sent::Well).await;
    assert_refused(
        CredentialKind::Tld,
        &UNKNOWN,
        &found,
        "the revocation was retried",
    );
}

#[tokio::test]
async fn a_request_with_an_incomplete_credential_is_answered_with_the_missing_half() {
    let world = World::new().await;
    let body = tld::form(&[("did", PHONE), ("cid", PHONE), ("cost", "1")]);
    let form = ("content-type", tld::FORM);
    let feedback = "/1.0/phone_feedback";
    let missing = "MISSING_API_KEY Include your API key in the x-api-key header.";
    for (vendor, path, headers, wanted) in [
        (CredentialKind::Trestle, feedback, vec![], (403, missing)),
        (
            CredentialKind::Trestle,
            feedback,
            vec![("x-api-key", " ")],
            (403, missing),
        ),
        (
            CredentialKind::Tld,
            tld::PATH,
            vec![form],
            (401, "No API ID Provided"),
        ),
        (
            CredentialKind::Tld,
            tld::PATH,
            vec![form, ("tld-api-id", "x")],
            (401, "No API Key Provided"),
        ),
        (
            CredentialKind::Tld,
            tld::PATH,
            vec![form, ("tld-api-key", "x")],
            (401, "No API ID Provided"),
        ),
    ] {
        let reply = world.send("POST", path, &headers, body.as_bytes()).await;
        let (status, text) = verdict(vendor, &reply);
        assert_eq!((status, text.as_str()), wanted, "{vendor:?}");
    }
    let query = truecnam::PATH.to_owned() + "?calling_number=" + PHONE;
    let reply = world.send("GET", &query, &[], b"").await;
    assert_eq!(
        verdict(CredentialKind::Truecnam, &reply),
        (
            200,
            "1 Missing required parameter: username, password".to_owned()
        )
    );
}
