//! The walk over an XML document.

use std::borrow::Cow;

use super::{Open, Visitor, Walk};
use crate::html::scan::{End, Wants};
use crate::location::Location;
use crate::xml::{Element, Fault, Sink};

impl<V: Visitor> Walk<V> {
    fn xml_attributes(&mut self, element: &Element<'_>) {
        if self.here.kinds.has_attributes() {
            for attribute in element.attributes {
                let value = Cow::Borrowed(&*attribute.value);
                let (name, offset) = (&attribute.name, attribute.offset);
                self.visitor.attribute(&self.here, element, name, value, offset, false);
            }
        }
    }
}

impl<V: Visitor> Sink for Walk<V> {
    fn element(&mut self, element: &Element<'_>) -> Wants {
        if element.inert && !self.here.template_content {
            return Wants::Nothing;
        }
        self.xml_attributes(element);
        if Self::element(self, element) { Wants::Text } else { Wants::Nothing }
    }

    fn instruction(&mut self, link: &Element<'_>) {
        self.xml_attributes(link);
    }

    fn note(&mut self, text: &str, location: Location) {
        self.visitor.note(&self.here, text, location);
    }

    fn text(&mut self, text: &str) {
        self.push_text(text);
    }

    fn end(&mut self) {
        if let Some(Open::Text(text)) = self.open.pop() {
            self.visitor.end(&self.here, *text, End::EndTag, false);
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.visitor.fault(&self.here, fault);
    }
}
