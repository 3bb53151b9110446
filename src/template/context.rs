//! Where in HTML a template construct stands, as far as its filler depends on that.
//!
//! Follows the masked bytes, fillers included, so that it and the parser that reads them agree
//! about what is a tag. It knows tags, values, comments and the elements whose content is text;
//! it knows no trees. Scripts that are written into scripts (`<!--<script>`) are not followed.

use super::mask::HiddenKind;

/// Elements whose content is text up to their end tag.
const TEXT_ELEMENTS: [&[u8]; 8] =
    [b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Data,
    /// Behind `<`; in an element's text when `.0`.
    Open(bool),
    /// Behind `</`.
    EndOpen(bool),
    /// Behind `<!`, with this many dashes of a comment.
    Declaration(u8),
    /// In a comment, behind this many dashes.
    Comment(u8),
    Bogus,
    /// In the name of a tag; one that may turn out to be an element's text when `.0`.
    TagName(bool),
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Unquoted,
    Quoted(u8),
    /// In the text of the element named last.
    ElementText,
}

/// The bytes that stand in for a construct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filler {
    pub(super) first: u8,
    pub(super) rest: u8,
}

/// Follows the masked bytes.
#[derive(Debug)]
pub(super) struct Context {
    place: Place,
    /// The byte before, zero behind a filler.
    before: u8,
    end_tag: bool,
    /// The tag's name in lower case, as far as it could matter.
    name: [u8; 8],
    name_len: usize,
    /// The element whose text this is.
    element: &'static [u8],
    /// There was template code in this text, so `<script` in it may stand in another branch.
    dynamic: bool,
    /// In such a tag, behind this many bytes of the end tag of the element, whose text the parser still reads.
    branch: Option<usize>,
    /// In SVG or MathML, where no element's content is text.
    foreign: bool,
}

impl Context {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Data,
            before: 0,
            end_tag: false,
            name: [0; 8],
            name_len: 0,
            element: b"",
            dynamic: false,
            branch: None,
            foreign: false,
        }
    }

    /// The filler for a construct that stands here.
    pub(super) fn filler(&self, kind: HiddenKind) -> Filler {
        const X: Filler = filler(b'x', b'x');
        const SPACES: Filler = filler(b' ', b' ');
        let after_word = self.before.is_ascii_alphanumeric();
        match (self.place, kind) {
            (Place::Open(_) | Place::EndOpen(_) | Place::BeforeName | Place::AfterName, HiddenKind::Escape) => SPACES,
            (Place::Open(false) | Place::EndOpen(false) | Place::BeforeValue, _) => X,
            (Place::Quoted(_), HiddenKind::Output) => X,
            (
                Place::TagName(_) | Place::BeforeName | Place::Name | Place::AfterName | Place::Unquoted,
                HiddenKind::Output | HiddenKind::Escape,
            ) => {
                if after_word && kind == HiddenKind::Output {
                    filler(b'/', b'x')
                } else {
                    X
                }
            }
            _ => SPACES,
        }
    }

    /// Whether the page's own text is here: no tag, no comment and no element's text.
    pub(super) fn is_outside(&self) -> bool {
        self.place == Place::Data
    }

    /// Takes bytes of the page.
    pub(super) fn text(&mut self, bytes: &[u8]) {
        self.follow(bytes);
        if let Some(&byte) = bytes.last() {
            self.before = byte;
        }
    }

    /// Takes a filler's bytes.
    pub(super) fn hidden(&mut self, bytes: &[u8]) {
        self.dynamic = true;
        self.follow(bytes);
        self.before = 0;
    }

    fn follow(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            // Nothing before this byte changes the place.
            let next = match self.place {
                Place::Data | Place::ElementText => Some(b'<'),
                Place::Quoted(quote) if self.branch.is_none() => Some(quote),
                _ => None,
            };
            if let Some(next) = next.filter(|next| *next != byte) {
                let Some(at) = memchr::memchr(next, rest) else {
                    self.before = 0;
                    return;
                };
                bytes = &rest[at..];
                continue;
            }
            self.place = if self.ends_text(byte) { self.end_text(byte) } else { self.next(byte) };
            self.before = byte;
            bytes = rest;
        }
    }

    /// Whether this byte, in a tag of another branch, is the one behind the name of the element's end tag.
    fn ends_text(&mut self, byte: u8) -> bool {
        let Some(seen) = &mut self.branch else {
            return false;
        };
        let is_next = match *seen {
            0 => byte == b'<',
            1 => byte == b'/',
            n => match self.element.get(n - 2) {
                Some(expected) => byte.eq_ignore_ascii_case(expected),
                None if byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>') => return true,
                None => false,
            },
        };
        *seen = if is_next { *seen + 1 } else { usize::from(byte == b'<') };
        false
    }

    fn end_text(&mut self, byte: u8) -> Place {
        self.branch = None;
        self.end_tag = true;
        match byte {
            b'>' => self.tag_end(),
            _ => Place::BeforeName,
        }
    }

    fn next(&mut self, byte: u8) -> Place {
        let space = byte.is_ascii_whitespace();
        match self.place {
            Place::Data => Place::Open(false),
            Place::ElementText => Place::Open(true),
            Place::Open(text) => self.open(byte, text),
            Place::EndOpen(text) => self.end_open(byte, text),
            Place::Declaration(dashes) => match (byte, dashes) {
                (b'-', 0) => Place::Declaration(1),
                (b'-', _) => Place::Comment(2),
                (b'>', _) => Place::Data,
                _ => Place::Bogus,
            },
            Place::Comment(dashes) => match (byte, dashes) {
                (b'-', _) => Place::Comment((dashes + 1).min(2)),
                (b'>', 2) => Place::Data,
                (b'!', 2) => Place::Comment(2),
                _ => Place::Comment(0),
            },
            Place::Bogus if byte == b'>' => Place::Data,
            Place::Bogus => Place::Bogus,
            Place::TagName(text) => self.tag_name(byte, space, text),
            Place::Quoted(quote) if byte == quote => Place::BeforeName,
            Place::Quoted(_) => self.place,
            Place::BeforeValue if matches!(byte, b'"' | b'\'') => Place::Quoted(byte),
            Place::BeforeValue if space => Place::BeforeValue,
            _ if byte == b'>' => self.tag_end(),
            Place::BeforeValue => Place::Unquoted,
            Place::Unquoted if space => Place::BeforeName,
            Place::Unquoted => Place::Unquoted,
            _ if byte == b'/' => Place::BeforeName,
            Place::Name | Place::AfterName if byte == b'=' => Place::BeforeValue,
            Place::Name | Place::AfterName if space => Place::AfterName,
            Place::BeforeName if space => Place::BeforeName,
            _ => Place::Name,
        }
    }

    fn open(&mut self, byte: u8, text: bool) -> Place {
        match byte {
            b'/' => Place::EndOpen(text),
            b'!' if !text => Place::Declaration(0),
            b'?' if !text => Place::Bogus,
            _ if byte.is_ascii_alphabetic() => self.begin_tag(byte, false, text),
            b'<' => Place::Open(text),
            _ if text => Place::ElementText,
            _ => Place::Data,
        }
    }

    fn end_open(&mut self, byte: u8, text: bool) -> Place {
        match byte {
            _ if byte.is_ascii_alphabetic() => self.begin_tag(byte, true, text),
            b'<' if text => Place::Open(text),
            _ if text => Place::ElementText,
            b'>' => Place::Data,
            _ => Place::Bogus,
        }
    }

    fn begin_tag(&mut self, byte: u8, end_tag: bool, text: bool) -> Place {
        self.end_tag = end_tag;
        self.name_len = 0;
        self.push_name(byte);
        Place::TagName(text)
    }

    fn push_name(&mut self, byte: u8) {
        if let Some(place) = self.name.get_mut(self.name_len) {
            *place = byte.to_ascii_lowercase();
        }
        self.name_len += 1;
    }

    fn name(&self) -> &[u8] {
        self.name.get(..self.name_len).unwrap_or_default()
    }

    fn tag_name(&mut self, byte: u8, space: bool, text: bool) -> Place {
        if !space && byte != b'/' && byte != b'>' {
            if text && byte == b'<' {
                return Place::Open(true);
            }
            self.push_name(byte);
            return Place::TagName(text);
        }
        let another = self.dynamic && matches!(self.name(), b"script" | b"style");
        let real = if self.end_tag { self.name() == self.element } else { another };
        if text && !real {
            return Place::ElementText;
        }
        if text && !self.end_tag {
            self.branch = Some(0);
        }
        if byte == b'>' { self.tag_end() } else { Place::BeforeName }
    }

    fn tag_end(&mut self) -> Place {
        if self.branch.take().is_some() {
            return Place::ElementText;
        }
        let empty = self.before == b'/';
        if matches!(self.name(), b"svg" | b"math") {
            self.foreign = !self.end_tag && !empty;
        }
        if self.end_tag || self.foreign {
            return Place::Data;
        }
        match TEXT_ELEMENTS.iter().find(|e| **e == self.name()) {
            Some(element) => {
                self.element = element;
                self.dynamic = false;
                Place::ElementText
            }
            None => Place::Data,
        }
    }
}

const fn filler(first: u8, rest: u8) -> Filler {
    Filler { first, rest }
}
