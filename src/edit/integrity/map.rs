//! The import map of a page: where the digests of its modules go, and what is written there.
//!
//! An [import map](https://html.spec.whatwg.org/multipage/webappapis.html#import-map-integrity) gives modules that no element names
//! their digests. It must stand before the first module, or not every browser heeds it.

use jsonc_parser::ast::Object;
use url::Url;

use crate::edit::splicer::Edit;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::HashSource;
use crate::html::names as n;
use crate::html::scan::Element;
use crate::json_file::{Comments, Json, JsonFile};
use crate::location::Location;
use crate::page::script::is_module;

/// The modules that a page loads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapEntries {
    /// Their absolute URLs with their digests.
    pub modules: Vec<(Url, HashSource)>,
    /// Whether a script that is no module may import one of them.
    pub has_late: bool,
}

/// Where the digests go, as far as the page is known.
pub(super) struct MapPlace<'a> {
    entries: &'a MapEntries,
    /// The first element that may load a module, and what URLs are relative to there.
    first: Option<(usize, Location, Url)>,
    /// Whether the place was found.
    is_done: bool,
}

impl<'a> MapPlace<'a> {
    pub(super) fn new(entries: &'a MapEntries) -> Self {
        Self { entries, first: None, is_done: entries.modules.is_empty() }
    }

    /// Whether what was read so far can be written.
    pub(super) fn is_settled(&self) -> bool {
        self.is_done || self.first.is_none()
    }

    /// Takes an import map of the page. Whether the digests go into it: no module stands before it.
    pub(super) fn take_own(&mut self) -> bool {
        !std::mem::replace(&mut self.is_done, true)
    }

    /// Takes another script, or a link. Returns the new import map if it is the first module.
    pub(super) fn take(&mut self, element: &Element<'_>, base: &Url) -> Option<(Edit, Location)> {
        if self.is_done {
            return None;
        }
        let is_script = element.name == n::script;
        let is_module = is_module(element);
        if is_module || is_script && self.entries.has_late {
            self.first.get_or_insert_with(|| (element.offset, element.location, base.clone()));
        }
        (is_script && is_module).then(|| self.end())?
    }

    /// Takes the end of the page. Returns the new import map if it needs one.
    pub(super) fn end(&mut self) -> Option<(Edit, Location)> {
        let (at, location, base) = self.first.take().filter(|_| !self.is_done)?;
        self.is_done = true;
        let modules = self.entries.modules.iter();
        let member = |(url, digest): &(Url, HashSource)| {
            let key = serde_json::Value::from(key(url, &base));
            format!("{key}: \"{}\"", digest.unquoted())
        };
        let members: Vec<String> = modules.map(member).collect();
        let text = format!("<script type=\"importmap\">{{\"integrity\": {{{}}}}}</script>", members.join(", "));
        let edit = Edit { range: at..at, text };
        Some((edit, location))
    }

    /// The text of an import map of the page with the digests; [`None`] if it has them. A digest of the map that is one of the file stays.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] for what browsers take for no import map, and for a name that stands there twice.
    pub(super) fn merged(
        &self,
        text: &str,
        base: &Url,
        renewed: impl Fn(&str, &Url) -> Option<String>,
    ) -> Result<Option<String>> {
        if text.trim_ascii().is_empty() {
            return Err(Error::new(ErrorKind::Unsupported, "the import map is empty"));
        }
        let file = JsonFile::parse("the import map", text.as_bytes(), Comments::Refused)?;
        let top = file.top();
        let old = file.object(top, "integrity")?;
        let known = old.map_or(Ok(Vec::new()), |old| known(old, base))?;
        let mut added = Vec::new();
        for (url, digest) in &self.entries.modules {
            let Some((_, value)) = known.iter().find(|(known, _)| known == url) else {
                added.push((key(url, base), Json::from(&*digest.unquoted())));
                continue;
            };
            let text = value.as_string_lit().map(|text| text.value.as_ref());
            // An empty text is how a map says that a module has none.
            if let Some(text) = text.filter(|text| !text.is_empty())
                && let Some(new) = renewed(text, url)
            {
                file.set(value, &new);
            }
        }
        match old {
            Some(old) => {
                for (name, value) in added {
                    file.add_member(old, name, value);
                }
            }
            None if added.is_empty() => {}
            None => file.add_member(top, "integrity", Json::object(added)),
        }
        let new = String::from_utf8(file.finish());
        let new = new.map_err(|_| Error::new(ErrorKind::Unsupported, "the import map is no text"))?;
        Ok((new != text).then_some(new))
    }
}

/// The members of an `integrity` object whose names are URLs, with those.
fn known<'v, 't>(object: &'v Object<'t>, base: &Url) -> Result<Vec<(Url, &'v jsonc_parser::ast::Value<'t>)>> {
    let mut known: Vec<(Url, _)> = Vec::new();
    for property in &object.properties {
        let name = property.name.as_str();
        let is_relative = ["/", "./", "../"].iter().any(|it| name.starts_with(it));
        let url = match is_relative {
            true => base.join(name),
            false => Url::parse(name),
        };
        let Ok(url) = url else { continue };
        if known.iter().any(|(other, _)| *other == url) {
            let message = format!("the import map gives {url} its integrity twice");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        known.push((url, &property.value));
    }
    Ok(known)
}

/// The shortest name of a URL in an import map whose document has this base.
fn key(url: &Url, base: &Url) -> String {
    match base.make_relative(url) {
        Some(relative) if relative.starts_with("../") || relative.starts_with('/') => relative,
        Some(relative) => format!("./{relative}"),
        None => url.to_string(),
    }
}
