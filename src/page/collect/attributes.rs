//! Inline resources in attributes: styles, handlers and `javascript:` URLs.

use std::borrow::Cow;

use super::Collector;
use super::beginning::Beginning;
use crate::finding::Code;
use crate::hash::HashSource;

use crate::page::element::{Element, excerpt};
use crate::page::evaluated::Library;
use crate::page::handlers::is_handler;
use crate::page::subject::{Nonce, What};
use crate::page::walk::Here;
use crate::page::{InlineKind, Resource, url};
use crate::template::looks_like_code;

impl Collector {
    /// Takes an attribute by the name that the rules know, with its decoded value; `offset` is where it starts in the
    /// tag, `has_code` whether there is template code in the value.
    pub(super) fn take_attribute(
        &mut self,
        here: &Here,
        element: &dyn Element,
        name: &str,
        value: Cow<'_, str>,
        offset: usize,
        has_code: bool,
    ) {
        let kind = if name == "style" {
            InlineKind::StyleAttribute
        } else if here.scriptless {
            return;
        } else if let Some(library) = Library::of(name.as_bytes()) {
            // An empty one has nothing to run, but for the data of Alpine.js.
            if !value.is_empty() || name == "x-data" {
                let location = element.location_at(offset);
                self.subject(here, element, location, || What::Evaluated(library));
                if self.evaluated {
                    let message = format!(
                        "{} runs the text of this attribute as code, which the policy blocks without 'unsafe-eval'",
                        library.name()
                    );
                    let code = Code::EvaluatedAttribute;
                    self.problems.add(here, code, location, message, library.instead());
                }
            }
            return;
        } else if is_handler(element.name(), element.namespace(), name) {
            InlineKind::EventHandler
        } else if url::is_navigated(element, name) {
            InlineKind::JavascriptUrl
        } else {
            return;
        };
        let is_javascript = |url| url::hashed_strings(url).is_some();
        if kind != InlineKind::JavascriptUrl || url::urls(name, &value).any(is_javascript) {
            if has_code {
                let location = element.location_at(offset);
                self.subject(here, element, location, || What::Inline {
                    kind,
                    spellings: None,
                    nonce: Nonce::None,
                    is_speculation_rules: false,
                });
                return self.dynamic(here, kind, location);
            }
            if here.is_plain()
                && let Some(code) = looks_like_code(&value)
            {
                self.problems.template_syntax(here, element.location_at(offset), code);
            }
        }
        let texts: Vec<Vec<String>> = match kind {
            InlineKind::JavascriptUrl => url::urls(name, &value).filter_map(url::hashed_strings).collect(),
            _ => vec![vec![value.into_owned()]],
        };
        for spellings in texts {
            let location = element.location_at(offset);
            let last = spellings.last().map_or("", String::as_str);
            // The last spelling of a URL is the decoded one, which runs.
            let code = match kind {
                InlineKind::JavascriptUrl => last.split_once(':').map(|(_, code)| code),
                InlineKind::EventHandler => Some(last),
                InlineKind::StyleAttribute | InlineKind::Script | InlineKind::Style => None,
            };
            if let Some(code) = code {
                self.attribute_script(here, element, location, code);
            }
            self.subject(here, element, location, || What::Inline {
                kind,
                spellings: Some(spellings.clone()),
                nonce: Nonce::None,
                is_speculation_rules: false,
            });
            let hash = |text: &String| HashSource::of(self.algorithm, text.as_bytes());
            let resource = Resource {
                kind,
                hashes: spellings.iter().map(hash).collect(),
                bytes: spellings[0].len() as u64,
                source: Some(excerpt(&element.raw()[offset..])),
                excerpt: Some(Beginning::of(&spellings[0]).excerpt().into()),
                text: self.texts.then(|| (&*spellings[0]).into()),
            };
            self.add(here, resource, location, element.is_inert());
        }
    }
}
