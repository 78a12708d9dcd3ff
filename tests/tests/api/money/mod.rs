//! The money of an account through Callbook's own API.

mod adjustments;
mod calls_api;
mod costs_api;
mod costs_lists;
mod goldens;
