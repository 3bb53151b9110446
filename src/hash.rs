//! Hash-sources: the algorithms CSP knows, the streaming hasher, and the `'sha256-…'` they end in.
//!
//! Everything that is hashed for a policy passes through [`Hasher`], so that no second place can
//! spell a digest differently. This module knows neither HTML nor policies.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

named! {
    /// A `hash-algorithm` of [CSP3 §2.3.1](https://www.w3.org/TR/CSP3/#grammardef-hash-algorithm).
    #[derive(Default)]
    pub enum HashAlgorithm {
        /// SHA-256, 32 bytes: the shortest, and what browsers print in their consoles.
        #[default]
        Sha256 = "sha256",
        /// SHA-384, 48 bytes.
        Sha384 = "sha384",
        /// SHA-512, 64 bytes.
        Sha512 = "sha512",
    }
}

impl HashAlgorithm {
    /// The length of a digest in bytes.
    #[must_use]
    pub const fn digest_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl FromStr for HashAlgorithm {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|a| a.name().eq_ignore_ascii_case(s))
            .ok_or_else(|| format!("unknown algorithm {s:?}; CSP knows sha256, sha384 and sha512"))
    }
}

/// The length of the longest digest, in bytes.
const LONGEST: usize = 64;

/// A [hash-source](https://www.w3.org/TR/CSP3/#grammardef-hash-source): an algorithm and a digest
/// of exactly its length.
///
/// Displayed as a policy spells it, quotes included, in padded standard base64 (Firefox accepts no
/// other spelling). Ordered by the bytes of that spelling.
///
/// ```
/// use cspseal::{HashAlgorithm, HashSource};
/// let hash = HashSource::of(HashAlgorithm::Sha256, b"alert(1)");
/// assert_eq!(hash.to_string(), "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashSource {
    algorithm: HashAlgorithm,
    /// The digest, zero-filled behind its length.
    digest: [u8; LONGEST],
}

impl HashSource {
    /// Hashes `bytes`, which must already be what a browser hashes.
    #[must_use]
    pub fn of(algorithm: HashAlgorithm, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Takes a digest; `None` when its length is not the algorithm's.
    #[must_use]
    pub fn from_digest(algorithm: HashAlgorithm, bytes: &[u8]) -> Option<Self> {
        let mut digest = [0; LONGEST];
        (bytes.len() == algorithm.digest_len()).then(|| {
            digest[..bytes.len()].copy_from_slice(bytes);
            Self { algorithm, digest }
        })
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The digest's bytes, 32, 48 or 64 of them.
    #[must_use]
    pub fn digest(&self) -> &[u8] {
        &self.digest[..self.algorithm.digest_len()]
    }

    /// The spelling without quotes: `sha256-…`.
    #[must_use]
    pub fn unquoted(&self) -> String {
        let mut text = String::with_capacity(96);
        text.push_str(self.algorithm.name());
        text.push('-');
        STANDARD.encode_string(self.digest(), &mut text);
        text
    }
}

impl fmt::Display for HashSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; LONGEST.div_ceil(3) * 4];
        let encoded = STANDARD.encode_slice(self.digest(), &mut buffer);
        let encoded = encoded.ok().and_then(|len| str::from_utf8(&buffer[..len]).ok());
        f.write_str("'")?;
        f.write_str(self.algorithm.name())?;
        f.write_str("-")?;
        f.write_str(encoded.ok_or(fmt::Error)?)?;
        f.write_str("'")
    }
}

impl fmt::Debug for HashSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The spelling without quotes, exactly as [`unquoted`](HashSource::unquoted) gives it.
impl FromStr for HashSource {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let parse = || {
            let (algorithm, digest) = s.split_once('-')?;
            let algorithm = HashAlgorithm::ALL.into_iter().find(|known| known.name() == algorithm)?;
            Self::from_digest(algorithm, &STANDARD.decode(digest).ok()?)
        };
        parse().ok_or_else(|| format!("{s:?} is no hash such as sha256-… in padded base64"))
    }
}

impl Ord for HashSource {
    fn cmp(&self, other: &Self) -> Ordering {
        // Three bytes are four characters.
        let groups = self.digest.chunks(3).zip(other.digest.chunks(3));
        let differing = groups.into_iter().find(|(one, two)| one != two);
        let encoded = |bytes: &[u8]| {
            let mut text = [0; 4];
            // It has room for three bytes.
            let _ = STANDARD.encode_slice(bytes, &mut text);
            text
        };
        let digests = differing.map_or(Ordering::Equal, |(one, two)| encoded(one).cmp(&encoded(two)));
        self.algorithm.name().cmp(other.algorithm.name()).then(digests)
    }
}

impl PartialOrd for HashSource {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Hashes a text that arrives in pieces.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    /// A hasher that has seen nothing.
    #[must_use]
    pub fn new(algorithm: HashAlgorithm) -> Self {
        Self(match algorithm {
            HashAlgorithm::Sha256 => State::Sha256(Sha256::new()),
            HashAlgorithm::Sha384 => State::Sha384(Sha384::new()),
            HashAlgorithm::Sha512 => State::Sha512(Sha512::new()),
        })
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(h) => h.update(bytes),
            State::Sha384(h) => h.update(bytes),
            State::Sha512(h) => h.update(bytes),
        }
    }

    /// The hash-source of everything taken.
    #[must_use]
    pub fn finish(self) -> HashSource {
        let mut digest = [0; LONGEST];
        let algorithm = match self.0 {
            State::Sha256(h) => {
                digest[..32].copy_from_slice(&h.finalize());
                HashAlgorithm::Sha256
            }
            State::Sha384(h) => {
                digest[..48].copy_from_slice(&h.finalize());
                HashAlgorithm::Sha384
            }
            State::Sha512(h) => {
                digest.copy_from_slice(&h.finalize());
                HashAlgorithm::Sha512
            }
        };
        HashSource { algorithm, digest }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_string_has_its_known_digests() {
        let spelled = HashAlgorithm::ALL.map(|a| HashSource::of(a, b"").to_string());
        assert_eq!(spelled[0], "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
        assert_eq!(spelled[1], "'sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb'");
        assert_eq!(
            spelled[2],
            "'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=='"
        );
    }

    #[test]
    fn pieces_hash_like_the_whole() {
        let mut hasher = Hasher::new(HashAlgorithm::Sha384);
        hasher.update(b"al");
        hasher.update(b"");
        hasher.update(b"ert(1)");
        assert_eq!(hasher.finish(), HashSource::of(HashAlgorithm::Sha384, b"alert(1)"));
    }

    #[test]
    fn a_digest_of_the_wrong_length_is_refused() {
        assert!(HashSource::from_digest(HashAlgorithm::Sha256, &[0; 31]).is_none());
        assert!(HashSource::from_digest(HashAlgorithm::Sha512, &[0; 64]).is_some());
    }

    #[test]
    fn a_spelling_is_read_back_and_no_other_is_taken() {
        for algorithm in HashAlgorithm::ALL {
            let hash = HashSource::of(algorithm, b"alert(1)");
            assert_eq!(hash.unquoted().parse(), Ok(hash));
            assert!(hash.to_string().parse::<HashSource>().is_err());
        }
        for wrong in [
            "",
            "sha256-",
            "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI",
            "SHA256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=",
            "sha384-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=",
            "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF-pI=",
        ] {
            assert!(wrong.parse::<HashSource>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn order_is_that_of_the_spelling() {
        let mut hashes: Vec<_> =
            ["a", "b", "c", "d", "e"].map(|t| HashSource::of(HashAlgorithm::Sha256, t.as_bytes())).into();
        hashes.sort();
        let spelled: Vec<_> = hashes.iter().map(ToString::to_string).collect();
        let mut sorted = spelled.clone();
        sorted.sort();
        assert_eq!(spelled, sorted);
    }
}
