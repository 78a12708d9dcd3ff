//! Which credentials and region a command goes by, and what it says when the store refuses it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::{Ended, Server, callbook, run};

const DENIED: &str = "User: arn:aws:iam::123456789012:user/pat is not authorized to perform: \
                      dynamodb:Query on resource: arn:aws:dynamodb:eu-central-1:123456789012:table/ledger";

/// A DynamoDB that denies everything, and writes down who asked.
struct Denying {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Denying {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                    head.push(byte[0]);
                }
                heard
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
        Self { url, asked }
    }

    /// Lists the accounts of it, with a shared configuration that has a profile, and keys and a region in
    /// the environment.
    fn list(&self, more: &[&str]) -> Ended {
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

    /// Key and region of the last request.
    fn signer(&self) -> (String, String) {
        let asked = self.asked.lock().unwrap();
        let (_, scope) = asked.last().unwrap().split_once("Credential=").unwrap();
        let mut parts = scope.split('/').map(str::to_owned);
        (parts.next().unwrap(), parts.nth(1).unwrap())
    }
}

fn pair(key: &str, region: &str) -> (String, String) {
    (key.to_owned(), region.to_owned())
}

#[test]
fn a_profile_that_is_asked_for_comes_before_the_environment() {
    let store = Denying::new();
    store.list(&["--profile", "prod"]);
    assert_eq!(store.signer(), pair("AKIDPROD", "eu-central-1"));
    store.list(&["--profile", "prod", "--region", "eu-north-1"]);
    assert_eq!(store.signer(), pair("AKIDPROD", "eu-north-1"));
    store.list(&[]);
    assert_eq!(store.signer(), pair("AKIDENVIRONMENT", "us-west-2"));
}

#[test]
fn a_profile_that_is_not_there_is_named_and_nothing_is_sent() {
    let store = Denying::new();
    let ended = store.list(&["--profile", "nope"]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("profile `nope`"), "{}", ended.err);
    assert!(store.asked.lock().unwrap().is_empty());
}

#[test]
fn what_the_store_says_about_a_denial_is_shown() {
    let ended = Denying::new().list(&[]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("AccessDeniedException"), "{}", ended.err);
    assert!(ended.err.contains(DENIED), "{}", ended.err);
}

#[test]
fn a_url_that_is_none_is_told_as_such() {
    let list = ["account", "list", "--table", "t"];
    let ended = run(&mut callbook(
        &[&list[..], &["--endpoint-url", "nonsense"]].concat(),
    ));
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("expected a URL"), "{}", ended.err);
    let mut command = callbook(&[&list[..], &["--region", "us-east-1"]].concat());
    let ended = run(command
        .env("AWS_ENDPOINT_URL_DYNAMODB", "nonsense")
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "b"));
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("endpoint"), "{}", ended.err);
    assert!(!ended.err.contains("ACCOUNTS"), "no word of the request");
}

#[test]
fn what_the_environment_sets_is_not_asked_for_in_a_usage_error() {
    let server = Server::start(&["database", "--memory"]);
    let mut command = callbook(&["account", "show"]);
    let ended = run(command
        .env("AWS_ENDPOINT_URL_DYNAMODB", &server.url)
        .env("AWS_REGION", "us-east-1")
        .env("TABLE_NAME", "callbook"));
    assert_eq!(ended.code, 2);
    for option in ["--endpoint-url", "--region"] {
        assert!(!ended.err.contains(option), "{}", ended.err);
    }
}
