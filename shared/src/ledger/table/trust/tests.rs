use std::net::{Ipv4Addr, TcpListener};
use std::sync::LazyLock;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, Region};

use super::*;
use crate::ids;
use crate::ledger::{Ledger, StoreError};
use crate::tls::Connection::{Refused, Served};
use crate::tls::{Authority, Store};

/// The authority that the tests' system trusts.
static LOCAL: LazyLock<Authority> = LazyLock::new(|| Authority::new("local"));

fn local() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(LOCAL.certificate.der().clone()).unwrap();
    roots
}

fn ledger(trust: Trust, endpoint: &str, connect: Duration) -> Ledger {
    let timeouts = TimeoutConfig::builder().connect_timeout(connect).build();
    let config = Ledger::sdk_config_trusting(trust)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("any", "any", None, None, "any"))
        .timeout_config(timeouts)
        .endpoint_url(endpoint);
    Ledger::new(Client::from_conf(config.build()), "callbook")
}

/// A busy machine shakes hands slowly.
const PATIENT: Duration = Duration::from_secs(60);

/// Reads an account that does not exist.
async fn read(ledger: &Ledger) -> Result<(), StoreError> {
    let account = ledger.account(&ids::account_id()).await?;
    assert_eq!(account, None);
    Ok(())
}

/// The library's copy of Mozilla's list follows it, so this fails once an authority is withdrawn.
#[test]
fn amazons_authorities_are_those_that_mozilla_trusts() {
    let is_amazons = |subject: &[u8]| {
        let subject = String::from_utf8_lossy(subject);
        subject.contains("Amazon Root CA") || subject.contains("Starfield Services Root")
    };
    let mozillas = webpki_roots::TLS_SERVER_ROOTS.iter();
    let mut mozillas: Vec<_> = mozillas.filter(|one| is_amazons(&one.subject)).collect();
    let ours = amazon().roots;
    let mut ours: Vec<_> = ours.iter().collect();
    mozillas.sort_by_key(|one| one.subject.to_vec());
    ours.sort_by_key(|one| one.subject.to_vec());
    assert_eq!(ours, mozillas);
    assert_eq!(ours.len(), AMAZON.len());
}

#[tokio::test]
async fn an_unknown_issuer_is_looked_for_among_the_systems_once() {
    let store = Store::start(&LOCAL);
    let ledger = ledger(Trust::reading(false, local), &store.endpoint, PATIENT);
    for _ in 0..3 {
        read(&ledger).await.unwrap();
    }
    assert_eq!(store.connections(4), [Refused, Served, Served, Served]);
}

#[tokio::test]
async fn the_systems_authorities_alone_are_asked_if_somebody_names_them() {
    let store = Store::start(&LOCAL);
    let ledger = ledger(Trust::reading(true, local), &store.endpoint, PATIENT);
    read(&ledger).await.unwrap();
    assert_eq!(store.connections(1), [Served]);
}

#[tokio::test]
async fn a_store_that_nobody_trusts_is_not_asked() {
    let store = Store::start(&Authority::new("nobody's"));
    for only_system in [false, true] {
        let trust = Trust::reading(only_system, local);
        let ledger = ledger(trust, &store.endpoint, PATIENT);
        let error = read(&ledger).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Unavailable(cause) if cause.contains("UnknownIssuer")),
            "{error}"
        );
    }
    // Four attempts each, and once more with the system's authorities.
    assert_eq!(store.connections(9), [Refused; 9]);
}

#[tokio::test]
async fn a_server_that_never_shakes_hands_is_given_up() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let endpoint = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let trust = Trust::reading(false, local);
    let ledger = ledger(trust, &endpoint, Duration::from_millis(50));
    let error = read(&ledger).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(cause) if cause.contains("connection timed out")),
        "{error}"
    );
}
