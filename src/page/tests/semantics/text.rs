//! What is hashed of a text: its bytes after decoding and newline normalization.

use super::*;
use crate::page::subject::What;

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
    hashes_with(b"<script>'\xe9\xff\xe2\x82'</script>", &utf8, &[(Script, "'\u{fffd}\u{fffd}\u{fffd}'")]);
    let overlong = b"<script>'\xc0\xaf\xed\xa0\x80'</script>";
    hashes_with(overlong, &utf8, &[(Script, "'\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}'")]);
    hashes_with(b"<p onclick='\xe9\0'>", &utf8, &[(EventHandler, "\u{fffd}\u{fffd}")]);
}

#[test]
fn noncharacters_and_a_mark_inside_stay() {
    script("\u{feff}<script>\u{fffe}\u{1}\u{7f}\u{feff}x</script>", "\u{fffe}\u{1}\u{7f}\u{feff}x");
}

#[test]
fn attribute_values_are_decoded_normalized_and_untrimmed() {
    hashes("<p onclick=' a&#13;&#10;b&quot;\r\nc&eacute;&amp;&amp '>", &[(EventHandler, " a\r\nb\"\nc\u{e9}&& ")]);
    hashes("<p style=color:red;a:\"b>", &[(StyleAttribute, "color:red;a:\"b")]);
    hashes("<p onclick= ran(1) x>", &[(EventHandler, "ran(1)")]);
    hashes("<p onclick='?a=1&copy=2'>", &[(EventHandler, "?a=1&copy=2")]);
}

#[test]
fn the_encoding_is_found_where_browsers_find_it() {
    script(b"\xef\xbb\xbf<meta charset=windows-1251><script>'\xc3\xa9'</script>", "'é'");
    script(b"<meta charset=windows-1252><script>'\xe9\x80'</script>", "'é€'");
    script(b"<meta charset=latin1><script>'\x80'</script>", "'€'");
    script(b"<meta charset=utf-16le><script>'\xc3\xa9'</script>", "'é'");
    script(b"<meta http-equiv=content-type content='text/html; charset=windows-1251'><script>'\xe9'</script>", "'й'");
    script(b"<?xml version='1.0' encoding='windows-1251'?><script>'\xe9'</script>", "'й'");
    let server = ScanOptions::new().with_charset(Some(encoding_rs::WINDOWS_1252));
    hashes_with(b"<meta charset=windows-1251><script>'\xe9'</script>", &server, &[(Script, "'é'")]);
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
    script(b"<meta charset=shift_jis><script>'\x93\xfa\x96{\\\xb1'</script>", "'日本\\ｱ'");
    script(b"<meta charset=gbk><script>'\x80\xc4\xe3'</script>", "'€你'");
    script(b"<meta charset=x-user-defined><script>'\xe9'</script>", "'é'");
    hashes(b"<meta charset=windows-1251><p style='\xe9'>", &[(StyleAttribute, "й")]);
}

#[test]
fn undeclared_characters_are_read_as_windows_1252_and_reported() {
    let html = b"<title>x</title>\n<script>'\xe9\x80'</script>";
    script(html, "'é€'");
    assert_eq!(codes(html), [Code::UndeclaredEncoding]);
    assert_eq!(codes("<script>'e'</script>"), []);
    assert_eq!(codes("<meta charset=utf-8><script>'é'</script>"), []);
}

#[test]
fn undeclared_characters_are_read_as_utf_8_too_where_they_can_be() {
    let html = "<p>a\n<script>'é'</script><script>e</script>";
    let texts = [(Script, "'Ã©'"), (Script, "e"), (Script, "'é'")];
    hashes(html, &texts);
    let page = scan(html.as_bytes(), &ScanOptions::new());
    let finding = &page.findings[0];
    assert_eq!(finding.code, Code::UndeclaredEncoding);
    assert!(finding.message.ends_with("windows-1252, UTF-8"));
    assert!(finding.help.contains("--charset"));
    let place = finding.place.as_ref().unwrap();
    assert_eq!((place.line, place.column), (2, 10));
    // An invalid byte far behind rules UTF-8 out.
    let html = [html.as_bytes(), &[b' '; 70_000], b"\xe9"].concat();
    let page = scan_split(&html, html.len(), &ScanOptions::new());
    assert_eq!(page.inlines().count(), 2);
    assert!(page.findings[0].message.ends_with("windows-1252"));
    // Behind more ASCII than is held there is one guess.
    for (len, count) in [(70_000, 2), (1024 * 1024, 1)] {
        let html = [&b" ".repeat(len)[..], "<script>'é'</script>".as_bytes()].concat();
        let page = scan_split(&html, len / 2, &ScanOptions::new());
        assert_eq!(page.inlines().count(), count);
        assert_eq!(page.findings[0].code, Code::UndeclaredEncoding);
        assert_eq!(page.findings[0].message.ends_with("UTF-8"), count == 2);
    }
    let server = ScanOptions::new().with_charset(Some(encoding_rs::UTF_8));
    hashes_with("<script>'é'</script>", &server, &[(Script, "'é'")]);
}

#[test]
fn what_each_browser_reads_is_hashed() {
    let declared = "<meta charset=windows-1251 charset=koi8-r>";
    let page = |text: &[u8]| [declared.as_bytes(), b"<p style='", text, b"'><script>a</script>"].concat();
    hashes(page(b"\xe4"), &[(StyleAttribute, "д"), (Script, "a"), (StyleAttribute, "Д")]);
    assert_eq!(codes(page(b"\xe4")), [Code::ConflictingEncodings]);
    hashes(page(b"b"), &[(StyleAttribute, "b"), (Script, "a")]);
    assert_eq!(codes(page(b"b")), []);
    // Only Chromium looks for it there.
    let noscript = b"<noscript><meta charset=koi8-r></noscript><script>'\xe4'</script>";
    hashes(noscript, &[(Script, "'Д'"), (Script, "'ä'")]);
    assert_eq!(codes(noscript), [Code::UndeclaredEncoding]);
}

#[test]
fn a_check_judges_every_reading() {
    let scan = |html: &[u8]| scan_split(html, 3, &ScanOptions::new().with_subjects());
    let page = scan(
        b"<meta charset=windows-1251 charset=koi8-r><script>'\xe4'</script><meta http-equiv=content-security-policy content=a><script>b</script><p style=\xe4>",
    );
    let subjects = page.subjects.unwrap();
    let texts: Vec<&str> = subjects
        .all
        .iter()
        .map(|subject| match &subject.what {
            What::Inline { spellings, .. } => &*spellings.as_ref().unwrap()[0],
            What::Meta { policy, .. } => policy,
            What::Fetch { .. } | What::Evaluated(_) | What::Helper(_) => "",
        })
        .collect();
    assert_eq!(texts, ["'д'", "'Д'", "a", "b", "д", "Д"]);
}
