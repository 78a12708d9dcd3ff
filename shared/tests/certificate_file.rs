//! `SSL_CERT_FILE` says which certificate authorities a function trusts.
//!
//! The environment belongs to the process, so each case runs this program again with its own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod tls;

use std::process::Command;

use callbook::config::Config;
use callbook::ids;
use callbook::ledger::Ledger;
use tls::{Authority, Connection, Store};

/// Reads from the store of the environment, in a process of its own. Returns whether it answered.
fn reads(store: &Store, authorities: &Authority) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authorities.pem");
    std::fs::write(&file, authorities.certificate.pem()).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child"])
        .env_clear()
        .envs([
            ("SSL_CERT_FILE", file.to_str().unwrap()),
            ("AWS_ENDPOINT_URL_DYNAMODB", &store.endpoint),
            ("TABLE_NAME", "callbook"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "any"),
            ("AWS_SECRET_ACCESS_KEY", "any"),
        ])
        .output()
        .unwrap();
    child.status.success()
}

#[tokio::test]
#[ignore = "the child process of the tests below"]
async fn child() {
    let ledger = Ledger::connect(&Config::from_env().unwrap());
    let account = ledger.account(&ids::account_id()).await;
    assert_eq!(account.unwrap(), None);
}

#[test]
fn the_authorities_of_the_file_are_trusted_and_no_others() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let store = Store::start(&ours);
    assert!(reads(&store, &ours));
    // The first connection was good: no other authorities were consulted before the file's.
    assert_eq!(store.connections(1), [Connection::Served]);
    assert!(!reads(&store, &theirs));
    assert_eq!(store.connections(1), [Connection::Refused]);
}
