//! Checks the answers of call data against `openapi.yaml`.

use callbook::model::credential::CredentialKind;
use callbook_tests::call_data::authorization;
use callbook_tests::faults::{self, Fault};
use callbook_tests::tld::{FORM, JSON, form};

use crate::answers::{Client, disabled, orphan};

/// Sends requests that get every documented status of call data.
pub async fn requests(client: &mut Client<'_>) {
    let (world, proxy) = faults::world().await;
    let account = world.account().await;
    let kind = CredentialKind::User;
    let key = world.credential(&account, kind).await;
    let rate = world
        .credential_with(&account, kind, |new| new.limits.per_minute = Some(1))
        .await;
    let off = disabled(&world, &account, kind).await;
    let broken = orphan(&world, kind).await;
    let caller_id = world.credential(&account, CredentialKind::Truecnam).await;
    for calling in ["12069735100", "12069735101"] {
        let call = [
            ("username", caller_id.name.as_str()),
            ("password", &caller_id.secret),
            ("calling_number", calling),
            ("called_number", "18005550100"),
        ];
        let path = format!("/api/v1?{}", form(&call));
        world.send("GET", &path, &[], b"").await;
    }
    let today = "start_date=2026-11-21&end_date=2026-11-21";
    let (csv, lines) = (
        format!("{today}&format=csv&limit=1"),
        format!("{today}&format=ndjson"),
    );
    let (page, foreign) = (format!("{today}&limit=1"), format!("{today}&account_id=1"));
    let large = format!("{today}&x={}", "x".repeat(300_000));
    for (key, media, body, status) in [
        (&key, FORM, today, 200),
        (&key, FORM, &page, 200),
        (&key, FORM, &csv, 200),
        (&key, FORM, &lines, 200),
        (&key, FORM, "", 400),
        (&key, JSON, "{", 400),
        (&off, FORM, today, 401),
        (&key, FORM, &foreign, 403),
        (&key, FORM, today, 405),
        (&key, FORM, &large, 413),
        (&key, "text/plain", today, 415),
        (&key, FORM, "start_date=x&end_date=2026-11-21", 422),
        (&rate, FORM, today, 200),
        (&rate, FORM, today, 429),
        (&broken, FORM, today, 500),
        (&key, FORM, today, 503),
    ] {
        if status == 503 {
            proxy.plan(|_| Some(Fault::Down));
        }
        let authorization = authorization(key);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", media),
        ];
        let path = "/reports/call-data";
        client.ask(&world, path, &headers, body, status).await;
    }
}
