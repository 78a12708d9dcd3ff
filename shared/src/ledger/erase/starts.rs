//! What becomes of the recent starts of calls with the number that is erased (pattern 13). A start is evidence for a
//! week at most, so its slot is emptied, not moved.

use crate::ledger::erase::change::{Change, replaced};
use crate::ledger::keys::PK;
use crate::ledger::table::item::{Item, text};
use crate::model::account::AccountId;
use crate::model::erasure::Substitution;

/// How many slots an item of starts has.
const SLOTS: u8 = 16;

/// The attributes of a slot with a start, and of its end.
const OF_SLOT: [&str; 7] = ["to", "at", "until", "before", "by", "ended", "ender"];

pub(super) fn change_of_starts(
    item: Item,
    us: &Substitution,
    account: &AccountId,
) -> Option<Change> {
    let has = |text: Option<&str>| text.is_some_and(|text| us.replaced(text).is_some());
    let from_number = has(text(&item, PK));
    let of_account = text(&item, "account_id") == Some(account.as_str());
    if of_account && from_number {
        return Some(Change {
            before: item,
            after: None,
        });
    }
    let mut after = item.clone();
    for slot in 0..SLOTS {
        let said = |name: &str| text(&item, &format!("{name}{slot}"));
        // Of the starts of carriers, each slot is one account's.
        let own = |by: &str| of_account || said(by) == Some(account.as_str());
        if own("by") && (from_number || has(said("to"))) {
            for name in OF_SLOT {
                after.remove(&format!("{name}{slot}"));
            }
        } else if own("ender") && (from_number || has(said("ended"))) {
            for name in ["ended", "ender"] {
                after.remove(&format!("{name}{slot}"));
            }
        }
    }
    let empty = !after.keys().any(|name| is_of_slot(name));
    let found = replaced(&item, us) != item && after != item;
    found.then(|| Change {
        before: item,
        after: (!empty).then_some(after),
    })
}

/// Whether an attribute is of a slot, such as `to7`.
fn is_of_slot(name: &str) -> bool {
    let name = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    OF_SLOT.contains(&name)
}
