//! What is written into the attributes, by the dialect of each file.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::cli::args::NonceElement;
use crate::cli::config::NonceText;
use crate::cli::settings::{FileSettings, NonceSettings, SentNonce};
use crate::edit::nonce::{NonceBinding, NonceOptions, NonceValue, NoncedElements};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Code, Finding};
use crate::nonce::{NonceSource, Placeholder};
use crate::page::InlineCheckType;
use crate::policy::{InlineCheckType as Check, Keyword, Policy, SourceExpression};
use crate::target::Framework;
use crate::template::{Dialect, Templates};

/// Where the value comes from.
enum Source {
    Framework(Framework),
    Text(String),
    Placeholder(Placeholder),
}

/// The values for all files.
pub(super) struct Values {
    source: Source,
    templates: Templates,
    options: Box<dyn Fn(NonceValue) -> NonceOptions + Sync>,
    /// Those of the dialects that were asked for.
    by_dialect: Mutex<HashMap<Option<Dialect>, NonceOptions>>,
}

impl Values {
    /// From what the arguments and the configuration say.
    pub(super) fn new(nonce: &NonceSettings, files: &FileSettings) -> anyhow::Result<Self> {
        let source = match &nonce.text {
            NonceText::Framework(framework) => Source::Framework(*framework),
            NonceText::Value(text) => Source::Text(text.clone()),
            NonceText::Placeholder(text) if text == "random" => Source::Placeholder(Placeholder::random()?),
            NonceText::Placeholder(text) => Source::Placeholder(Placeholder::new(text.clone())),
        };
        let templates = match (&source, files.template) {
            (Source::Framework(framework), Templates::Auto) => framework.templates(),
            (_, templates) => templates,
        };
        let has = |element| nonce.elements.contains(&element);
        let elements = NoncedElements {
            scripts: has(NonceElement::Script),
            styles: has(NonceElement::Style),
            links: has(NonceElement::Link),
        };
        let (replace, charset) = (nonce.replace, files.charset);
        let values = Self {
            source,
            templates,
            options: Box::new(move |value| {
                NonceOptions::new(value)
                    .with_elements(elements)
                    .with_replace(replace)
                    .with_templates(templates)
                    .with_charset(charset)
            }),
            by_dialect: Mutex::default(),
        };
        if !matches!(values.source, Source::Framework(_)) {
            // A value that fits nowhere is one error, not one for each file.
            values.value(None, InlineCheckType::Script)?;
        }
        Ok(values)
    }

    /// The framework whose expression is written.
    pub(super) fn framework(&self) -> Option<Framework> {
        match &self.source {
            Source::Framework(framework) => Some(*framework),
            Source::Text(_) | Source::Placeholder(_) => None,
        }
    }

    /// How the file at `path` is rewritten.
    pub(super) fn options(&self, path: &Path) -> Result<NonceOptions> {
        let dialect = self.templates.dialect_of(path);
        let known = || {
            let known = self.by_dialect.lock();
            known.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(options) = known().get(&dialect) {
            return Ok(options.clone());
        }
        let script = self.value(dialect, InlineCheckType::Script)?;
        let style = self.value(dialect, InlineCheckType::Style)?;
        let binding = dialect.and_then(|dialect| self.binding(dialect));
        let options = (self.options)(script).with_style_value(style);
        let options = options.with_binding(binding.unwrap_or_default());
        known().insert(dialect, options.clone());
        Ok(options)
    }

    /// How a file without any element that needs a nonce is rewritten: as it is.
    pub(super) fn unfilled(&self) -> Result<NonceOptions> {
        Ok((self.options)(NonceValue::new("unfilled", None)?))
    }

    /// The expression that is written into templates of a dialect, and how their engine fills it; `None` if it is no code.
    pub(super) fn expression(&self, dialect: Dialect) -> Option<(String, NonceBinding)> {
        let binding = self.binding(dialect)?;
        let value = self.value(Some(dialect), InlineCheckType::Script).ok()?;
        Some((value.text().to_owned(), binding))
    }

    fn binding(&self, dialect: Dialect) -> Option<NonceBinding> {
        match &self.source {
            Source::Framework(framework) => framework.binding(dialect),
            Source::Text(_) if self.is_code() => Some(NonceBinding::default()),
            Source::Text(_) | Source::Placeholder(_) => None,
        }
    }

    fn value(&self, dialect: Option<Dialect>, check: InlineCheckType) -> Result<NonceValue> {
        match &self.source {
            Source::Framework(framework) => {
                let expression = dialect.and_then(|dialect| framework.expression(dialect, check));
                let expression = expression.ok_or_else(|| {
                    let dialects: Vec<_> = framework.dialects().map(Dialect::name).collect();
                    let found = dialect.map_or("plain HTML", Dialect::name);
                    let message = format!(
                        "{framework} has no expression for the nonce in {found}, only in {}; name the dialect with --template, or leave the file out with --exclude",
                        dialects.join(", ")
                    );
                    Error::new(ErrorKind::Nonce, message)
                })?;
                NonceValue::new(expression, dialect)
            }
            Source::Text(text) => NonceValue::new(text, dialect),
            Source::Placeholder(placeholder) => NonceValue::new(&placeholder.to_string(), dialect),
        }
    }

    /// Whether it is for templates: what a server replaces stands in built pages.
    pub(super) fn is_code(&self) -> bool {
        match &self.source {
            Source::Framework(_) => true,
            Source::Text(text) => text.parse::<NonceSource>().is_err(),
            Source::Placeholder(_) => false,
        }
    }

    /// How the files are read.
    pub(super) fn templates(&self) -> Templates {
        self.templates
    }

    /// The nonce that a policy names; [`None`] when the value is none by CSP's grammar and the policy has to be spelled by
    /// hand.
    pub(super) fn sent(&self) -> Option<SentNonce> {
        let text = match &self.source {
            Source::Framework(framework) => return Some(SentNonce::Framework(*framework)),
            Source::Text(text) => text.clone(),
            Source::Placeholder(placeholder) => placeholder.to_string(),
        };
        let is_one = text.parse::<NonceSource>().is_ok();
        is_one.then_some(SentNonce::Placeholder(Some(text)))
    }

    /// The value when it is code, of which only its framework knows how a policy names the nonce.
    pub(super) fn unknown_code(&self) -> Option<&str> {
        match &self.source {
            Source::Text(text) if text.parse::<NonceSource>().is_err() => Some(text),
            _ => None,
        }
    }

    /// What there is to say about the value itself, given the base policy.
    pub(super) fn findings(&self, base: Option<&Policy>) -> Vec<Finding> {
        match &self.source {
            Source::Framework(_) => Vec::new(),
            Source::Text(text) if text.parse::<NonceSource>().is_ok() => vec![Finding::new(
                Code::StaticNonce,
                format!("{text:?} is the same for every response, so an injected script can carry it"),
                "write your framework's expression with --framework or --value, or have a server replace --placeholder random",
            )],
            Source::Text(_) => Vec::new(),
            Source::Placeholder(placeholder) => invalid_placeholder(placeholder, base).into_iter().collect(),
        }
    }
}

fn invalid_placeholder(placeholder: &Placeholder, base: Option<&Policy>) -> Option<Finding> {
    let why = placeholder.nonce().err()?;
    let is_open = |check| {
        let directive = base.and_then(|base| base.effective_directive(check));
        let keyword = SourceExpression::Keyword(Keyword::UnsafeInline);
        directive.is_some_and(|directive| directive.sources().contains(&keyword))
    };
    let consequence = if is_open(Check::Script) || is_open(Check::Style) {
        "and 'unsafe-inline' beside it in the policy is then open to everybody"
    } else {
        "and 'unsafe-inline' beside it would then be open to everybody"
    };
    Some(Finding::new(
        Code::InvalidPlaceholder,
        format!(
            "{:?} is no nonce by CSP's grammar: {why}; browsers drop it where it was not replaced, {consequence}",
            placeholder.to_string()
        ),
        "use --placeholder random, or letters, digits, -, _, + and / only",
    ))
}
