//! The URLs that a script mentions, and what it does that a policy decides on at run time.
//!
//! Nothing says for certain what a script does with a URL. What is seen is where it stands: in a call of `fetch`, behind `src =`,
//! in an `import()`, in a text of HTML or CSS. Else the name of the file tells, else it counts as a connection.

mod calls;
mod texts;

use std::collections::HashMap;

use oxc_ast::ast::{
    Argument, AssignmentExpression, AssignmentTarget, BinaryOperator, CallExpression, ExportAllDeclaration,
    ExportFromDeclaration, Expression, ImportDeclaration, ImportExpression, NewExpression, Program,
    StaticMemberExpression, StringLiteral, TemplateLiteral,
};
use oxc_ast_visit::{VisitJs, walk_js};
use oxc_span::GetSpan;

use super::imports::of_options;
use super::url_text::{absolute_url, by_name};
use crate::page::Destination;
use calls::of_property;

/// A URL in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// As it is written, or the beginning of it that is known.
    pub(crate) url: Box<str>,
    /// The byte of the text at which its literal begins.
    pub(crate) offset: u32,
    pub(crate) destination: Destination,
    pub(crate) relative: Relative,
}

/// What a URL in a script is relative to, if it is relative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relative {
    /// The document that runs the script.
    Document,
    /// The script itself.
    Script,
    /// The same, as the specifier of a dynamic import.
    Import,
}

named! {
    /// What a script does that a policy decides on when it runs.
    pub(crate) enum Sign {
        /// It runs a text as code.
        Eval = "eval",
        /// It makes a worker whose URL is not known.
        Worker = "worker",
        /// It makes a worker of a file of the site.
        OwnWorker = "own-worker",
        /// It compiles WebAssembly.
        WebAssembly = "webassembly",
    }
}

/// What is seen of the use of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// It is fetched so.
    As(Destination),
    /// It is the `src` of an element.
    Source,
    /// It is the `href` of an element.
    Reference,
    /// It is compared, opened as a page or told to another window, and not fetched.
    Nothing,
}

/// What was found in a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    /// In source order.
    pub(crate) urls: Vec<Mention>,
    /// The byte at which each was seen first.
    pub(crate) signs: Vec<(Sign, u32)>,
}

/// The mentions in a script.
pub(super) fn mentions(program: &Program<'_>) -> Mentions {
    let mut reader = Reader::default();
    reader.visit_program(program);
    let made = match &reader.made[..] {
        [made] => Some(*made),
        _ => None,
    };
    let mut urls: Vec<Mention> = reader
        .found
        .into_iter()
        .filter_map(|found| {
            let destination = match (found.used, found.by_name) {
                (Some(Use::Nothing), _) => return None,
                (Some(Use::As(destination)), _) | (_, Some(destination)) => destination,
                (Some(Use::Source), None) => made.unwrap_or(Destination::Connect),
                (Some(Use::Reference), None) if made == Some(Destination::Style) => Destination::Style,
                // Somebody follows it.
                (Some(Use::Reference), None) => return None,
                (None, None) => Destination::Connect,
            };
            Some(Mention { url: found.url, offset: found.offset, destination, relative: found.relative })
        })
        .collect();
    urls.sort_by_key(|mention| mention.offset);
    let mut signs = reader.signs;
    signs.sort_unstable();
    signs.dedup_by_key(|(sign, _)| *sign);
    Mentions { urls, signs }
}

/// A URL, and what is seen of its use.
struct Found {
    url: Box<str>,
    offset: u32,
    used: Option<Use>,
    by_name: Option<Destination>,
    relative: Relative,
}

#[derive(Default)]
struct Reader {
    found: Vec<Found>,
    signs: Vec<(Sign, u32)>,
    /// The use of what begins at this byte, if that is seen.
    uses: HashMap<u32, Use>,
    /// The elements with a URL that the script makes, each kind once.
    made: Vec<Destination>,
}

/// Up to so many branches of a value are followed to the URLs in them.
const MOST_BRANCHES: usize = 8;

impl Reader {
    /// Takes a text that begins a URL. `end` is the end of the whole text where something unknown is between; [`None`] if the text is
    /// whole.
    fn text(&mut self, text: &str, offset: u32, end: Option<&str>) {
        let used = self.uses.get(&offset).copied();
        self.url(text, offset, end, used);
    }

    /// The same, with its use.
    fn url(&mut self, text: &str, offset: u32, end: Option<&str>, used: Option<Use>) {
        if let Some(url) = absolute_url(text, end.is_some()) {
            // Of a path that goes on the last part is unknown. One with a brace is filled in by the script.
            let (whole, url) = (url, &url[..url.find('{').unwrap_or(url.len())]);
            let is_open = end.is_some() || url.len() < whole.len();
            let is_cut = is_open && !url.contains(['?', '#']);
            let folder = url.rfind('/').map_or(url, |at| &url[..=at]);
            self.found.push(Found {
                url: if is_cut { folder } else { url }.into(),
                offset,
                used,
                by_name: by_name(whole, end.unwrap_or_default()),
                relative: Relative::Document,
            });
        }
    }

    fn sign(&mut self, sign: Sign, offset: u32) {
        // The first comes first but in sums, which are read from the right.
        let known = self.signs.iter_mut().find(|(known, _)| *known == sign);
        match known {
            Some((_, first)) => *first = offset.min(*first),
            None => self.signs.push((sign, offset)),
        }
    }

    fn make(&mut self, element: &str) {
        let made = match element.to_ascii_lowercase().as_str() {
            "script" => Destination::Script,
            "img" => Destination::Image,
            "iframe" => Destination::Frame,
            "link" => Destination::Style,
            _ => return,
        };
        if !self.made.contains(&made) {
            self.made.push(made);
        }
    }

    /// Says how a value is used.
    fn is_used(&mut self, value: &Expression<'_>, used: Use) {
        let mut rest = vec![value];
        for _ in 0..MOST_BRANCHES {
            match rest.pop() {
                None => return,
                Some(Expression::ParenthesizedExpression(it)) => rest.push(&it.expression),
                Some(Expression::ConditionalExpression(it)) => {
                    rest.extend([&it.consequent, &it.alternate]);
                }
                Some(Expression::LogicalExpression(it)) => rest.extend([&it.left, &it.right]),
                // What it is added to begins there, too.
                Some(it) => {
                    self.uses.insert(it.span().start, used);
                }
            }
        }
    }

    fn argument_is_used(&mut self, arguments: &[Argument<'_>], index: usize, used: Use) {
        let argument = arguments.get(index).and_then(Argument::as_expression);
        if let Some(argument) = argument {
            self.is_used(argument, used);
        }
    }

    /// Takes a part of a sum that is a literal.
    fn part(&mut self, part: &Expression<'_>, end: Option<&str>) {
        match part {
            Expression::StringLiteral(it) => self.text(&it.value, it.span.start, end),
            Expression::TemplateLiteral(it) => self.template(it, end),
            other => self.visit_expression(other),
        }
    }

    fn template(&mut self, it: &TemplateLiteral<'_>, end: Option<&str>) {
        let cooked = |at: usize| it.quasis.get(at).and_then(|quasi| quasi.value.cooked);
        let own = it.quasis.len().checked_sub(1).filter(|last| *last > 0);
        let own = own.map(|last| cooked(last).map_or("", |text| text.as_str()));
        if let Some(text) = cooked(0) {
            self.text(&text, it.span.start, end.or(own));
        }
        for expression in &it.expressions {
            self.visit_expression(expression);
        }
    }
}

/// The last name of an object; empty if it has none.
fn name_of<'a>(object: &Expression<'a>) -> &'a str {
    match object {
        Expression::Identifier(it) => it.name.as_str(),
        Expression::StaticMemberExpression(it) => it.property.name.as_str(),
        _ => "",
    }
}

/// The text of a literal.
pub(super) fn literal<'a>(of: &Expression<'a>) -> Option<&'a str> {
    match of {
        Expression::StringLiteral(it) => Some(it.value.as_str()),
        Expression::TemplateLiteral(it) => it.single_quasi().map(|text| text.as_str()),
        _ => None,
    }
}

/// The end of a text, which a part of it shows.
fn end_of<'a>(part: &Expression<'a>) -> &'a str {
    match part {
        Expression::StringLiteral(it) => it.value.as_str(),
        _ => "",
    }
}

impl<'a> VisitJs<'a> for Reader {
    /// Chains of operators and members nest to the left without any token that opens a level, so they are followed in a loop.
    fn visit_expression(&mut self, it: &Expression<'a>) {
        let mut at = it;
        // The end of the sum whose beginning comes.
        let mut end: Option<&str> = None;
        let mut is_in_sum = false;
        loop {
            at = match at {
                Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
                    if !std::mem::replace(&mut is_in_sum, true) {
                        self.sum_text(at);
                    }
                    match &sum.right {
                        // Only the scheme can come before a URL in a sum.
                        Expression::StringLiteral(it) if it.value.starts_with("//") => {
                            self.text(&it.value, it.span.start, end.map(|_| ""));
                        }
                        Expression::StringLiteral(_) => {}
                        Expression::TemplateLiteral(it) => self.template(it, None),
                        other => self.visit_expression(other),
                    }
                    end = end.or(Some(end_of(&sum.right)));
                    &sum.left
                }
                Expression::BinaryExpression(it) => {
                    if it.operator.is_equality() {
                        self.is_used(&it.left, Use::Nothing);
                        self.is_used(&it.right, Use::Nothing);
                    }
                    self.visit_expression(&it.right);
                    (end, is_in_sum) = (None, false);
                    &it.left
                }
                Expression::LogicalExpression(it) => {
                    self.visit_expression(&it.right);
                    (end, is_in_sum) = (None, false);
                    &it.left
                }
                Expression::StaticMemberExpression(it) => {
                    // Transpilers write so what was a template.
                    end = (it.property.name == "concat").then_some("");
                    is_in_sum = false;
                    &it.object
                }
                Expression::PrivateFieldExpression(it) => {
                    (end, is_in_sum) = (None, false);
                    &it.object
                }
                Expression::TaggedTemplateExpression(it) => {
                    self.visit_template_literal(&it.quasi);
                    (end, is_in_sum) = (None, false);
                    &it.tag
                }
                Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => {
                    if !is_in_sum {
                        self.sum_text(at);
                    }
                    return self.part(at, end);
                }
                other => return walk_js::walk_expression(self, other),
            }
        }
    }

    fn visit_string_literal(&mut self, it: &StringLiteral<'a>) {
        self.text(&it.value, it.span.start, None);
    }

    fn visit_template_literal(&mut self, it: &TemplateLiteral<'a>) {
        self.template_text(it);
        self.template(it, None);
    }

    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        self.visit_expression(&it.object);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.call(it);
        walk_js::walk_call_expression(self, it);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        self.construction(it);
        walk_js::walk_new_expression(self, it);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        let used = match &it.left {
            AssignmentTarget::StaticMemberExpression(member) => {
                match (name_of(&member.object), member.property.name.as_str()) {
                    ("location", "href") => Some(Use::Nothing),
                    (_, name) => of_property(name),
                }
            }
            AssignmentTarget::AssignmentTargetIdentifier(name) if name.name == "location" => Some(Use::Nothing),
            _ => None,
        };
        if let Some(used) = used {
            self.is_used(&it.right, used);
        }
        walk_js::walk_assignment_expression(self, it);
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        let used = match of_options(it.options.as_ref()) {
            Some(destination) => Use::As(destination),
            None => Use::Nothing,
        };
        match literal(&it.source) {
            Some(text) => self.found.push(Found {
                url: text.into(),
                offset: it.source.span().start,
                used: Some(used),
                by_name: None,
                relative: Relative::Import,
            }),
            None => {
                self.is_used(&it.source, used);
                self.visit_expression(&it.source);
            }
        }
        if let Some(options) = &it.options {
            self.visit_expression(options);
        }
    }

    // Static imports are no mentions.
    fn visit_import_declaration(&mut self, _: &ImportDeclaration<'a>) {}

    fn visit_export_all_declaration(&mut self, _: &ExportAllDeclaration<'a>) {}

    fn visit_export_from_declaration(&mut self, _: &ExportFromDeclaration<'a>) {}
}

#[cfg(test)]
mod tests;
