//! `callbook import calls` and `callbook export calls`.

mod clock;
pub mod export;
pub mod import;
mod record;
