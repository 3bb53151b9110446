//! Which encodings browsers read a page in, and its bytes as UTF-8.
//!
//! The order is that of browsers: a byte order mark, the HTTP charset, a `<meta>`, an XML
//! declaration ([determining the character encoding](https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding)). UTF-8 passes through untouched, anything
//! else is transcoded. Browsers may find different declarations, and guess where they find none: then a page has several
//! readings.

use std::borrow::Cow;

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};

use super::declaration::{Declared, declared};
use crate::error::Result;

/// How much is held back before the head is searched for a declaration, in bytes.
const FIRST_LOOK: usize = 64 * 1024;
/// A longer head that declares nothing counts as undeclared, and bytes outside ASCII that come later in an undeclared page are
/// read by one guess alone; in bytes.
const LONGEST_START: usize = 1024 * 1024;

/// The encodings that browsers may read a page in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Readings {
    /// The length of the byte order mark.
    pub(crate) mark: usize,
    /// The encoding that is declared, or what most undeclared pages are read in.
    pub(crate) main: &'static Encoding,
    /// The other ones.
    pub(crate) others: Vec<&'static Encoding>,
    /// The declarations, where the two browsers do not find the same one.
    pub(crate) doubt: Option<Declared>,
}

impl Readings {
    /// The one encoding of a page, and the length of its byte order mark.
    fn one(main: &'static Encoding, mark: usize) -> Self {
        Self { mark, main, others: Vec::new(), doubt: None }
    }

    /// The encodings of a page with this start; `charset` is what the server sends. [`None`] when more must be seen.
    fn of(start: &[u8], last: bool, charset: Option<&'static Encoding>) -> Option<Self> {
        if start.len() < 3 && !last {
            return None;
        }
        if let Some((encoding, mark)) = Encoding::for_bom(start) {
            return Some(Self::one(encoding, mark));
        }
        if let Some(encoding) = charset {
            return Some(Self::one(encoding, 0));
        }
        if last && is_plain_ascii(start) {
            return Some(Self::one(UTF_8, 0));
        }
        let last = last || start.len() >= LONGEST_START;
        let declared = declared(start, last)?;
        let guesses = declared.chromium.is_none() || declared.firefox.is_none();
        if !(guesses && start[..start.len().min(LONGEST_START)].is_ascii()) {
            return Some(Self::declared(declared));
        }
        // All guesses read it alike so far, and most pages stay like that.
        last.then(|| Self { others: Vec::new(), ..Self::declared(declared) })
    }

    fn declared(declared: Declared) -> Self {
        let (main, other) = match (declared.firefox, declared.chromium) {
            (Some(firefox), Some(chromium)) if firefox == chromium => return Self::one(firefox, 0),
            (Some(firefox), Some(chromium)) => (firefox, Some(chromium)),
            (Some(found), None) | (None, Some(found)) => (found, None),
            (None, None) => (WINDOWS_1252, None),
        };
        let guesses = [WINDOWS_1252, UTF_8];
        let mut others: Vec<&Encoding> = match other {
            Some(other) => vec![other],
            None => guesses.to_vec(),
        };
        others.retain(|other| *other != main);
        Self { others, doubt: Some(declared), ..Self::one(main, 0) }
    }

    /// Whether a browser finds a declaration of this encoding.
    pub(crate) fn is_declared(&self, encoding: &'static Encoding) -> bool {
        self.doubt.is_none_or(|declared| [declared.chromium, declared.firefox].contains(&Some(encoding)))
    }

    /// All encodings.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Encoding> {
        std::iter::once(self.main).chain(self.others.iter().copied())
    }

    /// Where the readings may begin to differ in `bytes`, given that all those before are the same in all.
    pub(crate) fn difference(&self, bytes: &[u8]) -> Option<usize> {
        if !self.all().all(Encoding::is_ascii_compatible) {
            return (!bytes.is_empty()).then_some(0);
        }
        if bytes.is_ascii() {
            return None;
        }
        bytes.iter().position(|byte| !byte.is_ascii())
    }
}

/// The start of a page, which is held until its encodings are known.
pub(crate) struct Start {
    charset: Option<&'static Encoding>,
    held: Vec<u8>,
    /// At how many bytes to look next.
    next_look: usize,
}

impl Start {
    /// `charset` is what the server sends along, if it sends one.
    pub(crate) fn new(charset: Option<&'static Encoding>) -> Self {
        Self { charset, held: Vec::new(), next_look: FIRST_LOOK }
    }

    /// Takes bytes of the page. Once its encodings are known, gives all bytes back with them, its mark included; not to be called
    /// again after that.
    pub(crate) fn take<'i>(&mut self, input: &'i [u8], last: bool) -> Option<(Cow<'i, [u8]>, Readings)> {
        let start = if self.held.is_empty() {
            Cow::Borrowed(input)
        } else {
            self.held.extend_from_slice(input);
            Cow::Owned(std::mem::take(&mut self.held))
        };
        let is_known = self.charset.is_some() || Encoding::for_bom(&start).is_some();
        let looks = last || is_known || start.len() >= self.next_look;
        match looks.then(|| Readings::of(&start, last, self.charset)).flatten() {
            Some(readings) => Some((start, readings)),
            None => {
                while start.len() >= self.next_look {
                    self.next_look *= 4;
                }
                self.held = start.into_owned();
                None
            }
        }
    }
}

/// Turns the bytes of a page in one encoding into UTF-8, piece by piece.
pub(crate) struct Decoding {
    /// [`None`] for bytes that are given out as they are.
    decoder: Option<Decoder>,
    is_malformed: bool,
}

impl Decoding {
    /// Passes UTF-8 through without looking at it.
    pub(crate) fn new(encoding: &'static Encoding) -> Self {
        Self { decoder: (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling()), is_malformed: false }
    }

    /// Notices bytes that are invalid in the encoding.
    pub(crate) fn checked(encoding: &'static Encoding) -> Self {
        Self { decoder: Some(encoding.new_decoder_without_bom_handling()), is_malformed: false }
    }

    /// Gives text out as it stands if the encoding is ASCII where markup is concerned.
    pub(crate) fn keeping_bytes(encoding: &'static Encoding) -> Self {
        let encoding = if encoding.is_ascii_compatible() { UTF_8 } else { encoding };
        Self::new(encoding)
    }

    /// Whether bytes were found to be invalid in the encoding.
    pub(crate) fn is_malformed(&self) -> bool {
        self.is_malformed
    }

    /// Takes bytes of the page and gives out UTF-8, in which invalid sequences may remain.
    pub(crate) fn write(
        &mut self,
        mut input: &[u8],
        last: bool,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let Some(decoder) = &mut self.decoder else {
            return if input.is_empty() { Ok(()) } else { out(input) };
        };
        let mut buffer = [0; 8 * 1024];
        loop {
            let (result, read, written, malformed) = decoder.decode_to_utf8(input, &mut buffer, last);
            self.is_malformed |= malformed;
            input = &input[read..];
            if written > 0 {
                out(&buffer[..written])?;
            }
            if result == CoderResult::InputEmpty {
                return Ok(());
            }
        }
    }
}

/// Turns the bytes of a page into UTF-8 by the main one of its readings.
pub(crate) struct InputDecoder {
    start: Start,
    keeps_bytes: bool,
    /// The encodings and the decoding, once they are known.
    decided: Option<(Readings, Decoding)>,
}

impl InputDecoder {
    /// `charset` is what the server sends along, if it sends one.
    pub(crate) fn new(charset: Option<&'static Encoding>) -> Self {
        Self { start: Start::new(charset), keeps_bytes: false, decided: None }
    }

    /// The same for those who want offsets in the source: text in an encoding that is ASCII where markup is
    /// concerned passes through untouched.
    pub(crate) fn keeping_bytes(charset: Option<&'static Encoding>) -> Self {
        Self { keeps_bytes: true, ..Self::new(charset) }
    }

    /// The encodings. Known before any text is given out.
    pub(crate) fn readings(&self) -> Option<&Readings> {
        self.decided.as_ref().map(|(readings, _)| readings)
    }

    /// Takes bytes of the page and gives out UTF-8, in which invalid sequences may remain.
    pub(crate) fn write(&mut self, input: &[u8], last: bool, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if let Some((_, decoding)) = &mut self.decided {
            return decoding.write(input, last, out);
        }
        let Some((start, readings)) = self.start.take(input, last) else {
            return Ok(());
        };
        let mut decoding =
            if self.keeps_bytes { Decoding::keeping_bytes(readings.main) } else { Decoding::new(readings.main) };
        let written = decoding.write(&start[readings.mark..], last, out);
        self.decided = Some((readings, decoding));
        written
    }
}

/// Whether every encoding that the page can have declared reads the bytes alike: ASCII, without the
/// escapes of ISO-2022-JP, and no label of an encoding that browsers replace by a single U+FFFD.
fn is_plain_ascii(bytes: &[u8]) -> bool {
    // One pass that the compiler can do with wide registers.
    let special = |b: u8| b & 0x80 | u8::from(matches!(b, 0x0e | 0x0f | 0x1b));
    bytes.iter().fold(0, |found, &b| found | special(b)) == 0 && !may_be_replaced(bytes)
}

/// Whether behind some `charset` or `encoding` there is what may be such a label.
fn may_be_replaced(bytes: &[u8]) -> bool {
    [&b"harset"[..], b"HARSET", b"ncoding"].iter().any(|word| {
        memchr::memmem::find_iter(bytes, word).any(|at| {
            let label = bytes[at..].get(..64).unwrap_or(&bytes[at..]).to_ascii_lowercase();
            [&b"2022"[..], b"2312", b"replacement"]
                .iter()
                .any(|replaced| memchr::memmem::find(&label, replaced).is_some())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(page: &[u8], transport: Option<&str>) -> (String, bool) {
        let whole = decode_in_two(page, page.len(), transport);
        for at in 0..page.len() {
            assert_eq!(decode_in_two(page, at, transport), whole, "split at {at}");
        }
        whole
    }

    fn decode_in_two(page: &[u8], at: usize, transport: Option<&str>) -> (String, bool) {
        let encoding = transport.map(|label| Encoding::for_label(label.as_bytes()).unwrap());
        let mut decoder = InputDecoder::new(encoding);
        let mut text = Vec::new();
        let mut out = |piece: &[u8]| {
            text.extend_from_slice(piece);
            Ok(())
        };
        decoder.write(&page[..at], false, &mut out).unwrap();
        decoder.write(&page[at..], true, &mut out).unwrap();
        (String::from_utf8_lossy(&text).into_owned(), decoder.readings().unwrap().doubt.is_some())
    }

    fn decoded(page: &[u8]) -> String {
        decode(page, None).0
    }

    #[test]
    fn a_mark_beats_the_server_which_beats_the_page() {
        assert_eq!(decode(b"\xef\xbb\xbf\xc3\xa9", Some("windows-1252")).0, "é");
        assert_eq!(decode(b"\xff\xfe\xe9\0", Some("utf-8")).0, "é");
        assert_eq!(decode(b"<meta charset=windows-1251>\xe9", Some("latin1")).0, "<meta charset=windows-1251>é");
    }

    #[test]
    fn meta_counts_anywhere_in_head() {
        let mut page = b"<html><head><title>\xe9</title>".to_vec();
        page.extend(std::iter::repeat_n(b' ', 2000));
        page.extend(b"<meta charset=windows-1251>");
        assert!(decoded(&page).contains("<title>й"));
    }

    #[test]
    fn meta_does_not_count_where_it_is_no_meta_of_the_head() {
        for page in [
            &b"<title><meta charset=windows-1251></title>\xe9"[..],
            b"<!-- <meta charset=windows-1251> -->\xe9",
            b"<script>'<meta charset=windows-1251>'</script>\xe9",
            b"<meta name=charset content='text/html; charset=windows-1251'>\xe9",
        ] {
            let (text, undeclared) = decode(page, None);
            assert!(text.ends_with('é'), "{text}");
            assert!(undeclared);
        }
    }

    #[test]
    fn meta_counts_in_body_only_near_the_start() {
        let page = b"<body><p>x<meta charset=windows-1251>\xe9";
        assert!(decoded(page).ends_with('й'));
        let mut page = b"<body>".to_vec();
        page.extend([b' '; 1024]);
        page.extend(b"<meta charset=windows-1251>\xe9");
        let (text, undeclared) = decode_in_two(&page, 7, None);
        assert!(text.ends_with('é'));
        assert!(undeclared);
    }

    #[test]
    fn replaced_encodings_leave_nothing() {
        assert_eq!(decoded(b"<meta charset=hz-gb-2312><script>a</script>"), "\u{fffd}");
        assert_eq!(decoded(b"<meta charset=gb2312>a"), "<meta charset=gb2312>a");
    }

    #[test]
    fn labels_mean_what_browsers_take_them_for() {
        assert!(decoded(b"<meta charset=utf-16>\xc3\xa9").ends_with('é'));
        assert!(decoded(b"<meta charset=iso-8859-1>\x80").ends_with('€'));
        assert!(decoded(b"<meta charset=x-user-defined>\xe9").ends_with('é'));
        assert!(decoded(b"<meta charset=foo><meta charset=windows-1251>\xe9").ends_with('й'));
        let pragma = b"<meta http-equiv=Content-Type content='text/html; Charset = \"shift_jis\"'>\x93\xfa";
        assert!(decoded(pragma).ends_with('日'));
        assert!(decoded(b"<?xml version='1.0' encoding='windows-1251'?><p>\xe9").ends_with('й'));
    }

    #[test]
    fn escapes_of_iso_2022_jp_are_not_taken_for_ascii() {
        let page = b"<meta charset=iso-2022-jp>\x1b$BF|\x1b(B";
        assert!(decoded(page).ends_with('日'));
    }
}
