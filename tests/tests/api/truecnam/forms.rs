use callbook::model::text::{ResponseFormat, ResponseType};
use callbook_tests::tld::FORM;
use callbook_tests::truecnam::{CALLED, CALLING, PATH, Pbx, pair};
use callbook_tests::written::{self, EXTENDED, Format};
use callbook_tests::{Reply, World};

const START: &str = "orig_call_start";
const END: &str = "orig_call_end";
const TERMINATING: &str = "terminating";
const TYPES: [ResponseType; 3] = [
    ResponseType::Simple,
    ResponseType::Basic,
    ResponseType::Extended,
];

/// The fields of each answer in the order of the contract.
const FIELDS: [(&str, &str, &[&str]); 9] = [
    (START, "simple", &["status"]),
    (START, "basic", &["status", "err", "error_msg"]),
    (START, "extended", &["status", "err", "error_msg"]),
    (END, "simple", &["status", "name"]),
    (END, "basic", &["status", "err", "error_msg", "name"]),
    (
        END,
        "extended",
        &["status", "err", "error_msg", "name", "extended_name"],
    ),
    (TERMINATING, "simple", &["name"]),
    (
        TERMINATING,
        "basic",
        &["err", "error_msg", "name", "spam_score"],
    ),
    (TERMINATING, "extended", &EXTENDED),
];

fn fields_of(party: &str, kind: &str) -> Vec<&'static str> {
    let row = FIELDS
        .iter()
        .find(|(p, k, _)| (*p, *k) == (party, kind))
        .expect("a row");
    row.2.to_vec()
}

/// The value of a field in every successful answer, if it is always the same.
fn value_of(party: &str, field: &str) -> Option<&'static str> {
    Some(match field {
        "status" => "ok",
        "err" => "0",
        "error_msg" | "proposed_calling_number" => "",
        "name" => "DOE, JANE",
        "extended_name" => "Doe, Jane",
        "calling_number" => CALLING,
        "called_number" => CALLED,
        "cnam_match" | "spam_score_match" => "1",
        "spam_score" => "0",
        "true_clid" if party == TERMINATING => "unknown",
        _ => return None,
    })
}

fn assert_is(reply: &Reply, party: &str, kind: &str, format: Format) {
    let case = format!("{party} {kind} {format:?}");
    assert_eq!(reply.status, 200, "{case}");
    assert_eq!(
        reply.header("content-type"),
        Some(format.media_type()),
        "{case}"
    );
    let fields = fields_of(party, kind);
    assert_eq!(
        written::names(format, &reply.body, &fields),
        fields,
        "{case}: order of the fields"
    );
    for (field, value) in fields
        .iter()
        .zip(written::values(format, &reply.body, &fields))
    {
        match value_of(party, field) {
            Some(wanted) => assert_eq!(value, wanted, "{case}: {field}"),
            None => assert!(value.parse::<u32>().is_ok(), "{case}: {field} is a number"),
        }
    }
}

/// A carrier account that knows the names of both numbers.
async fn known(world: &World, change: impl FnOnce(&mut callbook::model::account::Account)) -> Pbx {
    let pbx = Pbx::with(world, |account| {
        account.carrier = true;
        change(account);
    })
    .await;
    for number in [CALLING, CALLED] {
        pbx.name(world, number, "Doe, Jane").await;
    }
    pbx
}

#[tokio::test]
async fn every_call_answers_its_fields_in_every_type_and_format() {
    let world = World::new().await;
    let pbx = known(&world, |_| {}).await;
    for format in Format::ALL {
        for kind in TYPES.map(ResponseType::as_str) {
            for party in [START, END, TERMINATING] {
                let asked = [("resp_type", kind), ("resp_format", format.as_str())];
                let parameters = [&pair(party, CALLING, CALLED)[..], &asked].concat();
                let reply = pbx.get(&world, &parameters).await;
                assert_is(&reply, party, kind, format);
            }
        }
    }
}

#[tokio::test]
async fn err_is_a_string_and_scores_matches_and_remaining_counts_are_numbers() {
    let world = World::new().await;
    let answer = known(&world, |_| {})
        .await
        .ask(&world, CALLING, Some(CALLED))
        .await;
    let numbers = [
        "cnam_match",
        "spam_score",
        "spam_score_match",
        "queries_per_minute_remaining",
        "queries_per_day_remaining",
    ];
    for (field, value) in answer.as_object().unwrap() {
        let number = numbers.contains(&field.as_str());
        assert_eq!(
            (value.is_u64(), value.is_string()),
            (number, !number),
            "{field}"
        );
    }
}

#[tokio::test]
async fn a_query_without_a_form_is_answered_in_the_accounts_default() {
    for kind in TYPES {
        for (format, written) in [
            (ResponseFormat::Csv, Format::Csv),
            (ResponseFormat::Json, Format::Json),
            (ResponseFormat::Xml, Format::Xml),
        ] {
            let world = World::new().await;
            let pbx = known(&world, |account| {
                account.resp_type = kind;
                account.resp_format = format;
            })
            .await;
            let query = pair(TERMINATING, CALLING, CALLED);
            let reply = pbx.get(&world, &query).await;
            assert_is(&reply, TERMINATING, kind.as_str(), written);
            let other = [
                &query[..],
                &[("resp_type", "simple"), ("resp_format", "json")],
            ]
            .concat();
            let reply = pbx.get(&world, &other).await;
            assert_is(&reply, TERMINATING, "simple", Format::Json);
            let half = [&query[..], &[("resp_format", "xml")]].concat();
            let reply = pbx.get(&world, &half).await;
            assert_is(&reply, TERMINATING, kind.as_str(), Format::Xml);
        }
    }
}

#[tokio::test]
async fn a_new_account_answers_basic_json() {
    let world = World::new().await;
    let pbx = known(&world, |_| {}).await;
    let reply = pbx.get(&world, &pair(TERMINATING, CALLING, CALLED)).await;
    assert_is(&reply, TERMINATING, "basic", Format::Json);
}

#[tokio::test]
async fn an_absent_or_empty_call_party_means_terminating() {
    let world = World::new().await;
    let pbx = known(&world, |_| {}).await;
    for party in [None, Some(("call_party", ""))] {
        let mut query = vec![("calling_number", CALLING), ("called_number", CALLED)];
        query.extend(party);
        assert_is(
            &pbx.get(&world, &query).await,
            TERMINATING,
            "basic",
            Format::Json,
        );
    }
}

#[tokio::test]
async fn a_form_a_query_string_and_a_trailing_slash_are_equivalent() {
    let world = World::new().await;
    let pbx = known(&world, |_| {}).await;
    let parameters = [("resp_type", "basic"), ("resp_format", "csv")];
    let sent = pbx.encoded(&[&pair(TERMINATING, CALLING, CALLED)[..], &parameters].concat());
    let form = [("content-type", FORM)];
    for (method, path, headers, body) in [
        ("GET", format!("{PATH}?{sent}"), &[][..], ""),
        ("GET", format!("{PATH}/?{sent}"), &[], ""),
        ("POST", PATH.to_owned(), &form, sent.as_str()),
        ("POST", format!("{PATH}/"), &form, &sent),
        ("POST", format!("{PATH}?{sent}"), &[], ""),
    ] {
        let reply = world.send(method, &path, headers, body.as_bytes()).await;
        assert_is(&reply, TERMINATING, "basic", Format::Csv);
        // A query that comes again within ten seconds is for the same call.
        world.wait(11);
    }
    assert_eq!(
        world.items("call").await.len(),
        5,
        "every request was recorded"
    );
}

#[tokio::test]
async fn an_invalid_type_or_format_is_an_error_in_the_accounts_default_form() {
    let world = World::new().await;
    let pbx = known(&world, |account| {
        account.resp_type = ResponseType::Extended;
        account.resp_format = ResponseFormat::Xml;
    })
    .await;
    for wrong in [("resp_type", "full"), ("resp_format", "yaml")] {
        for (party, fields) in [
            (START, fields_of(START, "extended")),
            (
                TERMINATING,
                [vec!["status"], fields_of(TERMINATING, "extended")].concat(),
            ),
        ] {
            let query = [&pair(party, CALLING, CALLED)[..], &[wrong]].concat();
            let reply = pbx.get(&world, &query).await;
            assert_eq!(reply.status, 200, "{party} {wrong:?}");
            assert_eq!(
                reply.header("content-type"),
                Some("application/xml"),
                "{party} {wrong:?}"
            );
            let names = written::names(Format::Xml, &reply.body, &fields);
            assert_eq!(names, fields, "{party} {wrong:?}");
            let values = written::values(Format::Xml, &reply.body, &fields);
            assert_eq!(values[..2], ["error", "5"], "{party} {wrong:?}");
            assert!(
                values[2].starts_with(&format!("Invalid {}", wrong.0)),
                "{}",
                values[2]
            );
        }
    }
    assert!(world.items("call").await.is_empty(), "nothing was recorded");
}
