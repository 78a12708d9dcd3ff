//! What a call shows, by its reports and its entries: contracts/money-rules.md 1, 21 and 22, written again.

use std::cmp::Reverse;

use aws_sdk_dynamodb::types::AttributeValue;
use rust_decimal::Decimal;

use super::table::{Entry, Item, amount, flag, number, text};

/// The sources, the best first.
const SOURCES: [&str; 4] = ["switch", "cdr", "startend", "lookup"];

/// The name of an attribute, and what it should be.
pub(super) type Attribute = (&'static str, Option<AttributeValue>);

/// The attributes of the row of a call of a pair; `None` for those that it does not have.
pub(super) fn of(call: Entry<'_>) -> Vec<Attribute> {
    let (way, to, from) = call.pair();
    let mut reports: Vec<&Item> = call.maps("reports").collect();
    let sources = reports.iter().map(|one| s(text(one, "source"))).collect();
    reports.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let first = |name: &str| {
        reports
            .iter()
            .find_map(|one| text(one, name))
            .map(str::to_owned)
    };
    let start = reports.first().and_then(|best| number(best, "started_at"));
    let ending = reports.iter().find(|one| one.contains_key("ended_at"));
    let ended = ending.and_then(|one| number(one, "ended_at")).max(start);
    let ended = ended.filter(|_| ending.is_some());
    let said = ending.and_then(|one| number(one, "seconds"));
    let whole = |millis: Option<i64>| millis.map(|millis| millis.div_euclid(1_000));
    let between = whole(ended)
        .zip(whole(start))
        .map(|(end, start)| end - start);
    let mut ids: Vec<AttributeValue> = Vec::new();
    for id in reports.iter().filter_map(|one| text(one, "external_id")) {
        if !ids.contains(&s(Some(id))) {
            ids.push(s(Some(id)));
        }
    }
    let mut counting: Vec<&Item> = call.maps("entries").filter(|one| counts(one)).collect();
    counting.sort_by_key(|one| receipt(one));
    let noted = counting.iter().rev().find(|one| noted(call, one));
    let noted_by = noted.and_then(|one| text(one, "cost_id"));
    let reported = first("notes").filter(|_| noted_by.is_none());
    let sum: Decimal = counting.iter().map(|one| amount(one, "amount")).sum();
    let billers = counting.iter().map(|one| text(one, "biller"));
    let two = billers
        .clone()
        .any(|biller| Some(biller) != billers.clone().next());
    let crowded = call.flag("crowded") == Some(true);
    let flag = |flag: bool| flag.then_some(AttributeValue::Bool(true));
    let texts = |text: Option<String>| text.map(AttributeValue::S);
    let direction = if way == "in" { "inbound" } else { "outbound" };
    vec![
        ("direction", Some(s(Some(direction)))),
        ("call_to", Some(s(Some(to)))),
        ("call_from", Some(s(Some(from)))),
        ("started_at", start.map(n)),
        ("ended_at", ended.map(n)),
        ("duration_seconds", said.or(between).map(n)),
        ("disposition", texts(first("disposition"))),
        ("property_sid", texts(first("property_sid"))),
        ("noted_by", texts(noted_by.map(str::to_owned))),
        ("reported_notes", flag(reported.is_some())),
        (
            "external_ids",
            (!ids.is_empty()).then_some(AttributeValue::L(ids)),
        ),
        ("sources", Some(AttributeValue::L(sources))),
        ("cost", (!counting.is_empty()).then(|| n(sum))),
        (
            "date_billed",
            counting
                .last()
                .and_then(|one| number(one, "date_billed"))
                .map(n),
        ),
        ("two_vendors", flag(two)),
        ("crowded", flag(crowded)),
    ]
}

/// Whether two attributes are equal; numbers are equal if they are the same amount.
pub(super) fn equal(one: Option<&AttributeValue>, other: Option<&AttributeValue>) -> bool {
    let decimal = |text: &str| text.parse::<Decimal>().ok();
    match (one, other) {
        (Some(AttributeValue::N(one)), Some(AttributeValue::N(other))) => {
            decimal(one) == decimal(other)
        }
        _ => one == other,
    }
}

/// Whether an entry's pair says that its bill has notes. An earlier version kept the notes themselves there.
pub(super) fn noted(holder: Entry<'_>, entry: &Item) -> bool {
    let own = std::ptr::eq(holder.item, entry) && flag(entry, "noted");
    let listed =
        || text(entry, "cost_id").is_some_and(|id| holder.texts("noted").any(|one| one == id));
    own || entry.contains_key("notes") || listed()
}

/// Whether an entry is in force.
pub(super) fn counts(entry: &Item) -> bool {
    text(entry, "state") == Some("in_force")
}

/// The order of receipt: of two entries of one millisecond, that of their ids.
pub(super) fn receipt(entry: &Item) -> (Option<i64>, Option<i64>, Option<&str>) {
    let (received, turn) = (number(entry, "received_at"), number(entry, "turn"));
    (received, turn, text(entry, "cost_id"))
}

/// The order in which the reports of a call are believed: the best source first, of one source the latest
/// correction, what was stated, the earliest start and the latest end.
fn rank(report: &Item) -> impl Ord + '_ {
    let source = text(report, "source");
    let place = SOURCES.iter().position(|known| Some(*known) == source);
    let stated = report
        .get("stated")
        .is_some_and(|stated| stated.as_bool() == Ok(&true));
    (
        place,
        Reverse(number(report, "revision").unwrap_or_default()),
        !stated,
        number(report, "started_at"),
        Reverse(number(report, "ended_at")),
        text(report, "external_id"),
        text(report, "disposition"),
        text(report, "sid"),
    )
}

fn s(text: Option<&str>) -> AttributeValue {
    AttributeValue::S(text.unwrap_or_default().to_owned())
}

fn n(number: impl Into<Decimal>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}
