//! Tags and helpers that write the element of a script or style themselves: the text between them is no HTML, and the mask
//! hides it.
//!
//! Read in the sources of Rails, secure_headers 6.3, Eleventy's bundles, Grav, django-csp 4, django-jsx 0.5, django-static-precompiler 2.4, CakePHP and
//! laminas-view; taken from the documentation of Shopify, Craft and Liferay.

use std::sync::LazyLock;

use fancy_regex::Regex;

use super::dialect::Dialect;
use super::outline::tags::tag;
use super::ruby::{Ruby, inner};

use Dialect::{Blade, Django, Handlebars, Jinja, Jsp, Liquid, Nunjucks, Php, Twig};

/// How the tag of a script is found in code.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// A tag of this name, up to the one that ends it.
    Tag(&'static str),
    /// The same, of one that stands alone where it has an argument but for these words.
    TagWith(&'static str, &'static [&'static str]),
    /// The first text in the code, up to the second one.
    Text(&'static str),
}

/// Dialects, the tag, and how it ends.
const TAGS: &[(&[Dialect], &str, Form)] = &[
    (&[Django, Jinja], "script", Form::Tag("endscript")),
    (&[Django], "jsx", Form::Tag("endjsx")),
    (&[Django], "inlinecompile", Form::Tag("endinlinecompile")),
    (&[Liquid], "javascript", Form::Tag("endjavascript")),
    (&[Liquid], "stylesheet", Form::Tag("endstylesheet")),
    (&[Liquid], "style", Form::Tag("endstyle")),
    (&[Liquid], "schema", Form::Tag("endschema")),
    (&[Liquid, Nunjucks], "js", Form::Tag("endjs")),
    (&[Liquid, Nunjucks], "css", Form::Tag("endcss")),
    (&[Twig], "js", Form::TagWith("endjs", PLACES)),
    (&[Twig], "css", Form::TagWith("endcss", PLACES)),
    (&[Twig], "script", Form::TagWith("endscript", PLACES)),
    (&[Twig], "style", Form::TagWith("endstyle", PLACES)),
    (&[Twig], "includejs", Form::Tag("endincludejs")),
    (&[Twig], "includecss", Form::Tag("endincludecss")),
    (&[Twig], "includehirescss", Form::Tag("endincludehirescss")),
    (&[Handlebars], "{{#js", Form::Text("{{/js")),
    (&[Handlebars], "{{#css", Form::Text("{{/css")),
    (&[Php, Blade], "scriptStart(", Form::Text("scriptEnd(")),
    (&[Php, Blade], "Script()->captureStart(", Form::Text("Script()->captureEnd(")),
    (&[Php, Blade], "headStyle()->captureStart(", Form::Text("headStyle()->captureEnd(")),
    (&[Jsp], "<aui:script", Form::Text("</aui:script")),
];

/// The words of Craft and Grav behind which such a tag has no text as its argument.
const PLACES: &[&str] = &["at", "with", "in", "on", "priority"];

/// The helpers of Rails that take a block.
static HELPER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?<![\w.@:])(?:(?:nonced_|hashed_)?javascript_tag\b|(?:nonced|hashed)_style_tag\b|tag\.(?:script|style)\b|content_tag[\s(]+[:"'](?:script|style)\b)"#,
    )
    .ok()
});

/// Follows the code of a template.
#[derive(Debug)]
pub(super) struct Scripts {
    dialect: Dialect,
    has_any: bool,
    /// The names of its tags and of those that end them; `None` where other code is one.
    names: Option<Vec<&'static str>>,
    /// Where the tag begins whose text follows, and what ends it.
    open: Option<(usize, Form)>,
    /// Whether only space has followed that tag.
    is_before_text: bool,
    /// The blocks of Rails' helpers, and where they begin.
    ruby: Ruby<usize>,
}

impl Scripts {
    pub(super) fn new(dialect: Dialect) -> Self {
        let has_any = dialect == Dialect::Erb || TAGS.iter().any(|(dialects, ..)| dialects.contains(&dialect));
        let rows = || TAGS.iter().filter(|(dialects, ..)| dialects.contains(&dialect));
        let name = |(_, start, form): &(_, &'static str, Form)| match form {
            Form::Tag(end) | Form::TagWith(end, _) => Some([*start, *end]),
            Form::Text(_) => None,
        };
        let names: Option<Vec<_>> = match dialect {
            Dialect::Erb => None,
            _ => rows().map(name).collect(),
        };
        Self {
            dialect,
            has_any,
            names: names.map(|names| names.into_iter().flatten().collect()),
            open: None,
            is_before_text: false,
            ruby: Ruby::default(),
        }
    }

    /// Whether the dialect has such tags.
    pub(super) fn has_any(&self) -> bool {
        self.has_any
    }

    /// Whether what follows is the text of a script or style.
    pub(super) fn is_inside(&self) -> bool {
        self.unclosed().is_some()
    }

    /// Where the tag stands whose text has not ended.
    pub(super) fn unclosed(&self) -> Option<usize> {
        let open = self.open.map(|(start, _)| start);
        open.or_else(|| self.ruby.outermost())
    }

    /// Takes text of the page. A section of Handlebars that begins with markup is no script: its name is one of the data.
    pub(super) fn text(&mut self, text: &[u8]) {
        if !self.is_before_text || self.dialect != Handlebars {
            return;
        }
        if let Some(first) = text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            self.is_before_text = false;
            self.open.take_if(|_| *first == b'<');
        }
    }

    /// Whether code with this first word, in lower case, may be such a tag.
    pub(super) fn may_be(&self, first: &[u8]) -> bool {
        let is_one = |names: &Vec<&str>| names.iter().any(|name| name.as_bytes() == first);
        self.has_any && self.names.as_ref().is_none_or(is_one)
    }

    /// Takes code that begins at `start`; tags outside the page's own text write no element.
    pub(super) fn see(&mut self, code: &str, start: usize, is_outside: bool) {
        if self.dialect == Dialect::Erb {
            let is_helper = || {
                let helper = HELPER.as_ref()?;
                helper.find(inner(code)).ok().flatten()
            };
            let begun = is_outside.then(is_helper).flatten().map(|_| start);
            return self.ruby.take(code, begun, &mut |_| {});
        }
        if let Some((_, form)) = self.open {
            if ends(self.dialect, form, code) {
                self.open = None;
            }
        } else if is_outside {
            self.open = begun(self.dialect, code).map(|form| (start, form));
            self.is_before_text = true;
        }
    }
}

/// Whether some code ends the text of a tag.
fn ends(dialect: Dialect, form: Form, code: &str) -> bool {
    match form {
        Form::Tag(end) | Form::TagWith(end, _) => tag(dialect, code).is_some_and(|tag| tag.name == end),
        Form::Text(end) => code.contains(end),
    }
}

/// The tag that some code begins.
fn begun(dialect: Dialect, code: &str) -> Option<Form> {
    let statement = code.starts_with("{%").then(|| tag(dialect, code)).flatten();
    let begins = |row: &&(&[Dialect], &str, Form)| {
        let (dialects, start, form) = row;
        let is_tag = statement.is_some_and(|tag| tag.name == *start);
        dialects.contains(&dialect)
            && match form {
                Form::Tag(_) => is_tag,
                Form::TagWith(_, words) => {
                    let rest = statement.map_or("", |tag| tag.rest());
                    let first = rest.split_whitespace().next();
                    is_tag && first.is_none_or(|first| words.contains(&first))
                }
                Form::Text(end) => {
                    let behind = code.rfind(start).map(|at| &code[at + start.len()..]);
                    let is_word = |behind: &str| {
                        start.ends_with('(') || !behind.starts_with(|c: char| c.is_alphanumeric() || c == '-')
                    };
                    behind.is_some_and(|behind| is_word(behind) && !behind.contains(end) && !code.ends_with("/>"))
                }
            }
    };
    Some(TAGS.iter().find(begins)?.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::mask;

    /// Between the first two `¦` the text of a script is hidden; nothing else is.
    #[test]
    fn the_text_of_tags_that_write_the_element_is_hidden() {
        use Dialect::Erb;
        for (dialect, source) in [
            (Erb, "<%= javascript_tag do %>¦a <b \"<style>\"¦<% end %><script>"),
            (Erb, "<%= javascript_tag nonce: true do -%>¦<a¦<%- end -%><b>"),
            (Erb, "<%= javascript_tag(type: 'module') do |a| %>¦<a¦<% end %><b>"),
            (Erb, "<%= content_tag :script, nonce: true do %>¦<a¦<% end %><b>"),
            (Erb, "<%= content_tag(\"style\") do %>¦<a¦<% end %><b>"),
            (Erb, "<%= tag.script type: \"x\" do %>¦<a¦<% end %><b>"),
            (Erb, "<%= nonced_javascript_tag do %>¦<a¦<% end %><b>"),
            (Erb, "<%= tag.style { %>¦<a¦<% } %><b>"),
            (Erb, "<% content_for :js do %><p><%= javascript_tag do %>¦<a¦<% end %><b><% end %>"),
            (Django, "{% script async=True %}¦<a¦{% endscript %}<b>"),
            (Django, "{% inlinecompile \"coffeescript\" %}¦<a¦{% endinlinecompile %}<b>"),
            (Django, "{% jsx %}¦<a¦{% endjsx %}<b>"),
            (Jinja, "{% script %}¦<a¦{% endscript %}<b>"),
            (Liquid, "{% javascript %}¦i <n;¦{% endjavascript %}<b>"),
            (Liquid, "{%- stylesheet 'scss' -%}¦<a¦{%- endstylesheet -%}<b>"),
            (Liquid, "{% style %}¦<a¦{% endstyle %}<b>"),
            (Liquid, "{% schema %}¦{\"a\": \"<script>\"}¦{% endschema %}<b>"),
            (Nunjucks, "{% js %}¦<a¦{% endjs %}<b>"),
            (Twig, "{% js at endBody %}¦<a¦{% endjs %}<b>"),
            (Twig, "{% script with {type: 'module'} %}¦<a¦{% endscript %}<b>"),
            (Twig, "{% style %}¦<a¦{% endstyle %}<b>"),
            (Handlebars, "{{#css}}¦a <b¦{{/css}}<b>"),
            (Php, "<?php $this->Html->scriptStart(['block' => true]); ?>¦<a¦<?php $this->Html->scriptEnd(); ?><b>"),
            (Php, "<?php $this->headScript()->captureStart() ?>¦<a¦<?php $this->headScript()->captureEnd() ?><b>"),
            (
                Blade,
                "<?php $this->inlineScript()->captureStart() ?>¦<a¦<?php $this->inlineScript()->captureEnd() ?><b>",
            ),
            (Jsp, "<aui:script use=\"a\">¦<a¦</aui:script><b>"),
        ] {
            let plain = source.replace('¦', "");
            let mut parts = source.split('¦');
            let start = parts.next().unwrap().len();
            let range = start..start + parts.next().unwrap().len();
            let masked = mask(dialect, plain.as_bytes());
            let hidden = |span: &crate::template::HiddenSpan| {
                (span.kind == crate::template::HiddenKind::ScriptText).then(|| span.range.clone())
            };
            let found: Vec<_> = masked.spans.iter().filter_map(hidden).collect();
            assert_eq!(found, std::slice::from_ref(&range), "{source}");
            assert!(masked.problems.is_empty(), "{source}");
            assert!(masked.bytes[range].iter().all(|b| *b == b' '), "{source}");
            assert!(masked.bytes.contains(&b'<'), "{source}");
        }
    }

    #[test]
    fn other_tags_hide_nothing() {
        for (dialect, source) in [
            (Dialect::Erb, "<%= javascript_tag \"a()\" %><a>"),
            (Dialect::Erb, "<%= my_javascript_tag do %><a><% end %>"),
            (Dialect::Erb, "<%= content_tag :div do %><a><% end %>"),
            (Dialect::Erb, "<%# javascript_tag do %><a>"),
            (Dialect::Erb, "<%= javascript_tag do %><% end %><a><% b do %><a><% end %>"),
            (Django, "{% javascript 'main' %}<a>"),
            (Jinja, "{{ script }}<a>"),
            (Twig, "{{ js }}{% js '/a.js' %}<a>"),
            (Twig, "{% script 'a.js' in 'bottom' %}<a>"),
            (Handlebars, "{{#css-x}}<a>{{/css-x}}"),
            (Handlebars, "{{#js}}\n <script src={{.}}></script>{{/js}}"),
            (Php, "<?php $h->scriptStart(); echo 1; $h->scriptEnd() ?><a>"),
            (Jsp, "<aui:script use=\"a\"/><aui:scripts><a>"),
        ] {
            let masked = mask(dialect, source.as_bytes());
            let is_text = |span: &crate::template::HiddenSpan| span.kind == crate::template::HiddenKind::ScriptText;
            assert!(!masked.spans.iter().any(is_text), "{source}");
        }
    }
}
