//! One lexer per family of engines. A lexer knows its engine's rules and no HTML.

mod blade;
mod blade_names;
mod csharp;
mod django;
mod go;
mod handlebars;
pub(super) mod jinja;
mod liquid;
mod mako;
mod mustache;
pub(super) mod percent;
mod php;
mod php_code;
mod razor;
mod razor_element;
mod thymeleaf;

use super::dialect::{Dialect, Family};
use super::input::Lex;

/// The lexer of a dialect.
pub(super) fn lexer(dialect: Dialect) -> Box<dyn Lex> {
    match dialect.family() {
        Family::Django => Box::new(django::Django::new()),
        Family::Jinja(rules) => Box::new(jinja::Jinja::new(rules)),
        Family::Percent(rules) => Box::new(percent::Percent::new(rules)),
        Family::Liquid => Box::new(liquid::Liquid::new()),
        Family::Go => Box::new(go::Go::new()),
        Family::Handlebars => Box::new(handlebars::Handlebars::new()),
        Family::Mustache => Box::new(mustache::Mustache::new()),
        Family::Mako => Box::new(mako::Mako::new()),
        Family::Php => Box::new(php::Php::new()),
        Family::Blade => Box::new(blade::Blade::new()),
        Family::Razor => Box::new(razor::Razor::new()),
        Family::Thymeleaf => Box::new(thymeleaf::Thymeleaf::new()),
    }
}

#[cfg(test)]
mod tests;
