//! Vendors, their terms, and the numbers and credentials that are theirs.

use super::finding::{Report, Rule};
use super::table::{Entry, Item, Table, number, text};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "vendor-terms",
        says: "the terms of a vendor are sorted by their first day, and no two have the same",
        check: terms,
    },
    Rule {
        name: "vendor-credential",
        says: "the vendor that a credential belongs to exists",
        check: credentials,
    },
    Rule {
        name: "vendor-number",
        says: "the vendor of a period exists",
        check: number_vendors,
    },
    Rule {
        name: "vendor-periods",
        says: "the periods of a number are sorted, none is empty, and no two overlap",
        check: periods,
    },
    Rule {
        name: "vendor-marked",
        says: "a number that is a vendor's without an end is the account's, and is marked",
        check: marked,
    },
];

/// The maps of a list.
fn maps<'a>(entry: Entry<'a>, name: &str) -> Vec<&'a Item> {
    let list = entry.item.get(name).and_then(|list| list.as_l().ok());
    let list = list.map(Vec::as_slice).unwrap_or_default().iter();
    list.filter_map(|one| one.as_m().ok()).collect()
}

fn terms(table: &Table<'_>, report: &mut Report) {
    for vendor in table.of("vendor") {
        let terms = maps(vendor, "terms");
        let days: Vec<_> = terms.iter().map(|terms| text(terms, "from")).collect();
        let sorted = days.windows(2).all(|two| two.first() < two.last());
        report.check(sorted, vendor, "terms are not sorted by their first day");
    }
}

fn vendor_exists(table: &Table<'_>, entry: Entry<'_>, id: &str) -> bool {
    let account = entry.account().unwrap_or_default();
    table.own(account, &format!("VENDOR#{id}")).is_some()
}

fn credentials(table: &Table<'_>, report: &mut Report) {
    for credential in table.of("account_credential") {
        if let Some(id) = credential.text("vendor_id") {
            let there = vendor_exists(table, credential, id);
            report.check(there, credential, "vendor_id is of no vendor");
        }
    }
}

fn number_vendors(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("number_vendors") {
        let periods = maps(entry, "periods");
        let mut ids = periods.iter().filter_map(|one| text(one, "vendor_id"));
        let there = ids.all(|id| vendor_exists(table, entry, id));
        report.check(there, entry, "a period is of no vendor");
    }
}

fn periods(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("number_vendors") {
        let periods = maps(entry, "periods");
        let ends = |one: &Item| (number(one, "from"), number(one, "until"));
        let filled = periods.iter().all(|one| {
            let (from, until) = ends(one);
            until.is_none_or(|until| Some(until) > from)
        });
        report.check(filled, entry, "a period ends before it begins");
        let apart = periods
            .iter()
            .zip(periods.iter().skip(1))
            .all(|(one, next)| {
                let (end, begin) = (ends(one).1, ends(next).0);
                end.is_some() && end <= begin
            });
        report.check(apart, entry, "two periods overlap");
    }
}

fn marked(table: &Table<'_>, report: &mut Report) {
    for entry in table.of("number_vendors") {
        let open = maps(entry, "periods")
            .iter()
            .any(|one| !one.contains_key("until"));
        let account = entry.account().unwrap_or_default();
        let number = entry.text("number").unwrap_or_default();
        let own = table.own(account, &format!("NUMBER#{number}"));
        let marked = own.is_some_and(|own| own.flag("has_vendors") == Some(true));
        report.check(
            marked || !open,
            entry,
            "a period has no end, and the account's number is not marked",
        );
    }
    for own in table.of("number") {
        let account = own.account().unwrap_or_default();
        let number = own.text("number").unwrap_or_default();
        let there = table
            .own(account, &format!("NUMBERVENDOR#{number}"))
            .is_some();
        let good = there || own.flag("has_vendors") != Some(true);
        report.check(good, own, "it is marked, and there are no periods");
    }
}
