//! Costs: their entries in pairs and their rows.

use aws_sdk_dynamodb::types::AttributeValue;

use super::calls::{NOBODY, SID, billed, in_pair};
use super::correct::REUSED;
use super::{Case, Damaged, n, prove, s};

/// The row of a cost by its amount.
fn cost_of(t: &Damaged, amount: &str) -> usize {
    t.find("cost", |cost| cost.text("amount") == Some(amount))
}

/// Where the entry of a billed call with an amount is in the list of its entries.
fn entry_at(t: &Damaged, call: usize, amount: &str) -> usize {
    let entries = t.0.items[call]["entries"].as_l().expect("a list").iter();
    let mut amounts = entries.map(|entry| entry.as_m().expect("a map")["amount"].as_s());
    let place = amounts.position(|one| one.map(String::as_str) == Ok(amount));
    place.expect("an entry")
}

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "id-reused",
        damage: |t| {
            let cost = cost_of(t, "8");
            t.set(cost, "id_reused", super::flag(false));
            let others = ["4", "5"].map(|amount| cost_of(t, amount));
            let what = "id_reused is not what the other bills with its id say";
            [cost]
                .into_iter()
                .chain(others)
                .map(|cost| t.key(cost, what))
                .collect()
        },
    },
    Case {
        rule: "sent-id",
        damage: |t| {
            let sent = t.find("sent_id", |_| true);
            t.remove(sent);
            let costs = ["4", "5", "8"].map(|amount| cost_of(t, amount));
            let what = "its call id is on no record that lasts";
            costs.map(|cost| t.key(cost, what)).into()
        },
    },
    Case {
        rule: "sent-id",
        damage: |t| {
            let sent = t.find("sent_id", |_| true);
            t.set(sent, "sent_for", s("+12065550100#+12065550199"));
            vec![t.key(sent, "sent_for is no pair of a bill with the id")]
        },
    },
    Case {
        rule: "pair-cost",
        damage: |t| {
            let cost = cost_of(t, "1");
            t.set(cost, "biller", s("import"));
            vec![t.key(cost, "biller is not what its pair says")]
        },
    },
    Case {
        rule: "pair-cost",
        damage: |t| {
            let cost = cost_of(t, "6");
            t.unset(cost, "void");
            vec![t.key(cost, "void is not what its pair says")]
        },
    },
    Case {
        rule: "pair-cost",
        damage: |t| {
            let cost = cost_of(t, "1");
            t.set(cost, "call_to", s(NOBODY));
            vec![t.key(cost, "its entry is in another pair, or says so and is not")]
        },
    },
    Case {
        rule: "pair-cost",
        damage: |t| {
            let cost = cost_of(t, "1");
            t.unset(cost, "call_sid");
            t.set(cost, "history", AttributeValue::L(Vec::new()));
            vec![t.key(cost, "call_sid is not where its entry is")]
        },
    },
    Case {
        rule: "cost-pair",
        damage: |t| {
            let bill = t.find("pair_bill", |bill| bill.part(5) == "withheld");
            let (pk, id) = (t.text(bill, "pk"), t.text(bill, "cost_id"));
            t.remove(bill);
            let head = t.find("pair", |head| head.pk == pk);
            t.set(head, "unmatched", n(0));
            let cost = t.find("cost", |cost| cost.text("cost_id") == Some(&id));
            // Without its amount, the sums still hold.
            t.set(cost, "cost", n(0));
            t.set(cost, "amount", s("0"));
            vec![t.key(cost, "its entry is in no pair")]
        },
    },
    Case {
        rule: "pair-unmatched",
        damage: |t| {
            let head = t.find("pair", |head| head.number("unmatched") == Some(1));
            t.set(head, "unmatched", n(2));
            vec![t.key(head, "unmatched is not the number of such entries")]
        },
    },
    Case {
        rule: "entry-state",
        damage: |t| {
            let (cost, call) = (cost_of(t, "1"), t.find("call", billed));
            let pair = in_pair(t, call);
            let at = entry_at(t, pair, "1");
            t.set_at(pair, "entries", at, "repriced", super::flag(true));
            t.set(cost, "repriced", super::flag(true));
            let what = "repriced is not what the prices of the bill say";
            vec![t.key(pair, what)]
        },
    },
    Case {
        rule: "entry-state",
        damage: |t| {
            let (cost, call) = (cost_of(t, "6"), t.find("call", billed));
            let pair = in_pair(t, call);
            let at = entry_at(t, pair, "6");
            // Its amount stays among what does not count, and so do the sums.
            t.set_at(pair, "entries", at, "state", s("superseded"));
            t.set(cost, "state", s("superseded"));
            t.set(cost, "history", AttributeValue::L(Vec::new()));
            vec![t.key(pair, "an entry's state is not what the rules say")]
        },
    },
    Case {
        rule: "entry-pin",
        damage: |t| {
            let (cost, call) = (cost_of(t, "1"), t.find("call", billed));
            let pair = in_pair(t, call);
            let at = entry_at(t, pair, "1");
            t.set_at(pair, "entries", at, "pin", s("none"));
            t.set(cost, "pin", s("none"));
            vec![t.key(pair, "an entry is not where its pin says")]
        },
    },
    Case {
        rule: "entry-price",
        damage: |t| {
            // An entry that is already a later price's, and an unmatched one that says it is another.
            let earlier = cost_of(t, "4");
            let id = t.text(earlier, "cost_id");
            let bill = t.find("pair_bill", |bill| bill.has("pin"));
            let cost = t.text(bill, "cost_id");
            let cost = t.find("cost", |one| one.text("cost_id") == Some(&cost));
            for index in [bill, cost] {
                t.unset(index, "pin");
                t.set(index, "reprices", s(id.clone()));
            }
            vec![t.key(bill, "an entry is not where its bill went")]
        },
    },
    Case {
        rule: "cost-history",
        damage: |t| {
            let cost = cost_of(t, "6");
            t.set_at(cost, "history", 0, "state", s("in_force"));
            let lines = t.map_at(cost, "history", 0).clone();
            t.set(
                cost,
                "history",
                AttributeValue::L(vec![AttributeValue::M(lines)]),
            );
            vec![t.key(cost, "its history ends otherwise")]
        },
    },
    Case {
        rule: "cost-identity",
        damage: |t| {
            let cost = cost_of(t, "6");
            t.set(cost, "cost", n(7));
            let id = t.account();
            let account = t.find("account", |account| account.account() == Some(&id));
            vec![
                t.key(cost, "it is acknowledged with another amount"),
                t.key(account, "its costs do not add up"),
            ]
        },
    },
    Case {
        rule: "lead-cost",
        damage: |t| {
            let lead = t.find("lead", |lead| lead.has("total_cost"));
            t.set(lead, "total_cost", n(9));
            vec![t.key(lead, "total_cost is not what its calls cost")]
        },
    },
    Case {
        rule: "lead-cost",
        damage: |t| {
            let lead = t.find("lead", |lead| !lead.has("total_cost"));
            t.set(lead, "total_cost", n(9));
            vec![t.key(lead, "total_cost is not what its calls cost")]
        },
    },
    Case {
        rule: "pair-id",
        damage: |t| {
            let id = t.find("pair_id", |id| id.has("calls"));
            t.set(id, "calls", AttributeValue::Ss(vec![SID.to_owned()]));
            let call = t.find("call", |call| call.has("external_ids"));
            let pair = in_pair(t, call);
            let report = "an external id does not name its report";
            vec![
                t.key(id, "a report that it names does not carry it"),
                t.key(pair, report),
                t.key(pair, report),
                t.key(pair, report),
            ]
        },
    },
    Case {
        rule: "pair-id",
        damage: |t| {
            let id = t.find("pair_id", |id| !id.has("calls") && id.part(5) != REUSED);
            let names = t.items()[id].keys().cloned();
            let bill = names.into_iter().find(|name| name.starts_with("bill_"));
            let bill = bill.expect("a bill");
            let earlier = cost_of(t, "4");
            let earlier = t.text(earlier, "cost_id");
            t.set_in(id, &bill, "cost_id", s(earlier));
            vec![t.key(id, "its bill is not the last that carries it")]
        },
    },
    Case {
        rule: "pair-id",
        damage: |t| {
            let id = t.find("pair_id", |id| !id.has("calls") && id.part(5) != REUSED);
            t.remove(id);
            let what = "its call id does not name a bill of its credential";
            let (four, five) = (cost_of(t, "4"), cost_of(t, "5"));
            vec![t.key(four, what), t.key(five, what)]
        },
    },
];

#[tokio::test]
async fn damaged_costs_are_found() {
    prove(CASES).await;
}
