//! Authentication, the choice of the account, and tokens.

use callbook::model::credential::{CredentialKind, Status};
use callbook_tests::faults;
use callbook_tests::teletracker::{
    self, Desk, LOGIN, RAPID, Session, assert_refused, basic, good, integrator, pair,
};
use serde_json::json;

use super::set;

#[tokio::test]
async fn every_wrong_authorization_header_gets_the_same_answer() {
    let desk = Desk::new().await;
    let (user, partner) = (&desk.user, &desk.integrator);
    for (case, header) in [
        ("no header", String::new()),
        ("no scheme", pair(&user.name, &user.secret)),
        (
            "another scheme",
            format!("Digest {}", pair(&user.name, &user.secret)),
        ),
        ("no base64", "Basic ???".to_owned()),
        ("no colon", "Basic bm9ib2R5".to_owned()),
        ("no password", format!("Basic {}", pair(&user.name, ""))),
        ("no name", format!("Basic {}", pair("", &user.secret))),
        (
            "an unknown name",
            format!("Basic {}", pair("nobody", &user.secret)),
        ),
        (
            "a wrong password",
            format!("Basic {}", pair(&user.name, "wrong")),
        ),
        ("a user as an integrator", integrator(user)),
        ("an integrator as a user", basic(partner)),
        ("no token", "Bearer".to_owned()),
        ("no UUID", "Bearer abc".to_owned()),
        (
            "an unknown token",
            "Bearer 84e2b789-d5f4-4634-98fe-dacc9fe42ba3".to_owned(),
        ),
    ] {
        for parameters in [&good()[..], &[]] {
            let reply = desk.respond_as(&header, parameters).await;
            assert_refused(&reply, 401, "UNAUTHENTICATED", case);
            assert_eq!(
                reply.header("www-authenticate"),
                Some("Basic realm=\"Callbook\""),
                "{case}"
            );
        }
    }
    assert!(desk.world.items("queue_entry").await.is_empty());
}

#[tokio::test]
async fn the_scheme_ignores_case_and_a_password_can_contain_colons() {
    let desk = Desk::new().await;
    let header = format!("bAsIc {}", pair(&desk.user.name, &desk.user.secret));
    assert_eq!(desk.respond_as(&header, &good()).await.status, 200);
    let header = format!("Basic {}", pair(&desk.user.name, "with:colons"));
    assert_refused(
        &desk.respond_as(&header, &good()).await,
        401,
        "UNAUTHENTICATED",
        "colons",
    );
}

#[tokio::test]
async fn a_user_acts_for_its_default_account_or_another_that_it_names() {
    let desk = Desk::new().await;
    let (second, foreign) = (
        teletracker::account(&desk.world).await,
        teletracker::account(&desk.world).await,
    );
    let user = desk
        .world
        .credential_with(&desk.account, CredentialKind::User, |new| {
            new.accounts = vec![second.id.clone()];
        })
        .await;
    let session = desk
        .login_with(&user, &[("account_id", second.id.as_str())])
        .await;
    for (header, account, acted) in [
        (basic(&user), None, Some(&desk.account)),
        (basic(&user), Some(desk.account_id()), Some(&desk.account)),
        (basic(&user), Some(second.id.as_str()), Some(&second)),
        (basic(&user), Some(foreign.id.as_str()), None),
        (basic(&user), Some("99999999"), None),
        (basic(&user), Some("no number"), None),
        (session.bearer(), None, Some(&second)),
        (session.bearer(), Some(second.id.as_str()), Some(&second)),
        (session.bearer(), Some(desk.account_id()), None),
    ] {
        desk.world.wait(3_600);
        let session = desk
            .login_with(&user, &[("account_id", second.id.as_str())])
            .await;
        let header = if header.starts_with("Bearer") {
            session.bearer()
        } else {
            header
        };
        let mut parameters = good().to_vec();
        parameters.extend(account.map(|account| ("account_id", account)));
        let before = desk.world.items("queue_entry").await.len();
        let reply = desk.respond_as(&header, &parameters).await;
        let case = format!("{} {account:?}", header.split(' ').next().unwrap());
        let entries = desk.world.items("queue_entry").await;
        match acted {
            Some(acted) => {
                assert_eq!(reply.status, 200, "{case}: {}", reply.body);
                let newest = entries.iter().max_by_key(|entry| entry.text("created_at"));
                assert_eq!(
                    newest.unwrap().text("account_id"),
                    acted.id.as_str(),
                    "{case}"
                );
            }
            None => {
                assert_refused(&reply, 403, "INVALID_ACCOUNT", &case);
                assert_eq!(entries.len(), before, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn an_integrator_must_name_one_of_its_accounts() {
    let desk = Desk::new().await;
    let foreign = teletracker::account(&desk.world).await;
    let header = integrator(&desk.integrator);
    let named = |account| {
        let mut parameters = good().to_vec();
        parameters.push(("account_id", account));
        parameters
    };
    let reply = desk.respond_as(&header, &good()).await;
    assert_refused(&reply, 400, "MISSING_REQUIRED_PARAMS", "no account");
    assert_eq!(reply.json()["missingInputVars"], json!(["account_id"]));
    let reply = desk.respond_as(&header, &named(foreign.id.as_str())).await;
    assert_refused(&reply, 403, "INVALID_ACCOUNT", "a foreign account");
    let reply = desk.respond_as(&header, &named(desk.account_id())).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn a_sign_in_issues_a_token_for_an_hour_and_a_refresh_token_for_29_days() {
    let desk = Desk::new().await;
    let account = [("account_id", desk.account_id())];
    for (key, more) in [(&desk.user, &[][..]), (&desk.integrator, &account)] {
        let reply = teletracker::login(&desk.world.app, key, more).await;
        let answer = reply.json();
        let mut names: Vec<_> = answer.as_object().unwrap().keys().cloned().collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "guid",
                "refreshToken",
                "refreshTokenExpiration",
                "success",
                "token",
                "tokenExpiration",
                "tokenLifetime"
            ]
        );
        assert_eq!(answer["tokenLifetime"], 3600);
        assert_eq!(answer["tokenExpiration"], "2026-11-21T13:00:00.000Z");
        assert_eq!(answer["refreshTokenExpiration"], "2026-12-20T12:00:00.000Z");
        let session = Session::of(&reply);
        assert_eq!((session.token.len(), session.refresh_token.len()), (36, 36));
        assert_ne!(session.token, session.refresh_token);
        for item in desk.world.all_items().await {
            let item = format!("{item:?}");
            assert!(!item.contains(&session.token), "an item contains the token");
            assert!(
                !item.contains(&session.refresh_token),
                "an item contains the refresh token"
            );
        }
    }
    assert_eq!(desk.world.items("session").await.len(), 2);
}

#[tokio::test]
async fn a_sign_in_reports_missing_and_invalid_parameters() {
    let desk = Desk::new().await;
    let app = &desk.world.app;
    let (name, secret) = (desk.user.name.as_str(), desk.user.secret.as_str());
    for (parameters, missing) in [
        (&[][..], json!(["password", "username"])),
        (&[("username", name)], json!(["password"])),
        (
            &[("password", secret), ("username", " ")],
            json!(["username"]),
        ),
    ] {
        let reply = teletracker::post(app, LOGIN, "", parameters).await;
        assert_refused(&reply, 400, "MISSING_REQUIRED_PARAMS", &missing.to_string());
        assert_eq!(reply.json()["missingInputVars"], missing);
    }
    for (case, parameters) in [
        ("wrong", [("username", name), ("password", "wrong")]),
        ("unknown", [("username", "nobody"), ("password", secret)]),
        (
            "an impossible name",
            [("username", "a b\u{e9}"), ("password", secret)],
        ),
    ] {
        let reply = teletracker::post(app, LOGIN, "", &parameters).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", case);
    }
    let reply = teletracker::login(app, &desk.integrator, &[]).await;
    assert_refused(
        &reply,
        400,
        "MISSING_REQUIRED_PARAMS",
        "an integrator without an account",
    );
    assert_eq!(reply.json()["missingInputVars"], json!(["account_id"]));
    let foreign = teletracker::account(&desk.world).await;
    for key in [&desk.user, &desk.integrator] {
        let reply = teletracker::login(app, key, &[("account_id", foreign.id.as_str())]).await;
        assert_refused(&reply, 403, "INVALID_ACCOUNT", "a foreign account");
    }
    let reply = teletracker::login(app, &desk.user, &[("auth_only", "2")]).await;
    assert_refused(&reply, 422, "INVALID_PARAMETER", "auth_only");
    assert!(desk.world.items("session").await.is_empty());
    assert!(desk.world.items("token").await.is_empty());
}

#[tokio::test]
async fn auth_only_verifies_the_password_and_issues_no_token() {
    let desk = Desk::new().await;
    let app = &desk.world.app;
    let account = desk.account_id();
    for (key, more) in [
        (&desk.user, vec![("auth_only", "1")]),
        (
            &desk.integrator,
            vec![("auth_only", "1"), ("account_id", account)],
        ),
    ] {
        let reply = teletracker::login(app, key, &more).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(
            reply.json(),
            json!({"success": true, "guid": reply.header("x-request-guid")})
        );
        let wrong = [
            ("username", &*key.name),
            ("password", "wrong"),
            ("auth_only", "1"),
        ];
        let reply = teletracker::post(app, LOGIN, "", &wrong).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", "wrong");
    }
    assert!(desk.world.items("session").await.is_empty());
    assert!(desk.world.items("token").await.is_empty());
    let reply = teletracker::login(app, &desk.user, &[("auth_only", "0")]).await;
    assert_eq!(Session::of(&reply).token.len(), 36);
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_cost_the_same_store_requests() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    let mut asked = Vec::new();
    for (name, secret) in [
        ("nobody", "wrong"),
        (desk.user.name.as_str(), "wrong"),
        (&desk.integrator.name, "wrong"),
    ] {
        proxy.heal();
        let parameters = [("username", name), ("password", secret)];
        let reply = teletracker::post(&desk.world.app, LOGIN, "", &parameters).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", name);
        asked.push(proxy.verbs());
    }
    assert_eq!(
        asked[0].values().sum::<usize>(),
        2,
        "one lookup as a user, one as an integrator"
    );
    assert!(asked.iter().all(|one| *one == asked[0]), "{asked:?}");
}

#[tokio::test]
async fn a_token_works_until_its_last_second_even_in_a_process_that_has_it_cached() {
    let desk = Desk::new().await;
    let session = desk.login().await;
    let ask = async || desk.respond_as(&session.bearer(), &[]).await;
    desk.world.wait(3_599);
    assert_refused(
        &ask().await,
        400,
        "MISSING_REQUIRED_PARAMS",
        "the last second",
    );
    desk.world.wait(1);
    assert_refused(
        &ask().await,
        401,
        "UNAUTHENTICATED",
        "after an hour, cached",
    );
    let fresh = desk.world.another_instance();
    let reply = teletracker::respond(&fresh, &session.bearer(), &[]).await;
    assert_refused(&reply, 401, "UNAUTHENTICATED", "after an hour, not cached");
}

#[tokio::test]
async fn tokens_and_refresh_tokens_are_not_interchangeable() {
    let desk = Desk::new().await;
    let session = desk.login().await;
    let header = format!("Bearer {}", session.refresh_token);
    let reply = desk.respond_as(&header, &good()).await;
    assert_refused(&reply, 401, "UNAUTHENTICATED", "a refresh token as a token");
    let reply = desk.refresh(&session.token).await;
    assert_refused(&reply, 401, "UNAUTHENTICATED", "a token as a refresh token");
    assert_eq!(
        desk.respond_as(&session.bearer(), &good()).await.status,
        200
    );
    Session::of(&desk.refresh(&session.refresh_token).await);
}

#[tokio::test]
async fn disabling_a_credential_disables_its_tokens_within_thirty_seconds() {
    for status in [Status::Disabled, Status::Revoked] {
        let desk = Desk::new().await;
        let session = desk.login().await;
        let ask = async || desk.respond_as(&session.bearer(), &[]).await;
        assert_eq!(ask().await.status, 400, "the token is cached");
        set(&desk.world, &desk.user, status).await;
        let fresh = desk.world.another_instance();
        let reply = teletracker::respond(&fresh, &session.bearer(), &[]).await;
        assert_refused(
            &reply,
            401,
            "UNAUTHENTICATED",
            "a process without the token in its cache",
        );
        desk.world.wait(30);
        assert_refused(
            &ask().await,
            401,
            "UNAUTHENTICATED",
            "a process that had it cached",
        );
        let reply = desk.refresh(&session.refresh_token).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", "the current refresh token");
        let reply = teletracker::login(&desk.world.app, &desk.user, &[]).await;
        assert_refused(&reply, 401, "UNAUTHENTICATED", "its password");
        if status == Status::Disabled {
            set(&desk.world, &desk.user, Status::Active).await;
            desk.world.wait(30);
            assert_eq!(ask().await.status, 400, "enabled again");
        }
    }
}

#[tokio::test]
async fn a_token_expires_with_its_credential() {
    let desk = Desk::new().await;
    let until = desk
        .world
        .clock
        .now()
        .plus(std::time::Duration::from_secs(100));
    let user = desk
        .world
        .credential_with(&desk.account, CredentialKind::User, |new| {
            new.expires = Some(until);
        })
        .await;
    let session = desk.login_with(&user, &[]).await;
    desk.world.wait(99);
    assert_eq!(desk.respond_as(&session.bearer(), &[]).await.status, 400);
    desk.world.wait(1);
    let reply = desk.respond_as(&session.bearer(), &[]).await;
    assert_refused(&reply, 401, "UNAUTHENTICATED", "expired");
    let reply = desk.refresh(&session.refresh_token).await;
    assert_refused(&reply, 401, "UNAUTHENTICATED", "expired");
}

#[tokio::test]
async fn a_token_costs_four_reads_once_and_none_while_it_is_cached() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    let session = desk.login().await;
    desk.world.wait(30);
    proxy.heal();
    assert_eq!(desk.respond_as(&session.bearer(), &[]).await.status, 400);
    let reads = proxy.verbs().remove("GetItem");
    assert_eq!(reads, Some(4), "token, session, credential, account");
    proxy.heal();
    assert_eq!(desk.respond_as(&session.bearer(), &[]).await.status, 400);
    assert!(proxy.seen().is_empty());
    assert!(
        teletracker::post(&desk.world.app, RAPID, "Bearer abc", &[])
            .await
            .status
            == 401
    );
    assert!(
        proxy.seen().is_empty(),
        "a malformed token costs no store request"
    );
}
