//! Quoted source expressions: keywords, nonces and hashes, and the many ways to misspell them.
//!
//! A quoted token that a browser does not know is dropped without a word, so everything that is not exactly right is
//! refused with the right spelling where there is one. This module knows single tokens only.

use super::hash_text::{HashText, strip_prefix_ignore_case};
use super::host;
use super::problem::Fault;
use super::source_expression::{Keyword, SourceExpression};
use crate::finding::nearest::nearest;
use crate::hash::{HashAlgorithm, HashSource};
use crate::nonce::NonceSource;

const NONCE: &str = "nonce-";
const DROPPED: &str = "so browsers drop it";

/// Reads a token with a `'` somewhere in it.
pub(super) fn parse(token: &str) -> Result<SourceExpression, Fault> {
    let inner = token.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let Some(inner) = inner else {
        return Err(unbalanced(token));
    };
    if inner.contains('\'') {
        return Err(Fault::of(
            token,
            format!("runs several sources together, {DROPPED}"),
            "write each source in its own quotes, with a space between",
        ));
    }
    if inner.eq_ignore_ascii_case("none") {
        return Ok(SourceExpression::None);
    }
    if let Some(keyword) = Keyword::find(inner) {
        return Ok(SourceExpression::Keyword(keyword));
    }
    if let Some(value) = strip_prefix_ignore_case(inner, NONCE) {
        return nonce(token, value).map(SourceExpression::Nonce);
    }
    if let Some(text) = HashText::read(inner).filter(|text| text.separator.is_none()) {
        return hash(token, &text).map(SourceExpression::Hash);
    }
    Err(unknown(token, inner))
}

/// What is wrong with a token without quotes that would mean something with them.
pub(super) fn without_quotes(token: &str) -> Option<Fault> {
    let quoted = format!("'{token}'");
    let is_prefixed = strip_prefix_ignore_case(token, NONCE).is_some() || HashText::read(token).is_some();
    let is_word = Keyword::find(token).is_some() || token.eq_ignore_ascii_case("none");
    if !is_word && !is_prefixed {
        return None;
    }
    let help = match parse(&quoted) {
        Ok(meant) => format!("write {meant}"),
        Err(fault) => format!("write it in single quotes, but {}: {}", fault.message, fault.help),
    };
    Some(Fault::of(token, "has no quotes, so browsers take it for a host", help))
}

/// What is wrong with a pair of quotes around several words.
pub(super) fn several(text: &str) -> Fault {
    let inner = text.trim_matches('\'');
    if strip_prefix_ignore_case(inner, NONCE).is_some() {
        return Fault::of(
            text,
            format!("is not a valid nonce, {DROPPED} and 'unsafe-inline' beside it stays open"),
            "use a placeholder of letters, digits and _ such as 'nonce-__CSP_NONCE__', and have the server replace it",
        );
    }
    let meant: Option<Vec<_>> =
        inner.split_ascii_whitespace().map(|word| parse_bare(word).map(|source| source.to_string())).collect();
    let help = match meant {
        Some(meant) => format!("write {}", meant.join(" ")),
        None => "write each source in its own quotes".to_owned(),
    };
    Fault::of(text, format!("puts several words into one pair of quotes, {DROPPED}"), help)
}

fn unbalanced(token: &str) -> Fault {
    let bare = token.trim_matches('\'');
    let help = match parse_bare(bare) {
        Some(meant) => format!("write {meant}"),
        None => "write one source between each pair of quotes".to_owned(),
    };
    Fault::of(token, format!("has a quote without its partner, {DROPPED}"), help)
}

fn parse_bare(bare: &str) -> Option<SourceExpression> {
    (!bare.contains('\'')).then(|| parse(&format!("'{bare}'")).ok())?
}

fn nonce(token: &str, value: &str) -> Result<NonceSource, Fault> {
    value.parse().map_err(|error| {
        Fault::of(
            token,
            format!("is not a valid nonce, {DROPPED} and 'unsafe-inline' beside it stays open: {error}"),
            "use a placeholder of letters, digits and _ such as 'nonce-__CSP_NONCE__', and have the server replace it",
        )
    })
}

/// A [hash-source](https://www.w3.org/TR/CSP3/#grammardef-hash-source) whose digest can match.
///
/// Both base64 alphabets are accepted, since the grammar has both; the missing padding is not,
/// since Firefox compares the text.
fn hash(token: &str, text: &HashText<'_>) -> Result<HashSource, Fault> {
    let algorithm = text.algorithm;
    if let Some(wrong) = text.wrong_character() {
        return Err(Fault::of(
            token,
            format!("is no hash, {DROPPED}: {wrong:?} is not base64"),
            format!("write the base64 of the {} bytes of the digest", algorithm.digest_len()),
        ));
    }
    if let Some(meant) = from_hex(algorithm, text.body) {
        return Err(Fault::of(token, "holds a digest in hexadecimal, which matches nothing", format!("write {meant}")));
    }
    let Some(bytes) = text.digest() else {
        return Err(Fault::of(
            token,
            "holds no whole base64, so it matches nothing",
            "copy the hash again, to its last character",
        ));
    };
    let Some(hash) = HashSource::from_digest(algorithm, &bytes) else {
        return Err(wrong_length(token, algorithm, &bytes));
    };
    if !text.is_padded() {
        return Err(Fault::of(token, "is not padded as base64 is, so Firefox drops it", format!("write {hash}")));
    }
    Ok(hash)
}

fn from_hex(algorithm: HashAlgorithm, digits: &str) -> Option<HashSource> {
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    HashSource::from_digest(algorithm, &bytes?).filter(|_| is_hex)
}

fn wrong_length(token: &str, algorithm: HashAlgorithm, bytes: &[u8]) -> Fault {
    let (have, need) = (bytes.len(), algorithm.digest_len());
    let meant = HashAlgorithm::ALL.into_iter().find_map(|a| HashSource::from_digest(a, bytes));
    Fault::of(
        token,
        format!("holds {have} bytes where {algorithm} has {need}, so it matches nothing"),
        meant.map_or_else(
            || "copy the hash again, to its last character".to_owned(),
            |meant| format!("write {meant} if that is its algorithm"),
        ),
    )
}

/// A quoted token that is no keyword, nonce or hash.
fn unknown(token: &str, inner: &str) -> Fault {
    if let Some(text) = HashText::read(inner) {
        let help = match hash(token, &text) {
            Ok(meant) => format!("write {meant}"),
            Err(_) => format!("write '{}-…'", text.algorithm),
        };
        return Fault::of(token, "spells its algorithm in a way that Firefox drops", help);
    }
    const TRIALS: [(&str, &str); 2] = [
        ("url-sha", "remove it, and name the host of the script, or the hash that its integrity attribute has"),
        (
            "eval-sha",
            "remove it; what evaluates text needs 'unsafe-eval', or 'trusted-types-eval' beside require-trusted-types-for",
        ),
    ];
    let mut trials = TRIALS.iter();
    if let Some((_, help)) = trials.find(|(p, _)| strip_prefix_ignore_case(inner, p).is_some()) {
        return Fault::of(token, "is a hash that browsers ignore; Chromium knows it in a trial alone", *help);
    }
    if ["sha1-", "sha224-", "md5-", "sha3-"].iter().any(|p| strip_prefix_ignore_case(inner, p).is_some()) {
        return Fault::of(
            token,
            format!("has an algorithm that CSP does not know, {DROPPED}"),
            "write a sha256, sha384 or sha512 hash",
        );
    }
    if inner.contains(['.', ':', '*'])
        && let Ok(meant) = host::parse(inner)
    {
        return Fault::of(
            token,
            format!("is quoted, {DROPPED}; hosts and schemes have no quotes"),
            format!("write {meant}"),
        );
    }
    let names = Keyword::ALL.iter().map(|k| k.name()).chain(["none"]);
    let help = match nearest(&inner.to_ascii_lowercase(), names) {
        Some(meant) => format!("write '{meant}'"),
        None => "remove it".to_owned(),
    };
    Fault::of(token, "is no source that every browser knows", help)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALERT: &str = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

    fn fault(token: &str) -> Fault {
        SourceExpression::parse(token).unwrap_err()
    }

    #[track_caller]
    fn assert_help(token: &str, help: &str) {
        assert_eq!(fault(token).help, help, "{token}");
    }

    #[test]
    fn algorithm_names_ignore_case_and_digests_do_not() {
        let spelled = ALERT.replace("sha256", "SHA256");
        assert_eq!(parse(&spelled).unwrap().to_string(), ALERT);
        assert_ne!(parse(&ALERT.replace("bhHH", "bhhh")).unwrap(), parse(ALERT).unwrap());
    }

    #[test]
    fn url_safe_base64_is_respelled_for_firefox() {
        let spelled = ALERT.replace('+', "-").replace('/', "_");
        assert_eq!(parse(&spelled).unwrap().to_string(), ALERT);
    }

    #[test]
    fn an_unpadded_hash_is_refused_with_the_padded_one() {
        assert_help(&ALERT.replace('=', ""), &format!("write {ALERT}"));
        assert_help(&ALERT.replace('=', "=="), &format!("write {ALERT}"));
    }

    #[test]
    fn a_hexadecimal_digest_is_refused_with_its_base64() {
        let hex = "6e11c72f7cf6bc383152dd16ddd5903aba6bb1c99d6b6639a4bb0b838185fa92";
        assert_help(&format!("'sha256-{hex}'"), &format!("write {ALERT}"));
        assert_help(&format!("'sha256-{}'", hex.to_uppercase()), &format!("write {ALERT}"));
    }

    #[test]
    fn a_digest_of_the_wrong_length_is_refused() {
        assert!(fault("'sha256-AAAA'").message.contains("3 bytes where sha256 has 32"));
        assert!(fault(&ALERT.replace("256", "384")).help.contains(ALERT));
        assert!(fault("'sha256-'").message.contains("0 bytes"));
        assert!(fault("'sha256-A'").message.contains("no whole base64"));
    }

    #[test]
    fn a_wrong_character_in_a_hash_is_named() {
        assert!(fault("'sha256-{{hash}}'").message.contains("'{'"));
    }

    #[test]
    fn the_dashed_algorithm_is_refused_with_the_plain_one() {
        assert_help(&ALERT.replace("sha256", "sha-256"), &format!("write {ALERT}"));
        assert_help("'sha-384-x'", "write 'sha384-…'");
    }

    #[test]
    fn hashes_of_a_trial_are_refused_with_what_works() {
        for (word, help) in [("url-sha256-a", "host"), ("EVAL-sha384-a", "'unsafe-eval'")] {
            let fault = fault(&format!("'{word}'"));
            assert!(fault.message.contains("trial"), "{}", fault.message);
            assert!(fault.help.contains(help), "{}", fault.help);
        }
    }

    #[test]
    fn unknown_algorithms_are_refused() {
        assert!(fault("'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk='").message.contains("algorithm"));
    }

    #[test]
    fn several_hashes_in_one_pair_of_quotes_are_refused() {
        let token = format!("{ALERT}{ALERT}");
        assert!(fault(&token).message.contains("runs several sources together"));
    }

    #[test]
    fn a_malformed_nonce_is_refused_and_its_danger_named() {
        let fault = fault("'nonce-{{x}}'");
        assert!(fault.message.contains("browsers drop it"), "{}", fault.message);
        assert!(fault.message.contains("'{' at position 0"), "{}", fault.message);
        assert!(parse("'NONCE-abc'").is_ok());
    }

    #[test]
    fn unquoted_words_are_refused_with_their_quotes() {
        assert_help("self", "write 'self'");
        assert_help("None", "write 'none'");
        assert_help("unsafe-inline", "write 'unsafe-inline'");
        assert_help("nonce-abc", "write 'nonce-abc'");
        assert_help(ALERT.trim_matches('\''), &format!("write {ALERT}"));
        assert!(fault("sha-256-x").message.contains("no quotes"));
    }

    #[test]
    fn an_unquoted_and_malformed_nonce_is_told_both() {
        assert!(fault("nonce-{{x}}").help.contains("is not a valid nonce"));
    }

    #[test]
    fn half_quoted_words_are_refused_with_both_quotes() {
        assert_help("'self", "write 'self'");
        assert_help("unsafe-inline'", "write 'unsafe-inline'");
        assert!(fault("'").message.contains("without its partner"));
    }

    #[test]
    fn an_unknown_quoted_word_has_a_nearest() {
        assert_help("'unsafe-inlin'", "write 'unsafe-inline'");
        assert_help("'Slef'", "write 'self'");
        assert_help("'non'", "write 'none'");
        assert_help("'banana'", "remove it");
        assert_help("''", "remove it");
    }

    #[test]
    fn quoted_hosts_and_schemes_are_refused_without_quotes() {
        assert_help("'a.com'", "write a.com");
        assert_help("'data:'", "write data:");
        assert_help("'*'", "write *");
    }

    #[test]
    fn hashes_of_urls_and_eval_are_no_inline_hashes() {
        assert!(parse(&ALERT.replace("sha256", "eval-sha256")).is_err());
        assert!(parse(&ALERT.replace("sha256", "url-sha256")).is_err());
    }
}
