//! The edge: one API Gateway event in, one answer and one log line out. Only it uses `lambda_http`.
//!
//! A function never returns an error to the platform and never panics. In either case the vendor would
//! see the gateway's own 502 instead of its dialect.

mod any;
mod app;
mod counts;
mod deliver;
mod demo;
mod dispatch;
mod function;
pub mod log;
mod publish;
mod refused;
mod reply;
pub mod routes;
mod serve;
mod store;
mod stream;
mod visit;
mod watch;
mod work;

pub use any::{AnyFunction, AnyHandler};
pub use app::{App, AppConfig};
pub use deliver::{DeliverApp, DeliverFunction, deliver, serve_deliver};
pub use demo::DemoUser;
pub use dispatch::dispatch;
pub use function::{
    Function, FutureAnswer, Handler, LedgerHandler, PagedHandler, StorelessHandler,
};
pub use lambda_http::Error as RuntimeError;
pub use publish::{PublishApp, PublishFunction, hand_out_events, serve_publisher};
pub use serve::{DEADLINE, serve};
pub use store::{LedgerStore, NoStore, PagedStore, Store};
pub use stream::{StreamApp, StreamFunction, follow, serve_stream};
pub use visit::{InnerRequest, PageHandler, Visit};
pub use work::StreamFailure;
