//! An event bus in tests: takes what `PutEvents` puts, or misbehaves by plan.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use callbook::config::{BusConfig, Config};
use callbook::ledger::Bus;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::faults::Message;

/// What the bus does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusFault {
    /// It answers with an internal failure: nothing is taken.
    Fail,
    /// It takes every other entry, and refuses the rest.
    Partial,
    /// It takes all, and the connection breaks before the answer is through.
    LoseAnswer,
    /// It never says anything: nothing is taken.
    Hang,
}

type Plan = Box<dyn FnMut(usize) -> Option<BusFault> + Send>;

struct State {
    plan: Plan,
    requests: usize,
    taken: Vec<Value>,
    arrived: Vec<Instant>,
}

/// The bus; it ends with the runtime that it was started in.
pub struct TestBus {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl TestBus {
    /// Starts a bus that takes everything until [`TestBus::plan`].
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            plan: Box::new(|_| None),
            requests: 0,
            taken: Vec::new(),
            arrived: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(answer(client, Arc::clone(&shared)));
            }
        });
        Self { address, state }
    }

    /// A client of the bus.
    #[must_use]
    pub fn client(&self) -> Bus {
        let config = Config {
            table_name: "callbook".to_owned(),
            region: "eu-west-1".to_owned(),
            endpoint: None,
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
        };
        let bus = BusConfig {
            name: "acme-events".to_owned(),
            endpoint: Some(format!("http://{}", self.address)),
        };
        Bus::connect(&config, &bus)
    }

    /// Decides from now on what goes wrong with each request, by its number.
    pub fn plan(&self, plan: impl FnMut(usize) -> Option<BusFault> + Send + 'static) {
        self.state.lock().unwrap().plan = Box::new(plan);
    }

    /// When the first event of a type about each caller was taken.
    #[must_use]
    pub fn arrivals(&self, kind: &str) -> BTreeMap<String, Instant> {
        let state = self.state.lock().unwrap();
        let mut arrivals = BTreeMap::new();
        for (entry, at) in state.taken.iter().zip(&state.arrived) {
            if entry["DetailType"] == kind {
                let detail = entry["Detail"].as_str().unwrap();
                let detail: Value = serde_json::from_str(detail).unwrap();
                let caller = detail["data"]["call_from"].as_str().unwrap();
                arrivals.entry(caller.to_owned()).or_insert(*at);
            }
        }
        arrivals
    }

    /// Every entry that was taken, in the order in which it was.
    #[must_use]
    pub fn taken(&self) -> Vec<Value> {
        self.state.lock().unwrap().taken.clone()
    }
}

/// Answers the requests of a connection.
async fn answer(mut client: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    loop {
        let Message { body, .. } = Message::read(&mut client).await?;
        let request: Value = serde_json::from_slice(&body).ok()?;
        let entries = request["Entries"].as_array()?;
        assert!(entries.len() <= 10, "EventBridge takes 10 entries");
        let (fault, results) = {
            let mut state = state.lock().unwrap();
            let number = state.requests;
            state.requests += 1;
            let fault = (state.plan)(number);
            let results: Vec<Value> = entries
                .iter()
                .enumerate()
                .map(|(at, entry)| match fault {
                    Some(BusFault::Partial) if at % 2 == 0 => {
                        json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
                    }
                    Some(BusFault::Fail | BusFault::Hang) => Value::Null,
                    _ => {
                        state.taken.push(entry.clone());
                        state.arrived.push(moment());
                        json!({"EventId": format!("{number}-{at}")})
                    }
                })
                .collect();
            (fault, results)
        };
        let (status, body) = match fault {
            Some(BusFault::Hang) => std::future::pending().await,
            Some(BusFault::LoseAnswer) => return None,
            Some(BusFault::Fail) => (
                "500 Internal Server Error",
                json!({"__type": "InternalException"}),
            ),
            _ => {
                let failed = results.iter().filter(|one| one.get("ErrorCode").is_some());
                let failed = failed.count();
                (
                    "200 OK",
                    json!({"FailedEntryCount": failed, "Entries": results}),
                )
            }
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1");
        let body = body.to_string().into_bytes();
        client
            .write_all(&Message { head, body }.to_bytes())
            .await
            .ok()?;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long an event took, and no time of day"
)]
fn moment() -> Instant {
    Instant::now()
}
