//! Which encoding a page is in, and its bytes as UTF-8.
//!
//! The order is that of browsers: a byte order mark, the HTTP charset, a `<meta>` in head, an XML
//! declaration ([determining the character encoding](https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding)). UTF-8 passes through untouched, anything
//! else is transcoded. With nothing declared the bytes are read as windows-1252, as Chromium and Firefox do on a plain server,
//! and the place of the first byte outside ASCII is kept so that it can be reported.

use encoding_rs::{
    Decoder, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED,
};
use lol_html::html_content::Element;
use lol_html::{HtmlRewriter, Settings, element};

use super::name::Name;
use super::names as n;
use super::text::attribute_value;
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
        if let State::Undecided { held, .. } = &mut self.state {
            held.extend_from_slice(input);
            return self.decide(false, out);
        }
        self.decode(input, false, out)
    }

    /// Takes the end of the page.
    pub(crate) fn end(&mut self, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if matches!(self.state, State::Undecided { .. }) {
            self.decide(true, out)?;
        }
        self.decode(&[], true, out)
    }

    /// Where the first byte outside ASCII stands in a page that declares no encoding.
    pub(crate) fn undeclared(&self) -> Option<Location> {
        self.undeclared
    }

    fn decide(&mut self, last: bool, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let State::Undecided { held, next_look } = &mut self.state else {
            return Ok(());
        };
        if held.len() < 3 && !last {
            return Ok(());
        }
        let mark = Encoding::for_bom(held);
        let decided = match mark {
            Some((encoding, _)) => Some(encoding),
            None => self.transport,
        };
        let mut watch = None;
        let encoding = match decided {
            Some(encoding) => encoding,
            None if last && is_plain_ascii(held) => UTF_8,
            None if !last && held.len() < *next_look => return Ok(()),
            None => match declaration(held) {
                Declaration::Found(encoding) => encoding,
                Declaration::NotYet if !last && held.len() < LONGEST_HEAD => {
                    *next_look *= 2;
                    return Ok(());
                }
                _ => {
                    watch = Some(Location::START);
                    WINDOWS_1252
                }
            },
        };
        let held = std::mem::take(held);
        self.decided = Some((encoding, mark.map_or(0, |(_, len)| len)));
        let passes = self.keeps_bytes && encoding.is_ascii_compatible();
        self.state = if encoding == UTF_8 || passes {
            State::Utf8
        } else {
            State::Other {
                decoder: encoding.new_decoder_without_bom_handling(),
                watch,
            }
        };
        self.decode(&held[mark.map_or(0, |(_, len)| len)..], false, out)
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

/// What the head of a page says.
#[derive(Debug, PartialEq, Eq)]
enum Declaration {
    Found(&'static Encoding),
    /// Nothing, and the head is over.
    Nothing,
    /// Nothing so far, and the head may go on.
    NotYet,
}

/// Up to here, in bytes, a `<meta>` counts outside head too (seen in both browsers).
const PRESCAN: usize = 1024;

/// Looks for a declaration at the start of a page: a `<meta>` in head or within [`PRESCAN`], else the XML
/// declaration.
fn declaration(prefix: &[u8]) -> Declaration {
    let mut found = Declaration::NotYet;
    let mut in_head = true;
    let look = |element: &mut Element<'_, '_>| -> lol_html::HandlerResult {
        let name = Name::from_bytes(element.tag_name().as_bytes());
        in_head &= is_head_content(name);
        if !in_head && element.source_location().bytes().end > PRESCAN {
            found = Declaration::Nothing;
        } else if name == n::meta
            && let Some(encoding) = meta_encoding(|name| {
                element
                    .get_attribute(name)
                    .map(|value| attribute_value(value.as_bytes()).into_owned())
            })
        {
            found = Declaration::Found(encoding);
        } else {
            return Ok(());
        }
        Err("the declaration is decided".into())
    };
    let settings = Settings::new()
        .with_strict(false)
        .append_element_content_handler(element!("*", look));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    // An error is the handler's own, and says no more than that it has seen enough.
    let _ = rewriter.write(prefix);
    drop(rewriter);
    match (found, xml_encoding(prefix)) {
        (Declaration::Nothing | Declaration::NotYet, Some(encoding)) => {
            Declaration::Found(encoding)
        }
        (found, _) => found,
    }
}

fn is_head_content(name: Name) -> bool {
    matches!(
        name,
        n::html
            | n::head
            | n::meta
            | n::title
            | n::script
            | n::style
            | n::link
            | n::base
            | n::bgsound
            | n::basefont
            | n::noscript
            | n::noframes
            | n::template
    )
}

/// The encoding that a page declares, given its start; [`None`] if it declares none there.
pub(crate) fn declared_in(prefix: &[u8]) -> Option<&'static Encoding> {
    match declaration(prefix) {
        Declaration::Found(encoding) => Some(encoding),
        Declaration::Nothing | Declaration::NotYet => None,
    }
}

/// The encoding that a `meta` element declares, given the values of its attributes by their lower-case names.
pub(crate) fn meta_encoding(
    attribute: impl Fn(&str) -> Option<String>,
) -> Option<&'static Encoding> {
    let label = match attribute("charset") {
        Some(label) => label,
        None => {
            let pragma = attribute("http-equiv")?;
            if !pragma.eq_ignore_ascii_case("content-type") {
                return None;
            }
            charset_parameter(&attribute("content")?)?.to_owned()
        }
    };
    declared(label.as_bytes())
}

/// A label in a page: it was read as ASCII, so it cannot mean UTF-16.
fn declared(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label)?;
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    })
}

/// [Extracting a character encoding from a meta element](https://html.spec.whatwg.org/multipage/urls-and-fetching.html#extracting-character-encodings-from-meta-elements).
fn charset_parameter(content: &str) -> Option<&str> {
    let mut rest = content;
    loop {
        let at = rest.to_ascii_lowercase().find("charset")?;
        rest = rest[at + 7..].trim_start_matches(|c: char| c.is_ascii_whitespace());
        if let Some(value) = rest.strip_prefix('=') {
            rest = value.trim_start_matches(|c: char| c.is_ascii_whitespace());
            break;
        }
    }
    match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split_once(quote).map(|(label, _)| label),
        _ => rest
            .split(|c: char| c.is_ascii_whitespace() || c == ';')
            .next(),
    }
}

/// [Get an XML encoding](https://html.spec.whatwg.org/multipage/parsing.html#concept-get-xml-encoding-when-sniffing): browsers heed the declaration in text/html too.
fn xml_encoding(prefix: &[u8]) -> Option<&'static Encoding> {
    declared(xml_encoding_label(prefix)?).filter(|encoding| *encoding != REPLACEMENT)
}

/// The label in an XML declaration at the start of a document.
pub(crate) fn xml_encoding_label(prefix: &[u8]) -> Option<&[u8]> {
    if !prefix.starts_with(b"<?xml") {
        return None;
    }
    let declaration = &prefix[..memchr::memchr(b'>', prefix)?];
    let at = memchr::memmem::find(declaration, b"encoding")? + b"encoding".len();
    let is_space = |b: &u8| *b <= b' ';
    let mut rest = &declaration[at..];
    rest = &rest[rest.iter().take_while(|b| is_space(b)).count()..];
    rest = rest.strip_prefix(b"=")?;
    rest = &rest[rest.iter().take_while(|b| is_space(b)).count()..];
    let quote = *rest.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let label = &rest[1..1 + memchr::memchr(quote, &rest[1..])?];
    (!label.iter().any(is_space)).then_some(label)
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
        decoder.write(&page[at..], &mut out).unwrap();
        decoder.end(&mut out).unwrap();
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
