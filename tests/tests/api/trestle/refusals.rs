//! Every refusal in the contract's table of answers.

use callbook::model::credential::{CredentialKind, Limits, Product, Status};
use callbook::model::time::Instant;
use callbook_tests::{NOON, Reply, World};
use serde_json::json;

use super::{PATH, assert_success, feedback, feedback_but, send, world};

fn assert_refused(reply: &Reply, status: u16, code: &str, message: &str, hint: &str) {
    assert_eq!(reply.status, status, "{}", reply.body);
    assert_eq!(
        reply.json(),
        json!({"errorCode": code, "message": message, "hint": hint})
    );
}

#[tokio::test]
async fn a_missing_unknown_or_revoked_key_has_its_error() {
    let (world, key) = world().await;
    for headers in [&[][..], &[("x-api-key", "")], &[("x-api-key", "  ")]] {
        assert_refused(
            &world
                .send("POST", PATH, headers, feedback().as_bytes())
                .await,
            403,
            "MISSING_API_KEY",
            "No API key was provided in the request.",
            "Include your API key in the x-api-key header.",
        );
    }
    let (of, id) = (&key.credential.account, &key.credential.id);
    world
        .ledger
        .set_credential_status(of, id, Status::Revoked)
        .await
        .unwrap();
    let nearly = format!("{}x", key.secret);
    for shown in ["unknown", nearly.as_str(), key.secret.as_str()] {
        let headers = [("x-api-key", shown)];
        assert_refused(
            &world
                .send("POST", PATH, &headers, feedback().as_bytes())
                .await,
            403,
            "INVALID_API_KEY",
            "The API key provided is invalid or has been revoked.",
            "Verify your x-api-key header value or contact support.",
        );
    }
    assert_eq!(world.items("feedback").await, []);
}

#[tokio::test]
async fn a_key_without_permission_is_answered_with_one_of_three_reasons() {
    let world = World::new().await;
    let account = world.account().await;
    let expired = world
        .credential_with(&account, CredentialKind::Trestle, |new| {
            new.expires = Some(Instant::from_millis(NOON));
        })
        .await;
    let elsewhere = world
        .credential_with(&account, CredentialKind::Trestle, |new| {
            new.products = vec![Product::CallerId];
        })
        .await;
    let disabled = world.credential(&account, CredentialKind::Trestle).await;
    let id = &disabled.credential.id;
    world
        .ledger
        .set_credential_status(&account.id, id, Status::Disabled)
        .await
        .unwrap();
    for (key, reason) in [
        (expired, "expired"),
        (disabled, "disabled"),
        (elsewhere, "no access to this product"),
    ] {
        assert_refused(
            &send(&world, &key, &feedback()).await,
            403,
            "FORBIDDEN",
            "Access denied. Your API key may be disabled, expired, or not authorized for this product.",
            &format!("Contact support with your API key reference. ({reason})"),
        );
    }
}

#[tokio::test]
async fn a_key_works_until_it_expires() {
    let world = World::new().await;
    let account = world.account().await;
    let key = world
        .credential_with(&account, CredentialKind::Trestle, |new| {
            new.expires = Some(Instant::from_millis(NOON + 10_000));
        })
        .await;
    world.wait(9);
    assert_success(&send(&world, &key, &feedback()).await);
    world.wait(1);
    assert_eq!(send(&world, &key, &feedback()).await.status, 403);
}

#[tokio::test]
async fn a_key_over_its_rate_limit_is_answered_with_retry_after() {
    let world = World::new().await;
    let account = world.account().await;
    let limits = Limits {
        per_second: Some(2),
        ..Limits::default()
    };
    let key = world
        .credential_with(&account, CredentialKind::Trestle, |new| new.limits = limits)
        .await;
    assert_success(&send(&world, &key, &feedback()).await);
    assert_eq!(
        send(&world, &key, "{}").await.status,
        400,
        "refused requests do not count"
    );
    assert_success(&send(&world, &key, &feedback()).await);
    let refused = send(&world, &key, &feedback()).await;
    assert_refused(
        &refused,
        429,
        "RATE_LIMIT_EXCEEDED",
        "You are sending requests too quickly.",
        "Implement exponential backoff and retry.",
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    world.wait(1);
    assert_success(&send(&world, &key, &feedback()).await);
}

#[tokio::test]
async fn an_exhausted_quota_resets_at_the_end_of_the_month() {
    let world = World::new().await;
    let account = world.account().await;
    let limits = Limits {
        per_month: Some(1),
        ..Limits::default()
    };
    let key = world
        .credential_with(&account, CredentialKind::Trestle, |new| new.limits = limits)
        .await;
    assert_success(&send(&world, &key, &feedback()).await);
    let refused = send(&world, &key, &feedback()).await;
    assert_refused(
        &refused,
        429,
        "QUOTA_EXCEEDED",
        "Your API quota for this billing period has been exhausted.",
        "Upgrade your plan or wait for the next billing cycle.",
    );
    // Noon of the 21st to midnight of the 1st: nine and a half days.
    assert_eq!(refused.header("retry-after"), Some("820800"));
    world.wait(820_799);
    assert_eq!(send(&world, &key, &feedback()).await.status, 429);
    world.wait(1);
    assert_success(&send(&world, &key, &feedback()).await);
}

#[tokio::test]
async fn wrong_paths_methods_and_sizes_are_refused_in_the_dialect() {
    let (world, key) = world().await;
    let headers = [("x-api-key", key.secret.as_str())];
    let reply = world
        .send(
            "POST",
            "/1.0/phone_feedbacks",
            &headers,
            feedback().as_bytes(),
        )
        .await;
    assert_eq!(
        (reply.status, &reply.json()["error"]),
        (404, &json!("not_found"))
    );
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let reply = world.send(method, PATH, &headers, b"").await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, Some("POST")),
            "{method}"
        );
        assert!(reply.json()["message"].is_string());
    }
    let large = feedback_but("ignored", Some(json!("x".repeat(300 * 1024))));
    let reply = send(&world, &key, &large).await;
    assert_eq!(reply.status, 413);
    assert!(reply.json()["error"].is_string() && reply.json()["message"].is_string());
    assert_eq!(world.items("feedback").await, []);
}

#[tokio::test]
async fn an_internal_error_is_a_500_without_details() {
    let (world, key) = world().await;
    world.break_credential(&key.credential).await;
    let reply = send(&world, &key, &feedback()).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["error"], "internal_server_error");
    let message = reply.json()["message"].as_str().unwrap().to_owned();
    assert!(
        !message.is_empty() && !message.contains("credential"),
        "{message}"
    );
}
