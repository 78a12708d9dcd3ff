//! The outcomes of writes: one vocabulary for the whole ledger.
//!
//! Every write is conditional, so it can find that the work is done already, or must not be done. An outcome
//! says which; an error ([`StoreError`](crate::ledger::StoreError)) says that it is not known, or that
//! nothing was written and the same request may be sent again.
//!
//! The variants of each enum stand in their order of precedence: if several of them are true, the first is
//! the outcome. A request that finds its own work, because an earlier try got through and its answer was
//! lost, has the outcome that the earlier try had.
//!
//! `R` is the operation's own enum of refusals, again in order of precedence, or [`Infallible`] if it never
//! refuses: then a `match` needs no arm for it. A refusal has changed nothing.

use std::convert::Infallible;

/// Outcome of creating something.
///
/// `T` is what is there now. `E` is what was there before, where that is not a `T` as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation<T = (), R = Infallible, E = T> {
    /// It is there now, by this request.
    Created(T),
    /// The same was there before, and is unchanged.
    Exists(E),
    /// It was not created.
    Refused(R),
}

/// Refusal: something is there under the same id or idempotency key, and it is different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExistsDifferent;

/// Outcome of updating something. `T` is what is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update<T = (), R = Infallible> {
    /// It is as asked for, by this request or by an earlier one.
    Updated(T),
    /// It is not there.
    NotFound,
    /// It was not updated.
    Refused(R),
}

/// Outcome of creating something, or updating it if it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsert<R = Infallible> {
    /// It was not there before.
    Created,
    /// It was there, and different.
    Updated,
    /// The same was there before.
    Unchanged,
    /// It is as it was.
    Refused(R),
}

/// Outcome of deleting something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion<R = Infallible> {
    /// It is gone, by this request.
    Deleted,
    /// It was not there, or somebody else was faster.
    NotFound,
    /// It is still there.
    Refused(R),
}
