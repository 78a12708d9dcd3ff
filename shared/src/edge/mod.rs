//! The door: one API Gateway event in, one answer out, one log line. The only user of `lambda_http`.
//!
//! A function never fails towards the platform and never panics through it: either would show the
//! vendor the gateway's own 502 instead of its dialect.

mod app;
mod dispatch;
mod function;
pub mod log;
mod reply;
pub mod routes;
mod serve;
mod store;

pub use app::{App, AppConfig};
pub use dispatch::dispatch;
pub use function::{
    AnyFunction, AnyHandler, Function, FutureAnswer, Handler, LedgerHandler, PagedHandler,
    StorelessHandler,
};
pub use lambda_http::Error as RuntimeError;
pub use serve::{DEADLINE, serve};
pub use store::{LedgerStore, NoStore, PagedStore, Store};
