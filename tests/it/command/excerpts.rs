//! What the report for people shows: excerpts of long lines, a table of many findings, and the page's own policy.

use cspseal::HashSource;

use crate::support::{folder, read, run};

/// The excerpt below the location of the first finding, and the text that is marked. The width of a character is that of a terminal.
fn excerpt(report: &str) -> (String, String) {
    let mut lines = report.lines().skip_while(|line| !line.contains("--> "));
    let arrow = lines.next().unwrap();
    assert!(lines.next().unwrap().trim() == "|", "{report}");
    let (number, shown) = lines.next().unwrap().split_once(" | ").unwrap();
    let marks = lines.next().unwrap().split_once(" | ").unwrap().1;
    assert!(arrow.contains(&format!(":{}:", number.trim())), "{report}");
    let from = marks.find('^').unwrap();
    let (mut column, mut marked) = (0, String::new());
    for c in shown.chars() {
        if (from..marks.len()).contains(&column) {
            marked.push(c);
        }
        column += if ('\u{2e80}'..='\u{ffef}').contains(&c) { 2 } else { 1 };
    }
    (shown.to_owned(), marked)
}

#[test]
fn an_excerpt_shows_the_tag_however_long_the_line() {
    let long = "x".repeat(2_500);
    let wide = "日本é".repeat(900);
    let tabs = "\t<b>".repeat(600);
    for (before, after) in [
        ("<p>hello ", "</label><b>y"),
        ("<p>hello ", &*format!("</label><b>{long}")),
        (&*format!("<p>{long}"), "</label>"),
        (&*format!("<p>{long}"), &*format!("</label>{long}")),
        (&*format!("<p>{wide}"), &*format!("</label>{wide}")),
        (&*format!("<p>{tabs}"), &*format!("</label>\t{tabs}\r")),
    ] {
        let line = format!("{before}<label class=\"k\" style=\"a:b\">z{after}");
        let page = format!("<!doctype html><meta charset=utf-8><title>t</title>\r\n{line}\n");
        let folder = folder(&[("a.html", &page)]);
        let ran = run(folder.path(), &["hash", "--preset", "self", "a.html"]);
        assert_eq!(ran.code, 1);
        let column = before.chars().count() + "<label class=\"k\" ".len() + 1;
        assert!(ran.err.contains(&format!("--> a.html:2:{column}\n")), "{}", ran.err);
        let (shown, marked) = excerpt(&ran.err);
        assert_eq!(marked, "style=\"a:b\"", "{}", ran.err);
        assert!(shown.contains("<label class=\"k\" style=\"a:b\">z"), "{}", ran.err);
        assert!(shown.chars().count() <= 140, "{}", ran.err);
        assert!(!ran.err.contains(":::"), "{}", ran.err);
    }
}

#[test]
fn each_finding_in_a_long_line_has_an_excerpt_of_its_own() {
    let fill = "x".repeat(10_000);
    let page = format!("<p style=a:b>{fill}<p onclick=c()>{fill}<script>d()</script>{fill}");
    let folder = folder(&[("a.html", &page)]);
    let ran = run(folder.path(), &["check", "--policy", "default-src 'self'", "a.html"]);
    let reports: Vec<&str> = ran.out.split("error[").skip(1).collect();
    let marked: Vec<String> = reports.iter().map(|report| excerpt(report).1).collect();
    assert_eq!(marked, ["style=a:b", "onclick=c()", "<script>"], "{}", ran.out);
}

#[test]
fn no_text_of_a_page_controls_the_terminal() {
    let page = "<meta charset=utf-8><p \u{9b}31m\u{1b}[2J\u{202e} style=a:b>";
    let folder = folder(&[("a.html", page)]);
    let ran = run(folder.path(), &["hash", "--preset", "self", "a.html"]);
    for control in ['\u{9b}', '\u{1b}', '\u{202e}'] {
        assert!(!ran.err.contains(control), "{:?}", ran.err);
    }
    assert_eq!(excerpt(&ran.err).1, "style=a:b", "{}", ran.err);
}

#[test]
fn many_findings_end_with_a_table() {
    let page = |count: usize| "<script>a()</script>\n".repeat(count) + "<p style=a:b>";
    let (many, few) = (page(7), page(3));
    let site = folder(&[("a.html", &many), ("b.html", &few), ("c.html", &page(1))]);
    let check = |page: &str| {
        let ran = run(site.path(), &["check", "--policy", "default-src 'self'", "a.html", page]);
        assert_eq!(ran.code, 1);
        ran.out
    };
    assert!(!check("b.html").contains("FINDINGS"));
    let ran = run(site.path(), &["check", "--policy", "default-src 'self'", "."]);
    let table = ran.out.split("SEVERITY").nth(1).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        rows,
        [
            vec!["CODE", "FINDINGS", "PAGES"],
            vec!["error", "blocked-script", "11", "3"],
            vec!["error", "blocked-style-attribute", "3", "3"],
            vec![],
            vec!["cspseal:", "14", "errors", "in", "3", "pages"],
        ],
        "{}",
        ran.out
    );
    // The same for what hash reports on standard error.
    let handlers = "<p onclick=a()>\n".repeat(11);
    let other = folder(&[("a.html", &handlers)]);
    let ran = run(other.path(), &["hash", "--preset", "self", "."]);
    assert!(ran.err.contains("error     blocked-handler        11      1\n"), "{}", ran.err);
}

const OWN: &str = "<!doctype html><html><head><meta charset=\"utf-8\"><meta http-equiv=\"content-security-policy\" content=\"default-src 'self'\"><title>t</title></head><body><script>a()</script></body></html>";

#[test]
fn a_second_policy_is_shown_at_the_own_policy_of_the_page() {
    let own = "<meta http-equiv=\"content-security-policy\" content=\"default-src 'self'\">";
    let site = folder(&[("a.html", OWN)]);
    let hash = ["hash", "--preset", "self", "--format", "meta"];
    let place = |report: &str, page: &str| {
        let found = report.split("second-policy]").nth(1).unwrap();
        let at = found.split("--> a.html:").nth(1).unwrap();
        let mut at = at.split(['\n', ':']).map(|number| number.parse::<usize>().unwrap_or(0));
        let (line, column) = (at.next().unwrap(), at.next().unwrap());
        let line = page.split('\n').nth(line - 1).unwrap();
        line.chars().skip(column - 1).collect::<String>()
    };
    let ran = run(site.path(), &[&hash[..], &["--write", "--check", "."]].concat());
    assert!(place(&ran.err, OWN).starts_with(own), "{}", ran.err);
    let ran = run(site.path(), &[&hash[..], &["--write", "."]].concat());
    let written = read(&site, "a.html");
    assert_ne!(written, OWN);
    assert!(place(&ran.err, &written).starts_with(own), "{}", ran.err);
    // A tag of an earlier run on two lines, which another one replaces.
    let two = written.replace(" data-cspseal", "\ndata-cspseal").replace("script-src", "img-src");
    std::fs::write(site.path().join("a.html"), two).unwrap();
    let ran = run(site.path(), &[&hash[..], &["--write", "."]].concat());
    assert_eq!(read(&site, "a.html"), written);
    assert!(place(&ran.err, &written).starts_with(own), "{}", ran.err);
    let ran = run(site.path(), &["check", "."]);
    assert!(place(&ran.out, &written).starts_with(own), "{}", ran.out);
    // Next to a policy in a header it is the only one in the page.
    std::fs::write(site.path().join("a.html"), OWN).unwrap();
    let ran = run(site.path(), &["check", "--policy", "script-src 'none'", "."]);
    assert!(place(&ran.out, OWN).starts_with(own), "{}", ran.out);
}

#[test]
fn hash_reports_an_own_policy_that_blocks_what_it_hashes() {
    let hash = HashSource::of(cspseal::HashAlgorithm::Sha256, b"a()").to_string();
    let allows = OWN.replace("'self'\"", &format!("'self' {hash}\""));
    let late =
        OWN.replace("<meta charset=\"utf-8\">", "<script>a()</script>").replace("<body><script>a()</script>", "<body>");
    let urls =
        OWN.replace("<script>a()</script>", "<img src=https://a.example/><img src=/b><img src=https://c.example/>");
    let attribute = OWN.replace("<script>a()</script>", "<p style=a:b>");
    let site = folder(&[
        ("blocks.html", OWN),
        ("allows.html", &allows),
        ("late.html", &late),
        ("attribute.html", &attribute),
        ("none.html", "<script>a()</script>"),
        ("urls.html", &urls),
        ("sheet/a.html", &OWN.replace("<script>a()</script>", "<link rel=stylesheet href=a.css>")),
        ("sheet/a.css", "@import 'b.css'; a{background:url(https://a.example/)}"),
        ("sheet/b.css", "@font-face{src:url(//b.example/f)} a{background:url(c)}"),
    ]);
    let reported = |arguments: &[&str], page: &str| {
        let ran = run(site.path(), &[&["hash", "--preset", "self"], arguments, &[page]].concat());
        let is_reported = ran.err.contains("error[second-policy]: the page has a policy of its own here");
        assert!(!is_reported || ran.code == 1);
        if is_reported {
            assert!(ran.err.contains(&format!("--> {page}:1:50\n")), "{}", ran.err);
        }
        is_reported
    };
    for target in cspseal::target::TARGETS {
        assert!(reported(&["--format", target.name()], "blocks.html"), "{}", target.name());
    }
    for page in ["allows.html", "late.html", "attribute.html", "none.html"] {
        assert!(!reported(&[], page), "{page}");
    }
    assert!(reported(&["--unsafe-hashes"], "attribute.html"));
    assert!(reported(&["--external"], "urls.html"));
    for path in ["urls.html", "sheet"] {
        let args = ["hash", "--preset", "self", "--external", path];
        let ran = run(site.path(), &args);
        let count = "which blocks 2 URLs that it asks for\n";
        assert!(ran.err.contains(count), "{}", ran.err);
    }
}

#[test]
fn a_missing_path_of_the_configuration_is_named_with_its_key() {
    for (config, key) in [
        ("paths = ['no']", "`paths`"),
        ("paths = ['site']\npolicy-file = 'no'", "`policy-file`"),
        ("paths = ['site']\nreport-only-policy-file = 'no'", "`report-only-policy-file`"),
        ("paths = ['site']\n[[output]]\nformat = 'header'\nfile = 'no/csp.txt'", "`[[output]] file`"),
    ] {
        let site = folder(&[("cspseal.toml", config), ("site/a.html", "<p>"), ("deep/b.html", "<p>")]);
        let ran = run(site.path(), &["hash"]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("error: no"), "{}", ran.err);
        assert!(ran.err.contains(&format!("; {key} in cspseal.toml names it\n")), "{}", ran.err);
        // From another folder the configuration is somewhere else.
        let ran = run(&site.path().join("deep"), &["hash"]);
        assert!(ran.err.contains(&format!("; {key} in ")), "{}", ran.err);
        assert!(ran.err.contains("cspseal.toml names it\n"), "{}", ran.err);
        // A path of the arguments is not.
        let ran = run(site.path(), &["list", "absent"]);
        assert!(!ran.err.contains("absent: cannot be read: No such file or directory (os error 2);"), "{}", ran.err);
    }
}

#[test]
fn hash_shows_the_tags_and_rules_of_files_that_its_pages_use() {
    let filler = "<p>text</p>".repeat(40);
    let framed = format!(
        "<html xmlns='http://www.w3.org/1999/xhtml'><body>{filler}<img src='https://a.test/'/><b title='x' onclick='go()'>y</b>{filler}</body></html>"
    );
    let site = folder(&[
        ("a.html", "<iframe src=f.xhtml></iframe><link rel=stylesheet href=s.css>"),
        ("f.xhtml", &framed),
        ("s.css", "p { background: url(https://b.test/) }"),
    ]);
    let ran = run(site.path(), &["hash", "--preset", "self", "."]);
    for part in
        ["<img src='https://a.test/'/>", "<b title='x' onclick='go()'>", "p { background: url(https://b.test/) }"]
    {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn excerpts_show_pages_as_they_were_before_they_were_written() {
    let page = "<!doctype html>\n<title>x</title><img src=\"https://bad.test/a.png\"><p style=\"order:1\">x";
    let site = folder(&[("a.html", page)]);
    let write = ["hash", "--preset", "self", "--format", "meta", "--write", "."];
    let ran = run(site.path(), &write);
    for part in [
        "--> a.html:2:22\n",
        "2 | <title>x</title><img src=\"https://bad.test/a.png\"><p style=\"order:1\">x\n",
        "\n  |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn marks_in_style_sheets_and_manifests_end_with_the_url() {
    let css = format!("a{{background:url(https://css.test/x.png)}}{}", ".b{order:1}".repeat(9));
    let site = folder(&[
        ("a.html", "<link rel=stylesheet href=s.css><link rel=manifest href=m.json>"),
        ("s.css", &css),
        ("m.json", "{\"icons\":[{\"src\":\"https://m.test/i.png\"}],\"b\":\"c\"}"),
    ]);
    let ran = run(site.path(), &["hash", "--preset", "self", "."]);
    for marked in ["url(https://css.test/x.png)", "https://m.test/i.png"] {
        let mark = format!(" {}\n", "^".repeat(marked.len()));
        assert!(ran.err.contains(&mark), "{marked}: {}", ran.err);
    }
}

#[cfg(unix)]
#[test]
fn hash_shows_nothing_of_a_file_that_a_link_leads_to_from_elsewhere() {
    let elsewhere = folder(&[("s.css", "/* secret */ p { background: url(https://b.test/secret) }")]);
    let site = folder(&[("site/a.html", "<link rel=stylesheet href=s.css>")]);
    std::os::unix::fs::symlink(elsewhere.path().join("s.css"), site.path().join("site/s.css")).unwrap();
    let ran = run(site.path(), &["hash", "--preset", "self", "--follow", "site"]);
    assert!(ran.err.contains("blocked-image"), "{}", ran.err);
    assert!(!ran.err.contains("secret"), "{}", ran.err);
    assert!(!ran.err.contains("b.test"), "{}", ran.err);
}
