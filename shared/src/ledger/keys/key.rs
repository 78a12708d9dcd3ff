//! What a key is.

/// The table's key attributes.
pub(in crate::ledger) const PK: &str = "pk";
/// See [`PK`].
pub(in crate::ledger) const SK: &str = "sk";

/// The key of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ledger) struct Key {
    pub(in crate::ledger) pk: String,
    pub(in crate::ledger) sk: String,
}

impl Key {
    pub(in crate::ledger) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

/// Prefix of the sort keys of calls.
pub(super) const CALLS: &str = "CALL#";

/// The sort key of a call, from the letters of its sid or their beginning.
pub(super) fn call_key(letters: &str) -> String {
    format!("{CALLS}{letters}")
}
