//! Every vendor's own answers: the only place that knows a status code or a vendor's text.

mod answer;
pub mod fonedynamics;
pub mod neutral;
pub mod teletracker;
pub mod tld;
pub mod trestle;
pub mod truecnam;
mod vendor;

pub use answer::Answer;
pub(crate) use answer::Failure;
pub use vendor::Dialect;
