//! The credentials and the region that a command uses, and its errors if the store refuses a request.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::{CommandOutput, Server, callbook, run};

const DENIED: &str = "User: arn:aws:iam::123456789012:user/pat is not authorized to perform: \
                      dynamodb:Query on resource: arn:aws:dynamodb:eu-central-1:123456789012:table/ledger";

/// A DynamoDB that denies every request and records its headers.
struct DenyingStore {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl DenyingStore {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                    head.push(byte[0]);
                }
                recorded
                    .lock()
                    .unwrap()
                    .push(String::from_utf8_lossy(&head).into_owned());
                let body = format!(
                    r#"{{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"{DENIED}"}}"#
                );
                let answer = format!(
                    "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\n\
                     connection: close\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _sent = stream.write_all(answer.as_bytes());
            }
        });
        Self { url, requests }
    }

    /// Runs `account list` against it. The shared configuration has a profile; the environment has keys and a
    /// region.
    fn list(&self, more: &[&str]) -> CommandOutput {
        let home = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = home.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let config = file("config", "[profile prod]\nregion = eu-central-1\n");
        let keys = "[prod]\naws_access_key_id = AKIDPROD\naws_secret_access_key = prod\n";
        let keys = file("credentials", keys);
        let list = ["account", "list", "--table", "ledger"];
        let mut command: Command = callbook(&[&list[..], more].concat());
        run(command
            .env("AWS_ENDPOINT_URL_DYNAMODB", &self.url)
            .env("AWS_CONFIG_FILE", config)
            .env("AWS_SHARED_CREDENTIALS_FILE", keys)
            .env("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
            .env("AWS_SECRET_ACCESS_KEY", "environment")
            .env("AWS_REGION", "us-west-2"))
    }

    /// The access key and the region of the last request.
    fn signer(&self) -> (String, String) {
        let requests = self.requests.lock().unwrap();
        let (_, scope) = requests.last().unwrap().split_once("Credential=").unwrap();
        let mut parts = scope.split('/').map(str::to_owned);
        (parts.next().unwrap(), parts.nth(1).unwrap())
    }
}

fn pair(key: &str, region: &str) -> (String, String) {
    (key.to_owned(), region.to_owned())
}

#[test]
fn a_named_profile_takes_precedence_over_the_environment() {
    let store = DenyingStore::new();
    store.list(&["--profile", "prod"]);
    assert_eq!(store.signer(), pair("AKIDPROD", "eu-central-1"));
    store.list(&["--profile", "prod", "--region", "eu-north-1"]);
    assert_eq!(store.signer(), pair("AKIDPROD", "eu-north-1"));
    store.list(&[]);
    assert_eq!(store.signer(), pair("AKIDENVIRONMENT", "us-west-2"));
}

#[test]
fn a_missing_profile_is_named_and_nothing_is_sent() {
    let store = DenyingStore::new();
    let output = store.list(&["--profile", "nope"]);
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains("profile `nope`"),
        "{}",
        output.stderr
    );
    assert!(store.requests.lock().unwrap().is_empty());
}

#[test]
fn the_reason_of_an_access_denial_is_shown() {
    let output = DenyingStore::new().list(&[]);
    assert_eq!(output.code, 1);
    assert!(
        output.stderr.contains("AccessDeniedException"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains(DENIED), "{}", output.stderr);
}

#[test]
fn an_invalid_endpoint_url_is_reported() {
    let list = ["account", "list", "--table", "t"];
    let output = run(&mut callbook(
        &[&list[..], &["--endpoint-url", "nonsense"]].concat(),
    ));
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains("expected a URL"),
        "{}",
        output.stderr
    );
    let mut command = callbook(&[&list[..], &["--region", "us-east-1"]].concat());
    let output = run(command
        .env("AWS_ENDPOINT_URL_DYNAMODB", "nonsense")
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "b"));
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("endpoint"), "{}", output.stderr);
    assert!(
        !output.stderr.contains("ACCOUNTS"),
        "the error does not quote the request"
    );
}

#[test]
fn a_usage_error_does_not_list_options_that_the_environment_sets() {
    let server = Server::start(&["database", "--memory"]);
    let mut command = callbook(&["account", "show"]);
    let output = run(command
        .env("AWS_ENDPOINT_URL_DYNAMODB", &server.url)
        .env("AWS_REGION", "us-east-1")
        .env("TABLE_NAME", "callbook"));
    assert_eq!(output.code, 2);
    for option in ["--endpoint-url", "--region"] {
        assert!(!output.stderr.contains(option), "{}", output.stderr);
    }
}
