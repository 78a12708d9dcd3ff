//! Parts of pages.

pub mod field;
pub mod heat;
pub mod plot;
pub mod table;
pub mod text;
