use callbook_tests::faults::{self, Fault};
use callbook_tests::items::Stored;
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx, pair};
use callbook_tests::{World, send_to};
use futures_util::future::join_all;
use serde_json::json;

const HOUR: u64 = 3_600;

/// Every item but the counts of the limit on starts and ends.
async fn recorded(world: &World) -> Vec<Stored> {
    let mut items = world.all_items().await;
    items.retain(|item| item.text("type") != "limit");
    items
}

#[tokio::test]
async fn an_end_records_the_end_and_the_duration_of_the_call() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(125);
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    let call = world.only("call").await;
    assert_eq!(call.text("duration_seconds"), "125");
    assert_eq!(
        call.text("ended_at"),
        world.clock.now().millis().to_string()
    );
}

#[tokio::test]
async fn an_end_answers_the_name_of_the_called_number() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.name(&world, CALLING, "Who Calls").await;
    pbx.name(&world, CALLED, "Acme Insurance Brokers").await;
    let (name, extended) = ("ACME INSURANCE", "Acme Insurance Brokers");
    for (kind, wanted) in [
        ("simple", json!({"status": "ok", "name": name})),
        (
            "basic",
            json!({"status": "ok", "err": "0", "error_msg": "", "name": name}),
        ),
        (
            "extended",
            json!({
                "status": "ok", "err": "0", "error_msg": "",
                "name": name, "extended_name": extended,
            }),
        ),
    ] {
        pbx.start(&world, CALLING, CALLED).await;
        let asked = [
            &pair("orig_call_end", CALLING, CALLED)[..],
            &[("resp_type", kind)],
        ]
        .concat();
        let reply = pbx.get(&world, &asked).await;
        assert_eq!((reply.status, reply.json()), (200, wanted), "{kind}");
    }
}

#[tokio::test]
async fn a_call_is_live_for_four_hours_or_the_time_set_for_its_account() {
    for (hours, after, err) in [
        (4, 4 * HOUR - 1, "0"),
        (4, 4 * HOUR + 1, "7"),
        (1, HOUR - 1, "0"),
        (1, HOUR + 1, "7"),
        (48, 47 * HOUR, "0"),
    ] {
        let world = World::new().await;
        let pbx = Pbx::with(&world, |account| {
            account.carrier = true;
            account.live_call_hours = hours;
        })
        .await;
        pbx.start(&world, CALLING, CALLED).await;
        world.wait(after);
        assert_eq!(
            pbx.end(&world, CALLING, CALLED).await,
            err,
            "{hours} h, after {after} s"
        );
    }
}

#[tokio::test]
async fn an_end_without_a_live_call_is_an_error_and_records_nothing() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    let before = recorded(&world).await.len();
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "7", "never started");
    assert_eq!(recorded(&world).await.len(), before, "nothing was recorded");

    pbx.start(&world, CALLING, CALLED).await;
    let before = recorded(&world).await;
    for (calling, called) in [(CALLED, CALLING), (CALLING, OTHER), (OTHER, CALLED)] {
        assert_eq!(pbx.end(&world, calling, called).await, "7", "another pair");
    }
    assert_eq!(
        recorded(&world).await,
        before,
        "nothing was recorded or changed"
    );
}

#[tokio::test]
async fn a_second_end_is_an_error_and_changes_nothing() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(10);
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    let ended = recorded(&world).await;
    world.wait(10);
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "7");
    assert_eq!(recorded(&world).await, ended);
}

#[tokio::test]
async fn an_end_with_a_lost_answer_ends_the_call_once() {
    let (world, proxy) = faults::world().await;
    proxy.forget_tokens();
    let pbx = Pbx::carrier(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(10);
    proxy.plan(|seen| {
        let first_write = seen.verb == "TransactWriteItems" && seen.attempt == 1;
        first_write.then_some(Fault::LoseAnswer)
    });
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    proxy.heal();
    assert_eq!(
        pbx.end(&world, CALLING, CALLED).await,
        "7",
        "the call has ended"
    );
    let call = world.only("call").await;
    assert_eq!(call.text("duration_seconds"), "10");
}

#[tokio::test]
async fn ended_and_expired_live_calls_are_not_read() {
    let (world, proxy) = faults::world().await;
    let pbx = Pbx::carrier(&world).await;
    for last in 0..20 {
        let calling = format!("120697351{last:02}");
        pbx.start(&world, &calling, CALLED).await;
        assert_eq!(pbx.end(&world, &calling, CALLED).await, "0");
    }
    assert!(world.items("live_call").await.is_empty());

    pbx.start(&world, CALLING, CALLED).await;
    world.wait(4 * HOUR + 1);
    proxy.heal();
    pbx.ask(&world, CALLING, Some(CALLED)).await;
    let seen = proxy.seen();
    let live = seen
        .iter()
        .find(|seen| seen.body["FilterExpression"] == "live_until > :now");
    let values =
        &live.expect("the query filters out expired live calls").body["ExpressionAttributeValues"];
    assert_eq!(
        values[":now"]["N"],
        world.clock.now().millis().to_string().as_str()
    );
}

#[tokio::test]
async fn an_end_by_an_account_that_is_not_a_carrier_is_an_error_and_the_call_stays_live() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "6");
    assert!(!world.only("call").await.has("ended_at"));
    assert_eq!(pbx.true_clid(&world, CALLING, CALLED).await, "verified");
}

#[tokio::test]
async fn a_key_with_carrier_service_can_end_calls_of_an_account_that_is_not_a_carrier() {
    let world = World::new().await;
    let mut pbx = Pbx::new(&world).await;
    let kind = pbx.key.credential.kind;
    pbx.key = world
        .credential_with(&pbx.account, kind, |new| new.carrier = true)
        .await;
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
}

#[tokio::test]
async fn of_concurrent_ends_exactly_one_ends_the_call() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(7);
    let path = format!(
        "/api/v1?{}",
        pbx.encoded(&pair("orig_call_end", CALLING, CALLED))
    );
    let instances = [world.app.clone(), world.another_instance()];
    let sent = (0..12).map(|n| send_to(&instances[n % 2], "GET", &path, &[], b""));
    let mut codes: Vec<String> = Vec::new();
    for reply in join_all(sent).await {
        assert_eq!(reply.status, 200);
        codes.push(reply.json()["err"].as_str().unwrap().to_owned());
    }
    codes.sort();
    assert_eq!(codes[0], "0");
    assert!(codes[1..].iter().all(|err| err == "7"), "{codes:?}");
    assert_eq!(world.only("call").await.text("duration_seconds"), "7");
}
