use callbook::model::credential::Limits;
use callbook_tests::World;
use callbook_tests::vendors::{self, Sent, done, use_key, verdict};

use super::{
    QUOTA, Refusals, TOO_FAST, TOO_MANY_THIS_SECOND, TOO_MANY_TODAY, UNKNOWN, assert_refused, key,
};

const DAY: u64 = 86_400;

/// Each limit of two requests, the refusal of the third, and the seconds until the window ends.
fn limits() -> [(&'static str, Limits, Refusals, u64); 4] {
    let none = Limits::default();
    let month = 9 * DAY + 12 * 3_600;
    [
        (
            "second",
            Limits {
                per_second: Some(2),
                ..none
            },
            TOO_MANY_THIS_SECOND,
            1,
        ),
        (
            "minute",
            Limits {
                per_minute: Some(2),
                ..none
            },
            TOO_FAST,
            60,
        ),
        (
            "day",
            Limits {
                per_day: Some(2),
                ..none
            },
            TOO_MANY_TODAY,
            12 * 3_600,
        ),
        (
            "month",
            Limits {
                per_month: Some(2),
                ..none
            },
            QUOTA,
            month,
        ),
    ]
}

#[tokio::test]
async fn a_limit_applies_across_instances_until_its_window_ends() {
    for vendor in vendors::ALL {
        for (window, limits, refusals, seconds) in limits() {
            let world = World::new().await;
            let key = key(&world, vendor, |new| new.limits = limits).await;
            let (one, other) = (world.app.clone(), world.another_instance());
            for instance in [&one, &other] {
                let found = use_key(instance, &key, Sent::Well).await;
                assert_eq!(found, done(), "{vendor:?}: {window}");
            }
            for instance in [&one, &other, &world.another_instance()] {
                let reply =
                    vendors::send(instance, vendor, &key.name, &key.secret, Sent::Well).await;
                assert_refused(vendor, &refusals, &verdict(vendor, &reply), window);
                let wait = reply
                    .header("retry-after")
                    .and_then(|text| text.parse().ok());
                assert_eq!(wait, Some(seconds), "{vendor:?}: {window}: Retry-After");
            }
            world.wait(seconds - 1);
            if seconds > 1 {
                let found = use_key(&one, &key, Sent::Well).await;
                assert_refused(
                    vendor,
                    &refusals,
                    &found,
                    &format!("{window}, one second before its end"),
                );
            }
            world.wait(1);
            for instance in [&one, &other] {
                let found = use_key(instance, &key, Sent::Well).await;
                assert_eq!(found, done(), "{vendor:?}: the next {window}");
            }
            let found = use_key(&one, &key, Sent::Well).await;
            assert_refused(
                vendor,
                &refusals,
                &found,
                &format!("the limit of the next {window}"),
            );
        }
    }
}

#[tokio::test]
async fn unreadable_and_forbidden_requests_do_not_count_against_limits() {
    for vendor in vendors::ALL {
        for (window, limits, refusals, _) in limits() {
            let world = World::new().await;
            let key = key(&world, vendor, |new| new.limits = limits).await;
            for instance in [&world.app, &world.another_instance()] {
                for _ in 0..3 {
                    let found = use_key(instance, &key, Sent::Wanting).await;
                    assert_ne!(found, done(), "{vendor:?}: {window}");
                    assert_ne!(found.0, 429, "{vendor:?}: {window}");
                    assert!(!found.1.starts_with("8 "), "{vendor:?}: {window}");
                }
                let wrong = vendors::send(instance, vendor, &key.name, "wrong", Sent::Well).await;
                assert_refused(vendor, &UNKNOWN, &verdict(vendor, &wrong), window);
            }
            for _ in 0..2 {
                assert_eq!(
                    use_key(&world.app, &key, Sent::Well).await,
                    done(),
                    "{window}"
                );
            }
            let found = use_key(&world.app, &key, Sent::Well).await;
            assert_refused(vendor, &refusals, &found, window);
        }
    }
}

#[tokio::test]
async fn two_keys_of_an_account_have_separate_limits() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let account = world.account().await;
        let limits = Limits {
            per_minute: Some(1),
            ..Limits::default()
        };
        let mut keys = Vec::new();
        for _ in 0..2 {
            keys.push(
                world
                    .credential_with(&account, vendor, |new| new.limits = limits)
                    .await,
            );
        }
        for key in &keys {
            assert_eq!(
                use_key(&world.app, key, Sent::Well).await,
                done(),
                "{vendor:?}"
            );
        }
        for key in &keys {
            let found = use_key(&world.app, key, Sent::Well).await;
            assert_refused(vendor, &TOO_FAST, &found, "its own limit is reached");
        }
    }
}

#[tokio::test]
async fn a_clock_that_jumped_ahead_does_not_hold_a_quota_back() {
    for vendor in vendors::ALL {
        let world = World::new().await;
        let limits = Limits {
            per_minute: Some(2),
            per_day: Some(2),
            per_month: Some(2),
            ..Limits::default()
        };
        let key = key(&world, vendor, |new| new.limits = limits).await;
        let today = world.clock.now();
        world.wait(400 * 86_400);
        let ahead = world.another_instance();
        assert_eq!(use_key(&ahead, &key, Sent::Well).await, done(), "ahead");
        world.clock.set(today);
        for instance in [&world.app, &ahead] {
            let found = use_key(instance, &key, Sent::Well).await;
            assert_eq!(found, done(), "{vendor:?}: today counts anew");
        }
        let found = use_key(&world.app, &key, Sent::Well).await;
        let refused = found.0 == 429 || found.1.starts_with("8 ");
        assert!(refused, "{vendor:?}: {found:?}");
        // The next month begins as if nothing had happened.
        world.wait(40 * 86_400);
        let found = use_key(&world.app, &key, Sent::Well).await;
        assert_eq!(found, done(), "{vendor:?}: next month");
    }
}

#[tokio::test]
async fn clocks_that_differ_by_minutes_share_their_windows() {
    let vendor = vendors::ALL[0];
    let world = World::new().await;
    let limits = Limits {
        per_month: Some(2),
        ..Limits::default()
    };
    let key = key(&world, vendor, |new| new.limits = limits).await;
    let today = world.clock.now();
    world.wait(4 * 60);
    assert_eq!(use_key(&world.app, &key, Sent::Well).await, done());
    world.clock.set(today);
    assert_eq!(use_key(&world.app, &key, Sent::Well).await, done());
    let found = use_key(&world.app, &key, Sent::Well).await;
    assert_eq!(found.0, 429, "{found:?}");
}
