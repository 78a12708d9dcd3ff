use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx, pair};
use callbook_tests::{World, send_to};
use futures_util::future::join_all;

#[tokio::test]
async fn a_start_is_recorded_as_an_outbound_call() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    let call = world.only("call").await;
    assert_eq!(call.text("direction"), "outbound");
    assert_eq!(call.text("call_from"), format!("+{CALLING}"));
    assert_eq!(call.text("call_to"), format!("+{CALLED}"));
    assert_eq!(call.text("account_id"), pbx.account.id.as_str());
    assert_eq!(
        call.text("started_at"),
        world.clock.now().millis().to_string()
    );
    assert!(!call.has("ended_at"));
    assert!(
        world.items("lead").await.is_empty(),
        "a called party is not a lead"
    );
}

#[tokio::test]
async fn every_account_can_start_calls() {
    let world = World::new().await;
    for pbx in [Pbx::new(&world).await, Pbx::carrier(&world).await] {
        pbx.start(&world, CALLING, CALLED).await;
    }
    assert_eq!(
        world.items("call").await.len(),
        2,
        "each account has its own call"
    );
}

#[tokio::test]
async fn a_start_repeated_within_a_minute_is_the_same_call() {
    for (after, calls) in [(0, 1), (1, 1), (59, 1), (61, 2), (3_600, 2)] {
        let world = World::new().await;
        let pbx = Pbx::new(&world).await;
        pbx.start(&world, CALLING, CALLED).await;
        world.wait(after);
        pbx.start(&world, CALLING, CALLED).await;
        assert_eq!(
            world.items("call").await.len(),
            calls,
            "repeated after {after} s"
        );
    }
}

#[tokio::test]
async fn a_repeated_start_does_not_change_the_start_of_the_call() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(30);
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(30);
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(world.only("call").await.text("duration_seconds"), "60");
}

#[tokio::test]
async fn each_pair_of_numbers_is_its_own_call() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for (calling, called) in [(CALLING, CALLED), (CALLED, CALLING), (CALLING, OTHER)] {
        pbx.start(&world, calling, called).await;
    }
    assert_eq!(world.items("call").await.len(), 3);
}

#[tokio::test]
async fn a_start_after_an_end_is_a_new_call_even_within_the_minute() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    world.wait(5);
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    world.wait(5);
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(world.items("call").await.len(), 2);
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
}

#[tokio::test]
async fn concurrent_starts_of_a_pair_are_one_call() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let path = format!(
        "/api/v1?{}",
        pbx.encoded(&pair("orig_call_start", CALLING, CALLED))
    );
    let instances = [world.app.clone(), world.another_instance()];
    let sent = (0..20).map(|n| send_to(&instances[n % 2], "GET", &path, &[], b""));
    for reply in join_all(sent).await {
        assert_eq!(
            (reply.status, reply.json()["status"].as_str()),
            (200, Some("ok"))
        );
    }
    assert_eq!(world.items("call").await.len(), 1);
}
