//! `GET /v2/AvailableNumbers`: numbers that can be bought.

use callbook::dialect::Answer;
use callbook::edge::{App, Request};
use callbook::problem::Problem;

/// Lists them.
///
/// # Errors
/// Why not.
pub(crate) async fn list(_: &App, _: &Request) -> Result<Answer, Problem> {
    Err(Problem::NotFound)
}
