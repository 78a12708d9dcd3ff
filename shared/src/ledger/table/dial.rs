//! Opens connections to the store: TCP, and TLS where the endpoint is `https`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::ledger::table::trust::Trust;

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Opens connections within a time limit.
#[derive(Clone)]
pub(super) struct Dial {
    tcp: HttpConnector,
    trust: Arc<Trust>,
    limit: Option<Duration>,
}

impl Dial {
    pub(super) fn new(trust: Arc<Trust>, limit: Option<Duration>) -> Self {
        let mut tcp = HttpConnector::new();
        // The scheme is `https`; TLS is added below.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Self { tcp, trust, limit }
    }

    /// Opens a connection. If the server's certificate is from an unknown issuer, tries once more with
    /// the issuers that the system trusts.
    async fn connect(mut self, uri: Uri) -> Result<Stream, BoxError> {
        // A store on this machine needs no authorities, and reading the system's takes a while.
        if uri.scheme() == Some(&Scheme::HTTP) {
            return Ok(MaybeHttpsStream::Http(self.tcp.call(uri).await?));
        }
        let config = self.trust.config()?;
        let mut first = HttpsConnector::from((self.tcp.clone(), config));
        let refused = match first.call(uri.clone()).await {
            Ok(stream) => return Ok(stream),
            Err(error) => error,
        };
        match self.trust.widened(refused.as_ref())? {
            Some(config) => HttpsConnector::from((self.tcp, config)).call(uri).await,
            None => Err(refused),
        }
    }
}

impl Service<Uri> for Dial {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let limit = self.limit;
        let work = self.clone().connect(uri);
        Box::pin(async move {
            match limit {
                Some(limit) => tokio::time::timeout(limit, work).await?,
                None => work.await,
            }
        })
    }
}
