//! Webhooks: endpoints over HTTP, and deliveries to receivers that behave and that do not.

mod circuit;
mod delivered;
mod endpoints;
mod proof;
mod woken;

pub const WEBHOOKS: &str = "/callbook/v1/webhooks";
