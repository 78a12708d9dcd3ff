//! Who may, and how fast: the same for every vendor's client, each told in its own dialect.

use callbook::model::credential::{CredentialKind, Limits, NewCredential, Product, Status};
use callbook::model::rules::{EndpointRule, IpRule};
use callbook_tests::vendors::{self, PHONE, Sent, Verdict, done, use_key, verdict};
use callbook_tests::{Key, World, tld, truecnam};

const DAY: u64 = 86_400;

/// What a refusal is told as in each dialect: Trestle, TLD, TrueCNAM.
type Told = [(u16, &'static str); 3];

const UNKNOWN: Told = [
    (
        403,
        "INVALID_API_KEY Verify your x-api-key header value or contact support.",
    ),
    (401, "Invalid API ID or API Key"),
    (200, "2 Invalid username or password"),
];
const DISABLED: Told = [
    (
        403,
        "FORBIDDEN Contact support with your API key reference. (disabled)",
    ),
    (401, "API Key Disabled"),
    (200, "3 API key disabled"),
];
const EXPIRED: Told = [
    (
        403,
        "FORBIDDEN Contact support with your API key reference. (expired)",
    ),
    (401, "API Key Expired"),
    (200, "3 API key disabled"),
];
const ELSEWHERE: Told = [
    (
        403,
        "FORBIDDEN Contact support with your API key reference. (no access to this product)",
    ),
    (403, "Endpoint Not Allowed"),
    (200, "3 API key disabled"),
];
const WRONG_ADDRESS: Told = [ELSEWHERE[0], (403, "IP Address Not Allowed"), ELSEWHERE[2]];
const TOO_FAST: Told = [
    (429, "RATE_LIMIT_EXCEEDED"),
    (429, "Rate Limit Exceeded"),
    (200, "8 Queries per minute exceeded"),
];
const TOO_MANY_TODAY: Told = [
    TOO_FAST[0],
    TOO_FAST[1],
    (200, "8 Queries per day exceeded"),
];
const QUOTA: Told = [
    (429, "QUOTA_EXCEEDED"),
    (429, "Quota Exceeded"),
    (200, "8 "),
];

fn assert_told(vendor: CredentialKind, told: &Told, found: &Verdict, case: &str) {
    let row = vendors::ALL
        .iter()
        .position(|known| *known == vendor)
        .expect("a vendor");
    let (status, text) = told[row];
    assert_eq!(found.0, status, "{vendor:?}: {case}: {}", found.1);
    // Which text TrueCNAM's one number for every limit comes with is said by its windows alone.
    let same = if text.ends_with(' ') {
        found.1.starts_with(text)
    } else {
        found.1 == text
    };
    assert!(same, "{vendor:?}: {case}: {}", found.1);
}

async fn key(
    world: &World,
    vendor: CredentialKind,
    change: impl FnOnce(&mut NewCredential),
) -> Key {
    let account = world.account().await;
    let change = |new: &mut NewCredential| {
        new.limits = Limits::default();
        change(new);
    };
    world.credential_with(&account, vendor, change).await
}

async fn set(world: &World, key: &Key, status: Status) {
    let credential = &key.credential;
    world
        .ledger
        .set_credential_status(&credential.account, &credential.id, status)
        .await
        .unwrap()
        .expect("the credential");
}

#[tokio::test]
async fn an_unknown_key_a_wrong_secret_and_a_revoked_key_are_one_answer() {
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
                "unknown, with a secret of another",
                &"unknown".to_owned(),
                &known.secret,
            ),
            ("unknown, and absurd", &long, &long),
            ("revoked", &revoked.name, &revoked.secret),
            ("the secret of another", &revoked.name, &known.secret),
        ] {
            // A key without a name is its secret.
            if vendor == CredentialKind::Trestle && *secret == known.secret {
                continue;
            }
            let reply = vendors::send(&world.app, vendor, name, secret, Sent::Well).await;
            assert_told(vendor, &UNKNOWN, &verdict(vendor, &reply), case);
            bodies.push((reply.status, reply.body));
        }
        assert!(
            bodies.windows(2).all(|two| two[0] == two[1]),
            "{vendor:?}: byte for byte"
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
            assert_told(vendor, &UNKNOWN, &verdict(vendor, &reply), other.as_str());
        }
    }
}

#[tokio::test]
async fn a_key_that_may_not_is_told_why() {
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
        for (case, key, told) in [
            ("expired", &expired, &EXPIRED),
            ("other product", &product, &ELSEWHERE),
            ("other path", &path, &ELSEWHERE),
            ("other address", &from, &WRONG_ADDRESS),
            ("disabled", &disabled, &DISABLED),
        ] {
            for again in ["", ", again"] {
                let found = use_key(&world.app, key, Sent::Well).await;
                assert_told(vendor, told, &found, &format!("{case}{again}"));
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
            "{vendor:?}: one match"
        );
        for kind in ["feedback", "cost", "call"] {
            let most = usize::from(
                (vendor, kind) == (CredentialKind::Trestle, "feedback")
                    || (vendor, kind) == (CredentialKind::Tld, "cost"),
            );
            assert_eq!(
                world.items(kind).await.len(),
                most,
                "{vendor:?}: {kind} of the good one"
            );
        }
    }
}

#[tokio::test]
async fn a_key_works_until_its_last_moment() {
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
        assert_told(
            vendor,
            &EXPIRED,
            &found,
            "a key in the cache expires on time",
        );
    }
}

#[tokio::test]
async fn a_change_of_a_key_is_seen_within_thirty_seconds_by_every_instance() {
    for (status, told) in [(Status::Disabled, &DISABLED), (Status::Revoked, &UNKNOWN)] {
        for vendor in vendors::ALL {
            let world = World::new().await;
            let key = key(&world, vendor, |_| {}).await;
            let (one, other) = (world.app.clone(), world.another_instance());
            assert_eq!(use_key(&one, &key, Sent::Well).await, done(), "{vendor:?}");
            set(&world, &key, status).await;
            let case = format!("{status:?}");
            let found = use_key(&other, &key, Sent::Well).await;
            assert_told(vendor, told, &found, &format!("{case}, not in the cache"));
            world.wait(29);
            let found = use_key(&one, &key, Sent::Well).await;
            assert_eq!(found, done(), "{vendor:?}: {case}: the cache holds");
            world.wait(1);
            let found = use_key(&one, &key, Sent::Well).await;
            assert_told(vendor, told, &found, &format!("{case}, after 30 s"));
        }
    }
}

#[tokio::test]
async fn a_key_that_is_enabled_again_works_again() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let key = key(&world, vendor, |_| {}).await;
        set(&world, &key, Status::Disabled).await;
        let found = use_key(&world.app, &key, Sent::Well).await;
        assert_told(vendor, &DISABLED, &found, "disabled");
        set(&world, &key, Status::Active).await;
        world.wait(30);
        assert_eq!(
            use_key(&world.app, &key, Sent::Well).await,
            done(),
            "{vendor:?}"
        );
    }
}

/// Each limit of two requests, what the third is told, and the seconds until its window ends.
fn limits() -> [(&'static str, Limits, Told, u64); 4] {
    let none = Limits::default();
    let month = 9 * DAY + 12 * 3_600;
    [
        (
            "second",
            Limits {
                per_second: Some(2),
                ..none
            },
            TOO_FAST,
            1,
        ),
        (
            "minute",
            Limits {
                per_minute: Some(2),
                ..none
            },
            TOO_FAST,
            60,
        ),
        (
            "day",
            Limits {
                per_day: Some(2),
                ..none
            },
            TOO_MANY_TODAY,
            12 * 3_600,
        ),
        (
            "month",
            Limits {
                per_month: Some(2),
                ..none
            },
            QUOTA,
            month,
        ),
    ]
}

#[tokio::test]
async fn a_limit_holds_across_instances_until_its_window_ends() {
    for vendor in vendors::ALL {
        for (window, limits, told, seconds) in limits() {
            let world = World::new().await;
            let key = key(&world, vendor, |new| new.limits = limits).await;
            let (one, other) = (world.app.clone(), world.another_instance());
            for instance in [&one, &other] {
                let found = use_key(instance, &key, Sent::Well).await;
                assert_eq!(found, done(), "{vendor:?}: {window}");
            }
            for instance in [&one, &other, &world.another_instance()] {
                let reply =
                    vendors::send(instance, vendor, &key.name, &key.secret, Sent::Well).await;
                assert_told(vendor, &told, &verdict(vendor, &reply), window);
                let wait = reply
                    .header("retry-after")
                    .and_then(|text| text.parse().ok());
                assert_eq!(wait, Some(seconds), "{vendor:?}: {window}: Retry-After");
            }
            world.wait(seconds - 1);
            if seconds > 1 {
                let found = use_key(&one, &key, Sent::Well).await;
                assert_told(
                    vendor,
                    &told,
                    &found,
                    &format!("{window}, a second too early"),
                );
            }
            world.wait(1);
            for instance in [&one, &other] {
                let found = use_key(instance, &key, Sent::Well).await;
                assert_eq!(found, done(), "{vendor:?}: the next {window}");
            }
            let found = use_key(&one, &key, Sent::Well).await;
            assert_told(
                vendor,
                &told,
                &found,
                &format!("the next {window} is limited too"),
            );
        }
    }
}

#[tokio::test]
async fn no_limit_counts_what_cannot_be_read_or_may_not_be_done() {
    for vendor in vendors::ALL {
        for (window, limits, told, _) in limits() {
            let world = World::new().await;
            let key = key(&world, vendor, |new| new.limits = limits).await;
            for instance in [&world.app, &world.another_instance()] {
                for _ in 0..3 {
                    let found = use_key(instance, &key, Sent::Wanting).await;
                    assert_ne!(found, done(), "{vendor:?}: {window}");
                    assert_ne!(found.0, 429, "{vendor:?}: {window}");
                    assert!(!found.1.starts_with("8 "), "{vendor:?}: {window}");
                }
                let wrong = vendors::send(instance, vendor, &key.name, "wrong", Sent::Well).await;
                assert_told(vendor, &UNKNOWN, &verdict(vendor, &wrong), window);
            }
            for _ in 0..2 {
                assert_eq!(
                    use_key(&world.app, &key, Sent::Well).await,
                    done(),
                    "{window}"
                );
            }
            let found = use_key(&world.app, &key, Sent::Well).await;
            assert_told(vendor, &told, &found, window);
        }
    }
}

#[tokio::test]
async fn two_keys_of_an_account_have_a_limit_each() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let account = world.account().await;
        let limits = Limits {
            per_minute: Some(1),
            ..Limits::default()
        };
        let mut keys = Vec::new();
        for _ in 0..2 {
            keys.push(
                world
                    .credential_with(&account, vendor, |new| new.limits = limits)
                    .await,
            );
        }
        for key in &keys {
            assert_eq!(
                use_key(&world.app, key, Sent::Well).await,
                done(),
                "{vendor:?}"
            );
        }
        for key in &keys {
            let found = use_key(&world.app, key, Sent::Well).await;
            assert_told(vendor, &TOO_FAST, &found, "its own minute is full");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_credential_is_told_which_half_is_missing() {
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
