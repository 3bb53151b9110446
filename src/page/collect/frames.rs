//! Documents in attributes: those in `srcdoc` and `data:` URLs.

use super::Collector;
use crate::error::Result;
use crate::finding::Code;
use crate::html::scan::{Hidden, Scanner};
use crate::location::Location;
use crate::page::element::Element;
use crate::page::frame::{self, Framed};
use crate::page::scan::DocumentScan;
use crate::page::{InlineKind, MAX_NESTING, Nesting};
use crate::xml;

impl Collector {
    /// Scans the document in a `srcdoc` attribute or a `data:` URL.
    pub(super) fn frame(&mut self, element: &dyn Element) {
        let Some(framed) = frame::framed(element) else {
            return;
        };
        if self.nested.len() >= MAX_NESTING {
            return self.too_deep(element.location());
        }
        let nesting = match framed {
            Framed::Srcdoc(_) => Nesting::Srcdoc,
            Framed::Html(..) | Framed::Xml(..) => Nesting::DataUrl,
        };
        if nesting == Nesting::DataUrl
            && element
                .code()
                .iter()
                .any(|code| matches!(code.attribute.as_deref(), Some("src" | "data")))
        {
            return self.dynamic(InlineKind::Script, element.location());
        }
        let mut nested = self.nested(nesting, element.is_inert(), frame::is_scriptless(element));
        nested.fixed = Some(self.located(element.location()));
        let scanned = match framed {
            Framed::Srcdoc(html) => scan_text(nested, &html, element.value_code("srcdoc")),
            Framed::Html(bytes, charset) => {
                self.scan_bytes(nested, &bytes, charset, element.location())
            }
            Framed::Xml(bytes, charset) => xml::scan(nested, &bytes[..], charset),
        };
        match scanned {
            Ok(nested) => self.absorb(nested),
            Err(error) => self.failed(element.location(), &error),
        }
    }

    fn scan_bytes(
        &mut self,
        nested: Self,
        bytes: &[u8],
        charset: Option<&'static encoding_rs::Encoding>,
        location: Location,
    ) -> Result<Self> {
        let scanned = DocumentScan::new(nested, charset, None).end(bytes)?;
        if scanned.undeclared.is_some() {
            self.problem(
                Code::UndeclaredEncoding,
                location,
                "the data: document has characters outside ASCII and declares no encoding",
                "write data:text/html;charset=utf-8,…",
            );
        }
        Ok(scanned.collector)
    }

    pub(in crate::page) fn too_deep(&mut self, location: Location) {
        self.problem(
            Code::NestingLimit,
            location,
            format!("more than {MAX_NESTING} documents are nested in each other; what is inline in this one was not hashed and will be blocked"),
            "serve the inner documents from files of their own",
        );
    }

    pub(in crate::page) fn failed(&mut self, location: Location, error: &crate::Error) {
        self.problem(
            Code::UnscannedDocument,
            location,
            format!("the nested document could not be scanned, so what is inline in it was not hashed: {error}"),
            "serve the inner document from a file of its own",
        );
    }
}

fn scan_text(nested: Collector, html: &str, code: Hidden) -> Result<Collector> {
    let scripting = nested.scripting();
    let mut scanner = Scanner::document(nested, scripting, code);
    scanner.write(html.as_bytes())?;
    scanner.end()
}
