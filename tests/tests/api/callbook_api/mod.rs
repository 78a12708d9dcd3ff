//! Callbook's own API: who may ask, and what they are told about vendors.

mod budget;
mod errors;
mod numbers;
mod once;
mod queue;
mod requests;
mod sign_in;
mod vendors;
