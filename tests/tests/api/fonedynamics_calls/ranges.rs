//! The time range of a list.

use callbook::model::time::Zone;
use callbook_tests::fd_calls::{each, faults, get, list, of_account, of_property, property, token};
use callbook_tests::{NOON, World};
use serde_json::json;

use super::{Desk, JANE, OURS};

const HOUR: i64 = 3_600;

async fn record_at(desk: &Desk, started: i64) {
    desk.record(JANE, OURS, &[("Started", &started.to_string())])
        .await;
}

#[tokio::test]
async fn a_range_includes_its_start_and_excludes_its_end() {
    let desk = Desk::new().await;
    for started in [1_795_000_000, 1_795_000_010, 1_795_000_020] {
        record_at(&desk, started).await;
    }
    for (from, to, expected) in [
        ("1795000000", "1795000020", vec!["1795000000", "1795000010"]),
        ("1795000001", "1795000021", vec!["1795000010", "1795000020"]),
        ("1795000010", "1795000010", vec![]),
        (
            "2026-11-18T11:06:50Z",
            "2026-11-18T11:07:00Z",
            vec!["1795000010"],
        ),
        (
            "2026-11-18T06:06:50-05:00",
            "1795000011",
            vec!["1795000010"],
        ),
    ] {
        let range = [("Date_From", from), ("Date_To", to)];
        let found = desk.calls(&range).await;
        assert_eq!(each(&found, "Started"), expected, "{from} {to}");
    }
}

#[tokio::test]
async fn without_dates_a_list_has_the_calls_of_the_last_30_days() {
    let desk = Desk::new().await;
    let now = NOON / 1_000;
    let day = 24 * HOUR;
    // A switch's clock may be five minutes fast, so the list ends five minutes from now.
    for ago in [31 * day, 30 * day, 29 * day, 0, -200] {
        record_at(&desk, now - ago).await;
    }
    let shown = |ago: &[i64]| {
        ago.iter()
            .map(|ago| (now - ago).to_string())
            .collect::<Vec<_>>()
    };
    let found = desk.calls(&[]).await;
    assert_eq!(
        each(&found, "Started"),
        shown(&[30 * day, 29 * day, 0, -200])
    );
    let to = (now - 29 * day).to_string();
    let found = desk.calls(&[("Date_To", &to)]).await;
    assert_eq!(each(&found, "Started"), shown(&[31 * day, 30 * day]));
    let from = (now - 40 * day).to_string();
    let found = desk.calls(&[("Date_From", &from)]).await;
    assert_eq!(found["TotalCount"], 5);
    let future = (now + day).to_string();
    assert_eq!(desk.calls(&[("Date_From", &future)]).await["TotalCount"], 0);
}

#[tokio::test]
async fn a_range_has_at_most_a_year_and_does_not_end_before_it_starts() {
    let desk = Desk::new().await;
    for (from, to, field) in [
        ("2025-11-20", "2026-11-21", None),
        ("2025-11-20", "2026-11-22", Some("Date_From")),
        ("2026-11-21", "2026-11-20", Some("Date_To")),
        ("2026-11-21", "2026-11-21", None),
        ("1795262401", "1795262400", Some("Date_To")),
        ("2024-01-01", "", Some("Date_From")),
    ] {
        let range = [("Date_From", from), ("Date_To", to)];
        for path in [of_property(&desk.property), of_account(&desk.account)] {
            let reply = get(&desk.world, &desk.key, &path, &range).await;
            let expected: Vec<_> = field
                .into_iter()
                .map(|field| ("PARAMETER_INVALID".to_owned(), field.to_owned()))
                .collect();
            assert_eq!(faults(&reply), expected, "{from} {to}");
            assert_eq!(reply.status == 200, field.is_none(), "{from} {to}");
        }
    }
}

#[tokio::test]
async fn a_day_has_the_length_of_the_propertys_zone_or_of_the_accounts_without_one() {
    let world = World::new().await;
    let new_york = Zone::parse("America/New_York").unwrap();
    let account = world.account_with(|account| account.zone = new_york).await;
    let key = token(&world, &account).await;
    let plain = property(&world, &account, None).await;
    let berlin = property(&world, &account, Some("Europe/Berlin")).await;
    // 2026-11-01, when New York's clocks go back: from 04:00Z to 05:00Z on the next day.
    let midnight = 1_793_505_600;
    // 2026-10-25, when Berlin's clocks go back: from 22:00Z on the day before to 23:00Z.
    let earlier = 1_792_879_200;
    for (property, started) in [
        (&plain, midnight - 1),
        (&plain, midnight),
        (&plain, midnight + 25 * HOUR - 1),
        (&plain, midnight + 25 * HOUR),
        (&berlin, earlier - 1),
        (&berlin, earlier),
        (&berlin, earlier + 25 * HOUR - 1),
        (&berlin, earlier + 25 * HOUR),
    ] {
        let started = started.to_string();
        let call = [("From", JANE), ("To", OURS), ("Started", &started)];
        callbook_tests::fd_calls::record(&world, &key, property, &call).await;
    }
    for (path, from, to, expected) in [
        (
            of_property(&plain),
            "2026-11-01",
            "2026-11-02",
            [midnight, midnight + 25 * HOUR - 1],
        ),
        (
            of_account(&account),
            "2026-11-01",
            "2026-11-02",
            [midnight, midnight + 25 * HOUR - 1],
        ),
        (
            of_property(&berlin),
            "2026-10-25",
            "2026-10-26",
            [earlier, earlier + 25 * HOUR - 1],
        ),
    ] {
        let day = [("Date_From", from), ("Date_To", to)];
        let found = list(&world, &key, &path, &day).await;
        assert_eq!(
            each(&found, "Started"),
            expected.map(|at| at.to_string()),
            "{path}"
        );
        assert_eq!(found["TotalCount"], json!(2));
    }
}
