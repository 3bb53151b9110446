//! `dead-nonce`: nonces that the engine would not fill are reported, and written only where it may fill them.

use crate::support::{self, folder, read};

/// Runs `nonce --framework … -o out in` over files: the exit code, the findings as `error path:line why`, and what was written.
fn run(framework: &str, files: &[(&str, &str)]) -> (i32, Vec<String>, tempfile::TempDir) {
    let folder = folder(files);
    let args = ["nonce", "--no-config", "--framework", framework, "-o", "out", "in"];
    let inside = folder.path().join("in");
    std::fs::create_dir(&inside).unwrap();
    for (name, _) in files {
        let to = inside.join(name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(folder.path().join(name), to).unwrap();
    }
    let ran = support::run(folder.path(), &args);
    let mut findings = Vec::new();
    let shown = ran.err.replace("in/", "");
    let mut lines = shown.lines();
    while let Some(line) = lines.next() {
        if let Some((head, message)) = line.split_once("[dead-nonce") {
            let at = lines.next().unwrap().trim_start().trim_start_matches("--> ");
            let place = at.rsplit_once(':').map_or(at, |(place, _)| place);
            let message = message.split_once("]: ").map_or("", |(_, message)| message);
            findings.push(format!("{head} {place} {message}"));
        }
    }
    (ran.code, findings, folder)
}

/// Whether each finding begins with one of `starts`, in order, and the files come out as they went in.
#[track_caller]
fn check(framework: &str, files: &[(&str, &str)], code: i32, starts: &[&str], nonced: &[&str]) {
    let (found, findings, folder) = run(framework, files);
    assert_eq!(findings.len(), starts.len(), "{findings:#?}");
    for (finding, start) in findings.iter().zip(starts) {
        assert!(finding.starts_with(start), "{finding}\n{start}");
    }
    assert_eq!(found, code, "{findings:#?}");
    for (name, before) in files {
        let after = read(&folder, &format!("out/{name}"));
        assert_eq!(after != *before, nonced.contains(name), "{name}: {after}");
    }
}

const SCRIPT: &str = "<script>a()</script>\n";

#[test]
fn an_include_with_other_variables() {
    let page = "{% include \"inc.html\" with y=1 only %}\n";
    let warning =
        "warning inc.html:1 page.html includes this file without the variables of the page, where this nonce is empty";
    check("django", &[("inc.html", SCRIPT), ("page.html", page)], 0, &[warning], &[]);
    let files = [("app/templates/a/inc.html", SCRIPT), ("b/templates/page.html", "{% include 'a/inc.html' only %}")];
    check("django-csp", &files, 0, &["warning app/templates/a/inc.html:1 b/templates/page.html"], &[]);
    // What is included there is without them too.
    let files = [("a.html", "{% include 'b.html' only %}"), ("b.html", "{% include 'c.html' %}"), ("c.html", SCRIPT)];
    check("django", &files, 0, &["warning c.html:1 b.html includes"], &[]);
    // Another one has them, so it is written.
    let files = [("a.html", "{% include 'c.html' only %}"), ("b.html", "{% include 'c.html' %}"), ("c.html", SCRIPT)];
    check("django", &files, 0, &["warning c.html:1 a.html includes"], &["c.html"]);
    for given in [
        "{% include 'inc.html' with csp_nonce=csp_nonce only %}",
        "{% include 'inc.html' %}",
        "{# include 'inc.html' only #}",
    ] {
        check("django", &[("inc.html", SCRIPT), ("page.html", given)], 0, &[], &["inc.html"]);
    }
    // Functions need no context.
    check(
        "symfony",
        &[("inc.html.twig", SCRIPT), ("page.html.twig", "{% include 'inc.html.twig' only %}")],
        0,
        &[],
        &["inc.html.twig"],
    );
    check(
        "django",
        &[("jinja2/inc.html", SCRIPT), ("jinja2/a.html", "{% include 'inc.html' without context %}")],
        0,
        &["warning jinja2/inc.html:1"],
        &[],
    );
}

#[test]
fn what_jinja_includes_without_context_is_rendered_once() {
    let isolated = "{% include 'inc.html' without context %}";
    let error = "error inc.html:1 page.html includes this file without context, and Jinja keeps such output";
    for framework in ["flask", "flask-talisman", "starlette"] {
        check(framework, &[("inc.html", SCRIPT), ("page.html", isolated)], 1, &[error], &[]);
    }
    // What is included there is kept with it; so is what a macro writes there, and not what is imported.
    let files = [
        ("inc.html", "{% include 'in.html' %}"),
        ("in.html", "{% macro a() %}<script>a()</script>{% endmacro %}{{ a() }}"),
        ("page.html", isolated),
    ];
    check("flask", &files, 1, &["error in.html:1 page.html"], &[]);
    let files = [
        ("inc.html", "{% from 'm.html' import a %}{{ a() }}"),
        ("m.html", "{% macro a() %}<script>a()</script>{% endmacro %}"),
        ("page.html", "{% include 'inc.html' %}"),
    ];
    check("flask", &files, 0, &[], &["m.html"]);
    let files = [("inc.html", SCRIPT), ("other.html", "{% include 'inc.html' %}"), ("page.html", isolated)];
    check("flask", &files, 0, &["warning inc.html:1 page.html"], &["inc.html"]);
}

#[test]
fn what_a_cached_block_includes_is_kept() {
    let of = |name: &str| {
        format!(
            "{{% cache 500 a %}}{{% include '{name}' %}}{{% endcache %}}{{% include 'other.{}' %}}",
            name.split_once('.').unwrap().1
        )
    };
    for (framework, name) in [
        ("django", "inc.html"),
        ("django-csp3", "inc.html"),
        ("flask", "inc.html"),
        ("starlette", "inc.html"),
        ("symfony", "inc.html.twig"),
    ] {
        let page = of(name);
        let other = name.replace("inc", "other");
        let page_name = name.replace("inc", "page");
        let error = format!("error {name}:1 another file has this in a cached block");
        check(framework, &[(name, SCRIPT), (&other, SCRIPT), (&page_name, &page)], 1, &[&error], &[&other]);
    }
    let files = [("in.html", SCRIPT), ("inc.html", "{% include 'in.html' %}"), ("page.html", &*of("inc.html"))];
    let error = "error in.html:1 another file has this in a cached block";
    check("django", &files, 1, &[error], &[]);
    let files = [
        ("a/_kept.html.erb", SCRIPT),
        ("a/_other.html.erb", SCRIPT),
        ("a/show.html.erb", "<% cache 'a' do %><%= render \"kept\" %><% end %><%= render \"other\" %>"),
    ];
    let error = "error a/_kept.html.erb:1 another file has this in a cached block";
    check("rails", &files, 1, &[error], &["a/_other.html.erb"]);
    // Rails keeps the partials of a collection where it is told to.
    let of = |options: &str| format!("<%= render partial: 'item', collection: @items{options} %>");
    let item = "a/_item.html.erb";
    let error = "error a/_item.html.erb:1 another file has this in a cached block";
    for (options, code, errors, nonced) in
        [(", cached: true", 1, &[error][..], &[][..]), ("", 0, &[], &[item]), (", cached: false", 0, &[], &[item])]
    {
        let files = [(item, SCRIPT), ("a/index.html.erb", &*of(options))];
        check("rails", &files, code, errors, nonced);
    }
    // A block of the parent, and one that is included elsewhere too.
    let files = [
        ("base.html", "{% cache 500 a %}{% block a %}{% endblock %}{% endcache %}{% block b %}{% endblock %}"),
        (
            "page.html",
            "{% extends 'base.html' %}{% block a %}<script>a()</script>{% endblock %}{% block b %}\n<style>p{}</style>{% endblock %}",
        ),
    ];
    let error = "error page.html:1 another file has this in a cached block";
    check("django", &files, 1, &[error], &["page.html"]);
    let files = [
        ("inc.html", SCRIPT),
        ("other.html", "{% include 'inc.html' %}"),
        ("page.html", "{% cache 500 a %}{% include 'inc.html' %}{% endcache %}"),
    ];
    let warning = "warning inc.html:1 another file has this in a cached block";
    check("django", &files, 0, &[warning], &["inc.html"]);
}

#[test]
fn a_function_of_the_users_is_everywhere() {
    let folder = folder(&[("inc.twig", SCRIPT), ("page.twig", "{% include 'inc.twig' only %}")]);
    let of = |value: &str| {
        let args = ["nonce", "--no-config", "--value", value, "."];
        let ran = support::run(folder.path(), &args);
        (ran.code, ran.err.contains("[dead-nonce]"))
    };
    assert_eq!(of("{{ csp_nonce() }}"), (0, false));
    assert_eq!(of("{{ csp_nonce }}"), (0, true));
    assert_eq!(of("{{ csp.nonce() }}"), (0, true));
}

#[test]
fn tags_and_widgets_of_django() {
    let tags = "@register.inclusion_tag('menu.html')\ndef menu():\n    return {'a': 1}\n";
    let files = [("app/templatetags/menu.py", tags), ("app/templates/menu.html", SCRIPT)];
    check(
        "django",
        &files,
        0,
        &["warning app/templates/menu.html:1 an inclusion tag of app/templatetags/menu.py"],
        &[],
    );
    let given = tags.replace("'a': 1", "'csp_nonce': 1");
    let files = [("app/templatetags/menu.py", &*given), ("app/templates/menu.html", SCRIPT)];
    check("django", &files, 0, &[], &["app/templates/menu.html"]);
    let widget = "class Color(forms.TextInput):\n    template_name = 'color.html'\n";
    let files = [("app/widgets.py", widget), ("templates/color.html", SCRIPT)];
    check("django", &files, 0, &["warning templates/color.html:1 a widget of app/widgets.py"], &[]);
    let files = [("templates/django/forms/widgets/input.html", SCRIPT)];
    check("django", &files, 0, &["warning templates/django/forms/widgets/input.html:1 Django renders"], &[]);
}

#[test]
fn macros_without_context() {
    let macros = "{% macro w(x) %}<script>w({{ x }})</script>{% endmacro %}";
    for (import, code, is_written) in
        [("{% from 'm.html' import w %}", 0, false), ("{% import 'm.html' as m with context %}", 0, true)]
    {
        let warnings: &[&str] =
            if is_written { &[] } else { &["warning jinja2/m.html:1 jinja2/p.html imports this file without context"] };
        let nonced: &[&str] = if is_written { &["jinja2/m.html"] } else { &[] };
        for framework in ["django", "django-csp", "django-csp3"] {
            check(framework, &[("jinja2/m.html", macros), ("jinja2/p.html", import)], code, warnings, nonced);
        }
        // Their functions are in every macro.
        for framework in ["flask", "flask-talisman", "starlette"] {
            check(framework, &[("m.html", macros), ("p.html", import)], 0, &[], &["m.html"]);
        }
    }
    check(
        "express",
        &[("m.njk", macros), ("p.njk", "{% from 'm.njk' import w %}")],
        0,
        &["warning m.njk:1 p.njk imports"],
        &[],
    );
    let own = format!("{macros}{{{{ w(1) }}}}");
    check("express", &[("m.njk", &own)], 0, &[], &["m.njk"]);
    check("express", &[("m.njk", macros)], 0, &["warning m.njk:1 a macro has no variables"], &["m.njk"]);
    check("symfony", &[("m.twig", macros)], 0, &[], &["m.twig"]);
}

#[test]
fn variables_of_a_file_that_is_imported_without_context() {
    let file = "{% set js %}<script>a()</script>{% endset %}{% set n = 1 %}{% macro m() %}{{ js }}{% endmacro %}\n";
    let import = "{% import 'm.html' as x %}{{ x.m() }}";
    let with_context = "{% from 'm.html' import js with context %}";
    // Jinja renders it once, and keeps the nonce that a function had then.
    for framework in ["flask", "flask-talisman", "starlette"] {
        let kept = "error m.html:1 p.html imports this file without context, and Jinja keeps";
        check(framework, &[("m.html", file), ("p.html", import)], 1, &[kept], &[]);
        let files = [("m.html", file), ("p.html", with_context)];
        check(framework, &files, 0, &[], &["m.html"]);
        check(framework, &[("m.html", file)], 0, &[], &["m.html"]);
        // Some have it in a response of their own.
        let perhaps = format!("warning{}", &kept["error".len()..]);
        let both = [("m.html", file), ("p.html", import), ("q.html", with_context)];
        check(framework, &both, 0, &[&perhaps], &["m.html"]);
        let page = format!("{{% extends 'b.html' %}}{file}");
        let files = [("m.html", &*page), ("p.html", import)];
        check(framework, &files, 0, &[&perhaps], &["m.html"]);
    }
    let lacks = "imports this file without context, where this nonce is empty";
    check(
        "django",
        &[("jinja2/m.html", file), ("jinja2/p.html", import)],
        0,
        &[&format!("warning jinja2/m.html:1 jinja2/p.html {lacks}")],
        &[],
    );
    check(
        "express",
        &[("m.njk", file), ("p.njk", "{% from 'm.njk' import js %}")],
        0,
        &[&format!("warning m.njk:1 p.njk {lacks}")],
        &[],
    );
    // In a macro it is the macro's, and behind the block the file's.
    let file = "{% macro m() %}{% set js | replace(a='b') %}<script>a()</script>{% endset %}{{ js }}{% endmacro %}\n";
    let files = [("m.html", file), ("p.html", import)];
    check("flask", &files, 0, &[], &["m.html"]);
    let file = "{% set js %}{% endset %}<script>a()</script>{{ js }}\n";
    let files = [("m.html", file), ("p.html", import)];
    check("flask", &files, 0, &[], &["m.html"]);
}

#[test]
fn named_templates_of_go() {
    let named = "{{define \"x\"}}<script>a()</script>{{end}}\n";
    for (call, is_written) in [
        ("{{template \"x\" .}}", true),
        ("{{range .L}}{{template \"x\" $}}{{end}}", true),
        ("{{range .L}}{{template \"x\" .}}{{end}}", false),
        ("{{template \"x\" .User}}", false),
        ("{{template \"x\"}}", false),
        ("", true),
    ] {
        let findings: &[&str] =
            if is_written { &[] } else { &["warning x.tmpl:1 page.tmpl gives this template other data"] };
        let nonced: &[&str] = if is_written { &["x.tmpl"] } else { &[] };
        check("go", &[("page.tmpl", call), ("x.tmpl", named)], 0, findings, nonced);
    }
}

#[test]
fn mails() {
    for (framework, name, is_written) in [
        ("rails", "app/views/user_mailer/hello.html.erb", false),
        ("rails", "app/views/layouts/mailer.html.erb", false),
        ("flask-talisman", "templates/email/a.html", false),
        ("express", "views/emails/a.ejs", false),
        ("django", "templates/registration/password_reset_email.html", true),
        ("flask", "templates/mail/a.html", true),
        ("laravel", "resources/views/mail/a.blade.php", true),
    ] {
        let nonced: &[&str] = if is_written { &[name] } else { &[] };
        let warning = format!("warning {name}:1 this looks like a mail");
        check(framework, &[(name, "<style>p{}</style>\n")], 0, &[&*warning], nonced);
    }
}

#[test]
fn caches() {
    for (framework, name, source) in [
        ("django", "a.html", "{% cache 500 a %}<script>a()</script>{% endcache %}"),
        ("flask", "a.html", "{% cache 60 %}<script>a()</script>{% endcache %}"),
        (
            "starlette",
            "a.html",
            "{% cache 60 %}<script nonce=\"{{ csp_nonce() if csp_nonce is defined }}\">a()</script>{% endcache %}",
        ),
        ("rails", "a.erb", "<% cache @a do %><% if @b %><script>a()</script><% end %><% end %>"),
        (
            "rails",
            "a.erb",
            "<% cache_if(@b, @a) do %><%= javascript_tag nonce: true do %>x<% end %><style></style><% end %>",
        ),
        ("symfony", "a.twig", "{% cache 'a' %}<style>a</style>{% endcache %}"),
        ("laravel", "a.blade.php", "@cache('a') <style>a</style> @endcache"),
    ] {
        check(framework, &[(name, source)], 1, &[&format!("error {name}:1 the output of this block is cached")], &[]);
    }
    let around = "<script>a()</script>{% cache 500 a %}b{% endcache %}";
    check("django", &[("a.html", around)], 0, &[], &["a.html"]);
}

#[test]
fn conditions_on_a_lazy_nonce() {
    let error = ["error a.html:1 csp_nonce is false until something has read it, so"];
    for source in [
        "<script{% if csp_nonce %} nonce=\"{{ csp_nonce }}\"{% endif %}>b()</script>",
        "<script{% if a and csp_nonce %} nonce=\"{{ csp_nonce }}\"{% endif %}>b()</script>",
        "<script nonce=\"{% if csp_nonce %}{{ csp_nonce }}{% endif %}\">b()</script>",
        "<script nonce=\"{{ csp_nonce|default:'' }}\">b()</script>",
        "{% if csp_nonce %}<script nonce=\"{{ csp_nonce }}\">b()</script>{% endif %}",
    ] {
        check("django", &[("a.html", source)], 1, &error, &[]);
    }
    let source = "{% if csp_nonce %}<script>b()</script>{% endif %}";
    check("django", &[("a.html", source)], 1, &error, &["a.html"]);
    for source in [
        "<script{% if csp_nonce is not None %} nonce=\"{{ csp_nonce }}\"{% elif request.csp_nonce %} nonce=\"{{ request.csp_nonce }}\"{% endif %}>a()</script>",
        "<script {% csp_nonce_attr %}>c()</script>",
        "{% if a %}<script nonce=\"{{ csp_nonce }}\"></script>{% endif %}",
        "<script{% if csp_nonce %} nonce=\"{{ csp_nonce }}\"{% else %} nonce=\"{{ csp_nonce }}\"{% endif %}>b()</script>",
    ] {
        check("django", &[("a.html", source)], 0, &[], &[]);
    }
    // What is read before makes it true.
    let source = "<script>a()</script>\n<script{% if csp_nonce %} nonce=\"{{ csp_nonce }}\"{% endif %}>b()</script>";
    check("django", &[("a.html", source)], 0, &["warning a.html:2 csp_nonce is false until"], &["a.html"]);
    let source = "<script{% if request.csp_nonce %} nonce=\"{{ request.csp_nonce }}\"{% endif %}>b()</script>";
    check("django-csp", &[("a.html", source)], 1, &["error a.html:1 request.csp_nonce is false"], &[]);
    check("django-csp3", &[("a.html", source)], 0, &[], &[]);
    let source = "<script nonce=\"{{ csp_nonce or '' }}\">b()</script>";
    check("django", &[("jinja2/a.html", source)], 1, &["error jinja2/a.html:1 csp_nonce is false"], &[]);
    let source = "<script{% if csp_nonce %} nonce=\"{{ csp_nonce() }}\"{% endif %}>b()</script>";
    check("flask", &[("a.html", source)], 0, &[], &[]);
}

#[test]
fn nothing_is_written_before_extends() {
    let error = "error a.html:1 {% extends %} must be the first tag";
    check("django", &[("a.html", "<script>x()</script>{% extends \"b.html\" %}")], 1, &[error], &[]);
    let inside = "{# a #}{% extends \"b.html\" %}{% block a %}<script>x()</script>{% endblock %}";
    check("django", &[("a.html", inside)], 0, &[], &["a.html"]);
    check("flask", &[("a.html", "<script>x()</script>{% extends \"b.html\" %}")], 0, &[], &["a.html"]);
}

#[test]
fn files_of_other_engines_and_texts() {
    let files = [("app/jinja2/a.html", "{# #}<script>{{ '<script>' }}</script>"), ("templates/b.html", SCRIPT)];
    check("django", &files, 0, &[], &["app/jinja2/a.html", "templates/b.html"]);
    let files = [
        ("migrations/script.py.mako", "\"\"\"${message}\"\"\"\n"),
        ("plain.mako", "${message}\n<script nonce=\"${n}\">a()</script>"),
        ("templates/a.html", "<script nonce=\"{{ csp_nonce() }}\">a()</script>"),
    ];
    check("flask", &files, 0, &[], &[]);
    let (code, ..) = run("flask", &[("a.mako", SCRIPT)]);
    assert_eq!(code, 2);
}

#[test]
fn thymeleaf_evaluates_no_plain_attributes() {
    let folder =
        folder(&[("a.html", "<script nonce=\"${cspNonce}\">a()</script>\n<style nonce=\"[[${b}]]\"></style>\n")]);
    let args = ["nonce", "--no-config", "--template", "thymeleaf", "--value", "${nonce}", "--check", "a.html"];
    let ran = support::run(folder.path(), &args);
    assert_eq!((ran.code, ran.err.matches("error[dead-nonce").count()), (1, 2), "{}", ran.err);
    let args =
        ["nonce", "--no-config", "--template", "thymeleaf", "--value", "${nonce}", "--write", "--replace", "a.html"];
    let ran = support::run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        read(&folder, "a.html"),
        "<script th:nonce=\"${nonce}\" nonce=\"${cspNonce}\">a()</script>\n<style th:nonce=\"${nonce}\" nonce=\"[[${b}]]\"></style>\n"
    );
}

#[test]
fn the_policy_is_printed_although_all_nonces_are_dead() {
    let folder = folder(&[
        ("t/inc.html", "<script>inc({{ y }})</script>\n"),
        ("t/page.html", "{% include \"inc.html\" with y=1 only %}\n"),
    ]);
    let args = ["nonce", "--no-config", "--framework", "django", "--policy", "default-src 'self'", "-o", "out", "t"];
    let ran = support::run(folder.path(), &args);
    assert_eq!((ran.code, ran.err.matches("[dead-nonce").count()), (0, 1), "{}", ran.err);
    assert!(ran.out.contains("SECURE_CSP = {\n    \"default-src\": [CSP.SELF],\n}"), "{}", ran.out);
    assert!(!ran.err.contains("dynamic-inline"), "{}", ran.err);
}

#[test]
fn an_inclusion_tag_that_returns_the_context() {
    let tag = |returned: &str| {
        format!("@register.inclusion_tag(\"a/menu.html\", takes_context=True)\ndef menu(context):\n    {returned}\n")
    };
    for (returned, warned) in [
        ("context.update({\"b\": 1})\n    return context", false),
        ("return {**context.flatten(), \"b\": 1}", false),
        ("context = {\"b\": 1}\n    return context", true),
    ] {
        let files = [("app/templates/a/menu.html", SCRIPT), ("app/templatetags/menu.py", &*tag(returned))];
        let warning = "warning app/templates/a/menu.html:1 an inclusion tag of app/templatetags/menu.py";
        let (warnings, nonced): (&[&str], &[&str]) = match warned {
            true => (&[warning], &[]),
            false => (&[], &["app/templates/a/menu.html"]),
        };
        check("django", &files, 0, warnings, nonced);
    }
}

#[test]
fn a_template_that_python_renders_without_the_request() {
    let view = "def a(request):\n    return render_to_string('a/part.html', {'b': 1})\n\n\
        def b(request):\n    return render_to_string('a/whole.html', {'b': 1}, request)\n";
    let files = [
        ("app/templates/a/part.html", SCRIPT),
        ("app/templates/a/whole.html", SCRIPT),
        ("app/views.py", view),
        ("app/tests/test_a.py", "def c():\n    render_to_string('a/whole.html')\n"),
    ];
    let nonced = ["app/templates/a/part.html", "app/templates/a/whole.html"];
    let warning = "warning app/templates/a/part.html:1 app/views.py renders this file without the request";
    check("django", &files, 0, &[warning], &nonced);
}

#[test]
fn a_page_about_mails_has_the_layout_of_a_page() {
    let page = format!("{{% extends 'base.html' %}}{{% block a %}}{SCRIPT}{{% endblock %}}");
    let mail = page.replace("base.html", "base_mail.html");
    let files = [("outgoing_mail.html", &*page), ("welcome_mail.html", &*mail)];
    let nonced = ["outgoing_mail.html", "welcome_mail.html"];
    let warning = "warning welcome_mail.html:1 this looks like a mail";
    check("django", &files, 0, &[warning], &nonced);
}

#[test]
fn what_a_file_includes_lacks_the_nonce_as_it_does() {
    let files = [("a.html", "{% include 'b.html' only %}"), ("b.html", "{% include 'c.html' %}"), ("c.html", SCRIPT)];
    let warning = "warning c.html:1 b.html includes this file and lacks the nonce itself";
    check("django", &files, 0, &[warning], &[]);
}

#[test]
fn laravels_nonce_is_a_service_of_version_3() {
    let (code, findings, folder) = run("laravel", &[("a.blade.php", SCRIPT)]);
    assert_eq!((code, findings.len()), (0, 0), "{findings:#?}");
    // The function csp_nonce() is in version 2 only, and so would fail.
    let expected = "<script nonce=\"{{ app('csp-nonce') }}\">a()</script>\n";
    assert_eq!(read(&folder, "out/a.blade.php"), expected);
}
