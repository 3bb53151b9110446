//! `cspseal.toml`: each key that can repeat, or whose value can.

use std::fs;
use std::path::Path;

use crate::measure::{arguments, check, hash, numbered, site};

fn configured(folder: &Path, config: &str, command: &str) -> Vec<String> {
    fs::write(folder.join("cspseal.toml"), config).unwrap();
    if !folder.join("site").exists() {
        site(folder, 1);
    }
    arguments(&format!("--config cspseal.toml {command}"))
}

fn list(n: usize, one: impl Fn(usize) -> String) -> String {
    numbered(n, |i| format!("'{}',", one(i)))
}

#[test]
fn reading_a_configuration() {
    check(&[
        ("paths", |at, n| configured(at, &format!("paths = [{}]", list(n / 8, |_| "site".to_owned())), "hash")),
        ("paths of files", |at, n| {
            site(at, n / 40);
            configured(at, &format!("paths = [{}]", list(n / 40, |i| format!("site/p{i}.html"))), "hash")
        }),
        ("paths that are not there", |at, n| {
            configured(at, &format!("paths = [{}]", list(n / 8, |i| format!("a{i}"))), "hash")
        }),
        ("include", |at, n| {
            configured(at, &format!("paths = ['site']\ninclude = [{}]", list(n / 8, |i| format!("*{i}.html"))), "hash")
        }),
        ("exclude", |at, n| {
            configured(
                at,
                &format!("paths = ['site']\nexclude = [{}]", list(n / 8, |i| format!("a/*{i}.html"))),
                "hash",
            )
        }),
        ("a glob", |at, n| {
            configured(at, &format!("paths = ['site']\nexclude = ['{}']", "{a,*b}".repeat(n / 64)), "hash")
        }),
        ("outputs", |at, n| {
            let outputs = numbered(n / 40, |i| format!("[[output]]\nformat = 'header'\nfile = 'a{i}.txt'\n"));
            configured(at, &format!("paths = ['site']\n{outputs}"), "hash")
        }),
        ("outputs for check", |at, n| {
            let outputs = numbered(n / 40, |i| format!("[[output]]\nformat = 'nginx'\nfile = 'a{i}.txt'\n"));
            configured(at, &format!("paths = ['site']\n{outputs}"), "check")
        }),
        ("deny", |at, n| {
            configured(at, &format!("paths = ['site']\ndeny = [{}]", list(n, |_| "blocked-script".to_owned())), "hash")
        }),
        ("codes that are unknown", |at, n| {
            configured(at, &format!("allow = [{}]", list(n, |i| format!("x{i}"))), "hash")
        }),
        ("elements", |at, n| {
            configured(
                at,
                &format!("paths = ['site']\n[nonce]\nvalue = 'a'\nelements = [{}]", list(n, |_| "script".to_owned())),
                "nonce",
            )
        }),
        ("unknown keys", |at, n| configured(at, &numbered(n, |i| format!("x{i} = 1\n")), "hash")),
        ("tables", |at, n| configured(at, &numbered(n, |i| format!("[x{i}]\n")), "hash")),
        ("directives of the policy", |at, n| {
            configured(
                at,
                &format!("paths = ['site']\n[policy]\n{}", numbered(n, |i| format!("x{i} = ['a']\n"))),
                "hash",
            )
        }),
        ("sources of the policy", |at, n| {
            configured(
                at,
                &format!("paths = ['site']\n[policy]\nscript-src = [{}]\n", list(n, |i| format!("h{i}.test"))),
                "hash",
            )
        }),
        ("a policy as text", |at, n| {
            let hosts = numbered(n, |i| format!(" h{i}.test"));
            configured(at, &format!("paths = ['site']\npolicy = '''script-src{hosts}'''"), "check")
        }),
        ("nested tables", |at, n| configured(at, &format!("[{}a]", "a.".repeat(n)), "hash")),
        ("nested lists", |at, n| configured(at, &format!("paths = {}", "[".repeat(n)), "hash")),
        ("comments", |at, n| configured(at, &"# a\n".repeat(16 * n), "hash site")),
    ]);
}

#[test]
fn arguments_that_repeat() {
    fn many(folder: &Path, words: &str, n: usize, one: impl Fn(usize) -> Vec<String>) -> Vec<String> {
        hash(folder, "a.html", "<script>a</script>".to_owned());
        let mut args = arguments(words);
        args.extend((0..n).flat_map(one));
        args
    }
    check(&[
        ("paths", |at, n| many(at, "hash", n / 8, |_| vec!["a.html".to_owned()])),
        ("paths of files", |at, n| {
            site(at, n / 40);
            many(at, "hash", n / 40, |i| vec![format!("site/p{i}.html")])
        }),
        ("--include", |at, n| many(at, "hash .", n / 64, |i| arguments(&format!("--include *{i}.html")))),
        ("--exclude", |at, n| many(at, "hash .", n / 64, |i| arguments(&format!("--exclude a{i}/*.html")))),
        ("--exclude and pages", |at, n| {
            site(at, n / 64);
            many(at, "hash site", n / 64, |i| arguments(&format!("--exclude a*{i}/*.html")))
        }),
        ("--policy", |at, n| many(at, "check a.html", n / 8, |_| vec!["--policy=script-src a".to_owned()])),
        ("--deny", |at, n| many(at, "hash a.html", n / 8, |_| arguments("--deny blocked-script"))),
        ("--elements", |at, n| many(at, "nonce a.html --value a", n / 8, |_| arguments("--elements script"))),
    ]);
}
