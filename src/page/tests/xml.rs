//! XML documents, each with what Chromium hashes of it.

use std::io::Read as _;

use encoding_rs::WINDOWS_1252;

use crate::hash::{HashAlgorithm, HashSource};
use crate::page::walk::Walk;
use crate::xml;
use crate::{Code, DocumentType, InlineKind, Page, ScanOptions, scan_page};
use InlineKind::{EventHandler as On, JavascriptUrl as Url, Script, Style, StyleAttribute as At};

const XHTML: &str = "http://www.w3.org/1999/xhtml";
const STRICT: &str = "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'>";

/// Scans a document, a short one also split at every byte.
fn scan(document: impl AsRef<[u8]>) -> Page {
    let document = document.as_ref();
    let page = scan_page("a.xhtml", document, &ScanOptions::new()).unwrap();
    assert!(page.findings.len() <= 1, "{:?}", page.findings);
    let short = if document.len() < 600 { document.len() } else { 0 };
    for at in 0..short {
        let pieces = document[..at].chain(&document[at..]);
        let walk = Walk::page(&ScanOptions::new(), None);
        let split = xml::scan(walk, pieces, None).unwrap();
        assert_eq!(split.visitor.into_page(&"a.xhtml".into()), page, "split at {at}");
    }
    page
}

fn html(body: &str) -> String {
    format!("<html xmlns='{XHTML}'><body>{body}</body></html>")
}

fn dtd(subset: &str, body: &str) -> String {
    format!("<!DOCTYPE html [{subset}]>{}", html(body))
}

/// Compares what was hashed with texts: what Chromium hashes for these documents.
#[track_caller]
fn assert_texts(page: &Page, texts: &[(InlineKind, &str)]) {
    let hash = |text: &str| HashSource::of(HashAlgorithm::Sha256, text.as_bytes());
    let expected: Vec<_> = texts.iter().map(|(k, t)| (*k, vec![hash(t)])).collect();
    let inlines = page.inlines().map(|i| (i.kind, i.hashes.to_vec()));
    assert_eq!(inlines.collect::<Vec<_>>(), expected, "{texts:?}");
}

#[track_caller]
fn assert_hashed(document: impl AsRef<[u8]>, texts: &[(InlineKind, &str)]) {
    let page = scan(document);
    assert_texts(&page, texts);
    assert!(page.findings.is_empty(), "{:?}", page.findings);
}

#[test]
fn elements_count_by_namespace() {
    assert_hashed(
        format!(
            "<x:html xmlns:x='{XHTML}'><x:script>a</x:script><script>-</script>\
                 <x:p onclick='b' x:onblur='-'/><p onclick='-' style='-'/></x:html>"
        ),
        &[(Script, "a"), (On, "b")],
    );
    assert_hashed(
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:q='http://www.w3.org/1999/xlink' onunload='u'>\
         <script>a</script><script href='-'>-</script><script q:href='-'>-</script><script src='-'>b</script>\
         <style>c</style><style/><animateTransform onbegin='d'/><animatetransform onbegin='-'/>\
         <a q:href='javascript:e'/><a href='javascript:f' q:href='javascript:-'/></svg>",
        &[
            (On, "u"),
            (Script, "a"),
            (Script, "b"),
            (Style, "c"),
            (Style, ""),
            (On, "d"),
            (Url, "javascript:e"),
            (Url, "javascript:f"),
        ],
    );
    assert_hashed(
        html(
            "<div xmlns=''><script>-</script></div><div xmlns='http&#58;//www.w3.org/1999/xhtml'>\
              <script>a</script></div><math xmlns='http://www.w3.org/1998/Math/MathML' onclick='b'>\
              <script>-</script></math>",
        ),
        &[(Script, "a"), (On, "b")],
    );
}

#[test]
fn case_matters() {
    assert_hashed(
        html("<SCRIPT>-</SCRIPT><p ONCLICK='-' STYLE='-'/><script TYPE='text/plain'>a</script>"),
        &[(Script, "a")],
    );
}

#[test]
fn text_is_that_of_the_element_itself() {
    assert_hashed(
        html("<script>a<![CDATA[<b>&amp;\r\n]]>c<!-- - --><?pi -?>d<b>-</b>e&lt;&#13;&#x80;\r</script>"),
        &[(Script, "a<b>&amp;\ncde<\r\u{80}\n")],
    );
    assert_hashed(
        html("<script>a<script>b</script>c<p onclick='d'/></script><script/><style><!-- - --></style>"),
        &[(Script, "b"), (On, "d"), (Script, "ac"), (Style, "")],
    );
}

#[test]
fn attribute_values_are_normalized() {
    assert_hashed(
        html("<p onclick=\"a\nb\tc\r\nd&#10;e&#13;f  g \" style = ''/>"),
        &[(On, "a b c d\ne\rf  g "), (At, "")],
    );
    assert_hashed(
        dtd(
            "<!ATTLIST p onclick NMTOKENS ' x  y ' style CDATA #FIXED 's'><!ATTLIST p onclick CDATA '-'>",
            "<p/><p onclick=' a   b '/>",
        ),
        &[(On, "x y"), (At, "s"), (On, "a b"), (At, "s")],
    );
}

#[test]
fn entities_are_expanded() {
    assert_hashed(
        dtd(
            "<!-- ]> --><!ENTITY e 'E&#38;lt;&f;&#13;'><!ENTITY f '\"F\"'><!ENTITY f '-'>",
            "<script>a&e;b</script><p onclick='&e;'/>",
        ),
        &[(Script, "aE<\"F\"\nb"), (On, "E<\"F\" ")],
    );
    assert_hashed(
        dtd("<!ENTITY m \"x<script>a</script>y<p onclick='b'/><![CDATA[<]]>\">", "<script>&m;</script>"),
        &[(Script, "a"), (On, "b"), (Script, "xy<")],
    );
    assert_hashed(
        format!("{STRICT}{}", html("<script>&nbsp;&lang;&unknown;&apos;</script>")),
        &[(Script, "\u{a0}\u{27e8}'")],
    );
    assert_hashed(
        dtd("%p;<!ENTITY e 'E'><!ENTITY x SYSTEM 'x'>", "<script>&e;&x;&unknown;</script>"),
        &[(Script, "E")],
    );
}

#[test]
fn noscript_is_live_and_templates_are_inert() {
    assert_hashed(html("<noscript><script>a</script></noscript>"), &[(Script, "a")]);
    let body = "<template shadowrootmode='open'><script>-</script><p onclick='a'/></template><style>b</style>";
    let page = scan(html(body));
    assert_texts(&page, &[(Script, "-"), (On, "a"), (Style, "b")]);
    let inert: Vec<_> = page.inlines().map(|inline| inline.in_template()).collect();
    assert_eq!(inert, [true, true, false]);
}

#[test]
fn nested_documents_have_their_own_rules() {
    assert_hashed(
        html(
            "<iframe srcdoc='&lt;SCRIPT>a&lt;/SCRIPT>'/><iframe src=\"data:image/svg+xml,\
              &lt;svg xmlns='http://www.w3.org/2000/svg' onload='b'>&lt;SCRIPT/>&lt;/svg>\"/>",
        ),
        &[(Script, "a"), (On, "b")],
    );
    let frame = "<p>\n<iframe src=\"data:text/xml,<html xmlns='http://www.w3.org/1999/xhtml'><script>a</script></p>\"></iframe>";
    let page = scan_page("a.html", frame.as_bytes(), &ScanOptions::new()).unwrap();
    assert_texts(&page, &[(Script, "a")]);
    assert_eq!(page.findings[0].code, Code::MalformedXml);
    assert_eq!(page.findings[0].place.as_ref().unwrap().line, 2);
}

#[test]
fn hashing_stops_at_a_fault() {
    for fault in [
        "</b>",
        "a && b",
        "&undeclared;",
        "&#0;",
        "&#xD800;",
        "&#X41;",
        "]]>",
        "\u{1}",
        "\u{fffe}",
        "<!-- -- -->",
        "<!-- - --->",
        "<p onblur=x onclick='-'/>",
        "<p onclick='-' onclick='-'/>",
        "<p onclick='-' hidden/>",
        "<p class='a'onclick='-'/>",
        "<p onclick='<'/>",
        "<p onclick='a&b'/>",
        "<1/>",
        "< p/>",
        "<p></p x='1'>",
        "<p u:x='' onclick='-'/>",
        "<p :a='' onclick='-'/>",
        "<?xml version='1.0'?>",
        "<?a='b'?>",
        "<? a?>",
        "<!DOCTYPE html>",
        "</body></html><html/>",
        "</body></html>text",
    ] {
        let page = scan(html(&format!("<script>a</script><style>b</style>{fault}<script>-</script>")));
        assert_texts(&page, &[(Script, "a"), (Style, "b")]);
        assert_eq!(page.findings[0].code, Code::MalformedXml, "{fault}");
    }
    for start in [
        " <?xml version='1.0'?>",
        "<?xml version='2.0'?>",
        "<?xml encoding='utf-8'?>",
        "text",
        "<!doctype html>",
        "<!DOCTYPE html [<!FOO>]>",
        "<!DOCTYPE html [<!ENTITY e 'a & b'>]>",
        "<!DOCTYPE html PUBLIC 'x'>",
        "<?xml version='1.0' standalone='no' encoding='utf-8'?>",
        "<!DOCTYPE html><!DOCTYPE html>",
    ] {
        let page = scan(format!("{start}{}", html("<script>-</script>")));
        assert_texts(&page, &[]);
        assert_eq!(page.findings[0].code, Code::MalformedXml, "{start}");
    }
}

#[test]
fn what_is_open_at_a_fault_is_not_checked() {
    for open in ["<div>", "<script>-", "<style>-", "<style>-<b"] {
        let page = scan(html(&format!("<div onclick='a'><script>b</script>{open}")));
        assert_texts(&page, &[(On, "a"), (Script, "b")]);
        assert_eq!(page.findings.len(), 1);
    }
}

#[test]
fn elements_below_five_thousand_others_are_a_fault() {
    for (count, is_fault) in [(4998, false), (4999, true)] {
        let page = scan(format!(
            "<html xmlns='http://www.w3.org/1999/xhtml'><p onclick='a'/>{}<script>b</script>{}</html>",
            "<p>".repeat(count),
            "</p>".repeat(count)
        ));
        let all = [(On, "a"), (Script, "b")];
        assert_texts(&page, if is_fault { &all[..1] } else { &all });
        assert_eq!(page.findings.len(), usize::from(is_fault), "{count}");
    }
}

#[test]
fn a_fault_in_namespaces_does_not_stop() {
    for fault in ["<u:p onclick='-'/>", "<:p/>", "<p xmlns:q=''/>"] {
        let page = scan(html(&format!("{fault}{fault}<script>a</script>")));
        assert_texts(&page, &[(Script, "a")]);
        assert_eq!(page.findings[0].code, Code::MalformedXml, "{fault}");
    }
}

#[test]
fn entities_that_grow_without_end_are_a_fault() {
    let level = |n: usize| format!("<!ENTITY l{} '{}'>", n + 1, format!("&l{n};").repeat(10));
    let subset = format!("<!ENTITY l0 'ha'>{}", (0..9).map(level).collect::<String>());
    for (entity, is_fault) in [("l4", false), ("l9", true)] {
        let page = scan(dtd(&subset, &format!("<p title='&{entity};'/><p>&{entity};</p>")));
        assert_eq!(!page.findings.is_empty(), is_fault, "{entity}");
    }
    let page = scan(dtd("<!ENTITY a '&b;'><!ENTITY b '&a;'>", "<p>&a;</p>"));
    assert_eq!(page.findings.len(), 1);
}

#[test]
fn the_encoding_is_the_declared_one_or_utf_8() {
    let document = |start: &[u8], text: &[u8]| {
        let (before, after) = (format!("<html xmlns='{XHTML}'><script>"), "</script></html>");
        [start, before.as_bytes(), text, after.as_bytes()].concat()
    };
    let e_acute = [(Script, "é")];
    assert_hashed(document(b"", "é".as_bytes()), &e_acute);
    assert_hashed(document(b"<?xml version='1.0' encoding='ISO-8859-1'?>", b"\xe9"), &e_acute);
    assert_hashed(document(b"<?xml version='1.0' encoding='utf-16'?>", b"\xc3\xa9"), &e_acute);
    assert_hashed(document(b"\xef\xbb\xbf<?xml version='1.0' encoding='koi8-r'?>", b"\xc3\xa9"), &e_acute);
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let utf16 = wide(&format!("<?xml version='1.0'?>{}", html("<script>é</script>")));
    assert_hashed(&utf16, &e_acute);
    assert_hashed([&b"\xff\xfe"[..], &utf16].concat(), &e_acute);
    let options = ScanOptions::new().with_charset(Some(WINDOWS_1252));
    let page = scan_page("a.svg", &document(b"", b"\xe9")[..], &options).unwrap();
    assert_texts(&page, &e_acute);
    let page = scan(document(b"", b"a</script>\n\xe9<script>-"));
    assert_texts(&page, &[(Script, "a")]);
    assert_eq!(page.findings[0].place.as_ref().unwrap().line, 2);
}

#[test]
fn the_first_fault_counts_however_near_the_second_is() {
    for (body, first) in [
        ("<p a=b>\u{e9}x", "quoted"),
        ("<p></b>\u{e9}x", "end tag"),
        ("<!doctyp <a>\u{e9}x", "DOCTYPE"),
        ("<p/>\u{e9}x", "encoding"),
        ("a\u{e9}<p a=b>", "encoding"),
        ("&am\u{e9};", "encoding"),
        ("<p a='\u{e9}'>", "encoding"),
    ] {
        let text = format!("<html xmlns='{XHTML}'>{body}");
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let page = scan(&latin);
        let message = &page.findings[0].message;
        assert!(message.contains(first), "{body}: {message}");
    }
}

#[test]
fn the_path_tells_the_type_unless_it_is_given() {
    let of = DocumentType::of_path;
    assert!(["a.xhtml", "b/a.XHT", "a.Svg", "a.xml"].map(of).iter().all(|t| *t == DocumentType::Xml));
    assert!(["a.html", "-", "svg", "a.xml.html"].map(of).iter().all(|t| *t == DocumentType::Html));
    let options = ScanOptions::new().with_document_type(Some(DocumentType::Xml));
    let page = scan_page("-", html("<SCRIPT>-</SCRIPT>").as_bytes(), &options).unwrap();
    assert_texts(&page, &[]);
}

#[test]
fn pieces_and_places_do_not_depend_on_where_the_input_is_cut() {
    let body = "\n <p title='é' onclick='a&amp;\r\nb'/><script>日<![CDATA[本]]>&#65;</script>";
    for padding in 65_300..65_560 {
        let page = scan(html(&format!("<!--{}-->{body}", " ".repeat(padding))));
        assert_texts(&page, &[(On, "a& b"), (Script, "日本A")]);
        let places: Vec<_> = page.inlines().map(|i| (i.location.line, i.location.column)).collect();
        assert_eq!(places, [(2, 15), (3, 5)]);
    }
}
