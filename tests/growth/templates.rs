//! Template code of every dialect.

use std::fs;
use std::path::Path;

use crate::measure::{LARGEST, arguments, check, check_all, numbered};

/// A name, a dialect, the beginning of a template, the text that repeats in it, and how often for n of 1.
type Row = (&'static str, &'static str, &'static str, &'static str, usize);

/// Looks at a template for each row.
fn check_rows(rows: &'static [Row]) {
    let case = |&(name, dialect, before, text, times): &Row| {
        (name.to_owned(), move |at: &Path, n: usize| template(at, dialect, before, text, times * n))
    };
    check_all(LARGEST, rows.iter().map(case));
}

/// Looks at a template with that text n times.
fn template(folder: &Path, dialect: &str, before: &str, text: &str, n: usize) -> Vec<String> {
    fs::write(folder.join("a.html"), before.to_owned() + &text.repeat(n)).unwrap();
    arguments(&format!("nonce --value r4nd0m --check --template {dialect} a.html"))
}

#[test]
fn nonces_in_templates() {
    check_rows(&[
        ("blocks of Django", "django", "", "{% if a %}<style>", 1),
        ("literal blocks of Django", "django", "", "{% verbatim %}{% if a %}", 1),
        ("openings of Jinja", "jinja", "", "{%", 4),
        ("strings of Jinja", "jinja", "", "{{ 'a ", 1),
        ("openings of Liquid", "liquid", "", "{{", 4),
        ("strings of Go", "go", "", "{{ ` ", 1),
        ("sections of Handlebars", "handlebars", "", "{{#a}}", 1),
        ("comments of Handlebars", "handlebars", "", "{{!-- ", 1),
        ("delimiters of Mustache", "mustache", "", "{{=<% %>=}}", 1),
        ("openings of ERB", "erb", "", "<%= ' ", 1),
        ("heredocs of PHP", "php", "<?php ", "<<<A\n", 1),
        ("echoes of Blade", "blade", "", "{!! ", 1),
        ("blocks of Razor", "razor", "", "@if(a){<p>", 1),
        ("expressions of Thymeleaf", "thymeleaf", "", "[[${a", 1),
        ("code in a tag", "jinja", "<script ", "{{ a }} ", 1),
        ("code in a srcdoc", "jinja", "<iframe srcdoc='", "{{ a }}<style></style>", 1),
        ("branches in a script", "jinja", "<script>{{ a }}", "<script ", 2),
    ]);
}

/// Every dialect's delimiters that open and never close, that close, and that nest.
#[test]
fn code_of_every_dialect() {
    check_rows(&[
        ("comments of Django", "django", "", "{% comment %}{# ", 1),
        ("outputs of Django", "django", "", "{{ a|b:'c' }}<script>", 1),
        ("comments of Jinja", "jinja", "", "{# {# ", 2),
        ("raw blocks of Jinja", "jinja", "", "{% raw %}{{ ", 1),
        ("blocks of Askama", "askama", "", "{% if a %}<style>{{ 'b", 1),
        ("blocks of Nunjucks", "nunjucks", "", "{% if a %}<style>{% verbatim %}", 1),
        ("strings of Nunjucks", "nunjucks", "", "{{ /a/ ", 1),
        ("blocks of Twig", "twig", "", "{% verbatim %}{{ ", 1),
        ("interpolations of Twig", "twig", "", "{{ \"#{ ", 1),
        ("raw blocks of Liquid", "liquid", "", "{% raw %}{% if a %}", 1),
        ("comments of Liquid", "liquid", "", "{% comment %}{{ 'a ", 1),
        ("comments of Go", "go", "", "{{/* ", 2),
        ("blocks of Go", "go", "", "{{if a}}<style>", 1),
        ("raw blocks of Handlebars", "handlebars", "", "{{{{a}}}} {{ ", 1),
        ("openings of Handlebars", "handlebars", "", "{{{", 2),
        ("sections of Mustache", "mustache", "", "{{#a}}<style>{{! ", 1),
        ("outputs of EJS", "ejs", "", "<%_ a _%><script><%# ", 1),
        ("openings of EJS", "ejs", "", "<%- ", 2),
        ("comments of ERB", "erb", "", "<%# <%% %%> ", 1),
        ("tags of JSP", "jsp", "", "<c:if test='${a}'><%-- ", 1),
        ("expressions of JSP", "jsp", "", "${ 'a #{ ", 1),
        ("lines of Mako", "mako", "", "% if a:\n<style>\n", 1),
        ("expressions of Mako", "mako", "", "${ 'a", 1),
        ("texts of Mako", "mako", "", "<%text><%doc>", 1),
        ("tags of PHP", "php", "", "<?php if(a) { ?><script><?= 'b ?>", 1),
        ("comments of PHP", "php", "<?php ", "/* // # \"", 1),
        ("directives of Blade", "blade", "", "@if((a) @verbatim {{-- ", 1),
        ("brackets of Blade", "blade", "@if", "(", 4),
        ("expressions of Razor", "razor", "", "@(a @* ", 1),
        ("elements of Razor", "razor", "@{", "<p>@{ \"<b>\"", 1),
        ("names of Razor", "razor", "@a", ".b[c].d(", 1),
        ("attributes of Thymeleaf", "thymeleaf", "", "<p th:text='${a'>[(${b", 1),
    ]);
    check(&[("other delimiters of Mustache", |at, n| {
        let changes = numbered(n / 2, |i| format!("{{{{=a{i} b=}}}} a{i} =<{{{{ }}}}=b"));
        template(at, "mustache", "", &changes, 1)
    })]);
}

/// The parts of templates that `hash` looks at and cannot hash.
#[test]
fn hashing_templates() {
    fn hash(folder: &Path, dialect: &str, text: &str, n: usize) -> Vec<String> {
        fs::write(folder.join("a.html"), text.repeat(n)).unwrap();
        arguments(&format!("hash --unsafe-hashes --template {dialect} a.html"))
    }
    check(&[
        ("scripts with code", |at, n| hash(at, "jinja", "<script>{{ a }}</script>", n / 4)),
        ("handlers with code", |at, n| hash(at, "erb", "<p onclick='<%= a %>'>", n / 4)),
        ("candidates with code", |at, n| {
            let candidates = "//b.test/{{ a }} 1x,".repeat(n / 4);
            hash(at, "jinja", &format!("<img srcset='{candidates}'>"), 1)
        }),
        ("a sheet with code", |at, n| {
            let rules = "a{b:{{ c }};mask:url(//b.test/{{ a }})}".repeat(n / 4);
            hash(at, "jinja", &format!("<style>{rules}</style>"), 1)
        }),
        ("attributes with code", |at, n| {
            let attributes = numbered(n / 16, |i| format!(" onx{i}='{{{{ a }}}}'"));
            hash(at, "jinja", &format!("<p{attributes}>"), 1)
        }),
        ("code that looks like a template's", |at, n| hash(at, "none", "{{ a }}<% b %>${c}", n)),
    ]);
}
