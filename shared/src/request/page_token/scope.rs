//! Scopes: the request that a page token is bound to.

use serde::Serialize;

use crate::model::account::AccountId;
use crate::model::rules::NormalPath;
use crate::problem::{Cause, Problem};

/// Everything that decides which rows a list has: the account, the path and the whole filter.
///
/// The filter is bound in its serialized form, so a field that is added to a filter is bound from then
/// on. What only decides how rows are shown, such as the page size or the format, is not part of the
/// filter.
#[derive(Clone)]
pub struct Scope(String);

impl Scope {
    /// Makes the scope of a list. If the list has a range, it is part of `filter`.
    ///
    /// Equal filters must serialize alike: sets in order, and names that ignore case in one case.
    ///
    /// # Errors
    /// Returns `Internal` if the filter cannot be serialized.
    pub fn new(
        account: &AccountId,
        path: &NormalPath,
        filter: &impl Serialize,
    ) -> Result<Self, Problem> {
        serde_json::to_string(&(account, path.as_str(), filter))
            .map(Self)
            .map_err(|error| Problem::Internal(Cause::of(&error)))
    }

    /// Returns the scope as one line of JSON.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
