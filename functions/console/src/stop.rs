//! Why a view shows something else than itself.

use callbook::dialect::console::ApiRefusal;
use callbook::problem::Problem;

/// Why a view shows something else than itself.
pub enum Stop {
    /// No page can be made.
    Problem(Problem),
    /// A function of the API refused what was asked of it.
    Refused(ApiRefusal),
    /// A form that no page of this session made.
    Form,
    /// Another path of the console is the answer.
    Elsewhere(String),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ApiRefusal> for Stop {
    fn from(refusal: ApiRefusal) -> Self {
        Self::Refused(refusal)
    }
}
