//! Changes of a page's source, byte by byte: nonces and digests in start tags and import maps, a policy in a `<meta>`.
//!
//! Everything outside an insertion stays as it is.

mod attribute;
#[cfg(test)]
mod decoding_tests;
mod driver;
pub mod integrity;
pub mod meta;
pub mod nonce;
mod splicer;
mod srcdoc;
mod template;
