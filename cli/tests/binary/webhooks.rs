//! Webhooks from the command line: a running ledger tells a receiver on this machine, also after it was killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{CommandOutput, Server, callbook, post, run};

/// How long a delivery may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a receiver, which sends on the head and the body of each request that it takes.
fn receiver() -> (String, Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (taken, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut text = String::new();
            while !text.ends_with("\r\n\r\n") {
                if reader.read_line(&mut text).unwrap_or(0) == 0 {
                    break;
                }
            }
            let lower = text.to_ascii_lowercase();
            let length = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |digits| digits.parse().unwrap());
            let mut body = vec![0; length];
            if reader.read_exact(&mut body).is_err() {
                continue;
            }
            text.push_str(&String::from_utf8_lossy(&body));
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            drop(reader.get_mut().write_all(answer));
            // The test is over if nobody listens.
            drop(taken.send(text));
        }
    });
    (url, requests)
}

/// A running ledger in a folder, with its demo account.
struct Local {
    server: Server,
    demo: Value,
}

impl Local {
    fn start(folder: &tempfile::TempDir) -> Self {
        let file = folder.path().join("demo.json");
        let data = folder.path().join("data");
        let arguments = [
            "local",
            "--loopback-webhooks",
            "--data",
            data.to_str().unwrap(),
            "--credentials",
            file.to_str().unwrap(),
        ];
        let server = Server::start(&arguments);
        let demo = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        Self { server, demo }
    }

    fn webhook(&self, command: &[&str]) -> CommandOutput {
        let account = self.demo["account"]["account_id"].as_str().unwrap();
        let arguments = [&["webhook"], command, &["--account", account]].concat();
        run(callbook(&arguments).envs(&self.server.exports))
    }

    /// Queues a callee by a rapid response.
    fn queue(&self, callee: &str) {
        let text = |name: &str| self.demo["user"][name].as_str().unwrap();
        let user = format!("{}:{}", text("username"), text("password"));
        let basic = format!("Basic {}", STANDARD.encode(user));
        let headers = [
            ("authorization", basic.as_str()),
            ("content-type", "application/json"),
        ];
        let body = json!({"callee": callee, "whisper_text": "Hello & welcome"}).to_string();
        let reply = post(&self.server.url, "/voice/rapidresponse", &headers, &body);
        assert_eq!(reply.expect("an answer").status, 200);
    }
}

#[test]
fn a_dialer_is_told_of_callees_also_by_a_ledger_that_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut local = Local::start(&folder);
    let (url, requests) = receiver();
    let plain = format!("{url}?phone=[callee]&text=[whisper_text]");
    let create = [
        "create",
        &plain,
        "--format",
        "plain",
        "--event",
        "rapidresponse.queued",
    ];
    let refused = local.webhook(&create);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("https://"), "{}", refused.stderr);
    let made = local
        .webhook(&[&create[..], &["--loopback"]].concat())
        .json();
    let id = made["id"].as_str().unwrap().to_owned();
    local.queue("2065550101");
    let told = requests.recv_timeout(PATIENCE).unwrap();
    let line = "GET /hook?phone=%2B12065550101&text=Hello%20%26%20welcome HTTP/1.1";
    assert!(told.starts_with(line), "{told}");

    local.queue("2065550102");
    local.server.kill();
    let local = Local::start(&folder);
    local.queue("2065550103");
    let mut told = String::new();
    while !(told.contains("12065550102") && told.contains("12065550103")) {
        told.push_str(&requests.recv_timeout(PATIENCE).unwrap());
    }
    let table = local.webhook(&["deliveries", &id]).stdout;
    assert!(table.contains("rapidresponse.queued"), "{table}");
}

#[test]
fn a_webhook_is_managed_by_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(&folder);
    let none = local.webhook(&["list"]);
    assert!(none.stderr.contains("no webhooks"), "{}", none.stderr);
    let (url, requests) = receiver();
    let made = local.webhook(&["create", &url, "--loopback"]).json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let id = made["id"].as_str().unwrap();
    let rotated = local
        .webhook(&["rotate", id, "--overlap-hours", "1"])
        .json();
    assert_ne!(rotated["secret"], made["secret"]);
    assert_eq!(local.webhook(&["test", id]).code, 0);
    let told = requests.recv_timeout(PATIENCE).unwrap();
    assert!(told.contains("webhook.test"), "{told}");
    assert_eq!(told.matches("v1,").count(), 2, "both secrets sign: {told}");
    let table = local.webhook(&["list"]).stdout;
    assert!(table.contains(id) && !table.contains("whsec_"), "{table}");
    let deliveries = local.webhook(&["deliveries", id, "--json"]).json();
    let delivery = deliveries["deliveries"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(local.webhook(&["resend", &delivery]).code, 0);
    let again = requests.recv_timeout(PATIENCE).unwrap();
    let id_of = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("webhook-id"))
            .unwrap()
            .to_owned()
    };
    assert_eq!(id_of(&told), id_of(&again));
    let off = local
        .webhook(&["update", id, "--status", "disabled"])
        .json();
    assert_eq!(off["disabled_reason"], "asked");
    let refused = local.webhook(&["test", id]);
    assert!(refused.stderr.contains("disabled"), "{}", refused.stderr);
    for (arguments, code, text) in [
        (&["update", id][..], 1, "nothing to change"),
        (&["create", "https://10.0.0.1/"], 1, "private"),
        (
            &["create", "https://example.com/?a=[callee]"],
            1,
            "format plain",
        ),
        (
            &["create", "https://example.com/", "--event", "call.lost"],
            2,
            "type of events",
        ),
        (&["delete", "we_0000000000000000"], 1, "no webhook"),
        (&["delete", "7"], 2, "we_ and 16 hex digits"),
    ] {
        let refused = local.webhook(arguments);
        assert_eq!(refused.code, code, "{}", refused.stderr);
        assert!(refused.stderr.contains(text), "{}", refused.stderr);
    }
    assert_eq!(local.webhook(&["delete", id]).code, 0);
    assert!(local.webhook(&["list"]).stderr.contains("no webhooks"));
}
