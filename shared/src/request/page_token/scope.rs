//! What a page token is bound to.

use serde::Serialize;

use crate::model::account::AccountId;
use crate::model::rules::NormalPath;
use crate::problem::{Cause, Problem};

/// Everything that decides which rows a list has: whose list, at which path, and the whole filter.
///
/// The filter is bound in its serialized form, so a field that is added to a filter is bound from then on.
/// What only decides how rows are shown, such as the page size or the format, stays out of the filter.
#[derive(Clone)]
pub struct Scope(String);

impl Scope {
    /// Makes the scope of a list; `filter` holds the range too, where a list has one.
    ///
    /// Equal filters must serialize alike: sets in order, names that ignore case in one case.
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

    /// The scope as one line of JSON.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
