//! Numbers: their owners, their property assignments, and the inventory.

use super::finding::{Report, Rule};
use super::table::{Entry, Item, Table, number, text};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "number-owner",
        says: "a number is on the list of the account that owns it, and of no other",
        check: owners,
    },
    Rule {
        name: "owner-trueclid",
        says: "a number's owner record has the TrueCLID setting of its account",
        check: trueclid,
    },
    Rule {
        name: "assignment-open",
        says: "a number names the assignment of its property if and only if that assignment is open",
        check: open_assignments,
    },
    Rule {
        name: "assignment-end",
        says: "an assignment ends after it starts, and names the request that ended it",
        check: ended_assignments,
    },
    Rule {
        name: "assignment-past",
        says: "an assignment that was moved to the past is stored by number and by time, and both items are equal",
        check: past_assignments,
    },
    Rule {
        name: "assignment-property",
        says: "the property of an assignment exists",
        check: assignment_properties,
    },
    Rule {
        name: "address-links",
        says: "an address counts the numbers that are linked to it",
        check: address_links,
    },
    Rule {
        name: "number-address",
        says: "the address that a number is linked to exists",
        check: number_addresses,
    },
    Rule {
        name: "number-pending",
        says: "a pending number has no address in its own country",
        check: pending,
    },
    Rule {
        name: "inventory-copy",
        says: "an inventory number is stored by number and by place, and both items are equal",
        check: inventory_copies,
    },
    Rule {
        name: "inventory-owned",
        says: "an available number has no owner",
        check: inventory_owners,
    },
    Rule {
        name: "inventory-place",
        says: "the place of an inventory number exists",
        check: inventory_places,
    },
];

fn owners(table: &Table<'_>, report: &mut Report) {
    for owner in table.of("number_owner") {
        let (account, number) = (owner.account().unwrap_or_default(), owner.part(1));
        let listed = table.own(account, &format!("NUMBER#{number}")).is_some();
        report.check(listed, owner, "it is not in the account's list");
    }
    for own in table.of("number") {
        let number = own.text("number").unwrap_or_default();
        let owner = table.at(&format!("NUM#{number}"), "OWNER");
        let good = owner.is_some_and(|owner| owner.account() == own.account());
        report.check(
            good,
            own,
            "the number belongs to another account or to none",
        );
    }
}

fn trueclid(table: &Table<'_>, report: &mut Report) {
    for owner in table.of("number_owner") {
        let account = owner.account().unwrap_or_default();
        if let Some(account) = table.own(account, "ACCOUNT") {
            let good = owner.agrees(&account, "trueclid");
            report.check(good, owner, "trueclid differs from the account's setting");
        }
    }
}

/// The sort key of the open assignment that a number names.
fn open_key(own: Entry<'_>, held: &Item) -> Option<String> {
    let (of, guid) = (own.text("number")?, text(held, "guid")?);
    let since = number(held, "since")?;
    Some(format!("TENURE#{of}#{since:014}#{guid}"))
}

fn open_assignments(table: &Table<'_>, report: &mut Report) {
    for own in table.of("number") {
        let Some(held) = own.map("held") else {
            continue;
        };
        let account = own.account().unwrap_or_default();
        let assignment = open_key(own, held).and_then(|key| table.own(account, &key));
        let good = assignment.is_some_and(|one| {
            !one.has("until") && one.text("property_sid") == text(held, "property_sid")
        });
        report.check(
            good,
            own,
            "held does not name an open assignment of the property",
        );
    }
    for open in table.of("tenure").filter(|one| !one.has("until")) {
        let account = open.account().unwrap_or_default();
        let number = open.text("number").unwrap_or_default();
        let own = table.own(account, &format!("NUMBER#{number}"));
        let key = own.and_then(|own| open_key(own, own.map("held")?));
        let good = key.as_deref() == Some(open.sk);
        report.check(good, open, "it is open, and the number does not name it");
    }
}

fn ended_assignments(table: &Table<'_>, report: &mut Report) {
    for one in table.of("tenure") {
        let (from, until) = (one.number("from"), one.number("until"));
        let forward = until.is_none_or(|until| Some(until) >= from);
        report.check(forward, one, "until is before from");
        let by = one.has("until") == one.has("ended_by");
        report.check(by, one, "only one of until and ended_by is present");
    }
}

/// How long an assignment lasted, as keys say it: at most 1, 8, 64 or 512 days, or longer.
pub(super) fn lasted_class(ended: Entry<'_>) -> Option<usize> {
    let lasted = ended.number("until")? - ended.number("from")?;
    let shorter = [1, 8, 64, 512].map(|days: i64| days * 86_400_000);
    Some(shorter.iter().filter(|most| lasted > **most).count())
}

fn past_assignments(table: &Table<'_>, report: &mut Report) {
    const ENDED: &str = "TENURE#ENDED#";
    for one in table.of("tenure").filter(|one| one.sk.starts_with(ENDED)) {
        let Some(class) = lasted_class(one) else {
            report.add(one, "it was moved to the past, and has no end");
            continue;
        };
        let until = one.number("until").unwrap_or_default();
        let account = one.account().unwrap_or_default();
        let rest = one.sk.strip_prefix(ENDED).unwrap_or_default();
        let copy = table.at(
            &format!("A#{account}#ENDED"),
            &format!("{class}#{until:014}#{rest}"),
        );
        report.check(copy.is_some(), one, "its copy by time is missing");
    }
    for copy in table.of("past_tenure") {
        let account = copy.account().unwrap_or_default();
        // Behind the class and the end are the number, the start and the request.
        let rest = copy.sk.splitn(3, '#').nth(2).unwrap_or_default();
        let Some(one) = table.own(account, &format!("{ENDED}{rest}")) else {
            report.add(copy, "there is no such assignment");
            continue;
        };
        let names = one.item.keys().chain(copy.item.keys());
        let mut names = names.filter(|name| !matches!(name.as_str(), "pk" | "sk" | "type"));
        let good = names.all(|name| copy.agrees(&one, name));
        report.check(good, copy, "it differs from the assignment");
    }
}

fn assignment_properties(table: &Table<'_>, report: &mut Report) {
    for one in table.of("tenure") {
        let account = one.account().unwrap_or_default();
        let property = one.text("property_sid").unwrap_or_default();
        let there = table
            .own(account, &format!("PROPERTY#{property}"))
            .is_some();
        report.check(there, one, "property_sid names no property");
    }
}

fn address_links(table: &Table<'_>, report: &mut Report) {
    let linked = table.grouped("number", |own| {
        Some((own.account()?, own.text("address_sid")?))
    });
    for address in table.of("address") {
        let account = address.account().unwrap_or_default();
        let sid = address.text("address_sid").unwrap_or_default();
        let count = linked.get(&(account, sid)).map_or(0, Vec::len);
        if let Some(links) = address.number("links")
            && usize::try_from(links) != Ok(count)
        {
            report.add(
                address,
                format!("links is {links}, but {count} numbers are linked"),
            );
        }
    }
}

fn number_addresses(table: &Table<'_>, report: &mut Report) {
    for own in table.of("number") {
        let there = !own.has("address_sid") || address(table, own).is_some();
        report.check(there, own, "address_sid names no address");
    }
}

fn address<'a>(table: &Table<'a>, own: Entry<'_>) -> Option<Entry<'a>> {
    table.own(
        own.account()?,
        &format!("ADDRESS#{}", own.text("address_sid")?),
    )
}

/// A country's address requirement may change later, so an active number without an address is not checked.
fn pending(table: &Table<'_>, report: &mut Report) {
    for own in table.of("number") {
        if own.text("status") == Some("Pending") {
            let suits = address(table, own).is_some_and(|one| one.agrees(&own, "country"));
            let waits = own.has("number_type") && !suits;
            report.check(waits, own, "it is Pending for no reason");
        }
    }
}

/// The key of an available number under its place.
fn place_key(entry: Entry<'_>) -> Option<(String, String)> {
    let (country, kind, number) = (
        entry.text("country")?,
        entry.text("number_type")?,
        entry.text("number")?,
    );
    let place = place(entry);
    Some((
        format!("STOCK#{country}"),
        format!("{place}{kind}#{number}"),
    ))
}

/// A place, as keys contain it.
fn place(entry: Entry<'_>) -> String {
    let lower = |name| entry.text(name).unwrap_or_default().to_lowercase();
    format!("{}#{}#", lower("region"), lower("locality"))
}

fn inventory_copies(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("stock") {
        let copy = if entry.sk == "STOCK" {
            place_key(entry).and_then(|(pk, sk)| table.at(&pk, &sk))
        } else {
            let number = entry.text("number").unwrap_or_default();
            table.at(&format!("NUM#{number}"), "STOCK")
        };
        let Some(copy) = copy else {
            report.add(entry, "its copy is missing");
            continue;
        };
        let names = entry.item.keys().chain(copy.item.keys());
        let mut names = names.filter(|name| !matches!(name.as_str(), "pk" | "sk"));
        // Report the difference once for both copies.
        let good = entry.sk != "STOCK" || names.all(|name| entry.agrees(&copy, name));
        report.check(good, entry, "its copy under its place differs");
    }
}

fn inventory_owners(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("stock").filter(|entry| entry.sk == "STOCK") {
        let free = table.at(entry.pk, "OWNER").is_none();
        report.check(free, entry, "an account owns it");
    }
}

fn inventory_places(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("stock").filter(|entry| entry.sk == "STOCK") {
        let country = entry.text("country").unwrap_or_default();
        let known = table
            .at(&format!("PLACE#{country}"), &place(entry))
            .is_some();
        report.check(known, entry, "its place does not exist");
    }
}
