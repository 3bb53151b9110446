//! The commands on n pages, or on a page that holds n.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::measure::{arguments, check, hash, numbered, site};

/// Runs the command before it is measured.
fn first(folder: &Path, words: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cspseal"));
    let status =
        command.args(arguments(words)).current_dir(folder).env("RAYON_NUM_THREADS", "1").output().unwrap().status;
    assert!(matches!(status.code(), Some(0 | 1)), "{words}: {status}");
}

#[test]
fn listing_and_comparing() {
    check(&[
        ("list of pages", |at, n| {
            site(at, n / 40);
            arguments("list site")
        }),
        ("list of a page", |at, n| {
            hash(at, "a.html", numbered(n / 8, |i| format!("<script>{i}</script>")));
            arguments("list a.html")
        }),
        ("explain", |_, _| arguments("explain blocked-script")),
        ("hash --check", |at, n| {
            site(at, n / 40);
            first(at, "hash --no-config --format json site -o a.json");
            fs::write(at.join("site/new.html"), "<script>new</script>").unwrap();
            arguments("hash --format json --check site -o a.json")
        }),
        ("hash --check of another file", |at, n| {
            site(at, n / 40);
            fs::write(at.join("a.txt"), numbered(n, |i| format!("{i}\n"))).unwrap();
            arguments("hash --check site -o a.txt")
        }),
        ("hash --check of meta elements", |at, n| {
            site(at, n / 40);
            fs::write(
                at.join("cspseal.toml"),
                "paths = ['site']\n[[output]]\nformat = 'meta'\n[policy]\nimg-src = ['a.test']\n",
            )
            .unwrap();
            arguments("--config cspseal.toml hash --check")
        }),
        ("init", |at, n| {
            site(at, n / 40);
            arguments("init")
        }),
    ]);
}

#[test]
fn writing_nonces() {
    fn page(folder: &Path, n: usize) {
        hash(folder, "a.html", numbered(n, |i| format!("<script>{i}</script>\n")));
    }
    check(&[
        ("a diff", |at, n| {
            page(at, n / 4);
            arguments("nonce --value X{{a}} --template jinja --diff a.html")
        }),
        ("a diff of one line", |at, n| {
            hash(at, "a.html", "<script>a</script>".repeat(n / 4));
            arguments("nonce --value X{{a}} --template jinja --diff a.html")
        }),
        ("a diff of equal lines", |at, n| {
            hash(at, "a.html", "<script>a</script>\n\n".repeat(n / 4));
            arguments("nonce --value X{{a}} --template jinja --diff a.html")
        }),
        ("a diff of pages", |at, n| {
            site(at, n / 40);
            arguments("nonce --value {{a}} --template jinja --diff site")
        }),
        ("into the file", |at, n| {
            page(at, n / 4);
            arguments("nonce --value X{{a}} --template jinja --write a.html")
        }),
        ("into pages", |at, n| {
            site(at, n / 40);
            arguments("nonce --value {{a}} --template jinja --write site")
        }),
        ("into a copy", |at, n| {
            site(at, n / 40);
            arguments("nonce --value {{a}} --template jinja -o copy site")
        }),
        // Making many files is most of what a copy takes; of pages that are refused none is made.
        ("a copy without its pages", |at, n| {
            site(at, n / 2);
            arguments("nonce --framework flask --template none -o copy site")
        }),
        ("in the place of others", |at, n| {
            hash(at, "a.html", numbered(n / 4, |i| format!("<script nonce='{i}'>{i}</script>\n")));
            arguments("nonce --value {{a}} --template jinja --replace --check a.html")
        }),
        ("for a server", |at, n| {
            site(at, n / 40);
            arguments("nonce --placeholder CSP_NONCE_0123456789abcdef --server nginx -o copy site")
        }),
        ("in srcdocs", |at, n| {
            hash(at, "a.html", "<iframe srcdoc='<script>a</script>'></iframe>".repeat(n / 8));
            arguments("nonce --value X{{a}} --template jinja --check a.html")
        }),
        ("in one srcdoc", |at, n| {
            hash(at, "a.html", format!("<iframe srcdoc='{}'></iframe>", "<script>a</script>".repeat(n / 8)));
            arguments("nonce --value X{{a}} --template jinja --check a.html")
        }),
    ]);
}

#[test]
fn writing_policies_into_pages() {
    fn write(at: &Path) -> Vec<String> {
        let _ = at;
        let mut args = arguments("hash --format meta --write site --policy");
        args.push("default-src 'self'".to_owned());
        args
    }
    check(&[
        ("pages", |at, n| {
            site(at, n / 40);
            write(at)
        }),
        ("a page with many scripts", |at, n| {
            site(at, 1);
            hash(&at.join("site"), "a.html", numbered(n / 8, |i| format!("<script>{i}</script>")));
            write(at)
        }),
        ("a page with many policies", |at, n| {
            site(at, 1);
            let metas = "<meta http-equiv=content-security-policy content='img-src a'>";
            hash(&at.join("site"), "a.html", metas.repeat(n));
            write(at)
        }),
        ("a page with much before its head", |at, n| {
            site(at, 1);
            hash(&at.join("site"), "a.html", "<!-- a -->\n".repeat(n) + "<head><script>a</script>");
            write(at)
        }),
    ]);
}
