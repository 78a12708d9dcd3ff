//! Refused requests: what is listed of them, what is not, and what noting them costs.

use callbook::ledger::RefusedRequestPlace;
use callbook::model::credential::{CredentialKind, Limits, NewCredential, Status};
use callbook_tests::faults::{self, Fault};
use callbook_tests::team::{self, assert_problem};
use callbook_tests::teletracker::basic;
use callbook_tests::tld::{CID, DID, FORM, JSON, PATH, Platform, form};
use callbook_tests::{Key, Reply, World, send_to, vendor};
use serde_json::{Value, json};

use crate::budget::asked;

/// A deployment whose account has a platform that bills, a switch and a user.
struct Scene {
    platform: Platform,
    user: Key,
}

impl Scene {
    async fn on(world: World) -> Self {
        let account = world.account().await;
        let user = world.credential(&account, CredentialKind::User).await;
        let platform = Platform::of(world, &account).await;
        Self { platform, user }
    }

    async fn new() -> Self {
        Self::on(World::new().await).await
    }

    fn world(&self) -> &World {
        &self.platform.world
    }

    async fn ask(&self, query: &str) -> Reply {
        let path = format!("/callbook/v1/requests{query}");
        let app = &self.world().app;
        team::ask(app, &basic(&self.user), "GET", &path, &Value::Null).await
    }

    async fn list(&self, query: &str) -> Vec<Value> {
        let reply = self.ask(query).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["requests"].as_array().unwrap().clone()
    }

    async fn bill_as(&self, key: &Key, body: &str) -> Reply {
        let headers = [
            ("tld-api-id", key.name.as_str()),
            ("tld-api-key", &key.secret),
            ("content-type", FORM),
        ];
        let app = &self.world().app;
        send_to(app, "POST", PATH, &headers, body.as_bytes()).await
    }
}

fn of_each(list: &[Value], name: &str) -> Vec<Value> {
    list.iter().map(|one| one[name].clone()).collect()
}

#[tokio::test]
async fn an_entry_says_what_was_sent_and_why_it_was_refused_and_no_value() {
    let scene = Scene::new().await;
    assert_eq!(
        scene.ask("").await.json(),
        json!({"requests": [], "next_cursor": null})
    );
    let bad = [
        ("did", "12065550100999999"),
        ("cid", CID),
        ("cost", "s3cret"),
    ];
    let first = scene.platform.form(&bad).await;
    assert_eq!(first.status, 400, "{}", first.body);
    scene.world().wait(70);
    let second = scene.platform.form(&bad).await;
    let guid = second.header("x-request-guid").unwrap().to_owned();
    let list = scene.list("").await;
    let id = scene.platform.key.credential.id.as_str();
    assert_eq!(
        list,
        [json!({
            "first_at": "2026-11-21T12:00:00+00:00", "last_at": "2026-11-21T12:01:10+00:00", "count": 2,
            "credential_id": id, "label": "test", "vendor_id": null, "dialect": "tld",
            "function": "inbound-billable", "method": "POST", "route": PATH, "status": 400,
            "error": "invalid_fields", "error_code": null, "fields": ["did", "cost"],
            "reason": list[0]["reason"], "guid": guid,
        })]
    );
    let reason = list[0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("did: ") && reason.contains("cost: "),
        "{reason}"
    );
    let stored = format!("{:?}", scene.world().raw_items("refused_request"));
    for secret in ["2065550100", "s3cret", scene.platform.key.secret.as_str()] {
        assert!(!stored.contains(secret), "{stored}");
    }
}

#[tokio::test]
async fn each_way_of_being_refused_is_an_entry_and_each_hour_has_its_own() {
    let scene = Scene::new().await;
    let (world, account) = (scene.world(), &scene.platform.account);
    scene.platform.bill("25", &[]).await;
    assert_eq!(scene.platform.bill_once("k", "25", &[]).await.status, 200);
    assert_eq!(scene.platform.bill_once("k", "26", &[]).await.status, 409);
    let unread = scene.platform.post("", JSON, "{\"cost\":").await;
    assert_eq!(unread.status, 400, "{}", unread.body);
    let switch = form(&[
        ("username", scene.platform.switch.name.as_str()),
        ("password", &scene.platform.switch.secret),
        ("calling_number", "1"),
    ]);
    world
        .send("GET", &format!("/api/v1?{switch}"), &[], b"")
        .await;
    let number = "/v2/Numbers/18005550100?colour=red";
    let fonedynamics = world
        .credential(account, CredentialKind::Fonedynamics)
        .await;
    let authorization = basic(&fonedynamics);
    let headers = [("authorization", authorization.as_str())];
    world.send("GET", number, &headers, b"").await;
    world.wait(3_600);
    assert_eq!(scene.platform.bill_once("k", "26", &[]).await.status, 409);
    let list = scene.list("").await;
    let told: Vec<_> = list
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or("-").to_owned();
            (
                text("dialect"),
                text("method"),
                text("route"),
                text("error"),
                text("error_code"),
            )
        })
        .collect();
    let told: Vec<[&str; 5]> = told
        .iter()
        .map(|(a, b, c, d, e)| [a.as_str(), b, c, d, e])
        .collect();
    assert_eq!(
        told[0],
        ["tld", "POST", PATH, "idempotency_key_reused", "-"],
        "the latest hour first"
    );
    let mut earlier = told[1..].to_vec();
    earlier.sort_unstable();
    assert_eq!(
        earlier[0][..4],
        ["fonedynamics", "GET", "/v2/Numbers/{}", earlier[0][3]]
    );
    assert_eq!(
        earlier[1],
        ["tld", "POST", PATH, "idempotency_key_reused", "-"]
    );
    assert_eq!(earlier[2], ["tld", "POST", PATH, "malformed_body", "-"]);
    assert_eq!(
        earlier[3][..4],
        ["truecnam", "GET", "/api/v1", "invalid_fields"]
    );
    assert_ne!(earlier[3][4], "-", "its code");
    assert_eq!(told.len(), 5, "{told:?}");
}

#[tokio::test]
async fn a_list_is_narrowed_paged_and_another_account_sees_nothing() {
    let scene = Scene::new().await;
    let (world, account) = (scene.world(), &scene.platform.account);
    vendor::add(world, account, "acme").await;
    let seller = |new: &mut NewCredential| new.vendor = Some(vendor::id("acme"));
    let key = world
        .credential_with(account, CredentialKind::Tld, seller)
        .await;
    for (nth, body) in ["", "cost=1", "cost=1&did=1", "cid=1", "did=1&cid=1"]
        .iter()
        .enumerate()
    {
        let sender = if nth % 2 == 0 {
            &key
        } else {
            &scene.platform.key
        };
        assert_eq!(scene.bill_as(sender, body).await.status, 400);
        world.wait(if nth == 2 { 90_000 } else { 20 });
    }
    let all = scene.list("").await;
    assert_eq!(all.len(), 5, "{all:?}");
    let mut times = of_each(&all, "last_at");
    times.sort_by(|one, other| other.as_str().cmp(&one.as_str()));
    assert_eq!(of_each(&all, "last_at"), times, "the latest first");
    let of_vendor = scene.list("?vendor=acme").await;
    assert_eq!(of_vendor.len(), 3);
    let id = key.credential.id.as_str();
    assert_eq!(scene.list(&format!("?credential={id}")).await, of_vendor);
    assert_eq!(scene.list("?vendor=other").await, Vec::<Value>::new());
    assert_eq!(scene.list("?since=2026-11-22").await, all[..2]);
    assert_eq!(scene.list("?since=2026-11-21T12:00:20Z").await.len(), 4);
    assert_eq!(scene.list("?since=2027-01-01").await, Vec::<Value>::new());
    for limit in 1..=5 {
        let (mut found, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let page = scene.ask(&query).await.json();
            found.extend(page["requests"].as_array().unwrap().clone());
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            query = format!("?limit={limit}&cursor={cursor}");
        }
        assert_eq!(found, all, "{limit} a page");
    }
    let neighbour = world.account().await;
    let user = world.credential(&neighbour, CredentialKind::User).await;
    let authorization = basic(&user);
    let path = "/callbook/v1/requests";
    let theirs = team::ask(&world.app, &authorization, "GET", path, &Value::Null);
    assert_eq!(theirs.await.json()["requests"], json!([]));
    world.wait(6 * 86_400);
    assert_eq!(scene.list("").await, all[..2], "7 days");
    world.wait(86_400);
    assert_eq!(scene.list("").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_request_for_the_list_is_checked_like_any_other() {
    let scene = Scene::new().await;
    for (query, field) in [
        ("?credential=x", "credential"),
        ("?vendor=a%20b", "vendor"),
        ("?since=yesterday", "since"),
        ("?limit=0", "limit"),
        ("?cursor=x", "cursor"),
        ("?colour=red", "colour"),
    ] {
        let reply = scene.ask(query).await;
        assert_problem(&reply, 400, "invalid_fields", query);
        assert_eq!(reply.json()["errors"][0]["field"], field, "{query}");
    }
    // The name of a parameter that does not exist may be anything, so it is not shown.
    let refused = scene.list("").await;
    let unknown = refused
        .iter()
        .find(|one| one["fields"] == json!(["an unknown parameter"]));
    let reason = "an unknown parameter: this request has no such parameter";
    assert_eq!(unknown.unwrap()["reason"], reason);
    for place in [
        "",
        "x",
        "1795262400000",
        "01795262400000#",
        "0179526240000x",
    ] {
        let read = RefusedRequestPlace::parse(place);
        assert_eq!(read.is_some(), place == "01795262400000#", "{place}");
    }
}

#[tokio::test]
async fn who_has_no_right_secret_is_not_listed_and_whoever_may_not_is() {
    let scene = Scene::new().await;
    let (world, account) = (scene.world(), &scene.platform.account);
    let wrong = Key {
        credential: scene.platform.key.credential.clone(),
        name: scene.platform.key.name.clone(),
        secret: "wrong".to_owned(),
    };
    assert_eq!(scene.bill_as(&wrong, "").await.status, 401);
    let unread = scene.platform.post("", JSON, "{\"cost\":").await;
    assert_eq!(
        unread.status, 400,
        "by a process that has not met the credential"
    );
    world
        .send("DELETE", "/callbook/v1/requests", &[], b"")
        .await;
    assert_eq!(scene.list("").await, Vec::<Value>::new());
    let limits = Limits {
        per_minute: Some(1),
        ..Limits::default()
    };
    let limited = |new: &mut NewCredential| new.limits = limits;
    let limited = world
        .credential_with(account, CredentialKind::Tld, limited)
        .await;
    let body = form(&[("did", DID), ("cid", CID), ("cost", "25")]);
    assert_eq!(scene.bill_as(&limited, &body).await.status, 200);
    assert_eq!(scene.bill_as(&limited, &body).await.status, 429);
    world
        .set_status(&scene.platform.key.credential, Status::Disabled)
        .await;
    world.wait(31);
    assert_eq!(scene.platform.bill("25", &[]).await.status, 401);
    let list = scene.list("").await;
    assert_eq!(
        of_each(&list, "reason"),
        [
            "the credential is disabled",
            "the credential reached its limit of requests a minute"
        ]
    );
    assert_eq!(of_each(&list, "status"), [401, 429]);
}

#[tokio::test]
async fn the_same_refusal_again_costs_nothing_for_ten_seconds() {
    let (world, proxy) = faults::world().await;
    let scene = Scene::on(world).await;
    assert_eq!(scene.platform.bill("25", &[]).await.status, 200);
    let refuse = || scene.platform.bill("NaN", &[]);
    let (_, seen) = asked(&proxy, refuse()).await;
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [("UpdateItem".to_owned(), 1)]
    );
    let (_, seen) = asked(&proxy, async {
        for _ in 0..50 {
            refuse().await;
        }
    })
    .await;
    assert!(seen.is_empty(), "{seen:?}");
    scene.world().wait(10);
    let (_, seen) = asked(&proxy, refuse()).await;
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [("UpdateItem".to_owned(), 1)]
    );
    assert_eq!(of_each(&scene.list("").await, "count"), [52]);
    // Junk in many forms is no more entries than there are forms, and at most 21.
    scene.world().wait(10);
    let (_, seen) = asked(&proxy, async {
        for nth in 0..200_u32 {
            let mut fields = vec![
                ("did", DID),
                ("cid", CID),
                ("cost", "1"),
                ("call_date", "x"),
            ];
            fields.retain(|(name, _)| match *name {
                "did" => nth & 1 == 0,
                "cid" => nth & 2 == 0,
                "cost" => nth & 4 == 0,
                _ => nth & 8 == 0,
            });
            scene.platform.form(&fields).await;
        }
    })
    .await;
    assert!(seen["UpdateItem"] <= 21, "{seen:?}");
}

#[tokio::test]
async fn two_processes_count_in_one_entry_and_the_latest_request_stays() {
    let scene = Scene::new().await;
    let world = scene.world();
    let other = world.restarted();
    let [id, key] = scene.platform.headers();
    let headers = [id, key, ("content-type", FORM)];
    let refuse = async |app, body: &str| {
        let reply = send_to(app, "POST", PATH, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        reply.header("x-request-guid").unwrap().to_owned()
    };
    refuse(&world.app, "cost=x").await;
    refuse(&other, "cost=x").await;
    world.wait(5);
    refuse(&other, "cost=x").await;
    world.wait(6);
    let latest = refuse(&world.app, "cost=x").await;
    let list = scene.list("").await;
    assert_eq!((list.len(), &list[0]["count"]), (1, &json!(3)));
    world.wait(5);
    // With its second request of another kind, the other process writes what it has added up 11 seconds before.
    for _ in 0..2 {
        refuse(&other, "did=18005550100&cost=x").await;
    }
    let list = scene.list("").await;
    assert_eq!(list.len(), 2, "{list:?}");
    assert_eq!(
        (&list[1]["count"], &list[1]["guid"]),
        (&json!(4), &json!(latest))
    );
}

#[tokio::test]
async fn an_answer_is_the_same_when_it_cannot_be_noted() {
    let (world, proxy) = faults::world().await;
    let scene = Scene::on(world).await;
    assert_eq!(scene.platform.bill("25", &[]).await.status, 200);
    let noted = scene.platform.bill("NaN", &[]).await;
    scene.world().wait(10);
    for fault in [Fault::Down, Fault::Garble] {
        proxy.plan(move |_| Some(fault));
        let reply = scene.platform.bill("NaN", &[]).await;
        assert_eq!((reply.status, &reply.body), (400, &noted.body));
        proxy.heal();
        scene.world().wait(10);
    }
    // A write whose answer was lost is not counted twice.
    let times = || {
        let entry = scene.world().raw_items("refused_request").remove(0);
        callbook_audit::number(&entry, "times").unwrap()
    };
    let before = times();
    proxy.plan(|seen| (seen.number == 0).then_some(Fault::LoseAnswer));
    scene.platform.bill("NaN", &[]).await;
    assert_eq!(times(), before + 1);
}
