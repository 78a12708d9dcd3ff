//! The functions of the API that the console asks.

use callbook::edge::{AnyFunction, routes};
use callbook::model::rules::NormalPath;
use callbook::problem::Problem;

/// Returns the function that serves a path of the API. The console asks no vendor's endpoint.
///
/// # Errors
/// Returns `NotFound` for a path that it does not ask.
pub fn function_of(path: &str) -> Result<AnyFunction, Problem> {
    let name = routes::function_of(&NormalPath::of(path)).unwrap_or_default();
    let functions = [
        calls_log::FUNCTION.any(),
        costs::FUNCTION.any(),
        events::FUNCTION.any(),
        invoices::FUNCTION.any(),
        me::FUNCTION.any(),
        queue::FUNCTION.any(),
        requests::FUNCTION.any(),
        summary::FUNCTION.any(),
        vendors::FUNCTION.any(),
        webhooks::FUNCTION.any(),
    ];
    let mut functions = functions.into_iter();
    functions
        .find(|function| function.name == name)
        .ok_or(Problem::NotFound)
}
