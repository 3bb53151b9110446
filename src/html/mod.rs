//! HTML as browsers read it: encodings, markup, the tree rules. The only user of lol_html; knows
//! nothing of Content-Security-Policy.

pub(crate) use markup::is_note;

pub(crate) mod asked;
pub(crate) mod declaration;
pub(crate) mod encoding;
pub(crate) mod mapped;
mod markup;
pub(crate) mod masked;
pub(crate) mod name;
pub(crate) mod names;
#[cfg(test)]
#[path = "../../tests/properties/nasty.rs"]
pub(crate) mod nasty;
pub(crate) mod scan;
pub(crate) mod text;
pub(crate) mod tree;
