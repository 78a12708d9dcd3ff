//! Requests: API Gateway events become typed input. Also masking for the log, and page tokens.

mod body;
mod charset;
mod coding;
pub(crate) mod event;
pub mod faults;
mod incoming;
pub(crate) mod log_context;
pub(crate) mod mask;
mod media_type;
pub mod page_token;
mod parameters;
pub mod reader;

pub use body::JsonObject;
pub use incoming::{Request, RowsBody};
pub use log_context::BillFacts;
pub use parameters::Parameters;
pub use reader::{JsonReader, Reader};
