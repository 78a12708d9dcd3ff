use callbook_tests::World;
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx};
use callbook_tests::{send_to, tld};
use futures_util::future::join_all;

const DAY: u64 = 86_400;

#[tokio::test]
async fn an_inbound_call_is_recorded_with_its_lead_and_first_contact() {
    let world = World::new().await;
    let pbx = Pbx::with(&world, |account| account.vendor_id = "77".to_owned()).await;
    assert_eq!(pbx.ask(&world, CALLING, Some(CALLED)).await["err"], "0");
    let now = world.clock.now().millis().to_string();
    let (call, lead) = (world.only("call").await, world.only("lead").await);
    let first = world.only("first_contact").await;
    assert_eq!(call.text("direction"), "inbound");
    assert_eq!(call.text("call_from"), format!("+{CALLING}"));
    assert_eq!(call.text("call_to"), format!("+{CALLED}"));
    assert_eq!(call.text("started_at"), now);
    assert_eq!(call.text("lead_id"), lead.text("lead_id"));
    assert_eq!(lead.text("phone"), format!("+{CALLING}"));
    assert_eq!(lead.text("vendor_id"), "77");
    assert_eq!(first.text("call_sid"), call.text("call_sid"));
    assert_eq!(first.text("contacted_at"), now);
}

#[tokio::test]
async fn later_calls_of_a_caller_share_the_lead_and_are_not_first_contacts() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    for called in [CALLED, CALLED, OTHER] {
        pbx.ask(&world, CALLING, Some(called)).await;
        world.wait(60);
    }
    let (lead, calls) = (world.only("lead").await, world.items("call").await);
    assert_eq!(calls.len(), 3);
    assert!(
        calls
            .iter()
            .all(|call| call.text("lead_id") == lead.text("lead_id"))
    );
    let first = world.only("first_contact").await;
    let earliest = calls.iter().map(|call| call.text("started_at")).min();
    assert_eq!(earliest, Some(first.text("contacted_at")));
}

#[tokio::test]
async fn concurrent_calls_of_a_new_caller_create_one_lead_and_one_first_contact() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let path = |n: usize| {
        let called = format!("180055501{n:02}");
        let query = pbx.encoded(&[("calling_number", CALLING), ("called_number", &called)]);
        format!("/api/v1?{query}")
    };
    let paths: Vec<String> = (0..12).map(path).collect();
    let instances = [world.app.clone(), world.another_instance()];
    let sent = paths.iter().enumerate();
    let sent = sent.map(|(n, path)| send_to(&instances[n % 2], "GET", path, &[], b""));
    for reply in join_all(sent).await {
        assert_eq!(
            (reply.status, reply.json()["err"].as_str()),
            (200, Some("0"))
        );
    }
    assert_eq!(world.items("call").await.len(), 12);
    world.only("lead").await;
    world.only("first_contact").await;
}

#[tokio::test]
async fn without_a_called_number_nothing_is_recorded_and_the_caller_is_not_verified() {
    let world = World::new().await;
    let pbx = Pbx::with(&world, |account| account.trueclid = true).await;
    pbx.register(&world, CALLING).await;
    pbx.name(&world, CALLING, "Jane Doe").await;
    pbx.start(&world, CALLING, OTHER).await;
    let before = world.all_items().await;
    let answer = pbx.ask(&world, CALLING, None).await;
    assert_eq!(answer["true_clid"], "unknown");
    assert_eq!(answer["called_number"], "");
    assert_eq!(answer["proposed_calling_number"], "");
    assert_eq!(
        answer["name"], "JANE DOE",
        "the name is answered nevertheless"
    );
    assert_eq!(world.all_items().await, before);
}

#[tokio::test]
async fn a_recorded_call_can_be_billed() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let key = world
        .credential(
            &pbx.account,
            callbook::model::credential::CredentialKind::Tld,
        )
        .await;
    pbx.ask(&world, CALLING, Some(CALLED)).await;
    let body = tld::form(&[("did", CALLED), ("cid", CALLING), ("cost", "2.5")]);
    let headers = [
        ("tld-api-id", key.name.as_str()),
        ("tld-api-key", key.secret.as_str()),
        ("content-type", tld::FORM),
    ];
    let reply = world
        .send("POST", tld::PATH, &headers, body.as_bytes())
        .await;
    assert_eq!(reply.status, 200);
    let lead = world.only("lead").await.text("lead_id");
    assert_eq!(reply.json()["lead"]["lead_id"], lead.as_str());
    assert_eq!(reply.json()["first_contact"], 1);
}

#[tokio::test]
async fn the_spam_score_is_the_share_of_bad_feedback() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    let answer = pbx.ask(&world, CALLING, None).await;
    assert_eq!(
        (&answer["spam_score"], &answer["spam_score_match"]),
        (&0.into(), &0.into())
    );
    for (id, status, right, score) in [
        ("1", "Connected", true, 0),
        ("2", "Disconnected", true, 50),
        ("3", "Connected", false, 67),
        ("4", "Disconnected", false, 75),
        ("2", "Connected", true, 50),
    ] {
        world.wait(1);
        pbx.report(&world, id, CALLING, None, status, right).await;
        let answer = pbx.ask(&world, CALLING, None).await;
        assert_eq!(answer["spam_score"], score, "after {id}");
        assert_eq!(answer["spam_score_match"], 1, "after {id}");
    }
    let other = pbx.ask(&world, OTHER, None).await;
    assert_eq!(
        (&other["spam_score"], &other["spam_score_match"]),
        (&0.into(), &0.into())
    );
}

#[tokio::test]
async fn feedback_counts_until_ninety_days_after_its_own_and_its_name_without_limit() {
    let world = World::new().await;
    let pbx = Pbx::new(&world).await;
    pbx.report(&world, "1", CALLING, Some("Jane Doe"), "Disconnected", true)
        .await;
    // It was received at noon.
    world.wait(90 * DAY + DAY / 2 - 1);
    let answer = pbx.ask(&world, CALLING, None).await;
    assert_eq!(
        (&answer["spam_score"], &answer["spam_score_match"]),
        (&100.into(), &1.into())
    );
    world.wait(1);
    let answer = pbx.ask(&world, CALLING, None).await;
    assert_eq!(
        (&answer["spam_score"], &answer["name"]),
        (&0.into(), &"JANE DOE".into())
    );
}
