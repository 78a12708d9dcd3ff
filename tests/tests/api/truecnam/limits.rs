use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::World;
use callbook_tests::truecnam::{CALLED, CALLING, OTHER, Pbx};
use serde_json::Value;

const DAY: u64 = 86_400;

async fn limited(world: &World, per_minute: Option<u32>, per_day: Option<u32>) -> Pbx {
    let limits = Limits {
        per_minute,
        per_day,
        ..Limits::default()
    };
    Pbx::limited(world, limits, |account| account.carrier = true).await
}

fn remaining(answer: &Value) -> (u64, u64) {
    let number = |name: &str| answer[name].as_u64().expect("a number");
    (
        number("queries_per_minute_remaining"),
        number("queries_per_day_remaining"),
    )
}

#[tokio::test]
async fn a_new_credential_has_600_queries_a_minute_and_100_000_a_day() {
    let world = World::new().await;
    let limits = Limits::of_new(CredentialKind::Truecnam);
    let pbx = Pbx::limited(&world, limits, |_| {}).await;
    assert_eq!(
        remaining(&pbx.ask(&world, CALLING, None).await),
        (599, 99_999)
    );
    assert_eq!(
        remaining(&pbx.ask(&world, CALLING, Some(CALLED)).await),
        (598, 99_998)
    );
    world.wait(60);
    assert_eq!(
        remaining(&pbx.ask(&world, CALLING, None).await),
        (599, 99_997)
    );
    world.wait(DAY);
    assert_eq!(
        remaining(&pbx.ask(&world, CALLING, None).await),
        (599, 99_999)
    );
}

#[tokio::test]
async fn starts_and_ends_do_not_count_against_the_limits_of_queries() {
    let world = World::new().await;
    let pbx = limited(&world, Some(2), Some(2)).await;
    for _ in 0..5 {
        pbx.start(&world, CALLING, CALLED).await;
        assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    }
    assert_eq!(remaining(&pbx.ask(&world, CALLING, None).await), (1, 1));
    assert_eq!(remaining(&pbx.ask(&world, CALLING, None).await), (0, 0));
    assert_eq!(pbx.ask(&world, CALLING, None).await["err"], "8");
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
}

#[tokio::test]
async fn queries_over_the_minutes_limit_are_refused_until_the_next_minute() {
    let world = World::new().await;
    let pbx = limited(&world, Some(2), None).await;
    world.wait(45);
    for left in [1, 0] {
        assert_eq!(
            remaining(&pbx.ask(&world, CALLING, Some(CALLED)).await).0,
            left
        );
    }
    for wait in [0, 14] {
        world.wait(wait);
        let answer = pbx.ask(&world, CALLING, Some(CALLED)).await;
        assert_eq!(
            (&answer["status"], &answer["err"]),
            (&"error".into(), &"8".into())
        );
        assert_eq!(answer["error_msg"], "Queries per minute exceeded");
    }
    let call = world.only("pair_call").await;
    assert_eq!(call.len_of("reports"), 2, "a refused query records nothing");
    world.wait(1);
    assert_eq!(
        remaining(&pbx.ask(&world, CALLING, Some(CALLED)).await).0,
        1
    );
}

#[tokio::test]
async fn queries_over_the_days_limit_are_refused_until_the_next_day() {
    let world = World::new().await;
    let pbx = limited(&world, None, Some(1)).await;
    assert_eq!(
        remaining(&pbx.ask(&world, CALLING, Some(CALLED)).await).1,
        0
    );
    for wait in [0, 12 * 3_600 - 1] {
        world.wait(wait);
        let answer = pbx.ask(&world, CALLING, Some(CALLED)).await;
        assert_eq!(
            (&answer["status"], &answer["err"]),
            (&"error".into(), &"8".into())
        );
        assert_eq!(answer["error_msg"], "Queries per day exceeded");
    }
    world.wait(1);
    assert_eq!(pbx.ask(&world, CALLING, Some(CALLED)).await["err"], "0");
}

#[tokio::test]
async fn invalid_queries_are_not_counted() {
    let world = World::new().await;
    let pbx = limited(&world, Some(2), Some(2)).await;
    for (calling, called) in [("12", CALLED), (CALLING, "2069735100"), ("", CALLED)] {
        let answer = pbx.ask(&world, calling, Some(called)).await;
        assert_eq!(answer["status"], "error");
    }
    assert_eq!(remaining(&pbx.ask(&world, CALLING, None).await), (1, 1));
}

const HOUR: u64 = 3_600;

/// Reports the start of a call, and returns `err` and `error_msg`.
async fn start(world: &World, pbx: &Pbx, calling: &str, called: &str) -> (String, String) {
    let answer = pbx.tell(world, "orig_call_start", calling, called).await;
    let text = |name: &str| answer[name].as_str().expect("text").to_owned();
    (text("err"), text("error_msg"))
}

fn caller(last: usize) -> String {
    format!("1206973{last:04}")
}

#[tokio::test]
async fn starts_and_ends_have_a_limit_of_their_own() {
    let world = World::new().await;
    let limits = Limits {
        starts_per_minute: Some(3),
        ..Limits::default()
    };
    let pbx = Pbx::limited(&world, limits, |account| account.carrier = true).await;
    pbx.start(&world, CALLING, CALLED).await;
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    pbx.start(&world, CALLING, CALLED).await;
    // The limit itself is told of once an hour, which is an item of its own.
    let recorded = async || {
        let mut items = world.all_items().await;
        items.retain(|item| item.text("type") != "notice");
        items
    };
    let calls = recorded().await;
    for party in ["orig_call_start", "orig_call_end"] {
        let answer = pbx.tell(&world, party, CALLING, CALLED).await;
        assert_eq!(answer["err"], "8", "{party}");
        let message = "Call starts and ends per minute exceeded";
        assert_eq!(answer["error_msg"], message, "{party}");
    }
    assert_eq!(recorded().await, calls, "nothing was recorded");
    assert_eq!(pbx.ask(&world, CALLING, None).await["err"], "0", "a query");
    world.wait(60);
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
}

#[tokio::test]
async fn a_new_key_may_report_600_starts_and_ends_a_minute() {
    let new = Limits::of_new(CredentialKind::Truecnam);
    assert_eq!(new.starts(), Some(600));
    assert_eq!(
        Limits::default().starts(),
        Some(600),
        "a key without the setting"
    );
    let none = Limits {
        starts_per_minute: Some(0),
        ..new
    };
    assert_eq!(none.starts(), None);
}

#[tokio::test]
async fn a_key_without_carrier_service_has_200_live_calls_to_a_number() {
    let world = World::new().await;
    let mut pbx = Pbx::new(&world).await;
    for last in 0..200 {
        pbx.start(&world, &caller(last), CALLED).await;
    }
    let (err, message) = start(&world, &pbx, &caller(200), CALLED).await;
    assert_eq!(err, "8");
    assert_eq!(
        message,
        "Live calls exceeded: at most 200 to one called_number of an API key"
    );
    world.wait(60);
    assert_eq!(
        start(&world, &pbx, &caller(200), OTHER).await.0,
        "0",
        "another number"
    );
    assert_eq!(
        start(&world, &pbx, &caller(7), CALLED).await.0,
        "0",
        "it replaces a live call"
    );
    let first = std::mem::replace(
        &mut pbx.key,
        world
            .credential(&pbx.account, CredentialKind::Truecnam)
            .await,
    );
    assert_eq!(
        start(&world, &pbx, &caller(201), CALLED).await.0,
        "0",
        "another key"
    );
    pbx.key = world
        .credential_with(&pbx.account, CredentialKind::Truecnam, |new| {
            new.carrier = true;
        })
        .await;
    assert_eq!(
        start(&world, &pbx, &caller(202), CALLED).await.0,
        "0",
        "a carrier's key"
    );
    assert_eq!(pbx.end(&world, &caller(0), CALLED).await, "0");
    pbx.key = first;
    assert_eq!(
        start(&world, &pbx, &caller(203), CALLED).await.0,
        "0",
        "one has ended"
    );
    assert_eq!(start(&world, &pbx, &caller(204), CALLED).await.0, "8");
    world.wait(5 * HOUR);
    assert_eq!(
        start(&world, &pbx, &caller(204), CALLED).await.0,
        "0",
        "all are over"
    );
    let counts = world.items("live_count").await;
    let key = format!("KEY#{}", pbx.key.credential.id);
    let count = counts
        .iter()
        .find(|count| count.text("sk") == key && count.text("pk").ends_with(CALLED));
    let now = world
        .clock
        .now()
        .plus(std::time::Duration::from_secs(4 * HOUR));
    let cell = format!("until_{}", now.seconds() / 3_600);
    assert_eq!(count.expect("a count").text(&cell), "1");
}

#[tokio::test]
async fn an_account_has_ten_thousand_live_calls() {
    let world = World::new().await;
    let pbx = Pbx::carrier(&world).await;
    pbx.start(&world, CALLING, CALLED).await;
    let until = world
        .clock
        .now()
        .plus(std::time::Duration::from_secs(4 * HOUR));
    let pk = format!("A#{}#LIVE", pbx.account.id);
    let client = world.engine.client();
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let write = client
        .update_item()
        .table_name(callbook_local::engine::TABLE)
        .key("pk", text(&pk))
        .key("sk", text("COUNT#0"))
        .update_expression(format!("ADD until_{} :more", until.seconds() / 3_600))
        .expression_attribute_values(
            ":more",
            aws_sdk_dynamodb::types::AttributeValue::N("9998".to_owned()),
        );
    write.send().await.expect("the count is written");
    world.expect_finding("live-count", (&pk, "COUNT#0"), "the test writes the count");
    assert_eq!(start(&world, &pbx, &caller(1), CALLED).await.0, "0");
    let (err, message) = start(&world, &pbx, &caller(2), OTHER).await;
    assert_eq!(err, "8");
    assert_eq!(message, "Live calls exceeded: at most 10000 of an account");
    assert_eq!(
        start(&world, &pbx, &caller(1), CALLED).await.0,
        "0",
        "the same call"
    );
    assert_eq!(
        start(&world, &Pbx::new(&world).await, &caller(2), OTHER)
            .await
            .0,
        "0",
        "another account"
    );
    assert_eq!(pbx.end(&world, CALLING, CALLED).await, "0");
    assert_eq!(
        start(&world, &pbx, &caller(2), OTHER).await.0,
        "0",
        "one has ended"
    );
}
