//! A deployment on one machine: the embedded engine is the store, the gateway calls the functions, and both
//! are made from the text of `template.yaml`. The command and the tests stand on it.

pub mod engine;
pub mod folder;
mod functions;
pub mod gateway;
pub mod template;

pub use functions::functions;
