//! Connections to receivers: the host is resolved, every address is checked, and the connection goes to one that was
//! checked.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tower_service::Service;

use super::received::SendFailure;
use crate::model::webhook::url::is_public;

/// How long one address may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How many addresses of a host are tried.
const MOST_TRIED: usize = 3;

/// The addresses that requests are sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// Those of the public internet.
    Public,
    /// Those, and this machine's own, for a deployment on a developer's machine.
    PublicAndLoopback,
}

impl Addresses {
    /// Whether a request may be sent to an address.
    fn allow(self, address: IpAddr, secure: bool) -> bool {
        match self {
            Self::PublicAndLoopback if address.is_loopback() => true,
            Self::Public | Self::PublicAndLoopback => secure && is_public(address),
        }
    }
}

/// Opens connections to checked addresses.
#[derive(Clone, Copy)]
pub(super) struct Guard(pub(super) Addresses);

impl Guard {
    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, SendFailure> {
        let secure = uri.scheme_str() == Some("https");
        let host = uri.host().ok_or(SendFailure::Url)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let found = timeout(CONNECT, lookup_host((host, port))).await;
        let found = found.map_err(|_| SendFailure::Unresolved)?;
        let found: Vec<_> = found.map_err(|_| SendFailure::Unresolved)?.collect();
        let mut stream = Err(SendFailure::Unresolved);
        for address in self.checked(&found, secure)?.into_iter().take(MOST_TRIED) {
            stream = match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return opened(stream),
                Ok(Err(_)) | Err(_) => Err(SendFailure::NoConnection),
            };
        }
        stream.and_then(opened)
    }

    /// Returns the addresses if every one of them is allowed. A host with a public and a private address is
    /// refused: which of them is taken would be chance.
    fn checked(self, found: &[SocketAddr], secure: bool) -> Result<Vec<SocketAddr>, SendFailure> {
        match found
            .iter()
            .all(|address| self.0.allow(address.ip(), secure))
        {
            true => Ok(found.to_vec()),
            false => Err(SendFailure::Address),
        }
    }
}

fn opened(stream: TcpStream) -> Result<TokioIo<TcpStream>, SendFailure> {
    // Requests are small, and each waits for its answer.
    let _set = stream.set_nodelay(true);
    Ok(TokioIo::new(stream))
}

impl Service<Uri> for Guard {
    type Response = TokioIo<TcpStream>;
    type Error = SendFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, SendFailure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.connect(uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_forbidden_address_forbids_the_host() {
        let of = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let public = Guard(Addresses::Public);
        let local = Guard(Addresses::PublicAndLoopback);
        let allowed =
            |guard: Guard, texts: &[&str], secure| guard.checked(&of(texts), secure).is_ok();
        assert!(allowed(
            public,
            &["8.8.8.8:443", "[2606:4700::1111]:443"],
            true
        ));
        assert!(!allowed(public, &["8.8.8.8:443", "10.0.0.1:443"], true));
        assert!(!allowed(public, &["[::ffff:127.0.0.1]:443"], true));
        assert!(!allowed(public, &["127.0.0.1:443"], true));
        assert!(
            !allowed(public, &["8.8.8.8:80"], false),
            "nothing is sent in the clear"
        );
        assert!(allowed(local, &["127.0.0.1:80"], false));
        assert!(allowed(local, &["[::1]:443"], true));
        assert!(!allowed(local, &["10.0.0.1:443"], true));
        assert!(!allowed(local, &["8.8.8.8:80"], false));
    }

    /// Names that the system's resolver reads as an address of this machine.
    #[tokio::test]
    async fn a_host_is_checked_by_what_it_resolves_to() {
        for uri in [
            "https://127.0.0.1:9/",
            "https://localhost:9/",
            "https://127.1:9/",
            "https://2130706433:9/",
            "https://0x7f.0.0.1:9/",
            "https://[::1]:9/",
            "https://169.254.169.254/",
        ] {
            let failure = Guard(Addresses::Public)
                .connect(uri.parse().unwrap())
                .await
                .err();
            let failure = failure.unwrap();
            let refused = matches!(failure, SendFailure::Address | SendFailure::Unresolved);
            assert!(refused, "{uri}: {failure}");
        }
    }
}
