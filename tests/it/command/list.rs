//! `cspseal list`, and the same facts in the JSON inventory.

use serde_json::{Value, json};

use crate::support::{folder, run};

/// A site with resources of its own and of others.
fn site() -> tempfile::TempDir {
    folder(&[
        (
            "a.html",
            "<!doctype html><link rel=stylesheet href=/s.css>\
             <img src=i.png><img src=https://img.test/1.png><img src=https://img.test/2.png>\n\
             <script src=https://cdn.test/lib@1.2.3/a.js integrity=sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4= crossorigin></script>\
             <img src='data:image/png,x'><img src='javascript:f()'><a href=https://other.test/>b</a>",
        ),
        (
            "b/b.html",
            "<!doctype html>\n<link rel=stylesheet href=../s.css><img src=https://img.test/1.png>\
             <script src='data:text/javascript,1'></script><link rel=prefetch href=https://pre.test/>\
             <noscript><img src=https://count.test/></noscript><img src=http://[::1]/a>",
        ),
        ("c.html.j2", "<!doctype html><img src={{ image }}>"),
    ])
}

/// The cells of a table.
fn cells(table: &str) -> Vec<Vec<String>> {
    let lines = table.lines().take_while(|line| !line.is_empty());
    let cells = lines.map(|line| line.split("  ").filter(|cell| !cell.is_empty()));
    cells.map(|row| row.map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn external_origins_are_listed_by_directive_and_uses() {
    let site = site();
    let ran = run(site.path(), &["list", "--external"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        cells(&ran.out),
        [
            ["DIRECTIVE", "ORIGIN", "USES", "PAGES", "FIRST"],
            ["connect-src", "https://pre.test", "1", "1", "b/b.html:2:133"],
            ["img-src", "https://img.test", "3", "2", "a.html:1:69"],
            ["img-src", "'self'", "1", "1", "a.html:1:54"],
            ["img-src", "(template code)", "1", "1", "c.html.j2:1:21"],
            ["img-src", "data:", "1", "1", "a.html:2:133"],
            ["img-src", "http://[::1]", "1", "1", "b/b.html:2:211"],
            ["img-src", "https://count.test", "1", "1", "b/b.html:2:171"],
            ["script-src", "data:", "1", "1", "b/b.html:2:76"],
            ["script-src", "https://cdn.test", "1", "1", "a.html:2:9"],
            ["style-src", "'self'", "2", "2", "a.html:1:37"],
        ],
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("at run time is unknown and not listed.\n"));
    // The site's address makes its absolute URLs its own.
    let known = run(site.path(), &["list", "--external", "--site-url", "https://img.test/"]);
    assert!(cells(&known.out).contains(&["img-src", "'self'", "4", "2", "a.html:1:54"].map(str::to_owned).to_vec()));
}

#[test]
fn external_urls_are_listed_each() {
    let site = site();
    let ran = run(site.path(), &["list", "--external", "--urls", "a.html"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        cells(&ran.out),
        [
            ["DIRECTIVE", "URL", "USES", "PAGES", "FIRST"],
            ["img-src", "/i.png", "1", "1", "a.html:1:54"],
            ["img-src", "data:", "1", "1", "a.html:2:133"],
            ["img-src", "https://img.test/1.png", "1", "1", "a.html:1:69"],
            ["img-src", "https://img.test/2.png", "1", "1", "a.html:1:101"],
            ["script-src", "https://cdn.test/lib@1.2.3/a.js", "1", "1", "a.html:2:9"],
            ["style-src", "/s.css", "1", "1", "a.html:1:37"],
        ],
        "{}",
        ran.out
    );
    let alone = run(site.path(), &["list", "--urls"]);
    assert_eq!(alone.code, 2, "{}", alone.err);
    assert!(alone.err.contains("--external"), "{}", alone.err);
}

#[test]
fn the_json_inventory_lists_resources_once() {
    let site = site();
    let ran = run(site.path(), &["hash", "--format", "json", "a.html", "b/b.html"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    let resources = json["resources"].as_array().unwrap();
    let of_url = |url: Value| resources.iter().find(|it| it["url"] == url).unwrap();
    assert_eq!(
        of_url(json!("https://img.test/1.png")),
        &json!({
            "destination": "image", "directive": "img-src", "url": "https://img.test/1.png",
            "source": "https://img.test", "nonce": false, "uses": 2, "pages": 2, "conditional": false,
            "first": { "path": "a.html", "line": 1, "column": 69 },
        })
    );
    let style = of_url(json!("/s.css"));
    assert_eq!((&style["source"], &style["pages"]), (&json!("'self'"), &json!(2)));
    let script = of_url(json!("https://cdn.test/lib@1.2.3/a.js"));
    let integrity = "sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4=";
    assert_eq!(script["integrity"], integrity);
    assert_eq!(of_url(json!("https://count.test/"))["conditional"], true);
    let schemes: Vec<_> =
        resources.iter().filter(|it| it["url"] == "data:").map(|it| (&it["directive"], &it["source"])).collect();
    // No policy should have it for scripts.
    assert_eq!(schemes, [(&json!("img-src"), &json!("data:")), (&json!("script-src"), &json!(null))]);
    let listed = json["pages"][1]["resources"].as_array().unwrap();
    let mut urls: Vec<_> =
        listed.iter().map(|index| resources[index.as_u64().unwrap() as usize]["url"].as_str().unwrap()).collect();
    urls.sort_unstable();
    assert_eq!(
        urls,
        ["/s.css", "data:", "http://[::1]/a", "https://count.test/", "https://img.test/1.png", "https://pre.test/",]
    );
}

#[test]
fn external_sources_over_inventories_are_those_over_pages() {
    let site = site();
    let here = site.path();
    let base = ["--preset", "self", "--external"];
    for more in [&[][..], &["--site-url", "https://img.test/"]] {
        for (page, file) in [("a.html", "1.json"), ("b/b.html", "2.json")] {
            let args = [&["hash", "--format", "json", "-o", file, page], more].concat();
            let ran = run(here, &args);
            assert!(ran.code < 2, "{}", ran.err);
        }
        let pages = run(here, &[&["hash", "a.html", "b/b.html"], &base[..], more].concat());
        let merged = run(here, &[&["merge", "1.json", "2.json"], &base[..]].concat());
        assert!(pages.out.contains("https://cdn.test"), "{}", pages.out);
        assert_eq!(pages.out.contains("https://img.test"), more.is_empty());
        assert_eq!(pages.out, merged.out);
        assert_eq!(pages.code, merged.code);
    }
}

#[test]
fn what_the_policy_blocks_is_reported_anew_for_merged_inventories() {
    let site = site();
    let here = site.path();
    let strict = "script-src 'strict-dynamic' 'nonce-abc'";
    run(here, &["hash", "--format", "json", "-o", "1.json", "--policy", strict, "a.html"]);
    // Under another policy other things are blocked, each once.
    let ran = run(here, &["merge", "1.json", "--policy", "img-src 'self'"]);
    let count = |text: &str| ran.err.matches(text).count();
    assert_eq!(count("blocks images of https://img.test"), 1, "{}", ran.err);
    assert_eq!(count("blocked-external-script"), 0, "{}", ran.err);
    let ran = run(here, &["merge", "1.json", "--policy", strict]);
    let count = |text: &str| ran.err.matches(text).count();
    assert_eq!(count("error[blocked-external-script]"), 1, "{}", ran.err);
    assert_eq!(count("blocked-image"), 0, "{}", ran.err);
}

#[test]
fn an_inventory_of_the_first_version_is_merged_and_its_lack_is_reported() {
    let site = site();
    let here = site.path();
    let first = "{\"version\": 1, \"generator\": \"\", \"algorithm\": \"sha256\", \"policy\": \"\", \"inlines\": [], \
                 \"pages\": [{\"path\": \"z.html\", \"site_path\": \"z.html\", \"policy\": \"\", \"inlines\": [], \"nonced\": []}], \"findings\": []}";
    std::fs::write(here.join("1.json"), first).unwrap();
    run(here, &["hash", "--format", "json", "-o", "2.json", "a.html"]);
    let base = ["--preset", "self", "--external", "-o", "3.json", "--format", "json"];
    let ran = run(here, &[&["merge", "1.json", "2.json"], &base[..]].concat());
    assert!(ran.err.contains("warning[unknown-resources]: "), "{}", ran.err);
    assert!(ran.err.contains("1.json:1:1"), "{}", ran.err);
    let written = std::fs::read_to_string(here.join("3.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(written["version"], 2);
    assert!(written["pages"][0]["resources"].is_array());
    assert_eq!(written["pages"][1].get("resources"), None);
    // It stays unknown, and is said of the inventory that is read.
    let again = run(here, &["merge", "3.json", "--preset", "self"]);
    let said = again.err.matches("warning[unknown-resources]").count();
    assert_eq!(said, 1, "{}", again.err);
    assert!(again.err.contains("3.json:1:1"), "{}", again.err);
}

/// A page with a text of several lines, a long one, and a character that terminals obey.
fn texts() -> tempfile::TempDir {
    folder(&[(
        "a.html",
        &format!(
            "<!doctype html><script>\n  f(1,\n\t2);\n  // \u{1b}[31m\n</script><style>p{{}} {}</style>\
             <p onclick='g( &quot;1&quot; )'><a href='javascript:h(%20)'>",
            "q{} ".repeat(30)
        ),
    )])
}

#[test]
fn inline_resources_have_an_excerpt_and_if_asked_for_the_text() {
    let folder = texts();
    let here = folder.path();
    let json = |args: &[&str]| {
        let ran = run(here, &[&["hash", "--format", "json"], args].concat());
        let json: Value = serde_json::from_str(&ran.out).unwrap();
        json["inlines"].as_array().unwrap().clone()
    };
    let style = "p{} ".to_owned() + &"q{} ".repeat(14);
    let excerpts = ["f(1, 2); // \\u{1b}[31m", style.trim_end(), "g( \"1\" )", "javascript:h(%20)"];
    let bare = json(&[]);
    assert_eq!(bare.iter().map(|it| &it["excerpt"]).collect::<Vec<_>>(), excerpts);
    assert!(bare.iter().all(|it| it.get("text").is_none()));
    let whole = json(&["--text"]);
    assert_eq!(whole.iter().map(|it| &it["excerpt"]).collect::<Vec<_>>(), excerpts);
    let texts: Vec<_> = whole.iter().map(|it| it["text"].as_str().unwrap()).collect();
    let long = "p{} ".to_owned() + &"q{} ".repeat(30);
    assert_eq!(texts, ["\n  f(1,\n\t2);\n  // \u{1b}[31m\n", &*long, "g( \"1\" )", "javascript:h(%20)"]);
    for inline in &whole {
        let text = inline["text"].as_str().unwrap();
        let hash = cspseal::HashSource::of(cspseal::HashAlgorithm::Sha256, text.as_bytes());
        assert_eq!(inline["hashes"][0], hash.unquoted());
        assert_eq!(inline["bytes"], text.len());
    }
    // What is merged has them, too.
    run(here, &["hash", "--format", "json", "--text", "-o", "1.json"]);
    let merged = run(here, &["merge", "--format", "json", "1.json"]);
    assert_eq!(merged.out, crate::support::read(&folder, "1.json"));
}

#[test]
fn listed_texts_are_safe_for_a_terminal() {
    let folder = texts();
    let here = folder.path();
    let bare = run(here, &["list"]);
    assert!(bare.out.contains("  f(1, 2); // \\u{1b}[31m\n"), "{}", bare.out);
    assert!(!bare.out.contains("script at "), "{}", bare.out);
    let whole = run(here, &["list", "--text"]);
    let text = "\nscript at a.html:1:16:\n  \n    f(1,\n  \t2);\n    // \\u{1b}[31m\n";
    assert!(whole.out.contains(text), "{}", whole.out);
    assert!(whole.out.contains(&"q{} ".repeat(30)), "{}", whole.out);
    assert!(!whole.out.contains('\u{1b}'));
}

#[test]
fn the_text_is_for_the_json_inventory() {
    let folder = texts();
    let ran = run(folder.path(), &["hash", "--text"]);
    assert_eq!((ran.code, &*ran.out), (2, ""));
    assert!(ran.err.contains("--text is for --format json"), "{}", ran.err);
    let ran = run(folder.path(), &["list", "--text", "--external"]);
    assert_eq!(ran.code, 2);
}

#[cfg(unix)]
#[test]
fn nothing_is_shown_of_a_file_that_a_link_leads_to_elsewhere() {
    let elsewhere = folder(&[(
        "a.html",
        "<script>secret()</script><p onclick='secret()'><img src=https://secret.test/secret>\
         <script src=https://secret.test/secret integrity=sha256-secret></script>",
    )]);
    let here = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("a.html"), here.path().join("a.html")).unwrap();
    for args in [
        "list",
        "list --text",
        "list --external",
        "list --external --urls",
        "hash --format json --text",
        "hash --format json --text --external --preset self",
    ] {
        let args: Vec<&str> = args.split(' ').chain(["a.html"]).collect();
        let ran = run(here.path(), &args);
        assert!(ran.out.contains("a.html"), "{}", ran.out);
        assert!(!ran.out.contains("secret"), "{}", ran.out);
        assert!(!ran.err.contains("secret"), "{}", ran.err);
    }
    let named = run(elsewhere.path(), &["list", "--external", "a.html"]);
    assert!(named.out.contains("https://secret.test"), "{}", named.out);
}
