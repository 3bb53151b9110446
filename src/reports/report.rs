//! One report: the shapes in which browsers and collectors write it, and what is kept of it.
//!
//! `application/csp-report` has hyphenated names, `application/reports+json` camel case; either is read wherever it is found.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;

use super::time::Time;
use crate::hash::HashSource;

named! {
    /// The table that a report goes into.
    pub(crate) enum Kind {
        /// A violation that the site is responsible for.
        Violation = "violation",
        /// A violation by a browser extension or a user script, or by the browser itself.
        Extension = "extension",
        /// A script or style sheet without integrity under an `Integrity-Policy`.
        Integrity = "integrity-violation",
        /// The digest of an external script, asked for with `'report-sha256'`.
        Hash = "csp-hash",
    }
}

/// The schemes of extensions, of their user scripts and of what belongs to the browser, of which the blocked URL is or the file whose
/// code asked for it.
const EXTENSIONS: &[&str] = &[
    "chrome",
    "chrome-extension",
    "chromenull",
    "moz-extension",
    "ms-browser-extension",
    "mxaddon-pkg",
    "opera-extension",
    "resource",
    "safari-extension",
    "safari-web-extension",
    "user-script",
    "webkit-masked-url",
];

/// The name that Firefox gives to code of a user script in place of a file.
const USER_SCRIPT: &str = "sandbox eval code";

/// The words that browsers write in place of a URL; `self` was that of older ones for inline resources.
const WORDS: &[&str] = &["", "inline", "eval", "wasm-eval", "trusted-types-policy", "trusted-types-sink", "self"];

/// The names under which a collector has what it received.
const WRAPPERS: &[&str] = &["body", "report", "reports", "payload", "data"];

/// The characters that are kept of a text that fits no type, and of a URL.
const SHORT: usize = 80;
const LONG: usize = 300;

/// The UTF-16 units of a sample.
pub(super) const SAMPLE: usize = 40;

/// The source of a violation. Only the first three can get into a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// `https://example.org:8443`, in Punycode.
    Origin(String),
    /// The same, of the document itself.
    Own(String),
    /// `data:`
    Scheme(String),
    /// One of [`WORDS`].
    Word(&'static str),
    /// A quoted text, or a URL and a digest.
    Text(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Origin(text) | Self::Own(text) | Self::Scheme(text) | Self::Text(text) => text,
            Self::Word("") => "(empty)",
            Self::Word(word) => word,
        })
    }
}

/// An inline resource that was blocked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Inline {
    /// The name of a directive, or a quoted text.
    pub(crate) directive: String,
    /// The beginning of the text, if the policy has `'report-sample'`.
    pub(crate) sample: Option<String>,
    /// The document's URL without query and fragment.
    pub(crate) page: String,
    pub(crate) line: Option<u64>,
}

/// The kept parts of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) kind: Kind,
    /// The name of a directive or destination, or a quoted text.
    pub(super) directive: String,
    pub(super) source: Source,
    pub(super) received: Option<Time>,
    /// For an inline resource.
    pub(super) inline: Option<Inline>,
    /// The policy that the browser had.
    pub(super) policy: Option<Arc<str>>,
}

/// The content of a value.
pub(super) enum Content {
    Report(Box<Report>),
    /// A report of another type, such as `deprecation`.
    Other,
    /// No report.
    Unknown,
}

/// Gives each report in a value to `take`: an object, or objects in arrays and in what collectors wrap around them.
pub(super) fn each(value: &Value, received: Option<Time>, take: &mut impl FnMut(Content)) {
    if let Value::Array(values) = value {
        return values.iter().for_each(|value| each(value, received, take));
    }
    let Value::Object(object) = value else {
        return take(Content::Unknown);
    };
    let received = Time::of(object).or(received);
    let inner = |name| object.get(name).and_then(Value::as_object);
    let report = |kind, body| Content::Report(Box::new(Report::new(kind, body, received)));
    let wrapped = WRAPPERS.iter().filter_map(|name| object.get(*name));
    if let Some(body) = inner("csp-report") {
        take(report(Kind::Violation, body));
    } else if let (Some(kind), Some(body)) = (text(object, &["type"]), inner("body")) {
        take(match kind {
            "csp-violation" => report(Kind::Violation, body),
            "integrity-violation" => report(Kind::Integrity, body),
            "csp-hash" => report(Kind::Hash, body),
            _ => Content::Other,
        });
    } else if directive(object).is_some() {
        take(report(Kind::Violation, object));
    } else if let Some(value) = { wrapped }.find(|value| value.is_object() || value.is_array()) {
        each(value, received, take);
    } else {
        take(Content::Unknown);
    }
}

impl Report {
    fn new(kind: Kind, body: &Map<String, Value>, received: Option<Time>) -> Self {
        let blocked = text(body, &["blocked-uri", "blockedURL"]).unwrap_or_default();
        let source = match kind {
            Kind::Hash => Source::Text(digest(body)),
            Kind::Violation | Kind::Extension | Kind::Integrity => source(blocked),
        };
        let page = text(body, &["document-uri", "documentURL"]).unwrap_or_default();
        let source = match source {
            Source::Origin(of) if origin(page) == Some(Source::Origin(of.clone())) => Source::Own(of),
            source => source,
        };
        let file = text(body, &["source-file", "sourceFile"]);
        let kind = match kind {
            Kind::Violation if is_of_extension(&source, file) => Kind::Extension,
            kind => kind,
        };
        let name = directive(body).or_else(|| text(body, &["destination"]));
        let directive = word(name.unwrap_or_default());
        let is_inline = kind == Kind::Violation && source == Source::Word("inline");
        let lines = ["line-number", "lineNumber"].map(|name| body.get(name)?.as_u64());
        let sample = text(body, &["script-sample", "sample"]).map(beginning);
        let inline = is_inline.then(|| Inline {
            directive: directive.clone(),
            sample: sample.filter(|sample| !sample.is_empty()),
            page: bare(page),
            // Firefox writes 0 where it does not know.
            line: lines.into_iter().flatten().find(|line| *line > 0),
        });
        Self {
            kind,
            directive,
            source,
            received: Time::of(body).or(received),
            inline,
            policy: text(body, &["original-policy", "originalPolicy"]).map(Arc::from),
        }
    }
}

/// The text of the first member there is.
fn text<'v>(object: &'v Map<String, Value>, names: &[&str]) -> Option<&'v str> {
    let mut texts = names.iter().filter_map(|name| object.get(*name)?.as_str());
    texts.find(|text| !text.is_empty())
}

/// The name of the directive; older browsers wrote its sources after it.
fn directive(object: &Map<String, Value>) -> Option<&str> {
    let names = ["effective-directive", "effectiveDirective", "violated-directive", "violatedDirective"];
    text(object, &names)?.split_ascii_whitespace().next()
}

/// A word of letters and hyphens as it is, and anything else quoted.
fn word(text: &str) -> String {
    let is_letter = |b: u8| b.is_ascii_alphabetic() || b == b'-';
    match (1..=SHORT).contains(&text.len()) && text.bytes().all(is_letter) {
        true => text.to_ascii_lowercase(),
        false => quoted(text),
    }
}

/// A foreign text, cut and between quotes, with escapes for what could drive a terminal or end a cell.
fn quoted(text: &str) -> String {
    format!("{:?}", cut(text, SHORT))
}

/// The URL of a script and its digest, which is empty unless CORS allows it.
fn digest(body: &Map<String, Value>) -> String {
    let url = bare(text(body, &["subresourceURL"]).unwrap_or_default());
    let hash = text(body, &["hash"]).and_then(|hash| hash.parse::<HashSource>().ok());
    let hash = hash.map_or_else(|| "(no digest)".to_owned(), |hash| hash.unquoted());
    format!("{url} {hash}")
}

fn source(blocked: &str) -> Source {
    let word = WORDS.iter().find(|word| **word == blocked);
    let known = match (word, scheme(blocked)) {
        (Some(word), _) => Some(Source::Word(word)),
        (None, Some(scheme)) => match &*scheme {
            "http" | "https" | "ws" | "wss" => origin(blocked),
            _ => Some(Source::Scheme(format!("{scheme}:"))),
        },
        (None, None) => None,
    };
    known.unwrap_or_else(|| Source::Text(quoted(blocked)))
}

/// The scheme of a URL, or a scheme that stands alone.
fn scheme(url: &str) -> Option<String> {
    let scheme = url.split(':').next().unwrap_or_default();
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
    let is_scheme =
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.len() <= SHORT && scheme.bytes().all(is_part);
    is_scheme.then(|| scheme.to_ascii_lowercase())
}

fn origin(url: &str) -> Option<Source> {
    let url = Url::parse(url).ok().filter(Url::has_host)?;
    let origin = url.origin().ascii_serialization();
    // A host can hold a `*`, which would be any host in a policy.
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:/[]".contains(&b);
    (origin.len() <= LONG && origin.bytes().all(is_plain)).then_some(Source::Origin(origin))
}

/// A URL without what may be secret, and cut. What is no URL is quoted.
fn bare(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return quoted(url);
    };
    url.set_query(None);
    url.set_fragment(None);
    // Where there is no host there is no user.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    cut(url.as_str(), LONG).to_owned()
}

fn is_of_extension(source: &Source, file: Option<&str>) -> bool {
    let is_extension = |scheme: &str| EXTENSIONS.contains(&scheme);
    let is_blocked = match source {
        Source::Scheme(scheme) => is_extension(&scheme[..scheme.len() - 1]) || scheme == "about:",
        Source::Origin(_) | Source::Own(_) | Source::Word(_) | Source::Text(_) => false,
    };
    let is_by = |file: &str| file.starts_with(USER_SCRIPT) || scheme(file).is_some_and(|it| is_extension(&it));
    is_blocked || file.is_some_and(is_by)
}

/// The first characters of a text.
fn cut(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters);
    &text[..end.map_or(text.len(), |(end, _)| end)]
}

/// The part of a text that samples of all browsers have: without half a character, an ellipsis and the space at the end.
pub(super) fn beginning(text: &str) -> String {
    let mut units = 0;
    let is_in = |c: &char| {
        units += c.len_utf16();
        units <= SAMPLE
    };
    let beginning: String = text.chars().take_while(is_in).collect();
    let end = |c: char| c == '\u{fffd}' || c.is_whitespace();
    beginning.trim_end_matches(end).to_owned()
}
