//! Template code of every dialect.

use std::fs;
use std::path::Path;

use crate::measure::{arguments, check, numbered};

/// Looks at a template with that text n times.
fn template(folder: &Path, dialect: &str, before: &str, text: &str, n: usize) -> Vec<String> {
    fs::write(folder.join("a.html"), before.to_owned() + &text.repeat(n)).unwrap();
    arguments(&format!(
        "nonce --value r4nd0m --check --template {dialect} a.html"
    ))
}

#[test]
fn nonces_in_templates() {
    check(&[
        ("blocks of Django", |at, n| {
            template(at, "django", "", "{% if a %}<style>", n)
        }),
        ("literal blocks of Django", |at, n| {
            template(at, "django", "", "{% verbatim %}{% if a %}", n)
        }),
        ("openings of Jinja", |at, n| {
            template(at, "jinja", "", "{%", 4 * n)
        }),
        ("strings of Jinja", |at, n| {
            template(at, "jinja", "", "{{ 'a ", n)
        }),
        ("openings of Liquid", |at, n| {
            template(at, "liquid", "", "{{", 4 * n)
        }),
        ("strings of Go", |at, n| template(at, "go", "", "{{ ` ", n)),
        ("sections of Handlebars", |at, n| {
            template(at, "handlebars", "", "{{#a}}", n)
        }),
        ("comments of Handlebars", |at, n| {
            template(at, "handlebars", "", "{{!-- ", n)
        }),
        ("delimiters of Mustache", |at, n| {
            template(at, "mustache", "", "{{=<% %>=}}", n)
        }),
        ("openings of ERB", |at, n| {
            template(at, "erb", "", "<%= ' ", n)
        }),
        ("heredocs of PHP", |at, n| {
            template(at, "php", "<?php ", "<<<A\n", n)
        }),
        ("echoes of Blade", |at, n| {
            template(at, "blade", "", "{!! ", n)
        }),
        ("blocks of Razor", |at, n| {
            template(at, "razor", "", "@if(a){<p>", n)
        }),
        ("expressions of Thymeleaf", |at, n| {
            template(at, "thymeleaf", "", "[[${a", n)
        }),
        ("code in a tag", |at, n| {
            template(at, "jinja", "<script ", "{{ a }} ", n)
        }),
        ("code in a srcdoc", |at, n| {
            template(at, "jinja", "<iframe srcdoc='", "{{ a }}<style></style>", n)
        }),
        ("branches in a script", |at, n| {
            template(at, "jinja", "<script>{{ a }}", "<script ", 2 * n)
        }),
    ]);
}

/// Every dialect's delimiters that open and never close, that close, and that nest.
#[test]
fn code_of_every_dialect() {
    check(&[
        ("comments of Django", |at, n| {
            template(at, "django", "", "{% comment %}{# ", n)
        }),
        ("outputs of Django", |at, n| {
            template(at, "django", "", "{{ a|b:'c' }}<script>", n)
        }),
        ("comments of Jinja", |at, n| {
            template(at, "jinja", "", "{# {# ", 2 * n)
        }),
        ("raw blocks of Jinja", |at, n| {
            template(at, "jinja", "", "{% raw %}{{ ", n)
        }),
        ("blocks of Askama", |at, n| {
            template(at, "askama", "", "{% if a %}<style>{{ 'b", n)
        }),
        ("blocks of Nunjucks", |at, n| {
            template(at, "nunjucks", "", "{% if a %}<style>{% verbatim %}", n)
        }),
        ("strings of Nunjucks", |at, n| {
            template(at, "nunjucks", "", "{{ /a/ ", n)
        }),
        ("blocks of Twig", |at, n| {
            template(at, "twig", "", "{% verbatim %}{{ ", n)
        }),
        ("interpolations of Twig", |at, n| {
            template(at, "twig", "", "{{ \"#{ ", n)
        }),
        ("raw blocks of Liquid", |at, n| {
            template(at, "liquid", "", "{% raw %}{% if a %}", n)
        }),
        ("comments of Liquid", |at, n| {
            template(at, "liquid", "", "{% comment %}{{ 'a ", n)
        }),
        ("comments of Go", |at, n| {
            template(at, "go", "", "{{/* ", 2 * n)
        }),
        ("blocks of Go", |at, n| {
            template(at, "go", "", "{{if a}}<style>", n)
        }),
        ("raw blocks of Handlebars", |at, n| {
            template(at, "handlebars", "", "{{{{a}}}} {{ ", n)
        }),
        ("openings of Handlebars", |at, n| {
            template(at, "handlebars", "", "{{{", 2 * n)
        }),
        ("sections of Mustache", |at, n| {
            template(at, "mustache", "", "{{#a}}<style>{{! ", n)
        }),
        ("other delimiters of Mustache", |at, n| {
            let changes = numbered(n / 2, |i| format!("{{{{=a{i} b=}}}} a{i} =<{{{{ }}}}=b"));
            template(at, "mustache", "", &changes, 1)
        }),
        ("outputs of EJS", |at, n| {
            template(at, "ejs", "", "<%_ a _%><script><%# ", n)
        }),
        ("openings of EJS", |at, n| {
            template(at, "ejs", "", "<%- ", 2 * n)
        }),
        ("comments of ERB", |at, n| {
            template(at, "erb", "", "<%# <%% %%> ", n)
        }),
        ("tags of JSP", |at, n| {
            template(at, "jsp", "", "<c:if test='${a}'><%-- ", n)
        }),
        ("expressions of JSP", |at, n| {
            template(at, "jsp", "", "${ 'a #{ ", n)
        }),
        ("lines of Mako", |at, n| {
            template(at, "mako", "", "% if a:\n<style>\n", n)
        }),
        ("expressions of Mako", |at, n| {
            template(at, "mako", "", "${ 'a", n)
        }),
        ("texts of Mako", |at, n| {
            template(at, "mako", "", "<%text><%doc>", n)
        }),
        ("tags of PHP", |at, n| {
            template(at, "php", "", "<?php if(a) { ?><script><?= 'b ?>", n)
        }),
        ("comments of PHP", |at, n| {
            template(at, "php", "<?php ", "/* // # \"", n)
        }),
        ("directives of Blade", |at, n| {
            template(at, "blade", "", "@if((a) @verbatim {{-- ", n)
        }),
        ("brackets of Blade", |at, n| {
            template(at, "blade", "@if", "(", 4 * n)
        }),
        ("expressions of Razor", |at, n| {
            template(at, "razor", "", "@(a @* ", n)
        }),
        ("elements of Razor", |at, n| {
            template(at, "razor", "@{", "<p>@{ \"<b>\"", n)
        }),
        ("names of Razor", |at, n| {
            template(at, "razor", "@a", ".b[c].d(", n)
        }),
        ("attributes of Thymeleaf", |at, n| {
            template(at, "thymeleaf", "", "<p th:text='${a'>[(${b", n)
        }),
    ]);
}

/// What `hash` looks at in templates, which it cannot hash.
#[test]
fn hashing_templates() {
    fn hash(folder: &Path, dialect: &str, text: &str, n: usize) -> Vec<String> {
        fs::write(folder.join("a.html"), text.repeat(n)).unwrap();
        arguments(&format!("hash --unsafe-hashes --template {dialect} a.html"))
    }
    check(&[
        ("scripts with code", |at, n| {
            hash(at, "jinja", "<script>{{ a }}</script>", n / 4)
        }),
        ("handlers with code", |at, n| {
            hash(at, "erb", "<p onclick='<%= a %>'>", n / 4)
        }),
        ("code that looks like a template's", |at, n| {
            hash(at, "none", "{{ a }}<% b %>${c}", n)
        }),
    ]);
}
