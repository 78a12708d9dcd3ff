//! Requests to receivers of webhooks: the only code of a function that speaks to the internet.
//!
//! A receiver's URL is a stranger's text. So each address that its host resolves to must be public, the connection
//! goes to the very address that was checked, redirects are not followed, every wait ends, and of an answer only
//! the beginning is read.

mod client;
mod guard;
mod received;

pub use client::{Outbound, OutboundRequest};
pub use guard::Addresses;
pub use received::{Received, SendFailure, Verdict};
