//! Documents in attributes: those in `srcdoc` get their nonces where they stand, those in `data:` URLs are reported.

use std::io::Write;
use std::rc::Rc;

use encoding_rs::Encoding;

use super::sink::NonceSink;
use super::source::Source;
use super::value::escape;
use crate::error::Result;
use crate::html::encoding::InputDecoder;
use crate::html::mapped::MappedValue;
use crate::html::scan::{Element, Hidden, Scanner};
use crate::page::MAX_NESTING;
use crate::page::frame::{self, Framed};

impl<W: Write> NonceSink<W> {
    /// Goes through the document in a `srcdoc` attribute.
    pub(super) fn srcdoc(&mut self, element: &Element<'_>) {
        let Some((.., raw, at)) = element
            .attributes()
            .find(|(name, ..)| name.eq_ignore_ascii_case(b"srcdoc"))
            .filter(|(_, value, _)| !value.is_empty())
        else {
            return;
        };
        if self.depth >= MAX_NESTING {
            return self.too_deep(element.location);
        }
        let start = element.offset + at.value.start;
        let Some(mapped) = MappedValue::new(raw).map(Rc::new) else {
            return self.failed(
                element.location,
                "its character references cannot be followed",
            );
        };
        let quote = element.raw[at.value.start - 1];
        let quote = matches!(quote, b'"' | b'\'').then_some(quote);
        let mut nested = self.nested(frame::is_scriptless(element));
        nested.fixed = Some(self.fixed.unwrap_or(element.location));
        nested.usual_code = self.usual_code(element);
        nested.source = Rc::new(Source::Value(
            Rc::clone(&self.source),
            Rc::clone(&mapped),
            start,
        ));
        let scripting = nested.scripting();
        let code = crate::page::element::Element::value_code(element, "srcdoc");
        let mut scanner = Scanner::document(nested, scripting, code);
        let scanned = scanner
            .write(mapped.text.as_bytes())
            .and_then(|()| scanner.end());
        let mut found = match scanned {
            Ok(sink) => sink.found,
            Err(error) => return self.failed(element.location, &error.to_string()),
        };
        for edit in &mut found.edits {
            let place = |at| start + mapped.source_of(at);
            edit.range = place(edit.range.start)..place(edit.range.end);
            edit.text = escape(&edit.text, quote, self.dialect);
        }
        self.found.absorb(found);
    }

    /// Reports a frame whose document in a `data:` URL would need nonces: they are not written into URLs.
    pub(super) fn data_url(&mut self, element: &Element<'_>) {
        let needs = match frame::framed(element) {
            Some(Framed::Html(bytes, charset)) => self.needs_nonces(element, &bytes, charset),
            Some(Framed::Xml(..)) => Ok(true),
            Some(Framed::Srcdoc(_)) | None => Ok(false),
        };
        match needs {
            Ok(false) => {}
            Ok(true) => self.failed(element.location, "it stands in a data: URL"),
            Err(error) => self.failed(element.location, &error.to_string()),
        }
    }

    fn needs_nonces(
        &self,
        element: &Element<'_>,
        bytes: &[u8],
        charset: Option<&'static Encoding>,
    ) -> Result<bool> {
        if self.depth >= MAX_NESTING {
            return Ok(true);
        }
        let nested = self.nested(frame::is_scriptless(element));
        let scripting = nested.scripting();
        let mut scanner = Scanner::document(nested, scripting, Hidden::default());
        let mut decoder = InputDecoder::new(charset);
        decoder.end(bytes, &mut |text| scanner.write(text))?;
        let found = scanner.end()?.found;
        Ok(found.scripts || found.styles || !found.problems.is_empty())
    }
}
