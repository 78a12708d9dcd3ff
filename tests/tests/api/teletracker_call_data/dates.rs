//! The date range of a report.

use callbook::model::time::Zone;
use callbook_tests::World;
use callbook_tests::call_data::{report, rows, user};

use super::{column, inbound, record};

/// Those of the calls at `dates` that are in the report of an account in `zone`.
async fn found(zone: &str, dates: &[&str], start: &str, end: &str) -> Vec<String> {
    let world = World::new().await;
    let account = world
        .account_with(|account| account.zone = Zone::parse(zone).unwrap())
        .await;
    let key = user(&world, &account).await;
    for date in dates {
        record(&world, &account, &inbound(date)).await;
    }
    let rows = rows(&world, &key, &[("start_date", start), ("end_date", end)]).await;
    column(&rows, "call_date")
}

#[tokio::test]
async fn a_range_of_days_is_in_the_accounts_zone_and_includes_both_days() {
    let dates = [
        "2026-11-20T04:59:59.999Z",
        "2026-11-20T05:00:00Z",
        "2026-11-21T04:59:59.999Z",
        "2026-11-21T05:00:00Z",
    ];
    let found = found("America/New_York", &dates, "2026-11-20", "2026-11-20").await;
    assert_eq!(
        found,
        ["2026-11-20T00:00:00-05:00", "2026-11-20T23:59:59.999-05:00"]
    );
}

#[tokio::test]
async fn a_day_with_a_clock_change_has_23_or_25_hours() {
    let spring = [
        "2026-03-08T04:59:59Z",
        "2026-03-08T05:00:00Z",
        "2026-03-09T03:59:59Z",
        "2026-03-09T04:00:00Z",
    ];
    let day = found("America/New_York", &spring, "2026-03-08", "2026-03-08").await;
    assert_eq!(
        day,
        ["2026-03-08T00:00:00-05:00", "2026-03-08T23:59:59-04:00"]
    );
    let autumn = [
        "2026-11-01T03:59:59Z",
        "2026-11-01T04:00:00Z",
        "2026-11-02T04:59:59Z",
        "2026-11-02T05:00:00Z",
    ];
    let day = found("America/New_York", &autumn, "2026-11-01", "2026-11-01").await;
    assert_eq!(
        day,
        ["2026-11-01T00:00:00-04:00", "2026-11-01T23:59:59-05:00"]
    );
}

#[tokio::test]
async fn a_range_includes_its_start_instant_and_excludes_its_end_instant() {
    let dates = [
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:00:00.001Z",
        "2026-11-20T11:00:00Z",
    ];
    let (start, end) = ("2026-11-20T10:00:00Z", "2026-11-20T12:00:00+01:00");
    let both = found("UTC", &dates, start, end).await;
    assert_eq!(
        both,
        ["2026-11-20T10:00:00+00:00", "2026-11-20T10:00:00.001+00:00"]
    );
    let mixed = found("UTC", &dates, "2026-11-20T10:00:00.001Z", "2026-11-20").await;
    assert_eq!(
        mixed,
        ["2026-11-20T10:00:00.001+00:00", "2026-11-20T11:00:00+00:00"]
    );
    let nothing = found("UTC", &dates, start, start).await;
    assert_eq!(nothing, [""; 0], "an empty range is valid");
}

#[tokio::test]
async fn a_range_across_midnight_is_one_report_in_order() {
    let dates = [
        "2026-11-20T00:00:01Z",
        "2026-11-19T23:59:59Z",
        "2026-11-18T12:00:00Z",
    ];
    let found = found("UTC", &dates, "2026-11-18", "2026-11-20").await;
    assert_eq!(
        found,
        [
            "2026-11-18T12:00:00+00:00",
            "2026-11-19T23:59:59+00:00",
            "2026-11-20T00:00:01+00:00"
        ]
    );
}

#[tokio::test]
async fn a_range_has_at_most_366_days() {
    let dates = ["2025-11-21T00:00:00Z", "2026-11-21T11:00:00Z"];
    let year = found("UTC", &dates, "2025-11-21", "2026-11-21").await;
    assert_eq!(year.len(), 2, "366 days");
}

#[tokio::test]
async fn a_report_of_the_future_is_empty() {
    let future = found("UTC", &["2026-11-20T00:00:00Z"], "2030-01-01", "2030-12-31").await;
    assert_eq!(future, [""; 0]);
    let future = found("UTC", &[], "9999-01-01", "9999-12-31").await;
    assert_eq!(future, [""; 0]);
    let past = found("UTC", &[], "0001-01-01", "0001-12-31").await;
    assert_eq!(past, [""; 0]);
}

#[tokio::test]
async fn invalid_ranges_are_refused_with_their_code() {
    let world = World::new().await;
    let account = world.account().await;
    let key = user(&world, &account).await;
    for (start, end, code) in [
        ("2026-11-22", "2026-11-21", "INVALID_DATE_RANGE"),
        (
            "2026-11-21T10:00:01Z",
            "2026-11-21T10:00:00Z",
            "INVALID_DATE_RANGE",
        ),
        ("2025-11-20", "2026-11-21", "INVALID_DATE_RANGE"),
        ("2026-02-29", "2026-11-21", "INVALID_DATE"),
        ("2026-11-21", "2026-11-21T10:00:00", "INVALID_DATE"),
        ("11/20/2026", "2026-11-21", "INVALID_DATE"),
        ("2026-11-20", "tomorrow", "INVALID_DATE"),
    ] {
        let reply = report(&world, &key, &[("start_date", start), ("end_date", end)]).await;
        assert_eq!(reply.status, 422, "{start} {end}");
        assert_eq!(reply.json()["errorCode"], code, "{start} {end}");
    }
}

#[tokio::test]
async fn an_instant_whose_offset_has_seconds_is_shown_in_utc() {
    // Until 1972 Liberia was 44 minutes and 30 seconds behind.
    let dates = ["1971-06-01T12:00:00.250Z", "1972-06-01T12:00:00Z"];
    let before = found("Africa/Monrovia", &dates, "1971-06-01", "1971-06-01").await;
    assert_eq!(before, ["1971-06-01T12:00:00.25Z"]);
    let after = found("Africa/Monrovia", &dates, "1972-06-01", "1972-06-01").await;
    assert_eq!(after, ["1972-06-01T12:00:00+00:00"]);
}
