//! Receivers that behave, and receivers that do not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use crate::model::time::Instant;

use super::*;
use crate::outbound::Verdict;
use crate::tls::Connection::{Refused, Served};
use crate::tls::{Authority, Store};

fn request(url: String) -> OutboundRequest {
    OutboundRequest {
        url,
        post: true,
        headers: vec![("content-type", "application/json".to_owned())],
        body: "{}".to_owned(),
    }
}

fn local() -> Outbound {
    Outbound::trusting(RootCertStore::empty(), Addresses::PublicAndLoopback).unwrap()
}

/// Reads the head of a request and its two bytes of body.
fn read(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap() == 0 {
            break;
        }
    }
    let _body = reader.read_exact(&mut [0; 2]);
    head
}

/// A receiver that answers each connection with bytes, and then closes it.
fn receiver(answer: impl Into<Vec<u8>>) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let answer = answer.into();
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = read(&stream);
        // The client may have read enough.
        let _written = stream.write_all(&answer);
        head
    });
    (url, served)
}

#[tokio::test]
async fn an_answer_is_read_with_its_status_its_pause_and_its_beginning() {
    let (url, served) =
        receiver("HTTP/1.1 503 Busy\r\nretry-after: 17\r\ncontent-length: 5\r\n\r\nlater");
    let received = local().send(request(url)).await.unwrap();
    assert_eq!(received.status, 503);
    let now = Instant::from_millis(784_111_770_000);
    assert_eq!(received.asked_pause(now), Some(Duration::from_secs(17)));
    assert_eq!(received.beginning, b"later");
    assert_eq!(received.verdict(), Verdict::Refused);
    let head = served.join().unwrap().to_ascii_lowercase();
    for part in [
        "post /hook http/1.1",
        "user-agent: callbook-webhooks/1",
        "content-length: 2",
    ] {
        assert!(head.contains(part), "{head}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (url, served) = receiver(
        "HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    );
    let received = local().send(request(url)).await.unwrap();
    assert_eq!(received.verdict(), Verdict::Redirected);
    served.join().unwrap();
}

#[tokio::test]
async fn of_a_long_answer_only_the_beginning_is_read() {
    let long = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n{}",
        "a".repeat(99_999)
    );
    let (url, _served) = receiver(long);
    let received = local().send(request(url)).await.unwrap();
    assert_eq!(
        (received.beginning.len(), received.verdict()),
        (MOST_READ, Verdict::Taken)
    );
}

#[tokio::test]
async fn what_is_no_answer_says_why() {
    for (answer, failure) in [
        ("", SendFailure::Broken),
        ("HTTP/1.1 200", SendFailure::Broken),
        ("SMTP ready\r\n\r\n", SendFailure::Broken),
    ] {
        let (url, _served) = receiver(answer);
        assert_eq!(local().send(request(url)).await, Err(failure), "{answer}");
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let refused = local().send(request(format!("http://{address}/"))).await;
    assert_eq!(refused, Err(SendFailure::NoConnection));
    let url = "http://127.0.0.1:9/ /".to_owned();
    assert_eq!(local().send(request(url)).await, Err(SendFailure::Url));
}

#[tokio::test]
async fn a_receiver_that_hangs_is_given_up() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let hasty = local().with_patience(Duration::from_millis(50));
    assert_eq!(
        hasty.send(request(url)).await,
        Err(SendFailure::TimedOut(0))
    );
}

#[tokio::test]
async fn no_address_of_this_machine_is_asked_by_default() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    let public = Outbound::trusting(RootCertStore::empty(), Addresses::Public).unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let refused = public
            .send(request(format!("https://{host}:{port}/")))
            .await;
        assert_eq!(refused, Err(SendFailure::Address), "{host}");
    }
    assert!(listener.accept().is_err(), "nobody has connected");
}

#[tokio::test]
async fn a_certificate_has_to_be_trusted() {
    let authority = Authority::new("known");
    let store = Store::start(&authority);
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate.der().clone()).unwrap();
    let knows = Outbound::trusting(roots, Addresses::PublicAndLoopback).unwrap();
    let received = knows.send(request(store.endpoint.clone())).await.unwrap();
    assert_eq!(received.verdict(), Verdict::Taken);
    let refused = local()
        .send(request(store.endpoint.clone()))
        .await
        .unwrap_err();
    assert!(matches!(refused, SendFailure::Insecure(_)), "{refused}");
    let seen = store.connections(2);
    assert_eq!(seen, [Served, Refused]);
}
