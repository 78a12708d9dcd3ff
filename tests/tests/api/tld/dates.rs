//! Dates in every form, read and answered in the account's time zone.

use callbook::model::time::Zone;
use callbook_tests::tld::{JSON, Platform};
use serde_json::json;

async fn in_new_york() -> Platform {
    Platform::with(|account| account.zone = Zone::parse("America/New_York").unwrap()).await
}

/// Bills a call and returns both dates of the answer and the stored instant of the call date.
async fn dates_of(platform: &Platform, date: &str) -> (String, String, i64) {
    let before = ids(platform).await;
    // Different notes keep bills of the same moment from being repeats.
    let notes = before.len().to_string();
    let fields = [
        ("date_billed", date),
        ("call_date", date),
        ("notes", &notes),
    ];
    let reply = platform.bill("1", &fields).await;
    assert_eq!(reply.status, 200, "{date}: {}", reply.body);
    let text = |name: &str| reply.json()["inserted"][name].as_str().unwrap().to_owned();
    let items = platform.world.items("cost").await;
    let new = items
        .iter()
        .find(|item| !before.contains(&item.text("cost_id")))
        .expect("a cost");
    (
        text("date_billed"),
        text("call_date"),
        new.text("call_date").parse().unwrap(),
    )
}

async fn ids(platform: &Platform) -> Vec<String> {
    platform
        .world
        .items("cost")
        .await
        .iter()
        .map(|item| item.text("cost_id"))
        .collect()
}

#[tokio::test]
async fn every_form_of_a_date_is_accepted() {
    let platform = in_new_york().await;
    // 2026-11-20 14:05 in New York is 19:05 UTC.
    for (sent, answered, millis) in [
        (
            "2026-11-20T19:05:09Z",
            "2026-11-20 14:05:09",
            1_795_201_509_000_i64,
        ),
        (
            "2026-11-20T14:05:09-05:00",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        (
            "2026-11-21T00:35:09+05:30",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        (
            "2026-11-20T19:05:09.250Z",
            "2026-11-20 14:05:09",
            1_795_201_509_250,
        ),
        (
            "2026-11-20 14:05:09",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        ("2026-11-20 14:05", "2026-11-20 14:05:00", 1_795_201_500_000),
        ("2026-11-20", "2026-11-20 00:00:00", 1_795_150_800_000),
        ("11/20/2026", "2026-11-20 00:00:00", 1_795_150_800_000),
        // As Ruby, JavaScript and Python write dates.
        (
            "2026-11-20 19:05:09 UTC",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        (
            "2026-11-20 19:05:09 GMT",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        (
            "2026-11-20 14:05:09 -05",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        (
            "11/20/2026, 2:05:09\u{202f}PM",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        (
            "11/20/2026\u{a0}14:05:09.250",
            "2026-11-20 14:05:09",
            1_795_201_509_250,
        ),
        ("2026-11-20Z", "2026-11-19 19:00:00", 1_795_132_800_000),
        ("١١/٢٠/٢٠٢٦", "2026-11-20 00:00:00", 1_795_150_800_000),
        ("11/20/2026 14:05", "2026-11-20 14:05:00", 1_795_201_500_000),
        (
            "11/20/2026 14:05:09",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        (
            "11/20/2026 02:05 PM",
            "2026-11-20 14:05:00",
            1_795_201_500_000,
        ),
        (
            "11/20/2026 02:05:09 PM",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
        (
            "11/20/2026 12:00 AM",
            "2026-11-20 00:00:00",
            1_795_150_800_000,
        ),
        (
            "11/20/2026 12:00:00 PM",
            "2026-11-20 12:00:00",
            1_795_194_000_000,
        ),
        ("1795201509", "2026-11-20 14:05:09", 1_795_201_509_000),
        (
            " 2026-11-20 14:05:09 ",
            "2026-11-20 14:05:09",
            1_795_201_509_000,
        ),
    ] {
        let expected = (answered.to_owned(), answered.to_owned(), millis);
        assert_eq!(dates_of(&platform, sent).await, expected, "{sent}");
    }
}

#[tokio::test]
async fn a_unix_time_can_be_a_json_number() {
    let platform = in_new_york().await;
    let body =
        json!({"did": "2069735100", "cid": "2069735101", "cost": 1, "call_date": 1_795_201_509});
    let reply = platform.json(&body).await;
    assert_eq!(reply.json()["inserted"]["call_date"], "2026-11-20 14:05:09");
    let body = r#"{"did":"2069735100","cid":"2069735101","cost":2,"call_date":1795201509.0}"#;
    let reply = platform.post("", JSON, body).await;
    assert_eq!(reply.json()["inserted"]["call_date"], "2026-11-20 14:05:09");
}

#[tokio::test]
async fn missing_dates_are_the_current_time_in_the_accounts_zone() {
    for (zone, now) in [
        ("UTC", "2026-11-21 12:00:00"),
        ("America/New_York", "2026-11-21 07:00:00"),
        ("Asia/Kolkata", "2026-11-21 17:30:00"),
        ("Pacific/Auckland", "2026-11-22 01:00:00"),
    ] {
        let platform = Platform::with(|account| account.zone = Zone::parse(zone).unwrap()).await;
        for fields in [&[][..], &[("date_billed", ""), ("call_date", " ")]] {
            let inserted = platform.bill("1", fields).await.json()["inserted"].clone();
            assert_eq!(inserted["date_billed"], now, "{zone}");
            assert_eq!(inserted["call_date"], now, "{zone}");
        }
    }
}

#[tokio::test]
async fn local_times_at_a_clock_change_are_resolved_and_not_refused() {
    let platform = in_new_york().await;
    for (what, sent, answered, millis) in [
        // 02:30 does not exist: the clock goes from 02:00 EST to 03:00 EDT. 03:30 EDT is 07:30 UTC.
        (
            "skipped",
            "2026-03-08 02:30:00",
            "2026-03-08 03:30:00",
            1_772_955_000_000_i64,
        ),
        // 01:30 occurs twice. The first is EDT, 05:30 UTC.
        (
            "repeated",
            "2026-11-01 01:30:00",
            "2026-11-01 01:30:00",
            1_793_511_000_000,
        ),
        (
            "the second",
            "2026-11-01T01:30:00-05:00",
            "2026-11-01 01:30:00",
            1_793_514_600_000,
        ),
        (
            "before",
            "2026-11-01 00:59:59",
            "2026-11-01 00:59:59",
            1_793_509_199_000,
        ),
        (
            "after",
            "2026-11-01 02:00:00",
            "2026-11-01 02:00:00",
            1_793_516_400_000,
        ),
    ] {
        let expected = (answered.to_owned(), answered.to_owned(), millis);
        assert_eq!(dates_of(&platform, sent).await, expected, "{what}");
    }
}

#[tokio::test]
async fn a_day_without_midnight_starts_at_its_first_local_time() {
    // In Havana the clock goes from 00:00 to 01:00.
    let platform =
        Platform::with(|account| account.zone = Zone::parse("America/Havana").unwrap()).await;
    let (_, called, _) = dates_of(&platform, "2026-03-08").await;
    assert_eq!(called, "2026-03-08 01:00:00");
}

#[tokio::test]
async fn an_invalid_date_is_refused_with_the_name_of_its_field() {
    let platform = Platform::new().await;
    for sent in [
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "2026-11-20 25:00",
        "2026-11-20 14:60",
        "13/20/2026",
        "11/20/2026 14:05 PM",
        "20.11.2026",
        "20261120",
        "2026-11-20T14:05:09+99:00",
        "[Call:Date]",
        "-1",
    ] {
        let reply = platform.bill("1", &[("date_billed", sent)]).await;
        assert_eq!(
            (reply.status, reply.json()),
            (400, json!({"error": "Invalid date_billed"})),
            "{sent}"
        );
        let reply = platform.bill("1", &[("call_date", sent)]).await;
        assert_eq!(
            (reply.status, reply.json()),
            (400, json!({"error": "Invalid call_date"})),
            "{sent}"
        );
    }
    assert_eq!(platform.world.items("cost").await, []);
}
