//! What all answers of the dialect have in common, whatever the encoding of the request.

use callbook_tests::faults;
use callbook_tests::teletracker::{
    self, Desk, LOGIN, RAPID, REFRESH, assert_refused, basic, encodings, good,
};
use callbook_tests::tld::{FORM, JSON, form};
use serde_json::json;

const PATHS: [&str; 3] = [RAPID, LOGIN, REFRESH];

#[tokio::test]
async fn the_three_encodings_are_equivalent() {
    for at in 0..3 {
        let desk = Desk::new().await;
        let send = async |path: &str, parameters: &[(&str, &str)]| {
            let (media, body) = &encodings(parameters)[at];
            let headers = [
                ("content-type", media.as_str()),
                ("authorization", &basic(&desk.user)),
            ];
            let reply = desk
                .world
                .send("POST", path, &headers, body.as_bytes())
                .await;
            assert_eq!(reply.status, 200, "{path} by {media}: {}", reply.body);
            assert_eq!(reply.header("content-type"), Some("application/json"));
            let answer = reply.json();
            assert_eq!(answer["success"], true, "{path} by {media}");
            assert_eq!(answer["guid"].as_str(), reply.header("x-request-guid"));
            answer
        };
        let answer = send(RAPID, &good()).await;
        assert_eq!(answer["result"]["lead_numtocall"], "+12069735100");
        let login = [
            ("username", desk.user.name.as_str()),
            ("password", &desk.user.secret),
        ];
        let tokens = send(LOGIN, &login).await;
        let refresh = tokens["refreshToken"].as_str().unwrap();
        send(REFRESH, &[("refresh_token", refresh)]).await;
    }
}

#[tokio::test]
async fn json_numbers_are_accepted_for_numeric_parameters() {
    let desk = Desk::new().await;
    teletracker::add_process(&desk.world, &desk.account, 77).await;
    let body = json!({
        "callee": 2_069_735_100_u64, "whisper_text": "x", "callprocess_id": 77,
        "account_id": desk.account_id().parse::<u64>().unwrap(),
    });
    let headers = [
        ("content-type", JSON),
        ("authorization", &basic(&desk.user)),
    ];
    let body = body.to_string();
    let reply = desk
        .world
        .send("POST", RAPID, &headers, body.as_bytes())
        .await;
    assert_eq!(
        reply.json()["result"]["callprocess_id"],
        77,
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn parameters_can_be_in_the_query_string_and_the_body_takes_precedence() {
    let desk = Desk::new().await;
    let authorization = ("authorization", &*basic(&desk.user));
    let query = form(&[("callee", "2069735101"), ("whisper_text", "from the query")]);
    let path = format!("{RAPID}?{query}");
    let reply = desk.world.send("POST", &path, &[authorization], b"").await;
    let result = &reply.json()["result"];
    assert_eq!(result["lead_numtocall"], "+12069735101", "{}", reply.body);
    assert_eq!(result["whisper_text"], "from the query");

    let headers = [authorization, ("content-type", FORM)];
    let body = form(&[("callee", "2069735102")]);
    let reply = desk
        .world
        .send("POST", &path, &headers, body.as_bytes())
        .await;
    let result = &reply.json()["result"];
    assert_eq!(result["lead_numtocall"], "+12069735102", "{}", reply.body);
    assert_eq!(result["whisper_text"], "from the query");

    let login = form(&[
        ("username", &desk.user.name),
        ("password", &desk.user.secret),
    ]);
    let reply = desk
        .world
        .send("POST", &format!("{LOGIN}?{login}"), &[], b"")
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn a_body_of_another_or_no_media_type_is_refused_unless_it_is_empty() {
    let desk = Desk::new().await;
    let authorization = basic(&desk.user);
    for path in PATHS {
        for media in ["text/plain", "application/xml", "application/jsonp", ""] {
            let mut headers = vec![("authorization", authorization.as_str())];
            if !media.is_empty() {
                headers.push(("content-type", media));
            }
            let reply = desk.world.send("POST", path, &headers, b"a=b").await;
            assert_refused(
                &reply,
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                &format!("{path} {media}"),
            );
            let reply = desk.world.send("POST", path, &headers, b"").await;
            assert_refused(
                &reply,
                400,
                "MISSING_REQUIRED_PARAMS",
                &format!("{path} {media}"),
            );
        }
    }
}

#[tokio::test]
async fn an_unreadable_body_is_refused_without_a_store_request() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    let authorization = basic(&desk.user);
    for path in PATHS {
        for (media, body) in [
            (JSON, "{\"callee\":"),
            (JSON, "[]"),
            (JSON, "\"text\""),
            ("multipart/form-data", "--edge--"),
            (
                "multipart/form-data; boundary=edge",
                "--edge\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb",
            ),
        ] {
            let headers = [("content-type", media), ("authorization", &authorization)];
            let reply = desk
                .world
                .send("POST", path, &headers, body.as_bytes())
                .await;
            assert_refused(
                &reply,
                400,
                "MALFORMED_BODY",
                &format!("{path} {media}: {body}"),
            );
        }
        let large = format!("a={}", "x".repeat(300_000));
        let headers = [("content-type", FORM), ("authorization", &authorization)];
        let reply = desk
            .world
            .send("POST", path, &headers, large.as_bytes())
            .await;
        assert_refused(&reply, 413, "BODY_TOO_LARGE", path);
    }
    assert!(proxy.seen().is_empty(), "the store was asked");
}

#[tokio::test]
async fn a_path_accepts_a_trailing_slash_and_one_method() {
    let desk = Desk::new().await;
    for path in PATHS {
        for slash in ["", "/"] {
            let path = format!("{path}{slash}");
            for method in ["GET", "PUT", "DELETE", "PATCH"] {
                let reply = desk.world.send(method, &path, &[], b"").await;
                assert_refused(
                    &reply,
                    405,
                    "METHOD_NOT_ALLOWED",
                    &format!("{method} {path}"),
                );
                assert_eq!(reply.header("allow"), Some("POST"), "{method} {path}");
            }
        }
    }
    let authorization = basic(&desk.user);
    let reply = teletracker::post(
        &desk.world.app,
        "/voice/rapidresponse/",
        &authorization,
        &good(),
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for path in [
        "/voice",
        "/voice/other",
        "/auth",
        "/auth/login/2",
        "/auth/logout",
    ] {
        let reply = desk.world.send("POST", path, &[], b"").await;
        assert_refused(&reply, 404, "NOT_FOUND", path);
    }
}

#[tokio::test]
async fn every_request_has_its_own_guid_in_its_answer_and_log_line() {
    let desk = Desk::new().await;
    let mut guids = std::collections::BTreeSet::new();
    for path in PATHS {
        let reply = desk.world.send("POST", path, &[], b"").await;
        let guid = reply.json()["guid"].as_str().unwrap().to_owned();
        let line: serde_json::Value =
            serde_json::from_str(desk.world.logs().last().unwrap()).unwrap();
        assert_eq!(line["guid"], json!(guid), "{path}");
        assert!(guids.insert(guid), "{path}");
    }
}

#[tokio::test]
async fn a_log_line_names_the_credential_and_the_request_but_no_secret_and_no_number() {
    let desk = Desk::new().await;
    let session = desk.login().await;
    let reply = desk.respond_as(&session.bearer(), &good()).await;
    assert_eq!(reply.status, 200);
    let renewed = teletracker::Session::of(&desk.refresh(&session.refresh_token).await);
    let again = desk.refresh(&session.refresh_token).await;
    assert_refused(&again, 401, "UNAUTHENTICATED", "used twice");
    // Secrets in the wrong place must not be logged either.
    desk.respond(&[
        ("token", &renewed.token),
        ("account_id", &renewed.refresh_token),
    ])
    .await;

    let logs = desk.world.logs();
    assert_eq!(logs.len(), 5);
    let secrets = [
        &session.token,
        &session.refresh_token,
        &renewed.token,
        &renewed.refresh_token,
        &desk.user.secret,
        &teletracker::pair(&desk.user.name, &desk.user.secret),
        &"9735100".to_owned(),
        &"call back".to_owned(),
    ];
    for (at, line) in logs.iter().enumerate() {
        for (which, secret) in secrets.iter().enumerate() {
            assert!(
                !line.contains(secret.as_str()),
                "line {at} has secret {which}"
            );
        }
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            line["credential_id"],
            json!(desk.user.credential.id.as_str()),
            "line {at}"
        );
        assert_eq!(line["account_id"], json!(desk.account_id()), "line {at}");
        assert_eq!(line["dialect"], "teletracker", "line {at}");
    }
}

#[tokio::test]
async fn a_plus_that_was_not_encoded_is_read_as_a_plus() {
    let desk = Desk::new().await;
    let authorization = basic(&desk.user);
    let queued = async |query: &str, media: &str, body: &str| {
        let headers = [("authorization", &*authorization), ("content-type", media)];
        let path = format!("{RAPID}?{query}");
        let reply = desk
            .world
            .send("POST", &path, &headers, body.as_bytes())
            .await;
        desk.world.wait(3_600);
        reply.json()["result"]["lead_numtocall"].clone()
    };
    // Without the plus, the first three could be read as American numbers.
    for (callee, e164) in [
        ("+3225551234", "+3225551234"),
        ("+4723456789", "+4723456789"),
        ("+2069735100", "+2069735100"),
        ("+12069735100", "+12069735100"),
        ("+1+(206)+973-5100", "+12069735100"),
        ("2069735100", "+12069735100"),
        ("%202069735100", "+12069735100"),
    ] {
        for sent in [callee.to_owned(), callee.replacen('+', "%2B", 1)] {
            let fields = format!("whisper_text=+x&callee={sent}");
            assert_eq!(queued("", FORM, &fields).await, e164, "{sent} in a form");
            assert_eq!(queued(&fields, FORM, "").await, e164, "{sent} in the query");
        }
    }
    let body = json!({"callee": " 2069735100", "whisper_text": "x"}).to_string();
    let padded = queued("", JSON, &body).await;
    assert_eq!(padded, "+12069735100", "a space in JSON is not a plus");
}
