//! Reads a [document type declaration](https://www.w3.org/TR/xml/#sec-prolog-dtd) with its internal subset.

use std::rc::Rc;

use super::What;
use super::cursor::{Cursor, check_chars};
use super::dtd::{AttributeDeclaration, Dtd, Entity, WITH_HTML_ENTITIES};
use super::references::character;

/// Reads `<!DOCTYPE` to `>`. A standalone document has nothing declared elsewhere.
pub(super) fn parse(raw: &str, standalone: bool) -> Result<Dtd, What> {
    check_chars(raw)?;
    let mut dtd = Dtd::default();
    let mut cursor = Cursor::new(raw);
    cursor.expect("<!DOCTYPE")?;
    cursor.required_space()?;
    cursor.name()?;
    if cursor.space()
        && let Some(public) = external(&mut cursor)?
    {
        dtd.may_lack_entities = true;
        dtd.has_html_entities = public.is_some_and(|id| WITH_HTML_ENTITIES.contains(&id));
        cursor.space();
    }
    if cursor.eat("[") {
        subset(&mut cursor, &mut dtd)?;
        cursor.space();
    }
    cursor.expect(">")?;
    dtd.may_lack_entities &= !standalone;
    Ok(dtd)
}

/// Takes an [external identifier](https://www.w3.org/TR/xml/#NT-ExternalID) if there is one, and
/// gives back the public identifier if it has one.
fn external<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Option<&'a str>>, What> {
    let mut public = None;
    if cursor.eat("PUBLIC") {
        cursor.required_space()?;
        let id = cursor.quoted()?;
        if !id.bytes().all(is_public_id_char) {
            return Err("a public identifier has a character that none may have".into());
        }
        public = Some(id);
    } else if !cursor.eat("SYSTEM") {
        return Ok(None);
    }
    cursor.required_space()?;
    cursor.quoted()?;
    Ok(Some(public))
}

/// A [character of a public identifier](https://www.w3.org/TR/xml/#NT-PubidChar).
fn is_public_id_char(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b" \r\n-'()+,./:=?;!*#@$_%".contains(&b)
}

/// Takes the internal subset and its `]`.
fn subset(cursor: &mut Cursor<'_>, dtd: &mut Dtd) -> Result<(), What> {
    loop {
        cursor.space();
        if cursor.eat("]") {
            return Ok(());
        } else if cursor.eat("%") {
            // Parameter entities are not expanded.
            cursor.name()?;
            cursor.expect(";")?;
            dtd.may_lack_entities = true;
        } else if cursor.eat("<!--") {
            cursor.until("--")?;
            cursor.expect(">")?;
        } else if cursor.eat("<?") {
            instruction(cursor.until("?>")?)?;
        } else if cursor.eat("<!ENTITY") {
            entity(cursor, dtd)?;
        } else if cursor.eat("<!ATTLIST") {
            attribute_list(cursor, dtd)?;
        } else if cursor.eat("<!ELEMENT") || cursor.eat("<!NOTATION") {
            cursor.required_space()?;
            cursor.name()?;
            cursor.required_space()?;
            if cursor.until(">")?.trim().is_empty() {
                return Err("a declaration in the DTD is not whole".into());
            }
        } else {
            return Err("something in the DTD is no declaration".into());
        }
    }
}

/// Checks a processing instruction, from what stands between `<?` and `?>`.
pub(super) fn instruction(content: &str) -> Result<(), What> {
    check_chars(content)?;
    let mut cursor = Cursor::new(content);
    let target = cursor.name()?;
    if target.eq_ignore_ascii_case("xml") {
        return Err("an XML declaration that does not stand first".into());
    }
    match cursor.rest.is_empty() {
        true => Ok(()),
        false => cursor.required_space(),
    }
}

fn entity(cursor: &mut Cursor<'_>, dtd: &mut Dtd) -> Result<(), What> {
    cursor.required_space()?;
    let is_parameter = cursor.eat("%");
    if is_parameter {
        cursor.required_space()?;
    }
    let name = cursor.name()?;
    cursor.required_space()?;
    let entity = if external(cursor)?.is_none() {
        Entity::Internal(replacement_text(cursor.quoted()?)?)
    } else if cursor.space() && cursor.eat("NDATA") {
        cursor.required_space()?;
        cursor.name()?;
        Entity::Unparsed
    } else {
        Entity::External
    };
    cursor.space();
    cursor.expect(">")?;
    if !is_parameter {
        // The first declaration of a name counts.
        dtd.entities.entry(name.to_owned()).or_insert(entity);
    }
    Ok(())
}

/// The replacement text of an entity: references to characters are decoded, those to entities stay.
fn replacement_text(value: &str) -> Result<Rc<str>, What> {
    let mut cursor = Cursor::new(value);
    let mut text = String::with_capacity(value.len());
    while let Some(at) = cursor.rest.find(['&', '%']) {
        text.push_str(&cursor.rest[..at]);
        cursor.rest = &cursor.rest[at..];
        if cursor.eat("&#") {
            text.push(character(cursor.until(";")?)?);
            continue;
        }
        let reference = cursor.rest;
        let is_parameter = cursor.eat("%") || !cursor.eat("&");
        cursor.name()?;
        cursor.expect(";")?;
        // The standard forbids parameter entities here; Chromium passes over them.
        if !is_parameter {
            text.push_str(&reference[..reference.len() - cursor.rest.len()]);
        }
    }
    text.push_str(cursor.rest);
    Ok(text.into())
}

fn attribute_list(cursor: &mut Cursor<'_>, dtd: &mut Dtd) -> Result<(), What> {
    cursor.required_space()?;
    let element = cursor.name()?;
    let declared = dtd.attributes.entry(element.to_owned()).or_default();
    loop {
        let space = cursor.space();
        if cursor.eat(">") {
            return Ok(());
        }
        if !space {
            return Err("white space is missing".into());
        }
        declared.add(attribute(cursor)?);
    }
}

fn attribute(cursor: &mut Cursor<'_>) -> Result<AttributeDeclaration, What> {
    let name = cursor.name()?.to_owned();
    cursor.required_space()?;
    let tokens = attribute_type(cursor)?;
    cursor.required_space()?;
    let mut default = None;
    if !cursor.eat("#REQUIRED") && !cursor.eat("#IMPLIED") {
        if cursor.eat("#FIXED") {
            cursor.required_space()?;
        }
        default = Some(Rc::from(cursor.quoted()?));
    }
    Ok(AttributeDeclaration { name, tokens, default })
}

/// Takes the [type](https://www.w3.org/TR/xml/#NT-AttType) and says whether it makes a list of tokens.
fn attribute_type(cursor: &mut Cursor<'_>) -> Result<bool, What> {
    if cursor.eat("(") {
        return enumeration(cursor);
    }
    match cursor.name()? {
        "CDATA" => Ok(false),
        "ID" | "IDREF" | "IDREFS" | "ENTITY" | "ENTITIES" | "NMTOKEN" | "NMTOKENS" => Ok(true),
        "NOTATION" => {
            cursor.required_space()?;
            cursor.expect("(")?;
            enumeration(cursor)
        }
        _ => Err("an attribute's type in the DTD is none".into()),
    }
}

fn enumeration(cursor: &mut Cursor<'_>) -> Result<bool, What> {
    loop {
        cursor.space();
        cursor.name_token()?;
        cursor.space();
        if cursor.eat(")") {
            return Ok(true);
        }
        cursor.expect("|")?;
    }
}
