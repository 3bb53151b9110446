//! Templates with nonces that their engines fill: what encloses each, and what other templates say of it.

use std::fs;
use std::path::Path;

use crate::measure::{LARGEST, arguments, check, check_all, numbered};

/// A name, a dialect, its expression, the beginning of a template, the text that repeats in it, and in how many parts of n.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, usize);

const ROWS: &[Row] = &[
    ("a fragment", "jinja", "{{x}}", "", "<script>a('</script>\n", 8),
    ("strings of a fragment", "jinja", "{{x}}", "", "`<script></script>", 8),
    ("blocks of a child", "jinja", "{{x}}", "{% extends 'b' %}", "{% block a %}<script></script>{% endblock %}", 16),
    ("nested blocks", "jinja", "{{x}}", "{% extends 'b' %}", "{% block a %}<script></script>", 16),
    ("nested blocks of a page", "twig", "{{x}}", "<html>", "{% block a %}<script></script>", 16),
    ("includes in a script", "jinja", "{{x}}", "<html><script>", "{% include 'a.html' %}", 16),
    ("includes of the same", "django", "{{x}}", "", "{% include 'a.html' %}<script></script>", 16),
    ("includes of others", "django", "{{x}}", "", "{% include 'b.html' only %}<script></script>", 16),
    ("conditions", "django", "{{x}}", "", "{% if x %}<script></script>{% endif %}", 16),
    ("conditions without end", "django", "{{x}}", "", "{% if x %}<script></script>", 16),
    ("branches", "django", "{{x}}", "{% if a %}", "{% elif x %}<script></script>", 16),
    ("caches", "jinja", "{{x}}", "", "{% cache %}<script></script>", 16),
    ("macros", "jinja", "{{x}}", "", "{% macro a() %}<script></script>{% endmacro %}{{ a() }}", 32),
    ("nested macros", "jinja", "{{x}}", "", "{% macro a() %}<script></script>", 16),
    ("templates of Go", "go", "{{.N}}", "", "{{define \"a\"}}<script></script>{{end}}{{template \"a\"}}", 32),
    ("nested templates of Go", "go", "{{.N}}", "", "{{define \"a\"}}<script></script>", 16),
    ("loops of Go", "go", "{{.N}}", "", "{{range .}}<script></script>{{template \"a\" .}}", 32),
    ("sections of Blade", "blade", "{{$x}}", "", "@section('a')<script></script>@endsection @yield('a')", 32),
    ("ends of others in Blade", "blade", "{{$x}}", "", "@push('a')<script></script>@endsection", 16),
    ("blocks of Mako", "mako", "${x}", "", "<%block name=\"a\"><script></script>", 16),
    ("definitions of Mako", "mako", "${x}", "", "<%def name=\"a()\" cached=\"True\"><script></script></%def>", 16),
    ("blocks of ERB", "erb", "<%=x%>", "", "<% a do %><script></script>", 16),
    ("kept blocks of ERB", "erb", "<%=x%>", "", "<% cache do %><script></script>", 16),
    ("helpers of ERB", "erb", "<%=x%>", "", "<%= javascript_tag 'a' %><script></script>", 16),
    ("nested helpers of ERB", "erb", "<%=x%>", "", "<%= javascript_tag do %><a <% b do %>", 16),
    ("parts of ERB", "erb", "<%=x%>", "", "<% content_for :a do %><script></script><% end %><%= yield :a %>", 32),
    (
        "tags that write scripts",
        "liquid",
        "{{x}}",
        "",
        "{% javascript %}<script>{% endjavascript %}<script></script>",
        32,
    ),
    ("tags of Razor", "razor", "@x", "", "<cache><script></script>", 16),
    ("fragments of Thymeleaf", "thymeleaf", "${x}", "", "<script th:fragment='a'></script>", 16),
];

#[test]
fn nonces_that_engines_fill() {
    let case = |&(name, dialect, value, before, text, parts): &Row| {
        (name.to_owned(), move |at: &Path, n: usize| {
            fs::write(at.join("a.html"), before.to_owned() + &text.repeat(8 * n / parts)).unwrap();
            arguments(&format!("nonce --value {value} --check --template {dialect} a.html"))
        })
    };
    check_all(LARGEST, ROWS.iter().map(case));
}

#[test]
fn templates_of_a_run() {
    fn site(at: &Path, n: usize, page: impl Fn(usize) -> (String, String)) {
        for i in 0..n {
            let (path, text) = page(i);
            let path = at.join("site").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    check(&[
        ("pages that include one", |at, n| {
            site(at, n / 20, |i| (format!("{i}.html"), "{% include '0.html' %}<script></script>".to_owned()));
            arguments("nonce --value {{x}} --template django --check site")
        }),
        ("pages that include the next", |at, n| {
            site(at, n / 20, |i| {
                let text = format!("{{% include '{}.html' only %}}<script></script>", i + 1);
                (format!("{i}.html"), text)
            });
            arguments("nonce --value {{x}} --template django --check site")
        }),
        ("pages that extend the next", |at, n| {
            site(at, n / 20, |i| {
                let text = format!("{{% extends '{}.html' %}}{{% block a %}}<script></script>{{% endblock %}}", i + 1);
                (format!("{i}.html"), text)
            });
            arguments("nonce --value {{x}} --template jinja --check site")
        }),
        ("pages of one name", |at, n| {
            site(at, n / 20, |i| {
                let text = "{{template \"a.html\" .}}<script></script>".to_owned();
                (format!("{i}/a.html"), text)
            });
            arguments("nonce --value {{.N}} --template go --check site")
        }),
        ("a page that includes those of one name", |at, n| {
            site(at, n / 20, |i| (format!("x/{i}/a.html"), "<script></script>".to_owned()));
            let uses = numbered(n / 20, |_| "{{template \"a.html\" .}}".to_owned());
            fs::write(at.join("site/b.html"), uses).unwrap();
            arguments("nonce --value {{.N}} --template go --check site")
        }),
    ]);
}
