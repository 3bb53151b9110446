//! Changes of a page's source, byte by byte: nonces in start tags, a policy in a `<meta>`.
//!
//! Everything outside an insertion stays as it is.

#[cfg(test)]
mod decoding_tests;
mod driver;
pub mod meta;
pub mod nonce;
mod splicer;
mod srcdoc;
mod template;
