//! Documents in documents.

use super::*;

#[test]
fn documents_in_attributes_are_scanned() {
    hashes(
        "<iframe srcdoc=\"<script>a&amp;amp;b</script><p style='c' onclick=d>\"></iframe>",
        &[(Script, "a&amp;b"), (StyleAttribute, "c"), (EventHandler, "d")],
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
    script("<iframe srcdoc='<script>a</script>' src='data:text/html,<script>b</script>'></iframe>", "a");
}

#[test]
fn a_data_url_that_chromium_writes_in_the_encoding_of_the_page_is_reported() {
    let is_reported = |url: &str| {
        let page = scan(format!("<meta charset=utf-8><iframe src='{url}'></iframe>").as_bytes(), &ScanOptions::new());
        page.findings.iter().any(|finding| finding.code == Code::UnscannedDocument)
    };
    assert!(is_reported("data://text/html,<script>a?é</script>"));
    assert!(is_reported("da\nta://text/html,<script>a?é</script>"));
    for url in [
        "data:text/html;charset=utf-8,<script>a?é</script>",
        "data://text/html;charset=utf-8,<script>é?a</script>",
        "data://text/html;charset=utf-8,<script>a?b#é</script>",
        "data://text/plain,a?é",
    ] {
        assert!(!is_reported(url), "{url}");
    }
}

/// Asserts that one script with the hashes of these texts is found, those of Chromium first.
#[track_caller]
fn script_of_both(html: &str, chromium: &str, firefox: &str) {
    let page = scan(html.as_bytes(), &ScanOptions::new());
    let hash = |text: &str| HashSource::of(HashAlgorithm::Sha256, text.as_bytes());
    let found: Vec<_> = page.inlines().map(|inline| inline.hashes).collect();
    assert_eq!(found, [[hash(chromium), hash(firefox)]], "{html}");
}

#[test]
fn line_breaks_and_tabs_of_data_urls_are_read_as_each_browser_does() {
    for (open, close) in [
        ("<iframe src=\"", "\"></iframe>"),
        ("<object data=\"", "\"></object>"),
        ("<embed src=\"", "\">"),
        ("<frameset><frame src=\"", "\"></frameset>"),
        ("<iframe srcdoc='<iframe src=\"", "\">'></iframe>"),
        ("<iframe src=\"data:text/html,<embed src='", "'>\"></iframe>"),
    ] {
        for (url, chromium) in [
            ("data:text/html,<script>a\nb</script>", "a\nb"),
            ("DATA:text/html,<script>a\tb</script>", "a\tb"),
            ("data:text/html,<script>a\r\nb</script>\n", "a\nb"),
            ("\n data:text/html;charset=utf-8,<script>a&#10;b</script>", "a\nb"),
        ] {
            script_of_both(&format!("{open}{url}{close}"), chromium, "ab");
        }
    }
    // Firefox joins the escape.
    script_of_both("<embed src='data:text/html,<script>%\n41</script>'>", "%\n41", "A");
    script_of_both(
        "<embed src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><script>a\nb</script></svg>\">",
        "a\nb",
        "ab",
    );
    // The line break that interrupts the scheme makes Chromium remove all.
    script("<embed src='da\nta:text/html,<script>a\nb</script>'>", "ab");
    script("<embed src='data\n:text/html,<script>a\nb</script>'>", "ab");
    // It makes no difference.
    let page = scan(b"<embed src='data:text/html,\n<script>a</script>'>", &ScanOptions::new());
    assert_eq!((page.inlines().count(), nth(&page, 0).hashes.len()), (1, 1));
}

#[test]
fn what_one_browser_finds_in_a_data_url_is_found() {
    let frame = |url: &str| format!("<iframe src=\"{url}\"></iframe>");
    for (url, kind, text) in [
        // In Firefox there is no attribute; in Chromium no script, and a type that frames nothing.
        ("data:text/html,<p\nonclick=a>", EventHandler, "a"),
        ("data:text/html,<scr\nipt>a</script>", Script, "a"),
        ("data:text/ht\nml,<script>a</script>", Script, "a"),
        ("data:text/html\n,<script>a</script>", Script, "a"),
        // Chromium takes the type for a host.
        ("data://text/html,<script>a</script>", Script, "a"),
        ("da\tta://text/x/../html,<script>a</script>", Script, "a"),
        // Firefox removes the space.
        ("data:te xt/html;base64,PHNjcmlwdD5hPC9zY3JpcHQ+", Script, "a"),
    ] {
        hashes(frame(url), &[(kind, text)]);
    }
    // It takes the tag for a folder.
    nothing(frame("data://text/html,<script>a/../b</script>"));
    nothing(frame("data:/text/html,<script>a</script>"));
    nothing(frame("data:///text/html,<script>a</script>"));
    nothing(frame("data://te\nxt/html,<script>a</script>"));
    // Neither the same nor in the same places: each has its own.
    hashes(
        frame("data:text/html,<script>a\nb</script><p\nonclick=c>"),
        &[(Script, "a\nb"), (EventHandler, "c"), (Script, "ab")],
    );
}

#[test]
fn a_finding_about_a_data_url_is_one() {
    let html = "<iframe src='data:text/html,\n<script nonce=abc>&#233;\n</script>'></iframe>";
    assert_eq!(codes(html), [Code::StaticNonce, Code::UndeclaredEncoding]);
    let deep = "<iframe src='data:text/html,<script>a\nb'></iframe>";
    assert_eq!(codes(deep), [Code::UnclosedScript]);
}

#[test]
fn they_nest_and_say_so() {
    let html = "<p>\n<iframe srcdoc=\"<iframe srcdoc='&lt;noscript>&lt;style>a&lt;/style>'></iframe>\"></iframe>";
    let page = scan(html.as_bytes(), &ScanOptions::new());
    assert_eq!(nth(&page, 0).nested, [Nesting::Srcdoc, Nesting::Srcdoc, Nesting::Noscript]);
    assert_eq!(nth(&page, 0).location, Location { line: 2, column: 1 });
}

#[test]
fn too_deep_nesting_is_an_error() {
    let options = ScanOptions::new();
    let mut walk = Walk::page(&options, None);
    walk.here.depth = MAX_NESTING;
    let scan = DocumentScan::new(walk, None, None, || None);
    let page = b"<iframe srcdoc='<script>x</script>'></iframe>";
    let walk = scan.end(page).unwrap().walk;
    let page = walk.visitor.into_page(&"x".into());
    assert_eq!(page.inlines().count(), 0);
    assert_eq!(page.findings[0].code, Code::NestingLimit);
}

#[test]
fn documents_in_each_other_that_are_too_long_together_are_an_error() {
    let options = ScanOptions::new();
    let inner = "<script>x</script>";
    for (around, findings) in
        [((128 << 20) - inner.len(), vec![]), ((128 << 20) - inner.len() + 1, vec![Code::UnscannedDocument])]
    {
        let mut walk = Walk::page(&options, None);
        walk.here.framed = around;
        let scan = DocumentScan::new(walk, None, None, || None);
        let page = format!("<iframe srcdoc='{inner}'></iframe>");
        let walk = scan.end(page.as_bytes()).unwrap().walk;
        let page = walk.visitor.into_page(&"x".into());
        assert_eq!(page.inlines().count(), 1 - findings.len());
        let codes: Vec<_> = page.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, findings);
    }
}

#[test]
fn a_sandbox_without_scripts_leaves_styles() {
    let inner = "srcdoc=\"<style>a</style><p style=b onclick=c><script>d</script>\"></iframe>";
    hashes(format!("<iframe sandbox {inner}"), &[(Style, "a"), (StyleAttribute, "b")]);
    hashes(
        format!("<iframe sandbox='allow-forms ALLOW-scripts' {inner}"),
        &[(Style, "a"), (StyleAttribute, "b"), (EventHandler, "c"), (Script, "d")],
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
    hashes_with("<template onclick=a></template>", &without, &[(EventHandler, "a")]);
}

#[test]
fn the_attributes_of_a_shadow_roots_template_are_checked_though_it_leaves_no_element() {
    hashes(
        "<div><template onclick=a style=b shadowrootmode=open></template></div>",
        &[(EventHandler, "a"), (StyleAttribute, "b")],
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
    inert("<template><div><template shadowrootmode=open><script>x</script></template></div></template>");
}
