//! Publishing: the changes of the stream become events, and go to the log, to webhooks and to the bus.
//!
//! An event is handed on at least once. What fails is published again with the records that it is of, and makes the
//! same events with the same ids. Nothing is published that no record of the stream tells, and the events of a line
//! are handed on in the order of its records.

mod data;
mod make;
mod news;
mod publisher;
mod replay;

pub use publisher::{PublishError, Published, Publisher};
pub use replay::Retold;
