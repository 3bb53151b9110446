//! The value of an `integrity` attribute: [integrity metadata](https://www.w3.org/TR/SRI/#integrity-metadata-description).

use crate::hash::{HashAlgorithm, HashSource};

/// The beginning of a signature, which is no digest of the file and stays.
const SIGNATURE: &str = "ed25519-";

/// The new value for a file, unless each digest in `old` is one of the file. `digest` is that with an algorithm.
pub(super) fn renewed(
    old: &str,
    algorithm: HashAlgorithm,
    digest: impl Fn(HashAlgorithm) -> Option<HashSource>,
) -> Option<String> {
    let words = || old.split_ascii_whitespace();
    // With options behind it. Another spelling than that of policies is not read by each browser.
    let hash = |word: &str| word.split('?').next()?.parse::<HashSource>().ok();
    let mut hashes = words().filter_map(hash).peekable();
    let has_hashes = hashes.peek().is_some();
    if has_hashes && hashes.all(|hash| digest(hash.algorithm()) == Some(hash)) {
        return None;
    }
    let mut new = digest(algorithm)?.unquoted();
    for word in words().filter(|word| word.starts_with(SIGNATURE)) {
        new.push(' ');
        new.push_str(word);
    }
    Some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digests_of_the_file_stay() {
        let digest = |algorithm| Some(HashSource::of(algorithm, b"a()"));
        let of = |algorithm| HashSource::of(algorithm, b"a()").unquoted();
        let (short, usual) = (of(HashAlgorithm::Sha256), of(HashAlgorithm::Sha384));
        let other = HashSource::of(HashAlgorithm::Sha384, b"b()").unquoted();
        for (old, new) in [
            (usual.clone(), None),
            (format!(" {short}\n{usual} "), None),
            (format!("{short}?ct=text/javascript"), None),
            (short.to_uppercase(), Some(usual.clone())),
            (short.trim_end_matches('=').to_owned(), Some(usual.clone())),
            (format!("{short} ed25519-x"), None),
            (String::new(), Some(usual.clone())),
            ("md5-x sha384-x".to_owned(), Some(usual.clone())),
            (format!("{other} {usual}"), Some(usual.clone())),
            (format!("{other} ed25519-x"), Some(format!("{usual} ed25519-x"))),
        ] {
            assert_eq!(renewed(&old, HashAlgorithm::Sha384, digest), new, "{old}");
        }
        assert_eq!(renewed(&other, HashAlgorithm::Sha384, |_| None), None);
    }
}
