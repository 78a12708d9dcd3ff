//! An answered request survives a kill of `callbook local`.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, mpsc};
use std::thread;

use crate::support::{Reply, Server, post};
use serde_json::Value;

const VENDORS: usize = 8;
/// The process is killed after this many answers, while the vendors keep sending.
const ANSWERS_BEFORE_KILL: usize = 60;

/// A bill and its answer, if there was one.
struct Sent {
    key: String,
    body: String,
    answer: Option<String>,
}

fn start(data: &Path, credentials: &Path) -> (Server, Value) {
    let server = Server::start(&[
        "local",
        "--data",
        data.to_str().unwrap(),
        "--credentials",
        credentials.to_str().unwrap(),
    ]);
    let mut demo: Value = serde_json::from_slice(&fs::read(credentials).unwrap()).unwrap();
    let base_url = demo.as_object_mut().unwrap().remove("base_url");
    assert_eq!(base_url, Some(Value::String(server.url.clone())));
    (server, demo)
}

fn bill(url: &str, demo: &Value, key: &str, body: &str) -> Option<Reply> {
    let tld = |name: &str| demo["tld"][name].as_str().unwrap().to_owned();
    let headers = [
        ("tld-api-id", &*tld("api_id")),
        ("tld-api-key", &*tld("api_key")),
        ("content-type", "application/x-www-form-urlencoded"),
        ("idempotency-key", key),
    ];
    post(url, "/api/ingress/calls/inbound/billable", &headers, body)
}

/// Sends one bill after another and reports each, until one is not answered.
fn send_bills(number: usize, url: &str, demo: &Value, report: &mpsc::Sender<Sent>) {
    for turn in 0.. {
        let key = format!("vendor-{number}-{turn}");
        let body = format!(
            "did=8005550100&cid=2069735100&cost={number}.{:02}",
            turn % 100
        );
        let reply = bill(url, demo, &key, &body);
        let lost = reply.is_none();
        let answer = reply.map(|reply| {
            assert_eq!(reply.status, 200, "{}", reply.body);
            reply.body
        });
        report.send(Sent { key, body, answer }).unwrap();
        if lost {
            return;
        }
    }
}

#[test]
fn a_bill_answered_before_a_kill_is_recorded_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (data, credentials) = (
        folder.path().join("data"),
        folder.path().join("credentials.json"),
    );
    let (mut server, demo) = start(&data, &credentials);

    let (report, reports) = mpsc::channel();
    let mut sent: Vec<Sent> = thread::scope(|scope| {
        for number in 0..VENDORS {
            let (report, url, demo) = (report.clone(), server.url.clone(), &demo);
            scope.spawn(move || send_bills(number, &url, demo, &report));
        }
        drop(report);
        let sent: Vec<Sent> = reports.iter().take(ANSWERS_BEFORE_KILL).collect();
        server.kill();
        sent
    });
    sent.extend(reports.iter());
    let (answered, lost): (Vec<_>, Vec<_>) = sent.iter().partition(|bill| bill.answer.is_some());
    assert!(
        answered.len() >= ANSWERS_BEFORE_KILL,
        "{} answers",
        answered.len()
    );
    assert_eq!(lost.len(), VENDORS, "every vendor lost one answer");

    let (server, again) = start(&data, &credentials);
    assert_eq!(
        again, demo,
        "the demo credentials are those of the first start"
    );
    for one in answered {
        let reply = bill(&server.url, &demo, &one.key, &one.body).expect("an answer");
        assert_eq!(reply.status, 200, "{}", one.key);
        assert_eq!(Some(&reply.body), one.answer.as_ref(), "{}", one.key);
        assert_eq!(
            reply.header("idempotent-replayed"),
            Some("true"),
            "{}",
            one.key
        );
    }
    for one in lost {
        let first = bill(&server.url, &demo, &one.key, &one.body).expect("an answer");
        let second = bill(&server.url, &demo, &one.key, &one.body).expect("an answer");
        assert_eq!((first.status, second.status), (200, 200), "{}", one.key);
        assert_eq!(first.body, second.body, "{}: recorded once", one.key);
    }
}

#[cfg(unix)]
#[test]
fn the_folder_of_a_killed_run_in_memory_is_removed_by_the_next_one() {
    let arguments = ["local", "--memory"];
    let folders = |server: &Server| fs::read_dir(server.temporary.path()).unwrap().count();
    let mut first = Server::start(&arguments);
    let temporary = Arc::clone(&first.temporary);
    assert_eq!(folders(&first), 1);
    let second = Server::start_in(&arguments, Stdio::null(), Arc::clone(&temporary));
    assert_eq!(folders(&second), 2, "both run");
    first.kill();
    let mut third = Server::start_in(&arguments, Stdio::null(), temporary);
    assert_eq!(folders(&third), 2, "the first one was killed");
    third.signal("TERM");
    assert_eq!(folders(&second), 1);
}

#[test]
fn data_in_memory_is_lost_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials.json");
    let run = || {
        let arguments = [
            "local",
            "--memory",
            "--credentials",
            credentials.to_str().unwrap(),
        ];
        let _server = Server::start(&arguments);
        let text = fs::read_to_string(&credentials).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["tld"].clone()
    };
    assert_ne!(run(), run());
}
