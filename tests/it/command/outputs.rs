//! Outputs of the command: into files that hold other things, into pages, from several inventories, and refusals that
//! write nothing.

use std::fs;

use crate::support::{Ran, folder, read, run};

const BASE: [&str; 2] = ["--policy", "default-src 'self'"];

/// A site of two pages with different scripts.
fn site() -> tempfile::TempDir {
    folder(&[
        ("public/index.html", "<!doctype html><script>a()</script>\n"),
        ("public/docs/index.html", "<!doctype html><style>b</style>\n"),
    ])
}

fn hash(folder: &tempfile::TempDir, args: &[&str]) -> Ran {
    run(folder.path(), &[&["hash"], &BASE[..], args].concat())
}

#[test]
fn a_block_in_another_file_is_replaced_and_the_rest_stays() {
    let site = site();
    let before = "server {\n\tlisten 80;\r\n}\n";
    fs::write(site.path().join("site.conf"), before).unwrap();
    let args = ["--format", "apache", "public", "--into", "site.conf"];
    let ran = hash(&site, &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let once = read(&site, "site.conf");
    assert!(once.starts_with(before), "{once}");
    assert!(once.contains("# cspseal begin") && once.trim_end().ends_with("# cspseal end"), "{once}");
    assert_eq!(hash(&site, &[&args[..], &["--check"]].concat()).code, 0);
    fs::write(site.path().join("public/index.html"), "<script>c()</script>").unwrap();
    assert_eq!(hash(&site, &[&args[..], &["--check"]].concat()).code, 1);
    hash(&site, &args);
    let again = read(&site, "site.conf");
    assert!(again.starts_with(before) && again != once, "{again}");
    assert_eq!(again.matches("cspseal begin").count(), 1);
}

#[test]
fn entries_of_a_json_file_are_replaced_and_the_rest_stays() {
    let site = site();
    let before = "{\n    \"cleanUrls\": true,\n    \"trailingSlash\":false\n}\n";
    fs::write(site.path().join("vercel.json"), before).unwrap();
    let args = ["--format", "vercel", "public", "--into", "vercel.json"];
    let ran = hash(&site, &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let once = read(&site, "vercel.json");
    assert!(once.starts_with("{\n    \"cleanUrls\": true,\n    \"trailingSlash\":false"), "{once}");
    assert!(once.contains("\"Content-Security-Policy\""), "{once}");
    hash(&site, &args);
    assert_eq!(read(&site, "vercel.json"), once);
    fs::write(site.path().join("vercel.json"), "{\n \"a\": 1,\n").unwrap();
    let ran = hash(&site, &args);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("vercel.json") && ran.err.contains("line"), "{}", ran.err);
    assert_eq!(read(&site, "vercel.json"), "{\n \"a\": 1,\n");
}

#[test]
fn pages_get_their_policies_once() {
    let site = site();
    let args = ["--format", "meta", "--write", "public"];
    let ran = hash(&site, &[&args[..], &["--check"]].concat());
    assert_eq!((ran.code, ran.out.lines().count()), (1, 2), "{}", ran.err);
    let ran = hash(&site, &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = read(&site, "public/index.html");
    assert!(page.contains("data-cspseal><script>a()</script>\n"), "{page}");
    assert!(page.contains("script-src 'self' 'sha256-") && !page.contains("style-src"), "{page}");
    assert!(read(&site, "public/docs/index.html").contains("style-src 'self' 'sha256-"));
    let ran = hash(&site, &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(read(&site, "public/index.html"), page);
    assert_eq!(hash(&site, &[&args[..], &["--check"]].concat()).code, 0);
    let ran = hash(&site, &[&args[..], &["--scope", "site"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(read(&site, "public/index.html").contains("style-src"));
    let ran = hash(&site, &["--format", "nginx", "--write", "public"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("say --format meta"), "{}", ran.err);
}

#[test]
fn inventories_of_parts_give_what_the_whole_gives() {
    let site = site();
    for (part, file) in [("public/docs", "a.json"), ("public/index.html", "b.json")] {
        let ran = run(site.path(), &["hash", "--format", "json", part, "-o", file]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    let merged = run(site.path(), &[&["merge"], &BASE[..], &["b.json", "a.json"]].concat());
    assert_eq!(merged.code, 0, "{}", merged.err);
    assert_eq!(merged.out, hash(&site, &["public"]).out);
    fs::write(site.path().join("c.json"), "{\"version\": 7}").unwrap();
    let ran = run(site.path(), &["merge", "a.json", "c.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("c.json") && ran.err.contains("version 7"), "{}", ran.err);
}

#[test]
fn what_a_target_cannot_take_is_refused_and_nothing_is_written() {
    let site = site();
    for (args, message) in [
        (&["--format", "netlify", "--scope", "page"][..], "netlify has no policies of scope page"),
        (&["--format", "traefik", "--into", "x"], "x"),
        (&["--format", "meta", "--report-only"], "only reported"),
        (&["--format", "nope"], "nope"),
        (&["--format", "nginx", "--policy", "script-src 'nonce-abc'"], "nonce"),
        (
            &["--format", "cloudflare", "--scope", "site", "--policy-file", "long.txt"],
            "cloudflare takes a policy of 1975 bytes",
        ),
        (&["--format", "nginx", "-o", "public/csp.conf", "--policy", "default-src 'self'"], "stands inside public"),
    ] {
        let hosts: Vec<String> = (0..200).map(|n| format!("h{n}.example.com")).collect();
        fs::write(site.path().join("long.txt"), format!("default-src {}", hosts.join(" "))).unwrap();
        let mut all = vec!["hash", "public"];
        all.extend(args);
        if !args.contains(&"-o") && !args.contains(&"--into") {
            all.extend(["-o", "out"]);
        }
        let ran = run(site.path(), &all);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(message), "{args:?}: {}", ran.err);
        assert!(!site.path().join("out").exists() && !site.path().join("public/csp.conf").exists());
    }
    let ran = run(site.path(), &["hash", "public", "--format", "nginx", "--scope", "page"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("needs a base"), "{}", ran.err);
}

#[test]
fn auto_takes_pages_when_the_site_does_not_fit() {
    let site = site();
    for n in 0..40 {
        let page = format!("<script>a({n})</script>");
        fs::write(site.path().join(format!("public/p{n}.html")), page).unwrap();
    }
    let ran = hash(&site, &["--format", "cloudflare", "public"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("/p7"), "{}", ran.out);
    let ran = hash(&site, &["--format", "cloudflare", "--scope", "site", "public"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--scope page would fit"), "{}", ran.err);
}

#[test]
fn an_output_never_takes_the_place_of_what_is_read() {
    let site = site();
    let page = read(&site, "public/index.html");
    fs::write(site.path().join("base.txt"), "default-src 'self'").unwrap();
    hash(&site, &["--format", "json", "public", "-o", "a.json"]);
    for (args, message) in [
        (&["hash", "public", "-o", "public/policy.txt"][..], "stands inside public"),
        (&["hash", "public/index.html", "-o", "public/index.html"], "is one of the pages"),
        (
            &["hash", "public", "--policy-file", "base.txt", "--format", "cloudflare", "-o", "./public/index.html"],
            "is one of the pages",
        ),
        (&["hash", "public", "--policy-file", "base.txt", "-o", "public/../base.txt"], "is the base policy"),
        (&["merge", "a.json", "-o", "a.json"], "is an inventory"),
    ] {
        let ran = run(site.path(), args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(message), "{args:?}: {}", ran.err);
    }
    assert_eq!(read(&site, "public/index.html"), page);
    assert_eq!(read(&site, "base.txt"), "default-src 'self'");
}

#[test]
fn what_a_meta_cannot_say_goes_into_no_page() {
    let site = site();
    let page = read(&site, "public/index.html");
    for args in [&["--report-only", "--policy", "default-src 'self'"][..], &["--policy", "script-src 'nonce-abcdefgh'"]]
    {
        let all = [&["hash", "--format", "meta", "--write", "public"][..], args];
        let ran = run(site.path(), &all.concat());
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert_eq!(read(&site, "public/index.html"), page);
    }
}

#[test]
fn what_is_too_much_is_told_last_with_sizes_and_what_would_fit() {
    let site = site();
    for n in 0..130 {
        let page = format!("<p onclick=b()><script>a({n})</script>");
        fs::write(site.path().join(format!("public/docs/p{n}.html")), page).unwrap();
    }
    let refused = |args: &[&str]| {
        let ran = hash(&site, &[args, &["--format", "cloudflare", "public"]].concat());
        assert_eq!((ran.code, &*ran.out), (2, ""));
        ran.err.trim_end().lines().next_back().unwrap().to_owned()
    };
    let message = refused(&["--scope", "page"]);
    for part in [
        "cloudflare takes 100 rules and the pages need 13",
        "132 of 132 pages need more than the base, most of them in docs (131), / (1)",
        "--scope site would not fit: cloudflare takes a policy of 1975 bytes, and the longest for scope site has ",
        "--format meta --write would fit",
    ] {
        assert!(message.contains(part), "{message}");
    }
    for args in [&["--scope", "site"][..], &[]] {
        let message = refused(args);
        for part in [
            "the longest for scope site has ",
            "the pages whose own policies have most bytes are docs/p0.html (",
            "--scope page would not fit: cloudflare takes 100 rules",
        ] {
            assert!(message.contains(part), "{message}");
        }
    }
}

#[test]
fn what_was_added_by_hand_to_a_policy_in_a_file_stays() {
    let site = site();
    let args = ["--format", "vercel", "public", "--into", "vercel.json"];
    hash(&site, &args);
    let first = read(&site, "vercel.json");
    let by_hand = first.replace("'self';", "'self' https://hand.test;");
    fs::write(site.path().join("vercel.json"), &by_hand).unwrap();
    fs::write(site.path().join("public/index.html"), "<script>c()</script>").unwrap();
    let ran = hash(&site, &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("kept-source") && ran.err.contains("https://hand.test in default-src"), "{}", ran.err);
    let kept = read(&site, "vercel.json");
    assert!(
        kept.contains("default-src 'self' https://hand.test; script-src 'self' https://hand.test 'sha256-"),
        "{kept}"
    );
    assert_eq!(kept.matches("'sha256-").count(), first.matches("'sha256-").count());
    hash(&site, &args);
    assert_eq!(read(&site, "vercel.json"), kept);
    // Without a base, what stands there is the base.
    let ran = run(site.path(), &[&["hash"][..], &args].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(read(&site, "vercel.json"), kept);
}
