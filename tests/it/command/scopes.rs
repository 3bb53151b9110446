//! The choice between one policy for the site and one for each page: sizes, and routers that swap pages.

use crate::support::{folder, read, run};

/// Pages with a style of their own each, and `more` in every page.
fn site(pages: usize, more: &str) -> tempfile::TempDir {
    let page = |number: usize| {
        let page = format!("<!doctype html><title>t</title>{more}<style>p{{order:{number}}}</style>");
        (format!("p{number}.html"), page)
    };
    let pages: Vec<(String, String)> = (0..pages).map(page).collect();
    let files: Vec<(&str, &str)> = pages.iter().map(|(a, b)| (&**a, &**b)).collect();
    folder(&files)
}

#[test]
fn a_policy_over_4096_bytes_is_a_warning_with_its_size() {
    for (pages, is_large) in [(60, false), (80, true)] {
        let site = site(pages, "");
        for format in ["header", "nginx", "django", "helmet"] {
            let ran = run(site.path(), &["hash", "--preset", "self", "--format", format, "."]);
            assert_eq!(ran.code, 0, "{}", ran.err);
            let message = "warning[large-policy]: the policy of the site has ";
            assert_eq!(ran.err.contains(message), is_large, "{format}: {}", ran.err);
            let can_split = is_large && format == "nginx";
            assert_eq!(ran.err.contains("--scope page"), can_split, "{format}: {}", ran.err);
            if format == "header" && is_large {
                let bytes = ran.out.trim_end().len();
                assert!(ran.err.contains(&format!("{message}{bytes} bytes: ")), "{}", ran.err);
            }
        }
        // These send no header.
        for format in ["meta", "json", "list"] {
            let ran = run(site.path(), &["hash", "--preset", "self", "--format", format, "."]);
            assert!(!ran.err.contains("large-policy"), "{format}: {}", ran.err);
        }
        let ran = run(site.path(), &["hash", "--preset", "self", "."]);
        std::fs::write(site.path().join("csp.txt"), ran.out).unwrap();
        let ran = run(site.path(), &["check", "--policy-file", "csp.txt", "."]);
        assert_eq!(ran.out.contains("large-policy"), is_large, "{}", ran.out);
    }
}

#[test]
fn auto_takes_policies_of_pages_over_7000_bytes_where_the_target_can() {
    for (pages, is_split) in [(110, false), (130, true)] {
        let site = site(pages, "");
        let hash = |format: &str, scope: &str| {
            let scope = ["hash", "--preset", "self", "--format", format, "--scope", scope, "."];
            run(site.path(), &scope)
        };
        for format in ["nginx", "caddy", "htaccess", "firebase"] {
            let auto = hash(format, "auto");
            let expected = hash(format, if is_split { "page" } else { "site" });
            assert_eq!(auto.out, expected.out, "{format}");
            assert_eq!(auto.err.contains("large-policy"), !is_split, "{}", auto.err);
        }
        for format in ["header", "netlify"] {
            assert_eq!(hash(format, "auto").out, hash(format, "site").out, "{format}");
        }
    }
}

const ROUTER: &str = "<div id=\"__docusaurus\"></div>";

#[test]
fn pages_that_a_router_swaps_share_a_policy() {
    let routed = site(130, ROUTER);
    let hash = |format: &str, scope: &str| {
        let arguments = ["hash", "--preset", "self", "--format", format, "--scope", scope, "."];
        run(routed.path(), &arguments)
    };
    assert_eq!(hash("nginx", "auto").out, hash("nginx", "site").out);
    assert!(!hash("nginx", "auto").err.contains("swapped-pages"));
    let paged = hash("nginx", "page");
    assert_eq!(paged.code, 0);
    let message = "warning[swapped-pages]: each page has its own policy, but the router of Docusaurus";
    assert!(paged.err.contains(message), "{}", paged.err);
    let plain = site(130, "");
    let arguments = ["hash", "--preset", "self", "--format", "nginx", "--scope", "page", "."];
    assert!(!run(plain.path(), &arguments).err.contains("swapped-pages"));
    // A single page is never swapped.
    let arguments = ["hash", "--preset", "self", "--format", "nginx", "--scope", "page", "p1.html"];
    assert!(!run(routed.path(), &arguments).err.contains("swapped-pages"));
}

#[test]
fn a_router_gives_pages_the_meta_of_the_site() {
    let write = ["hash", "--preset", "self", "--format", "meta", "--write", "."];
    let meta = |page: String| page.split("data-cspseal").next().unwrap().to_owned();
    let routed = site(2, ROUTER);
    let ran = run(routed.path(), &write);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("note[swapped-pages]: every page has the policy of the site"), "{}", ran.err);
    assert_eq!(meta(read(&routed, "p0.html")), meta(read(&routed, "p1.html")));
    let paged = run(routed.path(), &[&write[..], &["--scope", "page"]].concat());
    assert!(paged.err.contains("warning[swapped-pages]"), "{}", paged.err);
    assert_ne!(meta(read(&routed, "p0.html")), meta(read(&routed, "p1.html")));
    let plain = site(2, "");
    let ran = run(plain.path(), &write);
    assert!(!ran.err.contains("swapped-pages"), "{}", ran.err);
    assert_ne!(meta(read(&plain, "p0.html")), meta(read(&plain, "p1.html")));
}

#[test]
fn check_makes_the_outputs_in_the_scope_that_hash_chose() {
    for more in ["", ROUTER] {
        let site = site(130, more);
        let config = "paths = ['.']\npreset = 'self'\n[[output]]\nformat = 'nginx'\nfile = 'csp.conf'";
        std::fs::write(site.path().join("cspseal.toml"), config).unwrap();
        assert_eq!(run(site.path(), &["hash"]).code, 0);
        let ran = run(site.path(), &["check"]);
        assert_eq!(ran.code, 0, "{}", ran.out);
        assert_eq!(ran.out.matches("large-policy").count(), usize::from(!more.is_empty()), "{}", ran.out);
    }
}

#[test]
fn turbo_is_known_by_the_url_of_its_script() {
    for (more, is_routed) in [
        ("<script src=/turbo.js></script>", true),
        ("<script type=module src=https://unpkg.com/@hotwired/turbo></script>", true),
        ("<script src=/my-turbo.js></script>", false),
    ] {
        let site = site(2, more);
        let arguments = ["hash", "--preset", "self", "--format", "nginx", "--scope", "page", "."];
        let ran = run(site.path(), &arguments);
        let is_said = ran.err.contains("warning[swapped-pages]");
        assert_eq!(is_said, is_routed, "{more}: {}", ran.err);
    }
}

/// The directive `frame-ancestors` of a path, by the output for nginx.
fn ancestors<'o>(output: &'o str, path: &str) -> &'o str {
    let rule = format!("\"{path}\" ");
    let number = output.lines().find_map(|line| line.trim().strip_prefix(&rule));
    let policy = format!("{} \"", number.map_or("default", |it| it.trim_end_matches(';')));
    let mut lines = output.lines().map(str::trim);
    let line = lines.find(|line| line.starts_with(&policy)).unwrap();
    let (_, value) = line.split_once("frame-ancestors ").unwrap();
    value.split(['"', ';']).next().unwrap()
}

#[test]
fn what_pages_frame_has_the_site_as_its_ancestor() {
    for (framed, of_file) in [("<embed src=d.pdf>", "'self'"), ("", "'none'")] {
        let e = format!("<!doctype html><title>t</title>{framed}");
        let site = folder(&[
            ("a.html", "<!doctype html><iframe src=b.html></iframe>"),
            ("b.html", "<!doctype html><title>b</title>"),
            ("c.html", "<!doctype html><iframe srcdoc=x></iframe>"),
            ("e.html", &e),
            ("d.pdf", "%PDF"),
        ]);
        let arguments = ["hash", "--preset", "self", "--external", "--format", "nginx", "--scope", "page", "."];
        let ran = run(site.path(), &arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        for (path, expected) in [
            ("/a.html", "'none'"),
            ("/b.html", "'self'"),
            ("/c.html", "'none'"),
            ("/e.html", "'none'"),
            ("/d.pdf", of_file),
        ] {
            assert_eq!(ancestors(&ran.out, path), expected, "{path}: {}", ran.out);
        }
        let config = "paths = ['.']\npreset = 'self'\nexternal = true\n[[output]]\nformat = 'nginx'\nscope = 'page'\nfile = 'csp.conf'";
        std::fs::write(site.path().join("cspseal.toml"), config).unwrap();
        assert_eq!(run(site.path(), &["hash"]).code, 0);
        let ran = run(site.path(), &["check"]);
        assert_eq!(ran.code, 0, "{}", ran.out);
    }
}
