//! What a start tag makes: attributes, those of the DTD too, namespaces, and the name that the rules
//! know the element by.

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;

use super::dtd::Dtd;
use super::namespaces::{Uri, split};
use super::references::attribute_value;
use super::scan::{Open, Piece, Scanner, Stop};
use super::tag::Tag;
use super::{Attribute, Element, Fault, Sink, What};
use crate::html::name::Name;
use crate::html::names as n;
use crate::html::scan::Wants;
use crate::html::tree::Namespace;
use crate::location::Location;

/// How deep elements may be nested: in Chromium an element below that many others is a fault (156 was run) and in
/// Firefox (`sMaxXMLTreeDepth` of `nsExpatDriver.cpp`).
const DEEPEST: usize = 5000;

impl<S: Sink> Scanner<S> {
    /// Takes a start tag.
    pub(super) fn start(&mut self, piece: &Piece<'_>) -> Result<(), Stop> {
        if self.had_root && self.open.is_empty() {
            return Err("a second root element".into());
        }
        if self.open.len() == DEEPEST {
            return Err(Stop::Fault(format!("elements that are nested more than {DEEPEST} deep").into(), None));
        }
        self.had_root = true;
        let tag = Tag::parse(piece.raw)?;
        let dtd = Rc::clone(&self.dtd);
        let attributes = self.values(&tag, &dtd)?;
        self.declare(&attributes, piece.location);
        let attributes = self.named(attributes)?;
        let uri = self.resolve(tag.name, piece.location);
        let mut open = Open { wants: Wants::Nothing, html: None, is_template: false };
        if let Some((Uri::Markup(namespace), local)) = uri {
            open.wants = self.sink.element(&Element {
                name: name(local, namespace),
                namespace,
                inert: self.templates > 0,
                location: piece.location,
                raw: piece.raw,
                parent: self.open.last().and_then(|open| open.html),
                notes: self.notes,
                in_document: !self.budget.is_inside(),
                attributes: &attributes,
            });
            if namespace == Namespace::Html {
                open.html = Some(name(local, namespace));
                open.is_template = local == "template";
            }
        }
        self.templates += usize::from(open.is_template);
        self.open.push(open);
        Ok(())
    }

    /// The namespace and local name of an element.
    fn resolve<'a>(&mut self, name: &'a str, location: Location) -> Option<(Uri, &'a str)> {
        let Some((prefix, local)) = split(name) else {
            self.namespace_fault("an element's name has a stray colon", location);
            // In Chromium it is a name without a prefix.
            return self.namespaces.resolve("").map(|uri| (uri, name));
        };
        let uri = self.namespaces.resolve(prefix);
        if uri.is_none() {
            self.namespace_fault("the prefix of an element is not declared", location);
        }
        uri.map(|uri| (uri, local))
    }

    /// The attributes of a tag and those that the DTD adds, by the names that are written.
    fn values<'a>(&mut self, tag: &Tag<'a>, dtd: &'a Dtd) -> Result<Vec<Attribute<'a>>, Stop> {
        let declared = dtd.of_element(tag.name);
        let all = declared.map_or(&[][..], |declared| &declared.all);
        self.budget.look(all.len())?;
        let mut written_names = HashSet::new();
        if !all.is_empty() {
            written_names.extend(tag.attributes.iter().map(|a| a.name));
        }
        let defaults = all.iter().filter(|d| !written_names.contains(&*d.name));
        let defaults = defaults.filter_map(|d| Some((&*d.name, d.default.as_deref()?, 0)));
        let written = tag.attributes.iter().map(|a| (a.name, a.value, a.offset));
        written
            .chain(defaults)
            .map(|(name, raw, offset)| {
                let declared = declared.and_then(|declared| declared.get(name));
                let tokens = declared.is_some_and(|d| d.tokens);
                let value = attribute_value(raw, tokens, dtd, &mut self.budget)?;
                Ok(Attribute { name: name.into(), value, offset })
            })
            .collect()
    }

    /// Brings the namespaces that an element declares into scope.
    fn declare(&mut self, attributes: &[Attribute<'_>], location: Location) {
        self.namespaces.open();
        for attribute in attributes {
            let prefix = match split(&attribute.name) {
                Some(("", "xmlns")) => "",
                Some(("xmlns", prefix)) => prefix,
                _ => continue,
            };
            if !self.namespaces.declare(prefix, &attribute.value) {
                self.namespace_fault("a prefix is declared as it may not be", location);
            }
        }
    }

    /// The attributes by the names that [`Element::attributes`] gives them.
    fn named<'a>(&self, attributes: Vec<Attribute<'a>>) -> Result<Vec<Attribute<'a>>, What> {
        let mut named = Vec::with_capacity(attributes.len());
        for mut attribute in attributes {
            let (prefix, local) = split(&attribute.name).ok_or("an attribute's name has a stray colon")?;
            match prefix {
                "" if local != "xmlns" => {}
                "" | "xmlns" | "xml" => continue,
                prefix => match self.namespaces.resolve(prefix) {
                    Some(Uri::XLink) => attribute.name = Cow::Owned(format!("xlink:{local}")),
                    Some(_) => continue,
                    None => return Err("the prefix of an attribute is not declared".into()),
                },
            }
            named.push(attribute);
        }
        Ok(named)
    }

    fn namespace_fault(&mut self, what: &'static str, location: Location) {
        if !std::mem::replace(&mut self.had_namespace_fault, true) {
            self.sink.fault(Fault { location, what: what.into(), stops: false });
        }
    }
}

/// A name as the rules know it. They have every name in lower case, but here `SCRIPT` is none and some
/// names of SVG have humps.
fn name(local: &str, namespace: Namespace) -> Name {
    let camel = ["animateMotion", "animateTransform", "feImage"];
    let is_camel = namespace == Namespace::Svg && camel.contains(&local);
    let is_lower = !local.bytes().any(|b| b.is_ascii_uppercase());
    let is_known = match Name::from_bytes(local.as_bytes()) {
        n::animatemotion | n::animatetransform | n::feimage => is_camel,
        _ => is_lower,
    };
    match is_known {
        true => Name::from_bytes(local.as_bytes()),
        false => Name::from_bytes(b""),
    }
}
