//! The product's types, independent of transport, store and clock.
//!
//! Each type has one constructor that parses its input, so every value of the type is valid.

pub mod account;
pub mod address;
pub mod adjustment;
pub mod assignment;
pub mod call;
pub mod cell;
pub mod chosen_secret;
pub mod cost;
pub mod cost_filter;
pub mod country;
pub mod credential;
pub mod credential_kind;
pub mod currency;
pub mod expectation;
pub mod feedback;
pub mod fence;
pub mod field;
pub mod id;
pub mod idempotency;
pub mod inventory;
pub mod invoice;
pub mod number;
pub mod pair;
pub mod phone;
pub mod product;
pub mod property;
pub mod proxies;
pub mod queue;
pub mod report;
pub mod rules;
pub mod secret;
pub mod short_text;
pub mod sid;
pub mod slow_hash;
pub mod summary;
pub mod text;
pub mod time;
pub mod token;
pub mod vendor;
pub mod vendor_periods;
pub mod withheld;
