//! Documents in documents.

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
