//! The HTTP client: HTTP/1.1 and TLS with ring.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::{HeaderValue, Method, Request, Uri, header};
use hyper::body::{Body, Incoming};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use super::guard::{Addresses, Guard};
use super::received::{Received, SendFailure};

/// How long a request may take until its answer is read.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long an idle connection is used again.
const IDLE: Duration = Duration::from_secs(20);

/// How much of an answer is read, in bytes.
const MOST_READ: usize = 4_096;

/// A request to a receiver.
#[derive(Clone, Debug)]
pub struct OutboundRequest {
    /// The whole URL.
    pub url: String,
    /// Whether it is a `POST`; otherwise a `GET`.
    pub post: bool,
    /// Headers beside those of the client.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// A client for receivers of webhooks. Clones share its connections.
#[derive(Clone)]
pub struct Outbound {
    client: Client<HttpsConnector<Guard>, String>,
    patience: Duration,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbound")
    }
}

/// The authorities that the system trusts, which a process reads once.
fn system() -> Arc<RootCertStore> {
    static SYSTEM: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    Arc::clone(&SYSTEM)
}

impl Outbound {
    /// Makes a client that believes the certificates of the authorities that the system trusts.
    ///
    /// # Errors
    /// Returns an error if TLS cannot be set up.
    pub fn new(addresses: Addresses) -> Result<Self, rustls::Error> {
        Self::trusting(system(), addresses)
    }

    fn trusting(
        roots: impl Into<Arc<RootCertStore>>,
        addresses: Addresses,
    ) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnector::from((Guard(addresses), Arc::new(config)));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(4)
            .build(connector);
        Ok(Self {
            client,
            patience: PATIENCE,
        })
    }

    /// The same client with another limit, for tests of receivers that hang.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sends a request, and reads the beginning of its answer.
    ///
    /// # Errors
    /// Returns `SendFailure` if there is no answer.
    pub async fn send(&self, request: OutboundRequest) -> Result<Received, SendFailure> {
        let request = built(request)?;
        let work = async {
            let answer = self.client.request(request).await;
            let answer = answer.map_err(|error| classified(&error))?;
            let retry_after = answer.headers().get(header::RETRY_AFTER);
            let retry_after = retry_after.and_then(|value| value.to_str().ok());
            Ok(Received {
                status: answer.status().as_u16(),
                retry_after: retry_after.map(str::to_owned),
                beginning: beginning(answer.into_body()).await,
            })
        };
        let limit = self.patience;
        match timeout(limit, work).await {
            Ok(done) => done,
            Err(_) => Err(SendFailure::TimedOut(limit.as_secs())),
        }
    }
}

fn built(request: OutboundRequest) -> Result<Request<String>, SendFailure> {
    let OutboundRequest {
        url,
        post,
        headers,
        body,
    } = request;
    let uri: Uri = url.parse().map_err(|_| SendFailure::Url)?;
    let mut built = Request::new(body);
    *built.method_mut() = if post { Method::POST } else { Method::GET };
    *built.uri_mut() = uri;
    let agent = HeaderValue::from_static("Callbook-Webhooks/1");
    built.headers_mut().insert(header::USER_AGENT, agent);
    for (name, value) in headers {
        let value = HeaderValue::from_str(&value).map_err(|_| SendFailure::Url)?;
        built.headers_mut().insert(name, value);
    }
    Ok(built)
}

/// Reads the beginning of a body. If the rest does not come, the status was there all the same.
async fn beginning(mut body: Incoming) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() < MOST_READ {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(Ok(frame)) = frame else { break };
        if let Ok(data) = frame.into_data() {
            read.extend_from_slice(&data);
        }
    }
    read.truncate(MOST_READ);
    read
}

/// Says why there is no answer, without a word that the receiver could have chosen.
fn classified(error: &legacy::Error) -> SendFailure {
    let outermost: &(dyn Error + 'static) = error;
    let causes = std::iter::successors(Some(outermost), |&error| error.source());
    for cause in causes {
        if let Some(failure) = cause.downcast_ref::<SendFailure>() {
            return failure.clone();
        }
        if let Some(failure) = tls(cause) {
            return failure;
        }
    }
    match error.is_connect() {
        true => SendFailure::NoConnection,
        false => SendFailure::Broken,
    }
}

/// Finds a failure of TLS in an error, also inside of I/O errors, whose own source skips what they hold.
fn tls(error: &(dyn Error + 'static)) -> Option<SendFailure> {
    let Some(found) = error.downcast_ref::<rustls::Error>() else {
        let held = error.downcast_ref::<std::io::Error>()?.get_ref()?;
        return tls(held);
    };
    Some(SendFailure::Insecure(match found {
        rustls::Error::InvalidCertificate(_) => {
            "the certificate is not valid for this host".to_owned()
        }
        _ => "the handshake failed".to_owned(),
    }))
}

#[cfg(test)]
mod tests;
