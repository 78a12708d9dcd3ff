//! Which accounts' calls a credential can read.

use callbook::model::credential::Limits;
use callbook_tests::World;
use callbook_tests::call_data::{CALL_DATA, authorization};
use callbook_tests::call_data::{integrator, report, rows, user};
use serde_json::json;

use super::{TODAY, column, inbound, record};

#[tokio::test]
async fn a_user_can_read_its_own_account_only() {
    let world = World::new().await;
    let (mine, theirs) = (world.account().await, world.account().await);
    let key = user(&world, &mine).await;
    record(&world, &mine, &inbound("2026-11-21T01:00:00Z")).await;
    record(&world, &theirs, &inbound("2026-11-21T02:00:00Z")).await;
    let id = mine.id.as_str();
    for named in [&[][..], &[("account_id", id)]] {
        let found = rows(&world, &key, &[&TODAY, named].concat()).await;
        assert_eq!(column(&found, "call_date"), ["2026-11-21T01:00:00+00:00"]);
        assert_eq!(column(&found, "account_id"), [id]);
    }
    for foreign in [theirs.id.as_str(), "99999999", "nonsense"] {
        let reply = report(
            &world,
            &key,
            &[&TODAY[..], &[("account_id", foreign)]].concat(),
        )
        .await;
        assert_eq!(
            (reply.status, &reply.json()["errorCode"]),
            (403, &json!("INVALID_ACCOUNT"))
        );
    }
}

#[tokio::test]
async fn a_user_of_several_accounts_reads_the_default_one_unless_it_names_another() {
    let world = World::new().await;
    let (home, second) = (world.account().await, world.account().await);
    let key = world
        .credential_with(
            &home,
            callbook::model::credential::CredentialKind::User,
            |new| {
                new.limits = Limits::default();
                new.accounts = vec![second.id.clone()];
            },
        )
        .await;
    record(&world, &home, &inbound("2026-11-21T01:00:00Z")).await;
    record(&world, &second, &inbound("2026-11-21T02:00:00Z")).await;
    assert_eq!(
        column(&rows(&world, &key, &TODAY).await, "account_id"),
        [home.id.as_str()]
    );
    let named = [&TODAY[..], &[("account_id", second.id.as_str())]].concat();
    assert_eq!(
        column(&rows(&world, &key, &named).await, "account_id"),
        [second.id.as_str()]
    );
}

#[tokio::test]
async fn an_integrator_must_name_one_of_its_accounts() {
    let world = World::new().await;
    let (a, b, c) = (
        world.account().await,
        world.account().await,
        world.account().await,
    );
    let key = integrator(&world, &a, &[a.id.clone(), b.id.clone()]).await;
    record(&world, &b, &inbound("2026-11-21T01:00:00Z")).await;
    let reply = report(&world, &key, &TODAY).await;
    assert_eq!(
        (reply.status, &reply.json()["missingInputVars"]),
        (400, &json!(["account_id"]))
    );
    let named = |id| [&TODAY[..], &[("account_id", id)]].concat();
    assert_eq!(rows(&world, &key, &named(b.id.as_str())).await.len(), 1);
    assert_eq!(rows(&world, &key, &named(a.id.as_str())).await.len(), 0);
    let reply = report(&world, &key, &named(c.id.as_str())).await;
    assert_eq!(
        (reply.status, &reply.json()["errorCode"]),
        (403, &json!("INVALID_ACCOUNT"))
    );
}

#[tokio::test]
async fn feedback_is_shown_to_its_own_account_only() {
    let world = World::new().await;
    let mine = callbook_tests::truecnam::Pbx::new(&world).await;
    let theirs = callbook_tests::truecnam::Pbx::new(&world).await;
    let key = user(&world, &mine.account).await;
    record(&world, &mine.account, &inbound("2026-11-21T01:00:00Z")).await;
    theirs.name(&world, "12069735101", "Their Friend").await;
    assert_eq!(column(&rows(&world, &key, &TODAY).await, "name"), ["null"]);
}

#[tokio::test]
async fn a_missing_or_wrong_password_is_unauthorized_and_asked_for_basic() {
    let world = World::new().await;
    let account = world.account().await;
    let mut key = user(&world, &account).await;
    key.secret.push('x');
    let wrong = authorization(&key);
    for headers in [
        &[][..],
        &[("authorization", wrong.as_str())],
        &[("authorization", "Basic nonsense")],
        &[("authorization", "Digest x")],
    ] {
        let path = format!("{CALL_DATA}?start_date=2026-11-21&end_date=2026-11-21");
        let reply = world.send("GET", &path, headers, b"").await;
        assert_eq!(
            (reply.status, &reply.json()["errorCode"]),
            (401, &json!("UNAUTHENTICATED"))
        );
        assert!(
            reply
                .header("www-authenticate")
                .is_some_and(|ask| ask.starts_with("Basic"))
        );
    }
}
