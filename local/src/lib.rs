//! A deployment on one machine, for the `callbook` command and for the tests.
//!
//! The embedded engine stands in for DynamoDB, and the gateway for API Gateway and Lambda. Both are built
//! from the text of `template.yaml`.

pub mod deliver;
pub mod engine;
pub mod folder;
pub mod follow;
pub mod foreign;
mod functions;
pub mod gateway;
pub mod running;
mod serve;
pub mod template;
pub mod temporary;

pub use functions::functions;
