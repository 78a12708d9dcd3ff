//! `GET /callbook/v1/events`: pages, types, a cursor that goes on, and what is refused.

use callbook::model::credential::CredentialKind;
use callbook_tests::teletracker::basic;
use serde_json::{Value, json};

use super::Scene;

const PATH: &str = "/callbook/v1/events";

/// The page at a query, which must be answered.
async fn page(scene: &Scene, query: &str) -> Value {
    let reply = scene.ask("GET", &format!("{PATH}{query}"), "").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

fn ids(page: &Value) -> Vec<String> {
    let events = page["events"].as_array().unwrap().iter();
    events
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_poll_goes_on_where_the_last_one_ended() {
    let scene = Scene::new().await;
    let first = page(&scene, "").await;
    assert_eq!(
        (&first["events"], &first["has_more"]),
        (&json!([]), &json!(false))
    );
    let mut cursor = first["next_cursor"].as_str().unwrap().to_owned();
    let mut seen = Vec::new();
    for round in 0..3 {
        scene
            .platform
            .call_of(&format!("+1206555018{round}"), "+18005550100")
            .await;
        scene.world().publish().await;
        // What is written just now is not listed yet.
        let query = format!("?cursor={cursor}");
        assert_eq!(page(&scene, &query).await["events"], json!([]));
        scene.world().wait(10);
        loop {
            let found = page(&scene, &format!("?limit=1&cursor={cursor}")).await;
            seen.extend(ids(&found));
            cursor = found["next_cursor"].as_str().unwrap().to_owned();
            if found["has_more"] == false {
                break;
            }
        }
    }
    let all: Vec<_> = scene
        .events()
        .await
        .iter()
        .map(|event| event.id.to_string())
        .collect();
    assert_eq!(seen, all);
    assert_eq!(all.len(), 6, "a call and a lead in each round");
}

#[tokio::test]
async fn a_list_is_narrowed_to_types_and_begins_where_it_is_told() {
    let scene = Scene::new().await;
    scene.platform.call().await;
    scene.platform.bill("25", &[]).await;
    scene.world().publish().await;
    scene.world().wait(3 * 86_400);
    assert_eq!(
        page(&scene, "").await["events"],
        json!([]),
        "only a day back"
    );
    let all = page(&scene, "?from=2026-11-21").await;
    assert_eq!(all["events"].as_array().unwrap().len(), 5, "{all}");
    for (types, count) in [
        ("cost.recorded", 1),
        ("cost.recorded,cost.matched", 2),
        ("number.bought", 0),
    ] {
        let found = page(&scene, &format!("?from=2026-11-21&type={types}")).await;
        assert_eq!(ids(&found).len(), count, "{types}");
    }
    let found = page(&scene, "?from=2026-11-22T00:00:00Z").await;
    assert_eq!(found["events"], json!([]));
    let found = page(&scene, "?from=2027-01-01").await;
    assert_eq!(found["events"], json!([]), "nothing has happened by then");
    // After 30 days nothing is left to be listed, whether the table has removed it or not.
    scene.world().wait(30 * 86_400);
    assert_eq!(page(&scene, "?from=2026-11-21").await["events"], json!([]));
}

#[tokio::test]
async fn what_is_wrong_with_a_poll_is_told_all_at_once() {
    let scene = Scene::new().await;
    let query = "?from=soon&type=call.lost&limit=0&cursor=x&color=red";
    let reply = scene.ask("GET", &format!("{PATH}{query}"), "").await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    let errors = reply.json()["errors"].as_array().unwrap().clone();
    let mut fields: Vec<_> = errors
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["color", "cursor", "from", "limit", "type"]);
    let reply = scene.world().send("GET", PATH, &[], b"").await;
    assert_eq!(reply.status, 401);
    let reply = scene.ask("POST", PATH, "{}").await;
    assert_eq!(reply.status, 405);
}

#[tokio::test]
async fn nobody_sees_another_accounts_events() {
    let scene = Scene::new().await;
    scene.platform.call().await;
    scene.world().publish().await;
    scene.world().wait(10);
    let cursor = page(&scene, "?limit=1").await["next_cursor"].clone();
    let other = scene.world().account().await;
    let user = scene.world().credential(&other, CredentialKind::User).await;
    let authorization = basic(&user);
    let headers = [("authorization", authorization.as_str())];
    let reply = scene.world().send("GET", PATH, &headers, b"").await;
    assert_eq!(
        (reply.status, reply.json()["events"].clone()),
        (200, json!([]))
    );
    let path = format!("{PATH}?cursor={}", cursor.as_str().unwrap());
    let reply = scene.world().send("GET", &path, &headers, b"").await;
    assert_eq!(reply.status, 400, "a cursor is its account's");
}
