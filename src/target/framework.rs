//! The frameworks: the targets that make a nonce for every response and hand it to their templates.
//!
//! A nonce that templates spell in one way and the header in another is an outage, so both come from one row. A framework has
//! a row only if its expression was run or is in its sources, and only if the nonce can be
//! written as the value of an attribute. Left out therefore: the tag helpers of ASP.NET (an attribute of another name),
//! Haml, Slim and HEEx (no dialect here), and Spring with Thymeleaf or JSP and Pyramid, which have no nonce of their own.
//!
//! Some engines escape `+`, `/` or `=` of a nonce on its way into the page; browsers read it the same.

use std::fmt;
use std::str::FromStr;

use super::{TARGETS, Target};
use crate::edit::nonce::NonceBinding;
use crate::page::InlineCheckType;
use crate::template::{Dialect, Templates};

/// How the templates of a framework name the nonce, and how people name the framework.
#[derive(Debug)]
#[non_exhaustive]
pub struct NonceTemplates {
    /// The name that `--framework` takes, lower case.
    pub framework: &'static str,
    /// Other names of the framework, or of a part of it.
    pub aliases: &'static [&'static str],
    /// The framework, in a few words.
    pub about: &'static str,
    /// The expressions by dialect, the usual one first.
    pub expressions: &'static [Expression],
    /// Whether the nonce is left out of responses in which no template used it.
    pub omits_unused: bool,
}

/// How a template of one dialect writes the nonce.
#[derive(Debug)]
#[non_exhaustive]
pub struct Expression {
    /// The dialect.
    pub dialect: Dialect,
    /// Between the quotes of the `nonce` attribute of a script.
    pub script: &'static str,
    /// Between those of a style.
    pub style: &'static str,
    /// How the engine fills it.
    pub binding: NonceBinding,
}

impl NonceTemplates {
    /// Those of a framework with no other name.
    #[must_use]
    pub const fn new(framework: &'static str, about: &'static str, expressions: &'static [Expression]) -> Self {
        Self { framework, aliases: &[], about, expressions, omits_unused: false }
    }

    /// The same, of a framework that leaves the nonce out of responses in which no template used it.
    #[must_use]
    pub const fn omitting_unused(mut self) -> Self {
        self.omits_unused = true;
        self
    }
}

impl Expression {
    /// One text for scripts and styles.
    #[must_use]
    pub const fn new(dialect: Dialect, text: &'static str) -> Self {
        Self { dialect, script: text, style: text, binding: NonceBinding::GLOBAL }
    }

    /// The same, filled in another way than a global.
    #[must_use]
    pub const fn with_binding(mut self, binding: NonceBinding) -> Self {
        self.binding = binding;
        self
    }
}

/// A target that makes a nonce for every response and hands it to its templates.
///
/// ```
/// use cspseal::target::Framework;
/// use cspseal::page::InlineCheckType;
/// use cspseal::template::Dialect;
///
/// let rails: Framework = "rails".parse()?;
/// assert_eq!(rails.dialects().collect::<Vec<_>>(), [Dialect::Erb]);
/// assert_eq!(
///     rails.expression(Dialect::Erb, InlineCheckType::Script),
///     Some("<%= content_security_policy_nonce %>"),
/// );
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy)]
pub struct Framework {
    target: &'static Target,
    templates: &'static NonceTemplates,
}

impl Framework {
    /// Every framework, in the order of [`TARGETS`].
    pub fn all() -> impl Iterator<Item = Self> {
        TARGETS.iter().filter_map(|target| Some(Self { target: *target, templates: target.templates? }))
    }

    /// The name as `--framework` takes it, lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.templates.framework
    }

    /// The framework, in a few words.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.templates.about
    }

    /// Other names of the framework, or of a part of it.
    #[must_use]
    pub const fn aliases(self) -> &'static [&'static str] {
        self.templates.aliases
    }

    /// The target that spells its policies.
    #[must_use]
    pub const fn target(self) -> &'static Target {
        self.target
    }

    /// The template dialects whose expression is known, the usual one first.
    pub fn dialects(self) -> impl Iterator<Item = Dialect> {
        self.templates.expressions.iter().map(|e| e.dialect)
    }

    /// How its templates are read where their extensions leave that open.
    #[must_use]
    pub fn templates(self) -> Templates {
        self.dialects().next().map_or(Templates::Auto, Templates::Otherwise)
    }

    /// The text between the quotes of the `nonce` attribute of an element that this check is about; `None` for
    /// a dialect that does not go with the framework.
    #[must_use]
    pub fn expression(self, dialect: Dialect, check: InlineCheckType) -> Option<&'static str> {
        let mut expressions = self.templates.expressions.iter();
        let expression = expressions.find(|e| e.dialect == dialect)?;
        Some(match check {
            InlineCheckType::Style | InlineCheckType::StyleAttribute => expression.style,
            _ => expression.script,
        })
    }

    /// How the engine of a dialect fills that text.
    #[must_use]
    pub fn binding(self, dialect: Dialect) -> Option<NonceBinding> {
        let mut expressions = self.templates.expressions.iter();
        Some(expressions.find(|e| e.dialect == dialect)?.binding)
    }

    /// The framework of that name or alias, in any case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let is = |n: &str| n.eq_ignore_ascii_case(name);
        Self::all().find(|f| is(f.name()) || f.aliases().iter().any(|alias| is(alias)))
    }
}

impl PartialEq for Framework {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Framework {}

impl fmt::Debug for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Framework").field(&self.name()).finish()
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Framework {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::find(name).ok_or_else(|| {
            let names: Vec<_> = Self::all().map(Self::name).collect();
            format!("unknown framework {name:?}; known are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::policy::{DirectiveName, Policy};
    use crate::target::tests::fixture::{BASE, HOSTILE, PAGES, PLAIN, both, deployed, enforced, text};
    use crate::target::{Disposition, Scope, SentPolicy, default_target, print, print_into};
    use crate::template::{HiddenKind, mask};

    fn frameworks() -> impl Iterator<Item = &'static Target> {
        Framework::all().map(Framework::target)
    }

    fn named(name: &str) -> Framework {
        Framework::find(name).unwrap()
    }

    fn expressions() -> impl Iterator<Item = (Framework, Dialect, &'static str)> {
        Framework::all().flat_map(|framework| {
            framework.dialects().flat_map(move |dialect| {
                [InlineCheckType::Script, InlineCheckType::Style]
                    .map(|check| (framework, dialect, framework.expression(dialect, check).unwrap()))
            })
        })
    }

    #[test]
    fn every_name_is_kebab_case_and_says_one_framework() {
        let mut names: Vec<_> = Framework::all().flat_map(|f| f.aliases().iter().copied().chain([f.name()])).collect();
        let count = names.len();
        for framework in Framework::all() {
            let name = framework.name();
            assert!(name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-'), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
            assert_eq!(Framework::find(&name.to_ascii_uppercase()), Some(framework));
            assert_eq!(name.parse(), Ok(framework));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(Framework::find("EJS"), Framework::find("express"));
    }

    #[test]
    fn every_expression_is_one_output_of_its_dialect() {
        for (framework, dialect, expression) in expressions() {
            let masked = mask(dialect, expression.as_bytes());
            assert!(masked.problems.is_empty(), "{framework} {dialect}");
            assert_eq!(masked.spans.len(), 1, "{framework} {dialect}");
            let span = &masked.spans[0];
            assert_eq!(span.kind, HiddenKind::Output, "{framework} {dialect}");
            assert_eq!(span.range, 0..expression.len(), "{framework} {dialect}");
        }
    }

    #[test]
    fn every_expression_fits_between_quotes() {
        for (framework, dialect, expression) in expressions() {
            assert!(!(expression.contains('"') && expression.contains('\'')), "{framework} {dialect}");
            // What is inserted is `nonce="…"`.
            assert!(!expression.contains('"'), "{framework} {dialect}");
            let attribute = format!("<script nonce=\"{expression}\">");
            let masked = mask(dialect, attribute.as_bytes());
            let start = "<script nonce=\"".len();
            assert_eq!(masked.spans[0].range, start..start + expression.len());
            assert!(masked.bytes.ends_with(b"\">"), "{framework} {dialect}");
        }
    }

    #[test]
    fn a_dialect_stands_once_in_a_row() {
        for framework in Framework::all() {
            let mut dialects: Vec<_> = framework.dialects().collect();
            assert!(!dialects.is_empty());
            dialects.sort_unstable();
            dialects.dedup();
            assert_eq!(dialects.len(), framework.dialects().count(), "{framework}");
        }
    }

    #[test]
    fn another_dialect_has_no_expression() {
        assert_eq!(named("rails").expression(Dialect::Go, InlineCheckType::Script), None);
    }

    #[test]
    fn symfony_tells_scripts_from_styles() {
        let of = |check| named("symfony").expression(Dialect::Twig, check).unwrap();
        assert!(of(InlineCheckType::Script).contains("script"));
        assert!(of(InlineCheckType::Style).contains("style"));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let message = "zope".parse::<Framework>().unwrap_err();
        assert!(message.contains("\"zope\"") && message.contains("flask-talisman"), "{message}");
    }

    #[test]
    fn what_a_framework_drops_or_refuses_is_an_error() {
        for (base, refusing) in [
            ("fenced-frame-src 'self'", &["django-csp", "django-csp3", "laravel", "symfony"][..]),
            ("webrtc 'block'", &["django-csp3", "laravel", "symfony"]),
            ("sandbox", &["symfony"]),
            ("report-to none", &["helmet", "symfony"]),
            ("report-to sha256-x", &["helmet", "laravel"]),
            ("trusted-types sha256-x", &["helmet", "laravel", "symfony"]),
        ] {
            for target in frameworks() {
                let printed = deployed(base, &[("a.html", "")], Scope::Site, |deployment| print(target, deployment));
                let name = target.name();
                let Err(error) = printed else {
                    assert!(!refusing.contains(&name), "{name} {base}");
                    continue;
                };
                assert!(refusing.contains(&name), "{name} {base}");
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                let directive = base.split(' ').next().unwrap();
                assert!(error.to_string().contains(directive), "{error}");
            }
        }
    }

    #[test]
    fn no_framework_knows_pages() {
        for target in frameworks() {
            let printed = deployed(BASE, PAGES, Scope::Page, |d| print(target, d));
            assert_eq!(printed.unwrap_err().kind(), ErrorKind::Unsupported);
        }
    }

    #[test]
    fn a_block_in_a_settings_file_is_replaced_and_the_rest_stays() {
        let mut count = 0;
        for target in frameworks().filter(|target| target.name() != "php") {
            let Some(comment) = target.comment else {
                assert!(!target.merges());
                continue;
            };
            count += 1;
            let printed = enforced(target);
            let into = |existing: &str| {
                deployed(BASE, PAGES, Scope::Site, |deployment| {
                    let merged = print_into(target, deployment, existing.as_bytes());
                    String::from_utf8(merged.unwrap()).unwrap()
                })
            };
            let expected = format!(
                "before\r\n{comment} cspseal begin\r\n{}{comment} cspseal end\r\nafter",
                printed.replace('\n', "\r\n")
            );
            let existing = format!("before\r\n{comment} cspseal begin\r\nold\r\n{comment} cspseal end\r\nafter");
            assert_eq!(into(&existing), expected);
            assert_eq!(into(&expected), expected);
        }
        assert!(count >= 10, "{count}");
    }

    #[test]
    fn no_framework_prints_the_nonce_it_was_given() {
        for target in frameworks() {
            for policy in [PLAIN, HOSTILE] {
                let text = text(target, policy);
                assert!(!text.contains("nonce-N"), "{text}");
                assert!(text.ends_with('\n'), "{text}");
            }
        }
    }

    #[test]
    fn a_directive_left_out_is_named_in_a_comment() {
        let policy = "fenced-frame-src 'self'; img-src *; script-src 'nonce-N'";
        for target in frameworks() {
            let text = text(target, policy);
            let left_out = target.unknown_directives.contains(&DirectiveName::FencedFrameSrc);
            assert_eq!(text.contains("fenced-frame-src is left out"), left_out, "{text}");
        }
    }

    #[test]
    fn without_a_nonce_nothing_mentions_one() {
        for target in frameworks() {
            // django-csp 3 is told that no directive has one.
            let text = enforced(target).replace("CSP_INCLUDE_NONCE_IN = []", "");
            let text = text.to_ascii_lowercase();
            assert!(!text.contains("nonce"), "{text}");
        }
    }

    /// The policy is empty in the text too: no directive is set but the default of packages that have one, and all brackets are closed.
    #[test]
    fn an_empty_policy_is_printed_too() {
        let servers = TARGETS.iter().copied().filter(|t| t.server.is_some());
        for target in frameworks().chain(servers) {
            for nonce in [None, Some("N".parse().unwrap())] {
                let policy = Policy::default();
                let sent = SentPolicy { policy: &policy, nonce: nonce.as_ref(), disposition: Disposition::Enforce };
                let text = target.write(&[sent]).unwrap();
                assert!(!text.contains("'nonce-"), "{text}");
                for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
                    let count = |c| text.matches(c).count();
                    assert_eq!(count(open), count(close), "{text}");
                }
                let spelled = text.to_ascii_lowercase().replace('_', "-");
                for name in ["script-src", "style-src", "img-src", "report-uri"] {
                    assert!(!spelled.contains(name), "{name} in {text}");
                }
                let default = spelled.contains("default-src") || spelled.contains("defaultsrc");
                assert!(!default || text.contains("None"), "{text}");
            }
        }
        assert_eq!(text(default_target(), ""), "");
    }

    #[test]
    fn one_policy_with_a_nonce_is_enough_for_the_pages_to_have_it() {
        let plain = "img-src 'self'; script-src 'self'";
        for target in frameworks().filter(|target| target.why_one.is_none()) {
            for (enforced, reported) in [(plain, PLAIN), (PLAIN, plain), (PLAIN, PLAIN)] {
                let spelled = both(target, enforced, reported).unwrap();
                assert!(!spelled.contains("nonce-N"), "{spelled}");
                let alone = text(target, PLAIN);
                // What makes the nonce, or says how the pages get it, is there once.
                for part in ["token_urlsafe", "randomBytes", "random_bytes", "context_processors"] {
                    let count = alone.matches(part).count();
                    assert_eq!(spelled.matches(part).count(), count, "{spelled}");
                }
            }
        }
    }
}
