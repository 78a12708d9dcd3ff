//! What a transaction's refusals say.

use aws_sdk_dynamodb::types::CancellationReason;

use super::*;
use crate::ledger::table::item::{s, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Owner,
    Copies,
    Link,
}

fn canceled(reasons: &[(&str, Option<&str>)]) -> TransactionCanceledException {
    let reasons = reasons.iter().map(|(code, found)| {
        let item = found.map(|name| Item::from([("name".to_owned(), s(name))]));
        CancellationReason::builder()
            .code(*code)
            .set_item(item)
            .build()
    });
    TransactionCanceledException::builder()
        .set_cancellation_reasons(Some(reasons.collect()))
        .build()
}

#[test]
fn a_refusal_is_found_by_its_tag() {
    let tags = [Tag::Owner, Tag::Copies, Tag::Copies, Tag::Link].map(|tag| (tag, false));
    let canceled = canceled(&[
        ("None", None),
        ("ConditionalCheckFailed", None),
        ("ConditionalCheckFailed", Some("second copy")),
        ("ConditionalCheckFailed", None),
    ]);
    let mut refusals = Refusals(refusals(&canceled, &tags));
    assert!(!refusals.contains(Tag::Owner));
    assert!(refusals.contains(Tag::Copies) && refusals.contains(Tag::Link));
    let found = refusals
        .item(Tag::Copies)
        .and_then(|item| text(item, "name"));
    assert_eq!(found, Some("second copy"));
    assert_eq!(refusals.item(Tag::Link), None);
    assert!(refusals.take(Tag::Copies).is_some());
    assert!(
        refusals.contains(Tag::Copies),
        "taking the item keeps the refusal"
    );
    assert_eq!(refusals.take(Tag::Copies), None);
}

#[test]
fn an_item_that_would_be_too_large_is_a_refusal_where_the_write_says_so() {
    let too_large = CancellationReason::builder()
        .code("ValidationError")
        .message("Item size to update has exceeded the maximum allowed size")
        .build();
    let other = CancellationReason::builder()
        .code("ValidationError")
        .message("Type mismatch for attribute to update")
        .build();
    let canceled = TransactionCanceledException::builder()
        .set_cancellation_reasons(Some(vec![too_large.clone(), too_large, other]))
        .build();
    let tags = [(Tag::Owner, false), (Tag::Copies, true), (Tag::Link, true)];
    let refusals = Refusals(refusals(&canceled, &tags));
    let refused = [Tag::Owner, Tag::Copies, Tag::Link].map(|tag| refusals.contains(tag));
    assert_eq!(refused, [false, true, false]);
}

#[test]
fn contention_and_throttling_are_distinguished() {
    let busy = |codes: &[&str]| {
        let reasons: Vec<_> = codes.iter().map(|code| (*code, None)).collect();
        busy(&canceled(&reasons))
    };
    assert_eq!(
        busy(&["None", "TransactionConflict"]),
        Some(Busy::Contended)
    );
    for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
        assert_eq!(busy(&["None", code]), Some(Busy::Throttled));
    }
    assert_eq!(busy(&["None", "ValidationError"]), None);
    let message = TransactionCanceledException::builder()
        .message("Transaction cancelled [TransactionConflict]")
        .build();
    assert_eq!(super::busy(&message), Some(Busy::Contended));
}
