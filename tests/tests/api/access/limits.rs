use callbook::model::credential::Limits;
use callbook_tests::World;
use callbook_tests::vendors::{self, Sent, done, use_key, verdict};

use super::{
    QUOTA, TOO_FAST, TOO_MANY_THIS_SECOND, TOO_MANY_TODAY, Told, UNKNOWN, assert_told, key,
};

const DAY: u64 = 86_400;

/// Each limit of two requests, what the third is told, and the seconds until its window ends.
fn limits() -> [(&'static str, Limits, Told, u64); 4] {
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
async fn a_limit_holds_across_instances_until_its_window_ends() {
    for vendor in vendors::ALL {
        for (window, limits, told, seconds) in limits() {
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
                assert_told(vendor, &told, &verdict(vendor, &reply), window);
                let wait = reply
                    .header("retry-after")
                    .and_then(|text| text.parse().ok());
                assert_eq!(wait, Some(seconds), "{vendor:?}: {window}: Retry-After");
            }
            world.wait(seconds - 1);
            if seconds > 1 {
                let found = use_key(&one, &key, Sent::Well).await;
                assert_told(
                    vendor,
                    &told,
                    &found,
                    &format!("{window}, a second too early"),
                );
            }
            world.wait(1);
            for instance in [&one, &other] {
                let found = use_key(instance, &key, Sent::Well).await;
                assert_eq!(found, done(), "{vendor:?}: the next {window}");
            }
            let found = use_key(&one, &key, Sent::Well).await;
            assert_told(
                vendor,
                &told,
                &found,
                &format!("the next {window} is limited too"),
            );
        }
    }
}

#[tokio::test]
async fn no_limit_counts_what_cannot_be_read_or_may_not_be_done() {
    for vendor in vendors::ALL {
        for (window, limits, told, _) in limits() {
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
                assert_told(vendor, &UNKNOWN, &verdict(vendor, &wrong), window);
            }
            for _ in 0..2 {
                assert_eq!(
                    use_key(&world.app, &key, Sent::Well).await,
                    done(),
                    "{window}"
                );
            }
            let found = use_key(&world.app, &key, Sent::Well).await;
            assert_told(vendor, &told, &found, window);
        }
    }
}

#[tokio::test]
async fn two_keys_of_an_account_have_a_limit_each() {
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
            assert_told(vendor, &TOO_FAST, &found, "its own minute is full");
        }
    }
}
