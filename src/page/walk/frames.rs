//! The walk into documents in attributes: those in `srcdoc` and in `data:` URLs.

use super::{Inside, Visitor, Walk};
use crate::error::{Error, ErrorKind, Result};
use crate::html::scan::{Hidden, Scanner};
use crate::page::document::DocumentScan;
use crate::page::element::Element;
use crate::page::frame::{self, Framed};
use crate::xml;

/// How many bytes documents that are nested in each other's attributes may have together: each is held until the inner ones are
/// read. One that holds no other may be longer.
const MOST_FRAMED: usize = 128 << 20;
const TOO_LARGE: &str = "the documents that are nested in each other here have more than 128 MiB together";

impl<V: Visitor> Walk<V> {
    /// Walks over the document in a `srcdoc` attribute or a `data:` URL, as each browser reads it.
    pub(super) fn frame(&mut self, element: &dyn Element) {
        let location = element.location();
        let mut joined: Option<(V, Inside)> = None;
        let mut failures = Vec::new();
        for (browser, framed) in frame::framed(element, self.here.browser) {
            let inside = match framed {
                Framed::Srcdoc(_) => Inside::Srcdoc,
                Framed::Html(..) | Framed::Unknown => Inside::DataHtml,
                Framed::Xml(..) => Inside::DataXml,
            };
            if self.is_too_deep(location, inside) {
                return;
            }
            let Some(visitor) = self.visitor.nested(&self.here, element, inside, browser) else {
                break;
            };
            let scriptless = frame::is_scriptless(element);
            let mut here = self.here.inside(inside, element.is_inert(), scriptless);
            here.fixed = Some(self.here.located(location));
            here.browser = browser;
            here.framed += framed.len();
            let read = match here.framed > MOST_FRAMED && self.here.framed > 0 {
                true => Err(Error::new(ErrorKind::Limit, TOO_LARGE)),
                false => self.read(Self::new(visitor, here), element, framed),
            };
            match read {
                Ok(read) => match &mut joined {
                    Some((first, _)) => first.join(read),
                    None => joined = Some((read, inside)),
                },
                Err(error) if failures.contains(&error.to_string()) => {}
                Err(error) => {
                    self.visitor.failed(&self.here, location, &error);
                    failures.push(error.to_string());
                }
            }
        }
        if let Some((visitor, inside)) = joined {
            self.visitor.absorb(&self.here, visitor, inside, location);
        }
    }

    /// The visitor of the document that `element` frames, at the end of the `nested` walk over it.
    fn read(&mut self, nested: Self, element: &dyn Element, framed: Framed) -> Result<V> {
        match framed {
            Framed::Srcdoc(html) => {
                let walk = scan_text(nested, &html, element.value_code("srcdoc"))?;
                Ok(walk.visitor)
            }
            Framed::Html(bytes, charset) => {
                let location = element.location();
                let here = nested.here.clone();
                let another = || {
                    let (inside, browser) = (Inside::DataHtml, here.browser);
                    let visitor = self.visitor.nested(&self.here, element, inside, browser)?;
                    Some(Self::new(visitor, here.clone()))
                };
                let scanned = DocumentScan::new(nested, charset, None, another).end(&bytes)?;
                let mut visitor = scanned.walk.visitor;
                if scanned.doubt.is_some() {
                    visitor.undeclared(&self.here, location);
                }
                for other in scanned.others {
                    visitor.add_reading(other.visitor);
                }
                Ok(visitor)
            }
            Framed::Unknown => Err(Error::new(
                ErrorKind::Unsupported,
                "the bytes of a data:// URL after `?` depend on the encoding of the page; write data: without slashes",
            )),
            Framed::Xml(bytes, charset) => Ok(xml::scan(nested, &bytes[..], charset)?.visitor),
        }
    }
}

fn scan_text<V: Visitor>(nested: Walk<V>, html: &str, code: Hidden) -> Result<Walk<V>> {
    let scripting = nested.here.scripting();
    let mut scanner = Scanner::document(nested, scripting, code);
    scanner.write(html.as_bytes())?;
    scanner.end()
}
