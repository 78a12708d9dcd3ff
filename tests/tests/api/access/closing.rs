//! Closed accounts: refused in every dialect as with revoked keys, and open again.

use callbook::ids;
use callbook::ledger::{Creation, CredentialRefusal, Update};
use callbook::model::account::Account;
use callbook::model::credential::{CredentialKind, NewCredential, Status};
use callbook_tests::teletracker::{self, LOGIN, Session};
use callbook_tests::vendors::{self, Sent, done, use_key};
use callbook_tests::{Key, World, faults, send_to, tld};
use serde_json::json;

use super::{UNKNOWN, assert_refused};

async fn close(world: &World, account: &Account) {
    let closed = world
        .ledger
        .close_account(&account.id, world.clock.now())
        .await;
    assert!(matches!(closed, Ok(Update::Updated(_))), "{closed:?}");
}

async fn reopen(world: &World, account: &Account) {
    let opened = world.ledger.reopen_account(&account.id).await;
    assert!(matches!(opened, Ok(Update::Updated(_))), "{opened:?}");
}

#[tokio::test]
async fn a_closed_account_is_refused_as_a_revoked_key_is_and_works_again_when_it_is_opened() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let account = world.account().await;
        let (good, gone) = (
            world.credential(&account, vendor).await,
            world.credential(&account, vendor).await,
        );
        world.set_status(&gone.credential, Status::Revoked).await;
        assert_eq!(use_key(&world.app, &good, Sent::Well).await, done());
        for _ in 0..2 {
            close(&world, &account).await;
        }
        let fresh = world.another_instance();
        let found = use_key(&fresh, &good, Sent::Well).await;
        assert_refused(vendor, &UNKNOWN, &found, "in a new instance, at once");
        world.wait(30);
        let found = use_key(&world.app, &good, Sent::Well).await;
        assert_refused(vendor, &UNKNOWN, &found, "after 30 seconds");
        let found = use_key(&world.app, &gone, Sent::Well).await;
        assert_refused(vendor, &UNKNOWN, &found, "as a revoked one");
        reopen(&world, &account).await;
        world.wait(30);
        assert_eq!(
            use_key(&world.app, &good, Sent::Well).await,
            done(),
            "{vendor:?}"
        );
        let found = use_key(&world.app, &gone, Sent::Well).await;
        assert_refused(vendor, &UNKNOWN, &found, "revoked for good");
    }
}

#[tokio::test]
async fn a_closed_account_costs_the_requests_of_a_revoked_key() {
    for vendor in vendors::ALL {
        let (world, proxy) = faults::world().await;
        let (open, shut) = (world.account().await, world.account().await);
        let revoked = world.credential(&open, vendor).await;
        let closed = world.credential(&shut, vendor).await;
        world.set_status(&revoked.credential, Status::Revoked).await;
        close(&world, &shut).await;
        let mut asked = Vec::new();
        for key in [&revoked, &closed] {
            proxy.heal();
            let found = use_key(&world.app, key, Sent::Well).await;
            assert_refused(vendor, &UNKNOWN, &found, "refused");
            asked.push(proxy.verbs());
        }
        assert_eq!(asked[0], asked[1], "{vendor:?}");
    }
}

#[tokio::test]
async fn nobody_gets_a_key_to_a_closed_account() {
    let world = World::new().await;
    let account = world.account().await;
    close(&world, &account).await;
    let new = NewCredential::of(CredentialKind::Tld, account.id.clone());
    let secret = ids::secret().expect("entropy");
    let name = ids::credential_name();
    let (credential, _) = new.issue(ids::credential_id(), name, secret, world.clock.now());
    let refused = world.ledger.create_credential(&credential).await.unwrap();
    assert_eq!(refused, Creation::Refused(CredentialRefusal::AccountClosed));
    reopen(&world, &account).await;
    let created = world.ledger.create_credential(&credential).await.unwrap();
    assert_eq!(created, Creation::Created(()));
    let nobody = ids::account_id();
    let now = world.clock.now();
    let closed = world.ledger.close_account(&nobody, now).await.unwrap();
    assert!(matches!(closed, Update::NotFound));
}

async fn call_data(world: &World, scheme: &str, key: &Key, account: &Account) -> u16 {
    let header = format!("{scheme} {}", teletracker::pair(&key.name, &key.secret));
    let headers = [("authorization", header.as_str())];
    let path = format!(
        "/reports/call-data?start_date=2026-11-21&end_date=2026-11-21&account_id={}",
        account.id
    );
    send_to(&world.app, "GET", &path, &headers, b"")
        .await
        .status
}

#[tokio::test]
async fn who_acts_for_several_accounts_goes_on_for_the_others() {
    for (kind, scheme) in [
        (CredentialKind::User, "Basic"),
        (CredentialKind::Integrator, "Integrator"),
    ] {
        let world = World::new().await;
        let (closed, open) = (world.account().await, world.account().await);
        let key = world
            .credential_with(&closed, kind, |new| new.accounts = vec![open.id.clone()])
            .await;
        let login = async |account: &Account| {
            let body =
                json!({"username": key.name, "password": key.secret, "account_id": account.id});
            let headers = [("content-type", tld::JSON)];
            let body = body.to_string();
            send_to(&world.app, "POST", LOGIN, &headers, body.as_bytes()).await
        };
        let of_closed = Session::of(&login(&closed).await);
        close(&world, &closed).await;
        world.wait(30);
        assert_ne!(
            call_data(&world, scheme, &key, &closed).await,
            200,
            "{kind:?}"
        );
        assert_eq!(
            call_data(&world, scheme, &key, &open).await,
            200,
            "{kind:?}"
        );
        assert_ne!(login(&closed).await.status, 200, "{kind:?}");
        assert_eq!(login(&open).await.status, 200, "{kind:?}");
        let bearer = of_closed.bearer();
        let headers = [("authorization", bearer.as_str())];
        let report = "/reports/call-data?start_date=2026-11-21&end_date=2026-11-21";
        let reply = send_to(&world.app, "GET", report, &headers, b"").await;
        assert_eq!(reply.status, 401, "{kind:?}: a token of the closed account");
        let token = [("refresh_token", of_closed.refresh_token.as_str())];
        let renewed = teletracker::post(&world.app, teletracker::REFRESH, "", &token).await;
        assert_eq!(renewed.status, 401, "{kind:?}");
    }
}
