//! Start tags, and the XML declaration, which has the same shape.

use std::collections::HashSet;

use super::What;
use super::cursor::{Cursor, check_chars, shown};

/// A start tag as it is written.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: Vec<RawAttribute<'a>>,
}

/// An attribute as it is written.
pub(super) struct RawAttribute<'a> {
    pub(super) name: &'a str,
    /// Between the quotes.
    pub(super) value: &'a str,
    /// Where it starts in the tag.
    pub(super) offset: usize,
}

impl<'a> Tag<'a> {
    /// Of a tag from `<` to `>`.
    pub(super) fn parse(raw: &'a str) -> Result<Self, What> {
        let mut cursor = Cursor::new(raw.strip_suffix('>').unwrap_or(raw));
        cursor.expect("<")?;
        let name = cursor.name()?;
        let mut attributes: Vec<RawAttribute<'a>> = Vec::new();
        let mut names = Names::default();
        loop {
            let space = cursor.space();
            if cursor.rest.is_empty() || cursor.rest == "/" {
                return Ok(Self { name, attributes });
            }
            if !space {
                return Err("white space before an attribute is missing".into());
            }
            let attribute = attribute(&mut cursor)?;
            if !names.insert(attribute.name) {
                return Err(format!("two attributes are named {}", shown(attribute.name)).into());
            }
            attributes.push(attribute);
        }
    }
}

/// The names of the attributes so far: looked through while they are few, as they are but for hostile tags.
#[derive(Default)]
struct Names<'a> {
    few: Vec<&'a str>,
    many: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    const FEW: usize = 16;

    /// `false` if the name is there.
    fn insert(&mut self, name: &'a str) -> bool {
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
    }
}

fn attribute<'a>(cursor: &mut Cursor<'a>) -> Result<RawAttribute<'a>, What> {
    let offset = cursor.offset();
    let name = cursor.name()?;
    cursor.space();
    cursor.expect("=")?;
    cursor.space();
    let value = cursor.quoted()?;
    check_chars(value)?;
    if value.contains('<') {
        return Err("an attribute's value holds \"<\"".into());
    }
    Ok(RawAttribute { name, value, offset })
}

/// Checks an [XML declaration](https://www.w3.org/TR/xml/#NT-XMLDecl), `<?xml` to `?>`, and says
/// whether the document calls itself standalone.
pub(super) fn declaration(raw: &str) -> Result<bool, What> {
    const WRONG: &str = "the XML declaration is not one";
    let inner = raw.strip_prefix("<?").and_then(|r| r.strip_suffix("?>"));
    let tag = format!("<{}>", inner.ok_or(WRONG)?);
    let attributes = Tag::parse(&tag)?.attributes;
    let mut rest = attributes.iter().map(|a| (a.name, a.value)).peekable();
    let Some(("version", version)) = rest.next() else {
        return Err(WRONG.into());
    };
    let minor = version.strip_prefix("1.").unwrap_or_default();
    if minor.is_empty() || !minor.bytes().all(|b| b.is_ascii_digit()) {
        return Err("the version is none of XML".into());
    }
    if let Some((_, label)) = rest.next_if(|(name, _)| *name == "encoding") {
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !label.starts_with(|c: char| c.is_ascii_alphabetic()) || !label.bytes().all(known) {
            return Err("the encoding's name is none".into());
        }
    }
    let standalone = match rest.next() {
        None => false,
        Some(("standalone", "yes")) => true,
        Some(("standalone", "no")) => false,
        Some(_) => return Err(WRONG.into()),
    };
    match rest.next() {
        None => Ok(standalone),
        Some(_) => Err(WRONG.into()),
    }
}
