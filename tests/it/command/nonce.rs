//! `cspseal nonce` on files: what it changes, what it leaves alone, and what stops it.

use std::fs;
use std::path::Path;

use crate::support::{self, Ran, folder, read};

fn run(folder: &Path, args: &[&str]) -> Ran {
    run_with_input(folder, args, b"")
}

fn run_with_input(folder: &Path, args: &[&str], input: &[u8]) -> Ran {
    support::run_with_input(folder, &[&["nonce"], args].concat(), input)
}

const FLASK: [&str; 2] = ["--framework", "flask"];

#[test]
fn the_default_is_a_diff_that_patch_takes() {
    let folder = folder(&[("t/a.html", "<p>\n<script>{{ a }}</script>\n"), ("t/b.html", "<p>\n")]);
    let ran = run(folder.path(), &["--framework", "flask", "t"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.out,
        "--- t/a.html\n+++ t/a.html\n@@ -1,2 +1,2 @@\n <p>\n-<script>{{ a }}</script>\n\
         +<script nonce=\"{{ csp_nonce() }}\">{{ a }}</script>\n"
    );
    assert!(ran.err.ends_with("cspseal: 1 nonce in 1 file would change\n"), "{}", ran.err);
    assert_eq!(read(&folder, "t/a.html"), "<p>\n<script>{{ a }}</script>\n");
}

#[test]
fn write_changes_files_once_and_touches_no_other() {
    let folder = folder(&[("a.html", "<style>\n"), ("b.html", "<p>\n")]);
    let before = fs::metadata(folder.path().join("b.html")).unwrap().modified().unwrap();
    let args = ["--framework", "flask", "--write", "--policy", "default-src 'self'"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("f\"style-src 'self' 'nonce-{csp_nonce()}'\""), "{}", ran.out);
    assert!(!ran.out.contains("script-src"), "{}", ran.out);
    assert_eq!(read(&folder, "a.html"), "<style nonce=\"{{ csp_nonce() }}\">\n");
    let written = fs::metadata(folder.path().join("a.html")).unwrap().modified().unwrap();
    let again = run(folder.path(), &args);
    assert_eq!((again.code, &again.out), (0, &ran.out));
    let modified = |name| fs::metadata(folder.path().join(name)).unwrap().modified().unwrap();
    assert_eq!(modified("a.html"), written);
    assert_eq!(modified("b.html"), before);
}

#[test]
fn a_template_that_a_nonce_would_break_is_not_written() {
    let page = "Write {{ to begin.<script>a()</script>";
    let folder = folder(&[("a.html", page)]);
    let args = ["--framework", "django", "--write", "a.html"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("error[literal-element]"), "{}", ran.err);
    assert_eq!(read(&folder, "a.html"), page);
    // Where nothing has a nonce no policy needs one.
    assert_eq!(ran.out, "");
    let ran = run(folder.path(), &["--framework", "django", "--print-policy", "a.html"]);
    assert_eq!((ran.code, &*ran.out), (1, ""));
}

#[test]
fn check_lists_what_lacks_a_nonce() {
    let folder = folder(&[("a.j2", "<script></script><style>\n"), ("b.html", "<p>\n")]);
    let ran = run(folder.path(), &["--framework", "flask", "--check"]);
    assert_eq!(
        (ran.code, &*ran.out),
        (1, "a.j2:1:1: missing nonce of a script\na.j2:1:18: missing nonce of a style\n")
    );
    run(folder.path(), &["--framework", "flask", "--write"]);
    let ran = run(folder.path(), &["--framework", "flask", "--check"]);
    assert_eq!((ran.code, &*ran.out), (0, ""));
}

#[test]
fn a_copy_holds_every_file_of_the_folder() {
    let folder = folder(&[
        ("public/index.html", "<script>a</script>"),
        ("public/css/a.css", "a{}"),
        ("public/old/b.html", "<p>"),
        ("public/drafts/c.html", "<script>"),
    ]);
    let args = ["--placeholder", "P", "-o", "out", "--exclude", "drafts", "public"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, "script-src 'nonce-P'\n");
    assert_eq!(read(&folder, "out/index.html"), "<script nonce=\"P\">a</script>");
    assert_eq!(read(&folder, "out/css/a.css"), "a{}");
    assert_eq!(read(&folder, "out/old/b.html"), "<p>");
    assert!(!folder.path().join("out/drafts").exists());
    assert_eq!(read(&folder, "public/index.html"), "<script>a</script>");
    for args in [["-o", "public/out", "public", "--replace"], ["-o", "both", "public", "public/old"]] {
        let ran = run(folder.path(), &[&["--placeholder", "P"][..], &args].concat());
        let same = args[3] != "--replace";
        assert_eq!(ran.code, if same { 0 } else { 2 }, "{}", ran.err);
    }
    let ran = run(folder.path(), &["--placeholder", "P", "-o", "x", "public", "out"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("two files would go to"), "{}", ran.err);
    assert!(!folder.path().join("x").exists());
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = folder(&[]);
    let ran =
        run_with_input(folder.path(), &["--framework", "rails", "-"], b"\xef\xbb\xbf<script>\r\n<%= a %></script>");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, "\u{feff}<script nonce=\"<%= content_security_policy_nonce %>\">\r\n<%= a %></script>");
    let ran = run_with_input(folder.path(), &["--framework", "rails", "--check", "-"], b"<script>");
    assert_eq!((ran.code, &*ran.out), (1, "-:1:1: missing nonce of a script\n"));
    let diff = "--- -\n+++ -\n@@ -1 +1 @@\n-<script>\n+<script nonce=\"P\">\n";
    fs::write(folder.path().join("a.html"), "<p>").unwrap();
    for args in [&["--diff", "-"][..], &["-", "a.html"]] {
        let args = [&["--placeholder", "P"], args].concat();
        let ran = run_with_input(folder.path(), &args, b"<script>\n");
        assert_eq!((ran.code, &*ran.out), (0, diff), "{}", ran.err);
    }
}

#[test]
fn random_placeholders_are_new_each_time() {
    let folder = folder(&[]);
    let random = || run_with_input(folder.path(), &["--placeholder", "random", "-"], b"<script>").out;
    let (one, other) = (random(), random());
    assert_ne!(one, other);
    let hex = one.strip_prefix("<script nonce=\"CSP_NONCE_").unwrap().strip_suffix("\">").unwrap();
    assert_eq!(hex.len(), 32);
    assert!(hex.bytes().all(|b| b.is_ascii_hexdigit()));
}

#[test]
fn values_that_protect_nobody_are_findings() {
    let folder = folder(&[("a.html", "<script>")]);
    for (args, code) in [
        (&["--value", "abc"][..], "static-nonce"),
        (&["--placeholder", "**NONCE**"], "invalid-placeholder"),
        (&["--placeholder", "{{x}}", "--policy", "script-src 'unsafe-inline'"], "invalid-placeholder"),
    ] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains(&format!("error[{code}]")), "{}", ran.err);
    }
    let ran = run(folder.path(), &["--placeholder", "{{x}}", "--print-policy"]);
    assert_eq!(ran.out, "");
}

#[test]
fn values_that_cannot_be_written_are_one_error() {
    let folder = folder(&[("a.html", "<script>"), ("b.html", "<script>")]);
    for value in ["", "a'b\"", "a\nb"] {
        let ran = run(folder.path(), &["--write", "--value", value]);
        assert_eq!(ran.code, 2, "{value:?}");
        assert_eq!(ran.err.matches("error").count(), 1, "{}", ran.err);
    }
    let ran = run(folder.path(), &["--template", "jinja", "--write", "--value", "{{ a"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("a.html: ") && ran.err.contains("b.html: "), "{}", ran.err);
    assert_eq!(read(&folder, "a.html"), "<script>");
}

#[test]
fn a_dialect_without_an_expression_is_an_error_of_its_file() {
    let folder = folder(&[("a.erb", "<script>"), ("b.j2", "<script>")]);
    let ran = run(folder.path(), &["--framework", "flask", "--write"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("a.erb: flask has no expression for the nonce in erb"), "{}", ran.err);
    assert_eq!(read(&folder, "a.erb"), "<script>");
    assert_eq!(read(&folder, "b.j2"), "<script nonce=\"{{ csp_nonce() }}\">");
}

#[test]
fn what_cannot_be_read_or_written_is_named_and_the_rest_is_done() {
    let folder = folder(&[
        ("a.html", "<script>"),
        ("binary.html", "\0\u{1}\u{2}\u{3}\0"),
        ("frozen.html", "<script>"),
        ("z.html", "<script>"),
    ]);
    let frozen = folder.path().join("frozen.html");
    let mut permissions = fs::metadata(&frozen).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&frozen, permissions).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("loop.html", folder.path().join("loop.html")).unwrap();
    fs::write(folder.path().join("pic.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    let args = [".", "loop.html", "missing.html", "pic.svg"];
    let ran = run(folder.path(), &[&FLASK[..], &["--write"], &args].concat());
    assert_eq!(ran.code, 2);
    for named in [
        "loop.html: cannot be read",
        "missing.html: cannot be read",
        "binary.html: not a text",
        "frozen.html: is read-only and was left alone",
        "pic.svg: nonces are written into HTML only",
    ] {
        assert!(ran.err.contains(named), "{named}\n{}", ran.err);
    }
    assert_eq!(read(&folder, "frozen.html"), "<script>");
    for done in ["a.html", "z.html"] {
        assert_eq!(read(&folder, done), "<script nonce=\"{{ csp_nonce() }}\">");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".cspseal")), "{left:?}");
}

#[test]
fn a_file_that_is_named_twice_is_changed_once() {
    let folder = folder(&[("t/a.html", "<script>\n")]);
    let absolute = folder.path().join("t").display().to_string();
    let args = ["--placeholder", "P", "t/a.html", "./t", "t", &absolute];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.out, "--- t/a.html\n+++ t/a.html\n@@ -1 +1 @@\n-<script>\n+<script nonce=\"P\">\n");
    assert!(ran.err.contains("1 nonce in 1 file"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_and_neither_replaced_nor_copied() {
    use std::os::unix::fs::FileTypeExt as _;
    let folder = folder(&[("t/a.html", "<script>")]);
    let pipe = folder.path().join("t/pipe.html");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for args in [&["--write", "t/pipe.html", "t/a.html"][..], &["-o", "copy", "t"]] {
        let args = [&["--placeholder", "P"], args].concat();
        let ran = run(folder.path(), &args);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("t/pipe.html: is n"), "{}", ran.err);
    }
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    for written in ["t/a.html", "copy/a.html"] {
        assert_eq!(read(&folder, written), "<script nonce=\"P\">");
    }
    assert!(!folder.path().join("copy/pipe.html").exists());
}

#[test]
fn a_policy_that_cannot_be_spelled_is_refused() {
    let folder = folder(&[("a.j2", "<script>")]);
    let args = ["--value", "{{ n }}", "--print-policy"];
    let ran = run(folder.path(), &args);
    assert_eq!((ran.code, &*ran.out), (2, ""));
    assert!(ran.err.contains("use --framework"), "{}", ran.err);
}

#[test]
fn a_long_page_is_written_as_a_whole() {
    let page = "<script>a</script>\n".repeat(200_000);
    let folder = folder(&[("a.html", &page)]);
    let ran = run(folder.path(), &["--placeholder", "P", "--write"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(read(&folder, "a.html"), page.replace("<script>", "<script nonce=\"P\">"));
}

#[test]
fn template_code_in_plain_html_is_pointed_out() {
    let folder = folder(&[("a.html", "<script>var a = {{ a }};</script>")]);
    let ran = run(folder.path(), &["--value", "{{ n }}"]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("warning[template-syntax]"), "{}", ran.err);
    for (page, is_code) in [
        ("<script type=application/json>[\"{{ a }}\"]</script>", false),
        ("<script type=application/ld+json>{\"a\": {{ b }}}</script>", true),
        ("<script type=text/x-template><p>{{ a }}</script>", false),
        ("<script>self.__next_f.push([1,\"{{ a }}\"])</script>", false),
        ("<style>p{order:{{ a }}}</style>", true),
    ] {
        fs::write(folder.path().join("b.html"), page).unwrap();
        let ran = run(folder.path(), &["--value", "n", "b.html"]);
        assert_eq!(ran.err.contains("[template-syntax]"), is_code, "{page}: {}", ran.err);
    }
    fs::remove_file(folder.path().join("b.html")).unwrap();
    let ran = run(folder.path(), &["--value", "{{ n }}", "--template", "none"]);
    assert!(!ran.err.contains("template-syntax"), "{}", ran.err);
    let ran = run(folder.path(), &["--value", "{{ n }}", "--template", "django"]);
    assert!(!ran.err.contains("template-syntax"), "{}", ran.err);
}
