//! Vendors, and what is theirs.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Case, Damaged, n, prove, s};

fn list<'a>(t: &'a mut Damaged, index: usize, name: &str) -> &'a mut Vec<AttributeValue> {
    match t.items()[index].get_mut(name) {
        Some(AttributeValue::L(list)) => list,
        _ => panic!("there is no list {name}"),
    }
}

fn periods(t: &Damaged) -> usize {
    t.find("number_vendors", |one| {
        one.item["periods"].as_l().is_ok_and(|all| all.len() > 1)
    })
}

fn set_in_period(t: &mut Damaged, index: usize, period: usize, name: &str, value: AttributeValue) {
    let AttributeValue::M(map) = &mut list(t, index, "periods")[period] else {
        panic!("a period is a map");
    };
    map.insert(name.to_owned(), value);
}

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "vendor-terms",
        damage: |t| {
            let vendor = t.find("vendor", |_| true);
            list(t, vendor, "terms").reverse();
            vec![t.key(vendor, "terms are not sorted by their first day")]
        },
    },
    Case {
        rule: "vendor-credential",
        damage: |t| {
            let listed = t.find("account_credential", |one| one.has("vendor_id"));
            let id = t.text(listed, "credential_id");
            let shown = t.find("credential", |one| one.text("credential_id") == Some(&id));
            t.set(listed, "vendor_id", s("nobody"));
            t.set(shown, "vendor_id", s("nobody"));
            vec![t.key(listed, "vendor_id is of no vendor")]
        },
    },
    Case {
        rule: "vendor-number",
        damage: |t| {
            let found = periods(t);
            set_in_period(t, found, 0, "vendor_id", s("nobody"));
            vec![t.key(found, "a period is of no vendor")]
        },
    },
    Case {
        rule: "vendor-periods",
        damage: |t| {
            let found = periods(t);
            set_in_period(t, found, 0, "until", n(0));
            vec![t.key(found, "a period ends before it begins")]
        },
    },
    Case {
        rule: "vendor-periods",
        damage: |t| {
            let found = periods(t);
            let end = t.0.now * 2;
            set_in_period(t, found, 0, "until", n(end));
            vec![t.key(found, "two periods overlap")]
        },
    },
    Case {
        rule: "vendor-marked",
        damage: |t| {
            let found = periods(t);
            let number = t.text(found, "number");
            let own = t.find("number", |own| own.text("number") == Some(&number));
            t.unset(own, "has_vendors");
            let what = "a period has no end, and the account's number is not marked";
            vec![t.key(found, what)]
        },
    },
    Case {
        rule: "vendor-marked",
        damage: |t| {
            let found = periods(t);
            let number = t.text(found, "number");
            t.remove(found);
            let own = t.find("number", |own| own.text("number") == Some(&number));
            vec![t.key(own, "it is marked, and there are no periods")]
        },
    },
];

#[tokio::test]
async fn each_rule_about_vendors_finds_its_own_damage() {
    prove(CASES).await;
}
