//! Texts with their fetches, as Chromium 156 and Firefox 153 make them where the rules apply (run).

use super::property::PRESENTATION_ATTRIBUTES;
use super::walk::fetches;
use super::*;

/// The fetches of a text, `image a.png` and so on, after a check that each offset is that of its token.
fn found(css: &str, grammar: Grammar) -> String {
    let mut found = Vec::new();
    fetches(css, grammar, &mut |fetch| {
        let kind = match fetch.kind {
            FetchKind::Image => "image",
            FetchKind::Font => "font",
            FetchKind::StyleSheet => "sheet",
        };
        let token = &css[fetch.offset..];
        assert!(token.starts_with(['u', 'U', '\\', '\'', '"']), "{token:?}");
        found.push(format!("{kind} {}", fetch.url));
    });
    found.join(", ")
}

#[track_caller]
fn assert_sheet(css: &str, fetches: &str) {
    assert_eq!(found(css, Grammar::Sheet), fetches, "{css}");
}

#[track_caller]
fn assert_value(value: &str, fetches: &str) {
    assert_sheet(&format!("p {{ background: {value} }}"), fetches);
    assert_sheet(&format!("p{{background:{value};color:red}}"), fetches);
    let attribute = format!("background:{value}");
    assert_eq!(found(&attribute, Grammar::Declarations), fetches, "{attribute}");
    assert_eq!(found(value, Grammar::Value), fetches, "{value}");
}

#[test]
fn urls_of_a_value_are_images() {
    assert_value("url(a.png)", "image a.png");
    assert_value("URL( 'a.png' ) no-repeat, url(\"b.png\")", "image a.png, image b.png");
    assert_value("linear-gradient(red, blue), cross-fade(url(a), url(b), 50%)", "image a, image b");
    assert_value("var(--x, url(a))", "image a");
    assert_value("url('a' crossorigin(anonymous) foo('b'))", "image a");
    assert_value("light-dark(url(a), url(b))", "image a, image b");
}

#[test]
fn strings_are_images_in_an_image_set_alone() {
    assert_value("image-set('a' 1x, \"b\" type('image/avif') 2x, url(c))", "image a, image b, image c");
    assert_value("-WebKit-Image-Set('a' 1x)", "image a");
    assert_value("'a' image('b') src('c') foo('d')", "");
    assert_value("image-set(attr(id) 1x, foo('a'))", "");
}

#[test]
fn strings_of_custom_properties_are_images_where_an_image_set_has_a_variable() {
    assert_sheet("p{--x:'a';background:url(b)}", "image b");
    assert_sheet("p{--x:'a' 1x,foo('b') 2x;background:image-set(var(--x))}", "image a, image b");
    assert_sheet("p{background:image-set(var(--x) 1x);--x:'a'}", "image a");
}

#[test]
fn escapes_are_decoded() {
    assert_value("\\75 rl(a)", "image a");
    assert_value("u\\52l('a\\2e png')", "image a.png");
    assert_value("url(a\\ b\\)c)", "image a b)c");
    assert_value("url('a\\\nb')", "image ab");
    assert_sheet("@\\69mport 'a';", "sheet a");
    assert_sheet("p{\\62 ackground:url(a)}", "image a");
}

#[test]
fn a_name_before_a_space_or_comment_is_no_function() {
    assert_value("url (a)", "");
    assert_value("url/**/(a)", "");
    assert_value("url(/**/a)", "image /**/a");
}

#[test]
fn the_document_itself_is_not_fetched() {
    for url in ["url()", "url('')", "url(#a)", "url('#a')"] {
        assert_value(url, "");
    }
}

#[test]
fn a_declaration_with_a_bad_token_is_dropped() {
    for bad in ["url(a'b)", "url(a b)", "url(a(b)", "'x\n", ")", "]"] {
        assert_value(&format!("url(a), {bad}"), "");
    }
    assert_sheet("p{background:url(a),'\n; mask:url(b)} q{background:url(c)}", "image b, image c");
}

#[test]
fn the_end_of_the_text_closes_everything() {
    assert_sheet("@media{p{background:url(a", "image a");
    assert_sheet("p{background:foo(url('a", "image a");
    assert_sheet("p{background:url(a) /*", "image a");
    assert_sheet("@import 'a", "sheet a");
    assert_sheet("@import url(a", "sheet a");
    assert_sheet("@import url('a'", "sheet a");
    assert_eq!(found("background:url('a", Grammar::Declarations), "image a");
}

#[test]
fn rules_count_wherever_they_are() {
    for css in [
        "@media print{p{background:url(a)}}",
        "@supports (x:y){p{background:url(a)}}",
        "@layer x{@container (width){@scope (p){p{background:url(a)}}}}",
        "p{q{background:url(a)}}",
        "p{q:hover{background:url(a)}}",
        "p{& > q,:is(r){background:url(a)}}",
        "p{@media print{background:url(a)}}",
        "@keyframes k{from,50%{background:url(a)}}",
        "@page :first{background:url(a)}",
        "@property --x{syntax:'*';initial-value:url(a)}",
        "<!-- p{background:url(a)} -->",
        "p{color:red{}background:url(a)}",
        "p{;;x:{};background:url(a);}",
        "p{@foo;background:url(a)}",
        "p{@foo{}background:url(a)}",
    ] {
        assert_sheet(css, "image a");
    }
}

#[test]
fn only_properties_that_fetch_count() {
    for name in ["background", "CURSOR", "-webkit-mask-image", "list-style", "--x", "filter"] {
        assert_sheet(&format!("p{{{name}:url(a)}}"), "image a");
    }
    for name in ["behavior", "-moz-binding", "src", "color", "_background", "*background", "foo"] {
        assert_sheet(&format!("p{{{name}:url(a)}}"), "");
    }
}

#[test]
fn a_custom_property_can_hold_anything() {
    assert_sheet("p{--x:{a:url(a);b:[url(b)]};--y:c url(c)}", "image a, image b, image c");
    assert_sheet("p{--x:url(a) );--y:url(b)}", "image b");
}

#[test]
fn preludes_fetch_nothing() {
    for css in [
        "@namespace url(a);",
        "@namespace x url('a');",
        "@charset 'a';",
        "@supports (background:url(a)){}",
        "@document url(a){}",
        "p[style='url(a)'] , url(b) {}",
        "@import 'a' supports(background:url(b));",
    ] {
        assert_sheet(css, if css.starts_with("@import") { "sheet a" } else { "" });
    }
}

#[test]
fn the_src_of_a_font_face_is_a_font() {
    for css in [
        "@font-face{src:url(a)}",
        "@FONT-FACE { font-family: x; src: local(b), url(\"a\") format(\"woff2\") tech(variations) }",
        "@media print{@font-face{src:url(a)}}",
        "@font-face{src:url(a), url(b c)}",
        "@font-face{background:url(b);SRC:url(a);--x:url(c);p{src:url(d)}}",
    ] {
        assert_sheet(css, "font a");
    }
    assert_sheet("@font-face{src:url(a);src:url(b?#iefix)format('x'),url(c)}", "font a, font b?#iefix, font c");
    assert_sheet("@font-face{src:'a', local(b)}", "");
}

#[test]
fn an_import_has_a_url_and_no_block() {
    for css in [
        "@import 'a';",
        "@IMPORT\"a\"",
        "@import/**/url(a)screen,print;",
        "@import url( 'a' ) layer(x.y) supports(display:grid) (width>1px);",
        "@import 'a' foo ! {;",
        "<!-- @import 'a'; -->",
        "\n/**/@charset 'x';@import 'a';",
    ] {
        let expected = if css.contains('{') { "" } else { "sheet a" };
        assert_sheet(css, expected);
    }
    for css in [
        "@import;",
        "@import foo 'a';",
        "@import image('a');",
        "@import url(a b);",
        "@import 'a\n;",
        "@import 'a'{}",
        "@import '';",
        ";@import 'a';",
        "foo;@import 'a';",
        "}@import 'a';",
        "@media{@import 'a';}",
        "p{@import 'a';}",
        "@media x(@import 'a';",
    ] {
        assert_sheet(css, "");
    }
}

#[test]
fn a_rule_that_every_browser_takes_ends_the_imports() {
    for rule in [
        "p{}",
        "*{}",
        "a .b > c~d+.e#f , #g{}",
        "@media foo 1{}",
        "@font-face{}",
        "@layer{}",
        "@layer a{}",
        "@layer a.b {}",
    ] {
        assert_sheet(&format!("{rule}@import 'a';"), "");
        assert_sheet(&format!("@import 'b';{rule}@import 'a';p{{background:url(c)}}"), "sheet b, image c");
    }
    for rule in ["@namespace url(b);", "@namespace a 'b' ;", "@import 'b';@layer c;", "@import 'b' x;@layer c.d ;"] {
        let first = if rule.contains("import") { "sheet b" } else { "" };
        assert_sheet(&format!("{rule}@import 'a';"), first);
    }
    // Each browser drops what it does not know.
    for rule in [
        "@namespace a;",
        "@namespace a 'b'{}",
        "@layer a;@layer b;",
        "@document url(){}",
        "@layer a b{}",
        "@layer a,b{}",
        "@layer 1{}",
        "@layer a;",
        "@charset 'x';",
        "@foo;",
        "@foo{}",
        ":foo{}",
        "p,{}",
        ".1{}",
        "> p{}",
        "@import;",
    ] {
        assert_sheet(&format!("{rule}@import 'a';"), "sheet a");
    }
}

#[test]
fn a_document_rule_counts_with_its_prefix_alone() {
    assert_sheet("@document url(x){p{background:url(a)}} q{background:url(b)}", "image b");
    assert_sheet("@-moz-document url(x){p{background:url(a)}}", "image a");
}

#[test]
fn brackets_close_what_they_open() {
    assert_sheet("p{color:foo(;}background:url(a)} q{background:url(b)", "");
    assert_sheet("p{color:foo(;)};q{background:url(b)}", "image b");
    assert_sheet("p{color:[}];background:url(a)}", "image a");
    assert_sheet("p(;{){background:url(a)}", "");
    assert_sheet("p(;[{}]){background:url(a)}", "image a");
    assert_sheet("p{background:url(a)}} q{background:url(b)}", "image a, image b");
}

#[test]
fn a_style_attribute_has_no_rules() {
    for (css, expected) in [
        ("background:url(a);;mask : url(b)", "image a, image b"),
        ("@import 'a'; background:url(b)", "image b"),
        ("@media all{background:url(a)}background:url(b)", "image b"),
        ("p{background:url(a)}background:url(b)", ""),
        ("p{background:url(a)};background:url(b)", "image b"),
        ("background:url(a){};background:url(b)", "image b"),
        ("p:hover{background:url(a)}", ""),
        ("*zoom:1;background:url(a)", "image a"),
        ("} background:url(a)", "image a"),
        ("--x:{background:url(a)}", "image a"),
        ("<!-- background:url(a)", ""),
    ] {
        assert_eq!(found(css, Grammar::Declarations), expected, "{css}");
    }
}

#[test]
fn a_value_has_no_end_of_its_own() {
    for (css, expected) in
        [("url(a.svg#b)", "image a.svg#b"), ("url(#b)", ""), ("none;mask:url(a)", "image a"), ("{url(a)}", "")]
    {
        assert_eq!(found(css, Grammar::Value), expected, "{css}");
    }
}

#[test]
fn a_deep_nesting_is_read_to_its_end() {
    let deep = 200_000;
    for (open, close) in [("(", ")"), ("p{", "}"), ("a:b{", "}"), ("@media{", "}"), ("[", "]")] {
        let css = format!("p{{color:{}{}}}q{{background:url(a)}}", open.repeat(deep), close.repeat(deep));
        assert_eq!(found(&css, Grammar::Sheet), "image a", "{open}");
        assert_eq!(found(&format!("p{{background:{}", open.repeat(deep)), Grammar::Sheet), "");
    }
}

#[test]
fn each_prefix_is_read() {
    let css = "\u{feff}@import url(\"é\\e9\") x;@font-face{src:url(a\\\n),'b\\\0'}p:q(r)[s='t']{--u:{v};background:image-set('w' 1x)!important}";
    for (at, _) in css.char_indices() {
        for grammar in [Grammar::Sheet, Grammar::Declarations, Grammar::Value] {
            found(&css[..at], grammar);
            found(&css[at..], grammar);
        }
    }
}

/// `testdata/css/browser-cases.json`: texts with what Chromium 156 or Firefox 153 requested of them on a page with `<div class=t id=t>`, and
/// what is found besides, since it depends on the page or the browser. Left out are requests of preload scanners for
/// what is no valid `@import`.
#[test]
fn everything_that_browsers_requested_is_found() {
    #[derive(serde::Deserialize)]
    struct Case {
        grammar: String,
        css: String,
        requested: Vec<String>,
        besides: Vec<String>,
    }
    let path = "testdata/css/browser-cases.json";
    let cases: Vec<Case> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 282);
    for case in &cases {
        let grammar = match &*case.grammar {
            "sheet" => Grammar::Sheet,
            "declarations" => Grammar::Declarations,
            attribute if PRESENTATION_ATTRIBUTES.contains(&attribute) => Grammar::Value,
            _ => {
                assert!(case.requested.is_empty(), "{}", case.grammar);
                continue;
            }
        };
        let mut found = Vec::new();
        fetches(&case.css, grammar, &mut |fetch| {
            let url = fetch.url.split('#').next().unwrap_or_default();
            if !found.iter().any(|known| known == url) {
                found.push(url.to_owned());
            }
        });
        for url in &case.requested {
            assert!(found.contains(url), "{url} of {}", case.css);
        }
        found.retain(|url| !case.requested.contains(url));
        assert_eq!(found, case.besides, "{}", case.css);
    }
}
