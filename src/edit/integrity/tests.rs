//! The places of digests, and that nothing else of a page changes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// The digest of `a()`, which is the content of each file of the site here.
const DIGEST: &str = "sha384-DGWwUx8JQ/sT4JgpuI0No/p+ZboOXDOsHnvjkLtDr+VlcROccZcpIhzdvm9ZiDWr";

fn digest(url: &Url, algorithm: HashAlgorithm) -> Option<HashSource> {
    let is_there = url.host_str() == Some("a.test") && !url.path().ends_with("gone.js");
    is_there.then(|| HashSource::of(algorithm, b"a()"))
}

fn module(url: &str) -> (Url, HashSource) {
    let url = Url::parse(url).unwrap();
    (url, HashSource::of(HashAlgorithm::Sha384, b"a()"))
}

fn rewrite(page: &[u8], map: Option<&MapEntries>) -> Result<(Vec<u8>, Integrity)> {
    let url = Url::parse("https://a.test/docs/index.html").unwrap();
    let options = IntegrityOptions::new(&digest).with_map(map);
    write_integrity("index.html", &url, page, Vec::new(), &options)
}

/// The output, with `D` for the digest.
fn written(page: &str, map: Option<&MapEntries>) -> String {
    let (out, _) = rewrite(page.as_bytes(), map).unwrap();
    let (again, found) = rewrite(&out, map).unwrap();
    assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&out));
    assert_eq!(found.changes, 0, "{page}");
    String::from_utf8(out).unwrap().replace(DIGEST, "D")
}

#[test]
fn elements_with_a_file_of_the_site_get_its_digest() {
    const NEW: &str = " integrity=\"D\" crossorigin=\"anonymous\"";
    for (page, new) in [
        ("<script src=a.js></script>", format!("<script{NEW} src=a.js></script>")),
        (
            "<SCRIPT type=module SRC='/a.js?v=1#x'></SCRIPT>",
            format!("<SCRIPT{NEW} type=module SRC='/a.js?v=1#x'></SCRIPT>"),
        ),
        ("<link rel=stylesheet href=a.css>", format!("<link{NEW} rel=stylesheet href=a.css>")),
        (
            "<link rel=modulepreload href=a.js crossorigin>",
            "<link integrity=\"D\" rel=modulepreload href=a.js crossorigin>".to_owned(),
        ),
        ("<link rel=preload as=style href=a.css>", format!("<link{NEW} rel=preload as=style href=a.css>")),
        (
            "<script src=a.js integrity></script>",
            "<script crossorigin=\"anonymous\" src=a.js integrity=\"D\"></script>".to_owned(),
        ),
        (
            "<script src=a.js integrity= crossorigin></script>",
            "<script crossorigin=\"anonymous\" src=a.js integrity= \"D\"></script>".to_owned(),
        ),
        (
            "<script src=a.js integrity='sha256-old' crossorigin></script>",
            "<script src=a.js integrity=\"D\" crossorigin></script>".to_owned(),
        ),
        (
            "<noscript><link rel=stylesheet href=a.css></noscript>",
            format!("<noscript><link{NEW} rel=stylesheet href=a.css></noscript>"),
        ),
        (
            "<template><script src=a.js></script></template>",
            format!("<template><script{NEW} src=a.js></script></template>"),
        ),
        (
            "<iframe srcdoc=\"<script src='a.js'></script>\"></iframe>",
            format!("<iframe srcdoc=\"<script{} src='a.js'></script>\"></iframe>", NEW.replace('"', "&quot;")),
        ),
        (
            "<base href=//b.test/><script src=a.js></script><script src=//a.test/a.js></script>",
            format!("<base href=//b.test/><script src=a.js></script><script{NEW} src=//a.test/a.js></script>"),
        ),
    ] {
        assert_eq!(written(page, None), new);
    }
}

#[test]
fn other_elements_stay() {
    for page in [
        "<script>a()</script><style></style>",
        "<script src=gone.js></script>",
        "<script src=//b.test/a.js></script>",
        "<script src=a.js data-integrity=none></script>",
        "<script src=a.js type=text/template></script>",
        "<script src=''></script>",
        "<link rel=icon href=a.png><link rel=preload as=font href=a.woff2>",
        "<link rel=alternate href=a.js><link href=a.css><img src=a.js>",
        "<svg><script href=a.js></script></svg>",
        "<textarea><script src=a.js></script></textarea>",
        "<!-- <script src=a.js></script> -->",
        "<iframe src='data:text/html,<script src=//a.test/a.js></script>'></iframe>",
    ] {
        assert_eq!(written(page, None), page);
    }
}

#[test]
fn files_that_get_no_integrity_are_told() {
    let found = |page: &str| {
        let found = rewrite(page.as_bytes(), None).unwrap().1.without;
        let found = found.into_iter();
        found.map(|(url, at)| format!("{}:{} {url}", at.line, at.column)).collect::<Vec<_>>()
    };
    let page = "<script src=//b.test/a.js></script>\n<link rel=stylesheet href=//b.test/a.css>";
    let expected = ["1:1 https://b.test/a.js", "2:1 https://b.test/a.css"];
    assert_eq!(found("<script src=gone.js></script>"), ["1:1 https://a.test/docs/gone.js"]);
    assert_eq!(found(page), expected);
    assert!(found("<script src=//b.test/a.js integrity=sha256-x></script>").is_empty());
    assert!(found("<script src=data:,a></script>").is_empty());
}

#[test]
fn modules_get_their_digests_in_an_import_map() {
    let entries = |has_late| MapEntries {
        modules: vec![module("https://a.test/docs/m.js"), module("https://a.test/n.js?x")],
        has_late,
    };
    const MEMBERS: &str = "\"./m.js\": \"D\", \"../n.js?x\": \"D\"";
    let new = format!("<script type=\"importmap\">{{\"integrity\": {{{MEMBERS}}}}}</script>");
    let module = "<script type=module>import './m.js'</script>";
    let preload = "<link rel=modulepreload href=gone.js>";
    for (page, late, expected) in [
        (format!("<script>a()</script>{module}"), false, format!("<script>a()</script>{new}{module}")),
        (format!("<script>a()</script>{module}"), true, format!("{new}<script>a()</script>{module}")),
        (format!("{preload}<p>{module}"), false, format!("{new}{preload}<p>{module}")),
        (preload.to_owned(), false, format!("{new}{preload}")),
        ("<script>a()</script>".to_owned(), false, "<script>a()</script>".to_owned()),
        (
            format!("<template>{module}</template>{module}"),
            false,
            format!("<template>{module}</template>{new}{module}"),
        ),
        (
            format!("<script type=importmap>{{}}</script>{module}"),
            false,
            format!(
                "<script type=importmap>{{\n  \"integrity\": {{\n    \"./m.js\": \"D\",\n    \"../n.js?x\": \"D\"\n  }}\n}}</script>{module}"
            ),
        ),
        (
            format!("{preload}<script type=importmap>\r\n{{\r\n  \"imports\": {{}}\r\n}}\r\n</script>{module}"),
            false,
            format!(
                "{preload}<script type=importmap>\r\n{{\r\n  \"imports\": {{}},\r\n  \"integrity\": {{\r\n    \"./m.js\": \"D\",\r\n    \"../n.js?x\": \"D\"\r\n  }}\r\n}}\r\n</script>{module}"
            ),
        ),
        (
            format!(
                "<script type=importmap>{{\"integrity\":{{\"/docs/m.js\":\"{DIGEST}\",\"https://a.test/n.js?x\":\"sha384-old\"}}}}</script>{module}"
            ),
            false,
            format!(
                "<script type=importmap>{{\"integrity\":{{\"/docs/m.js\":\"D\",\"https://a.test/n.js?x\":\"D\"}}}}</script>{module}"
            ),
        ),
        (
            format!("<script type=importmap>{{\"integrity\":{{\"./m.js\":\"\",\"/n.js?x\":\"\"}}}}</script>{module}"),
            false,
            format!("<script type=importmap>{{\"integrity\":{{\"./m.js\":\"\",\"/n.js?x\":\"\"}}}}</script>{module}"),
        ),
        (
            format!("{module}<script type=importmap>{{}}</script>"),
            false,
            format!("{new}{module}<script type=importmap>{{}}</script>"),
        ),
    ] {
        assert_eq!(written(&page, Some(&entries(late))), expected);
    }
}

#[test]
fn a_map_that_is_none_is_a_finding() {
    let entries = MapEntries { modules: vec![module("https://a.test/m.js")], has_late: false };
    for map in [
        "",
        "[]",
        "{",
        "{\"integrity\": 1}",
        "{} // x",
        "{\"integrity\": {}, \"integrity\": {}}",
        "{\"integrity\": {\"/m.js\": \"\", \"../m.js\": \"\"}}",
    ] {
        let page = format!(
            "<script type=importmap>{map}</script><script type=module src=/m.js integrity={DIGEST} crossorigin></script>"
        );
        let (out, found) = rewrite(page.as_bytes(), Some(&entries)).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), page);
        let codes: BTreeMap<_, _> = found.findings.iter().map(|it| (it.code, it.severity)).collect();
        assert_eq!(codes.len(), 1, "{map}");
        assert!(codes.contains_key(&crate::Code::UnwrittenIntegrity), "{map}");
    }
}

#[test]
fn xml_and_templates_are_refused() {
    let options = IntegrityOptions::new(&digest);
    let url = Url::parse("https://a.test/").unwrap();
    for path in ["a.svg", "a.j2", "a.erb"] {
        let done = write_integrity(path, &url, &b"<script src=a.js>"[..], Vec::new(), &options);
        assert_eq!(done.unwrap_err().kind(), ErrorKind::Unsupported, "{path}");
    }
}

/// A reader that gives a page in two pieces.
struct Split<'a>(&'a [u8], usize);

impl Read for Split<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = if self.1 > 0 { self.1 } else { self.0.len() };
        let len = len.min(buffer.len());
        buffer[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        self.1 = 0;
        Ok(len)
    }
}

proptest! {
    #[test]
    fn only_insertions_are_made_wherever_the_page_is_split(
        parts in proptest::collection::vec(prop_oneof![
            Just("<script src=a.js></script>"),
            Just("<script src=\"a.js\" crossorigin></script>"),
            Just("<link rel=stylesheet href=a.css />"),
            Just("<script type=module>import './m.js'</script>"),
            Just("<script type=\"importmap\">{\"imports\": {\"é\": \"./m.js\"}}</script>"),
            Just("<script>a('</scr' + 'ipt>')</script>"),
            Just("<iframe srcdoc='&lt;script src=a.js>&lt;/script>'></iframe>"),
            Just("<noscript><link rel=stylesheet href=a.css></noscript>"),
            Just("<p>é\r\n</p>"),
            Just("<svg><script href=a.js></script></svg>"),
        ], 0..8),
        split in 0_usize..400,
    ) {
        let page = parts.concat();
        let map = MapEntries { modules: vec![module("https://a.test/docs/m.js")], has_late: true };
        let url = Url::parse("https://a.test/docs/index.html").unwrap();
        let options = IntegrityOptions::new(&digest).with_map(Some(&map));
        let (whole, _) = rewrite(page.as_bytes(), Some(&map)).unwrap();
        let split = Split(page.as_bytes(), split.min(page.len()));
        let (out, _) = write_integrity("index.html", &url, split, Vec::new(), &options).unwrap();
        prop_assert_eq!(&out, &whole);
        // What was there is left when the insertions go.
        let mut old = page.bytes().peekable();
        for byte in out {
            old.next_if_eq(&byte);
        }
        prop_assert_eq!(old.next(), None);
    }
}
