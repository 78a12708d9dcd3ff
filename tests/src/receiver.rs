//! A receiver of webhooks that behaves as a plan says: takes, refuses, hangs, is slow, cuts connections, redirects.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callbook::clock::Clock;
use callbook::model::time::Instant;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a receiver does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Takes it.
    Take,
    /// Takes it, and the connection breaks before the answer.
    TakeAndCut,
    /// Takes it, and the connection breaks in the middle of the answer's head.
    TakeAndCutLate,
    /// Answers with a status, and takes nothing.
    Answer(u16),
    /// Answers 503 with `Retry-After`.
    Later(u32),
    /// Answers with a redirect to an address of this machine.
    Redirect,
    /// Never says anything.
    Hang,
    /// Closes the connection without reading.
    Close,
    /// Takes it after a while.
    Slow,
}

/// How late a slow receiver is.
const SLOW: Duration = Duration::from_millis(20);

/// A request that came.
#[derive(Clone, Debug)]
pub struct Got {
    /// The first line.
    pub line: String,
    /// The headers, with lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
    /// Whether the receiver has taken it.
    pub taken: bool,
    /// When it came, by the test's clock.
    pub at: Instant,
}

impl Got {
    /// A header; empty if it did not come.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

type Plan = Box<dyn FnMut(&Got) -> Manner + Send>;

struct Shared {
    plan: Mutex<Plan>,
    got: Mutex<Vec<Got>>,
    clock: Clock,
}

/// A receiver on this machine.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Receiver {
    /// Starts a receiver that takes everything.
    pub async fn start(clock: &Clock) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            plan: Mutex::new(Box::new(|_| Manner::Take)),
            got: Mutex::default(),
            clock: clock.clone(),
        });
        let serving = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                tokio::spawn(async move {
                    // A client may go at any time.
                    drop(serve(stream, &shared).await);
                });
            }
        });
        Self {
            address,
            shared,
            server,
        }
    }

    /// Its URL, with a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets how it behaves from now on.
    pub fn behave(&self, plan: impl FnMut(&Got) -> Manner + Send + 'static) {
        *self.shared.plan.lock().expect("no panic") = Box::new(plan);
    }

    /// Every request that came so far.
    #[must_use]
    pub fn got(&self) -> Vec<Got> {
        self.shared.got.lock().expect("no panic").clone()
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    loop {
        let Some(mut got) = read(&mut stream, &shared.clock).await? else {
            return Ok(());
        };
        let manner = (shared.plan.lock().expect("no panic"))(&got);
        got.taken = matches!(
            manner,
            Manner::Take | Manner::TakeAndCut | Manner::TakeAndCutLate | Manner::Slow
        );
        shared.got.lock().expect("no panic").push(got);
        let answer = match manner {
            Manner::Close | Manner::TakeAndCut => return Ok(()),
            Manner::TakeAndCutLate => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-le").await?;
                return Ok(());
            }
            Manner::Hang => {
                // Until the client gives up.
                drop(stream.read_u8().await);
                return Ok(());
            }
            Manner::Slow => {
                tokio::time::sleep(SLOW).await;
                answer(200, "")
            }
            Manner::Take => answer(200, ""),
            Manner::Answer(status) => answer(status, ""),
            Manner::Later(seconds) => answer(503, &format!("retry-after: {seconds}\r\n")),
            Manner::Redirect => answer(302, "location: http://127.0.0.1:1/\r\n"),
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

fn answer(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} Said\r\n{headers}content-length: 4\r\n\r\nsaid")
}

/// Reads one request; `None` if the client has gone.
async fn read(stream: &mut TcpStream, clock: &Clock) -> std::io::Result<Option<Got>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .and_then(|text| text.parse().ok());
    let length: usize = length.unwrap_or(0);
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(Got {
        line,
        headers,
        body: String::from_utf8_lossy(&bytes[end..end + length]).into_owned(),
        taken: false,
        at: clock.now(),
    }))
}
