//! Django: `{{ }}`, `{% %}` and `{# #}`, each on one line, ending at the first end whatever is quoted.
//!
//! The whole of Django's lexer is one regular expression, `{%.*?%}|{{.*?}}|{#.*?#}`, whose dot does not match a line
//! feed: a beginning without its end on the same line is text. A `{% verbatim %}` block is cut by
//! the same expression, and only the tag that ends it counts; a `{% comment %}` is skipped over by
//! the parser, token by token. Run against Django 5.2.

use memchr::{memchr, memmem};

use crate::template::input::{Input, Lex, MAX_HELD, Noted, Step, Unfinished, is_space, note};
use crate::template::{HiddenKind, ProblemKind};

/// Second byte of the beginning, end.
const ENDS: [(u8, &[u8]); 3] = [(b'{', b"}}"), (b'%', b"%}"), (b'#', b"#}")];

#[derive(Debug)]
pub(super) struct Django {
    /// The content of the tag that ends the verbatim block.
    verbatim: Option<Vec<u8>>,
    verbatim_at: usize,
    /// In `{% comment %}`.
    comment: bool,
    /// Up to where it is known that each of [`ENDS`] is missing.
    missing: [usize; 3],
    /// Up to where it is known that the line goes on.
    line: usize,
}

impl Django {
    pub(super) fn new() -> Self {
        Self { verbatim: None, verbatim_at: 0, comment: false, missing: [0; 3], line: 0 }
    }

    /// `len` bytes that are no token.
    fn pass(&self, len: usize) -> Step {
        if self.comment { Step::inside(len) } else { Step::text(len) }
    }

    /// The token at the beginning of the input, with its end.
    fn token(&mut self, token: &[u8], at: usize) -> Step {
        let len = token.len();
        let content = trim(&token[2..len - 2]);
        if token[1] != b'%' {
            if self.comment || self.verbatim.is_some() {
                return self.pass(len);
            }
            let output = token[1] == b'{';
            let kind = if output { HiddenKind::Output } else { HiddenKind::Comment };
            return Step::Whole(kind, len);
        }
        if let Some(end) = &self.verbatim {
            if content != end {
                return self.pass(len);
            }
            self.verbatim = None;
            return self.delimiter(len);
        }
        if content == b"verbatim" || content.starts_with(b"verbatim ") {
            self.verbatim = Some([b"end", content].concat());
            self.verbatim_at = at;
            return self.delimiter(len);
        }
        if self.comment {
            if content == b"endcomment" {
                self.comment = false;
                return Step::Close(len);
            }
            return Step::Inside(len);
        }
        let name = content.split(|&b| is_space(b)).next();
        if name == Some(b"comment") {
            self.comment = true;
            return Step::Open(HiddenKind::Comment, len);
        }
        Step::Whole(HiddenKind::Statement, len)
    }

    fn delimiter(&self, len: usize) -> Step {
        if self.comment { Step::Inside(len) } else { Step::Whole(HiddenKind::Verbatim, len) }
    }
}

impl Lex for Django {
    fn step(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        let brace = memchr(b'{', input.bytes).unwrap_or(input.bytes.len());
        if brace > 0 {
            return self.pass(brace);
        }
        let Some(&second) = input.bytes.get(1) else {
            return if input.last { self.pass(1) } else { Step::More };
        };
        let Some(which) = ENDS.iter().position(|(b, _)| *b == second) else {
            return self.pass(1);
        };
        if input.at < self.missing[which] {
            return self.pass(1);
        }
        let end = ENDS[which].1;
        let held = &input.bytes[..input.bytes.len().min(MAX_HELD)];
        let known = self.line.saturating_sub(input.at).min(held.len());
        let line = memchr(b'\n', &held[known..]).map(|at| known + at);
        let line_end = line.unwrap_or(held.len());
        self.line = input.at + line_end;
        if let Some(found) = memmem::find(held.get(2..line_end).unwrap_or_default(), end) {
            return self.token(&held[..2 + found + 2], input.at);
        }
        if line.is_none() && !input.last && held.len() < MAX_HELD {
            return Step::More;
        }
        self.missing[which] = input.at + line_end;
        if second != b'#' && !self.comment && self.verbatim.is_none() {
            note(problems, ProblemKind::Literal, input.at);
        }
        self.pass(1)
    }

    fn unfinished(&self, open: bool) -> Unfinished {
        if open {
            Unfinished::Construct
        } else if self.verbatim.is_some() {
            Unfinished::Block(self.verbatim_at)
        } else {
            Unfinished::Nothing
        }
    }
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    // Python's `strip` also takes the separators U+001C to U+001F.
    let space = |b: u8| is_space(b) || matches!(b, 0x1c..=0x1f);
    while let [first, rest @ ..] = bytes
        && space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && space(*last)
    {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Dialect;
    use crate::template::lexer::tests::{check, hidden, problems};

    #[test]
    fn fragments() {
        check(
            Dialect::Django,
            &[
                "<script{{ attrs }}>",
                "<script/xxxxxxxxxx>",
                "<a href={{ url }}>",
                "<a href=xxxxxxxxx>",
                "<script {% if a > b %}defer{% endif %} src=\"{% static 'x.js' %}\">",
                "<script               defer            src=\"                   \">",
                "<a>{{ \"<script>\" }}</a>",
                "<a>                </a>",
                "<script {% if x %}nonce=\"n\"{% endif %}>",
                "<script           nonce=\"n\"           >",
                "<script src={% static 'a' %} nonce=\"n\">",
                "<script src=xxxxxxxxxxxxxxxx nonce=\"n\">",
                "<a href =  {% url 'a' %} b>",
                "<a href =  xxxxxxxxxxxxx b>",
                "<a {{ a }} class=\"{{ b }} c\">",
                "<a xxxxxxx class=\"xxxxxxx c\">",
                "<{{ tag }} a></{{ tag }}>",
                "<xxxxxxxxx a></xxxxxxxxx>",
                // A quoted end is an end.
                "<a {{ \"}}\" }}>",
                "<a xxxxxx\" }}>",
                "{% a '%}' %}",
                "        ' %}",
                // Over two lines it is text; the next one on the line is found.
                "{{ a\n}} {% b\n%} {# c\n#} {{ {% d %} {# e #}",
                "{{ a\n}} {% b\n%} {# c\n#} {{                ",
                "{{{ a }}} {%%} {{}} {%}\n{{% a %}",
                "        }           {%}\n{       ",
                "a{# <b> #}c{% comment \"x\" %}<script>\n{% comment %}{% endcomment x %}{{ {% endcomment %}d{% endcomment %}",
                "a         c                         \n                                                  d                ",
                // The lexer sees the verbatim block first.
                "{% comment %}{% verbatim %}{% endcomment %}{% endverbatim %}{% endcomment %}<b>",
                "                                                                            <b>",
                "{% verbatim %}{{ a }}{% b %}{# c #}{% endverbatim a %}{%endverbatim%}{{ d }}",
                "              {{ a }}{% b %}{# c #}{% endverbatim a %}                      ",
                "{% verbatim x %}{% endverbatim %}{% endverbatim x %}{{ d }}",
                "                {% endverbatim %}                          ",
                // There is no whitespace control.
                "{%- comment -%}<b>{%- endcomment -%}",
                "               <b>                  ",
                "<script>\n{% if a %}\"<\"{% endif %}</script><p {{ x }}>",
                "<script>\n          \"<\"           </script><p xxxxxxx>",
                "{% if a %}<script async>{% else %}<script {{ b }}>{% endif %}</script>",
                "          <script async>          <script xxxxxxx>           </script>",
                "<script>if (a<b && c==\"{{ x }}\") d='</script><p {{ x }}>",
                "<script>if (a<b && c==\"       \") d='</script><p xxxxxxx>",
                "<!-- ' {{ a }} > -- --><p {{ a }} title='>{{ a }}'{{ a }}>{{ a }}",
                "<!-- '         > -- --><p xxxxxxx title='>xxxxxxx'xxxxxxx>       ",
            ],
        );
    }

    #[test]
    fn what_has_no_end_is_told() {
        use ProblemKind::{Literal, Unterminated};
        for (text, expected) in [
            ("{{ a }}", vec![]),
            ("a{{ b\nc }}", vec![(Literal, 1)]),
            ("{% a {% b\n", vec![(Literal, 0)]),
            ("a{#b", vec![]),
            ("a{% comment %}{{", vec![(Unterminated, 1)]),
            ("a{% verbatim %}{{", vec![(Unterminated, 1)]),
        ] {
            assert_eq!(problems(Dialect::Django, text), expected, "{text}");
        }
    }

    #[test]
    fn spans_have_their_kind() {
        assert_eq!(
            hidden(Dialect::Django, "a{{ b }}{% c %}{# d #}{% verbatim %}{{{% endverbatim %}"),
            [
                (HiddenKind::Output, "{{ b }}"),
                (HiddenKind::Statement, "{% c %}"),
                (HiddenKind::Comment, "{# d #}"),
                (HiddenKind::Verbatim, "{% verbatim %}"),
                (HiddenKind::Verbatim, "{% endverbatim %}"),
            ]
        );
        assert_eq!(
            hidden(Dialect::Django, "{% comment %}<b>{% endcomment %}"),
            [(HiddenKind::Comment, "{% comment %}<b>{% endcomment %}")]
        );
    }
}
