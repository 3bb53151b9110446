//! Which encoding a page is in, and its bytes as UTF-8.
//!
//! The order is that of browsers: a byte order mark, the HTTP charset, a `<meta>` in head, an XML
//! declaration ([determining the character encoding](https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding)). UTF-8 passes through untouched, anything
//! else is transcoded. With nothing declared the bytes are read as windows-1252, as Chromium and Firefox do on a plain server,
//! and the place of the first byte outside ASCII is kept so that it can be reported.

use std::borrow::Cow;

use encoding_rs::{Decoder, Encoding, UTF_8, WINDOWS_1252};

use super::declaration::{Declaration, declaration};
use crate::error::Result;
use crate::location::Location;

/// How much is held back before the head is searched for a declaration, in bytes.
const FIRST_LOOK: usize = 64 * 1024;
/// A head longer than this that declares nothing counts as undeclared, in bytes.
const LONGEST_HEAD: usize = 1024 * 1024;

/// Turns the bytes of a page into UTF-8, piece by piece.
pub(crate) struct InputDecoder {
    transport: Option<&'static Encoding>,
    /// Whether text is given out as it stands wherever its markup is ASCII.
    keeps_bytes: bool,
    /// The encoding and the length of its byte order mark, once that is decided.
    decided: Option<(&'static Encoding, usize)>,
    state: State,
    /// The first byte outside ASCII of a page that declares no encoding.
    undeclared: Option<Location>,
}

enum State {
    /// Nothing is decided; the bytes so far, and at how many of them to look next.
    Undecided {
        held: Vec<u8>,
        next_look: usize,
    },
    Utf8,
    Other {
        decoder: Decoder,
        watch: Option<Location>,
    },
}

impl InputDecoder {
    /// `transport` is the charset that the server sends along, if it sends one.
    pub(crate) fn new(transport: Option<&'static Encoding>) -> Self {
        let state = State::Undecided {
            held: Vec::new(),
            next_look: FIRST_LOOK,
        };
        Self {
            transport,
            keeps_bytes: false,
            decided: None,
            state,
            undeclared: None,
        }
    }

    /// The same for those who want offsets in the source: text in an encoding that is ASCII where markup is
    /// concerned passes through untouched.
    pub(crate) fn keeping_bytes(transport: Option<&'static Encoding>) -> Self {
        Self {
            keeps_bytes: true,
            ..Self::new(transport)
        }
    }

    /// The encoding, and how many bytes its byte order mark has. Known before any text is given out.
    pub(crate) fn decided(&self) -> Option<(&'static Encoding, usize)> {
        self.decided
    }

    /// Takes bytes of the page and gives out UTF-8, in which invalid sequences may remain.
    pub(crate) fn write(
        &mut self,
        input: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.take(input, false, out)
    }

    /// Takes the last bytes of the page.
    pub(crate) fn end(
        &mut self,
        input: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.take(input, true, out)
    }

    /// Where the first byte outside ASCII stands in a page that declares no encoding.
    pub(crate) fn undeclared(&self) -> Option<Location> {
        self.undeclared
    }

    fn take(
        &mut self,
        input: &[u8],
        last: bool,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let State::Undecided { held, .. } = &mut self.state else {
            return self.decode(input, last, out);
        };
        let mut start = Cow::Borrowed(input);
        if !held.is_empty() {
            held.extend_from_slice(input);
            start = Cow::Owned(std::mem::take(held));
        }
        if let Some(mark) = self.decide(&start, last) {
            return self.decode(&start[mark..], last, out);
        }
        if let State::Undecided { held, .. } = &mut self.state {
            *held = start.into_owned();
        }
        Ok(())
    }

    /// Decides on the encoding of a page with this start, and returns the length of its byte order mark; [`None`] when more must
    /// be seen.
    fn decide(&mut self, start: &[u8], last: bool) -> Option<usize> {
        let State::Undecided { next_look, .. } = &mut self.state else {
            return None;
        };
        if start.len() < 3 && !last {
            return None;
        }
        let mark = Encoding::for_bom(start);
        let decided = match mark {
            Some((encoding, _)) => Some(encoding),
            None => self.transport,
        };
        let mut watch = None;
        let encoding = match decided {
            Some(encoding) => encoding,
            None if last && is_plain_ascii(start) => UTF_8,
            None if !last && start.len() < *next_look => return None,
            None => match declaration(start) {
                Declaration::Found(encoding) => encoding,
                Declaration::NotYet if !last && start.len() < LONGEST_HEAD => {
                    *next_look *= 2;
                    return None;
                }
                _ => {
                    watch = Some(Location::START);
                    WINDOWS_1252
                }
            },
        };
        let mark = mark.map_or(0, |(_, len)| len);
        self.decided = Some((encoding, mark));
        let passes = self.keeps_bytes && encoding.is_ascii_compatible();
        self.state = if encoding == UTF_8 || passes {
            State::Utf8
        } else {
            State::Other {
                decoder: encoding.new_decoder_without_bom_handling(),
                watch,
            }
        };
        Some(mark)
    }

    fn decode(
        &mut self,
        mut input: &[u8],
        last: bool,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let State::Other { decoder, watch } = &mut self.state else {
            return if input.is_empty() { Ok(()) } else { out(input) };
        };
        if let Some(location) = watch {
            let plain = input
                .iter()
                .position(|b| !b.is_ascii())
                .unwrap_or(input.len());
            location.advance(&input[..plain]);
            if plain < input.len() {
                self.undeclared = watch.take();
            }
        }
        let mut buffer = [0; 8 * 1024];
        loop {
            let (result, read, written, _) = decoder.decode_to_utf8(input, &mut buffer, last);
            input = &input[read..];
            if written > 0 {
                out(&buffer[..written])?;
            }
            if result == encoding_rs::CoderResult::InputEmpty {
                return Ok(());
            }
        }
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
            let label = bytes[at..]
                .get(..64)
                .unwrap_or(&bytes[at..])
                .to_ascii_lowercase();
            [&b"2022"[..], b"2312", b"replacement"]
                .iter()
                .any(|replaced| memchr::memmem::find(&label, replaced).is_some())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(page: &[u8], transport: Option<&str>) -> (String, Option<Location>) {
        let whole = decode_in_two(page, page.len(), transport);
        for at in 0..page.len() {
            assert_eq!(decode_in_two(page, at, transport), whole, "split at {at}");
        }
        whole
    }

    fn decode_in_two(
        page: &[u8],
        at: usize,
        transport: Option<&str>,
    ) -> (String, Option<Location>) {
        let encoding = transport.map(|label| Encoding::for_label(label.as_bytes()).unwrap());
        let mut decoder = InputDecoder::new(encoding);
        let mut text = Vec::new();
        let mut out = |piece: &[u8]| {
            text.extend_from_slice(piece);
            Ok(())
        };
        decoder.write(&page[..at], &mut out).unwrap();
        decoder.end(&page[at..], &mut out).unwrap();
        (
            String::from_utf8_lossy(&text).into_owned(),
            decoder.undeclared(),
        )
    }

    fn decoded(page: &[u8]) -> String {
        decode(page, None).0
    }

    #[test]
    fn a_mark_beats_the_server_which_beats_the_page() {
        assert_eq!(decode(b"\xef\xbb\xbf\xc3\xa9", Some("windows-1252")).0, "é");
        assert_eq!(decode(b"\xff\xfe\xe9\0", Some("utf-8")).0, "é");
        assert_eq!(
            decode(b"<meta charset=windows-1251>\xe9", Some("latin1")).0,
            "<meta charset=windows-1251>é"
        );
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
            assert!(undeclared.is_some());
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
        assert!(undeclared.is_some());
    }

    #[test]
    fn replaced_encodings_leave_nothing() {
        assert_eq!(
            decoded(b"<meta charset=hz-gb-2312><script>a</script>"),
            "\u{fffd}"
        );
        assert_eq!(decoded(b"<meta charset=gb2312>a"), "<meta charset=gb2312>a");
    }

    #[test]
    fn labels_mean_what_browsers_take_them_for() {
        assert!(decoded(b"<meta charset=utf-16>\xc3\xa9").ends_with('é'));
        assert!(decoded(b"<meta charset=iso-8859-1>\x80").ends_with('€'));
        assert!(decoded(b"<meta charset=x-user-defined>\xe9").ends_with('é'));
        assert!(decoded(b"<meta charset=foo><meta charset=windows-1251>\xe9").ends_with('й'));
        let pragma =
            b"<meta http-equiv=Content-Type content='text/html; Charset = \"shift_jis\"'>\x93\xfa";
        assert!(decoded(pragma).ends_with('日'));
        assert!(decoded(b"<?xml version='1.0' encoding='windows-1251'?><p>\xe9").ends_with('й'));
    }

    #[test]
    fn escapes_of_iso_2022_jp_are_not_taken_for_ascii() {
        let page = b"<meta charset=iso-2022-jp>\x1b$BF|\x1b(B";
        assert!(decoded(page).ends_with('日'));
    }

    #[test]
    fn undeclared_bytes_are_placed() {
        let (text, place) = decode(b"<p>\n<b>\xe9", None);
        assert!(text.ends_with('é'));
        assert_eq!(place, Some(Location { line: 2, column: 4 }));
        assert_eq!(decode(b"<p>plain", None).1, None);
    }
}
