//! What is written into a `nonce` attribute, and how it is quoted.

use crate::error::{Error, ErrorKind, Result};
use crate::template::{Dialect, mask};

/// The text of a nonce attribute's value, fit to stand between quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NonceValue {
    text: String,
    quote: char,
    /// The attribute that holds it.
    name: &'static str,
}

/// Whether a text holds an expression of Thymeleaf, which it evaluates in its own attributes only.
pub(super) fn is_thymeleaf(text: &str) -> bool {
    let signs = ["${", "*{", "#{", "@{", "~{"];
    signs.iter().any(|sign| text.contains(sign))
}

impl NonceValue {
    /// A value for documents in this dialect: a nonce, a placeholder, or the dialect's code for one.
    ///
    /// It is written as it is, in double quotes, or in single ones when it holds double quotes. An expression of Thymeleaf is
    /// written into `th:nonce`, since plain attributes are not evaluated.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Nonce`] for an empty value, one with control characters or both kinds of quotes, and one whose template code
    /// the dialect's engine would refuse or would not end where the value ends.
    ///
    /// ```
    /// use cspseal::edit::nonce::NonceValue;
    /// use cspseal::template::Dialect;
    /// let value = NonceValue::new("{{ csp_nonce }}", Some(Dialect::Django))?;
    /// assert_eq!(value.attribute(), " nonce=\"{{ csp_nonce }}\"");
    /// let value = NonceValue::new("{{ csp_nonce(\"script\") }}", Some(Dialect::Twig))?;
    /// assert_eq!(value.attribute(), " nonce='{{ csp_nonce(\"script\") }}'");
    /// assert!(NonceValue::new("{{ csp_nonce", Some(Dialect::Django)).is_err());
    /// # Ok::<(), cspseal::Error>(())
    /// ```
    pub fn new(text: &str, dialect: Option<Dialect>) -> Result<Self> {
        let refuse = |why: &str| {
            let message = format!("{text:?} cannot be the value of a nonce attribute: {why}");
            Err(Error::new(ErrorKind::Nonce, message))
        };
        let quote = match (text.contains('"'), text.contains('\'')) {
            (false, _) => '"',
            (true, false) => '\'',
            (true, true) => return refuse("it holds both kinds of quotes; keep to one of them"),
        };
        if text.trim().is_empty() {
            return refuse("it is empty");
        }
        if text.chars().any(char::is_control) {
            return refuse("it holds control characters");
        }
        let is_evaluated = dialect == Some(Dialect::Thymeleaf) && is_thymeleaf(text);
        if is_evaluated && ["[[", "[("].iter().any(|inline| text.contains(inline)) {
            return refuse("Thymeleaf evaluates [[…]] in texts only; write the expression alone, as in ${cspNonce}");
        }
        let value = Self { text: text.to_owned(), quote, name: if is_evaluated { "th:nonce" } else { "nonce" } };
        if let Some(dialect) = dialect {
            value.check(dialect)?;
        }
        Ok(value)
    }

    /// Refuses code that does not end with the value.
    fn check(&self, dialect: Dialect) -> Result<()> {
        let tag = format!("<script{}>", self.attribute());
        let masked = mask(dialect, tag.as_bytes());
        let value = tag.len() - 2 - self.text.len()..tag.len() - 2;
        let inside =
            |span: &crate::template::HiddenSpan| value.start <= span.range.start && span.range.end <= value.end;
        if masked.problems.is_empty() && masked.spans.iter().all(inside) {
            return Ok(());
        }
        let message = format!(
            "{:?} cannot be the value of a nonce attribute: its template code does not end with it in {dialect}",
            self.text
        );
        Err(Error::new(ErrorKind::Nonce, message))
    }

    /// Whether there is template code in it.
    pub(super) fn has_code(&self, dialect: Dialect) -> bool {
        !mask(dialect, self.text.as_bytes()).spans.is_empty()
    }

    /// Whether an engine whose code stands between `open` and `close` finds none in `text`, where this value is to be
    /// inserted, but what the value is meant to be.
    pub(super) fn stands_between(&self, text: &str, open: &[u8], close: &[u8]) -> bool {
        let value = self.text.as_bytes();
        let is_code = value.strip_prefix(open).is_some_and(|rest| rest.ends_with(close));
        let around = match is_code {
            true => text.replacen(&self.text, "", 1),
            false => text.to_owned(),
        };
        !around.bytes().any(|byte| open.contains(&byte))
    }

    /// The text between the quotes.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The attribute with a space before it.
    #[must_use]
    pub fn attribute(&self) -> String {
        format!(" {}={}", self.name, self.quoted())
    }

    /// Whether an engine evaluates the attribute that holds it, and writes the one that browsers read.
    pub(super) fn is_evaluated(&self) -> bool {
        self.name != "nonce"
    }

    /// The value in its quotes.
    pub(super) fn quoted(&self) -> String {
        format!("{0}{1}{0}", self.quote, self.text)
    }

    /// Whether the value can stand between quotes of this kind.
    pub(super) fn fits(&self, quote: u8) -> bool {
        !self.text.as_bytes().contains(&quote)
    }

    /// Whether `found`, the source of an attribute's value, says the same but for spaces.
    pub(super) fn is(&self, found: &[u8]) -> bool {
        let dense = |text: &[u8]| -> Vec<u8> { text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect() };
        dense(found) == dense(self.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_would_break_the_tag_or_the_template_are_refused() {
        for (text, dialect) in [
            ("", None),
            (" ", None),
            ("a\nb", None),
            ("a\0", None),
            ("'\"", None),
            ("{{ a", Some(Dialect::Jinja)),
            ("{# a", Some(Dialect::Jinja)),
            ("<?= $a", Some(Dialect::Php)),
            ("<%= a", Some(Dialect::Ejs)),
        ] {
            let error = NonceValue::new(text, dialect).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Nonce, "{text}");
        }
        for (text, dialect) in [
            ("a>b", None),
            ("<?= $a['b'] ?>", Some(Dialect::Php)),
            ("{{ a > b }}", Some(Dialect::Jinja)),
            ("@Context.GetNonce()", Some(Dialect::Razor)),
            ("${csp_nonce}", Some(Dialect::Mako)),
            ("<!--#echo var=\"CSP_NONCE\" -->", None),
        ] {
            assert!(NonceValue::new(text, dialect).is_ok(), "{text}");
        }
    }

    #[test]
    fn thymeleaf_evaluates_its_own_attributes_only() {
        let thymeleaf = Some(Dialect::Thymeleaf);
        for (text, attribute) in [
            ("${cspNonce}", " th:nonce=\"${cspNonce}\""),
            ("${#ctx['n']}", " th:nonce=\"${#ctx['n']}\""),
            ("*{nonce}", " th:nonce=\"*{nonce}\""),
            ("CSP_NONCE_1b7e", " nonce=\"CSP_NONCE_1b7e\""),
        ] {
            let value = NonceValue::new(text, thymeleaf).unwrap();
            assert_eq!(value.attribute(), attribute);
        }
        let error = NonceValue::new("[[${cspNonce}]]", thymeleaf).unwrap_err();
        assert!(error.to_string().contains("${cspNonce}"), "{error}");
        let jsp = NonceValue::new("${cspNonce}", Some(Dialect::Jsp)).unwrap();
        assert_eq!(jsp.attribute(), " nonce=\"${cspNonce}\"");
    }
}
