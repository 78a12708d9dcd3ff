//! Inbound billable: a call platform reports what a call cost, once.

mod bodies;
mod costs;
mod credentials;
mod dates;
mod errors;
mod finding;
mod goldens;
mod once;
mod parameters;
mod rules;
