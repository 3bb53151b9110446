//! What browsers check, row by row: sections 1 to 6 of the semantics this crate is built on. Each row runs whole and split at every
//! byte; `cargo test --test browser_cases` holds the pages that browsers were run on.

use super::InlineKind::{EventHandler, JavascriptUrl, Script, Style, StyleAttribute};
use super::collect::Collector;
use super::scan::{DocumentScan, Scanned, undeclared_encoding};
use super::*;
use crate::finding::Code;
use crate::hash::HashSource;

/// Scans `html` in two pieces.
fn scan_split(html: &[u8], at: usize, options: &ScanOptions) -> Page {
    let mut scan = DocumentScan::new(Collector::page(options, None), options.charset, None);
    scan.write(&html[..at]).unwrap();
    let Scanned {
        collector,
        undeclared,
        ..
    } = scan.end(&html[at..]).unwrap();
    let path = "page.html".into();
    let mut page = collector.into_page(&path);
    page.findings
        .extend(undeclared.map(|location| undeclared_encoding(&path, location)));
    page
}

fn scan(html: &[u8], options: &ScanOptions) -> Page {
    let whole = scan_split(html, html.len(), options);
    for at in 0..html.len() {
        let page = scan_split(html, at, options);
        assert_eq!(
            page,
            whole,
            "split at {at}: {}",
            String::from_utf8_lossy(html)
        );
    }
    whole
}

fn nth(page: &Page, index: usize) -> Inline<'_> {
    page.inlines().nth(index).unwrap()
}

/// Asserts that just these texts are hashed, in this order.
#[track_caller]
fn hashes(html: impl AsRef<[u8]>, want: &[(InlineKind, &str)]) {
    hashes_with(html, &ScanOptions::new(), want);
}

#[track_caller]
pub(super) fn hashes_with(
    html: impl AsRef<[u8]>,
    options: &ScanOptions,
    want: &[(InlineKind, &str)],
) {
    let html = html.as_ref();
    let page = scan(html, options);
    let got: Vec<_> = page.inlines().map(|i| (i.kind, i.hashes[0])).collect();
    let hash = |text: &str| HashSource::of(HashAlgorithm::Sha256, text.as_bytes());
    let wanted: Vec<_> = want
        .iter()
        .map(|(kind, text)| (*kind, hash(text)))
        .collect();
    let shown = String::from_utf8_lossy(html);
    assert_eq!(got, wanted, "wanted {want:?} of {shown}");
}

#[track_caller]
fn nothing(html: impl AsRef<[u8]>) {
    hashes(html, &[]);
}

#[track_caller]
fn script(html: impl AsRef<[u8]>, text: &str) {
    hashes(html, &[(Script, text)]);
}

#[track_caller]
fn style(html: impl AsRef<[u8]>, text: &str) {
    hashes(html, &[(Style, text)]);
}

fn codes(html: impl AsRef<[u8]>) -> Vec<Code> {
    scan(html.as_ref(), &ScanOptions::new())
        .findings
        .iter()
        .map(|f| f.code)
        .collect()
}

mod text {
    use super::*;

    #[test]
    fn nothing_is_trimmed_and_newlines_are_normalized() {
        script("<script>\n a \n</script>", "\n a \n");
        script("<script>a\r\nb\r\rc\n</script>", "a\nb\n\nc\n");
        script("<script>\r</script>", "\n");
        style("<style>\r\np{}\r</style>", "\np{}\n");
    }

    #[test]
    fn nul_and_invalid_bytes_become_replacement_characters() {
        let utf8 = ScanOptions::new().with_charset(Some(encoding_rs::UTF_8));
        hashes_with(b"<script>a\0b</script>", &utf8, &[(Script, "a\u{fffd}b")]);
        hashes_with(
            b"<script>'\xe9\xff\xe2\x82'</script>",
            &utf8,
            &[(Script, "'\u{fffd}\u{fffd}\u{fffd}'")],
        );
        let overlong = b"<script>'\xc0\xaf\xed\xa0\x80'</script>";
        hashes_with(
            overlong,
            &utf8,
            &[(Script, "'\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}'")],
        );
        hashes_with(
            b"<p onclick='\xe9\0'>",
            &utf8,
            &[(EventHandler, "\u{fffd}\u{fffd}")],
        );
    }

    #[test]
    fn noncharacters_and_a_mark_inside_stay() {
        script(
            "\u{feff}<script>\u{fffe}\u{1}\u{7f}\u{feff}x</script>",
            "\u{fffe}\u{1}\u{7f}\u{feff}x",
        );
    }

    #[test]
    fn attribute_values_are_decoded_normalized_and_untrimmed() {
        hashes(
            "<p onclick=' a&#13;&#10;b&quot;\r\nc&eacute;&amp;&amp '>",
            &[(EventHandler, " a\r\nb\"\nc\u{e9}&& ")],
        );
        hashes(
            "<p style=color:red;a:\"b>",
            &[(StyleAttribute, "color:red;a:\"b")],
        );
        hashes("<p onclick= ran(1) x>", &[(EventHandler, "ran(1)")]);
        hashes(
            "<p onclick='?a=1&copy=2'>",
            &[(EventHandler, "?a=1&copy=2")],
        );
    }

    #[test]
    fn the_encoding_is_found_where_browsers_find_it() {
        script(
            b"\xef\xbb\xbf<meta charset=windows-1251><script>'\xc3\xa9'</script>",
            "'é'",
        );
        script(
            b"<meta charset=windows-1252><script>'\xe9\x80'</script>",
            "'é€'",
        );
        script(b"<meta charset=latin1><script>'\x80'</script>", "'€'");
        script(b"<meta charset=utf-16le><script>'\xc3\xa9'</script>", "'é'");
        script(b"<meta http-equiv=content-type content='text/html; charset=windows-1251'><script>'\xe9'</script>", "'й'");
        script(
            b"<?xml version='1.0' encoding='windows-1251'?><script>'\xe9'</script>",
            "'й'",
        );
        let server = ScanOptions::new().with_charset(Some(encoding_rs::WINDOWS_1252));
        hashes_with(
            b"<meta charset=windows-1251><script>'\xe9'</script>",
            &server,
            &[(Script, "'é'")],
        );
        let mut late = b"<title>t</title>".to_vec();
        late.extend([b' '; 1100]);
        late.extend(b"<meta charset=windows-1251><script>'\xe9'</script>");
        script(late, "'й'");
    }

    #[test]
    fn utf_16_is_read_with_its_mark() {
        let text = "\u{feff}<p>日</p><script>'é日😀'</script>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        script(little, "'é日😀'");
        script(big, "'é日😀'");
    }

    #[test]
    fn legacy_encodings_are_decoded() {
        script(
            b"<meta charset=shift_jis><script>'\x93\xfa\x96{\\\xb1'</script>",
            "'日本\\ｱ'",
        );
        script(
            b"<meta charset=gbk><script>'\x80\xc4\xe3'</script>",
            "'€你'",
        );
        script(
            b"<meta charset=x-user-defined><script>'\xe9'</script>",
            "'é'",
        );
        hashes(
            b"<meta charset=windows-1251><p style='\xe9'>",
            &[(StyleAttribute, "й")],
        );
    }

    #[test]
    fn undeclared_characters_are_read_as_windows_1252_and_reported() {
        let html = b"<title>x</title>\n<script>'\xe9\x80'</script>";
        script(html, "'é€'");
        assert_eq!(codes(html), [Code::UndeclaredEncoding]);
        assert_eq!(codes("<script>'e'</script>"), []);
        assert_eq!(codes("<meta charset=utf-8><script>'é'</script>"), []);
    }
}

mod scripts {
    use super::*;

    #[test]
    fn javascript_types_modules_and_maps_are_checked() {
        for attributes in [
            "",
            "type",
            "type=\"\"",
            "type=text/javascript",
            "type=TEXT/JavaScript",
            "type=' text/javascript&#10;'",
            "type=application/x-ecmascript",
            "type=text/livescript",
            "type=module",
            "type=Module",
            "type=importmap",
            "type=speculationrules",
            "type=' module '",
            "type=webbundle",
            "language=javascript",
            "language=JavaScript1.5",
            "language=''",
            "type='' language=vbscript",
            "for=x event=onclick",
            "defer",
            "async",
            "href=x.js",
            "xlink:href=x.js",
            "type=module nomodule",
            "charset=utf-8",
        ] {
            script(format!("<script {attributes}>x</script>"), "x");
        }
    }

    #[test]
    fn other_types_are_data() {
        for attributes in [
            "type=' '",
            "type=application/json",
            "type=application/ld+json",
            "type=text/template",
            "type='text/javascript; charset=utf-8'",
            "type=text/babel",
            "type=json",
            "language=' '",
            "language=javascript1.6",
            "language=vbscript",
            "type=text/vbscript",
            "src",
            "src=''",
            "src=x.js",
            "SRC=x.js",
            "nomodule",
            "type=text/javascript nomodule",
        ] {
            nothing(format!("<script {attributes}>x</script>"));
        }
    }

    #[test]
    fn white_space_is_checked_and_nothing_is_not() {
        script("<script> \n</script>", " \n");
        script("<script>/**/</script>", "/**/");
        nothing("<script></script>");
        nothing("<svg><script></script><script/></svg>");
    }

    #[test]
    fn svg_scripts_follow_their_own_rules() {
        script(
            "<svg><script>a(&quot;b&quot;)&amp;&amp;1</script></svg>",
            "a(\"b\")&&1",
        );
        script(
            "<svg><script>a<![CDATA[<b>&amp;]]>c</script></svg>",
            "a<b>&amp;c",
        );
        script("<svg><script>a<!-- b -->c<g>d</g>e</script></svg>", "ace");
        script(
            "<svg><script>a&#13;b&#0;c\r\nd</script></svg>",
            "a\rb\u{fffd}c\nd",
        );
        script(
            "<svg><SCRIPT src=x.js language=vbscript nomodule>x</SCRIPT></svg>",
            "x",
        );
        nothing("<svg><script href=x.js>x</script><script xlink:href=x.js>x</script></svg>");
        nothing("<svg><script type=application/json>x</script></svg>");
        script(
            "<svg><defs><script type=importmap>{}</script></defs></svg>",
            "{}",
        );
    }

    #[test]
    fn mathml_scripts_are_inert_and_html_comes_back_at_integration_points() {
        nothing("<math><script>x</script><style>x</style></math>");
        for open in [
            "<svg><foreignObject>",
            "<svg><desc>",
            "<svg><title>",
            "<math><mi>",
            "<math><mo>",
            "<math><mn>",
            "<math><ms>",
            "<math><mtext>",
            "<math><annotation-xml encoding=text/html>",
            "<math><annotation-xml encoding=application/XHTML+xml>",
        ] {
            script(format!("{open}<script>a&amp;b</script>"), "a&amp;b");
        }
        script("<math><annotation-xml><svg><script>a&amp;b</script>", "a&b");
        nothing("<math><annotation-xml encoding=x><script>a&amp;b</script>");
    }

    #[test]
    fn what_ends_foreign_content_ends_it() {
        for open in [
            "<svg/>",
            "<div><svg><circle></div>",
            "<svg><p>",
            "<svg><svg><p>",
            "<svg></p>",
            "<svg></br>",
            "<svg><font color=x>",
            "<svg><g></svg>",
            "<p><svg><g></p>",
            "<table><tr><td><svg></td>",
            "<svg><desc></svg>",
        ] {
            script(format!("{open}<script>a&amp;b<c</script>"), "a&amp;b<c");
        }
        for open in [
            "<svg>",
            "<svg><font>",
            "<svg></g>",
            "<svg><desc></desc>",
            "<svg></div>",
            "<svg><a>",
        ] {
            script(format!("{open}<script>a&amp;b<c></c></script>"), "a&b");
        }
    }

    #[test]
    fn scripts_in_what_is_no_markup_are_dead() {
        for html in [
            "<!-- <script>x</script> -->",
            "<!--[if IE]><script>x</script><![endif]-->",
            "<textarea><script>x</script></textarea>",
            "<title><script>x</script></title>",
            "<xmp><script>x</script></xmp>",
            "<iframe><script>x</script></iframe>",
            "<noembed><script>x</script></noembed>",
            "<noframes><script>x</script></noframes>",
            "<noscript><script>x</script></noscript>",
            "<plaintext><script>x</script></plaintext>",
            "<![CDATA[ <script>x</script> ]]>",
            "</ <script>x</script>",
        ] {
            nothing(html);
        }
        style("<style><script>x</script></style>", "<script>x</script>");
    }

    #[test]
    fn scripts_after_odd_comments_are_live() {
        for html in [
            "<!--><script>x</script>-->",
            "<!---><script>x</script>-->",
            "<!-- --!><script>x</script>",
            "<![if !IE]><script>x</script><![endif]>",
            "<? x ><script>x</script> ?>",
            "<?php if (a->b) { echo \"<script>x</script>\"; } ?>",
            "<object><script>x</script></object>",
            "<video><script>x</script></video>",
            "<canvas><script>x</script></canvas>",
            "<select><script>x</script></select>",
            "<select><option><script>x</script></select>",
            "<table><script>x</script></table>",
        ] {
            script(html, "x");
        }
    }

    #[test]
    fn script_text_ends_where_the_tokenizer_ends_it() {
        script(
            "<script>a<!--<script>b</script>c--></script>",
            "a<!--<script>b</script>c-->",
        );
        script("<script><!-- a</script>b-->", "<!-- a");
        script("<script>a</script/>b", "a");
        script("<script>a</script x='>'>b", "a");
        script("<script>a</script\x0c>b", "a");
        script("<script>a</scriptx></script >b", "a</scriptx>");
        script("<script>a</SCRIPT>", "a");
        script(
            "<meta charset=utf-8><script>a</script\0></script>",
            "a</script\u{fffd}>",
        );
        script(
            "<script>//<![CDATA[\na&amp;b\n//]]></script>",
            "//<![CDATA[\na&amp;b\n//]]>",
        );
        script(
            "<script><!--<script></script x='</script>'></script>",
            "<!--<script></script x='",
        );
    }

    #[test]
    fn scripts_that_never_run_are_not_hashed() {
        assert_eq!(codes("<p><script>x"), [Code::UnclosedScript]);
        nothing("<p><script>x");
        nothing("<p><script type=importmap>{}");
        nothing("<svg><script>x</svg>");
        nothing("<svg><script>x<p>");
        nothing("<svg><script>x");
        nothing("<svg><script>x<b>y</b></script></svg>");
        nothing("<frameset><script>x</script><style>x</style></frameset>");
        hashes(
            "<frameset onload=a><frame src='javascript:b'><p onclick=c></frameset>",
            &[(EventHandler, "a"), (JavascriptUrl, "javascript:b")],
        );
    }
}

mod styles {
    use super::*;

    #[test]
    fn every_type_is_checked_and_so_is_the_empty_one() {
        for attributes in [
            "",
            "type=text/css",
            "type=' text/css'",
            "type=text/less",
            "type=''",
            "media=print",
            "disabled",
        ] {
            style(format!("<style {attributes}>p{{}}</style>"), "p{}");
        }
        style("<style></style>", "");
        style("<style> </style>", " ");
        style("<svg><style>a&lt;{}<g>b{}</g>c{}</style></svg>", "a<{}c{}");
        style("<svg><style></style></svg>", "");
        style("<svg><style/></svg>", "");
    }

    #[test]
    fn an_unclosed_style_applies() {
        style("<p><style>p{}", "p{}");
        style("<p><style>p{}</style", "p{}</style");
        style("<p><style>p{}</sty", "p{}</sty");
        style("<svg><style>p{}", "p{}");
        style("<svg><style>p{}</svg>", "p{}");
        style("<svg><style>p{}<p>", "p{}");
    }

    #[test]
    fn noscript_has_styles_only() {
        hashes(
            "<noscript><style>p{}</style><p style=a onclick=b><a href='javascript:c'><script>d</script></noscript>",
            &[(Style, "p{}"), (StyleAttribute, "a")],
        );
        let page = scan(
            b"<head><noscript>\n<style>p{}</style></noscript>",
            &ScanOptions::new(),
        );
        assert_eq!(nth(&page, 0).nested, [Nesting::Noscript]);
        assert_eq!(nth(&page, 0).location, Location { line: 2, column: 1 });
    }

    #[test]
    fn what_looks_like_the_end_of_noscript_is_text_where_the_page_ends() {
        for end in ["<", "</", "</noscript"] {
            style(
                format!("<noscript><style>p{{}}{end}"),
                &format!("p{{}}{end}"),
            );
        }
        style("<noscript><style>p{}</noscript ", "p{}");
        style("<noscript><style>p{}</noscript x", "p{}");
    }
}

mod attributes {
    use super::*;

    #[test]
    fn handlers_and_styles_of_every_element_are_checked() {
        hashes(
            "<p onclick=a style=b>",
            &[(EventHandler, "a"), (StyleAttribute, "b")],
        );
        hashes("<x-y ONCLICK=a>", &[(EventHandler, "a")]);
        hashes(
            "<svg onload=a><circle style=b></svg><math onclick=c><mi style=d>",
            &[
                (EventHandler, "a"),
                (StyleAttribute, "b"),
                (EventHandler, "c"),
                (StyleAttribute, "d"),
            ],
        );
        hashes(
            "<link rel=stylesheet href=x onload=\"this.media='all'\">",
            &[(EventHandler, "this.media='all'")],
        );
        hashes("<p/onclick=a>", &[(EventHandler, "a")]);
        hashes("<p class='x'onclick=a>", &[(EventHandler, "a")]);
    }

    #[test]
    fn empty_attributes_are_checked() {
        hashes(
            "<p style='' onclick>",
            &[(StyleAttribute, ""), (EventHandler, "")],
        );
        hashes("<p style=' '>", &[(StyleAttribute, " ")]);
    }

    #[test]
    fn other_names_are_not_checked() {
        nothing("<p onfoo=a on=b data-onclick=c =onclick=d xstyle=e onclicks=f>");
        nothing("<p onhashchange=a>");
        hashes(
            "<body onhashchange=a><input onsearch=b><video onencrypted=c><p onsearch=d>",
            &[
                (EventHandler, "a"),
                (EventHandler, "b"),
                (EventHandler, "c"),
            ],
        );
        nothing("</p onclick=a style=b>");
    }

    #[test]
    fn the_first_of_duplicate_attributes_wins() {
        hashes(
            "<p onclick=a ONCLICK=b style=c style=d>",
            &[(EventHandler, "a"), (StyleAttribute, "c")],
        );
    }

    #[test]
    fn attributes_merge_into_html_and_body() {
        hashes(
            "<html style=a><p><html style=b onclick=c><html onclick=d>",
            &[(StyleAttribute, "a"), (EventHandler, "c")],
        );
        hashes("<p><html style=a><html style=b>", &[(StyleAttribute, "a")]);
        hashes(
            "<body onload=a><div><body onload=b onclick=c>",
            &[(EventHandler, "a"), (EventHandler, "c")],
        );
        nothing("<template><body onload=a></template><p>x<head onclick=b>");
    }

    #[test]
    fn tags_that_make_no_element_are_not_checked() {
        nothing(
            "<p></p><tr onclick=a><td onclick=b><caption onclick=c><head onclick=d><col onclick=e>",
        );
        hashes(
            "<form onsubmit=a><form onsubmit=b></form></form>",
            &[(EventHandler, "a")],
        );
        hashes(
            "<table><tr onclick=a><td onclick=b></table>",
            &[(EventHandler, "a"), (EventHandler, "b")],
        );
        nothing("<p>x<frameset onload=a>");
        hashes(
            "<template><tr onclick=a></template>",
            &[(EventHandler, "a")],
        );
    }

    #[test]
    fn places_are_those_of_the_attributes() {
        let page = scan(
            "<p>\n<é-x a=b\n  onclick=c>".as_bytes(),
            &ScanOptions::new().with_charset(Some(encoding_rs::UTF_8)),
        );
        assert_eq!(page.inlines().count(), 0);
        let page = scan(
            "<p>日\r\n<b a='é'\n  onclick=c>".as_bytes(),
            &ScanOptions::new().with_charset(Some(encoding_rs::UTF_8)),
        );
        assert_eq!(nth(&page, 0).location, Location { line: 3, column: 3 });
        assert_eq!(nth(&page, 0).excerpt, Some("onclick=c>"));
        let page = scan(
            "<i>日</i><b onclick=c><script>x</script>".as_bytes(),
            &ScanOptions::new().with_charset(Some(encoding_rs::UTF_8)),
        );
        assert_eq!(
            nth(&page, 0).location,
            Location {
                line: 1,
                column: 12
            }
        );
        assert_eq!(
            nth(&page, 1).location,
            Location {
                line: 1,
                column: 22
            }
        );
    }
}

mod javascript_urls {
    use super::*;

    #[test]
    fn urls_that_are_navigated_to_are_checked() {
        for html in [
            "<a href='javascript:x'>",
            "<map><area href='javascript:x'></map>",
            "<form action='javascript:x'>",
            "<button formaction='javascript:x'>",
            "<input formaction='javascript:x'>",
            "<iframe src='javascript:x'></iframe>",
            "<svg><a href='javascript:x'>",
            "<svg><a xlink:href='javascript:x'>",
            "<math><mi href='javascript:x'>",
            "<svg><a><set attributeName=href to='javascript:x'>",
            "<svg><a><animate attributeName=xlink:href values='#;javascript:x;#'>",
            "<a href=' &#1;java\tscr\nipt:x '>",
            "<a href=JavaScript:x>",
            "<a href='&#106;avascript&colon;x'>",
        ] {
            hashes(html, &[(JavascriptUrl, "javascript:x")]);
        }
        hashes(
            "<a href='javascript:;'>",
            &[(JavascriptUrl, "javascript:;")],
        );
        hashes(
            "<svg><a href='javascript:x' xlink:href='javascript:y'>",
            &[(JavascriptUrl, "javascript:x")],
        );
    }

    #[test]
    fn other_urls_are_not() {
        for html in [
            "<base href='javascript:x'>",
            "<object data='javascript:x'></object>",
            "<embed src='javascript:x'>",
            "<meta http-equiv=refresh content='0;url=javascript:x'>",
            "<img src='javascript:x'>",
            "<link href='javascript:x'>",
            "<a ping='javascript:x' href=y>",
            "<svg><use href='javascript:x'>",
            "<iframe srcdoc='' src='javascript:x'></iframe>",
            "<a href='java script:x'>",
            "<a href='https://x/javascript:y'>",
            "<svg><set attributeName=onclick to='javascript:x'>",
            "<p href='javascript:x'>",
            "<script src='javascript:x'></script>",
            "<svg><form action='javascript:x'>",
        ] {
            nothing(html);
        }
    }

    #[test]
    fn both_spellings_are_hashed_where_browsers_differ() {
        let page = scan(b"<a href='javascript:f(%20)'>", &ScanOptions::new());
        let hash = |text: &str| HashSource::of(HashAlgorithm::Sha256, text.as_bytes());
        assert_eq!(
            nth(&page, 0).hashes,
            [hash("javascript:f(%20)"), hash("javascript:f( )")]
        );
    }
}

mod nested {
    use super::*;

    #[test]
    fn documents_in_attributes_are_scanned() {
        hashes(
            "<iframe srcdoc=\"<script>a&amp;amp;b</script><p style='c' onclick=d>\"></iframe>",
            &[
                (Script, "a&amp;b"),
                (StyleAttribute, "c"),
                (EventHandler, "d"),
            ],
        );
        for html in [
            "<iframe src='data:text/html,<script>a b</script>'></iframe>",
            "<iframe src='data:text/html,%3Cscript%3Ea b%3C/script%3E'></iframe>",
            "<object data='data:text/html;base64,PHNjcmlwdD5hIGI8L3NjcmlwdD4='></object>",
            "<embed src='data:text/html,<script>a b</script>'>",
        ] {
            script(html, "a b");
        }
        nothing("<iframe src='data:text/plain,<script>a</script>'></iframe>");
        nothing("<iframe src='x.html'></iframe><img src='data:text/html,<script>a</script>'>");
        script(
            "<iframe srcdoc='<script>a</script>' src='data:text/html,<script>b</script>'></iframe>",
            "a",
        );
    }

    #[test]
    fn they_nest_and_say_so() {
        let html = "<p>\n<iframe srcdoc=\"<iframe srcdoc='&lt;noscript>&lt;style>a&lt;/style>'></iframe>\"></iframe>";
        let page = scan(html.as_bytes(), &ScanOptions::new());
        assert_eq!(
            nth(&page, 0).nested,
            [Nesting::Srcdoc, Nesting::Srcdoc, Nesting::Noscript]
        );
        assert_eq!(nth(&page, 0).location, Location { line: 2, column: 1 });
    }

    #[test]
    fn too_deep_nesting_is_an_error() {
        let options = ScanOptions::new();
        let mut collector = Collector::page(&options, None);
        collector.nest_for_test(MAX_NESTING);
        let scan = DocumentScan::new(collector, None, None);
        let page = b"<iframe srcdoc='<script>x</script>'></iframe>";
        let collector = scan.end(page).unwrap().collector;
        let page = collector.into_page(&"x".into());
        assert_eq!(page.inlines().count(), 0);
        assert_eq!(page.findings[0].code, Code::NestingLimit);
    }

    #[test]
    fn a_sandbox_without_scripts_leaves_styles() {
        let inner = "srcdoc=\"<style>a</style><p style=b onclick=c><script>d</script>\"></iframe>";
        hashes(
            format!("<iframe sandbox {inner}"),
            &[(Style, "a"), (StyleAttribute, "b")],
        );
        hashes(
            format!("<iframe sandbox='allow-forms ALLOW-scripts' {inner}"),
            &[
                (Style, "a"),
                (StyleAttribute, "b"),
                (EventHandler, "c"),
                (Script, "d"),
            ],
        );
    }

    #[test]
    fn template_content_is_marked_and_can_be_left_out() {
        let html = "<template><script>a</script><p style=b></template><script>c</script>";
        hashes(html, &[(Script, "a"), (StyleAttribute, "b"), (Script, "c")]);
        let page = scan(html.as_bytes(), &ScanOptions::new());
        let marked: Vec<_> = page.inlines().map(|inline| inline.in_template()).collect();
        assert_eq!(marked, [true, true, false]);
        let without = ScanOptions::new().with_template_content(false);
        hashes_with(html, &without, &[(Script, "c")]);
        hashes_with(
            "<template onclick=a></template>",
            &without,
            &[(EventHandler, "a")],
        );
    }

    #[test]
    fn shadow_roots_are_live_where_a_host_takes_them() {
        let without = ScanOptions::new().with_template_content(false);
        let live = |html: &str| hashes_with(html, &without, &[(Script, "x")]);
        let inert = |html: &str| hashes_with(html, &without, &[]);
        live("<div><template shadowrootmode=open><script>x</script></template></div>");
        live("<x-y><template shadowrootmode=CLOSED><script>x</script></template></x-y>");
        live("<div><template for=a><script>x</script></template></div>");
        inert("<div><template shadowrootmode=bad><script>x</script></template></div>");
        inert("<a><template shadowrootmode=open><script>x</script></template></a>");
        inert(
            "<div><template shadowrootmode=open></template><template shadowrootmode=open><script>x</script></template></div>",
        );
        inert(
            "<template><div><template shadowrootmode=open><script>x</script></template></div></template>",
        );
    }
}
