use callbook::model::credential::{Limits, Status};
use callbook_tests::faults::{self, Fault};
use callbook_tests::tld::form;
use callbook_tests::truecnam::{CALLED, CALLING, Pbx, pair};
use callbook_tests::written::{self, Format};
use callbook_tests::{Reply, World};

const START: &str = "orig_call_start";

fn assert_refused(reply: &Reply, err: &str, message: &str) {
    let answer = reply.json();
    assert_eq!(answer["error_msg"], message);
    assert_eq!(
        (reply.status, &answer["err"]),
        (200, &err.into()),
        "{message}"
    );
    assert_eq!(answer["status"], "error", "{message}");
    assert_eq!(
        reply.header("content-type"),
        Some("application/json"),
        "{message}"
    );
}

#[tokio::test]
async fn every_missing_parameter_is_named() {
    let world = World::new().await;
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[], "username, password, calling_number"),
        (
            &[("call_party", "terminating")],
            "username, password, calling_number",
        ),
        (
            &[("call_party", START)],
            "username, password, calling_number, called_number",
        ),
        (
            &[("call_party", "orig_call_end")],
            "username, password, calling_number, called_number",
        ),
        (
            &[("username", "u"), ("calling_number", CALLING)],
            "password",
        ),
        (
            &[("password", "p"), ("calling_number", CALLING)],
            "username",
        ),
        (
            &[
                ("username", ""),
                ("password", " "),
                ("calling_number", CALLING),
            ],
            "username, password",
        ),
        (
            &[("username", "u"), ("calling_number", "")],
            "password, calling_number",
        ),
        (
            &[
                ("username", "u"),
                ("call_party", START),
                ("calling_number", CALLING),
            ],
            "password, called_number",
        ),
    ];
    for (parameters, missing) in cases {
        let message = format!("Missing required parameter: {missing}");
        let reply = world
            .send("GET", &format!("/api/v1?{}", form(parameters)), &[], b"")
            .await;
        assert_refused(&reply, "1", &message);
        let headers = [("content-type", callbook_tests::tld::FORM)];
        let reply = world
            .send("POST", "/api/v1", &headers, form(parameters).as_bytes())
            .await;
        assert_refused(&reply, "1", &message);
    }
}

#[tokio::test]
async fn missing_parameters_are_named_with_a_valid_credential_too() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    for (parameters, missing) in [
        (&[][..], "calling_number"),
        (&[("call_party", START)], "calling_number, called_number"),
        (
            &[("call_party", "orig_call_end"), ("calling_number", CALLING)],
            "called_number",
        ),
    ] {
        let message = format!("Missing required parameter: {missing}");
        assert_refused(&pbx.get(&world, parameters).await, "1", &message);
    }
}

#[tokio::test]
async fn an_unknown_username_and_a_wrong_password_get_the_same_answer() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let mut bodies = Vec::new();
    for (name, secret) in [
        (pbx.key.name.as_str(), "wrong"),
        ("unknown", pbx.key.secret.as_str()),
        ("unknown", "wrong"),
    ] {
        let query = form(&[
            ("username", name),
            ("password", secret),
            ("calling_number", CALLING),
        ]);
        let reply = world
            .send("GET", &format!("/api/v1?{query}"), &[], b"")
            .await;
        assert_refused(&reply, "2", "Invalid username or password");
        bodies.push(reply.body);
    }
    assert!(
        bodies.windows(2).all(|two| two[0] == two[1]),
        "the answers differ"
    );
}

#[tokio::test]
async fn disabled_and_expired_keys_have_their_error() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let id = &pbx.key.credential.id;
    world
        .ledger
        .set_credential_status(&pbx.account.id, id, Status::Disabled)
        .await
        .unwrap();
    let reply = pbx.get(&world, &pair("terminating", CALLING, CALLED)).await;
    assert_refused(&reply, "3", "API key disabled");

    let mut pbx = Pbx::new(&world).await;
    let now = world.clock.now();
    let kind = pbx.key.credential.kind;
    pbx.key = world
        .credential_with(&pbx.account, kind, |new| new.expires = Some(now))
        .await;
    let reply = pbx.get(&world, &pair("terminating", CALLING, CALLED)).await;
    assert_refused(&reply, "3", "API key disabled");
    assert!(world.items("call").await.is_empty(), "nothing was recorded");
}

#[tokio::test]
async fn a_parameter_with_an_unknown_value_is_named() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    for (name, value) in [
        ("resp_type", "full"),
        ("resp_format", "yaml"),
        ("call_party", "originating"),
        ("call_party", "orig_call"),
    ] {
        let mut query = vec![("calling_number", CALLING), ("called_number", CALLED)];
        query.push((name, value));
        let reply = pbx.get(&world, &query).await;
        let answer = reply.json();
        assert_eq!((reply.status, &answer["err"]), (200, &"5".into()), "{name}");
        assert_eq!(answer["status"], "error", "{name}");
        let message = answer["error_msg"].as_str().unwrap();
        assert!(message.starts_with(&format!("Invalid {name}")), "{message}");
    }
    assert!(world.items("call").await.is_empty(), "nothing was recorded");
}

#[tokio::test]
async fn several_errors_are_reported_at_once() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    let query = [
        ("call_party", START),
        ("calling_number", "2069735100"),
        ("resp_type", "full"),
    ];
    let answer = pbx.get(&world, &query).await.json();
    assert_eq!(answer["err"], "1");
    let message = answer["error_msg"].as_str().unwrap();
    for part in [
        "Missing required parameter: called_number",
        "Invalid calling_number",
        "Invalid resp_type",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn an_end_requires_a_carrier_account_and_a_live_call() {
    let world = World::new().await;
    let query = pair("orig_call_end", CALLING, CALLED);
    let reply = Pbx::new(&world).await.get(&world, &query).await;
    assert_refused(
        &reply,
        "6",
        "orig_call_end is available to carrier accounts only",
    );
    let reply = Pbx::carrier(&world).await.get(&world, &query).await;
    assert_refused(
        &reply,
        "7",
        "No live call for this calling_number and called_number",
    );
}

#[tokio::test]
async fn the_error_for_too_many_queries_names_the_window() {
    let world = World::new().await;
    for (limits, message) in [
        (
            Limits {
                per_minute: Some(1),
                ..Limits::default()
            },
            "Queries per minute exceeded",
        ),
        (
            Limits {
                per_day: Some(1),
                ..Limits::default()
            },
            "Queries per day exceeded",
        ),
    ] {
        let pbx = Pbx::limited(&world, limits, |_| {}).await;
        let query = [("calling_number", CALLING)];
        assert_eq!(pbx.get(&world, &query).await.json()["err"], "0");
        let reply = pbx.get(&world, &query).await;
        assert_refused(&reply, "8", message);
        let seconds = reply
            .header("retry-after")
            .and_then(|text| text.parse::<u32>().ok());
        assert!(seconds.is_some_and(|seconds| seconds > 0), "{message}");
    }
}

#[tokio::test]
async fn an_unreachable_store_is_a_temporary_failure_in_every_call() {
    let (world, proxy) = faults::world().await;
    let pbx = Pbx::carrier(&world).await;
    proxy.plan(|_| Some(Fault::Down));
    for party in [START, "orig_call_end", "terminating"] {
        let query = [
            &pair(party, CALLING, CALLED)[..],
            &[("resp_format", "json")],
        ]
        .concat();
        let reply = pbx.get(&world, &query).await;
        let answer = reply.json();
        assert_eq!(
            (reply.status, &answer["err"]),
            (503, &"9".into()),
            "{party}"
        );
        assert_eq!(answer["status"], "error", "{party}");
        assert_eq!(
            answer["error_msg"], "Temporary failure, please retry",
            "{party}"
        );
        assert!(reply.header("retry-after").is_some(), "{party}");
    }
    assert!(world.items("call").await.is_empty(), "nothing was recorded");
    proxy.heal();
    pbx.start(&world, CALLING, CALLED).await;
}

#[tokio::test]
async fn an_error_has_the_requested_form() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let basic = ["status", "err", "error_msg"];
    for (party, kind, fields) in [
        (START, "basic", basic.to_vec()),
        (START, "extended", basic.to_vec()),
        ("orig_call_end", "basic", basic.to_vec()),
        (
            "terminating",
            "basic",
            vec!["status", "err", "error_msg", "name", "spam_score"],
        ),
        (
            "terminating",
            "extended",
            [&["status"], &written::EXTENDED[..]].concat(),
        ),
    ] {
        for format in Format::ALL {
            let query = [
                ("call_party", party),
                ("resp_type", kind),
                ("resp_format", format.as_str()),
                ("called_number", CALLED),
            ];
            let reply = pbx.get(&world, &query).await;
            let case = format!("{party} {kind} {format:?}");
            assert_eq!(reply.status, 200, "{case}");
            assert_eq!(
                reply.header("content-type"),
                Some(format.media_type()),
                "{case}"
            );
            let pairs = written::pairs(format, &reply.body, &fields);
            let answer = |name: &str| {
                let pair = pairs.iter().find(|(field, _)| field == name);
                pair.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            assert_eq!(answer("status"), "error", "{case}");
            // An end by an account that is not a carrier is refused for that reason before any other.
            let err = if party == "orig_call_end" { "6" } else { "1" };
            assert_eq!(answer("err"), err, "{case}");
            assert!(!answer("error_msg").is_empty(), "{case}");
        }
    }
}

#[tokio::test]
async fn an_error_in_a_simple_form_has_the_status_error() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for party in [START, "terminating"] {
        let query = [
            ("call_party", party),
            ("resp_type", "simple"),
            ("resp_format", "json"),
        ];
        let reply = pbx.get(&world, &query).await;
        assert_eq!(
            (reply.status, reply.json()["status"].as_str()),
            (200, Some("error")),
            "{party}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_not_a_form_is_answered_with_a_documented_error() {
    let world = World::new().await;
    for (media_type, body) in [
        ("text/plain", "calling_number=1"),
        ("application/json", "{"),
        ("application/xml", "<a/>"),
    ] {
        let headers = [("content-type", media_type)];
        let reply = world
            .send("POST", "/api/v1", &headers, body.as_bytes())
            .await;
        let answer = reply.json();
        assert_eq!(
            (reply.status, &answer["status"]),
            (200, &"error".into()),
            "{media_type}"
        );
        assert_eq!(answer["err"], "5", "{media_type}");
    }
}
