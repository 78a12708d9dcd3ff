//! `$default`: every path and method that no route takes, answered in the dialect that the path belongs to.

use callbook::dialect::Answer;
use callbook::edge::routes;
use callbook::edge::{App, Function};
use callbook::problem::Problem;
use callbook::request::Request;

/// The function.
pub const FUNCTION: Function = Function {
    name: "fallback",
    dialect: None,
    reads_numbers: false,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Says that the path is not there, or does not take the method.
///
/// # Errors
/// Always; that is its work.
pub async fn handle(_: &App, request: &Request) -> Result<Answer, Problem> {
    routes::check(request.method(), request.path())?;
    // A path that the product has, spelled in a way that the gateway does not match.
    Err(Problem::NotFound)
}
