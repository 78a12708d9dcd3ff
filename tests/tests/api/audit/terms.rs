//! What bills and adjustments are found by.

use super::{Case, prove, s};

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "billed-caller",
        damage: |t| {
            let listed = t.find("billed_caller", |_| true);
            let id = t.text(listed, "cost_id");
            t.remove(listed);
            let cost = t.find("cost", |cost| cost.text("cost_id") == Some(&id));
            vec![t.key(cost, "it is not listed by its caller")]
        },
    },
    Case {
        rule: "billed-caller",
        damage: |t| {
            let listed = t.find("billed_caller", |_| true);
            let mut other = t.0.items[listed].clone();
            let pk = t.text(listed, "pk").replace("#acme#", "#beta#");
            other.insert("pk".to_owned(), s(pk));
            t.items().push(other);
            let last = t.0.items.len() - 1;
            vec![t.key(last, "no bill of the vendor for the caller is this one")]
        },
    },
    Case {
        rule: "pair-adjustment",
        damage: |t| {
            let copy = t.find("pair_adjustment", |_| true);
            let id = t.text(copy, "adjustment_id");
            t.remove(copy);
            let original = t.find("adjustment", |one| one.text("adjustment_id") == Some(&id));
            vec![t.key(original, "its pair has no copy of it")]
        },
    },
    Case {
        rule: "pair-adjustment",
        damage: |t| {
            let copy = t.find("pair_adjustment", |_| true);
            t.set(copy, "amount", s("-7.49"));
            vec![t.key(copy, "it is not a copy of an adjustment")]
        },
    },
];

#[tokio::test]
async fn each_rule_about_what_money_is_found_by_finds_its_own_damage() {
    prove(CASES).await;
}
