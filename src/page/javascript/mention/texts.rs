//! The texts in a script that may be HTML or CSS, put together from what is literal in sums and templates.

use oxc_ast::ast::{BinaryOperator, Expression, TemplateLiteral};
use oxc_span::GetSpan;

use super::{Reader, Use};
use crate::page::Destination;
use crate::page::javascript::markup::{each_url, has_opening, has_url};
use crate::page::javascript::url_text::by_name;
use crate::page::marked::CODE;

/// A text that is put together, and where each of its literals begins in it and in the script.
#[derive(Default)]
struct Whole {
    text: String,
    places: Vec<(usize, u32)>,
}

impl Whole {
    fn literal(&mut self, text: &str, offset: u32) {
        self.places.push((self.text.len(), offset));
        self.text.push_str(text);
    }

    fn template(&mut self, it: &TemplateLiteral<'_>) {
        for (at, quasi) in it.quasis.iter().enumerate() {
            if at > 0 {
                self.text.push(CODE);
            }
            let text = quasi.value.cooked;
            self.literal(text.map_or("", |text| text.as_str()), it.span.start);
        }
    }
}

/// Whether something is so of a text that is literal in a part.
fn is_any(part: &Expression<'_>, is: fn(&str) -> bool) -> bool {
    match part {
        Expression::StringLiteral(it) => is(&it.value),
        Expression::TemplateLiteral(it) => is_any_of_template(it, is),
        _ => false,
    }
}

fn is_any_of_template(it: &TemplateLiteral<'_>, is: fn(&str) -> bool) -> bool {
    let mut texts = it.quasis.iter().filter_map(|quasi| quasi.value.cooked);
    texts.any(|text| is(text.as_str()))
}

/// The parts of a sum from the last on; of anything else that alone.
fn parts<'s, 'a>(sum: &'s Expression<'a>) -> impl Iterator<Item = &'s Expression<'a>> {
    let mut rest = Some(sum);
    std::iter::from_fn(move || match rest? {
        Expression::BinaryExpression(it) if it.operator == BinaryOperator::Addition => {
            rest = Some(&it.left);
            Some(&it.right)
        }
        first => {
            rest = None;
            Some(first)
        }
    })
}

impl Reader {
    /// Takes what a literal or a sum may be as HTML or CSS.
    pub(super) fn sum_text(&mut self, sum: &Expression<'_>) {
        let has = |is| parts(sum).any(|part| is_any(part, is));
        if !has(has_url) || !has(has_opening) {
            return;
        }
        let mut whole = Whole::default();
        for part in parts(sum).collect::<Vec<_>>().into_iter().rev() {
            match part {
                Expression::StringLiteral(it) => whole.literal(&it.value, it.span.start),
                Expression::TemplateLiteral(it) => whole.template(it),
                _ => whole.text.push(CODE),
            }
        }
        self.markup(&whole, sum.span().start);
    }

    /// The same for a template.
    pub(super) fn template_text(&mut self, it: &TemplateLiteral<'_>) {
        if is_any_of_template(it, has_url) && is_any_of_template(it, has_opening) {
            let mut whole = Whole::default();
            whole.template(it);
            self.markup(&whole, it.span.start);
        }
    }

    /// Takes the URLs in a text that begins at a byte.
    fn markup(&mut self, whole: &Whole, start: u32) {
        let used = self.uses.get(&start).copied();
        if used == Some(Use::Nothing) {
            return;
        }
        each_url(&whole.text, &mut |destination, url, at| {
            let before = whole.places.partition_point(|(place, _)| *place <= at);
            let offset = before.checked_sub(1).map_or(start, |at| whole.places[at].1);
            let is_font = used == Some(Use::As(Destination::Font)) || by_name(url, "") == Some(Destination::Font);
            let destination = match destination {
                Destination::Image if is_font => Destination::Font,
                other => other,
            };
            self.url(url, offset, None, Some(Use::As(destination)));
        });
    }
}
