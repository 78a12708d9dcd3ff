//! Refusals and their codes.

use callbook::model::country::Country;
use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::faults;
use callbook_tests::{Key, Reply};
use serde_json::{Value, json};

use super::{PATH, Shop};

fn refused(reply: &Reply, expected: &[(&str, &str)], case: &str) {
    assert_eq!(reply.status, 400, "{case}: {}", reply.body);
    let status = &reply.json()["ResponseStatus"];
    let errors: Vec<_> = status["Errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| {
            assert!(
                error["Message"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
            (
                error["ErrorCode"].as_str().unwrap(),
                error["FieldName"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(errors, expected, "{case}");
    assert_eq!(status["ErrorCode"], expected[0].0, "{case}");
    assert_eq!(status["Message"], status["Errors"][0]["Message"], "{case}");
}

#[tokio::test]
async fn every_error_has_its_code_and_its_parameter() {
    let shop = Shop::new().await;
    let long = "x".repeat(101);
    for (parameters, expected) in [
        (&[][..], ("PARAMETER_REQUIRED", "CountryCode")),
        (
            &[("CountryCode", "")],
            ("PARAMETER_REQUIRED", "CountryCode"),
        ),
        (
            &[("CountryCode", "USA")],
            ("INVALID_COUNTRYCODE_FORMAT", "CountryCode"),
        ),
        (
            &[("CountryCode", "U1")],
            ("INVALID_COUNTRYCODE_FORMAT", "CountryCode"),
        ),
        (
            &[("CountryCode", "XX")],
            ("COUNTRY_NOT_FOUND", "CountryCode"),
        ),
        (
            &[("CountryCode", "GB")],
            ("COUNTRY_UNAVAILABLE", "CountryCode"),
        ),
        (
            &[("CountryCode", "US"), ("Type", "Mobile")],
            ("UNKNOWN_NUMBERTYPE", "Type"),
        ),
        (
            &[("CountryCode", "US"), ("Type", "Local,")],
            ("UNKNOWN_NUMBERTYPE", "Type"),
        ),
        (
            &[("CountryCode", "US"), ("Capabilities", "Voice,Fax")],
            ("UNKNOWN_CAPABILITY", "Capabilities"),
        ),
        (
            &[("CountryCode", "US"), ("Capabilites", "Fax")],
            ("UNKNOWN_CAPABILITY", "Capabilities"),
        ),
        (
            &[("CountryCode", "US"), ("Region", &long)],
            ("PARAMETER_TOO_LONG", "Region"),
        ),
        (
            &[("CountryCode", "US"), ("Locality", "New\u{1}York")],
            ("PARAMETER_INVALID", "Locality"),
        ),
        (
            &[("CountryCode", "US"), ("Results_Count", "0")],
            ("PARAMETER_INVALID", "Results_Count"),
        ),
        (
            &[("CountryCode", "US"), ("Results_Count", "201")],
            ("PARAMETER_INVALID", "Results_Count"),
        ),
        (
            &[("CountryCode", "US"), ("Results_Skip", "-1")],
            ("PARAMETER_INVALID", "Results_Skip"),
        ),
        (
            &[("CountryCode", "US"), ("PageToken", "x")],
            ("PARAMETER_INVALID", "PageToken"),
        ),
        (
            &[("CountryCode", "US"), ("Region", "Texas")],
            ("LOCATION_NOT_FOUND", "Region"),
        ),
        (
            &[("CountryCode", "US"), ("Locality", "Sydney")],
            ("LOCATION_NOT_FOUND", "Locality"),
        ),
        (
            // Each of the two is a place; the combination is not.
            &[
                ("CountryCode", "US"),
                ("Region", "California"),
                ("Locality", "Albany"),
            ],
            ("LOCATION_NOT_FOUND", "Locality"),
        ),
        (
            &[
                ("CountryCode", "AU"),
                ("Region", "Texas"),
                ("Locality", "Austin"),
            ],
            ("LOCATION_NOT_FOUND", "Locality"),
        ),
    ] {
        let reply = shop.ask(parameters).await;
        refused(&reply, &[expected], &format!("{parameters:?}"));
    }
}

#[tokio::test]
async fn all_invalid_parameters_are_reported_at_once_before_any_lookup() {
    let shop = Shop::new().await;
    let reply = shop
        .ask(&[
            ("CountryCode", "USA"),
            ("Region", "Texas"),
            ("Type", "Mobile"),
            ("Capabilities", "Fax"),
            ("Results_Count", "x"),
        ])
        .await;
    refused(
        &reply,
        &[
            ("INVALID_COUNTRYCODE_FORMAT", "CountryCode"),
            ("UNKNOWN_NUMBERTYPE", "Type"),
            ("UNKNOWN_CAPABILITY", "Capabilities"),
            ("PARAMETER_INVALID", "Results_Count"),
        ],
        "four faults",
    );
}

#[tokio::test]
async fn numbers_of_a_country_that_is_no_longer_served_are_not_listed() {
    let shop = Shop::new().await;
    let country = Country::parse("US").unwrap();
    shop.world.ledger.remove_country(country).await.unwrap();
    let reply = shop.ask(&[("CountryCode", "US")]).await;
    refused(&reply, &[("COUNTRY_UNAVAILABLE", "CountryCode")], "dropped");
    super::serve(&shop.world, "US", false).await;
    assert_eq!(shop.american(&[]).await.len(), 6);
}

#[tokio::test]
async fn only_an_authorized_credential_can_list_numbers() {
    let shop = Shop::new().await;
    let path = format!("{PATH}?CountryCode=US");
    let answer = shop.world.send("GET", &path, &[], b"").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["ResponseStatus"]["ErrorCode"], "UNAUTHORIZED");
    let wrong = Key {
        name: shop.key.name.clone(),
        secret: "0".repeat(64),
        credential: shop.key.credential.clone(),
    };
    assert_eq!(shop.send(&wrong, "GET", &path).await.json(), answer.json());
    let kind = CredentialKind::Fonedynamics;
    let reader = shop
        .world
        .credential_with(&shop.account, kind, |new| new.read_only = true)
        .await;
    assert_eq!(shop.send(&reader, "GET", &path).await.status, 200);
    let elsewhere = shop
        .world
        .credential_with(&shop.account, kind, |new| {
            new.products = vec![callbook::model::credential::Product::Calls];
        })
        .await;
    let answer = shop.send(&elsewhere, "GET", &path).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["ResponseStatus"]["ErrorCode"], "FORBIDDEN");
    for method in ["POST", "PUT", "DELETE"] {
        let answer = shop.send(&shop.key, method, PATH).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{method}");
    }
    let slash = shop
        .send(&shop.key, "GET", &format!("{PATH}/?CountryCode=US"))
        .await;
    assert_eq!(slash.status, 200);
}

#[tokio::test]
async fn an_exceeded_limit_has_the_same_envelope_and_refusals_do_not_count() {
    let shop = Shop::new().await;
    let kind = CredentialKind::Fonedynamics;
    let key = shop
        .world
        .credential_with(&shop.account, kind, |new| {
            new.limits = Limits {
                per_minute: Some(1.try_into().unwrap()),
                ..Limits::default()
            };
        })
        .await;
    for code in ["XX", "GB"] {
        let reply = shop.ask_as(&key, &[("CountryCode", code)]).await;
        assert_eq!(reply.status, 400, "{code}");
    }
    let served = shop.ask_as(&key, &[("CountryCode", "US")]).await;
    assert_eq!(served.status, 200);
    let reply = shop.ask_as(&key, &[("CountryCode", "US")]).await;
    assert_eq!(reply.status, 429);
    assert_eq!(
        reply.json()["ResponseStatus"]["ErrorCode"],
        "RATE_LIMIT_EXCEEDED"
    );
    assert!(reply.header("retry-after").is_some());
}

#[tokio::test]
async fn a_list_costs_the_expected_store_requests() {
    let (world, proxy) = faults::world().await;
    let shop = Shop::on(world).await;
    shop.list(&[("CountryCode", "US")]).await;
    for (parameters, gets, queries) in [
        (&[("CountryCode", "US"), ("Type", "Local")][..], 1, 1),
        (&[("CountryCode", "US"), ("Region", "New York")], 1, 1),
        (&[("CountryCode", "US"), ("Region", "Nowhere")], 1, 2),
        (&[("CountryCode", "NZ")], 1, 1),
        (&[("CountryCode", "GB")], 1, 0),
        (&[("CountryCode", "XX")], 0, 0),
        (&[("CountryCode", "US"), ("Type", "x")], 0, 0),
    ] {
        proxy.heal();
        shop.ask(parameters).await;
        let asked = proxy.verbs();
        let times = |verb: &str| asked.get(verb).copied().unwrap_or(0);
        assert_eq!(
            (times("GetItem"), times("Query")),
            (gets, queries),
            "{parameters:?}"
        );
        // A refusal may be noted.
        let own = asked.values().sum::<usize>() - times("UpdateItem");
        assert_eq!(own, gets + queries, "{asked:?}");
        assert!(times("UpdateItem") <= 1, "{asked:?}");
        let first = proxy.seen().into_iter().find(|seen| seen.verb == "Query");
        let whole = first.filter(|first| first.body["ProjectionExpression"].is_null());
        assert!(whole.is_none(), "only the shown attributes are read");
    }
    proxy.heal();
    let reply = shop.world.send("GET", PATH, &[], b"").await;
    let body: Value = reply.json();
    assert_eq!(body["ResponseStatus"]["Errors"], json!([]));
    assert!(
        proxy.verbs().is_empty(),
        "a missing credential is refused without a store request"
    );
}
