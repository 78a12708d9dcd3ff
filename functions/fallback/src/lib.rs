//! `$default`: answers every request without a route, in the dialect that its path belongs to.

use callbook::dialect::Answer;
use callbook::edge::{Function, StorelessHandler, routes};
use callbook::problem::Problem;
use callbook::request::Request;

/// The `fallback` function.
pub const FUNCTION: Function<StorelessHandler> = Function {
    name: "fallback",
    dialect: None,
    handler: StorelessHandler(handle),
};

/// Refuses the request.
///
/// # Errors
/// Returns `MethodNotAllowed` for a path of the product, and `NotFound` for any other.
pub fn handle(request: &Request) -> Result<Answer, Problem> {
    routes::check(request.method(), request.path())?;
    // The path exists, but in a spelling that the gateway does not match.
    Err(Problem::NotFound)
}
