//! The embedded engine is its owner's: it serves who signs with its access key, and no web page.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use callbook::ledger::Ledger;
use callbook_local::engine::{ANY_REGION, Engine, Storage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn engine() -> Engine {
    Engine::start(Storage::Memory)
        .await
        .expect("the engine starts")
}

/// A client of `endpoint` that signs with any key.
fn client(endpoint: &str, id: &str, secret: &str) -> Client {
    let config = Ledger::sdk_config()
        .region(Region::new(ANY_REGION))
        .credentials_provider(Credentials::new(id, secret, None, None, "test"))
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

#[tokio::test]
async fn only_a_client_with_the_engines_key_is_served() {
    let engine = engine().await;
    let (id, secret) = (engine.key().id(), engine.key().secret());
    let other = self::engine().await;
    let list = |id: &str, secret: &str| client(&engine.endpoint(), id, secret).list_tables().send();
    let tables = list(id, secret).await.expect("its owner is served");
    assert!(tables.table_names().is_empty());
    for (id, secret) in [
        ("WRONG", "local"),
        (id, "local"),
        (id, &secret[1..]),
        ("WRONG", secret),
        (other.key().id(), other.key().secret()),
        (id, other.key().secret()),
    ] {
        let refused = list(id, secret).await.expect_err("it is not the key");
        let refused = refused.into_service_error();
        assert_eq!(refused.code(), Some("UnrecognizedClientException"));
        let message = refused.message().unwrap_or_default();
        assert!(message.contains("engine.credentials"), "{message}");
        assert!(!message.contains(id), "{message}");
    }
}

/// A request that was signed for the engine, as text.
async fn signed(engine: &Engine) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let recorder = format!("http://{}", listener.local_addr().unwrap());
    let client = client(&recorder, engine.key().id(), engine.key().secret());
    let sent = tokio::spawn(async move { client.list_tables().limit(7).send().await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"{\"Limit\":7}") {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
    }
    sent.abort();
    String::from_utf8(bytes).unwrap()
}

/// Sends bytes to the engine and returns the whole answer, in lower case.
async fn send(engine: &Engine, request: &str) -> String {
    let address = engine.endpoint().replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The engine closes the connection behind its answer.
    let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.to_ascii_lowercase()
}

#[tokio::test]
async fn a_signature_is_good_for_its_own_request_only() {
    let engine = engine().await;
    let request = signed(&engine).await;
    let answer = send(&engine, &request).await;
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let line = |name: &str| {
        let mut lines = head.lines();
        let found = lines.find(|line| line.to_ascii_lowercase().starts_with(name));
        found.expect("a header").to_owned()
    };
    let authorization = line("authorization:");
    let (signature, _) = authorization.rsplit_once('=').unwrap();
    let unsigned_target = authorization.replace(";x-amz-target", "");
    for (what, changed, status) in [
        ("another body", request.replace(":7}", ":8}"), 400),
        (
            "another verb",
            request.replace("ListTables", "DeleteTable"),
            400,
        ),
        (
            "another time",
            request.replace(&line("x-amz-date:"), "x-amz-date: 20200101T000000Z"),
            400,
        ),
        (
            "no signature",
            request.replace(&format!("{authorization}\r\n"), ""),
            400,
        ),
        (
            "an empty signature",
            request.replace(&authorization, &format!("{signature}=")),
            400,
        ),
        (
            "the verb is not signed",
            request.replace(&authorization, &unsigned_target),
            400,
        ),
        (
            "another path",
            request.replacen("POST / ", "POST /x ", 1),
            400,
        ),
        ("another method", request.replacen("POST", "PUT", 1), 400),
        (
            "another port, as if it were recorded elsewhere",
            request.replace(&line("host:"), "host: 127.0.0.1:1"),
            400,
        ),
        (
            "another host (DNS rebinding)",
            request.replace(&line("host:"), "host: evil.example"),
            403,
        ),
        (
            "a page's origin",
            request.replacen("\r\n", "\r\norigin: http://evil.example\r\n", 1),
            403,
        ),
        (
            "an opaque origin",
            request.replacen("\r\n", "\r\norigin: null\r\n", 1),
            403,
        ),
        (
            "a page's request without an origin",
            request.replacen("\r\n", "\r\nsec-fetch-site: cross-site\r\n", 1),
            403,
        ),
    ] {
        assert_ne!(changed, request, "{what}");
        let answer = send(&engine, &changed).await;
        assert!(
            answer.starts_with(&format!("http/1.1 {status}")),
            "{what}: {answer}"
        );
        assert!(!answer.contains("access-control"), "{what}: {answer}");
        assert!(!answer.contains("tablenames"), "{what}: {answer}");
    }
}

#[tokio::test]
async fn a_preflight_is_refused_and_no_answer_may_be_read_by_a_page() {
    let engine = engine().await;
    let host = engine.endpoint().replace("http://", "");
    for (method, more, status) in [
        (
            "OPTIONS",
            "origin: http://evil.example\r\naccess-control-request-method: POST\r\n\
             access-control-request-headers: authorization,x-amz-target\r\n",
            403,
        ),
        ("OPTIONS", "", 400),
        ("GET", "", 400),
        ("GET", "origin: http://evil.example\r\n", 403),
    ] {
        let request = format!("{method} / HTTP/1.1\r\nhost: {host}\r\n{more}\r\n");
        let answer = send(&engine, &request).await;
        assert!(
            answer.starts_with(&format!("http/1.1 {status}")),
            "{method}: {answer}"
        );
        assert!(!answer.contains("access-control"), "{method}: {answer}");
    }
}
