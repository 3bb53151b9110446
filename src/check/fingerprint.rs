//! Values of which there may be a million: each is known by two hashes, in few bytes, under keys that nobody can guess.

use std::hash::{BuildHasher as _, Hash, RandomState};

/// The hash of a value: two of 64 bits, so that two values share one only by a chance of 2^-128.
pub(super) type Fingerprint = u128;

/// Makes fingerprints.
#[derive(Debug, Default)]
pub(super) struct Fingerprints([RandomState; 2]);

impl Fingerprints {
    /// The fingerprint of a value.
    pub(super) fn of(&self, value: impl Hash) -> Fingerprint {
        let [first, second] = &self.0;
        let half = |hasher: &RandomState| Fingerprint::from(hasher.hash_one(&value));
        half(first) << 64 | half(second)
    }
}
