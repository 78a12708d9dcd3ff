//! One request: an API Gateway event becomes decoded, typed input; what its log line may hold; and page
//! tokens.

mod body;
pub(crate) mod event;
pub mod faults;
mod incoming;
pub(crate) mod log_context;
pub(crate) mod mask;
pub mod page_token;
mod parameters;
pub mod reader;

pub use body::JsonObject;
pub use incoming::Request;
pub use parameters::Parameters;
pub use reader::Reader;
