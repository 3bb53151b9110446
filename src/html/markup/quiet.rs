//! Stretches of a plain body in which there is nothing to see.
//!
//! They consist of text and of tags that nobody asks about and that leave the body as plain as it was. What begins and ends
//! within the stretch may be more than that: a template, a drawing in SVG, a `noscript`.

use super::MarkupSink;
use super::note::{self, Note};
use super::plain::{self, end_tag, near, raw_text, start_tag};
use crate::html::asked::LOUD;
use crate::html::name::Name;

/// How many bytes from the start of `input`, which is outside tags in a plain body, are quiet: up to the `<` of the first
/// thing that is not, or to the end of the input where that is text.
pub(super) fn quiet_len(input: &[u8], sink: &impl MarkupSink) -> usize {
    let mut at = 0;
    // How many templates are open, and where the outermost starts.
    let mut templates = 0;
    let mut outermost = 0;
    while let Some(open) = near(b'<', &input[at..]) {
        at += open;
        match quiet(&input[at..], sink) {
            Some(Quiet::Whole(len)) => at += len,
            Some(Quiet::Template(len)) => {
                if templates == 0 {
                    outermost = at;
                }
                templates += 1;
                at += len;
            }
            Some(Quiet::TemplateEnd(len)) => {
                templates = usize::saturating_sub(templates, 1);
                at += len;
            }
            None => return if templates > 0 { outermost } else { at },
        }
    }
    if templates > 0 { outermost } else { input.len() }
}

/// What the `<` at the start of some input begins, and how long that is.
enum Quiet {
    /// Something that changes nothing for what follows.
    Whole(usize),
    /// The start tag of a template, whose content changes nothing behind its end tag.
    Template(usize),
    TemplateEnd(usize),
}

fn quiet(input: &[u8], sink: &impl MarkupSink) -> Option<Quiet> {
    let byte = *input.get(1)?;
    if byte == b'/' {
        let len = end_tag(input)?;
        return Some(if is(&input[2..len - 1], "template") { Quiet::TemplateEnd(len) } else { Quiet::Whole(len) });
    }
    if byte == b'!' {
        return comment(input).map(Quiet::Whole);
    }
    if !byte.is_ascii_alphabetic() {
        return None;
    }
    let tag = start_tag(input, |name, value| sink.heeds(name, value))?;
    let name = &input[1..=tag.name_len];
    if tag.heeded {
        None
    } else if !sink.asked().may_matter(name) {
        Some(Quiet::Whole(tag.len))
    } else if is(name, "template") {
        Some(Quiet::Template(tag.len))
    } else if is(name, "svg") {
        drawing_len(input, sink).map(Quiet::Whole)
    } else if is(name, "noscript") && sink.has_scripting() {
        let content = &input[tag.len..];
        let (text, len) = raw_text(name, content)?;
        // Without scripting it would be markup.
        let is_quiet = quiet_len(&content[..text], sink) == text;
        is_quiet.then_some(Quiet::Whole(tag.len + len))
    } else {
        let is_loud = LOUD.iter().any(|loud| is(name, loud));
        let is_quiet = !is_loud && !sink.asked().has(Name::from_bytes(name));
        is_quiet.then_some(Quiet::Whole(tag.len))
    }
}

/// The length of a comment that does not speak to this program.
fn comment(input: &[u8]) -> Option<usize> {
    let text = input.strip_prefix(b"<!--")?;
    if note::find(text, true) != Note::None {
        return None;
    }
    plain::comment(input)
}

fn is(name: &[u8], lower: &str) -> bool {
    name.eq_ignore_ascii_case(lower.as_bytes())
}

/// Elements that drawings consist of. None of them leads out of SVG, and markup in them is SVG.
const DRAWN: [&str; 20] = [
    "circle",
    "clippath",
    "defs",
    "ellipse",
    "g",
    "line",
    "lineargradient",
    "marker",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialgradient",
    "rect",
    "stop",
    "symbol",
    "text",
    "tspan",
    "use",
];

/// How deep a drawing may be nested.
const DEEPEST: usize = 16;

/// The length of a quiet drawing at the start of `input`, from `<svg` to `</svg>`: each element in it is closed where it was opened.
fn drawing_len(input: &[u8], sink: &impl MarkupSink) -> Option<usize> {
    let mut open: [&[u8]; DEEPEST] = [b""; DEEPEST];
    let mut depth = 0;
    let mut at = 0;
    loop {
        at += near(b'<', &input[at..])?;
        let rest = &input[at..];
        let byte = *rest.get(1)?;
        if byte == b'/' {
            let len = end_tag(rest)?;
            depth -= 1;
            if !rest[2..len - 1].eq_ignore_ascii_case(open[depth]) {
                return None;
            }
            at += len;
        } else if byte.is_ascii_alphabetic() {
            let tag = start_tag(rest, |name, value| sink.heeds(name, value))?;
            let name = &rest[1..=tag.name_len];
            let is_drawn = depth == 0 || DRAWN.iter().any(|drawn| is(name, drawn));
            if tag.heeded || !is_drawn {
                return None;
            }
            if !tag.self_closing {
                *open.get_mut(depth)? = name;
                depth += 1;
            }
            at += tag.len;
        } else {
            at += comment(rest)?;
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RawTag, Token};
    use super::*;
    use crate::html::asked::Asked;
    use crate::html::names as n;

    /// Asks for the attribute `x` and for `meta`.
    struct Asking;

    impl MarkupSink for Asking {
        fn reach(&mut self, _: usize) {}
        fn token(&mut self, _: Token<'_>) {}
        fn note(&mut self, _: &[u8], _: &[u8]) {}
        fn start_tag(&mut self, _: RawTag<'_>, _: &[u8]) -> bool {
            false
        }
        fn heeds(&self, attribute: &[u8], _: &[u8]) -> bool {
            attribute == b"x"
        }
        fn asked(&self) -> &Asked {
            const META: Asked = Asked::NONE.with(&[n::meta]);
            &META
        }
        fn has_scripting(&self) -> bool {
            true
        }
        fn heeds_doctype(&self) -> bool {
            false
        }
        fn is_quiet(&self) -> bool {
            true
        }
        fn cdata_allowed(&self) -> bool {
            false
        }
        fn cut(&self, text: &[u8]) -> usize {
            text.len()
        }
    }

    #[test]
    fn quiet_markup_ends_where_something_is_to_be_seen() {
        for (quiet, rest) in [
            ("a<b c=d>e</b>f", ""),
            ("a<b>", "<b x>"),
            ("a<link>", "<meta>"),
            ("a<b>", "<SCRIPT>"),
            ("a<scripts>", "<math>"),
            ("a<!-- <b x> -->b", "<!-- cspseal-allow a -->"),
            ("a<b>", "<!doctype html>"),
            ("a<b>", "< b>"),
            ("a</script></svg></template>", "<b"),
            ("a", "</b c>d"),
        ] {
            let input = format!("{quiet}{rest}");
            assert_eq!(quiet_len(input.as_bytes(), &Asking), quiet.len(), "{input}");
        }
    }

    #[test]
    fn what_is_closed_again_is_quiet() {
        for quiet in [
            "a<svg/>",
            "a<svg><!-- </svg> --></svg>",
            "a<SVG b='c'><g><path d=e /><G></g>f</g></Svg>",
            "a<template><td>b</body><template><svg></svg></template></template>",
            "a<noscript>b<p c='d'>e</NOSCRIPT>",
            "a<noscript><link></noscript>",
        ] {
            let input = format!("{quiet}c<d");
            let len = input.len() - 2;
            assert_eq!(quiet_len(input.as_bytes(), &Asking), len, "{input}");
        }
        for loud in [
            "<svg>",
            "<svg><p></svg>",
            "<svg></g></svg>",
            "<svg><g></svg>",
            "<svg><g x></g></svg>",
            "<svg><title></title></svg>",
            "<svg><![CDATA[ ]]></svg>",
            "<template>b",
            "<template><b x></template>",
            "<template><template></template><table></template>",
            "<noscript>b",
            "<noscript>b</noscripts>",
            "<noscript><b x></noscript>",
            "<noscript><meta></noscript>",
            "<noscript>b<b</noscript>",
            "<noscript>b<b c='</noscript>",
            "<noscript><template></noscript></template>",
        ] {
            let input = format!("a{loud}");
            assert_eq!(quiet_len(input.as_bytes(), &Asking), 1, "{input}");
        }
        let deep = format!("<svg>{}{}</svg>", "<g>".repeat(DEEPEST), "</g>".repeat(DEEPEST));
        assert_eq!(quiet_len(deep.as_bytes(), &Asking), 0);
    }
}
