//! Commands on a store whose answers are lost now and then.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

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

/// Starts a proxy in front of `url` that cuts one in `every` answers in the middle, and returns its URL and the
/// number of cut answers.
fn cutting(url: &str, every: usize) -> (String, Arc<AtomicUsize>) {
    let store = url.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let (answers, cut) = (Arc::new(AtomicUsize::new(1)), Arc::new(AtomicUsize::new(0)));
    let cuts = Arc::clone(&cut);
    thread::spawn(move || {
        for client in listener.incoming() {
            let (Ok(mut client), Ok(mut store)) = (client, TcpStream::connect(&store)) else {
                return;
            };
            let (answers, cuts) = (Arc::clone(&answers), Arc::clone(&cuts));
            thread::spawn(move || {
                while let Some(request) = message(&mut client) {
                    store.write_all(&request).ok()?;
                    let answer = message(&mut store)?;
                    let number = answers.fetch_add(1, Ordering::Relaxed);
                    if number.is_multiple_of(every) {
                        cuts.fetch_add(1, Ordering::Relaxed);
                        return client.write_all(&answer[..answer.len() / 2]).ok();
                    }
                    client.write_all(&answer).ok()?;
                }
                Some(())
            });
        }
    });
    (proxy, cut)
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
