//! Who is let in: users, by name and password or by a token, and nobody else.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ledger::Update;
use callbook::model::credential::{
    Credential, CredentialKind, NewCredential, Product, Role, Status,
};
use callbook::model::rules::{EndpointRule, IpRule};
use callbook_local::engine::TABLE;
use callbook_tests::team::{ME, Team, VENDORS, ask, assert_problem};
use callbook_tests::teletracker::{Session, basic, integrator, login};
use callbook_tests::{Key, World};
use serde_json::{Value, json};

async fn user(team: &Team, change: impl FnOnce(&mut NewCredential)) -> Key {
    let kind = CredentialKind::User;
    team.world
        .credential_with(&team.account, kind, change)
        .await
}

async fn get(team: &Team, authorization: &str, path: &str) -> callbook_tests::Reply {
    ask(&team.world.app, authorization, "GET", path, &Value::Null).await
}

#[tokio::test]
async fn a_user_signs_in_by_password_or_token_and_is_told_who_it_is() {
    let team = Team::new().await;
    let second = team.world.account().await;
    let key = user(&team, |new| new.accounts = vec![second.id.clone()]).await;
    let session = |reply| Session::of(&reply).bearer();
    let app = &team.world.app;
    let own = session(login(app, &key, &[]).await);
    let chosen = [("account_id", second.id.as_str())];
    let other = session(login(app, &key, &chosen).await);
    for (authorization, account, case) in [
        (basic(&key), &team.account, "basic: the default account"),
        (own, &team.account, "a token of the default account"),
        (other, &second, "a token of another account"),
    ] {
        let me = get(&team, &authorization, ME).await;
        assert_eq!(me.status, 200, "{case}: {}", me.body);
        let me = me.json();
        assert_eq!(me["account_id"], account.id.as_str(), "{case}");
        assert_eq!(me["username"], key.name, "{case}");
        assert_eq!(me["credential_id"], key.credential.id.as_str(), "{case}");
        assert_eq!(
            (&me["role"], &me["currency"]),
            (&json!("admin"), &json!("USD"))
        );
    }
    let viewer = get(&team, &basic(&team.viewer), ME).await.json();
    assert_eq!(viewer["role"], "viewer");
}

#[tokio::test]
async fn nobody_else_signs_in() {
    let team = Team::new().await;
    let world = &team.world;
    let mut wrong = vec![
        (String::new(), "missing_credential", "no header"),
        ("Basic".to_owned(), "unknown_credential", "no value"),
        ("Basic !".to_owned(), "unknown_credential", "no base64"),
        ("Bearer x".to_owned(), "unknown_credential", "no token"),
        (
            "Digest x".to_owned(),
            "unknown_credential",
            "another scheme",
        ),
    ];
    for kind in [
        CredentialKind::Trestle,
        CredentialKind::Tld,
        CredentialKind::Truecnam,
        CredentialKind::Integrator,
        CredentialKind::Fonedynamics,
    ] {
        let key = world
            .credential_with(&team.account, kind, |new| {
                new.products = vec![Product::Callbook];
            })
            .await;
        for header in [basic(&key), integrator(&key)] {
            wrong.push((header, "unknown_credential", kind.as_str()));
        }
    }
    let password = Key {
        credential: team.admin.credential.clone(),
        name: team.admin.name.clone(),
        secret: "0".repeat(64),
    };
    wrong.push((basic(&password), "unknown_credential", "a wrong password"));
    for (authorization, code, case) in wrong {
        for path in [ME, VENDORS] {
            let reply = get(&team, &authorization, path).await;
            assert_problem(&reply, 401, code, case);
            let challenge = reply.header("www-authenticate").expect("a challenge");
            assert!(
                challenge.contains("Basic") && challenge.contains("Bearer"),
                "{case}"
            );
        }
    }
}

#[tokio::test]
async fn a_token_of_an_integrator_is_refused_whatever_its_products() {
    let team = Team::new().await;
    let world = &team.world;
    for products in [Vec::new(), vec![Product::Callbook, Product::CallData]] {
        let key = world
            .credential_with(&team.account, CredentialKind::Integrator, |new| {
                new.products = products;
            })
            .await;
        let account = [("account_id", team.account.id.as_str())];
        let session = Session::of(&login(&world.app, &key, &account).await);
        let reply = get(&team, &session.bearer(), ME).await;
        assert_problem(&reply, 403, "product_not_allowed", "a partner's token");
    }
}

#[tokio::test]
async fn a_user_that_may_not_is_told_so() {
    let team = Team::new().await;
    let now = team.world.clock.now();
    let rule = |text| EndpointRule::parse(text).unwrap();
    let expired = user(&team, |new| new.expires = Some(now)).await;
    let product = user(&team, |new| new.products = vec![Product::CallData]).await;
    let path = user(&team, |new| new.endpoints = vec![rule("/reports/*")]).await;
    let range = IpRule::parse("203.0.113.0/24").unwrap();
    let address = user(&team, |new| new.addresses = vec![range]).await;
    let disabled = user(&team, |_| {}).await;
    let revoked = user(&team, |_| {}).await;
    team.world
        .set_status(&disabled.credential, Status::Disabled)
        .await;
    team.world
        .set_status(&revoked.credential, Status::Revoked)
        .await;
    for (key, status, code) in [
        (&expired, 401, "credential_expired"),
        (&disabled, 401, "credential_disabled"),
        (&revoked, 401, "unknown_credential"),
        (&product, 403, "product_not_allowed"),
        (&path, 403, "endpoint_not_allowed"),
        (&address, 403, "address_not_allowed"),
    ] {
        let reply = get(&team, &basic(key), VENDORS).await;
        assert_problem(&reply, status, code, code);
    }
    let slow = user(&team, |new| new.limits.per_minute = Some(1)).await;
    assert_eq!(get(&team, &basic(&slow), ME).await.status, 200);
    let reply = get(&team, &basic(&slow), ME).await;
    assert_problem(&reply, 429, "rate_limited", "too fast");
    assert_eq!(reply.header("retry-after"), Some("60"));
}

#[tokio::test]
async fn a_viewer_reads_and_writes_nothing_in_any_dialect() {
    let team = Team::new().await;
    team.vendor("acme").await;
    let one = format!("{VENDORS}/acme");
    let terms = format!("{one}/terms");
    let session = Session::of(&login(&team.world.app, &team.viewer, &[]).await);
    for authorization in [basic(&team.viewer), session.bearer()] {
        for path in [ME, VENDORS, &one] {
            assert_eq!(get(&team, &authorization, path).await.status, 200, "{path}");
        }
        for (method, path, body) in [
            (
                "POST",
                VENDORS,
                json!({"vendor_id": "beta", "name": "Beta"}),
            ),
            ("PATCH", &one, json!({"status": "paused"})),
            ("PUT", &terms, json!({"from": "2026-12-01", "price": "1"})),
            // What is wrong with the body is not told to somebody who may not send it.
            ("POST", VENDORS, json!({})),
        ] {
            let reply = ask(&team.world.app, &authorization, method, path, &body).await;
            assert_problem(&reply, 403, "read_only", path);
        }
        let queued = [("callee", "2065550100"), ("whisper_text", "x")];
        let reply = callbook_tests::teletracker::respond(&team.world.app, &authorization, &queued);
        assert_eq!(reply.await.status, 403, "TeleTracker's writes too");
    }
    assert_eq!(
        team.get(VENDORS).await.json()["vendors"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(team.get(&one).await.json()["status"], "active");
}

async fn set_role(world: &World, key: &Key, role: Role) {
    let Credential { account, id, .. } = &key.credential;
    let updated = world
        .ledger
        .update_credential(account, id, |credential| credential.set_role(role));
    assert!(matches!(updated.await, Ok(Update::Updated(_))));
}

#[tokio::test]
async fn a_change_of_role_counts_within_thirty_seconds() {
    let team = Team::new().await;
    let world = &team.world;
    let session = Session::of(&login(&world.app, &team.admin, &[]).await);
    let body = json!({"vendor_id": "acme", "name": "Acme"});
    let headers = [basic(&team.admin), session.bearer()];
    for authorization in &headers {
        assert_eq!(get(&team, authorization, ME).await.status, 200);
    }
    set_role(world, &team.admin, Role::Viewer).await;
    for authorization in &headers {
        let fresh = world.another_instance();
        let reply = ask(&fresh, authorization, "POST", VENDORS, &body).await;
        assert_problem(&reply, 403, "read_only", "an instance that knew nothing");
    }
    world.wait(30);
    for authorization in &headers {
        let reply = ask(&world.app, authorization, "POST", VENDORS, &body).await;
        assert_problem(&reply, 403, "read_only", "30 seconds later");
    }
    set_role(world, &team.admin, Role::Admin).await;
    world.wait(30);
    for authorization in &headers {
        let reply = ask(&world.app, authorization, "POST", VENDORS, &body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
    }
}

/// Makes a stored credential what an earlier version wrote: without a role, with these products.
async fn as_before(world: &World, key: &Key, products: &[&str]) {
    let Credential { account, id, .. } = &key.credential;
    let list = products
        .iter()
        .map(|one| AttributeValue::S((*one).to_owned()));
    let list = AttributeValue::L(list.collect());
    for (pk, sk) in [
        (format!("CRED#user#{}", key.name), "CRED".to_owned()),
        (format!("A#{account}"), format!("CRED#{id}")),
    ] {
        let client = world.engine.client();
        let update = client.update_item().table_name(TABLE);
        let update = update
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .update_expression("SET products = :products REMOVE #role, revision")
            .expression_attribute_names("#role", "role")
            .expression_attribute_values(":products", list.clone());
        update.send().await.expect("it is written");
    }
}

#[tokio::test]
async fn an_account_of_an_earlier_version_has_the_default_settings() {
    let team = Team::new().await;
    let (client, id) = (team.world.engine.client(), &team.account.id);
    let update = client.update_item().table_name(TABLE);
    let update = update
        .key("pk", AttributeValue::S(format!("A#{id}")))
        .key("sk", AttributeValue::S("ACCOUNT".to_owned()))
        .update_expression("REMOVE currency, same_call_seconds, rebill, date_order");
    update.send().await.expect("it is written");
    let me = team.get(ME).await;
    assert_eq!(me.json()["currency"], "USD", "{}", me.body);
    let stored = team.world.ledger.account(id).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&team.account), "as a new account's");
}

#[tokio::test]
async fn a_user_of_an_earlier_version_is_an_admin_unless_its_products_were_chosen() {
    let team = Team::new().await;
    let (whole, restricted) = (user(&team, |_| {}).await, user(&team, |_| {}).await);
    as_before(&team.world, &whole, &["call-data", "rapid-response"]).await;
    as_before(&team.world, &restricted, &["call-data"]).await;
    let me = get(&team, &basic(&whole), ME).await;
    assert_eq!(me.status, 200, "{}", me.body);
    assert_eq!(me.json()["role"], "admin");
    let body = json!({"vendor_id": "acme", "name": "Acme"});
    let reply = ask(&team.world.app, &basic(&whole), "POST", VENDORS, &body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let reply = get(&team, &basic(&restricted), ME).await;
    assert_problem(
        &reply,
        403,
        "product_not_allowed",
        "its products were chosen",
    );

    set_role(&team.world, &whole, Role::Viewer).await;
    team.world.wait(30);
    let me = get(&team, &basic(&whole), ME).await;
    assert_eq!(me.json()["role"], "viewer", "a role takes no product away");
}
