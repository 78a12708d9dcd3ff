//! Serves HTTP/1.1 on a listener, with an end to every wait.

use std::convert::Infallible;
use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a server waits.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, and for the next request on a connection that is kept.
    pub head: Duration,
    /// For running requests to finish when the server stops. Then their connections are closed.
    pub finish: Duration,
}

/// How long to wait before another connection is accepted, after one failed for lack of resources.
const RETRY: Duration = Duration::from_millis(200);

/// Answers the requests of every connection until `shutdown` completes or is dropped.
pub async fn serve<Handler, Answering>(
    listener: TcpListener,
    patience: Patience,
    shutdown: impl Future<Output = ()> + Send,
    handler: Handler,
) where
    Handler: Fn(SocketAddr, Request) -> Answering + Clone + Send + 'static,
    Answering: Future<Output = Response> + Send + 'static,
{
    let (close, closing) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (handler, closing) = (handler.clone(), closing.clone());
                    connections.spawn(connection(stream, peer, patience, closing, handler));
                }
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(_exhausted) => tokio::time::sleep(RETRY).await,
            },
            // Forgets connections that ended.
            Some(_) = connections.join_next() => {}
            () = &mut shutdown => break,
        }
    }
    drop((listener, close));
    let finish = async { while connections.join_next().await.is_some() {} };
    let _finished = tokio::time::timeout(patience.finish, finish).await;
    connections.shutdown().await;
}

async fn connection<Handler, Answering>(
    stream: TcpStream,
    peer: SocketAddr,
    patience: Patience,
    mut closing: watch::Receiver<()>,
    handler: Handler,
) where
    Handler: Fn(SocketAddr, Request) -> Answering,
    Answering: Future<Output = Response>,
{
    // Answers are small, and their clients wait for them.
    let _set = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let answering = handler(peer, request.map(Body::new));
        async move { Ok::<_, Infallible>(answering.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // Its client hung up, or sent no HTTP: nobody is left to be told.
        _ended = connection.as_mut() => {}
        // The sender is dropped.
        _closed = closing.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ended = connection.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    async fn half_a_request(patience: Patience) -> (TcpStream, oneshot::Sender<()>, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let mut server = JoinSet::new();
        let shutdown = async move { drop(stopped.await) };
        server.spawn(serve(listener, patience, shutdown, |_, _| async {
            Response::new(Body::from("served"))
        }));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n")
            .await
            .unwrap();
        (stream, stop, server)
    }

    #[tokio::test]
    async fn half_a_request_ends_by_itself() {
        let (mut stream, _stop, _server) = half_a_request(Patience {
            head: Duration::from_millis(50),
            finish: Duration::ZERO,
        })
        .await;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(!answer.ends_with(b"served"), "{answer:?}");
    }

    #[tokio::test]
    async fn half_a_request_does_not_keep_a_server_from_stopping() {
        let (mut stream, stop, mut server) = half_a_request(Patience {
            head: Duration::from_secs(3600),
            finish: Duration::from_millis(50),
        })
        .await;
        stop.send(()).unwrap();
        server.join_next().await.unwrap().unwrap();
        let mut answer = Vec::new();
        // The connection may be reset.
        let _closed = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty(), "{answer:?}");
    }

    #[tokio::test]
    async fn a_server_answers_and_stops() {
        let (mut stream, stop, mut server) = half_a_request(Patience {
            head: Duration::from_secs(3600),
            finish: Duration::from_secs(3600),
        })
        .await;
        stream
            .write_all(b"connection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.ends_with(b"served"));
        drop(stop);
        server.join_next().await.unwrap().unwrap();
    }
}
