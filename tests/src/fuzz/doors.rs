//! What comes in from outside: bodies, events of the gateway, and batches of the stream. Each is answered, in
//! its dialect, and writes a log line; nothing panics, and nothing is our fault.

use std::cell::RefCell;
use std::sync::LazyLock;

use callbook::clock::Clock;
use callbook::dialect::{Answer, fonedynamics, tld, truecnam};
use callbook::edge::log::Sink;
use callbook::edge::{App, AppConfig, Function, NoStore, StorelessHandler, dispatch};
use callbook::ledger::StreamBatch;
use callbook::model::field::Field;
use callbook::model::proxies::TrustedProxies;
use callbook::model::time::Instant;
use callbook::problem::Problem;
use callbook::request::Request;
use callbook_local::gateway::event;
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::each;
use crate::documented::operations;

thread_local! {
    /// The last log line of this thread's functions.
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The functions of one process, without a store.
pub fn app() -> App<NoStore> {
    App::new(AppConfig {
        store: NoStore,
        clock: Clock::set_to(Instant::from_millis(crate::NOON)),
        sink: Sink::each(|line| LINE.with(|last| line.clone_into(&mut last.borrow_mut()))),
        deadline: None,
        stack: None,
        proxies: TrustedProxies::default(),
        demo: None,
    })
}

/// Fields of several kinds.
const FIELDS: [Field; 3] = [
    tld::field::COST,
    truecnam::field::CALLING_NUMBER,
    fonedynamics::field::CAPABILITIES,
];

/// Every reader of a request's body and parameters, of which a function uses one.
fn read_all(request: &Request) -> Result<Answer, Problem> {
    let ready = |work: Option<Result<_, Problem>>| work.expect("a body in memory is ready");
    let body = ready(request.body_parameters().now_or_never());
    let all = ready(request.parameters().now_or_never());
    let (object, rows) = (request.json_object(), request.rows_body(1_000_000));
    for field in FIELDS {
        for parameters in body.iter().chain(all.iter()).chain([request.query()]) {
            let _read = (
                parameters.value(field),
                parameters.list(field),
                parameters.unknown(&[field]).len(),
            );
        }
    }
    let _rules = (
        request.path().as_str(),
        request.source(),
        request.header("authorization"),
    );
    body?;
    object?;
    rows?;
    request.json_body()?;
    Err(Problem::NotFound)
}

const READS_ALL: Function<StorelessHandler> = Function {
    name: "fuzz",
    dialect: None,
    handler: StorelessHandler(read_all),
};

/// Hands an event to a function, and returns the answer if it is one, its line is one, and neither is our fault.
pub fn answered(
    app: &App<NoStore>,
    function: &Function<StorelessHandler>,
    event: &[u8],
) -> Result<Value, String> {
    let answer = dispatch(app, function, event, None).now_or_never();
    let answer = answer.ok_or("the answer is not ready")?;
    let answer: Value =
        serde_json::from_slice(&answer).map_err(|error| format!("the answer: {error}"))?;
    let line = LINE.with(|last| last.borrow().clone());
    let line: Value = serde_json::from_str(&line).map_err(|error| format!("the line: {error}"))?;
    match (answer["statusCode"].as_u64(), line["cause"].as_str()) {
        (Some(200..500), None) => Ok(answer),
        (status, cause) => Err(format!("{status:?}: {cause:?}")),
    }
}

/// The documented requests as events, and as what they are made of.
pub struct Documented {
    method: String,
    path: String,
    media_type: &'static str,
    body: String,
}

static REQUESTS: LazyLock<Vec<Documented>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for operation in operations() {
        let query: Vec<(&str, &str)> = operation
            .query
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let path = format!("{}?{}", operation.example_path(), crate::tld::form(&query));
        let empty = crate::documented::Body {
            media_type: "",
            text: String::new(),
        };
        let bodies = match operation.bodies.is_empty() {
            true => vec![empty],
            false => operation.bodies,
        };
        all.extend(bodies.into_iter().map(|body| Documented {
            method: operation.method.clone(),
            path: path.clone(),
            media_type: body.media_type,
            body: body.text,
        }));
    }
    all
});

static EVENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let requests = REQUESTS.iter();
    let event = requests.map(|request| {
        let headers = [
            ("content-type", request.media_type),
            ("authorization", "Basic YTpi"),
        ];
        event::from_local(
            &request.method,
            &request.path,
            &headers,
            request.body.as_bytes(),
        )
        .expect("a documented request")
        .to_string()
    });
    event.collect()
});

/// The media types that a body may be said to have, beside its own.
const MEDIA_TYPES: [&str; 10] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=edge",
    "multipart/form-data; boundary=",
    "multipart/form-data",
    "text/csv",
    "text/plain; charset=utf-16",
    "application/json; charset=latin1",
    "APPLICATION/JSON;;",
    "",
];

/// Bodies near the documented ones, of every media type, as text and in base64.
pub fn bodies(cases: u32, seed: u64) {
    let app = app();
    each((cases, seed), |dice| {
        let request = &REQUESTS[dice.below(REQUESTS.len())];
        let mut body = request.body.clone().into_bytes();
        dice.edit(&mut body, 8);
        let media_type = match dice.once_in(7) {
            true => dice.one_of(&MEDIA_TYPES),
            false => request.media_type,
        };
        let textual = dice.once_in(2);
        let mut event: Value = json!({
            "version": "2.0", "rawPath": "/v2/Properties", "rawQueryString": "",
            "headers": {"content-type": media_type},
            "requestContext": {"http": {"method": "POST", "path": "/v2/Properties", "sourceIp": "127.0.0.1"}},
        });
        let text = std::str::from_utf8(&body).ok().filter(|_| textual);
        event["isBase64Encoded"] = text.is_none().into();
        event["body"] = match text {
            Some(text) => text.into(),
            None => {
                base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &body).into()
            }
        };
        answered(&app, &READS_ALL, event.to_string().as_bytes()).map(drop)
    });
}

/// Events near those of the documented requests: other JSON, or no JSON at all.
pub fn events(cases: u32, seed: u64) {
    let app = app();
    each((cases, seed), |dice| {
        let event = dice.bytes_near(&EVENTS);
        answered(&app, &READS_ALL, &event).map(drop)
    });
}

static BATCHES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let row = |kind: &str| {
        json!({
            "pk": {"S": "A#32396530#BILLED#2026-11-21#0"}, "sk": {"S": "COST#1882469071585280986"},
            "type": {"S": kind}, "v": {"N": "1"}, "cost": {"N": "25.5"}, "date_billed": {"N": "1795262400000"},
            "entries": {"L": [{"M": {"cost_id": {"S": "1"}, "x": {"NULL": true}, "y": {"BOOL": false}}}]},
            "set": {"SS": ["a"]}, "bytes": {"B": "AA=="},
        })
    };
    let record = |kind: &str| {
        json!({
            "eventID": "1", "eventName": "MODIFY",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_262_400.5, "SequenceNumber": "100000000003",
                "Keys": {"pk": {"S": "A#1"}, "sk": {"S": "COST#1"}},
                "OldImage": row(kind), "NewImage": row(kind),
            },
        })
    };
    ["cost", "call", "pair", "adjustment", "refused_bill"]
        .map(|kind| {
            json!({"shardId": "shardId-0001", "Records": [record(kind), record("pair")]})
                .to_string()
        })
        .to_vec()
});

/// Batches near those of the table's stream.
pub fn streams(cases: u32, seed: u64) {
    each((cases, seed), |dice| {
        let event = dice.bytes_near(&BATCHES);
        if let Ok(batch) = StreamBatch::read(&event) {
            let _read = (batch.len(), batch.newest(), batch.first().map(str::len));
        }
        Ok(())
    });
}
