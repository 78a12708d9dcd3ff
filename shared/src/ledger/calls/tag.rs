//! The tags of the writes that change a pair, and what is written with it.

/// A write of a transaction that changes a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Tag {
    /// The head of the pair.
    Head,
    /// The head of another pair, whose call has an entry of the pair.
    OtherHead,
    /// Calls, their rows and entries: they change under the head's version alone.
    Pair,
    /// The row of a call that the pair did not have.
    Row,
    /// A new entry.
    Entry,
    /// Who carries an external id.
    ExternalId,
    /// For which pairs a credential has sent a call id.
    SentId,
    /// The caller's lead.
    Lead,
    /// The caller's first contact.
    FirstContact,
    /// The idempotency record of a bill.
    Idempotency,
    /// The number that was called, as the account registered it.
    RegisteredNumber,
    /// The live call.
    Live,
    /// The copy of the live call, and the counts of live calls.
    LiveIndex,
    /// The recent starts from a number.
    Starts,
}
