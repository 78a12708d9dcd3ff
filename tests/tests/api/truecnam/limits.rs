use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::World;
use callbook_tests::truecnam::{CALLED, CALLING, Pbx};
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
async fn starts_and_ends_do_not_count_and_are_not_limited() {
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
