//! The scan against html5ever, an independent tokenizer and tree builder: both must find the same scripts, styles, handlers
//! and style attributes in the test pages, in the browser cases and in random markup.
//!
//! Which of html5ever's elements a browser checks is decided here once more, from the DOM.

#![allow(clippy::unwrap_used)]

#[path = "html5ever_differential/dom.rs"]
mod dom;
#[path = "../src/html/nasty.rs"]
mod nasty;
#[path = "html5ever_differential/parse.rs"]
mod parse;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cspseal::{ErrorKind, HashAlgorithm, HashSource, InlineKind, Nesting, ScanOptions, scan_page};
use encoding_rs::Encoding;
use html5ever::ns;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

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
const HANDLERS: [&str; 9] = [
    "onclick",
    "onload",
    "onerror",
    "onchange",
    "onsubmit",
    "onfocus",
    "onblur",
    "onmouseover",
    "oninput",
];

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
            InlineKind::EventHandler => inline.excerpt.is_some_and(|excerpt| {
                let name = excerpt.split(['=', ' ', '>', '/', '\t']).next();
                HANDLERS.contains(&&*name.unwrap_or_default().to_ascii_lowercase())
            }),
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
        let resource = Resource {
            kind,
            hash: hash.to_string(),
            inert,
            noscript: !scripting,
        };
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
    if !script.closed.get() || (html && has("src")) || (!html && (has("href") || has("xlink:href")))
    {
        return false;
    }
    let language = script.attribute("language").filter(|_| html);
    let kind = match (script.attribute("type"), language) {
        (Some(kind), _) if kind.is_empty() => "text/javascript".to_owned(),
        (Some(kind), _) => kind.trim().to_ascii_lowercase(),
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
            let essence = kind
                .strip_prefix("text/")
                .or(kind.strip_prefix("application/"));
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
        return Some(
            "a caption, col, colgroup or section does not end a thead that is right in a template",
        );
    }
    let integrates =
        has(&["<annotation-xml", "text/html"]) || has(&["<annotation-xml", "xhtml+xml"]);
    let nested = has(&["<svg"]) || html.matches("<math").count() > 1;
    if integrates && (nested || has(&["</p"]) || has(&["</br"])) {
        return Some(
            "tags that leave foreign content leave an annotation-xml that is an HTML integration point",
        );
    }
    None
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Agreed,
    /// The scan takes the document for binary data.
    Refused,
    /// They differ where html5ever is known to be wrong.
    Excused(&'static str),
}

/// Compares the two; the message says what only one of them found.
fn compare(html: &str) -> Result<Outcome, String> {
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
            InlineKind::EventHandler | InlineKind::StyleAttribute => {
                ours > theirs || (ours.is_none() && !known)
            }
            _ => ours != theirs,
        }
    };
    let resources: Vec<_> = ours
        .keys()
        .chain(theirs.keys())
        .filter(|r| wrong(r))
        .collect();
    if resources.is_empty() {
        return Ok(Outcome::Agreed);
    }
    if let Some(reason) = exempt(html) {
        return Ok(Outcome::Excused(reason));
    }
    let lines = resources
        .iter()
        .map(|r| format!("{r:?}: {:?}, html5ever {:?}", ours.get(r), theirs.get(r)));
    Err(format!(
        "{html:?}\n{}",
        lines.collect::<Vec<_>>().join("\n")
    ))
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|e| e == "html" || e == "htm") {
            found.push(path);
        }
    }
}

#[test]
fn test_pages_agree() {
    let mut paths = Vec::new();
    pages(Path::new("testdata/site"), &mut paths);
    pages(Path::new("testdata/legacy"), &mut paths);
    assert!(paths.len() > 20);
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let (html, _, _) = declared_encoding(&bytes).decode(&bytes);
        assert_eq!(compare(&html), Ok(Outcome::Agreed), "{}", path.display());
    }
}

/// The first `charset=` of a page, else UTF-8; `decode` heeds byte order marks.
fn declared_encoding(bytes: &[u8]) -> &'static Encoding {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let label = text.split("charset=").nth(1).unwrap_or_default();
    let label = label.trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c));
    Encoding::for_label(&label.as_bytes()[..end.unwrap_or(0)]).unwrap_or(encoding_rs::UTF_8)
}

#[test]
fn browser_cases_agree() {
    let text = std::fs::read_to_string("testdata/html/browser-cases.json").unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut agreed = 0;
    for case in cases {
        let field = |name| case[name].as_str().unwrap();
        if !field("content_type").starts_with("text/html") {
            continue;
        }
        let html = STANDARD.decode(field("html_base64")).unwrap();
        match compare(&String::from_utf8_lossy(&html)) {
            Ok(outcome) => agreed += usize::from(outcome == Outcome::Agreed),
            Err(why) => panic!("{}: {why}", case["id"]),
        }
    }
    assert!(agreed > 400, "{agreed}");
}

#[test]
fn random_markup_agrees() {
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 3000;
        config.rng_seed = RngSeed::Fixed(1);
    }
    let cases = config.cases;
    let agreed = Cell::new(0);
    TestRunner::new(config)
        .run(&nasty::document(14), |html| {
            let outcome = compare(&html).map_err(TestCaseError::fail)?;
            agreed.set(agreed.get() + u32::from(outcome == Outcome::Agreed));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    let agreed = agreed.get();
    assert!(agreed > cases / 100 * 99, "{agreed} of {cases}");
}
