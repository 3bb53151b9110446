//! What holds for any input, tried on random ones.
//!
//! `tests/properties` states what holds, since the fuzzers check the same.

mod mask;
mod meta;
mod nonce;
mod policy;
