//! Checks the answers of TeleTracker's functions against `openapi.yaml`.

use callbook::model::credential::CredentialKind;
use callbook_tests::faults::{self, Fault, Proxy};
pub use callbook_tests::teletracker::account;
use callbook_tests::teletracker::{LOGIN, RAPID, REFRESH, Session, basic};
use callbook_tests::tld::{FORM, JSON, form};
use callbook_tests::{Key, World};

use crate::answers::{Client, disabled, orphan, rule};

const KIND: CredentialKind = CredentialKind::User;

/// A valid user credential, and one for each reason of refusal.
struct Users {
    world: World,
    proxy: Proxy,
    good: Key,
    off: Key,
    elsewhere: Key,
    rate: Key,
    quota: Key,
    broken: Key,
}

impl Users {
    async fn new() -> Self {
        let (world, proxy) = faults::world().await;
        let account = account(&world).await;
        let good = world.credential(&account, KIND).await;
        let off = disabled(&world, &account, KIND).await;
        let elsewhere = world
            .credential_with(&account, KIND, |new| {
                new.endpoints = vec![rule("/elsewhere")];
            })
            .await;
        let rate = world
            .credential_with(&account, KIND, |new| new.limits.per_minute = Some(1))
            .await;
        let quota = world
            .credential_with(&account, KIND, |new| new.limits.per_month = Some(1))
            .await;
        let broken = orphan(&world, KIND).await;
        Self {
            world,
            proxy,
            good,
            off,
            elsewhere,
            rate,
            quota,
            broken,
        }
    }

    /// Sends bodies that are refused on every path.
    async fn bodies(&self, client: &mut Client<'_>, path: &str) {
        let authorization = basic(&self.good);
        let large = format!("a={}", "x".repeat(300_000));
        for (media, body, status) in [
            (FORM, "", 400),
            (JSON, "{", 400),
            (FORM, "", 405),
            (FORM, large.as_str(), 413),
            ("text/plain", "a=b", 415),
        ] {
            let headers = [("content-type", media), ("authorization", &authorization)];
            client.ask(&self.world, path, &headers, body, status).await;
        }
    }
}

/// The refresh token of a new session.
pub async fn refresh_token(world: &World, user: &Key) -> String {
    let reply = callbook_tests::teletracker::login(&world.app, user, &[]).await;
    Session::of(&reply).refresh_token
}

pub async fn rapid_response(client: &mut Client<'_>) {
    let users = Users::new().await;
    users.bodies(client, RAPID).await;
    let ask =
        |callee: &'static str, more: &'static str| format!("callee={callee}&whisper_text=x{more}");
    let good = &users.good;
    for (key, body, status) in [
        (good, ask("2069735100", ""), 200),
        (good, ask("2069735100", ""), 409),
        (good, ask("12", ""), 422),
        (good, ask("2069735101", "&callprocess_id=1"), 422),
        (good, ask("2069735101", "&account_id=1"), 403),
        (&users.elsewhere, ask("2069735101", ""), 403),
        (&users.off, ask("2069735101", ""), 401),
        (&users.rate, ask("2069735102", ""), 200),
        (&users.rate, ask("2069735103", ""), 429),
        (&users.quota, ask("2069735104", ""), 200),
        (&users.quota, ask("2069735105", ""), 429),
        (&users.broken, ask("2069735101", ""), 500),
    ] {
        let headers = [("content-type", FORM), ("authorization", &basic(key))];
        client
            .ask(&users.world, RAPID, &headers, &body, status)
            .await;
    }
    users.proxy.plan(|_| Some(Fault::Down));
    let headers = [("content-type", FORM), ("authorization", &basic(good))];
    client
        .ask(&users.world, RAPID, &headers, &ask("2069735106", ""), 503)
        .await;
}

pub async fn login(client: &mut Client<'_>) {
    let users = Users::new().await;
    users.bodies(client, LOGIN).await;
    let good = &users.good;
    for (key, more, status) in [
        (good, [("auth_only", "0")], 200),
        (good, [("auth_only", "1")], 200),
        (good, [("auth_only", "2")], 422),
        (good, [("account_id", "1")], 403),
        (&users.off, [("", "")], 401),
        (&users.elsewhere, [("", "")], 403),
        (&users.rate, [("", "")], 200),
        (&users.rate, [("", "")], 429),
        (&users.quota, [("", "")], 200),
        (&users.quota, [("", "")], 429),
        (&users.broken, [("", "")], 500),
        (good, [("", "")], 503),
    ] {
        if status == 503 {
            users.proxy.plan(|_| Some(Fault::Down));
        }
        let body = form(&[("username", &key.name), ("password", &key.secret), more[0]]);
        let headers = [("content-type", FORM)];
        client
            .ask(&users.world, LOGIN, &headers, &body, status)
            .await;
    }
}

pub async fn refresh(client: &mut Client<'_>) {
    let users = Users::new().await;
    users.bodies(client, REFRESH).await;
    let world = &users.world;
    let good = refresh_token(world, &users.good).await;
    let other = refresh_token(world, &users.good).await;
    let limited = refresh_token(world, &users.rate).await;
    let gone = {
        let account = account(world).await;
        let user = world.credential(&account, KIND).await;
        let token = refresh_token(world, &user).await;
        world.remove_account(&account.id).await;
        token
    };
    let fenced = {
        let account = account(world).await;
        let user = world
            .credential_with(&account, KIND, |new| new.endpoints = vec![rule(LOGIN)])
            .await;
        refresh_token(world, &user).await
    };
    world.wait(30);
    let object = r#"{"refresh_token":{}}"#;
    client
        .ask(world, REFRESH, &[("content-type", JSON)], object, 422)
        .await;
    for (token, status) in [
        (good.as_str(), 200),
        (&good, 401),
        ("abc", 401),
        (&fenced, 403),
        (&limited, 429),
        (&gone, 500),
        (&other, 503),
    ] {
        if status == 503 {
            users.proxy.plan(|_| Some(Fault::Down));
        }
        let body = form(&[("refresh_token", token)]);
        client
            .ask(world, REFRESH, &[("content-type", FORM)], &body, status)
            .await;
    }
    let json = [("content-type", "application/json")];
    let body = r#"{"refresh_token":{}}"#;
    client.ask(world, REFRESH, &json, body, 422).await;
}
