//! What scripts may do at run time: `hash` says how many URLs they mention, and `--mentioned` adds their sources.

use crate::support::{folder, read, run};

const PAGE: &str = "<!doctype html><script>
    var s = document.createElement('script'); s.src = 'https://comments.example/embed.js';
    fetch('https://api.example/v1'); new WebSocket('wss://live.example/');
    i = `https://img.example/${s}.png`; location = 'https://left.example/'; import('https://cdn.example/m@1.2.3/x.js');
    </script><script>f = 'https://cdn.example/f.woff2'</script>";

/// The line about what is mentioned.
const LINE: &str = "cspseal: the policy blocks 6 URLs of 5 origins that scripts mention, if they ask for them; see cspseal list --external, and add them with --mentioned\n";

#[test]
fn what_scripts_mention_is_added_on_request() {
    let site = folder(&[("a.html", PAGE), ("on.toml", "mentioned = true")]);
    let hash = |args: &[&str]| {
        let args = [&["hash", "--preset", "self", "a.html"], args].concat();
        run(site.path(), &args)
    };
    let plain = hash(&[]);
    assert!(!plain.out.contains("example"), "{}", plain.out);
    assert_eq!((plain.code, &*plain.err), (0, LINE));
    let external = hash(&["--external"]);
    assert_eq!((external.code, external.out), (0, plain.out.clone()));
    let mentioned = hash(&["--mentioned"]);
    assert_eq!((mentioned.code, &*mentioned.err), (0, ""));
    for sources in [
        "script-src 'self' https://cdn.example https://comments.example 'sha256-",
        "connect-src 'self' https://api.example wss://live.example;",
        "font-src 'self' https://cdn.example;",
        "img-src 'self' https://img.example;",
    ] {
        assert!(mentioned.out.contains(sources), "{sources}: {}", mentioned.out);
    }
    assert!(!mentioned.out.contains("left.example"), "{}", mentioned.out);
    let configured = hash(&["--config", "on.toml"]);
    assert_eq!(configured.out, mentioned.out);
    let off = hash(&["--config", "on.toml", "--no-external"]);
    assert_eq!((off.out, off.err), (plain.out, LINE.to_owned()));
}

#[test]
fn under_strict_dynamic_scripts_need_no_source_for_what_they_load() {
    let site = folder(&[("a.html", PAGE)]);
    let policy = "default-src 'self'; script-src 'strict-dynamic'";
    let ran = run(site.path(), &["hash", "--policy", policy, "--mentioned", "a.html"]);
    assert!(ran.out.contains("script-src 'strict-dynamic' 'sha256-"), "{}", ran.out);
    assert!(ran.out.contains("connect-src 'self' https://api.example"), "{}", ran.out);
}

#[test]
fn a_page_has_the_sources_of_its_own_scripts() {
    let other = "<script>fetch('https://other.example/')</script>";
    let site = folder(&[("a.html", PAGE), ("b.html", other), ("p/c.html", "c")]);
    let args = ["--preset", "self", "--mentioned"];
    let json = [&["hash", "--format", "json", "."], &args[..]].concat();
    let json = run(site.path(), &json).out;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    let pages = document["pages"].as_array().unwrap().iter();
    let policies: Vec<&str> = pages.map(|page| page["policy"].as_str().unwrap()).collect();
    for (policy, [api, other]) in policies.iter().zip([[true, false], [false, true], [false; 2]]) {
        assert_eq!(policy.contains("api.example"), api, "{policy}");
        assert_eq!(policy.contains("other.example"), other, "{policy}");
    }
    std::fs::write(site.path().join("a.json"), &json).unwrap();
    let header = run(site.path(), &[&["hash", "."], &args[..]].concat()).out;
    let merged = run(site.path(), &[&["merge", "a.json"], &args[..]].concat()).out;
    assert_eq!(merged, header);
    assert_eq!(read(&site, "a.json"), json);
}

#[test]
fn a_host_that_a_script_mentions_is_not_orphaned() {
    let page = "<script>s.src = 'https://js.stripe.com/v3.js'; x = 'https://any.example/'; l.href = 'https://fonts.googleapis.com/css2?family=x'</script>
        <i onclick=\"fetch('https://click.example/')\">a</i>";
    let site = folder(&[("a.html", page)]);
    let policy = "script-src 'unsafe-inline' 'self' https://js.stripe.com https://any.example https://old.example; \
        frame-src 'self' https://hooks.stripe.com https://other.example; img-src 'self' https://click.example; \
        font-src 'self' https://fonts.gstatic.com";
    let ran = run(site.path(), &["check", "a.html", "--policy", policy]);
    let lines = ran.out.lines();
    let orphans = lines.filter_map(|line| line.strip_prefix("warning[orphaned-source]: "));
    let expected = [
        "nothing on the pages needs https://old.example of script-src",
        "nothing on the pages needs https://other.example of frame-src",
    ];
    assert_eq!(orphans.collect::<Vec<_>>(), expected, "{}", ran.out);
}

#[test]
fn what_a_mentioned_style_sheet_is_known_to_load_is_added_with_it() {
    let page = "<script>l.href = 'https://fonts.googleapis.com/css2?family=x'</script>";
    let site = folder(&[("a.html", page)]);
    let ran = run(site.path(), &["hash", "--preset", "self", "--mentioned", "a.html"]);
    for sources in ["style-src 'self' https://fonts.googleapis.com;", "font-src 'self' https://fonts.gstatic.com;"] {
        assert!(ran.out.contains(sources), "{sources}: {}", ran.out);
    }
}

#[test]
fn what_the_policy_stops_of_scripts_at_run_time_is_a_note() {
    let script = "<script>eval(a); eval(b)</script><script>new Worker(c); WebAssembly.compile(d)</script>";
    let site = folder(&[
        ("s/a.html", &format!("<p>\n{script}")),
        ("s/b.html", script),
        ("s/c.html", "c"),
        ("s/y.wasm", ""),
        ("s/d/x.wasm", ""),
    ]);
    let notes = |text: &str| {
        let lines = text.lines();
        let notes = lines.filter(|line| line.starts_with("note["));
        let mut notes: Vec<String> = notes.map(str::to_owned).collect();
        notes.sort();
        notes
    };
    let expected = [
        "note[evaluated-text]: scripts run texts as code, which the policy blocks by script-src: 2 uses on 2 pages",
        "note[unknown-worker]: scripts make workers of URLs that only they know, which the policy may block by script-src: 2 uses on 2 pages",
        "note[webassembly]: WebAssembly is next to the pages, which the policy blocks by script-src: s/d/x.wasm and 1 other",
        "note[webassembly]: scripts compile WebAssembly, which the policy blocks by script-src: 2 uses on 2 pages",
    ];
    let hash = run(site.path(), &["hash", "--preset", "self", "s"]);
    assert_eq!(hash.code, 0);
    assert_eq!(notes(&hash.err), expected);
    assert!(hash.err.contains("s/a.html:2:9"), "{}", hash.err);
    let policy = "script-src 'self' 'unsafe-inline'";
    let check = |policy: &str| notes(&run(site.path(), &["check", "--notes", "s", "--policy", policy]).out);
    assert_eq!(check(policy).iter().filter(|it| expected.contains(&&***it)).count(), 4);
    let open = "default-src 'self' 'unsafe-inline' 'unsafe-eval' blob:";
    let left = check(open);
    assert!(!left.iter().any(|it| expected.contains(&&**it)), "{left:?}");
    let fragment = run(site.path(), &["hash", "s"]);
    assert_eq!(notes(&fragment.err), [""; 0]);
}

#[test]
fn a_comment_allows_what_a_script_does_at_run_time() {
    let page = "<!-- cspseal-allow evaluated-text: it is caught --><script>eval(a)</script>";
    let site = folder(&[("a.html", page)]);
    let ran = run(
        site.path(),
        &["check", "--notes", "a.html", "--policy", "script-src 'unsafe-inline'; object-src 'none'; base-uri 'none'"],
    );
    assert!(!ran.out.contains("evaluated-text"), "{}", ran.out);
    assert!(!ran.out.contains("unused-allow"), "{}", ran.out);
}
