//! Number assignments of the past: what lists of calls and sums by property read of them.

use callbook::ids;
use callbook::model::phone::PhoneNumber;
use callbook_tests::fd_calls::{get, hold, list, of_property, token};
use callbook_tests::filled::{Item, set, text};
use callbook_tests::office::Office;
use callbook_tests::tld::{DID, Platform};
use callbook_tests::{NOON, faults, teletracker};

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Figures, MANY, reads};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A number that was bought and released.
const NUMBER: &str = "+12065550111";

/// Makes an item one of a number's past assignments.
fn past(item: &mut Item, number: &str, (from, until): (i64, i64)) {
    let class = match until - from {
        lasted if lasted <= DAY => 0,
        lasted if lasted <= 8 * DAY => 1,
        lasted if lasted <= 64 * DAY => 2,
        lasted if lasted <= 512 * DAY => 3,
        _ => 4,
    };
    let guid = ids::guid();
    let sk = format!("{class}#{until:014}#{number}#{from:014}#{guid}");
    set(item, "sk", sk);
    set(item, "number", number);
    for (name, at) in [("from", from), ("until", until)] {
        item.insert(name.to_owned(), AttributeValue::N(at.to_string()));
    }
}

#[tokio::test]
async fn ten_thousand_past_assignments_cost_a_list_of_a_day_those_around_it() {
    let (world, proxy) = faults::world().await;
    let figures = Figures::read();
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    let (world, account) = (office.world(), &office.platform.account);
    let property = callbook_tests::fd_calls::property(world, account, None).await;
    let until = Some(NOON - DAY);
    hold(world, account, NUMBER, &property, NOON - 2 * DAY, until).await;
    let item = world.raw_items("past_tenure").remove(0);
    assert_eq!(text(&item, "number"), NUMBER);
    // Half an hour each, every hour for 500 days.
    world
        .fill(&item, MANY, |nth, copy| {
            let from = NOON - nth as i64 * HOUR;
            past(copy, NUMBER, (from, from + HOUR / 2));
        })
        .await;
    // 50 numbers that were had for 30 days each, for ten years.
    world
        .fill(&item, 6_000, |nth, copy| {
            let (number, month) = (nth % 50, nth as i64 / 50);
            let from = NOON - month * 30 * DAY - 30 * DAY;
            let number = format!("+131055501{number:02}");
            past(copy, &number, (from, from + 30 * DAY));
        })
        .await;
    let key = token(world, account).await;
    let basic = teletracker::basic(&office.admin);
    for (ago, day) in [
        (0, "2026-11-21"),
        (200, "2026-05-05"),
        (3_000, "2018-09-04"),
    ] {
        // A day before, the day itself, a day after, and as long as they lasted at most.
        let short = if ago <= 500 { 24 * 4 } else { 0 };
        let long = 50 * ((3 + 64) / 30 + 1);
        let many = usize::try_from(short + long).unwrap();
        let path = of_property(&property);
        let range = [("Date_From", day), ("Date_To", day)];
        proxy.heal();
        list(world, &key, &path, &range).await;
        let found = reads(world, &proxy).await;
        assert!(found["33"] <= figures.most("33", many), "{day}: {found:?}");
        assert!(found["30"] <= figures.most("30", 0), "{day}: {found:?}");
        let path = format!("/callbook/v1/summary?from={day}&to={day}&by=property");
        let headers = [("authorization", basic.as_str())];
        proxy.heal();
        let summary = world.send("GET", &path, &headers, b"").await;
        assert_eq!(summary.status, 200, "{}", summary.body);
        let found = reads(world, &proxy).await;
        assert!(found["33"] <= figures.most("33", many), "{day}: {found:?}");
    }
}

#[tokio::test]
async fn the_call_of_a_released_number_reads_a_few_of_its_past_assignments() {
    let (world, proxy) = faults::world().await;
    let office = Office::of(Platform::on(world, |_| {}).await).await;
    let (world, account) = (office.world(), &office.platform.account);
    let property = callbook_tests::fd_calls::property(world, account, None).await;
    let number = PhoneNumber::parse(DID).unwrap();
    let number = number.as_e164();
    let (from, until) = (NOON - HOUR, Some(NOON + HOUR));
    hold(world, account, number, &property, from, until).await;
    office.platform.call().await;
    let sid = world.only("call").await.text("call_sid");
    let item = world.raw_items("tenure").remove(0);
    world
        .fill(&item, MANY, |nth, copy| {
            let sk = format!("TENURE#ENDED#{number}#{nth:014}#{}", ids::guid());
            set(copy, "sk", sk);
        })
        .await;
    let key = token(world, account).await;
    proxy.heal();
    let shown = get(world, &key, &format!("/v2/Calls/{sid}"), &[]).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert_eq!(shown.json()["PropertySid"], property.as_str());
    let read = reads(world, &proxy).await;
    assert!(read["30"] <= 2.0, "{read:?}");
}
