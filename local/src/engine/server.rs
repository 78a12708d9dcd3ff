//! The engine's HTTP server: the door, then the wire protocol.

use std::future::Future;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use dynoxide::Database;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderName, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;

use crate::engine::door;
use crate::engine::key::AccessKey;
use crate::engine::wire::{self, WireAnswer};
use crate::serve::{self, Patience};
use callbook::ids;

/// The largest request that DynamoDB accepts, in bytes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// How long a request's body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

const PATIENCE: Patience = Patience {
    // Longer than clients keep an idle connection, so that they close it first: 90 seconds.
    head: Duration::from_secs(120),
    finish: Duration::from_millis(250),
};

/// Serves the database to who has the key, until `shutdown` completes.
pub async fn serve(
    listener: TcpListener,
    database: Database,
    key: AccessKey,
    shutdown: impl Future<Output = ()> + Send,
) {
    serve::serve(listener, PATIENCE, shutdown, move |_peer, request| {
        let (database, key) = (database.clone(), key.clone());
        async move { respond(answer(&database, &key, request).await) }
    })
    .await;
}

async fn answer(database: &Database, key: &AccessKey, request: Request) -> WireAnswer {
    let (parts, body) = request.into_parts();
    let refused = |refusal: door::Refusal| {
        let (kind, message) = refusal.error();
        let status = match refusal {
            door::Refusal::Foreign(_) => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        refusal_of(status, kind, message)
    };
    if let Err(refusal) = door::admit(&parts, key) {
        return refused(refusal);
    }
    let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, BODY_LIMIT)).await;
    let Ok(Ok(body)) = read else {
        return refusal_of(
            StatusCode::PAYLOAD_TOO_LARGE,
            "SerializationException",
            "The body is longer than 16 MB, or did not arrive.",
        );
    };
    match door::verify(&parts, &body, key) {
        Err(refusal) => refused(refusal),
        Ok(()) => match std::str::from_utf8(&body) {
            Ok(body) => wire::answer(database, &parts.headers, body),
            Err(_) => refusal_of(
                StatusCode::BAD_REQUEST,
                "SerializationException",
                "The body is not UTF-8.",
            ),
        },
    }
}

fn refusal_of(status: StatusCode, kind: &str, message: &str) -> WireAnswer {
    let kind = format!("com.amazon.coral.service#{kind}");
    WireAnswer {
        status: status.as_u16(),
        json: json!({"__type": kind, "message": message}).to_string(),
    }
}

/// Renders an answer. It has no CORS headers, so a browser lets no page read it.
fn respond(answer: WireAnswer) -> Response {
    let mut response = Response::new(Body::from(answer.json));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-amz-json-1.0"),
    );
    if let Ok(guid) = HeaderValue::try_from(ids::guid().to_string()) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), guid);
    }
    response
}
