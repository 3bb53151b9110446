//! The frameworks: what stands between the quotes of `nonce="…"` in their templates, and how their policy is spelled.
//!
//! A nonce that templates spell in one way and the header in another is an outage, so both come from one row. Only
//! frameworks whose expression was run or stands in their sources are here, and only those whose nonce can be
//! written as the value of an attribute. Left out therefore: Thymeleaf (`th:nonce`, an attribute of another name),
//! the tag helpers of ASP.NET (likewise), Haml, Slim and HEEx (no dialect here), and Spring, JSP and Pyramid, which have
//! no nonce of their own.
//!
//! Some engines escape `+`, `/` or `=` of a nonce on its way into the page; browsers read it the same.

use std::fmt;
use std::str::FromStr;

use crate::page::InlineCheckType;
use crate::target::nonce::{self, NonceSpelling};
use crate::template::Dialect;

/// How a template of one dialect writes the nonce.
#[derive(Debug)]
struct Expression {
    dialect: Dialect,
    script: &'static str,
    style: &'static str,
}

impl Expression {
    const fn new(dialect: Dialect, text: &'static str) -> Self {
        Self {
            dialect,
            script: text,
            style: text,
        }
    }
}

/// One row of the table.
struct Row {
    framework: Framework,
    name: &'static str,
    aliases: &'static [&'static str],
    about: &'static str,
    expressions: &'static [Expression],
    spelling: &'static dyn NonceSpelling,
}

macro_rules! frameworks {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, [$($alias:literal),*], $about:literal, [$($expression:expr),+], $spelling:expr;)+) => {
        /// A framework that makes a nonce for every response and hands it to its templates.
        ///
        /// ```
        /// use cspseal::target::framework::Framework;
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
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Framework {
            $($(#[doc = $doc])+ $variant,)+
        }

        /// In the order of the variants.
        static TABLE: &[Row] = &[$(Row {
            framework: Framework::$variant,
            name: $name,
            aliases: &[$($alias),*],
            about: $about,
            expressions: &[$($expression),+],
            spelling: &$spelling,
        }),+];

        impl Framework {
            /// Every framework.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

frameworks! {
    /// Django's own middleware; `{{ request.csp_nonce }}` is empty there. Run on Django 6.1, its own templates and Jinja2's.
    Django = "django", [], "Django 6.0 or newer, without a package", [
        Expression::new(Dialect::Django, "{{ csp_nonce }}"),
        Expression::new(Dialect::Jinja, "{{ csp_nonce }}")
    ], nonce::Django;
    /// django-csp 4. Run on 4.0 with Django 5.2.
    DjangoCsp = "django-csp", [], "Django with django-csp 4", [
        Expression::new(Dialect::Django, "{{ request.csp_nonce }}"),
        Expression::new(Dialect::Jinja, "{{ request.csp_nonce }}")
    ], nonce::DjangoCsp4;
    /// django-csp 3. Run on 3.8 with Django 5.2.
    DjangoCsp3 = "django-csp3", [], "Django with django-csp 3", [
        Expression::new(Dialect::Django, "{{ request.csp_nonce }}"),
        Expression::new(Dialect::Jinja, "{{ request.csp_nonce }}")
    ], nonce::DjangoCsp3;
    /// Flask with the functions that its spelling prints. Run on Flask 3.1.
    Flask = "flask", [], "Flask without an extension", [
        Expression::new(Dialect::Jinja, "{{ csp_nonce() }}")
    ], nonce::Flask;
    /// Flask-Talisman. Run on 1.1 with Flask 3.1.
    FlaskTalisman = "flask-talisman", ["talisman"], "Flask with Flask-Talisman", [
        Expression::new(Dialect::Jinja, "{{ csp_nonce() }}")
    ], nonce::FlaskTalisman;
    /// Starlette and FastAPI with the middleware that its spelling prints. Run on Starlette 1.10.
    Starlette = "starlette", ["fastapi"], "Starlette and FastAPI with Jinja2Templates", [
        Expression::new(Dialect::Jinja, "{{ request.state.csp_nonce }}")
    ], nonce::Starlette;
    /// Rails' own policy. Run on 6.1.
    Rails = "rails", [], "Rails 6.0 or newer, ERB templates", [
        Expression::new(Dialect::Erb, "<%= content_security_policy_nonce %>")
    ], nonce::Rails;
    /// Express with helmet and the middleware that its spelling prints. Run on helmet 8.3 and Express 5 with EJS 7,
    /// express-handlebars 8, Nunjucks 3.2 and mustache-express 1.3.
    Express = "express", ["ejs", "helmet"], "Express with helmet 8", [
        Expression::new(Dialect::Ejs, "<%= cspNonce %>"),
        Expression::new(Dialect::Handlebars, "{{cspNonce}}"),
        Expression::new(Dialect::Nunjucks, "{{ cspNonce }}"),
        Expression::new(Dialect::Mustache, "{{cspNonce}}")
    ], nonce::Helmet;
    /// Go with github.com/unrolled/secure; the handler passes the nonce in a field `Nonce`, and `$` is what it passes
    /// wherever the template is. Run on 1.0.9 with Go 1.19.
    Go = "go", [], "Go's html/template with github.com/unrolled/secure", [
        Expression::new(Dialect::Go, "{{$.Nonce}}")
    ], nonce::Unrolled;
    /// Plain PHP with the variable that its spelling prints. Run on PHP 8.2.
    Php = "php", [], "plain PHP", [
        Expression::new(Dialect::Php, "<?= $cspNonce ?>")
    ], nonce::Php;
    /// Laravel with spatie/laravel-csp. Read in its README and sources.
    Laravel = "laravel", ["spatie"], "Laravel with spatie/laravel-csp 3", [
        Expression::new(Dialect::Blade, "{{ csp_nonce() }}")
    ], nonce::Laravel;
    /// Symfony with NelmioSecurityBundle, whose header gets the nonce for the elements that asked for it. Read in its sources.
    Symfony = "symfony", ["nelmio"], "Symfony with NelmioSecurityBundle 3", [
        Expression {
            dialect: Dialect::Twig,
            script: "{{ csp_nonce('script') }}",
            style: "{{ csp_nonce('style') }}",
        }
    ], nonce::Symfony;
}

impl Framework {
    /// The name as `--framework` takes it, lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.row().about
    }

    /// The template dialects whose expression is known, the usual one first.
    pub fn dialects(self) -> impl Iterator<Item = Dialect> {
        self.row().expressions.iter().map(|e| e.dialect)
    }

    /// What stands between the quotes of the `nonce` attribute of an element that this check is about; `None` for
    /// a dialect that does not go with the framework.
    #[must_use]
    pub fn expression(self, dialect: Dialect, check: InlineCheckType) -> Option<&'static str> {
        let expressions = self.row().expressions;
        let expression = expressions.iter().find(|e| e.dialect == dialect)?;
        Some(match check {
            InlineCheckType::Style | InlineCheckType::StyleAttribute => expression.style,
            _ => expression.script,
        })
    }

    /// How the policy is written for it.
    #[must_use]
    pub fn spelling(self) -> &'static dyn NonceSpelling {
        self.row().spelling
    }

    /// Other names of the framework, or of a part of it that people say.
    #[must_use]
    pub fn aliases(self) -> &'static [&'static str] {
        self.row().aliases
    }

    /// The framework of that name or alias, in any case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let is = |n: &&str| n.eq_ignore_ascii_case(name);
        let row = TABLE
            .iter()
            .find(|row| is(&row.name) || row.aliases.iter().any(is))?;
        Some(row.framework)
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
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
            let names: Vec<_> = Self::ALL.iter().map(|f| f.name()).collect();
            format!("unknown framework {name:?}; known are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{HiddenKind, mask};

    fn expressions() -> impl Iterator<Item = (Framework, Dialect, &'static str)> {
        Framework::ALL.iter().flat_map(|&framework| {
            framework.dialects().flat_map(move |dialect| {
                [InlineCheckType::Script, InlineCheckType::Style].map(|check| {
                    (
                        framework,
                        dialect,
                        framework.expression(dialect, check).unwrap(),
                    )
                })
            })
        })
    }

    #[test]
    fn the_table_follows_the_variants() {
        for (index, framework) in Framework::ALL.iter().enumerate() {
            assert_eq!(*framework as usize, index);
            assert_eq!(framework.row().framework, *framework);
        }
    }

    #[test]
    fn every_name_is_kebab_case_and_says_one_framework() {
        let all = Framework::ALL.iter();
        let mut names: Vec<_> = all
            .flat_map(|f| f.aliases().iter().copied().chain([f.name()]))
            .collect();
        let count = names.len();
        for &framework in Framework::ALL {
            let name = framework.name();
            assert!(
                name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-'),
                "{name}"
            );
            assert!(
                name.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{name}"
            );
            assert_eq!(Framework::find(&name.to_ascii_uppercase()), Some(framework));
            assert_eq!(name.parse(), Ok(framework));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(Framework::find("EJS"), Some(Framework::Express));
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
            assert!(
                !(expression.contains('"') && expression.contains('\'')),
                "{framework} {dialect}"
            );
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
        for &framework in Framework::ALL {
            let mut dialects: Vec<_> = framework.dialects().collect();
            assert!(!dialects.is_empty());
            dialects.sort_unstable();
            dialects.dedup();
            assert_eq!(dialects.len(), framework.dialects().count(), "{framework}");
        }
    }

    #[test]
    fn another_dialect_has_no_expression() {
        assert_eq!(
            Framework::Rails.expression(Dialect::Go, InlineCheckType::Script),
            None
        );
    }

    #[test]
    fn symfony_tells_scripts_from_styles() {
        let of = |check| Framework::Symfony.expression(Dialect::Twig, check).unwrap();
        assert!(of(InlineCheckType::Script).contains("script"));
        assert!(of(InlineCheckType::Style).contains("style"));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let message = "zope".parse::<Framework>().unwrap_err();
        assert!(
            message.contains("\"zope\"") && message.contains("flask-talisman"),
            "{message}"
        );
    }
}
