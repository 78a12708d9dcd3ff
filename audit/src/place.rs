//! Which items belong together: those of one caller, whose lead and first contact depend on all of them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::form;
use super::table::{Entry, Item, text};

/// The items of one caller, or of a pair without a caller's number, have one number. By accident, those of
/// others may have it too.
pub(crate) type GroupId = u64;

/// One thing to read of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) group: GroupId,
    /// The partition of a pair, of a caller, or of a row.
    pub(crate) pk: Arc<str>,
    /// The sort key of a row; `None` for a whole pair or a caller.
    pub(crate) sk: Option<Box<str>>,
}

/// The group that counts an item of a pair, or a row.
pub(crate) fn owner(entry: Entry<'_>) -> GroupId {
    match entry.part(2) {
        "PAIR" => group_of(entry.part(1), entry.part(3), entry.part(4), entry.part(5)),
        _ => group_of_row(entry.part(1), entry.item),
    }
}

/// The group of a pair: that of its caller, who has a lead, if the caller is a number.
pub(crate) fn group_of(account: &str, way: &str, to: &str, from: &str) -> GroupId {
    match way == "in" && form::is_phone(from) {
        true => hash(&(account, from)),
        false => hash(&(account, way, to, from)),
    }
}

/// The group of a row.
pub(crate) fn group_of_row(account: &str, row: &Item) -> GroupId {
    let said = |name| text(row, name).unwrap_or_default();
    let way = match said("direction") {
        "outbound" => "out",
        _ => "in",
    };
    group_of(account, way, said("call_to"), said("call_from"))
}

pub(crate) fn hash(subject: &impl Hash) -> GroupId {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    hasher.finish()
}
