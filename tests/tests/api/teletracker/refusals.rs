//! Refused credentials, exceeded limits, and errors of the deployment.

use callbook::model::credential::{CredentialKind, NewCredential, Product};
use callbook::model::rules::{EndpointRule, IpRule};
use callbook_tests::Key;
use callbook_tests::faults::{self, Fault};
use callbook_tests::teletracker::{
    self, Desk, RAPID, REFRESH, assert_refused, basic, good, integrator,
};

async fn user(desk: &Desk, change: impl FnOnce(&mut NewCredential)) -> Key {
    desk.world
        .credential_with(&desk.account, CredentialKind::User, change)
        .await
}

#[tokio::test]
async fn a_credential_without_permission_is_forbidden() {
    let desk = Desk::new().await;
    let elsewhere = user(&desk, |new| {
        new.endpoints = vec![EndpointRule::parse("/reports/*").unwrap()];
    })
    .await;
    let from = user(&desk, |new| {
        new.addresses = vec![IpRule::parse("203.0.113.0/24").unwrap()];
    })
    .await;
    let product = user(&desk, |new| new.products = vec![Product::CallData]).await;
    for (case, key) in [
        ("path", &elsewhere),
        ("address", &from),
        ("product", &product),
    ] {
        let reply = desk.respond_as(&basic(key), &good()).await;
        assert_refused(&reply, 403, "FORBIDDEN", case);
    }
    for (case, key) in [("path", &elsewhere), ("address", &from)] {
        let reply = teletracker::login(&desk.world.app, key, &[]).await;
        assert_refused(&reply, 403, "FORBIDDEN", case);
    }
    let session = desk.login_with(&product, &[]).await;
    let reply = desk.respond_as(&session.bearer(), &good()).await;
    assert_refused(
        &reply,
        403,
        "FORBIDDEN",
        "the product of a token's credential",
    );
    assert!(desk.world.items("queue_entry").await.is_empty());
}

#[tokio::test]
async fn a_credential_of_another_vendor_is_unknown() {
    let desk = Desk::new().await;
    for kind in [
        CredentialKind::Tld,
        CredentialKind::Truecnam,
        CredentialKind::Trestle,
    ] {
        let key = desk.world.credential(&desk.account, kind).await;
        for header in [basic(&key), integrator(&key)] {
            let reply = desk.respond_as(&header, &good()).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED", kind.as_str());
        }
    }
}

#[tokio::test]
async fn a_limit_counts_requests_sign_ins_and_renewals_together() {
    let desk = Desk::new().await;
    let second = teletracker::account(&desk.world).await;
    let slow = user(&desk, |new| {
        new.limits.per_minute = Some(3);
        new.accounts = vec![second.id.clone()];
    })
    .await;
    let session = desk.login_with(&slow, &[]).await;
    let session = teletracker::Session::of(&desk.refresh(&session.refresh_token).await);
    let other = [good()[0], good()[1], ("account_id", second.id.as_str())];
    assert_eq!(desk.respond_as(&basic(&slow), &other).await.status, 200);
    let retry_after = |reply: &callbook_tests::Reply| {
        let seconds = reply.header("retry-after").expect("Retry-After");
        seconds.parse::<u32>().expect("seconds")
    };
    let app = &desk.world.app;
    for (case, reply) in [
        ("request", desk.respond_as(&basic(&slow), &good()).await),
        ("token", desk.respond_as(&session.bearer(), &good()).await),
        ("sign-in", teletracker::login(app, &slow, &[]).await),
        ("renewal", desk.refresh(&session.refresh_token).await),
    ] {
        assert_refused(&reply, 429, "RATE_LIMIT_EXCEEDED", case);
        assert_eq!(retry_after(&reply), 60, "{case}");
    }
    desk.world.wait(60);
    teletracker::Session::of(&desk.refresh(&session.refresh_token).await);

    let used_up = user(&desk, |new| new.limits.per_month = Some(1)).await;
    desk.login_with(&used_up, &[]).await;
    let reply = desk.respond_as(&basic(&used_up), &good()).await;
    assert_refused(&reply, 429, "QUOTA_EXCEEDED", "quota");
    assert!(retry_after(&reply) > 60);
}

#[tokio::test]
async fn a_duplicate_counts_against_the_limits_and_an_invalid_request_does_not() {
    let desk = Desk::new().await;
    let slow = user(&desk, |new| new.limits.per_minute = Some(2)).await;
    for _ in 0..5 {
        let reply = desk.respond_as(&basic(&slow), &[]).await;
        assert_refused(&reply, 400, "MISSING_REQUIRED_PARAMS", "not counted");
    }
    assert_eq!(desk.respond_as(&basic(&slow), &good()).await.status, 200);
    let reply = desk.respond_as(&basic(&slow), &good()).await;
    assert_refused(&reply, 409, "DUPLICATE_QUEUE_ENTRY", "counted");
    let reply = desk.respond_as(&basic(&slow), &good()).await;
    assert_refused(&reply, 429, "RATE_LIMIT_EXCEEDED", "the third");
}

#[tokio::test]
async fn a_missing_account_is_an_internal_error() {
    let desk = Desk::new().await;
    let session = desk.login().await;
    desk.world.remove_account(&desk.account.id).await;
    let fresh = desk.world.another_instance();
    for (case, reply) in [
        (
            "request",
            teletracker::respond(&fresh, &basic(&desk.user), &good()).await,
        ),
        (
            "token",
            teletracker::respond(&fresh, &session.bearer(), &good()).await,
        ),
        ("sign-in", teletracker::login(&fresh, &desk.user, &[]).await),
        (
            "renewal",
            teletracker::post(
                &fresh,
                REFRESH,
                "",
                &[("refresh_token", &session.refresh_token)],
            )
            .await,
        ),
    ] {
        assert_refused(&reply, 500, "INTERNAL_ERROR", case);
    }
}

#[tokio::test]
async fn an_unreachable_store_is_a_503_and_nothing_is_done() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    let session = desk.login().await;
    let known = basic(&desk.user);
    assert_eq!(desk.respond_as(&known, &[]).await.status, 400);
    proxy.plan(|_| Some(Fault::Down));
    let app = &desk.world.app;
    for (case, reply) in [
        ("request", desk.respond_as(&known, &good()).await),
        ("integrator", {
            let named = [good()[0], good()[1], ("account_id", desk.account_id())];
            teletracker::post(app, RAPID, &integrator(&desk.integrator), &named).await
        }),
        ("token", desk.respond_as(&session.bearer(), &good()).await),
        ("sign-in", teletracker::login(app, &desk.user, &[]).await),
        ("renewal", desk.refresh(&session.refresh_token).await),
    ] {
        assert_refused(&reply, 503, "SERVICE_UNAVAILABLE", case);
        assert_eq!(reply.header("retry-after"), Some("1"), "{case}");
    }
    proxy.heal();
    assert!(desk.world.items("queue_entry").await.is_empty());
    assert_eq!(desk.world.items("session").await.len(), 1);
    teletracker::Session::of(&desk.refresh(&session.refresh_token).await);
}
