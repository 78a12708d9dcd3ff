//! `callbook import calls` and `callbook export calls`.

mod choose;
mod clock;
mod dates;
mod direction;
mod dry;
pub mod export;
pub mod import;
mod mapping;
mod numbers;
mod profile;
mod profiles;
mod record;
mod repeated;
