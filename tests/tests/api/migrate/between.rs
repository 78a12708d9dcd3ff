//! Requests on a ledger that is not migrated yet, or only in part, and repeats of earlier requests.

use callbook::model::phone::PhoneNumber;
use callbook_tests::earlier::{self, Answers};
use rust_decimal::Decimal;
use serde_json::json;

use super::cut_off::{behind_proxy, migrate_until};
use super::{acknowledged, earlier_world, sum};

#[tokio::test]
async fn a_bill_that_comes_again_is_answered_as_at_first() {
    let (world, answers) = (earlier_world().await, Answers::read());
    earlier::migrate(&world, &world.ledger).await;
    let costs = world.items("cost").await.len();
    for (name, key) in [
        ("bill 1", None),
        ("bill 1 dearer", None),
        ("bill 2 at a date", None),
        ("bill 2 of a day", None),
        ("bill 2 with key", Some("k-2")),
    ] {
        let first = answers.named(name);
        let form: Vec<String> = first["request"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
            .collect();
        let reply = world.bill_of_earlier(&answers, &form.join("&"), key).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.body);
        assert_eq!(reply.json(), first["answer"], "{name}");
    }
    assert_eq!(world.items("cost").await.len(), costs);
    let other = world
        .bill_of_earlier(
            &answers,
            "did=13105550111&cid=12065550102&cost=99",
            Some("k-2"),
        )
        .await;
    assert_eq!(other.status, 409, "{}", other.body);
}

#[tokio::test]
async fn bills_that_come_in_between_are_kept_like_the_others() {
    for done in [0, 40] {
        let (world, proxy, ledger) = behind_proxy().await;
        let answers = Answers::read();
        migrate_until(&world, (&proxy, &ledger), done).await;
        let mut more = Decimal::ZERO;
        for (cid, cost) in [
            ("12065550101", 41),
            ("12065550102", 42),
            ("12065550140", 43),
        ] {
            let did = match cid {
                "12065550140" => "13105550121",
                _ => "13105550111",
            };
            let form = format!("did={did}&cid={cid}&cost={cost}");
            let reply = world.bill_of_earlier(&answers, &form, None).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            more += Decimal::from(cost);
            world.wait(1);
        }
        earlier::migrate(&world, &ledger).await;
        let [first, _] = answers.accounts();
        let expected = acknowledged(&answers, 0) + more;
        assert_eq!(sum(&world, first.as_str(), None).await, expected);
        // The later word of the same platform counts, although its call was converted after it.
        let costs = world.items("cost").await;
        for cost in ["41", "42", "43"] {
            let found = costs.iter().find(|one| one.text("amount") == cost).unwrap();
            assert_eq!(
                found.text("state"),
                "in_force",
                "{cost} after {done} writes"
            );
            assert!(found.has("call_sid"), "{cost} after {done} writes");
        }
        world.roll_up().await;
    }
}

#[tokio::test]
async fn a_call_that_is_reported_again_is_converted_and_loses_nothing() {
    let (world, answers) = (earlier_world().await, Answers::read());
    let token = answers.token();
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let first = answers.named("switch call");
    let path = first["path"].as_str().unwrap();
    let request = first["request"].as_object().unwrap();
    // The switch reports the call again, without what became of it.
    let form = format!(
        "From=%2B{}&To=%2B{}&Started={}",
        request["From"].as_str().unwrap().trim_start_matches('+'),
        request["To"].as_str().unwrap().trim_start_matches('+'),
        request["Started"]
    );
    let reply = world.send("POST", path, &headers, form.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for name in ["CallSid", "Disposition", "Ended"] {
        assert_eq!(reply.json()[name], first["answer"][name], "{name}");
    }
    // Another call's end is corrected.
    let lookup = answers.named("end of call 2")["path"].as_str().unwrap();
    let reply = world
        .send("POST", lookup, &headers, b"Disposition=Failed")
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json()["Disposition"], "Failed");
    earlier::migrate(&world, &world.ledger).await;
    let [account, _] = answers.accounts();
    assert_eq!(
        sum(&world, account.as_str(), None).await,
        acknowledged(&answers, 0)
    );
    let reply = world.send("GET", lookup, &headers, b"").await;
    assert_eq!(reply.json()["Disposition"], "Failed");
}

#[tokio::test]
async fn a_live_call_ends_whether_its_start_is_converted_or_not() {
    for migrated in [false, true] {
        let world = earlier_world().await;
        if migrated {
            earlier::migrate(&world, &world.ledger).await;
        }
        let live = world.items("live_call").await;
        assert!(!live.is_empty());
        let [account, _] = Answers::read().accounts();
        let account = earlier::account(&world.ledger, &account).await;
        for call in &live {
            let number = |text: &str| PhoneNumber::from_stored(text).unwrap();
            let called = call.text("pk");
            let called = number(called.trim_start_matches("LIVE#"));
            let calling = number(&call.text("calling"));
            let ended = world.ledger.end_call(
                &account,
                &calling,
                &called,
                callbook::ids::guid(),
                world.clock.now(),
            );
            ended.await.unwrap();
        }
        if !migrated {
            earlier::migrate(&world, &world.ledger).await;
        }
        assert!(world.items("live_call").await.is_empty());
    }
}

#[tokio::test]
async fn callbooks_own_lists_say_that_the_account_is_not_migrated() {
    let (world, answers) = (earlier_world().await, Answers::read());
    let user = answers.user();
    let headers = [("authorization", user.as_str())];
    let range = "from=2026-11-01&to=2026-11-30";
    let paths = [
        format!("/callbook/v1/costs?{range}"),
        format!("/callbook/v1/calls?{range}"),
        format!("/callbook/v1/summary?{range}"),
    ];
    for path in &paths {
        let reply = world.send("GET", path, &headers, b"").await;
        assert_eq!(reply.status, 409, "{path}: {}", reply.body);
        let kind = &reply.json()["type"];
        assert_eq!(*kind, json!("urn:callbook:problem:account_not_migrated"));
        assert!(reply.body.contains("callbook migrate"), "{}", reply.body);
    }
    let me = world.send("GET", "/callbook/v1/me", &headers, b"").await;
    assert_eq!(me.status, 200, "{}", me.body);
    // What could not be converted is named in the first run; the second marks the account.
    earlier::migrate(&world, &world.ledger).await;
    earlier::migrate(&world, &world.ledger).await;
    for path in &paths {
        // Accounts are cached for half a minute.
        world.wait(31);
        let reply = world.send("GET", path, &headers, b"").await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    }
}
