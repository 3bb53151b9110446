//! From the events of a scan to the inline resources of a page.

use std::borrow::Cow;
use std::sync::Arc;

use super::frame::{self, Framed};
use super::handlers::is_handler;
use super::{DocumentScan, Inline, InlineKind, MAX_NESTING, Nesting, Page, ScanOptions, place};
use super::{script, url};
use crate::error::Result;
use crate::finding::{Code, Finding};
use crate::hash::{HashSource, Hasher};
use crate::html::location::Location;
use crate::html::name::Name;
use crate::html::names as n;
use crate::html::scan::{Element, End, Scanner, Sink, Target, Wants};
use crate::html::text::attribute_value;

/// Collects the inline resources of one document and of the documents nested in it.
pub(super) struct Collector {
    options: ScanOptions,
    /// What this document is nested in, outermost first.
    nested: Vec<Nesting>,
    /// Scripts do not run here: only styles are checked.
    scriptless: bool,
    /// The one place that a document inside an attribute has.
    fixed: Option<Location>,
    inlines: Vec<Inline>,
    problems: Vec<Problem>,
    /// The element whose text is being read.
    current: Option<Current>,
    /// Names of the attributes that the html and the body element have.
    html_attributes: Vec<Vec<u8>>,
    body_attributes: Vec<Vec<u8>>,
}

/// A finding whose page is not known here.
struct Problem {
    code: Code,
    location: Location,
    message: Cow<'static, str>,
    help: &'static str,
}

enum Current {
    Text {
        kind: InlineKind,
        hasher: Hasher,
        bytes: u64,
        location: Location,
        inert: bool,
    },
    Noscript(Box<Scanner<Collector>>),
    /// Something about the nested document failed; its text is passed over.
    Nothing,
}

impl Collector {
    /// For a page.
    pub(super) fn page(options: &ScanOptions) -> Self {
        Self {
            options: options.clone(),
            nested: Vec::new(),
            scriptless: false,
            fixed: None,
            inlines: Vec::new(),
            problems: Vec::new(),
            current: None,
            html_attributes: Vec::new(),
            body_attributes: Vec::new(),
        }
    }

    /// What was collected.
    pub(super) fn into_page(self, path: &Arc<str>) -> Page {
        let findings = self.problems.into_iter().map(|problem| {
            Finding::new(problem.code, problem.message, problem.help)
                .at(place(path, problem.location))
        });
        Page {
            path: Arc::clone(path),
            findings: findings.collect(),
            inlines: self.inlines,
        }
    }

    /// For a document nested in this one.
    fn nested(&self, nesting: Nesting, inert: bool, scriptless: bool) -> Self {
        let mut nested = self.nested_in(inert);
        nested.push(nesting);
        Self {
            nested,
            scriptless: self.scriptless || scriptless,
            fixed: self.fixed,
            ..Self::page(&self.options)
        }
    }

    /// Pretends to be nested that deep.
    #[cfg(test)]
    pub(super) fn nest_for_test(&mut self, depth: usize) {
        self.nested = vec![Nesting::Srcdoc; depth];
    }

    /// Takes over what a nested document had.
    fn absorb(&mut self, nested: Self) {
        self.inlines.extend(nested.inlines);
        self.problems.extend(nested.problems);
    }

    fn nested_in(&self, inert: bool) -> Vec<Nesting> {
        let mut nested = self.nested.clone();
        if inert {
            nested.push(Nesting::Template);
        }
        nested
    }

    fn located(&self, location: Location) -> Location {
        self.fixed.unwrap_or(location)
    }

    fn problem(
        &mut self,
        code: Code,
        location: Location,
        message: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) {
        let location = self.located(location);
        self.problems.push(Problem {
            code,
            location,
            message: message.into(),
            help,
        });
    }

    fn attributes(&mut self, element: &Element<'_>) {
        let mut seen: Vec<Vec<u8>> = match element.target {
            Target::New => Vec::new(),
            Target::MergedIntoHtml => std::mem::take(&mut self.html_attributes),
            Target::MergedIntoBody => std::mem::take(&mut self.body_attributes),
        };
        for (raw_name, raw_value, offset) in element.attributes() {
            if !may_matter(raw_name) {
                continue;
            }
            let name = raw_name.to_ascii_lowercase();
            if seen.contains(&name) {
                continue;
            }
            if let Ok(name) = std::str::from_utf8(&name) {
                self.attribute(element, name, raw_value, offset);
            }
            seen.push(name);
        }
        match (element.target, element.name) {
            (Target::MergedIntoHtml, _) | (Target::New, n::html) => self.html_attributes = seen,
            (Target::MergedIntoBody, _) | (Target::New, n::body) => self.body_attributes = seen,
            _ => {}
        }
    }

    fn attribute(&mut self, element: &Element<'_>, name: &str, raw_value: &[u8], offset: usize) {
        let kind = if name == "style" {
            InlineKind::StyleAttribute
        } else if self.scriptless {
            return;
        } else if is_handler(element.name, element.namespace, name) {
            InlineKind::EventHandler
        } else if url::is_navigated(element, name) {
            InlineKind::JavascriptUrl
        } else {
            return;
        };
        let value = attribute_value(raw_value);
        let texts: Vec<Vec<String>> = match kind {
            InlineKind::JavascriptUrl => url::urls(name, &value)
                .filter_map(url::hashed_strings)
                .collect(),
            _ => vec![vec![value.into_owned()]],
        };
        for spellings in texts {
            let mut location = element.location;
            location.advance(&element.raw[..offset]);
            let hash = |text: &String| HashSource::of(self.options.algorithm, text.as_bytes());
            self.inlines.push(Inline {
                kind,
                hashes: spellings.iter().map(hash).collect(),
                bytes: spellings[0].len() as u64,
                location: self.located(location),
                nested: self.nested_in(element.inert),
                excerpt: Some(excerpt(&element.raw[offset..])),
            });
        }
    }

    /// Scans the document in a `srcdoc` attribute or a `data:` URL.
    fn frame(&mut self, element: &Element<'_>) {
        let Some((_, framed)) = frame::framed(element) else {
            return;
        };
        if self.nested.len() >= MAX_NESTING {
            return self.too_deep(element.location);
        }
        let nesting = match framed {
            Framed::Srcdoc(_) => Nesting::Srcdoc,
            Framed::Html(..) | Framed::Xml(..) => Nesting::DataUrl,
        };
        let mut nested = self.nested(nesting, element.inert, frame::is_scriptless(element));
        nested.fixed = Some(self.located(element.location));
        let scanned = match framed {
            Framed::Srcdoc(html) => scan_text(nested, &html),
            Framed::Html(bytes, charset) => {
                self.scan_bytes(nested, &bytes, charset, element.location)
            }
            Framed::Xml(..) => {
                return self.problem(
                    Code::UnscannedXml,
                    element.location,
                    "the frame holds an XML document, which was not scanned; what is inline in it is blocked",
                    "serve the document from a file of its own",
                );
            }
        };
        match scanned {
            Ok(nested) => self.absorb(nested),
            Err(error) => self.failed(element.location, &error),
        }
    }

    fn scan_bytes(
        &mut self,
        nested: Self,
        bytes: &[u8],
        charset: Option<&'static encoding_rs::Encoding>,
        location: Location,
    ) -> Result<Self> {
        let mut scan = DocumentScan::new(nested, charset);
        scan.write(bytes)?;
        let (nested, undeclared) = scan.end()?;
        if undeclared.is_some() {
            self.problem(
                Code::UndeclaredEncoding,
                location,
                "the data: document has characters outside ASCII and declares no encoding",
                "write data:text/html;charset=utf-8,…",
            );
        }
        Ok(nested)
    }

    fn too_deep(&mut self, location: Location) {
        self.problem(
            Code::NestingLimit,
            location,
            format!("more than {MAX_NESTING} documents are nested in each other; what is inline in this one was not hashed and will be blocked"),
            "serve the inner documents from files of their own",
        );
    }

    fn failed(&mut self, location: Location, error: &crate::Error) {
        self.problem(
            Code::AmbiguousMarkup,
            location,
            format!("the nested document could not be scanned: {error}"),
            "simplify the markup here",
        );
    }

    fn noscript(&mut self, element: &Element<'_>) -> Current {
        let mut location = element.location;
        location.advance(element.raw);
        let nested = self.nested(Nesting::Noscript, false, true);
        Current::Noscript(Box::new(Scanner::fragment(nested, location)))
    }
}

impl Sink for Collector {
    fn concerns(&self, name: Name) -> bool {
        matches!(
            name,
            n::script
                | n::style
                | n::noscript
                | n::iframe
                | n::object
                | n::embed
                | n::frame
                | n::html
                | n::body
        )
    }

    fn heeds(&self, attribute: &[u8], value: &[u8]) -> bool {
        match attribute {
            [b'o' | b'O', b'n' | b'N', ..] => true,
            _ if attribute.eq_ignore_ascii_case(b"style") => true,
            _ => may_be_javascript(value) && may_matter(attribute),
        }
    }

    fn element(&mut self, element: &Element<'_>) -> Wants {
        if element.inert && !self.options.template_content {
            return Wants::Nothing;
        }
        self.attributes(element);
        let kind = if script::is_live(element, n::script)
            && !self.scriptless
            && script::is_checked(element)
        {
            InlineKind::Script
        } else if script::is_live(element, n::style) {
            InlineKind::Style
        } else {
            self.frame(element);
            // The content of a template never runs with scripting off, so noscript in it never counts.
            if !script::is_live(element, n::noscript) || element.inert {
                return Wants::Nothing;
            }
            if self.nested.len() >= MAX_NESTING {
                self.too_deep(element.location);
                return Wants::Nothing;
            }
            self.current = Some(self.noscript(element));
            return Wants::Text;
        };
        self.current = Some(Current::Text {
            kind,
            hasher: Hasher::new(self.options.algorithm),
            bytes: 0,
            location: element.location,
            inert: element.inert,
        });
        Wants::Text
    }

    fn text(&mut self, text: &str) {
        let failed = match &mut self.current {
            Some(Current::Text { hasher, bytes, .. }) => {
                hasher.update(text.as_bytes());
                *bytes += text.len() as u64;
                return;
            }
            Some(Current::Noscript(scanner)) => scanner.write(text.as_bytes()).err(),
            Some(Current::Nothing) | None => return,
        };
        if let Some(error) = failed {
            self.current = Some(Current::Nothing);
            self.failed(Location::START, &error);
        }
    }

    fn end(&mut self, end: End) {
        match self.current.take() {
            Some(Current::Text {
                kind: InlineKind::Script,
                location,
                ..
            }) if end != End::EndTag => {
                self.problem(
                    Code::UnclosedScript,
                    location,
                    "the script is never closed, so no browser runs it and it was not hashed",
                    "close it with </script>",
                );
            }
            Some(Current::Text {
                kind,
                hasher,
                bytes,
                location,
                inert,
            }) => {
                if kind == InlineKind::Script && bytes == 0 {
                    return;
                }
                let inline = Inline {
                    kind,
                    hashes: vec![hasher.finish()],
                    bytes,
                    location: self.located(location),
                    nested: self.nested_in(inert),
                    excerpt: None,
                };
                self.inlines.push(inline);
            }
            Some(Current::Noscript(scanner)) => match scanner.end() {
                Ok(nested) => self.absorb(nested),
                Err(error) => self.failed(Location::START, &error),
            },
            Some(Current::Nothing) | None => {}
        }
    }
}

fn scan_text(nested: Collector, html: &str) -> Result<Collector> {
    let mut scanner = Scanner::document(nested);
    scanner.write(html.as_bytes())?;
    scanner.end()
}

/// Whether an attribute name can be one of those that matter, before it is lower-cased and looked up.
fn may_matter(name: &[u8]) -> bool {
    match name {
        [b'o' | b'O', b'n' | b'N', ..] => true,
        _ => [
            "style",
            "href",
            "xlink:href",
            "action",
            "formaction",
            "src",
            "to",
            "from",
            "values",
        ]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes())),
    }
}

/// Whether an attribute's value as written can be a `javascript:` URL: there is a colon behind the scheme's last
/// letter or what is removed from URLs, or a character reference may hide one.
fn may_be_javascript(value: &[u8]) -> bool {
    memchr::memchr2_iter(b':', b'&', value).any(|at| {
        value[at] == b'&'
            || matches!(
                value[..at].last(),
                Some(b't' | b'T' | b'\t' | b'\n' | b'\r')
            )
    })
}

/// The first line of a tag from an attribute on, at most 80 characters.
fn excerpt(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(400)]);
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(80)
        .collect()
}
