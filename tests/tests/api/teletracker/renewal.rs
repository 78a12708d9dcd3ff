//! The exchange of refresh tokens, and the revocation of a session whose token was stolen.

use callbook::model::credential::{CredentialKind, Limits, Status};
use callbook_tests::faults::{self, Fault};
use callbook_tests::teletracker::{self, Desk, REFRESH, Session, assert_refused};
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::json;

use super::set;

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_a_new_pair_on_the_same_account() {
    let desk = Desk::new().await;
    let account = [("account_id", desk.account_id())];
    let first = desk.login_with(&desk.integrator, &account).await;
    desk.world.wait(3_600);
    let reply = desk.refresh(&first.refresh_token).await;
    let answer = reply.json();
    assert_eq!(answer["tokenLifetime"], 3600, "{}", reply.body);
    assert_eq!(answer["tokenExpiration"], "2026-11-21T14:00:00.000Z");
    assert_eq!(answer["refreshTokenExpiration"], "2026-12-20T13:00:00.000Z");
    let second = Session::of(&reply);
    assert_ne!(first.token, second.token);
    assert_ne!(first.refresh_token, second.refresh_token);
    let reply = desk
        .respond_as(&second.bearer(), &teletracker::good())
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let entry = desk.world.only("queue_entry").await;
    assert_eq!(entry.text("account_id"), desk.account_id());
    assert_eq!(desk.world.items("session").await.len(), 1);
}

#[tokio::test]
async fn the_previous_token_works_until_it_expires() {
    let desk = Desk::new().await;
    let first = desk.login().await;
    Session::of(&desk.refresh(&first.refresh_token).await);
    desk.world.wait(30);
    assert_eq!(desk.respond_as(&first.bearer(), &[]).await.status, 400);
}

#[tokio::test]
async fn a_reused_refresh_token_revokes_its_whole_session_and_no_other() {
    let desk = Desk::new().await;
    let (first, other) = (desk.login().await, desk.login().await);
    let second = Session::of(&desk.refresh(&first.refresh_token).await);
    let third = Session::of(&desk.refresh(&second.refresh_token).await);
    assert_eq!(desk.respond_as(&third.bearer(), &[]).await.status, 400);

    let reply = desk.refresh(&first.refresh_token).await;
    assert_refused(&reply, 401, "UNAUTHENTICATED", "the oldest token, reused");
    let reply = desk.refresh(&third.refresh_token).await;
    assert_refused(
        &reply,
        401,
        "UNAUTHENTICATED",
        "the newest token, revoked with its session",
    );
    for (name, session) in [("first", &first), ("second", &second), ("third", &third)] {
        let fresh = desk.world.another_instance();
        let reply = teletracker::respond(&fresh, &session.bearer(), &[]).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", name);
    }
    desk.world.wait(30);
    let reply = desk.respond_as(&third.bearer(), &[]).await;
    assert_refused(
        &reply,
        401,
        "UNAUTHENTICATED",
        "a process that had it cached",
    );

    assert_eq!(desk.respond_as(&other.bearer(), &[]).await.status, 400);
    Session::of(&desk.refresh(&other.refresh_token).await);
    let revoked = desk.world.items("session").await;
    let revoked = revoked.iter().filter(|session| session.has("revoked_at"));
    assert_eq!(revoked.count(), 1);
}

#[tokio::test]
async fn a_reused_refresh_token_revokes_the_session_even_if_its_request_is_refused() {
    for hindrance in ["a limit", "a switch"] {
        let desk = Desk::new().await;
        let limits = Limits {
            per_minute: Some(3),
            ..Limits::default()
        };
        let kind = CredentialKind::User;
        let user = desk
            .world
            .credential_with(&desk.account, kind, |new| new.limits = limits)
            .await;
        let first = desk.login_with(&user, &[]).await;
        let second = Session::of(&desk.refresh(&first.refresh_token).await);
        let third = Session::of(&desk.refresh(&second.refresh_token).await);
        if hindrance == "a switch" {
            set(&desk.world, &user, Status::Disabled).await;
        }

        let reply = desk.refresh(&third.refresh_token).await;
        assert_ne!(reply.status, 200, "{hindrance}");
        let session = desk.world.only("session").await;
        assert!(
            !session.has("revoked_at"),
            "{hindrance}: no token was reused"
        );
        let reply = desk.refresh(&first.refresh_token).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", hindrance);
        let session = desk.world.only("session").await;
        assert!(session.has("revoked_at"), "{hindrance}");

        set(&desk.world, &user, Status::Active).await;
        desk.world.wait(60);
        let reply = desk.respond_as(&third.bearer(), &[]).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", "the current token");
        let reply = desk.refresh(&third.refresh_token).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", "the current refresh token");
    }
}

#[tokio::test]
async fn a_refused_renewal_exchanges_nothing_and_can_be_repeated() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    let limits = Limits {
        per_minute: Some(1),
        ..Limits::default()
    };
    let kind = CredentialKind::User;
    let user = desk
        .world
        .credential_with(&desk.account, kind, |new| new.limits = limits)
        .await;
    let session = desk.login_with(&user, &[]).await;
    proxy.heal();
    let reply = desk.refresh(&session.refresh_token).await;
    assert_refused(
        &reply,
        429,
        "RATE_LIMIT_EXCEEDED",
        "the second renewal within a minute",
    );
    let verbs = proxy.verbs();
    assert_eq!(verbs.get("GetItem"), Some(&3), "token, credential, session");
    assert_eq!(verbs.get("TransactWriteItems"), None);
    desk.world.wait(60);
    Session::of(&desk.refresh(&session.refresh_token).await);
}

#[tokio::test]
async fn of_concurrent_exchanges_one_succeeds_and_the_session_is_revoked() {
    let desk = Desk::new().await;
    let session = desk.login().await;
    let other = desk.world.another_instance();
    let exchanges = (0..10).map(|number| {
        let app = if number % 2 == 0 {
            &desk.world.app
        } else {
            &other
        };
        let parameters = [("refresh_token", session.refresh_token.as_str())];
        async move { teletracker::post(app, REFRESH, "", &parameters).await }.boxed_local()
    });
    let replies = join_all(exchanges).await;
    let done: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(done.len(), 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_refused(reply, 401, "UNAUTHENTICATED", "used at the same moment");
    }
    let reply = desk.refresh(&Session::of(done[0]).refresh_token).await;
    assert_refused(
        &reply,
        401,
        "UNAUTHENTICATED",
        "the session is revoked, because any of the clients may be the thief",
    );
}

#[tokio::test]
async fn a_refresh_token_works_until_its_last_second() {
    let desk = Desk::new().await;
    let (one, other) = (desk.login().await, desk.login().await);
    desk.world.wait(29 * 86_400 - 1);
    Session::of(&desk.refresh(&one.refresh_token).await);
    desk.world.wait(1);
    let reply = desk.refresh(&other.refresh_token).await;
    assert_refused(&reply, 401, "UNAUTHENTICATED", "29 days");
}

#[tokio::test]
async fn a_missing_or_invalid_refresh_token_is_refused() {
    let desk = Desk::new().await;
    let reply = teletracker::post(&desk.world.app, REFRESH, "", &[]).await;
    assert_refused(&reply, 400, "MISSING_REQUIRED_PARAMS", "none");
    assert_eq!(reply.json()["missingInputVars"], json!(["refresh_token"]));
    for token in ["abc", "84e2b789-d5f4-4634-98fe-dacc9fe42ba3"] {
        let reply = desk.refresh(token).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", token);
    }
}

#[tokio::test]
async fn an_exchange_with_a_lost_answer_does_not_revoke_the_session() {
    for forgetful in [false, true] {
        let (world, proxy) = faults::world().await;
        if forgetful {
            proxy.forget_tokens();
        }
        let desk = Desk::on(world).await;
        let lose_the_first = || {
            let once = std::sync::atomic::AtomicBool::new(true);
            move |seen: &faults::Seen| {
                let first = seen.verb == "TransactWriteItems"
                    && once.swap(false, std::sync::atomic::Ordering::SeqCst);
                first.then_some(Fault::LoseAnswer)
            }
        };
        proxy.plan(lose_the_first());
        let session = desk.login().await;
        assert_eq!(desk.respond_as(&session.bearer(), &[]).await.status, 400);
        proxy.plan(lose_the_first());
        let renewed = Session::of(&desk.refresh(&session.refresh_token).await);
        assert_eq!(desk.respond_as(&renewed.bearer(), &[]).await.status, 400);
        proxy.heal();
        Session::of(&desk.refresh(&renewed.refresh_token).await);
        assert!(!desk.world.only("session").await.has("revoked_at"));
    }
}

#[tokio::test]
async fn each_function_makes_the_expected_store_requests() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    desk.login().await;
    proxy.heal();
    let session = desk.login().await;
    let mut verbs = proxy.verbs();
    assert_eq!(verbs.remove("TransactWriteItems"), Some(1));
    assert_eq!(verbs.remove("GetItem"), None, "the user is known");
    proxy.heal();
    Session::of(&desk.refresh(&session.refresh_token).await);
    let mut verbs = proxy.verbs();
    assert_eq!(verbs.remove("TransactWriteItems"), Some(1));
    assert_eq!(
        verbs.remove("GetItem"),
        Some(2),
        "the lookups of the token and its credential"
    );
    assert!(verbs.is_empty(), "{verbs:?}");
}
