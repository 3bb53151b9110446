//! The encoding of a page, for the fuzzers.

use encoding_rs::Encoding;

use crate::html::declaration::declared;
use crate::html::encoding::InputDecoder;

/// The encodings of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encodings {
    /// The encodings that Chromium and Firefox find: by a byte order mark, by `charset`, or by a declaration; [`None`] for a browser
    /// that finds nothing and guesses.
    pub found: [Option<&'static Encoding>; 2],
    /// Every encoding in which the page is read.
    pub readings: Vec<&'static Encoding>,
}

/// The encodings of a page; `charset` is what the server sends along.
#[must_use]
pub fn encodings(page: &[u8], charset: Option<&'static Encoding>) -> Encodings {
    let mark = Encoding::for_bom(page).map(|(encoding, _)| encoding);
    let found = match mark.or(charset) {
        Some(encoding) => [Some(encoding); 2],
        None => declared(page, true).map_or([None; 2], |found| [found.chromium, found.firefox]),
    };
    let mut decoder = InputDecoder::keeping_bytes(charset);
    let decoded = decoder.write(page, true, &mut |_| Ok(()));
    let readings = decoder.readings().filter(|_| decoded.is_ok());
    Encodings { found, readings: readings.map_or_else(Vec::new, |readings| readings.all().collect()) }
}
