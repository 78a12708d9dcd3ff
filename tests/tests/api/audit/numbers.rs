//! Numbers, assignments, addresses and the inventory.

use callbook_audit::{Entry, Item};
use callbook_tests::fonedynamics::{FAR, NUMBER, OTHER};

use super::correct::{PENDING, TOLL_FREE};
use super::{Case, Damaged, flag, n, prove, s};

/// An unused sid.
const SID: &str = "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ";

fn own(t: &Damaged, number: &str) -> usize {
    t.find("number", |own| own.text("number") == Some(number))
}

fn assignment(t: &Damaged, number: &str) -> usize {
    t.find("tenure", |one| one.text("number") == Some(number))
}

/// An assignment of a number as an earlier version ended it: in its place, without a copy by time.
fn ended_in_place(t: &mut Damaged, number: &str) -> usize {
    let copy = t.find("past_tenure", |one| one.text("number") == Some(number));
    t.remove(copy);
    let ended = assignment(t, number);
    let sk = t.text(ended, "sk").replace("#ENDED#", "#");
    t.set(ended, "sk", s(sk));
    ended
}

fn registered(own: Entry<'_>) -> bool {
    !own.has("held")
}

fn in_inventory(t: &Damaged, number: &str) -> usize {
    t.find("stock", |one| {
        one.sk == "STOCK" && one.text("number") == Some(number)
    })
}

/// A new item with these attributes.
fn item(texts: &[(&str, &str)]) -> Item {
    let texts = texts
        .iter()
        .map(|(name, text)| ((*name).to_owned(), s(*text)));
    texts.chain([("v".to_owned(), n(1))]).collect()
}

pub(super) const CASES: &[Case] = &[
    Case {
        rule: "number-owner",
        damage: |t| {
            let own = t.find("number", registered);
            let pk = format!("NUM#{}", t.text(own, "number"));
            let owner = t.find("number_owner", |one| one.pk == pk);
            t.remove(owner);
            let own = t.find("number", registered);
            vec![t.key(own, "the number belongs to another account or to none")]
        },
    },
    Case {
        rule: "number-owner",
        damage: |t| {
            let own = t.find("number", registered);
            let pk = format!("NUM#{}", t.text(own, "number"));
            t.remove(own);
            let owner = t.find("number_owner", |one| one.pk == pk);
            vec![t.key(owner, "it is not in the account's list")]
        },
    },
    Case {
        rule: "owner-trueclid",
        damage: |t| {
            let owner = t.find("number_owner", |_| true);
            t.set(owner, "trueclid", flag(false));
            vec![t.key(owner, "trueclid differs from the account's setting")]
        },
    },
    Case {
        rule: "assignment-open",
        damage: |t| {
            let own = own(t, NUMBER);
            t.unset(own, "held");
            let open = assignment(t, NUMBER);
            vec![t.key(open, "it is open, and the number does not name it")]
        },
    },
    Case {
        rule: "assignment-open",
        damage: |t| {
            let open = assignment(t, NUMBER);
            t.remove(open);
            let own = own(t, NUMBER);
            vec![t.key(own, "held does not name an open assignment of the property")]
        },
    },
    Case {
        rule: "assignment-end",
        damage: |t| {
            let closed = ended_in_place(t, OTHER);
            let from = t.number(closed, "from");
            t.set(closed, "until", n(from - 1));
            vec![t.key(closed, "until is before from")]
        },
    },
    Case {
        rule: "assignment-end",
        damage: |t| {
            let closed = ended_in_place(t, OTHER);
            t.unset(closed, "ended_by");
            vec![t.key(closed, "only one of until and ended_by is present")]
        },
    },
    Case {
        rule: "assignment-past",
        damage: |t| {
            let copy = t.find("past_tenure", |one| one.text("number") == Some(OTHER));
            t.remove(copy);
            let ended = assignment(t, OTHER);
            vec![t.key(ended, "its copy by time is missing")]
        },
    },
    Case {
        rule: "assignment-past",
        damage: |t| {
            let ended = assignment(t, OTHER);
            t.remove(ended);
            let copy = t.find("past_tenure", |one| one.text("number") == Some(OTHER));
            vec![t.key(copy, "there is no such assignment")]
        },
    },
    Case {
        rule: "assignment-past",
        damage: |t| {
            let copy = t.find("past_tenure", |one| one.text("number") == Some(OTHER));
            t.set(copy, "property_sid", s(SID));
            vec![t.key(copy, "it differs from the assignment")]
        },
    },
    Case {
        rule: "assignment-property",
        damage: |t| {
            let closed = ended_in_place(t, OTHER);
            t.set(closed, "property_sid", s(SID));
            vec![t.key(closed, "property_sid names no property")]
        },
    },
    Case {
        rule: "address-links",
        damage: |t| {
            let linked = t.find("address", |one| one.number("links") == Some(1));
            t.set(linked, "links", n(2));
            vec![t.key(linked, "links is 2, but 1 numbers are linked")]
        },
    },
    Case {
        rule: "number-address",
        damage: |t| {
            let linked = t.find("address", |one| one.number("links") == Some(1));
            t.remove(linked);
            let own = own(t, FAR);
            vec![t.key(own, "address_sid names no address")]
        },
    },
    Case {
        rule: "number-pending",
        damage: |t| {
            let free = t.find("address", |one| one.number("links") == Some(0));
            let sid = t.text(free, "address_sid");
            t.set(free, "links", n(1));
            let own = own(t, PENDING);
            t.set(own, "address_sid", s(sid));
            vec![t.key(own, "it is Pending for no reason")]
        },
    },
    Case {
        rule: "inventory-copy",
        damage: |t| {
            let entry = in_inventory(t, TOLL_FREE);
            t.set(entry, "price", n(9));
            vec![t.key(entry, "its copy under its place differs")]
        },
    },
    Case {
        rule: "inventory-copy",
        damage: |t| {
            let entry = in_inventory(t, TOLL_FREE);
            t.remove(entry);
            let copy = t.find("stock", |one| one.text("number") == Some(TOLL_FREE));
            vec![t.key(copy, "its copy is missing")]
        },
    },
    Case {
        rule: "inventory-copy",
        damage: |t| {
            let copy = t.find("stock", |one| {
                one.sk != "STOCK" && one.text("number") == Some(TOLL_FREE)
            });
            t.remove(copy);
            let entry = in_inventory(t, TOLL_FREE);
            vec![t.key(entry, "its copy is missing")]
        },
    },
    Case {
        rule: "inventory-owned",
        damage: |t| {
            let entry = in_inventory(t, TOLL_FREE);
            let account = t.account();
            let mut owner = item(&[
                ("pk", &format!("NUM#{TOLL_FREE}")),
                ("sk", "OWNER"),
                ("type", "number_owner"),
                ("account_id", &account),
            ]);
            owner.insert("trueclid".to_owned(), flag(true));
            let mut own = item(&[
                ("pk", &format!("A#{account}")),
                ("sk", &format!("NUMBER#{TOLL_FREE}")),
                ("type", "number"),
                ("number", TOLL_FREE),
            ]);
            own.insert("registered_at".to_owned(), n(0));
            t.items().extend([owner, own]);
            vec![t.key(entry, "an account owns it")]
        },
    },
    Case {
        rule: "inventory-place",
        damage: |t| {
            let place = t.find("place", |one| one.sk == "wa##");
            t.remove(place);
            let entry = in_inventory(t, TOLL_FREE);
            vec![t.key(entry, "its place does not exist")]
        },
    },
];

#[tokio::test]
async fn damaged_numbers_and_inventory_are_found() {
    prove(CASES).await;
}
