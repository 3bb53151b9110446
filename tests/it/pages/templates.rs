//! What `hash` makes of templates: what is static is hashed, what template code decides is refused, what has a nonce is left
//! to it.

use cspseal::template::{Dialect, Templates};
use cspseal::{HashAlgorithm, HashSource, Page, ScanOptions, scan_page};

fn scan(dialect: Option<Dialect>, source: &str) -> Page {
    let templates = dialect.map_or(Templates::Auto, Templates::Dialect);
    let options = ScanOptions::new().with_templates(templates);
    scan_page("a.html", source.as_bytes(), &options).unwrap()
}

/// Expects the texts that are hashed, the number of nonced elements and the codes of the findings.
#[track_caller]
fn check(dialect: Option<Dialect>, source: &str, hashed: &[&str], nonced: usize, codes: &[&str]) {
    let page = scan(dialect, source);
    let found: Vec<_> = page.inlines().flat_map(|inline| inline.hashes.to_vec()).collect();
    let hash = |text: &&str| HashSource::of(HashAlgorithm::Sha256, text.as_bytes());
    assert_eq!(found, hashed.iter().map(hash).collect::<Vec<_>>(), "{source}");
    assert_eq!(page.nonced.len(), nonced, "{source}");
    let found: Vec<_> = page.findings.iter().map(|finding| finding.code.name()).collect();
    assert_eq!(found, codes, "{source}");
}

const DYNAMIC: &[&str] = &["dynamic-inline"];

#[test]
fn what_template_code_decides_is_never_hashed() {
    let jinja = Some(Dialect::Jinja);
    for source in [
        "<script>var a = {{ a }};</script>",
        "<script>a{# b #}</script>",
        "<script>{% raw %}a{% endraw %}</script>",
        "<style>a{b:{{ c }}}</style>",
        "<svg><style>{{ a }}</style></svg>",
        "<p style='color: {{ a }}'>",
        "<p onclick='f({{ a }})'>",
        "<a href='javascript:f({{ a }})'>",
        "<script type='{{ a }}'>b</script>",
        "<script {% if a %}type=module{% endif %}>b</script>",
        "<script {% if a %}src=x{% endif %}>b</script>",
        "{% if a %}<script async>{% else %}<script defer>{% endif %}b</script>",
        "<script>a",
        "<iframe srcdoc='<script>{{ a }}</script>'></iframe>",
        "<iframe src='data:text/html,<script>{{ a }}</script>'></iframe>",
        "<noscript><style>{{ a }}</style></noscript>",
    ] {
        check(jinja, source, &[], 0, DYNAMIC);
    }
}

#[test]
fn thymeleaf_sends_other_texts_than_those_that_stand_there() {
    let thymeleaf = Some(Dialect::Thymeleaf);
    for source in [
        "<script th:text='${a}'>b()</script>",
        "<script data-th-utext='${a}'></script>",
        "<style th:text='${a}'>b{}</style>",
        "<script th:replace='~{a :: b}'>c()</script>",
        // Whatever is between the brackets is an expression, also in a comment or a string.
        "<script>var a = [['b']];</script>",
        "<script>var a = [[1,2],[3]];</script>",
        "<script>var a = '[(b)]';</script>",
        "<script>/*[[\"b\"]]*/ a()</script>",
        "<style>a{b:[[c]]}</style>",
        "<svg><style>a{b:[[c]]}</style></svg>",
        "<script th:inline='javascript'>var a = /*[['b']]*/ 'c';</script>",
        "<script th:inline=JavaScript>/*[- */ a(); /* -]*/ b()</script>",
        "<script data-th-inline='javascript'>/*[+ a(); +]*/ b()</script>",
        "<script th:inline='javascript'>/*[# th:if='${a}']*/ b() /*[/]*/</script>",
        "<script th:inline='javascript'>[# th:if='${a}']b()[/]</script>",
        "<style th:inline='css'>/*[- a{} -]*/ b{}</style>",
        "<script th:inline='text'>/*[- a() -]*/ b()</script>",
    ] {
        check(thymeleaf, source, &[], 0, DYNAMIC);
    }
    // What these begin or end is no expression, and only a text that is a template of its own has such comments.
    for (tag, text) in [
        ("script", "a[b[0]] + c[(d + 1) % e]"),
        ("script", "[(]; [[ ];"),
        ("script", "/*[- a() -]*/ b() /*[+ c() +]*/ [/d/, e]"),
        ("script th:inline='none'", "a = [[1,2],[3]]; b = c[(d)]"),
        ("script th:inline='NONE'", "/*[- a() -]*/"),
        ("script th:inline='javascript'", "a = b[0]; /* [c] */ d = [1, 2]"),
        ("script th:inline='html'", "/*[- a() -]*/"),
    ] {
        let source = format!("<{tag}>{text}</script>");
        check(thymeleaf, &source, &[text], 0, &[]);
    }
    // Other engines have none of them.
    let text = "a = [[1,2],[3]]; /*[- b -]*/";
    let source = format!("<script th:inline='javascript'>{text}</script>");
    check(Some(Dialect::Jinja), &source, &[text], 0, &[]);
    check(thymeleaf, "<script th:if='${a}'>b()</script>", &["b()"], 0, &[]);
}

#[test]
fn what_is_static_in_a_template_is_hashed() {
    let jinja = Some(Dialect::Jinja);
    for (source, hashed) in [
        ("{{ a }}<script>b</script>{{ c }}", "b"),
        ("<script{{ attrs }}>b</script>", "b"),
        ("<script {% if a > 1 %}async{% endif %}>b</script>", "b"),
        ("<p class='{{ a }}' onclick='b'>", "b"),
        ("<iframe srcdoc='{{ a }}<script>b</script>'></iframe>", "b"),
        ("<a href='{{ a }}'><style>b</style>", "b"),
        ("{% raw %}<script>b</script>{% endraw %}", "b"),
        ("<script>\u{e9}</script>", "\u{e9}"),
    ] {
        check(jinja, source, &[hashed], 0, &[]);
    }
    check(jinja, "{# <script>a</script> #}{{ '<script>' }}", &[], 0, &[]);
    check(jinja, "<script {% if a %}src=x{% endif %}>\n</script>", &[], 0, &[]);
    check(jinja, "<script type=application/json>{{ a }}</script>", &[], 0, &[]);
}

#[test]
fn what_carries_a_nonce_is_left_to_it() {
    for (dialect, source) in [
        (Dialect::Jinja, "<script nonce='{{ n }}'>a</script>"),
        (Dialect::Jinja, "<script nonce={{ n }}>{{ a }}</script>"),
        (Dialect::Jinja, "<script {% if a %}nonce='{{ n }}'{% endif %}>a</script>"),
        (Dialect::Django, "<style {% csp_nonce_attr %}>a</style>"),
        (Dialect::Blade, "<script @cspNonce>{{ $a }}</script>"),
        (Dialect::Php, "<script <?php echo nonce(); ?>>a</script>"),
    ] {
        check(Some(dialect), source, &[], 1, &[]);
    }
    let placeholder = "<script nonce=CSP_NONCE_0123456789abcdef0123456789abcdef>a</script>";
    check(None, placeholder, &[], 1, &[]);
    check(Some(Dialect::Jinja), "<script nonce='{{ n }}' src=x></script>", &[], 0, &[]);
}

#[test]
fn a_nonce_that_stays_the_same_is_reported() {
    check(None, "<script nonce=abc>a</script>", &["a"], 0, &["static-nonce"]);
    check(Some(Dialect::Jinja), "<script nonce=abc>a</script>", &[], 1, &["static-nonce"]);
    check(None, "<script nonce>a</script><script nonce='a b'>a</script>", &["a", "a"], 0, &[]);
}

#[test]
fn go_changes_scripts_and_styles_with_comments() {
    let go = Some(Dialect::Go);
    for source in [
        "<script>a // b\n</script>",
        "<script>a /* b */</script>",
        "<style>a{} /* b */</style>",
        "<script>a('<script>')</script>",
    ] {
        check(go, source, &[], 0, DYNAMIC);
    }
    let options = ScanOptions::new().with_templates(Templates::Dialect(Dialect::Go));
    let page = scan_page("a.html", &b"<style>/* a */</style>"[..], &options).unwrap();
    let message = &page.findings[0].message;
    assert!(message.contains("takes comments out"), "{message}");
    check(go, "<script>a('//b')</script>", &["a('//b')"], 0, &[]);
    check(go, "<script nonce='{{.N}}'>a // b\n</script>", &[], 1, &[]);
    check(Some(Dialect::Jinja), "<script>a // b\n</script>", &["a // b\n"], 0, &[]);
}

#[test]
fn template_code_in_plain_html_is_pointed_out() {
    for (source, hashed) in [
        ("<script>a = {{ b }};</script>", "a = {{ b }};"),
        ("<style>{% if a %}b{% endif %}</style>", "{% if a %}b{% endif %}"),
        ("<p onclick='f(<%= a %>)'>", "f(<%= a %>)"),
    ] {
        check(None, source, &[hashed], 0, &["template-syntax"]);
        let off = ScanOptions::new().with_templates(Templates::Off);
        assert!(scan_page("a.html", source.as_bytes(), &off).unwrap().findings.is_empty());
    }
}

#[test]
fn constructs_without_an_end_are_placed() {
    for (dialect, source, code, line, column) in [
        (Dialect::Jinja, "a\n {{ b", "malformed-template", 2, 2),
        (Dialect::Django, "\n\n{% comment %}<script>", "malformed-template", 3, 1),
        (Dialect::Django, "a {{ b\n}}", "literal-delimiter", 1, 3),
    ] {
        let page = scan(Some(dialect), source);
        let found: Vec<_> = page.findings.iter().map(|f| (f.code.name(), f.place.clone().unwrap())).collect();
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        let (found, place) = &found[0];
        assert_eq!((*found, place.line, place.column), (code, line, column), "{source}");
    }
}

#[test]
fn the_extension_says_the_dialect() {
    for (path, hashed) in [("a.j2", 0), ("a.html.erb", 1), ("a.html", 1), ("a.django", 1)] {
        let page = scan_page(path, &b"<script>{{ a }}</script>"[..], &ScanOptions::new()).unwrap();
        assert_eq!(page.inlines().count(), hashed, "{path}");
    }
}
