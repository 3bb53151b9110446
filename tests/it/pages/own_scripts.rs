//! What the site's own scripts import, mention and do, read from the files that answer their URLs.

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, folder, run};

const BASE: [&str; 2] = ["--preset", "self"];

/// A site whose pages share a script, which loads others.
fn site() -> TempDir {
    folder(&[
        ("s/a/x.html", "<!doctype html><script src=/js/app.js></script><script>fetch('https://page.test/')</script>"),
        (
            "s/index.html",
            "<!doctype html><script type=module src='js/app.js?v=1'></script><script>import('./js/late.js')</script>",
        ),
        ("s/other.html", "<!doctype html><p>none"),
        (
            "s/js/app.js",
            "import './lib.js';\nimport x from 'bare';\nimport 'https://cdn.test/y.js';\n  fetch('https://api.test/'); eval(x);\nimport('./late.js')",
        ),
        ("s/js/lib.js", "export const a = new Image().src = 'https://img.test/i.png'; import './app.js'"),
        ("s/js/late.js", "import 'https://late.test/z.js'; new EventSource('//live.test/')"),
        ("s/js/unused.js", "fetch('https://unused.test/')"),
        ("s/js/broken.js", "fetch('https://broken.test/'); ("),
    ])
}

fn hash(site: &TempDir, args: &[&str]) -> Ran {
    run(site.path(), &[&["hash", "s"], &BASE[..], args].concat())
}

#[test]
fn own_scripts_are_read_with_what_they_load() {
    let site = site();
    let ran = hash(&site, &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for text in [
        "scripts of https://cdn.test by script-src: 1 use on 2 pages",
        "--> s/js/app.js:3:",
        "scripts run texts as code, which the policy blocks by script-src: 1 use on 2 pages",
        "--> s/js/app.js:4:31",
        "cspseal: the policy blocks 5 URLs of 5 origins that scripts mention",
    ] {
        assert!(ran.err.contains(text), "{text}: {}", ran.err);
    }
    let external = hash(&site, &["--external"]);
    assert!(external.out.contains("https://cdn.test"), "{}", external.out);
    for host in ["api", "img", "live", "late", "page"] {
        assert!(!external.out.contains(&format!("{host}.test")), "{host}");
    }
    let mentioned = hash(&site, &["--mentioned"]);
    assert_eq!(mentioned.code, 0, "{}", mentioned.err);
    for sources in [
        "connect-src 'self' https://api.test https://live.test https://page.test;",
        "img-src 'self' https://img.test;",
        "https://cdn.test https://late.test 'sha256-",
    ] {
        assert!(mentioned.out.contains(sources), "{sources}: {}", mentioned.out);
    }
    for host in ["unused.test", "broken.test"] {
        assert!(!mentioned.out.contains(host), "{host}");
    }
    let policy = mentioned.out.trim();
    let check = run(site.path(), &["check", "--notes", "s", "--policy", policy]);
    assert!(!check.out.contains("orphaned-source"), "{}", check.out);
    assert!(!check.out.contains("error["), "{}", check.out);
    let eval = "scripts run texts as code, which the policy blocks by script-src: 1 use on 2 pages";
    assert!(check.out.contains(eval), "{}", check.out);
}

#[test]
fn mentions_of_own_scripts_are_those_of_the_pages_that_use_them() {
    let site = site();
    let json = hash(&site, &["--mentioned", "--format", "json"]).out;
    let document: Value = serde_json::from_str(&json).unwrap();
    let mentioned = document["mentioned"].as_array().unwrap().iter();
    let mentioned: Vec<_> = mentioned
        .map(|it| {
            let first = &it["first"];
            let place = format!("{}:{}", first["path"].as_str().unwrap(), first["line"]);
            (it["url"].as_str().unwrap().to_owned(), it["uses"].as_u64().unwrap(), it["pages"].as_u64().unwrap(), place)
        })
        .collect();
    let expected = [
        ("https://page.test/", 1, 1, "s/a/x.html:1"),
        ("/js/late.js", 2, 2, "s/index.html:1"),
        ("https://api.test/", 1, 2, "s/js/app.js:4"),
        ("https://img.test/i.png", 1, 2, "s/js/lib.js:1"),
        ("https://late.test/z.js", 1, 2, "s/js/late.js:1"),
        ("https://live.test/", 1, 2, "s/js/late.js:1"),
    ];
    let expected = expected.map(|(url, uses, pages, place)| (url.to_owned(), uses, pages, place.to_owned()));
    assert_eq!(mentioned, expected);
    let pages = document["pages"].as_array().unwrap().iter();
    let has: Vec<[bool; 2]> = pages
        .map(|page| {
            let policy = page["policy"].as_str().unwrap();
            ["https://api.test", "https://page.test"].map(|host| policy.contains(host))
        })
        .collect();
    assert_eq!(has, [[true, true], [true, false], [false, false]]);
    std::fs::write(site.path().join("s.json"), &json).unwrap();
    let merge = |args: &[&str]| {
        let args = [&["merge", "s.json"], &BASE[..], args].concat();
        run(site.path(), &args).out
    };
    assert_eq!(merge(&["--mentioned"]), hash(&site, &["--mentioned"]).out);
    let again: Value = serde_json::from_str(&merge(&["--mentioned", "--format", "json"])).unwrap();
    for list in ["resources", "mentioned", "pages"] {
        assert_eq!(again[list], document[list], "{list}");
    }
    let list = run(site.path(), &["list", "--external", "s"]).out;
    let row = "connect-src  https://api.test      1      2  s/js/app.js:4:9";
    assert!(list.contains(row), "{list}");
}

#[test]
fn the_nonce_of_a_module_counts_for_its_imports() {
    let page = "<!doctype html><script type=module src=/m.js nonce=abcdefghijklmnopqrstuvwx></script>";
    let site = folder(&[
        ("s/index.html", page),
        ("s/m.js", "import './n.js'; import 'https://cdn.test/y.js'"),
        ("s/n.js", "export {}"),
    ]);
    let policy = "script-src 'nonce-abcdefghijklmnopqrstuvwx'; object-src 'none'; base-uri 'none'";
    let ran = run(site.path(), &["check", "s", "--policy", policy]);
    assert!(!ran.out.contains("blocked-external-script"), "{}", ran.out);
    let other = "script-src 'self'; object-src 'none'; base-uri 'none'";
    let ran = run(site.path(), &["check", "s", "--policy", other]);
    assert!(ran.out.contains("scripts of https://cdn.test by script-src"), "{}", ran.out);
}

#[test]
fn a_script_that_cannot_be_parsed_is_a_note() {
    let deep = "[".repeat(400_000);
    let site = folder(&[
        ("s/index.html", "<!doctype html><script src=/d.js></script>"),
        ("s/d.js", &format!("x = '//a.test/'; {deep}")),
    ]);
    let ran = hash(&site, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let note = "note[unknown-dependencies]: /d.js is longer or may be nested deeper than the parser can read";
    assert!(ran.err.contains(note), "{}", ran.err);
    let mentioned = hash(&site, &["--mentioned"]).out;
    assert!(mentioned.contains("connect-src 'self' https://a.test;"), "{mentioned}");
}

#[test]
fn workers_are_mentioned_by_what_they_are_relative_to() {
    let page = "<!doctype html><script type=module src=/m/own.js></script><script>new Worker('w.js')</script><script type=module>new SharedWorker(new URL('i.js', import.meta.url))</script>";
    let site = folder(&[
        ("s/a/index.html", page),
        (
            "s/m/own.js",
            "new Worker(new URL('n.js', import.meta.url));\nnew Worker('of-the-page.js');\nnavigator.serviceWorker.register('/sw.js')",
        ),
    ]);
    let json = hash(&site, &["--format", "json"]).out;
    let document: Value = serde_json::from_str(&json).unwrap();
    let mentioned = document["mentioned"].as_array().unwrap().iter();
    let mentioned: Vec<_> =
        mentioned.map(|it| ["destination", "directive", "url"].map(|key| it[key].as_str().unwrap())).collect();
    let urls = ["/a/w.js", "/a/i.js", "/m/n.js", "/", "/sw.js"];
    assert_eq!(mentioned, urls.map(|url| ["worker", "worker-src", url]));
    let policy = |base: &str, args: &[&str]| {
        let args = [&["hash", "s", "--policy", base], args].concat();
        run(site.path(), &args)
    };
    let base = "script-src-elem 'self'; child-src 'none'";
    let plain = policy(base, &["--external"]);
    let line = "the policy blocks 5 URLs of 1 origin that scripts mention";
    assert!(plain.err.contains(line), "{}", plain.err);
    let note = "scripts make workers of files of the site, which the policy blocks by child-src: 3 uses on 1 page";
    assert!(plain.err.contains(note), "{}", plain.err);
    let mentioned = policy(base, &["--mentioned"]);
    assert!(!mentioned.err.contains("unknown-worker"), "{}", mentioned.err);
    let worker = "child-src 'none'; worker-src 'self'";
    assert!(mentioned.out.contains(worker), "{}", mentioned.out);
    let strict = policy("script-src 'strict-dynamic'", &[]);
    for text in ["scripts mention", "unknown-worker"] {
        assert!(!strict.err.contains(text), "{}", strict.err);
    }
}

#[test]
fn a_name_that_a_script_imports_is_a_note() {
    let page = |script: &str| format!("<!doctype html><script type=module src={script}></script>");
    for (script, name) in [
        ("import './n.js'; import 'lib/x'", Some("lib/x")),
        ("export * from 'lib'; import('late')", Some("lib")),
        ("import('late')", Some("late")),
        ("import './n.js'; import('/n.js')", None),
    ] {
        let site = folder(&[("s/index.html", &page("/m.js")), ("s/m.js", script), ("s/n.js", "export {}")]);
        let ran = hash(&site, &[]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let note = name.map(|name| {
            format!("note[unknown-dependencies]: scripts of the site import `{name}`, whose URL depends on")
        });
        match note {
            Some(note) => assert!(ran.err.contains(&note), "{}", ran.err),
            None => assert!(!ran.err.contains("unknown-dependencies"), "{}", ran.err),
        }
    }
}

#[test]
fn merged_inventories_have_the_findings_of_one_run() {
    let site = folder(&[
        (
            "s/a.html",
            "<link rel=stylesheet href=/no.css><img src=/no.png><img src=https://s.test/i.png><script src=/js/app.js></script><iframe src=ab.xhtml></iframe>",
        ),
        (
            "s/b.html",
            "<script>new Worker(u); WebAssembly.compile(b)</script><link rel=stylesheet href=bad.css><link rel=stylesheet href=no.css><object data=aa.svg></object>",
        ),
        ("s/c.html", "<script type=module src=/js/app.js></script><script>import('/js/late.js')</script>"),
        ("s/js/app.js", "import './late.js'; eval(x)"),
        ("s/js/late.js", "new Function('a')"),
        ("s/bad.css/x", ""),
        ("s/i.png", ""),
        // Documents in frames come last, however a run comes to them.
        ("s/aa.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>a()</script></svg>"),
        (
            "s/ab.xhtml",
            "<html xmlns='http://www.w3.org/1999/xhtml'><iframe src='ac.svg'/><iframe src='aa.svg'/></html>",
        ),
        ("s/ac.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>c()</script></svg>"),
        ("s/m.wasm", ""),
        ("s/w/n.wasm", ""),
    ]);
    std::os::unix::fs::symlink("../a.html", site.path().join("s/w/link.html")).unwrap();
    let inventory = |args: &[&str]| {
        let ran = run(site.path(), &[&["hash", "s", "--format", "json"], args].concat());
        assert!(ran.out.starts_with('{'), "{}", ran.err);
        ran.out
    };
    let url = ["--site-url", "https://s.test/"];
    for more in [&[][..], &url] {
        let base = [&BASE[..], more].concat();
        let whole = inventory(&base);
        for code in
            ["missing-file", "unread-file", "evaluated-text", "webassembly", "unknown-worker", "unfollowed-link"]
        {
            assert!(whole.contains(&format!("\"code\": \"{code}\"")), "{code}: {whole}");
        }
        let [excluded, other] = ["b.html", "[ac].html"];
        std::fs::write(site.path().join("1.json"), inventory(&["--exclude", excluded])).unwrap();
        std::fs::write(site.path().join("2.json"), inventory(&["--exclude", other])).unwrap();
        for inputs in [["1.json", "2.json"], ["2.json", "1.json"]] {
            let merge = [&["merge", "--format", "json"], &inputs[..], &base].concat();
            let merged = run(site.path(), &merge).out;
            assert!(merged == whole, "{merged}\n{whole}");
        }
    }
    // A file that one of the runs had is there.
    std::fs::write(site.path().join("s/no.css"), "").unwrap();
    std::fs::write(site.path().join("2.json"), inventory(&["--exclude", "[ac].html"])).unwrap();
    let merged = run(site.path(), &["merge", "1.json", "2.json", "--preset", "self"]).err;
    assert!(merged.contains("answers /no.png"), "{merged}");
    assert!(!merged.contains("/no.css"), "{merged}");
    let other = ["merge", "1.json", "--site-url", "https://t.test/"];
    std::fs::write(site.path().join("1.json"), inventory(&url)).unwrap();
    let refused = run(site.path(), &other);
    let said = "the site is https://s.test/, but https://t.test/ in the arguments or the configuration";
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains(said), "{}", refused.err);
    std::fs::write(site.path().join("c.toml"), "site-url = \"https://t.test/\"").unwrap();
    let refused = run(site.path(), &["--config", "c.toml", "merge", "1.json"]);
    assert!(refused.err.contains(said), "{}", refused.err);
}

#[test]
fn a_script_that_only_an_inline_script_loads_counts_in_hash_and_check() {
    for inline in ["<script>import('/js/late.js')</script>", "<p onclick=\"import('/js/late.js')\">"] {
        let site = folder(&[
            ("s/a.html", inline),
            ("s/b.html", inline),
            ("s/js/late.js", "import './more.js'; import 'https://cdn.test/y.js'; fetch('https://api.test/'); eval(x)"),
            ("s/js/more.js", "fetch('https://more.test/')"),
        ]);
        let hash = hash(&site, &["--mentioned", "--unsafe-hashes"]);
        assert_eq!(hash.code, 0, "{}", hash.err);
        let policy = hash.out.trim();
        for host in ["cdn", "api", "more"] {
            assert!(policy.contains(&format!("https://{host}.test")), "{policy}");
        }
        let policy = format!("{policy}; font-src 'self' https://unused.test");
        let check = run(site.path(), &["check", "--notes", "s", "--policy", &policy]);
        assert_eq!(check.out.matches("[orphaned-source]").count(), 1, "{}", check.out);
        let eval = "scripts run texts as code, which the policy blocks by script-src: 1 use on 2 pages";
        for err in [&hash.err, &check.out] {
            assert!(err.contains(eval), "{err}");
            assert!(err.contains("s/js/late.js:1:81"), "{err}");
        }
    }
}
