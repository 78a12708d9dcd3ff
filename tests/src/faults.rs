//! A store that misbehaves: a proxy in front of the engine that breaks requests by plan and writes down
//! what it saw.
//!
//! The engine itself never throttles and never loses an answer; DynamoDB and the network do both.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use callbook_local::engine::{self, AccessKey, Engine, Storage, TABLE};
use callbook_local::template;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, block_in_place};

use crate::World;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The store does as it is asked, and the connection breaks before its answer is through.
    LoseAnswer,
    /// The store does as it is asked, and its answer has a body that is no JSON.
    Garble,
    /// The store does as it is asked, and the connection breaks in the middle of its answer.
    CutAnswer,
    /// The store does as it is asked, and its answer comes after those of requests that came later.
    Slow,
    /// The store is too busy: nothing is done.
    Throttle,
    /// Another transaction holds an item: nothing is done.
    Conflict,
    /// Nobody is there: nothing is done.
    Down,
    /// It never says anything: nothing is done.
    Hang,
}

/// How much later a slow answer comes.
const SLOW: Duration = Duration::from_millis(30);

/// A request that came to the store.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its place among the requests since the plan was made, from 0.
    pub number: usize,
    /// Which of the client's attempts at it this is, from 1.
    pub attempt: u32,
    /// What was asked for, such as `GetItem`.
    pub verb: String,
    /// The request itself.
    pub body: Value,
}

type Plan = Box<dyn Fn(&Seen) -> Option<Fault> + Send>;

struct State {
    plan: Plan,
    seen: Vec<Seen>,
    forgetful: bool,
    connections: Vec<JoinHandle<()>>,
}

/// The proxy; it ends with the runtime that it was started in.
pub struct Proxy {
    address: SocketAddr,
    key: AccessKey,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Starts in front of `engine`; nothing goes wrong until [`Proxy::plan`].
    pub async fn start(engine: &Engine) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let upstream = engine.endpoint().trim_start_matches("http://").to_owned();
        let state = State {
            plan: Box::new(|_| None),
            seen: Vec::new(),
            forgetful: false,
            connections: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let key = engine.key().clone();
        let signer = key.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let work = relay(
                    client,
                    upstream.clone(),
                    Arc::clone(&shared),
                    signer.clone(),
                );
                let relay = tokio::spawn(async move {
                    // It ends when either side does.
                    let _end = work.await;
                });
                shared.lock().unwrap().connections.push(relay);
            }
        });
        Self {
            address,
            key,
            state,
        }
    }

    /// A client of the store behind the proxy.
    #[must_use]
    pub fn client(&self) -> Client {
        engine::client(&self.endpoint(), &self.key)
    }

    /// The access key of the engine behind the proxy.
    #[must_use]
    pub fn key(&self) -> &AccessKey {
        &self.key
    }

    /// The proxy's URL.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were opened since the proxy started.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections.len()
    }

    /// Closes every connection, and returns when they are closed. It blocks the thread, so the proxy must
    /// run in another runtime than the caller, and the caller's connections learn nothing of it meanwhile.
    pub fn hang_up(&self) {
        let is_open = |relay: &JoinHandle<()>| {
            relay.abort();
            !relay.is_finished()
        };
        while self.state.lock().unwrap().connections.iter().any(is_open) {
            std::thread::yield_now();
        }
    }

    /// Decides from now on what goes wrong with each request, and begins a new list of them.
    pub fn plan(&self, plan: impl Fn(&Seen) -> Option<Fault> + Send + 'static) {
        let mut state = self.state.lock().unwrap();
        state.plan = Box::new(plan);
        state.seen.clear();
    }

    /// Of a hundred requests 5 lose their answer, 5 are slow, and 2 have an unreadable answer, from now on.
    pub fn break_answers(&self) {
        self.plan(|seen| match (seen.number % 20, seen.number % 100) {
            (7, _) => Some(Fault::LoseAnswer),
            (13, _) => Some(Fault::Slow),
            (_, 31) => Some(Fault::Garble),
            (_, 71) => Some(Fault::CutAnswer),
            _ => None,
        });
    }

    /// Nothing goes wrong from now on, and a new list begins.
    pub fn heal(&self) {
        self.plan(|_| None);
    }

    /// Somebody is faster: does `work`, which must not ask by this proxy, when the next request of that verb
    /// has come and before the store sees it. Begins a new list. Needs a runtime of several threads.
    pub fn before_next(&self, verb: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let work: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>> =
            Mutex::new(Some(Box::pin(work)));
        self.plan(move |seen| {
            if seen.verb == verb
                && let Some(work) = work.lock().unwrap().take()
            {
                block_in_place(|| Handle::current().block_on(work));
            }
            None
        });
    }

    /// Takes the tokens off transactions, as a store does that has forgotten them.
    pub fn forget_tokens(&self) {
        self.state.lock().unwrap().forgetful = true;
    }

    /// Every request since the plan was made.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    /// How often each verb was asked for since the plan was made.
    #[must_use]
    pub fn verbs(&self) -> BTreeMap<String, usize> {
        let mut verbs = BTreeMap::new();
        for seen in &self.state.lock().unwrap().seen {
            *verbs.entry(seen.verb.clone()).or_default() += 1;
        }
        verbs
    }
}

/// A new deployment whose functions reach the store through a proxy; the test's own look at the store
/// does not.
pub async fn world() -> (World, Proxy) {
    let engine = Engine::start(Storage::Memory)
        .await
        .expect("the engine starts");
    template::create_table(&engine.client(), TABLE)
        .await
        .expect("the table is made");
    let proxy = Proxy::start(&engine).await;
    let client = proxy.client();
    (World::on(engine, client), proxy)
}

/// As [`world`], but the store and the proxy run in a runtime of their own, which outlives the test.
///
/// # Panics
/// The runtime cannot be started.
#[must_use]
pub fn world_elsewhere() -> (World, Proxy) {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            send.send(world().await).expect("the test waits");
            std::future::pending::<()>().await;
        });
    });
    receive.recv().expect("a world")
}

/// One connection: request by request, until either side or a fault ends it.
async fn relay(
    mut client: TcpStream,
    upstream: String,
    state: Arc<Mutex<State>>,
    key: AccessKey,
) -> Option<()> {
    let mut store: Option<TcpStream> = None;
    loop {
        let Message { head, body } = Message::read(&mut client).await?;
        let target = header(&head, "x-amz-target").unwrap_or_default();
        let verb = target.rsplit('.').next().unwrap_or_default().to_owned();
        // `attempt=2; max=4`
        let attempt = header(&head, "amz-sdk-request").and_then(|text| {
            text.split(';')
                .find_map(|part| part.trim().strip_prefix("attempt=")?.parse().ok())
        });
        let mut request: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (fault, forgetful) = {
            let mut state = state.lock().unwrap();
            let seen = Seen {
                number: state.seen.len(),
                attempt: attempt.unwrap_or(1),
                verb,
                body: request.clone(),
            };
            let fault = (state.plan)(&seen);
            state.seen.push(seen);
            (fault, state.forgetful)
        };
        match fault {
            Some(Fault::Down) => return None,
            Some(Fault::Hang) => std::future::pending::<()>().await,
            Some(Fault::Throttle) => {
                let kind =
                    "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
                client
                    .write_all(&refusal(&json!({"__type": kind, "message": "slow down"})))
                    .await
                    .ok()?;
                continue;
            }
            Some(Fault::Conflict) => {
                client.write_all(&refusal(&conflict(&request))).await.ok()?;
                continue;
            }
            Some(Fault::LoseAnswer | Fault::Garble | Fault::CutAnswer | Fault::Slow) | None => {}
        }
        let token = request.as_object_mut().filter(|_| forgetful);
        let (head, body) = match token.and_then(|object| object.remove("ClientRequestToken")) {
            Some(_) => {
                let body = serde_json::to_vec(&request).ok()?;
                (resigned(&head, &body, &key)?, body)
            }
            None => (head, body),
        };
        if store.is_none() {
            store = Some(TcpStream::connect(&upstream).await.ok()?);
        }
        let store = store.as_mut()?;
        store
            .write_all(&Message { head, body }.to_bytes())
            .await
            .ok()?;
        let mut answer = Message::read(store).await?;
        match fault {
            Some(Fault::LoseAnswer) => return None,
            Some(Fault::CutAnswer) => {
                let bytes = answer.to_bytes();
                let half = bytes.len() - answer.body.len().div_ceil(2);
                client.write_all(&bytes[..half]).await.ok()?;
                return None;
            }
            Some(Fault::Garble) => answer.body = b"<html>".to_vec(),
            Some(Fault::Slow) => tokio::time::sleep(SLOW).await,
            _ => {}
        }
        client.write_all(&answer.to_bytes()).await.ok()?;
    }
}

/// The head of a request with another body, signed anew.
fn resigned(head: &str, body: &[u8], key: &AccessKey) -> Option<String> {
    let mut lines = head.split("\r\n");
    let (method, rest) = lines.next()?.split_once(' ')?;
    let mut request = http::Request::builder()
        .method(method)
        .uri(rest.split(' ').next()?)
        .header("content-length", body.len());
    for line in lines.filter(|line| !is_named(line, "content-length")) {
        let (name, value) = line.split_once(':')?;
        request = request.header(name, value.trim());
    }
    let (parts, ()) = request.body(()).ok()?.into_parts();
    let signature = engine::signature(&parts, body, key)?;
    let (_, old) = head.split_once("Signature=")?;
    Some(head.replace(old.split("\r\n").next()?, &signature))
}

/// What DynamoDB answers to a transaction that met another one.
fn conflict(request: &Value) -> Value {
    let writes = request["TransactItems"].as_array().map_or(0, Vec::len);
    let reasons: Vec<Value> = (0..writes)
        .map(|index| match index {
            0 => json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}),
            _ => json!({"Code": "None"}),
        })
        .collect();
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": reasons,
    })
}

fn refusal(body: &Value) -> Vec<u8> {
    let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0";
    Message {
        head: head.to_owned(),
        body: body.to_string().into_bytes(),
    }
    .to_bytes()
}

/// An HTTP/1.1 message whose body has a length.
pub(crate) struct Message {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let mut body = bytes.split_off(end + 4);
        bytes.truncate(end);
        let head = String::from_utf8(bytes).ok()?;
        let length: usize = header(&head, "content-length")
            .unwrap_or("0")
            .parse()
            .ok()?;
        while body.len() < length {
            if stream.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
        Some(Self { head, body })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let kept = self
            .head
            .split("\r\n")
            .filter(|line| !is_named(line, "content-length"));
        let mut text: String = kept.map(|line| format!("{line}\r\n")).collect();
        text.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        [text.as_bytes(), self.body.as_slice()].concat()
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let line = head.split("\r\n").find(|line| is_named(line, name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

fn is_named(line: &str, name: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
}
