//! `$default`: every path and method that no route takes, answered in the dialect that the path belongs to.

use callbook::dialect::Answer;
use callbook::edge::{Function, StorelessHandler, routes};
use callbook::problem::Problem;
use callbook::request::Request;

/// The function.
pub const FUNCTION: Function<StorelessHandler> = Function {
    name: "fallback",
    dialect: None,
    reads_numbers: false,
    handler: StorelessHandler(handle),
};

/// Says that the path does not exist, or does not take the method.
///
/// # Errors
/// Returns `MethodNotAllowed` for a path of the product, and `NotFound` for any other.
pub fn handle(request: &Request) -> Result<Answer, Problem> {
    routes::check(request.method(), request.path())?;
    // A path that the product has, spelled in a way that the gateway does not match.
    Err(Problem::NotFound)
}
