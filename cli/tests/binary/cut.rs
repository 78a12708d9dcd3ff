//! Commands on a store whose answers are lost now and then, or never come.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{fs, thread};

use crate::support::{Operator, run};

/// Reads an HTTP message whose body has a length; `None` at the end of the connection.
fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let mut lines = head.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(bytes)
}

/// What becomes of a request.
enum Fate {
    Answered,
    /// Half of its answer comes.
    Cut,
    /// No answer ever comes.
    Held,
}

/// Starts a proxy in front of `url`, and returns its URL and how many requests were not answered.
fn proxy(
    url: &str,
    fate: impl Fn(&[u8]) -> Fate + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let store = url.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let (fate, lost) = (Arc::new(fate), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&lost);
    thread::spawn(move || {
        for client in listener.incoming() {
            let (Ok(mut client), Ok(mut store)) = (client, TcpStream::connect(&store)) else {
                return;
            };
            let (fate, count) = (Arc::clone(&fate), Arc::clone(&count));
            thread::spawn(move || {
                while let Some(request) = message(&mut client) {
                    let fate = fate(&request);
                    if !matches!(fate, Fate::Answered) {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                    if matches!(fate, Fate::Held) {
                        // Until the client gives up.
                        return client.read(&mut [0]).ok().map(drop);
                    }
                    store.write_all(&request).ok()?;
                    let answer = message(&mut store)?;
                    if matches!(fate, Fate::Cut) {
                        return client.write_all(&answer[..answer.len() / 2]).ok();
                    }
                    client.write_all(&answer).ok()?;
                }
                Some(())
            });
        }
    });
    (proxy, lost)
}

/// Starts a proxy that cuts one in `every` answers in the middle.
fn cutting(url: &str, every: usize) -> (String, Arc<AtomicUsize>) {
    let requests = AtomicUsize::new(1);
    proxy(url, move |_| {
        let number = requests.fetch_add(1, Ordering::Relaxed);
        match number.is_multiple_of(every) {
            true => Fate::Cut,
            false => Fate::Answered,
        }
    })
}

#[test]
fn an_import_gets_through_although_answers_are_cut_and_says_truly_what_it_recorded() {
    let operator = Operator::new("UTC");
    let rows = 400;
    let mut calls = "call_date,direction,call_from,call_to\n".to_owned();
    for n in 0..rows {
        let (hour, minute) = (n / 60, n % 60);
        let row = format!("2025-11-21T{hour:02}:{minute:02}:00Z,inbound,2069{n:06},2069735100\n");
        calls.push_str(&row);
    }
    operator.write("calls.csv", &calls);
    let (proxy, cut) = cutting(&operator.server.exports["AWS_ENDPOINT_URL_DYNAMODB"], 97);
    let import = ["import", "calls", "calls.csv", "--json", "--account"];
    let import = [&import[..], &[operator.account.as_str()]].concat();
    let first = operator
        .command(&import)
        .env("AWS_ENDPOINT_URL_DYNAMODB", &proxy)
        .output()
        .unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&first.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&first.stderr);
    assert!(first.status.success(), "{said}");
    assert!(cut.load(Ordering::Relaxed) > 3, "answers were cut");
    assert_eq!(summary["imported"], rows, "{summary}");
    let again = run(&mut operator.command(&import)).json();
    assert_eq!(
        (&again["imported"], &again["already_there"]),
        (&0.into(), &rows.into())
    );
}

/// Ctrl-C while an export waits for the store.
#[cfg(unix)]
#[test]
fn an_export_that_is_stopped_writes_nothing_and_says_how_to_go_on() {
    let operator = Operator::new("UTC");
    let is_query = |request: &[u8]| {
        let request = String::from_utf8_lossy(request).to_ascii_lowercase();
        request.contains("dynamodb_20120810.query")
    };
    let (store, held) = proxy(
        &operator.server.exports["AWS_ENDPOINT_URL_DYNAMODB"],
        move |request| match is_query(request) {
            true => Fate::Held,
            false => Fate::Answered,
        },
    );
    let files = operator.folder.path();
    // Costs are sought from the day of the account to today.
    let month = ["--from", "2026-02-01", "--to", "2026-02-28"];
    for (command, file) in [
        ("calls", Some("calls.csv")),
        ("costs", Some("costs.csv")),
        ("calls", None),
    ] {
        let mut export = vec!["export", command, "--account", &operator.account];
        export.extend(month.iter().filter(|_| command == "calls"));
        export.extend(file.iter().flat_map(|file| ["--output", file]));
        held.store(0, Ordering::Relaxed);
        let mut child = operator
            .command(&export)
            .env("AWS_ENDPOINT_URL_DYNAMODB", &store)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while held.load(Ordering::Relaxed) == 0 {
            assert_eq!(child.try_wait().unwrap(), None, "it ended before it began");
            thread::sleep(Duration::from_millis(10));
        }
        let process = child.id().to_string();
        let kill = Command::new("kill").args(["-INT", &process]).status();
        assert!(kill.unwrap().success());
        let stopped = child.wait_with_output().unwrap();
        let said = String::from_utf8(stopped.stderr).unwrap();
        assert_eq!(stopped.status.code(), Some(130), "{command}: {said}");
        assert!(stopped.stdout.is_empty());
        match file {
            Some(file) => {
                assert!(said.contains(&format!("{file} is not written")), "{said}");
                assert!(said.contains("Run the same\ncommand again"), "{said}");
                assert_eq!(fs::read_dir(files).unwrap().count(), 0, "no file is left");
                assert_eq!(operator.run(&export).code, 0);
                fs::remove_file(files.join(file)).unwrap();
            }
            None => assert!(said.contains("Run the same command again"), "{said}"),
        }
    }
}
