//! The vendors' dialects. Only this module knows status codes and vendor texts.

mod answer;
mod body;
pub mod callbook;
pub mod console;
pub mod fonedynamics;
pub mod neutral;
mod refusals;
pub mod teletracker;
pub mod tld;
pub mod trestle;
pub mod truecnam;
mod vendor;

pub use answer::Answer;
pub(crate) use answer::Failure;
pub use body::{Body, EscapedText};
pub use refusals::reason_of;
pub use vendor::Dialect;
