//! Compares what the scan finds in a document with what html5ever's tree has.
//!
//! Which of html5ever's elements a browser checks is decided here once more, from the DOM.

use std::collections::BTreeMap;

use cspseal::{ErrorKind, HashAlgorithm, HashSource, InlineKind, Location, Nesting, ScanOptions, scan_page};
use html5ever::ns;

use super::{dom, parse};

/// What was found, and how often.
type Found = BTreeMap<Resource, usize>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Resource {
    kind: InlineKind,
    hash: String,
    inert: bool,
    noscript: bool,
}

/// Handlers that every browser checks on every element; others are not compared.
const HANDLERS: [&str; 9] =
    ["onclick", "onload", "onerror", "onchange", "onsubmit", "onfocus", "onblur", "onmouseover", "oninput"];

/// What the scan found, if it takes the document for text.
fn ours(html: &str) -> Option<Found> {
    let options = ScanOptions::new().with_charset(Some(encoding_rs::UTF_8));
    let page = match scan_page("x", html.as_bytes(), &options) {
        Err(error) if error.kind() == ErrorKind::NotText => return None,
        page => page.unwrap(),
    };
    let mut found = Found::new();
    for inline in page.inlines() {
        let framed = [Nesting::Srcdoc, Nesting::DataUrl];
        let compared = match inline.kind {
            // The excerpt is that of the first handler with this text, whatever its name.
            InlineKind::EventHandler => {
                let name = name_at(html, inline.location);
                HANDLERS.contains(&&*name.to_ascii_lowercase())
            }
            kind => kind != InlineKind::JavascriptUrl,
        };
        if compared && !framed.iter().any(|f| inline.nested.contains(f)) {
            let resource = Resource {
                kind: inline.kind,
                hash: inline.hashes[0].to_string(),
                inert: inline.in_template(),
                noscript: inline.nested.contains(&Nesting::Noscript),
            };
            *found.entry(resource).or_default() += 1;
        }
    }
    Some(found)
}

/// The name of the attribute that stands there.
fn name_at(html: &str, location: Location) -> &str {
    let line = html.split('\n').nth(location.line as usize - 1);
    let line = line.unwrap_or_default();
    let start = line.char_indices().nth(location.column as usize - 1);
    let attribute = &line[start.map_or(line.len(), |(at, _)| at)..];
    let end = attribute.find(|c: char| c.is_ascii_whitespace() || "=/>".contains(c));
    &attribute[..end.unwrap_or(attribute.len())]
}

fn theirs(html: &str) -> Found {
    let mut found = Found::new();
    let parsed = parse::parse(html);
    for element in &parsed.elements {
        collect(element, None, true, &mut found);
    }
    for (element, had) in parsed.noscripts.iter().flatten() {
        collect(element, *had, false, &mut found);
    }
    found
}

/// Adds what is inline in an element and its attributes, or in its attributes only from `had` on.
fn collect(element: &dom::Handle, had: Option<usize>, scripting: bool, found: &mut Found) {
    let inert = element.inert();
    let mut add = |kind, text: &str| {
        let hash = HashSource::of(HashAlgorithm::Sha256, text.as_bytes());
        let resource = Resource { kind, hash: hash.to_string(), inert, noscript: !scripting };
        *found.entry(resource).or_default() += 1;
    };
    for attribute in &element.attributes.borrow()[had.unwrap_or(0)..] {
        match &*dom::spelled(&attribute.name) {
            "style" => add(InlineKind::StyleAttribute, &attribute.value),
            name if scripting && HANDLERS.contains(&name) => {
                add(InlineKind::EventHandler, &attribute.value);
            }
            _ => {}
        }
    }
    let name = element.name().unwrap();
    if had.is_some() || name.ns == ns!(mathml) {
        return;
    }
    let text = element.text();
    match &*name.local {
        "script" if scripting && !text.is_empty() && is_checked_script(element) => {
            add(InlineKind::Script, &text);
        }
        "style" => add(InlineKind::Style, &text),
        _ => {}
    }
}

fn is_checked_script(script: &dom::Node) -> bool {
    let html = script.name().is_some_and(|name| name.ns == ns!(html));
    let has = |name| script.attribute(name).is_some();
    if !script.closed.get() || (html && has("src")) || (!html && (has("href") || has("xlink:href"))) {
        return false;
    }
    let language = script.attribute("language").filter(|_| html);
    let kind = match (script.attribute("type"), language) {
        (Some(kind), _) if kind.is_empty() => "text/javascript".to_owned(),
        (Some(kind), _) => kind.trim_ascii().to_ascii_lowercase(),
        (None, Some(language)) if !language.is_empty() => {
            format!("text/{}", language.to_ascii_lowercase())
        }
        (None, _) => "text/javascript".to_owned(),
    };
    match &*kind {
        "module" | "importmap" | "speculationrules" | "webbundle" => true,
        "text/livescript" | "text/jscript" => !(html && has("nomodule")),
        _ => {
            let script = ["ecmascript", "javascript", "x-ecmascript", "x-javascript"];
            let version = |v: &str| matches!(v, "1.0" | "1.1" | "1.2" | "1.3" | "1.4" | "1.5");
            let essence = kind.strip_prefix("text/").or(kind.strip_prefix("application/"));
            let known = essence.is_some_and(|essence| script.contains(&essence));
            let versioned = kind.strip_prefix("text/javascript").is_some_and(version);
            (known || versioned) && !(html && has("nomodule"))
        }
    }
}

/// What in a document html5ever does not do as browsers and the standard do.
fn exempt(html: &str) -> Option<&'static str> {
    let html = html.to_ascii_lowercase();
    let has = |tags: &[&str]| tags.iter().all(|tag| html.contains(tag));
    if has(&["<template", "<thead"]) {
        return Some("a caption, col, colgroup or section does not end a thead that is right in a template");
    }
    if has(&["<template", "<frameset"]) {
        return Some("a template in the head rules out a frameset, also after an implied body");
    }
    let integrates = has(&["<annotation-xml", "text/html"]) || has(&["<annotation-xml", "xhtml+xml"]);
    let nested = has(&["<svg"]) || html.matches("<math").count() > 1;
    if integrates && (nested || has(&["</p"]) || has(&["</br"])) {
        return Some("tags that leave foreign content leave an annotation-xml that is an HTML integration point");
    }
    None
}

/// What a comparison came to.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Agreed,
    /// The scan takes the document for binary data.
    Refused,
    /// They differ where html5ever is known to be wrong.
    Excused(&'static str),
}

/// Compares the two; the message says what only one of them found.
pub(crate) fn compare(html: &str) -> Result<Outcome, String> {
    let Some(ours) = ours(html) else {
        return Ok(Outcome::Refused);
    };
    let theirs = theirs(html);
    let wrong = |resource: &Resource| {
        let same = |r: &&Resource| r.kind == resource.kind && r.hash == resource.hash;
        let known = ours.keys().any(|r| same(&r));
        let (ours, theirs) = (ours.get(resource), theirs.get(resource));
        match resource.kind {
            // The tree builder copies formatting elements with their attributes, also into noscript and out of templates.
            InlineKind::EventHandler | InlineKind::StyleAttribute => ours > theirs || (ours.is_none() && !known),
            _ => ours != theirs,
        }
    };
    let resources: Vec<_> = ours.keys().chain(theirs.keys()).filter(|r| wrong(r)).collect();
    if resources.is_empty() {
        return Ok(Outcome::Agreed);
    }
    if let Some(reason) = exempt(html) {
        return Ok(Outcome::Excused(reason));
    }
    let lines = resources.iter().map(|r| format!("{r:?}: {:?}, html5ever {:?}", ours.get(r), theirs.get(r)));
    Err(format!("{html:?}\n{}", lines.collect::<Vec<_>>().join("\n")))
}
