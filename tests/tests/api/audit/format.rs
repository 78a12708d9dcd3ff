//! The stored format.

use callbook_audit::{self as audit, Entry, Table};

use super::correct::{TOLL_FREE, correct};
use super::{Broken, Case, Damaged, n, prove, s};

/// An item that no other item refers to: a served country.
fn served(t: &Damaged) -> usize {
    t.find("country", |country| country.text("country") == Some("US"))
}

fn access(token: Entry<'_>) -> bool {
    token.text("kind") == Some("access")
}

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "type",
        damage: |t| {
            let served = served(t);
            t.unset(served, "type");
            vec![t.key(served, "it has no type")]
        },
    },
    Case {
        rule: "type",
        damage: |t| {
            let served = served(t);
            t.set(served, "type", s("land"));
            vec![t.key(served, "the type land is unknown")]
        },
    },
    Case {
        rule: "version",
        damage: |t| {
            let served = served(t);
            t.set(served, "v", n(2));
            vec![t.key(served, "v is not 1")]
        },
    },
    Case {
        rule: "attributes",
        damage: |t| {
            let served = served(t);
            t.unset(served, "requires_address");
            vec![t.key(served, "requires_address is missing")]
        },
    },
    Case {
        rule: "attributes",
        damage: |t| {
            let served = served(t);
            t.set(served, "requires_address", n(1));
            vec![t.key(served, "requires_address is not of kind BOOL")]
        },
    },
    Case {
        rule: "attributes",
        damage: |t| {
            let served = served(t);
            t.set(served, "note", s("x"));
            vec![t.key(served, "note is not an attribute of its type")]
        },
    },
    Case {
        rule: "form",
        damage: |t| {
            let cost = t.find("cost", |cost| !cost.has("credential_id"));
            t.set(cost, "guid", s("7"));
            vec![t.key(cost, "guid does not have its form")]
        },
    },
    Case {
        rule: "key",
        damage: |t| {
            let served = served(t);
            t.set(served, "sk", s("GB"));
            vec![t.key(served, "its attributes require the key COUNTRIES {country}")]
        },
    },
    Case {
        rule: "expiry",
        damage: |t| {
            let token = t.find("token", access);
            let expires = t.number(token, "expires_at");
            t.set(token, "expires_at", n(expires + 1));
            vec![t.key(token, "expires_at does not match expires")]
        },
    },
    Case {
        rule: "expiry",
        damage: |t| {
            let starts = t.find("number_starts", |_| true);
            let expires = t.number(starts, "expires_at");
            // Starts expire a week after the latest one; eight days earlier is before the end of any call.
            t.set(starts, "expires_at", n(expires - 8 * 86_400));
            let what = "it expires before the end of one of its calls";
            vec![t.key(starts, what)]
        },
    },
];

#[tokio::test]
async fn damaged_formats_are_found() {
    prove(CASES).await;
}

/// Whether an audit of the damaged table reports this item for the rule.
fn finds(t: &Damaged, rule: &str, (pk, sk, what): &Broken) -> bool {
    let found = audit::audit(&t.0.items, t.0.now);
    found.iter().any(|one| {
        one.rule == rule
            && one.key == audit::masked(pk, sk)
            && (what.is_empty() || one.what == *what)
    })
}

#[tokio::test]
async fn an_item_of_any_type_with_a_wrong_key_is_found() {
    let correct = correct().await;
    for index in 0..correct.items.len() {
        for (half, wrong) in [("pk", "~"), ("sk", "~"), ("pk", "#~"), ("sk", "#~")] {
            let mut t = Damaged(correct.clone());
            let key = t.text(index, half);
            t.set(index, half, s(format!("{key}{wrong}")));
            let (kind, broken) = (t.text(index, "type"), t.key(index, ""));
            // No attribute says which credential or external id is in these keys, so other rules find it.
            let rule = match (kind.as_str(), half, wrong) {
                ("limit", "pk", "~") => "credential-used",
                ("pair_id", "sk", _) => "pair-id",
                ("sent_id", "pk", _) => "sent-id",
                ("former_credential", "pk", _) => "credential-former",
                ("webhook_secrets", "pk", "~") => "webhook-parts",
                ("delivery" | "delivery_due" | "delivery_line", "pk", _) => "delivery-pending",
                ("event", "sk", _) => "event",
                // A disposition is any text, and a hash of a bill is not made again.
                ("sums" | "refused_bill", "sk", _) => continue,
                _ => "key",
            };
            assert!(finds(&t, rule, &broken), "{kind}: {half} and {wrong}");
        }
    }
}

#[tokio::test]
async fn an_item_of_any_type_without_a_required_attribute_is_found() {
    let correct = correct().await;
    let table = Table::new(&correct.items, correct.now);
    let mut lacking = 0;
    for shape in audit::shapes::SHAPES {
        let lists = [
            shape.texts,
            shape.numbers,
            shape.flags,
            shape.lists,
            shape.maps,
            shape.sets,
        ];
        let names = lists.into_iter().flat_map(str::split_whitespace);
        let Some(first) = table.of(shape.kind).next() else {
            let rare = [
                "former_cost",
                "settling",
                "billed_span",
                "restore",
                "account_deletion",
            ];
            assert!(rare.contains(&shape.kind), "one of each: {}", shape.kind);
            continue;
        };
        let index = correct.items.iter().position(|item| item == first.item);
        let index = index.expect("it is in the table");
        for name in names.filter(|name| !name.ends_with(['?', '*', '_'])) {
            let mut t = Damaged(correct.clone());
            t.unset(index, name);
            let (pk, sk, _) = t.key(index, "");
            let found = audit::audit(&t.0.items, t.0.now);
            let what = format!("{name} is missing");
            let found = found.iter().any(|one| {
                one.rule == "attributes" && one.key == audit::masked(&pk, &sk) && one.what == what
            });
            assert!(found, "{}: {what}", shape.kind);
            lacking += 1;
        }
    }
    assert!(lacking > 100, "{lacking}");
}

#[test]
fn phone_numbers_in_shown_keys_are_masked() {
    let shown = audit::masked(&format!("A#7#N#{TOLL_FREE}"), "FEEDBACK#12065550100 a");
    assert_eq!(shown, "A#7#N#+1888***0100 FEEDBACK#*******0100 a");
}
