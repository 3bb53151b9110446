//! The URLs that a page asks for.

use super::super::{Page, ScanOptions, scan_page};
use crate::page::kind::Destination::{self, *};
use crate::page::request::OWN_URL;
use crate::template::{Dialect, Templates};

fn scanned(path: &str, html: &str) -> Page {
    let options = ScanOptions::new().with_requests(true);
    scan_page(path, html.as_bytes(), &options).unwrap()
}

/// What a document asks for, each URL with what for.
fn requests(path: &str, html: &str) -> Vec<(Destination, String)> {
    let page = scanned(path, html);
    let found = page.requests.iter();
    found.map(|it| (it.key.destination, it.key.url.as_deref().map_or("?".to_owned(), Into::into))).collect()
}

#[test]
fn each_attribute_is_fetched_as_something() {
    for (html, expected) in [
        ("<img src=a srcset='b, c 2x'>", vec![(Image, "a"), (Image, "b"), (Image, "c")]),
        ("<image src=a>", vec![(Image, "a")]),
        ("<picture><source srcset='a 1x'><img></picture>", vec![(Image, "a")]),
        ("<input type=IMAGE src=a><input src=b>", vec![(Image, "a")]),
        (
            "<video src=a poster=b><source src=c><track src=d></video>",
            vec![(Media, "a"), (Image, "b"), (Media, "c"), (Media, "d")],
        ),
        ("<audio src=' a '></audio>", vec![(Media, "a")]),
        (
            "<p>x<picture><source src=a><div><source srcset=b></div></picture><video><source srcset=c></video>",
            vec![(Image, "b")],
        ),
        ("<p>x<audio><div><source src=a><track src=b></div></audio><source src=c><track src=d>", vec![]),
        ("<p>x<table><tr><td><video><p>x</p><source src=a></video></table>", vec![(Media, "a")]),
        ("<link rel=compression-dictionary href=a>", vec![(Connect, "a")]),
        ("<table background=a><tr><td background=b></table>", vec![(Image, "a"), (Image, "b")]),
        ("<body background=a>", vec![(Image, "a")]),
        ("<table><colgroup background=a><col background=b></table>", vec![(Image, "a"), (Image, "b")]),
        (
            "<link rel=stylesheet href=\"data:text/css,@import 'https://a.test/';b{background:url(https://b.test/)}\">",
            vec![(Style, "data:"), (Style, "https://a.test/"), (Image, "https://b.test/")],
        ),
        ("<link rel=preload as=style href=\"data:text/css,@import 'https://a.test/'\">", vec![(Style, "data:")]),
        (
            "<style>@import \"data:text/css,a{background:url(https://b.test/)}\"</style>",
            vec![(Style, "data:"), (Image, "https://b.test/")],
        ),
        ("<link rel='shortcut ICON' href=a>", vec![(Image, "a")]),
        ("<link rel=apple-touch-icon href=a>", vec![(Image, "a")]),
        ("<link rel='alternate stylesheet' href=a media=print>", vec![(Style, "a")]),
        ("<link rel=preload as=image href=a imagesrcset='b 2x'>", vec![(Image, "a"), (Image, "b")]),
        ("<link rel=preload as=font href=a>", vec![(Font, "a")]),
        // Nobody fetches the first of each pair.
        (
            "<link rel=stylesheet type=text/less href=a><link rel=stylesheet type=' TEXT/css; charset=x' href=b>",
            vec![(Style, "b")],
        ),
        (
            "<script type=importmap src=a></script><script type=speculationrules src=a></script><script src=b></script>",
            vec![(Script, "b")],
        ),
        // Chromium fetches these whatever the policy says.
        (
            "<script type=speculationrules>{\"prefetch\":[{\"urls\":[\"https://a.test/\"]}],\"prerender\":[{\"urls\":[\"/b\"]}]}</script>",
            vec![],
        ),
        (
            "<script for=window event=onclick src=a></script><script for=' Window' event='onload()' src=b></script>",
            vec![(Script, "b")],
        ),
        ("<svg><script type=importmap href=a /><script for=a event=b href=b /></svg>", vec![(Script, "b")]),
        (
            "<script for=a event=b type=module src=a></script><script for=a src=b></script>",
            vec![(Script, "a"), (Script, "b")],
        ),
        ("<link rel=preload as=fetch href=a>", vec![(Connect, "a")]),
        ("<link rel=preload href=a>", vec![]),
        ("<link rel=modulepreload href=a>", vec![(Script, "a")]),
        ("<link rel=modulepreload as=json href=a>", vec![(Connect, "a")]),
        (
            "<link rel=modulepreload as=Style href=a><link rel=modulepreload as=worker href=b>",
            vec![(Style, "a"), (Script, "b")],
        ),
        ("<link rel=modulepreload as=font href=a><link rel=modulepreload as=x href=b>", vec![]),
        ("<link rel=manifest href=a>", vec![(Manifest, "a")]),
        ("<link rel=prefetch href=a>", vec![(Prefetch, "a")]),
        ("<link rel=preconnect href=a><link rel=canonical href=b>", vec![]),
        ("<script src=a></script>", vec![(Script, "a")]),
        ("<script type=text/plain src=a></script>", vec![]),
        ("<svg><script href=a xlink:href=b></script></svg>", vec![(Script, "a")]),
        ("<iframe src=a></iframe>", vec![(Frame, "a")]),
        ("<iframe src=a srcdoc=b></iframe>", vec![]),
        ("<frameset><frame src=a></frameset>", vec![(Frame, "a")]),
        (
            "<object data=a.png></object><embed src=//b.test/b.PNG?c>",
            vec![(Object, "a.png"), (Object, "//b.test/b.PNG?c")],
        ),
        (
            "<object data=a></object><embed src=https://b.png>",
            vec![(Object, "a"), (Frame, "a"), (Object, "https://b.png"), (Frame, "https://b.png")],
        ),
        (
            "<object type=image/png data=a></object><embed type=image/svg+xml src=a.png>",
            vec![(Object, "a"), (Object, "a.png"), (Frame, "a.png")],
        ),
        ("<object data=data:text/html,x></object>", vec![(Object, "data:")]),
        ("<form action=a><button formaction=b></button></form>", vec![(Form, "a"), (Form, "b")]),
        ("<a href=a ping='b c'>d</a>", vec![(Connect, "b"), (Connect, "c")]),
        ("<base href=a><base href=b>", vec![(Base, "a")]),
        // The first counts, also where it does nothing.
        ("<base href='DATA:,a'><base href=b>", vec![]),
        ("<base href='java\tscript:a'><base href=b>", vec![]),
        ("<base href><base href=b>", vec![]),
        ("<template><base href=a></template><noscript><base href=b></noscript><base href=c>", vec![(Base, "c")]),
        (
            "<svg><image href=a xlink:href=b /><feImage xlink:href=c /><use href=d /></svg>",
            vec![(Image, "a"), (Image, "c"), (Use, "d")],
        ),
        ("<img src><img src='#a'><svg><use href=#b /></svg>", vec![]),
        ("<img src='a\n\tb'>", vec![(Image, "ab")]),
        (
            "<form action=' java\nscript:a'></form><iframe src=JavaScript:b></iframe><script src='javascript:c'></script>",
            vec![(Form, "javascript:"), (Script, "javascript:")],
        ),
        ("<a href=a><p data=b cite=c><q src=d>", vec![]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(it, url)| (it, url.to_owned())).collect();
        assert_eq!(requests("a.html", html), expected, "{html}");
    }
}

/// Each was asked about by both browsers, or by none (run).
#[test]
fn what_submits_is_a_form() {
    let frame = |html: &str| format!("<iframe srcdoc=\"{html}\"></iframe>");
    let data = |html: &str| format!("<iframe src=\"data:text/html,{html}\"></iframe>");
    let form = "<form method=post></form>";
    for (html, expected) in [
        (form.to_owned(), vec![""]),
        ("<FORM>".to_owned(), vec![""]),
        ("<form><form action=a>".to_owned(), vec![""]),
        ("<form action=' '><input formaction>".to_owned(), vec![""]),
        ("<form action='#a'></form>".to_owned(), vec!["#a"]),
        ("<form action='?a'></form>".to_owned(), vec!["?a"]),
        (format!("<noscript>{form}</noscript>"), vec![""]),
        (format!("<template>{form}</template>"), vec![]),
        (format!("<svg>{form}</svg>"), vec![]),
        (frame(form), vec![]),
        (frame("<form action=a>"), vec!["a"]),
        (data(form), vec!["data:"]),
        (frame("<form action='#a'>"), vec!["#a"]),
        ("<form method=Dialog action=a></form>".to_owned(), vec![]),
        ("<form method=dialog><button formaction=a>".to_owned(), vec![]),
    ] {
        let found = requests("a.html", &html).into_iter();
        let found = found.filter(|(destination, _)| *destination == Form);
        let found: Vec<_> = found.map(|(_, url)| url).collect();
        assert_eq!(found, expected, "{html}");
    }
    for (button, submits) in [
        ("button", true),
        ("button type=x", true),
        ("button type=Button", false),
        ("button type=reset", false),
        ("button formmethod=dialog", false),
        ("button formmethod=x", true),
        ("input", false),
        ("input type=text", false),
        ("input type=Submit", true),
        ("input type=image", true),
        ("input type=reset", false),
    ] {
        let html = format!("<form action=a><{button} formaction=b></form>");
        let found = requests("a.html", &html);
        let is_it = found.contains(&(Form, "b".to_owned()));
        assert_eq!(is_it, submits, "{html}");
    }
}

/// Each was asked about by both browsers, or by none (run).
#[test]
fn what_opens_in_a_frame_of_the_page_is_a_frame() {
    let frame = "<iframe name=f></iframe>";
    for (html, expected) in [
        ("<a href=a target=f>", vec!["a"]),
        ("<map><area href=a target=f></map>", vec!["a"]),
        ("<svg><a xlink:href=a target=f></a></svg>", vec!["a"]),
        ("<svg><a href=a xlink:href=b target=f></a></svg>", vec!["a"]),
        ("<form action=a target=f></form>", vec!["a"]),
        ("<form action=a><button formtarget=f></form>", vec!["a"]),
        ("<form target=f><input type=submit formaction=a></form>", vec!["a"]),
        ("<form action=a target=_top></form><form><button formtarget=f></form>", vec![]),
        ("<form method=dialog action=a target=f></form>", vec![]),
        ("<form action=a></form><button form=b formaction=c formtarget=f><button form=b formtarget=f>", vec!["c"]),
        ("<a href=a><base target=f><base target=_top><a href=b>", vec!["b"]),
        ("<base target=f><a href=a target=_self><a href=b target=''>", vec![]),
        ("<a href='data:text/html,a' target=f>", vec!["data:"]),
        (
            "<a href=mailto:a target=f><a href='#a' target=f><a href=about:blank target=f><a href='javascript:a' target=f>",
            vec![],
        ),
        ("<a href=a download target=f>", vec![]),
        ("<a href=a target=F><a href=b target=_blank><a href=c>", vec![]),
        ("<math><mi href=a target=f>", vec![]),
        ("<template><base target=f></template><a href=a>", vec![]),
    ] {
        for html in [format!("{frame}{html}"), format!("{html}</a>{frame}")] {
            let found = requests("a.html", &html).into_iter();
            let found = found.filter(|(destination, _)| *destination == Frame);
            let found: Vec<_> = found.map(|(_, url)| url).collect();
            assert_eq!(found, expected, "{html}");
        }
        let html = format!("<iframe id=f src=i></iframe>{html}");
        let found = requests("a.html", &html);
        let found = found.iter().filter(|(to, _)| *to == Frame).count();
        assert_eq!(found, 1, "{html}");
    }
    for (html, is_asked) in [
        ("<a href=/a>", true),
        ("<a href=/a target=_Self>", true),
        ("<form action=/a>", true),
        ("<a href=/a target=_top>", false),
        ("<a href=/a target=_parent>", false),
        ("<base target=_blank><a href=/a>", false),
        ("<meta http-equiv=refresh content=1;url=/a>", true),
        ("<template><meta http-equiv=refresh content=1;url=/a></template>", false),
        ("<meta http-equiv=x content=1;url=/a>", false),
    ] {
        let page = format!("<iframe srcdoc='{html}'></iframe>");
        let found = requests("a.html", &page);
        assert_eq!(found.contains(&(Frame, "/a".to_owned())), is_asked, "{html}");
    }
    let page = "<meta http-equiv=refresh content=1;url=/a>";
    assert_eq!(requests("a.html", page), []);
    let inner = "<iframe srcdoc='<iframe srcdoc=\"<a href=/a target=_parent>\"></iframe>'></iframe>";
    assert_eq!(requests("a.html", inner), [(Frame, "/a".to_owned())]);
    for frame in [
        "<frameset><frame name=f></frameset>",
        "<object name=f></object>",
        "<embed name=f>",
        "<iframe srcdoc='<iframe name=f></iframe>'></iframe>",
    ] {
        let html = format!("<base target=f><noscript><a href=a></a></noscript>{frame}");
        let page = scanned("a.html", &html);
        let found = page.requests.asked().iter().map(|it| {
            let key = &it.key;
            (key.destination, key.url.as_deref(), it.is_conditional)
        });
        let expected = [(Frame, Some("a"), true)];
        assert_eq!(found.collect::<Vec<_>>(), expected, "{html}");
    }
}

#[test]
fn a_base_in_each_encoding_is_relative_to_the_page() {
    let page = scanned("a.html", "<base href=é/><form></form><img src=é>");
    let found = page.requests.iter().map(|it| {
        let key = it.key;
        (key.destination, key.base)
    });
    let found: Vec<_> = found.collect();
    let [first @ .., (Base, OWN_URL), (Image, 1)] = &*found else { panic!("{found:?}") };
    assert_eq!(first, [(Base, OWN_URL), (Form, OWN_URL), (Image, 0)]);
}

#[test]
fn requests_of_a_document_in_xml() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'><feImage href='a'/><feimage href='b'/><image xlink:href='c'/><script href='d'/></svg>";
    let expected = [(Image, "a"), (Image, "c"), (Script, "d")];
    assert_eq!(requests("a.svg", svg), expected.map(|(it, url)| (it, url.to_owned())));
}

#[test]
fn alike_requests_are_one() {
    let page = scanned(
        "a.html",
        "<img src=a>\n<noscript><img src=b></noscript><img src=a><template><img src=c></template><img src=c>",
    );
    let found: Vec<_> = page.requests.iter().collect();
    let found: Vec<_> = found
        .iter()
        .map(|it| (it.key.url.as_deref().unwrap(), it.uses, it.first.line, it.first.column, it.is_conditional))
        .collect();
    assert_eq!(found, [("a", 2, 1, 6, false), ("b", 1, 2, 16, true), ("c", 2, 2, 59, false)]);
}

#[test]
fn each_document_has_a_base() {
    let page = scanned(
        "a.html",
        "<noscript><base href=n></noscript><template><base href=t></template><base href=x><base href=y>\
         <iframe srcdoc='<img src=a><base href=z>'></iframe><iframe src='data:text/html,<img src=b>'></iframe><img src=c>",
    );
    let bases: Vec<_> = page.bases.iter().map(|it| (it.parent, it.is_data, it.href.as_deref())).collect();
    assert_eq!(bases, [(None, false, Some("x")), (Some(0), false, Some("z")), (Some(0), true, None)]);
    let images = page.requests.asked().iter().filter(|it| it.key.destination == Image);
    let images: Vec<_> = images.map(|it| (it.key.url.as_deref().unwrap(), it.key.base)).collect();
    assert_eq!(images, [("a", 1), ("b", 2), ("c", 0)]);
}

#[test]
fn a_url_that_template_code_makes_is_unknown() {
    let options = ScanOptions::new().with_requests(true).with_templates(Templates::Dialect(Dialect::Django));
    let html = "<img src='{{ a }}'><img src=b><script src='/{% if c %}d{% endif %}'></script>";
    let page = scan_page("a.html", html.as_bytes(), &options).unwrap();
    let found: Vec<_> = page.requests.asked().iter().map(|it| (it.key.destination, it.key.url.as_deref())).collect();
    assert_eq!(found, [(Image, None), (Image, Some("b")), (Script, None)]);
}

#[test]
fn an_origin_before_the_code_of_each_dialect_is_known() {
    for (dialects, code) in [
        ("django jinja askama nunjucks twig liquid go handlebars mustache blade", "{{ a }}"),
        ("django jinja askama nunjucks twig liquid", "{% if a %}b{% endif %}"),
        ("go", "{{ if a }}b{{ end }}"),
        ("handlebars mustache", "{{#a}}b{{/a}}"),
        ("ejs erb jsp", "<%= a %>"),
        ("jsp mako", "${ a }"),
        ("php", "<?= $a ?>"),
        ("blade", "{!! $a !!}"),
        ("razor", "@a.B"),
        ("razor", "@(a ? \"b\" : 'c')"),
    ] {
        let html = "<img src=\"https://a.test/b/@.png\" srcset='@ 1x, //b.test/@ 2x, c.png 3x'><img src=/d/@><img src='@/e'>\
            <iframe srcdoc=\"<img src='https://c.test/@'>\"></iframe><iframe name=f></iframe><a href='https://d.test/@' target=f>\
            <style>p{background:url('https://e.test/@');cursor:url(@)}</style><p style='mask:url(https://f.test/@)'>\
            <form action='https://g.test?q=@'><link rel=stylesheet href='https://@/'><use href='#@'>";
        let html = html.replace('@', code);
        for dialect in dialects.split(' ') {
            let dialect: Dialect = dialect.parse().unwrap();
            let options = ScanOptions::new().with_requests(true).with_templates(Templates::Dialect(dialect));
            let page = scan_page("a.html", html.as_bytes(), &options).unwrap();
            let mut found: Vec<_> =
                page.requests.asked().iter().map(|it| (it.key.destination, it.key.url.as_deref(), it.uses)).collect();
            found.sort_unstable_by_key(|(destination, url, _)| (*url, *destination as u8));
            let expected = [
                (Style, None, 1),
                (Image, None, 3),
                (Image, Some("//b.test/"), 1),
                (Image, Some("/d/"), 1),
                (Image, Some("c.png"), 1),
                (Image, Some("https://a.test/b/"), 1),
                (Image, Some("https://c.test/"), 1),
                (Frame, Some("https://d.test/"), 1),
                (Image, Some("https://e.test/"), 1),
                (Image, Some("https://f.test/"), 1),
                (Form, Some("https://g.test?q="), 1),
            ];
            assert_eq!(found, expected, "{dialect} {code}");
        }
    }
}

#[test]
fn scripts_mention_urls_at_the_places_of_their_texts() {
    let mentions = |path: &str, html: &str| {
        let page = scanned(path, html);
        let found = page.mentions.iter();
        let shown = found.map(|it| {
            let (url, first) = (it.key.url.clone().unwrap(), it.first);
            let conditional = if it.is_conditional { " conditional" } else { "" };
            format!("{url} {}:{} {}{conditional}", first.line, first.column, it.uses)
        });
        shown.collect::<Vec<_>>()
    };
    for (path, html, expected) in [
        (
            "a.html",
            "<p>\n<script>é = '//a.test/b';\r\n  fetch('//c.test/d') </script>",
            &["//a.test/b 2:13 1", "//c.test/d 3:9 1"][..],
        ),
        ("a.html", "<script>fetch('//a.test');\nfetch('//a.test')</script>", &["//a.test 1:15 2"]),
        (
            "a.html",
            "<template><script type=module>fetch('//a.test')</script></template>",
            &["//a.test 1:37 1 conditional"],
        ),
        (
            "a.html",
            "<i onclick=\"fetch('//a.test')\">a</i><a href=\"javascript:fetch('//b%2etest/')\">b</a>",
            &["//a.test 1:4 1", "//b.test/ 1:40 1"],
        ),
        (
            "a.xhtml",
            "<html xmlns='http://www.w3.org/1999/xhtml'>\n<script>fetch('//a.test')</script></html>",
            &["//a.test 2:1 1"],
        ),
        ("a.html", "<script type=text/plain>fetch('//a.test')</script>", &[]),
        ("a.html", "<script type=importmap>{\"//a.test/\": 1}</script>", &[]),
        ("a.html", "<script type=speculationrules>'//a.test/'</script>", &[]),
        ("a.html", "<noscript><script>fetch('//a.test')</script></noscript>", &[]),
        ("a.html", "<script src=b.js>fetch('//a.test')</script>", &[]),
        ("a.html", "<style>a { b: '//a.test' }</style><i style=\"a:'//a.test'\">a</i>", &[]),
        (
            "a.html.j2",
            "<script>fetch('//a.test'); {{ b }}</script><script>fetch('//c.test')</script>",
            &["//c.test 1:58 1"],
        ),
    ] {
        assert_eq!(mentions(path, html), expected, "{html}");
    }
}

#[test]
fn instructions_before_the_root_link_style_sheets() {
    let root = "<svg xmlns='http://www.w3.org/2000/svg'/>";
    for (before, after, expected) in [
        (
            "<?xml version='1.0'?><?xml-stylesheet href=\"a?b&amp;c\" type=\"text/css\"?>",
            "",
            &[(Style, "a?b&c".to_owned())][..],
        ),
        ("<?xml-stylesheet href='a'?>", "", &[(Style, "a".to_owned())]),
        ("<?xml-stylesheet href='a' type='text/xsl'?>", "", &[]),
        ("<?xml-stylesheets href='a'?><?xml-stylesheet a?>", "", &[]),
        ("", "<?xml-stylesheet href='a'?>", &[]),
    ] {
        for path in ["a.svg", "a.xhtml"] {
            let found = requests(path, &format!("{before}{root}{after}"));
            assert_eq!(found, expected, "{before} {after}");
        }
    }
}
