//! Text of scripts and styles whose tag is elsewhere: in a helper, or in another file of the run.

use crate::support::{self, folder, read};

/// Runs `nonce --value VALUE -o out in` over files in which `¦` marks where nonces belong: what was reported.
#[track_caller]
fn check(value: &str, arguments: &[&str], files: &[(&str, &str)]) -> String {
    let sources: Vec<(String, String)> =
        files.iter().map(|(name, text)| (format!("in/{name}"), text.replace('¦', ""))).collect();
    let named: Vec<_> = sources.iter().map(|(name, text)| (&**name, &**text)).collect();
    let folder = folder(&named);
    let mut args = vec!["nonce", "--no-config", "--value", value, "-o", "out"];
    args.extend(arguments);
    args.push("in");
    let ran = support::run(folder.path(), &args);
    for (name, text) in files {
        let expected = text.replace('¦', &format!(" nonce=\"{value}\""));
        let found = read(&folder, &format!("out/{name}"));
        assert_eq!(found, expected, "{name}\n{}", ran.err);
    }
    ran.err
}

const BRACES: &str = "{{ n }}";
const PERCENT: &str = "<%= n %>";
const PHP: &str = "<?= $n ?>";
const DOLLAR: &str = "${n}";

/// JavaScript that HTML would read as tags.
const JS: &str = "for (i = 0; i <n; i++) { a(\"<style>b{}</style>\"); w('<script src=\"/p.js\"></' + 'script>'); }\n";

#[test]
fn helpers_that_write_the_element() {
    for (value, name, begin, end) in [
        (PERCENT, "a.html.erb", "<%= javascript_tag nonce: true do %>", "<% end %>"),
        (PERCENT, "a.html.erb", "<%= javascript_tag do -%>", "<%- end -%>"),
        (PERCENT, "a.html.erb", "<%= content_tag(:script) do %><% if a %>", "<% end %><% end %>"),
        (PERCENT, "a.html.erb", "<%= tag.script { %>", "<% } %>"),
        (PERCENT, "a.html.erb", "<% content_for :a do %><%= nonced_javascript_tag do %>", "<% end %><% end %>"),
        (BRACES, "a.liquid", "{% javascript %}", "{% endjavascript %}"),
        (BRACES, "a.liquid", "{%- schema -%}", "{%- endschema -%}"),
        (BRACES, "a.njk", "{% js %}", "{% endjs %}"),
        (BRACES, "a.twig", "{% js at head %}", "{% endjs %}"),
        (BRACES, "a.j2", "{% script %}", "{% endscript %}"),
        (BRACES, "a.hbs", "{{#js}}", "{{/js}}"),
        (PHP, "a.php", "<?php $this->Html->scriptStart(); ?>", "<?php $this->Html->scriptEnd(); ?>"),
        (PHP, "a.php", "<?php $this->headScript()->captureStart() ?>", "<?php $this->headScript()->captureEnd() ?>"),
        (DOLLAR, "a.jsp", "<aui:script use=\"a\">", "</aui:script>"),
        (DOLLAR, "a.jsp", "<jsp:scriptlet>", "</jsp:scriptlet>"),
        (DOLLAR, "a.jsp", "<jsp:scriptlet><![CDATA[ if (1 > 0) \"</jsp:scriptlet>\"", "]]></jsp:scriptlet>"),
        (DOLLAR, "a.jsp", "<jsp:declaration>", "</jsp:declaration>"),
        (DOLLAR, "a.jsp", "<jsp:expression>", "</jsp:expression>"),
    ] {
        let text = format!("<p>{begin}\n{JS}{end}</p>\n<script¦>after()</script>\n");
        check(value, &[], &[(name, &text)]);
    }
}

#[test]
fn letters_of_several_bytes_wherever_they_stand() {
    for len in 4090..4100 {
        let text = format!("{}€<p><script¦>a()</script>\n", "b".repeat(len));
        check(BRACES, &[], &[("a.j2", &text)]);
    }
}

#[test]
fn a_helper_with_its_text_as_an_argument() {
    let text = "<%= javascript_tag nonce: true do %>\n  for (var i = 0; i <list.length; i++) { add(list[i]); }\n  \
        frame.srcdoc = '<script src=\"/w.js\"><\\/script>';\n<% end %>\n\
        <%= javascript_tag \"go('<script>')\", nonce: true %>\n<script¦>after();</script>\n";
    check(PERCENT, &[], &[("show.html.erb", text)]);
}

#[test]
fn tags_in_attributes_of_a_jsp() {
    let text = "<% String a = \"<script>\"; if (x > 1) { %>\n\
        <a href=\"<s:url namespace=\"/t\" action=\"index\"></s:url>\" class=\"b\">T</a>\n\
        <script¦ src=\"<c:url value=\"/js/a>b.js\"/>\"></script>\n<% } %>\n\
        <jsp:scriptlet>String s = \"<script>\";</jsp:scriptlet>\n<style¦>p{color:${c}}</style>\n";
    check(DOLLAR, &[], &[("a.jsp", text)]);
}

/// Rows of: the value, the file, the code, and the help; none where the nonce is given.
const HELPERS: &[(&str, &str, &str, &str)] = &[
    (PERCENT, "a.html.erb", "<%= javascript_tag do %>a()<% end %>", "javascript_tag nonce: true"),
    (PERCENT, "a.html.erb", "<%= javascript_tag \"a()\" %>", "javascript_tag nonce: true"),
    (PERCENT, "a.html.erb", "<%= javascript_tag nonce: true do %>a()<% end %>", ""),
    (PERCENT, "a.html.erb", "<%= javascript_include_tag \"a\" %>", "javascript_include_tag \"…\", nonce: true"),
    (PERCENT, "a.html.erb", "<%= javascript_include_tag \"a\", nonce: true %>", ""),
    (PERCENT, "a.html.erb", "<%= stylesheet_link_tag \"a\" %>", "stylesheet_link_tag \"…\", nonce: true"),
    (PERCENT, "a.html.erb", "<%= tag.script \"a()\" %>", "tag.script nonce: content_security_policy_nonce"),
    (
        PERCENT,
        "a.html.erb",
        "<%= tag.script nonce: true do %>a()<% end %>",
        "tag.script nonce: content_security_policy_nonce",
    ),
    (PERCENT, "a.html.erb", "<%= tag.script nonce: content_security_policy_nonce do %>a()<% end %>", ""),
    (
        PERCENT,
        "a.html.erb",
        "<%= content_tag(:script, \"a()\") %>",
        "content_tag :script, nonce: content_security_policy_nonce",
    ),
    (PERCENT, "a.html.erb", "<%= content_tag :scripts, \"a()\" %>", ""),
    (PERCENT, "a.html.erb", "<%= vite_javascript_tag 'a' %>", "vite_javascript_tag \"…\", nonce: true"),
    (PERCENT, "a.html.erb", "<%= vite_react_refresh_tag %><%= javascript_importmap_tags %>", ""),
    (BRACES, "a.twig", "{{ importmap('app') }}", "importmap('app', {nonce: csp_nonce('script')})"),
    (BRACES, "a.twig", "{{ importmap('app', {nonce: csp_nonce('script')}) }}", ""),
    (BRACES, "a.twig", "{{ encore_entry_script_tags('app') }}", "encore_entry_script_tags('app', attributes={nonce"),
    (BRACES, "a.djhtml", "{% vite_asset 'src/main.ts' %}", "{% vite_asset \"…\" nonce=csp_nonce %}"),
    (BRACES, "a.djhtml", "{% vite_asset 'src/main.ts' nonce=csp_nonce %}", ""),
    (
        PERCENT,
        "a.html.erb",
        "<%= javascript_packs_with_chunks_tag 'a' %>",
        "javascript_packs_with_chunks_tag \"…\", nonce: true",
    ),
    (
        PERCENT,
        "a.html.erb",
        "<%= stylesheet_packs_with_chunks_tag 'a' %>",
        "stylesheet_packs_with_chunks_tag \"…\", nonce: true",
    ),
    (BRACES, "a.j2", "{{ vite_tags(static=True) }}", "flask-vite gives them no nonce"),
    (BRACES, "a.blade.php", "@livewireScripts\n", "@livewireScripts(['nonce' => app('csp-nonce')])"),
    (BRACES, "a.blade.php", "@routes(nonce: app('csp-nonce'))\n@vite('a.js')\n", ""),
    (BRACES, "a.blade.php", "@routes\n", "@routes(nonce: app('csp-nonce'))"),
];

#[test]
fn helpers_without_the_nonce_are_reported() {
    for (value, name, code, help) in HELPERS {
        let err = check(value, &[], &[(name, &format!("<p>{code}</p>\n"))]);
        let found = err.matches("[helper-nonce]").count();
        assert_eq!(found, usize::from(!help.is_empty()), "{code}\n{err}");
        assert!(err.contains(help), "{code}\n{err}");
    }
}

/// The name and the text of a file.
type Named = (&'static str, &'static str);

/// Rows of: the value, the parent with its place at `@`, and the child with its text at `@`.
const PLACES: &[(&str, Named, Named)] = &[
    (
        BRACES,
        ("base.j2", "{% block js %}{% endblock %}"),
        ("a.j2", "{% extends 'base.j2' %}{% block js %}@{% endblock %}"),
    ),
    (
        BRACES,
        ("base.twig", "{% block js %}{% endblock %}"),
        ("a.twig", "{% extends 'base.twig' %}{% block js %}@{% endblock %}"),
    ),
    (BRACES, ("base.twig", "{{ block('js') }}"), ("a.twig", "{% extends 'base.twig' %}{% block js %}@{% endblock %}")),
    (
        BRACES,
        ("base.njk", "{% block js %}{% endblock %}"),
        ("a.njk", "{% extends './base.njk' %}{% block js %}@{% endblock %}"),
    ),
    (BRACES, ("base.j2", "{% include 'a.j2' %}"), ("a.j2", "@")),
    (BRACES, ("base.twig", "{{ include('p/a.twig') }}"), ("p/a.twig", "@")),
    (BRACES, ("base.liquid", "{% render 'a' %}"), ("snippets/a.liquid", "@")),
    (BRACES, ("base.hbs", "{{> a}}"), ("a.hbs", "@")),
    (BRACES, ("base.mustache", "{{> a}}"), ("a.mustache", "@")),
    ("{{.N}}", ("base.tmpl", "{{template \"js\" .}}"), ("a.tmpl", "{{define \"js\"}}@{{end}}")),
    ("{{.N}}", ("base.tmpl", "{{block \"js\" .}}{{end}}"), ("a.tmpl", "{{define \"js\"}}{{if .A}}@{{end}}{{end}}")),
    (PERCENT, ("base.ejs", "<%- include('p/a') %>"), ("p/a.ejs", "@")),
    (PERCENT, ("views/base.html.erb", "<%= yield :js %>"), ("views/a.html.erb", "<% content_for :js do %>@<% end %>")),
    (PERCENT, ("views/base.html.erb", "<%= render \"p/a\" %>"), ("views/p/_a.html.erb", "@")),
    (PERCENT, ("views/base.html.erb", "<%= render partial: 'a' %>"), ("views/_a.html.erb", "@")),
    (DOLLAR, ("base.jsp", "<%@ include file=\"a.jspf\" %>"), ("a.jspf", "@")),
    (DOLLAR, ("base.jsp", "<jsp:include page=\"/p/a.jsp\" />"), ("p/a.jsp", "@")),
    (
        DOLLAR,
        ("base.mako", "<%block name=\"js\"></%block>"),
        ("a.mako", "<%inherit file=\"base.mako\"/><%block name=\"js\">@</%block>"),
    ),
    (DOLLAR, ("base.mako", "${self.js()}"), ("a.mako", "<%inherit file=\"base.mako\"/><%def name=\"js()\">@</%def>")),
    (DOLLAR, ("base.mako", "<%include file=\"a.mako\"/>"), ("a.mako", "@")),
    (PHP, ("base.php", "<?php include 'a.php' ?>"), ("a.php", "@")),
    (
        BRACES,
        ("views/base.blade.php", "@yield('js')"),
        ("views/a.blade.php", "@extends('base')\n@section('js')\n@@endsection"),
    ),
    (BRACES, ("views/base.blade.php", "@stack('js')"), ("views/a.blade.php", "@push('js')\n@@endpush")),
    (BRACES, ("views/base.blade.php", "@include('p.a')"), ("views/p/a.blade.php", "@")),
];

#[test]
fn parts_are_read_as_what_another_file_has_around_them() {
    for (value, (parent, place), (child, part)) in PLACES {
        let part = |text: &str| match part.rsplit_once('@') {
            Some((before, after)) if after.starts_with("end") => {
                let before = before.strip_suffix('@').unwrap_or(before);
                format!("{before}{text}@{after}")
            }
            Some((before, after)) => format!("{before}{text}{after}"),
            None => unreachable!(),
        };
        for (before, after) in
            [("<script¦>\n", "\n</script>"), ("<style¦>", "</style>"), ("<!-- ", " -->"), ("<p title=\"", "\">")]
        {
            let parent_text = format!("<!doctype html>{before}{place}{after}<script¦>b()</script>\n");
            let files = [(*parent, &*parent_text), (*child, &*part(JS))];
            check(value, &[], &files);
        }
        // In the page itself it gets its nonces.
        let parent_text = format!("<!doctype html><body>{place}</body>\n");
        let files = [(*parent, &*parent_text), (*child, &*part("<script¦>a()</script>\n"))];
        check(value, &[], &files);
    }
}

#[test]
fn blocks_of_django_and_the_blocks_in_them() {
    let files = [
        (
            "base.html",
            "<!doctype html><title>t</title>\n<script¦>\n  {% block js %}{% endblock %}\n</script>\n<style¦>{% block css %}{% endblock %}</style>\n",
        ),
        (
            "middle.html",
            "{% extends \"base.html\" %}{% block js %}a(\"<script>\"){% block inner %}{% endblock %}{% endblock %}\n",
        ),
        (
            "child.html",
            "{% extends \"middle.html\" %}\n{% block inner %}\n  for (let i = 0; i <rows.length; i++) { rows[i].innerHTML = \"<style>b{}</style>\"; }\n{% include \"inc.html\" %}{% endblock %}\n{% block css %}a > b { color: red }{% endblock %}\n",
        ),
        ("inc.html", "x(\"<script src='/p.js'></\" + \"script>\");\n"),
    ];
    check(BRACES, &["--template", "django"], &files);
}

#[test]
fn partials_of_django() {
    let page = format!(
        "<!doctype html>{{% partialdef js %}}{JS}{{% endpartialdef %}}\n<script¦>{{% partial js %}}</script>\n<script¦>a()</script>\n"
    );
    let said = check(BRACES, &["--template", "django"], &[("a.html", &page)]);
    assert!(!said.contains("warning"), "{said}");
    let pages = "{% partialdef a %}<script¦>a()</script>{% endpartialdef %}\n\
                 {% partialdef b inline %}<style¦></style>{% endpartialdef b %}\n<p>{% partial a %}</p>\n";
    check(BRACES, &["--template", "django"], &[("a.html", pages)]);
}

#[test]
fn unknown_or_different_surroundings() {
    let strings = "{% block js %}\n  e.innerHTML = `\n    <style>b{}</style>`;\n  w(\"<script src='/p.js'></\" + \"script>\");\n{% endblock %}\n";
    let page = "{% block js %}\n<p title=\"it's\">it's a boys' 'n' toy</p><script¦>a()</script>\n{% endblock %}\n";
    let child = |text: &str| format!("{{% extends \"base.j2\" %}}{text}");
    let both = "<!doctype html><script¦>{% include 'inc.j2' %}</script>{% include 'inc.j2' %}\n";
    for files in [
        vec![("a.j2", child(strings))],
        vec![("inc.j2", strings.to_owned()), ("b.j2", both.to_owned())],
        vec![("inc.j2", strings.to_owned())],
    ] {
        let files: Vec<_> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        let err = check(BRACES, &[], &files);
        assert_eq!(err.matches("warning[literal-element]").count(), 2, "{err}");
    }
    let err = check(BRACES, &[], &[("a.j2", &child(page))]);
    assert!(!err.contains("literal-element"), "{err}");
}

#[test]
fn hash_and_check_read_parts_so_too() {
    for (parent, before, after, child, begin, end) in [
        (
            "base.j2",
            "{% block js %}",
            "{% endblock %}",
            "page.j2",
            "{% extends 'base.j2' %}{% block js %}",
            "{% endblock %}",
        ),
        ("base.twig", "{{ include('part.twig') }}", "", "part.twig", "", ""),
        ("base.html.erb", "<%= yield :js %>", "", "page.html.erb", "<% content_for :js do %>", "<% end %>"),
        ("base.blade.php", "@yield('js')", "", "page.blade.php", "@section('js')", "@endsection"),
        ("base.html", "{{template \"js\" .}}", "", "part.html", "{{define \"js\"}}", "{{end}}"),
    ] {
        let parent_text = format!("<!doctype html><script>{before}{after}</script>");
        let child_text = format!("{begin}var a = '<style>b{{}}</style>'; i <n; a('<script>b()<' + '/script>');{end}");
        let folder = folder(&[(parent, &parent_text), (child, &child_text)]);
        let template = if parent == "base.html" { "go" } else { "auto" };
        for command in ["hash --no-config", "check --no-config --policy default-src+'none'"] {
            let command = command.split(' ').map(|word| word.replace('+', " "));
            let mut args: Vec<String> = command.collect();
            args.extend(["--template", template, "."].map(str::to_owned));
            let args: Vec<&str> = args.iter().map(|word| &**word).collect();
            let ran = support::run(folder.path(), &args);
            let said = ran.out + &ran.err;
            assert!(said.contains(&format!("{parent}:1")), "{args:?} {said}");
            assert!(!said.contains(&format!("{child}:")), "{args:?} {said}");
            assert!(!said.contains("sha256"), "{args:?} {said}");
        }
    }
}

#[test]
fn the_policy_of_nonces_has_no_hash_of_what_is_text() {
    let head = "{% block head %}{% endblock %}";
    let parent = format!("<!doctype html>{head}<script>{{% block js %}}{{% endblock %}}</script>");
    let child = "{% extends 'base.j2' %}{% block head %}<script>x()</script>{% endblock %}{% block js %}a('<style>b{}</style>'){% endblock %}";
    let folder = folder(&[("base.j2", &parent), ("page.j2", child)]);
    let policy = "default-src 'self'";
    let args = ["nonce", "--no-config", "--framework", "flask-talisman", "--print-policy", "--policy", policy, "."];
    let ran = support::run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains("sha256"), "{}", ran.out);
}

#[test]
fn a_template_with_blocks_that_no_engine_follows_is_rejected() {
    for (depth, code) in [(10_000, 0), (10_001, 2)] {
        let text = format!("{}<script>a()</script>", "{% if a %}".repeat(depth));
        let folder = folder(&[("a.html", &text)]);
        let args = ["nonce", "--no-config", "--framework", "django", "--diff", "a.html"];
        let ran = support::run(folder.path(), &args);
        assert_eq!(ran.code, code, "{}", ran.err);
        let is_rejected = ran.err.contains("a.html: no nonce can be written into a document that has more than 10000 template blocks in each other; split it");
        assert_eq!(is_rejected, code == 2, "{}", ran.err);
    }
}
