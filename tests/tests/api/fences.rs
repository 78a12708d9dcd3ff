//! Fences hold: a function serves its own routes only, and a rule is held against what is acted on, however a
//! path is spelled and wherever a DID is written.

use std::cell::Cell;
use std::collections::BTreeSet;

use callbook::edge::routes;
use callbook::model::credential::{CredentialKind, Limits, NewCredential};
use callbook::model::phone::PhoneNumber;
use callbook::model::rules::{EndpointRule, NormalPath};
use callbook_local::gateway::event;
use callbook_local::template;
use callbook_tests::tld::{CID, FORM, JSON, PATH, Platform, form};
use callbook_tests::{Key, World, deliver};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// How many spellings of paths are tried.
const SPELLINGS: u32 = 10_000;

/// How many bills are tried whose DID stands in several places.
const BILLS: u32 = 2_000;

/// The DID that a fence leaves open, and one that it does not.
const OPEN: [&str; 4] = [
    "2065550100",
    "+12065550100",
    "1 (206) 555-0100",
    "12065550100",
];
const CLOSED: [&str; 4] = [
    "3105550111",
    "+13105550111",
    "(310) 555-0111",
    "13105550111",
];

/// A runner with the same cases on every machine.
fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_global_rejects: cases,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A path of every route, with methods that it has.
fn paths() -> Vec<(String, String)> {
    let routes = template::own_routes().unwrap();
    let keys = routes
        .iter()
        .filter_map(|route| route.key().split_once(' '));
    keys.map(|(method, path)| {
        let path = path
            .replace("{did}", OPEN[0])
            .replace("{cid}", "2069735101")
            .replace("{number}", "12065550100")
            .replace("{sid}", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF")
            .replace("{id}", "acme")
            .replace("{proxy+}", "a/");
        (method.to_owned(), path)
    })
    .collect()
}

/// A way up, as some server or proxy may read it.
fn up() -> impl Strategy<Value = &'static str> {
    select(vec![
        "/..",
        "/..",
        "/..",
        "/..",
        "/..",
        "/%2e%2e",
        "/.%2E",
        "%2F..",
        "%2f%2e%2e",
        "/%252e%252e",
        "%252F..",
        "/..;",
        "/..;x=1",
        "//..",
        "/./..",
        "\\..",
        "/..%00",
        "%5C..",
        "/...",
        "/%25252e.",
    ])
}

/// The other ways to write a path that is the same to some server.
fn disguise() -> impl Strategy<Value = fn(&str) -> String> {
    select(vec![
        str::to_owned as fn(&str) -> String,
        str::to_owned,
        str::to_owned,
        str::to_owned,
        str::to_owned,
        str::to_owned,
        str::to_owned,
        str::to_owned,
        |path| path.to_uppercase(),
        |path| path.replace('/', "//"),
        |path| path.replace('/', "/./"),
        |path| path.replacen('/', "%2F", 3),
        |path| path.replace("/calls/", "/calls%2f"),
        |path| path.replace('e', "%65"),
        |path| path.replace('i', "%2569"),
        |path| format!("{path};v=1"),
        |path| format!("{path}/"),
        |path| format!("{path}/."),
        |path| format!("{path}%20"),
        |path| format!("{path}%3Fx"),
        |path| format!("/{path}"),
    ])
}

/// A method and a path that begins at one of the routes and may lead to any other.
fn spellings(from: Vec<(String, String)>) -> impl Strategy<Value = (String, String)> {
    let filler = select(vec![
        "",
        "/a",
        "/a/b",
        "/2065550100",
        "//",
        "/.",
        "/%2e",
        "/a%2Fb",
    ]);
    let ways = (vec(up(), 0..10), option::weighted(0.8, select(paths())));
    (select(from), disguise(), filler, ways, disguise()).prop_map(
        |((method, from), first, filler, (ups, to), last)| {
            let to = to.map(|(_, to)| last(&to)).unwrap_or_default();
            (
                method,
                format!("{}{filler}{}{to}", first(&from), ups.concat()),
            )
        },
    )
}

fn line(world: &World) -> Value {
    serde_json::from_str(&world.last_log().unwrap()).unwrap()
}

#[test]
fn a_function_serves_no_spelling_of_anothers_path() {
    let runtime = runtime();
    let world = runtime.block_on(World::new());
    let (foreign, own) = (Cell::new(0), Cell::new(0));
    // Most ways up lead somewhere only behind a segment that may be anything.
    let mut from = paths();
    let open = from.iter().filter(|(_, path)| path.starts_with(PATH));
    let open: Vec<_> = open.cloned().collect();
    (0..4).for_each(|_| from.extend_from_slice(&open));
    let tried = runner(SPELLINGS).run(&spellings(from), |(method, path)| {
        let Ok(event) = event::from_local(&method, &path, &[], b"") else {
            return Err(TestCaseError::reject("no URL"));
        };
        let reply = runtime.block_on(deliver(&world.app, &event));
        let line = line(&world);
        let function = line["function"].as_str().unwrap();
        if function == "fallback" {
            prop_assert!(matches!(reply.status, 404 | 405), "{}", reply.status);
            return Ok(());
        }
        let owner = routes::function_of(&NormalPath::of(event["rawPath"].as_str().unwrap()));
        let count = if owner == Some(function) {
            &own
        } else {
            &foreign
        };
        count.set(count.get() + 1);
        if owner != Some(function) {
            prop_assert_eq!(line["error"].as_str(), Some("not_found"), "{}", line);
        }
        Ok(())
    });
    tried.unwrap_or_else(|failed| panic!("{failed}"));
    assert!(
        own.get() > 500 && foreign.get() > 500,
        "{own:?} {foreign:?}"
    );
}

async fn fenced(platform: &Platform, change: impl FnOnce(&mut NewCredential)) -> Key {
    let key = platform
        .world
        .credential_with(&platform.account, CredentialKind::Tld, |new| {
            new.limits = Limits::default();
            change(new);
        });
    key.await
}

fn rules(texts: &[&str]) -> Vec<EndpointRule> {
    let parsed = texts.iter().map(|text| EndpointRule::parse(text));
    parsed.map(Result::unwrap).collect()
}

#[test]
fn no_spelling_of_a_path_gets_a_bill_past_rules_for_other_endpoints() {
    let runtime = runtime();
    let platform = runtime.block_on(Platform::new());
    let keys: Vec<Key> = ["/v2/Properties", "/1.0/*", "/api/v1*", "/callbook/v1/*"]
        .into_iter()
        .map(|rule| runtime.block_on(fenced(&platform, |new| new.endpoints = rules(&[rule]))))
        .collect();
    let body = form(&[("did", OPEN[0]), ("cid", CID), ("cost", "1")]);
    let from = paths()
        .into_iter()
        .filter(|(_, path)| path.starts_with(PATH));
    let cases = (spellings(from.collect()), select(vec![0, 1, 2, 3]));
    let refused = Cell::new(0);
    let tried = runner(SPELLINGS).run(&cases, |((_, path), key)| {
        let headers = [
            ("tld-api-id", keys[key].name.as_str()),
            ("tld-api-key", &keys[key].secret),
            ("content-type", FORM),
        ];
        let Ok(event) = event::from_local("POST", &path, &headers, body.as_bytes()) else {
            return Err(TestCaseError::reject("no URL"));
        };
        let reply = runtime.block_on(deliver(&platform.world.app, &event));
        let line = line(&platform.world);
        if line["function"] == "inbound-billable" {
            prop_assert!(matches!(reply.status, 403..=405), "{}", line);
            refused.set(refused.get() + 1);
        }
        Ok(())
    });
    tried.unwrap_or_else(|failed| panic!("{failed}"));
    assert!(refused.get() > 500, "{refused:?}");
    let costs = runtime.block_on(platform.world.items("cost"));
    assert!(costs.is_empty(), "{}", costs.len());
}

/// A DID in a place, open or closed, in any notation.
fn did() -> impl Strategy<Value = Option<&'static str>> {
    option::weighted(0.6, select([OPEN, CLOSED].concat()))
}

/// A bill: its path, its query, and its body with the media type.
fn bills() -> impl Strategy<Value = (String, &'static str, String)> {
    let name = || select(vec!["did", "inbound_number", "number_dialed", "call_to"]);
    let places = (did(), (did(), name()), (did(), name()), (did(), name()));
    (places, disguise(), any::<bool>()).prop_map(
        |((path, query, first, second), spelled, form_body)| {
            let mut url = PATH.to_owned();
            if let Some(did) = path {
                let did: String = form_urlencoded::byte_serialize(did.as_bytes()).collect();
                url.push_str(&format!("/{}", did.replace('+', "%20")));
            }
            let mut url = spelled(&url);
            if let (Some(did), name) = query {
                url.push_str(&format!("?{}", form(&[(name, did)])));
            }
            let mut fields = vec![("cid", CID), ("cost", "1")];
            for (did, name) in [first, second] {
                fields.extend(did.map(|did| (name, did)));
            }
            match form_body {
                true => (url, FORM, form(&fields)),
                false => {
                    let object: serde_json::Map<_, _> = fields
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), json!(value)))
                        .collect();
                    (url, JSON, Value::Object(object).to_string())
                }
            }
        },
    )
}

#[test]
fn a_fence_of_dids_holds_wherever_the_did_is_written() {
    let runtime = runtime();
    let platform = runtime.block_on(Platform::new());
    let open = PhoneNumber::parse(OPEN[0]).unwrap();
    let keys = [
        runtime.block_on(fenced(&platform, |new| new.dids = vec![open.clone()])),
        runtime.block_on(fenced(&platform, |new| {
            new.endpoints = rules(&[&format!("{PATH}/2065550100*"), "/1.0/*"]);
        })),
        runtime.block_on(fenced(&platform, |new| {
            new.endpoints = rules(&["*/2065550100", "*/+12065550100*"]);
        })),
    ];
    let cases = (bills(), select(vec![0, 1, 2]));
    let billed = Cell::new(0);
    let tried = runner(BILLS).run(&cases, |((path, media_type, body), key)| {
        let headers = [
            ("tld-api-id", keys[key].name.as_str()),
            ("tld-api-key", &keys[key].secret),
            ("content-type", media_type),
        ];
        let Ok(event) = event::from_local("POST", &path, &headers, body.as_bytes()) else {
            return Err(TestCaseError::reject("no URL"));
        };
        let reply = runtime.block_on(deliver(&platform.world.app, &event));
        if reply.status == 200 {
            billed.set(billed.get() + 1);
        }
        Ok(())
    });
    tried.unwrap_or_else(|failed| panic!("{failed}"));
    assert!(billed.get() > 100, "{billed:?}");
    let costs = runtime.block_on(platform.world.items("cost"));
    let dids: BTreeSet<_> = costs.iter().map(|cost| cost.text("call_to")).collect();
    assert_eq!(dids, BTreeSet::from(["+12065550100".to_owned()]));
}
