//! Where nonces go, dialect by dialect: `¦` marks each place in the source.

use std::io::Write as _;

use cspseal::Code;
use cspseal::edit::nonce::{NonceOptions, NonceRewriter, NonceValue, NoncedElements, Rewrite};
use cspseal::template::{Dialect, Templates};

fn options(dialect: Option<Dialect>, value: &str) -> NonceOptions {
    let templates = dialect.map_or(Templates::Off, Templates::Dialect);
    NonceOptions::new(NonceValue::new(value, dialect).unwrap()).with_templates(templates)
}

fn rewrite(pieces: &[&[u8]], options: &NonceOptions) -> (String, Rewrite) {
    let mut rewriter = NonceRewriter::new("a", Vec::new(), options);
    for piece in pieces {
        rewriter.write_all(piece).unwrap();
    }
    let (output, rewrite) = rewriter.finish().unwrap();
    (String::from_utf8(output).unwrap(), rewrite)
}

/// Rewrites each fragment, whole and split at every byte, and expects the nonces where the marks stand; then once more,
/// and expects nothing to change.
#[track_caller]
fn check(dialect: Option<Dialect>, value: &str, fragments: &[&str]) {
    let options = options(dialect, value);
    let attribute = NonceValue::new(value, dialect).unwrap().attribute();
    for fragment in fragments {
        let source = fragment.replace('¦', "");
        let expected = fragment.replace('¦', &attribute);
        let (output, whole) = rewrite(&[source.as_bytes()], &options);
        assert_eq!(output, expected, "{dialect:?}");
        assert_eq!(whole.changes, fragment.matches('¦').count(), "{fragment}");
        for at in 0..source.len() {
            let (left, right) = source.as_bytes().split_at(at);
            let split = rewrite(&[left, right], &options);
            assert_eq!(split, (expected.clone(), whole.clone()), "{fragment} split at {at}");
        }
        let (twice, again) = rewrite(&[expected.as_bytes()], &options);
        assert_eq!((twice, again.changes), (expected, 0), "{fragment} rewritten twice");
    }
}

#[test]
fn plain_html() {
    check(
        None,
        "abc",
        &[
            "<script¦>a</script><SCRIPT¦ src=x></SCRIPT><style¦/>a</style>",
            "<script¦\n\ttype=module>a</script><script¦ type='importmap'>{}</script>",
            "<script type=application/json>{}</script><script type='text/template'><script></script>",
            "<script nomodule>a</script><script language=vbscript>a</script>",
            "<!-- <script> --><textarea><script></script></textarea><title><style></style></title>",
            "<template><script¦>a</script><style¦></style></template>",
            "<noscript><style¦>a</style><script>a</script></noscript>",
            "<noscript><p></noscrip><style¦>a</style></noscript ><script¦></script>",
            "<svg><script¦ href=x /><style¦>a</style><title><style¦>a</style></title></svg>",
            "<math><script>a</script><style>a</style></math>",
            "<script¦>'<!--<script>'</script><script>'</script><script>",
            "<script¦>a('<script src=x><\\/script>')</script>",
            "<link rel=stylesheet href=x><a href='javascript:x'>",
            "<iframe sandbox srcdoc='<script>a</script>'></iframe>",
        ],
    );
}

#[test]
fn django() {
    check(
        Some(Dialect::Django),
        "{{ csp_nonce }}",
        &[
            "<script¦{{ attrs }}>{{ a }}</script>",
            "<script¦ {% if a > b %}defer{% endif %} src=\"{% static 'x.js' %}\"></script>",
            "{% if a %}<script¦ async>{% else %}<script¦ defer>{% endif %}a</script>",
            "{% comment %}<script>{% endcomment %}{# <style> #}<style¦></style>",
            "{{ \"<script>\" }}{% x '<style>' %}<a href={{ url }}><style¦>",
            "<script¦ type={{ t }}></script><script type=application/json>{{ a }}</script>",
            "<script {% csp_nonce_attr %}></script><script{{ csp_nonce_attr }}></script>",
            "<script¦>\n  {{ a }}\n",
            "code()</script><script¦>more()",
            "{{\n<script¦></script>\n}}",
            "<script¦>{{ a }}; w('<script>b<\\/script>')</script>",
        ],
    );
}

#[test]
fn jinja_and_its_kin() {
    for dialect in [Dialect::Jinja, Dialect::Nunjucks, Dialect::Twig, Dialect::Askama] {
        check(
            Some(dialect),
            "{{ csp_nonce() }}",
            &[
                "<script¦{{ attrs }}>{{ \"</script>\" }}</script>",
                "{{ '}}<script>' }}<script¦ {%- if a > b -%} defer {%- endif -%}>a</script>",
                "{% if a %}<script¦ async>{% else %}<script¦ defer>{% endif %}a</script>",
                "{# <script>\n #}<style¦>{{ a }}</style>",
                "{% set a = '%}<style>' %}<style¦></style>",
                "{% for a in b %}<script¦ src=\"{{ a }}\"></script>{% endfor %}",
                "<script{% if a %} nonce=\"{{ csp_nonce() }}\"{% endif %}></script>",
                "<script¦ {% if nonce %}defer{% endif %}></script><script¦ {# nonce #}></script>",
                "<script {{ nonce_attribute }}></script><script {% nonce %}></script>",
                "<script¦ {% url 'nonce' %}></script>",
            ],
        );
    }
    check(Some(Dialect::Nunjucks), "{{ n }}", &["{{ a | replace(r/}}<script>/, 'b') }}<script¦></script>"]);
    check(Some(Dialect::Askama), "{{ n }}", &["{# {# <script> #} <script> #}<script¦></script>"]);
}

#[test]
fn liquid() {
    check(
        Some(Dialect::Liquid),
        "{{ n }}",
        &[
            "{% comment %}<script>{% comment %}{% endcomment %}<script>{% endcomment %}<script¦></script>",
            "{{ '}}' }}<style¦>",
            "{% if a %}<script¦ async>{% else %}<script¦ defer>{% endif %}a</script>",
            "{% # <script> %}<script¦>{{ a }}</script>",
        ],
    );
}

#[test]
fn go() {
    check(
        Some(Dialect::Go),
        "{{$.Nonce}}",
        &[
            "{{/* <script> */}}<script¦>{{.A}}</script>",
            "{{ `}}<script>` }}{{- \"<style>\" -}}<style¦></style>",
            "{{if .A}}<script¦ async>{{else}}<script¦ defer>{{end}}a</script>",
            "<script¦ src={{.A}}></script>{{define \"x\"}}<script¦></script>{{end}}",
        ],
    );
}

#[test]
fn handlebars_and_mustache() {
    for dialect in [Dialect::Handlebars, Dialect::Mustache] {
        check(
            Some(dialect),
            "{{n}}",
            &[
                "{{! <script> }}<script¦>{{{a}}}</script>",
                "{{#if a}}<script¦ async>{{else}}<script¦ defer>{{/if}}a</script>",
                "<script¦ {{#if a}}defer{{/if}} src='{{a}}'></script>",
            ],
        );
    }
    check(
        Some(Dialect::Handlebars),
        "{{n}}",
        &["{{!-- }} <script> --}}<script¦>\\{{a}}</script>{{[a}}<script>]}}<style¦>"],
    );
    check(Some(Dialect::Mustache), "<%n%>", &["{{=<% %>=}}<%! <script> %><script¦>{{a}}</script>"]);
}

#[test]
fn angle_percent() {
    for (dialect, value) in [
        (Dialect::Ejs, "<%= cspNonce %>"),
        (Dialect::Erb, "<%= content_security_policy_nonce %>"),
        (Dialect::Jsp, "<%= nonce %>"),
    ] {
        check(
            Some(dialect),
            value,
            &[
                "<% if (a > b) { %><script¦ async><% } else { %><script¦ defer><% } %>a</script>",
                "<%= '<script>' %><script¦ <%= attrs %>><%= a %></script>",
                "<style¦ media=\"<%= a %>\">a</style>",
            ],
        );
    }
    check(Some(Dialect::Erb), "<%= n %>", &["<%# <script> %><script¦></script><%% a %><style¦>"]);
    check(Some(Dialect::Ejs), "<%= n %>", &["<%# <script> %><script¦></script><%_ a _%><style¦>"]);
    check(
        Some(Dialect::Jsp),
        "${n}",
        &[
            "<c:choose><c:when test='${a}'><script¦ async></c:when><c:otherwise><script¦ defer></c:otherwise></c:choose>a</script>",
            "<script¦><c:if test='${a}'>x</c:if>'<script>'</script>",
            "<%-- <script> --%><script¦>${a}</script>${'<style>'}",
        ],
    );
}

#[test]
fn mako() {
    check(
        Some(Dialect::Mako),
        "${csp_nonce}",
        &[
            "## <script>\n<%doc><script></%doc><script¦>${a}</script>",
            "% if a:\n<script¦ async>\n% else:\n<script¦ defer>\n% endif\na</script>",
            "${'}<script>'}<style¦></style><%\n x = '<script>'\n%>",
        ],
    );
}

#[test]
fn php_and_blade() {
    check(
        Some(Dialect::Php),
        "<?= $cspNonce ?>",
        &[
            "<?php if ($a) { ?><script¦ async><?php } else { ?><script¦ defer><?php } ?>a</script>",
            "<?php echo '?><script>'; ?><script¦ <?= $attrs ?>></script>",
            "<style¦><?= $a ?></style><?php // <script>",
        ],
    );
    check(
        Some(Dialect::Blade),
        "{{ csp_nonce() }}",
        &[
            "{{-- <script> --}}<script¦>{!! $a !!}</script>",
            "@if($a > 1)<script¦ async>@else<script¦ defer>@endif a</script>",
            "<script @cspNonce></script><script¦ @if($b) defer @endif></script>",
            "<script @nonce :src='a'></script><script¦ data-nonce='a'></script>",
            "<?php echo '<script>' ?><style¦></style>",
        ],
    );
}

#[test]
fn razor_and_thymeleaf() {
    check(
        Some(Dialect::Razor),
        "@Nonce",
        &[
            "@* <script> *@<script¦>@a</script>",
            "@if (a > b) { <script¦ async>a</script> }",
            "<script¦>@if (a) { <text>x</text> } else { <text>'<script>'</text> }'<script>'</script>",
            "<style¦>a@@b</style>",
        ],
    );
    check(
        Some(Dialect::Thymeleaf),
        "${n}",
        &[
            "<!--/* <script> */--><script¦>[[${a}]]</script><p th:if=\"${a > b}\"><style¦>",
            "<script th:nonce=\"${cspNonce}\"></script>",
        ],
    );
}

#[test]
fn a_nonce_that_is_there_is_filled_or_kept() {
    let jinja = options(Some(Dialect::Jinja), "{{ n }}");
    for (source, expected, changes, findings) in [
        ("<script nonce>", "<script nonce=\"{{ n }}\">", 1, 0),
        ("<script nonce >", "<script nonce=\"{{ n }}\" >", 1, 0),
        ("<script NONCE defer>", "<script NONCE=\"{{ n }}\" defer>", 1, 0),
        ("<script nonce=\"\">", "<script nonce=\"{{ n }}\">", 1, 0),
        ("<script nonce = ''>", "<script nonce = '{{ n }}'>", 1, 0),
        ("<script nonce=>", "<script nonce=\"{{ n }}\">", 1, 0),
        ("<script nonce={{n}}>", "<script nonce={{n}}>", 0, 0),
        ("<script nonce='{{ n }}'>", "<script nonce='{{ n }}'>", 0, 0),
        ("<script nonce=\"{{ m }}\">", "<script nonce=\"{{ m }}\">", 0, 1),
        ("<script nonce=x>", "<script nonce=x>", 0, 1),
        ("<script data-nonce='x'>", "<script nonce=\"{{ n }}\" data-nonce='x'>", 1, 0),
        ("<script data-note='nonce=x'>", "<script nonce=\"{{ n }}\" data-note='nonce=x'>", 1, 0),
    ] {
        let (output, rewrite) = rewrite(&[source.as_bytes()], &jinja);
        assert_eq!(output, expected);
        assert_eq!((rewrite.changes, rewrite.findings.len()), (changes, findings), "{source}");
    }
    let replacing = jinja.with_replace(true);
    for (source, expected) in [
        ("<script nonce=\"{{ m }}\">", "<script nonce=\"{{ n }}\">"),
        ("<script nonce='x'>", "<script nonce=\"{{ n }}\">"),
        ("<script nonce=x defer>", "<script nonce=\"{{ n }}\" defer>"),
    ] {
        assert_eq!(rewrite(&[source.as_bytes()], &replacing).0, expected);
    }
}

#[test]
fn quotes_are_chosen_so_that_the_tag_stays_whole() {
    let twig = options(Some(Dialect::Twig), "{{ n(\"a\") }}");
    for (source, expected) in [
        ("<script>", "<script nonce='{{ n(\"a\") }}'>"),
        ("<script nonce=\"\">", "<script nonce='{{ n(\"a\") }}'>"),
        ("<script nonce=''>", "<script nonce='{{ n(\"a\") }}'>"),
        ("<script nonce>", "<script nonce='{{ n(\"a\") }}'>"),
    ] {
        assert_eq!(rewrite(&[source.as_bytes()], &twig).0, expected);
    }
}

#[test]
fn documents_in_srcdoc_are_escaped_as_they_are() {
    let plain = options(None, "abc");
    let jinja = options(Some(Dialect::Jinja), "{{ n(\"a\") }}");
    for (options, source, expected) in [
        (
            &plain,
            "<iframe srcdoc=\"<script>a</script>&lt;style&gt;\">",
            "<iframe srcdoc=\"<script nonce=&quot;abc&quot;>a</script>&lt;style nonce=&quot;abc&quot;&gt;\">",
        ),
        (&plain, "<iframe srcdoc='é&amp;<script nonce>'>", "<iframe srcdoc='é&amp;<script nonce=\"abc\">'>"),
        (&plain, "<iframe srcdoc=&lt;script&#62;>", "<iframe srcdoc=&lt;script&#32;nonce=&quot;abc&quot;&#62;>"),
        (
            &plain,
            "<iframe srcdoc=\"<iframe srcdoc='<script>&amp;lt;style&amp;gt;'>\">",
            "<iframe srcdoc=\"<iframe srcdoc='<script nonce=&quot;abc&quot;>&amp;lt;style&amp;gt;'>\">",
        ),
        (
            &plain,
            "<iframe srcdoc=\"<iframe srcdoc=&quot;&amp;lt;script>&quot;>\">",
            "<iframe srcdoc=\"<iframe srcdoc=&quot;&amp;lt;script nonce=&amp;quot;abc&amp;quot;>&quot;>\">",
        ),
        (
            &jinja,
            "<iframe srcdoc=\"{{ a }}<script>{{ '&' }}</script>\">",
            "<iframe srcdoc=\"{{ a }}<script nonce='{{ n(\"a\") }}'>{{ '&' }}</script>\">",
        ),
    ] {
        let (source, expected) = (&*format!("{source}</iframe>"), &*format!("{expected}</iframe>"));
        let (output, whole) = rewrite(&[source.as_bytes()], options);
        assert_eq!(output, expected);
        assert!(whole.findings.is_empty(), "{:?}", whole.findings);
        for at in 0..source.len() {
            let (left, right) = source.as_bytes().split_at(at);
            assert_eq!(rewrite(&[left, right], options).0, expected, "split at {at}");
        }
        let (twice, again) = rewrite(&[expected.as_bytes()], options);
        assert_eq!((&*twice, again.changes), (expected, 0));
    }
}

#[test]
fn links_get_nonces_on_demand() {
    let elements = NoncedElements { scripts: false, styles: false, links: true };
    let options = options(Some(Dialect::Jinja), "{{ n }}").with_elements(elements);
    for (fragment, scripts, styles) in [
        ("<link¦ rel=stylesheet href=x>", false, true),
        ("<link¦ rel='PreLoad' as=script href=x>", true, false),
        ("<link¦ rel=preload as=style href=x>", false, true),
        ("<link¦ rel=modulepreload href=x>", true, false),
        ("<link¦ rel='{{ a }}' href=x>", false, true),
        ("<link rel=icon href=x><script></script><style></style>", false, false),
    ] {
        let (output, rewrite) = rewrite(&[fragment.replace('¦', "").as_bytes()], &options);
        assert_eq!(output, fragment.replace('¦', " nonce=\"{{ n }}\""));
        assert_eq!((rewrite.scripts, rewrite.styles), (scripts, styles), "{fragment}");
    }
}

#[test]
fn elements_whose_nonce_is_ignored_are_reported() {
    let jinja = options(Some(Dialect::Jinja), "{{ n }}");
    for (source, code) in [
        ("<iframe src='data:text/html,<script>a</script>'></iframe>", Some("unscanned-document")),
        ("<iframe src='data:text/html,<p>'></iframe>", None),
        ("<script a=1 A=2>", Some("not-nonceable")),
        ("<svg><script a=1 a=2>", Some("not-nonceable")),
        ("<style a=1 a=2></style><style b='<script'></style>", None),
        ("<script data-a='<script'>", Some("not-nonceable")),
        ("<script data-a='&lt;STYLE'>", Some("not-nonceable")),
        ("<script <script>", Some("not-nonceable")),
        ("<script {% if a %}src=1{% else %}src=2{% endif %}>", None),
        ("<script data-a='{{ \"<script\" }}'>", None),
        ("{% raw %}<script></script>{% endraw %}", Some("literal-element")),
        ("{% trans %}<script></script>{% endtrans %}", Some("literal-element")),
        ("{% trans %}{% endtrans %}<script></script>", None),
        ("{% if a %}<noscript>{% endif %}<script></script>", Some("unclosed-text")),
        ("{% if a %}<textarea>{% endif %}<script></script>", Some("unclosed-text")),
        ("{% raw %}{% endraw %}<script></script>", None),
        ("<script>a</script>{{ b", Some("malformed-template")),
    ] {
        let findings = rewrite(&[source.as_bytes()], &jinja).1.findings;
        let codes: Vec<_> = findings.iter().map(|finding| finding.code.name()).collect();
        assert_eq!(codes, Vec::from_iter(code), "{source}");
    }
}

#[test]
fn code_that_would_not_run_is_not_written() {
    for (dialect, fragment, refused) in [
        // With an expression it is the text, and there is no end.
        (Dialect::Twig, "{% trans 'a' %}<script¦></script>", 0),
        (Dialect::Twig, "{%~ trans with_a|b ~%}<script¦></script>", 0),
        (Dialect::Twig, "{% trans %}<script></script>{% endtrans %}<style¦>", 1),
        (Dialect::Twig, "{%- trans -%}<script></script>{%endtrans%}<style¦>", 1),
        (Dialect::Twig, "{% trans with {a: 1} from 'b' %}<script></script>{% endtrans %}<style¦>", 1),
        (Dialect::Jinja, "{% trans a=b %}<script></script>{% endtrans %}<style¦>", 1),
        (Dialect::Mustache, "{{=<% %>=}}<script></script><%={{ }}=%><script¦></script>", 1),
        (Dialect::Mustache, "{{=[ ]=}}[#a]<script></script>[/a]", 1),
        (Dialect::Mustache, "{{#a}}<script¦></script>{{/a}}", 0),
    ] {
        let options = options(Some(dialect), "{{ n }}");
        let (output, rewrite) = rewrite(&[fragment.replace('¦', "").as_bytes()], &options);
        assert_eq!(output, fragment.replace('¦', " nonce=\"{{ n }}\""));
        let codes: Vec<_> = rewrite.findings.iter().map(|f| f.code.name()).collect();
        assert_eq!(codes, vec!["literal-element"; refused], "{fragment}");
    }
}

#[test]
fn a_template_whose_code_a_nonce_would_change_is_left_alone() {
    // Run in Django 5.2, Erubi 1.9 (which Rails has) and EJS 7: the file renders as it is, and not with the nonces.
    for (dialect, value, source, column) in [
        (Dialect::Django, "{{ n }}", "Write {{ to begin.<script></script>", Some(7)),
        (Dialect::Django, "{{ n }}", "é{{ {% a %}<script></script>", Some(2)),
        (Dialect::Django, "{{ n }}", "<style></style><p a='{{'><script></script>", Some(22)),
        (Dialect::Django, "{{ n }}", "<iframe srcdoc='{{<script>'></iframe>", Some(17)),
        (Dialect::Django, "n", "Write {{ to begin.<script></script>", None),
        (Dialect::Django, "{{ n }}", "Write {{ to begin.\n<script></script>", None),
        (Dialect::Django, "{{ n }}", "Write {% to begin.<script></script>", None),
        (Dialect::Django, "{{ n }}", "<script></script> Write {{ to begin.", None),
        (Dialect::Blade, "{{ n() }}", "Write {{ to begin.<script></script>", Some(7)),
        (Dialect::Erb, "<%= n %>", "Write <%% to begin.<script></script>", Some(27)),
        (Dialect::Erb, "<%= n %>", "Write <%% to begin %>.<script></script>", None),
        (Dialect::Erb, "n", "Write <%% to begin.<script></script>", None),
        (Dialect::Ejs, "<%= n %>", "Write <%% to begin.<script></script>", None),
        (Dialect::Razor, "@n", "@{<s><\"<script>\"x</script>-<script>", None),
    ] {
        let options = options(Some(dialect), value);
        let (output, rewrite) = rewrite(&[source.as_bytes()], &options);
        let finding = rewrite.findings.iter().find(|finding| finding.code == Code::LiteralElement);
        let place = finding.and_then(|finding| finding.place.as_ref());
        assert_eq!(place.map(|place| place.column), column, "{dialect} {source}");
        let is_alone = output == source && rewrite.changes == 0;
        assert_eq!(is_alone, column.is_some(), "{dialect} {source}");
    }
}

#[test]
fn code_stays_in_a_template_with_more_of_it_than_is_held() {
    let many = "{{ a }}\n".repeat(70_000);
    let options = options(Some(Dialect::Django), "{{ n }}");
    let source = many + "Write {{ to begin.<script></script>";
    let (output, found) = rewrite(&[source.as_bytes()], &options);
    let findings = found.findings.iter();
    let findings = findings.filter(|finding| finding.code == Code::LiteralElement);
    let places = findings.filter_map(|finding| finding.place.as_ref());
    let places: Vec<_> = places.map(|place| (place.line, place.column)).collect();
    assert_eq!(places, [(70_001, 7)]);
    assert!(output == source);
    let source = source.replace("{{ to begin", "to begin");
    let (output, found) = rewrite(&[source.as_bytes()], &options);
    assert_eq!((found.changes, found.findings), (1, vec![]));
    assert!(output == source.replace("<script", "<script nonce=\"{{ n }}\""));
}

#[test]
fn code_that_a_nonce_replaces_goes_with_it() {
    let source = "{{ a }}<script nonce='{{ old }}' b='{{ c }}'></script>{{ d }}<style></style>{{ e }}";
    let options = options(Some(Dialect::Django), "{{ n }}").with_replace(true);
    let (output, rewrite) = rewrite(&[source.as_bytes()], &options);
    let expected =
        "{{ a }}<script nonce=\"{{ n }}\" b='{{ c }}'></script>{{ d }}<style nonce=\"{{ n }}\"></style>{{ e }}";
    assert_eq!(output, expected);
    assert_eq!((rewrite.changes, rewrite.findings), (2, vec![]));
}

#[test]
fn a_nonce_that_other_delimiters_would_make_code_of_is_not_written() {
    for (delimiters, refused) in [
        ("<% %>", false),
        ("__ __", false),
        ("f e", false),
        // An engine would see code from the `n` to the `e`, or at the quotation mark.
        ("n e", true),
        ("\" \"", true),
        ("N0 e", true),
        // Of this value an engine makes code, as is meant.
        ("N 1", false),
    ] {
        let source = format!("<style></style>{{{{={delimiters}=}}}}<script></script>");
        let options = options(Some(Dialect::Mustache), "N1");
        let (output, rewrite) = rewrite(&[source.as_bytes()], &options);
        let expected = source.replace("<style", "<style nonce=\"N1\"");
        let expected = match refused {
            true => expected,
            false => expected.replace("<script", "<script nonce=\"N1\""),
        };
        assert_eq!(output, expected);
        let codes: Vec<_> = rewrite.findings.iter().map(|f| f.code.name()).collect();
        let code = ["literal-element"];
        assert_eq!(codes, code[..usize::from(refused)], "{source}");
    }
}

#[test]
fn an_unterminated_construct_is_placed() {
    for (dialect, source, line, column) in [
        (Dialect::Jinja, "<script>\n</script>\n é {{ a\n<script>", 3, 4),
        (Dialect::Django, "a\n{% comment %}\n<script>", 2, 1),
        (Dialect::Jinja, "a {# b\n", 1, 3),
    ] {
        let options = options(Some(dialect), "N");
        let findings = rewrite(&[source.as_bytes()], &options).1.findings;
        assert_eq!(findings.len(), 1, "{source}");
        let place = findings[0].place.clone().unwrap();
        assert_eq!((place.line, place.column), (line, column), "{source}");
    }
}

#[test]
fn a_declaration_that_would_move_out_of_sight_is_left_where_it_is() {
    let page = |padding: usize, after: &str| {
        let padding = "-".repeat(padding);
        format!("<body><!--{padding}--><script></script><meta charset=utf-8>{after}")
    };
    // Up to the first byte of the declaration: both browsers count one that begins within the first 1,024.
    let short = page(0, "").len() - "meta charset=utf-8>".len();
    let none = options(None, "N");
    let inserted = " nonce=\"N\"".len();
    for (padding, charset, refused) in [
        (1024 - short - inserted, None, false),
        (1024 - short - inserted + 1, None, true),
        (1024 - short, None, true),
        // Browsers do not heed it as it is.
        (1024 - short + 1, None, false),
        (1024 - short, Some(encoding_rs::UTF_8), false),
    ] {
        let source = page(padding, "é<style></style>");
        let options = none.clone().with_charset(charset);
        for pieces in [1, 7, source.len()] {
            let mut rewriter = NonceRewriter::new("a", Vec::new(), &options);
            let pieces = source.as_bytes().chunks(pieces);
            pieces.for_each(|piece| rewriter.write_all(piece).unwrap());
            let finished = rewriter.finish().map(|(_, rewrite)| rewrite.changes);
            match finished {
                Ok(changes) => assert_eq!((changes, refused), (2, false), "{padding}"),
                Err(error) => assert!(refused, "{padding}: {error}"),
            }
        }
    }
}

#[test]
fn an_attribute_of_an_engine_counts_where_that_may_run() {
    let value = NonceValue::new("N", None).unwrap();
    let nonced = |templates| {
        let options = NonceOptions::new(value.clone()).with_templates(templates);
        let (output, rewrite) = rewrite(&[b"<script th:nonce=a></script>"], &options);
        let codes: Vec<_> = rewrite.findings.iter().map(|f| f.code.name()).collect();
        (output.contains(" nonce=\"N\""), codes)
    };
    assert_eq!(nonced(Templates::Dialect(Dialect::Thymeleaf)), (false, vec![]));
    assert_eq!(nonced(Templates::Auto), (false, vec!["template-syntax"]));
    assert_eq!(nonced(Templates::Off), (true, vec![]));
}

#[test]
fn thymeleaf_gets_the_attribute_that_it_evaluates() {
    let options = options(Some(Dialect::Thymeleaf), "${cspNonce}");
    for (source, expected) in [
        ("<script>a()</script>", "<script th:nonce=\"${cspNonce}\">a()</script>"),
        // A plain attribute is replaced where the template is rendered.
        (
            "<script nonce=\"${cspNonce}\">a()</script>",
            "<script th:nonce=\"${cspNonce}\" nonce=\"${cspNonce}\">a()</script>",
        ),
        ("<style nonce>", "<style th:nonce=\"${cspNonce}\" nonce>"),
        ("<style nonce=''>", "<style th:nonce=\"${cspNonce}\" nonce=''>"),
        (
            "<script th:src=\"@{/a.js}\" th:attr=\"data-a=${a}\"></script>",
            "<script th:nonce=\"${cspNonce}\" th:src=\"@{/a.js}\" th:attr=\"data-a=${a}\"></script>",
        ),
    ] {
        let (output, _) = rewrite(&[source.as_bytes()], &options);
        assert_eq!(output, expected);
        let (again, rewrite) = rewrite(&[output.as_bytes()], &options);
        assert_eq!((again, rewrite.changes), (output, 0));
    }
    for source in [
        "<script th:nonce=\"${a}\"></script>",
        "<script data-th-nonce=\"${a}\"></script>",
        "<script th:attr=\"nonce=${a}\"></script>",
        "<script th:attr=\"data-a=${b}, nonce = ${a}\"></script>",
        "<script data-th-attrappend=\"nonce=${a}\"></script>",
    ] {
        let (output, rewrite) = rewrite(&[source.as_bytes()], &options);
        assert_eq!((&*output, rewrite.changes), (source, 0));
        assert!(rewrite.scripts && rewrite.findings.is_empty(), "{source}");
    }
}
