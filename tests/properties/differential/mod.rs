//! The scan of a page held against the tree of html5ever, an independent parser.
//!
//! The random tests and the fuzz targets share it.

pub(crate) mod compare;
pub(crate) mod dom;
pub(crate) mod parse;
