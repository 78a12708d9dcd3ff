//! Parts of pages.

pub mod draft;
pub mod field;
pub mod heat;
pub mod listing;
pub mod plot;
pub mod table;
pub mod text;
