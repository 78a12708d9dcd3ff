//! The SDK's HTTP client: HTTP/1.1 over kept connections, and TLS with ring.
//!
//! The SDK's own client brings HTTP/2 and proxies too, which DynamoDB and functions do not use
//! (`docs/decisions.md`, D-201). The connections are hyper's: it keeps them, and sends a request again
//! on another one if its connection was closed before the request was written.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::error::Elapsed;

use crate::ledger::table::dial::Dial;
use crate::ledger::table::trust::Trust;

/// How long an idle connection is used again. DynamoDB and the gateways on the way forget it later.
const IDLE: Duration = Duration::from_secs(90);

/// Makes a client that believes the certificates of `trust`.
pub(in crate::ledger) fn client(trust: Trust) -> SharedHttpClient {
    SharedHttpClient::new(Http {
        trust: Arc::new(trust),
        connector: OnceLock::new(),
    })
}

#[derive(Debug)]
struct Http {
    trust: Arc<Trust>,
    connector: OnceLock<SharedHttpConnector>,
}

impl HttpClient for Http {
    /// Returns the one connector. The settings of a client are the same for all its requests.
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connect = || {
            let dial = Dial::new(Arc::clone(&self.trust), settings.connect_timeout());
            SharedHttpConnector::new(Connections(
                Client::builder(TokioExecutor::new())
                    .pool_timer(TokioTimer::new())
                    .pool_idle_timeout(IDLE)
                    .build(dial),
            ))
        };
        self.connector.get_or_init(connect).clone()
    }
}

struct Connections(Client<Dial, SdkBody>);

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connections")
    }
}

impl HttpConnector for Connections {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || Some(metadata(&connection)));
        }
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(classified)?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Lets the SDK give up a connection whose answer it is going to retry on another one.
fn metadata(connection: &CaptureConnection) -> ConnectionMetadata {
    let connection = connection.clone();
    ConnectionMetadata::builder()
        .proxied(false)
        .poison_fn(move || {
            if let Some(connected) = connection.connection_metadata().as_ref() {
                connected.poison();
            }
        })
        .build()
}

/// Tells the SDK what it may retry: everything but a request that hyper would never send.
fn classified(error: legacy::Error) -> ConnectorError {
    let http = source::<hyper::Error>(&error);
    if source::<Elapsed>(&error).is_some() {
        ConnectorError::timeout(error.into())
    } else if http.is_some_and(hyper::Error::is_user) {
        ConnectorError::user(error.into())
    } else if http.is_some_and(hyper::Error::is_incomplete_message) {
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    } else {
        ConnectorError::io(error.into())
    }
}

/// Finds an error of a type among the causes of `error`.
fn source<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref())
}
