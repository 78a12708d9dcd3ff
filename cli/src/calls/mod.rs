//! `callbook import calls` and `callbook export calls`.

pub mod export;
pub mod import;
mod record;
