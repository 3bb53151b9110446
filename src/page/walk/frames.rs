//! The walk into documents in attributes: those in `srcdoc` and in `data:` URLs.

use super::{Inside, Visitor, Walk};
use crate::error::Result;
use crate::html::scan::{Hidden, Scanner};
use crate::page::document::DocumentScan;
use crate::page::element::Element;
use crate::page::frame::{self, Framed};
use crate::xml;

impl<V: Visitor> Walk<V> {
    /// Walks over the document in a `srcdoc` attribute or a `data:` URL.
    pub(super) fn frame(&mut self, element: &dyn Element) {
        let Some(framed) = frame::framed(element) else {
            return;
        };
        let inside = match framed {
            Framed::Srcdoc(_) => Inside::Srcdoc,
            Framed::Html(..) => Inside::DataHtml,
            Framed::Xml(..) => Inside::DataXml,
        };
        let location = element.location();
        if self.is_too_deep(location, inside) {
            return;
        }
        let Some(visitor) = self.visitor.nested(&self.here, element, inside) else {
            return;
        };
        let scriptless = frame::is_scriptless(element);
        let mut here = self.here.inside(inside, element.is_inert(), scriptless);
        here.fixed = Some(self.here.located(location));
        let nested = Self::new(visitor, here);
        let scanned = match framed {
            Framed::Srcdoc(html) => scan_text(nested, &html, element.value_code("srcdoc")),
            Framed::Html(bytes, charset) => {
                let here = nested.here.clone();
                let another = || {
                    let visitor = self.visitor.nested(&self.here, element, inside)?;
                    Some(Self::new(visitor, here.clone()))
                };
                let scanned = DocumentScan::new(nested, charset, None, another).end(&bytes);
                scanned.map(|scanned| {
                    if scanned.doubt.is_some() {
                        self.visitor.undeclared(&self.here, location);
                    }
                    for other in scanned.others {
                        self.visitor
                            .absorb(&self.here, other.visitor, inside, location);
                    }
                    scanned.walk
                })
            }
            Framed::Xml(bytes, charset) => xml::scan(nested, &bytes[..], charset),
        };
        match scanned {
            Ok(nested) => self
                .visitor
                .absorb(&self.here, nested.visitor, inside, location),
            Err(error) => self.visitor.failed(&self.here, location, &error),
        }
    }
}

fn scan_text<V: Visitor>(nested: Walk<V>, html: &str, code: Hidden) -> Result<Walk<V>> {
    let scripting = nested.here.scripting();
    let mut scanner = Scanner::document(nested, scripting, code);
    scanner.write(html.as_bytes())?;
    scanner.end()
}
