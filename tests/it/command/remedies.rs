//! The library says which step helps; the command names the flag, wherever in a message the step is.

use std::fs;

use crate::support::{folder, run};

#[test]
fn every_step_is_printed_with_its_flag() {
    let folder = folder(&[
        ("site/index.html", "<script>a()</script>"),
        ("plain/index.html", "a"),
        ("escape/100%25.html", "<script>a()</script>"),
        ("binary/a.html", "\u{1}\u{2}\u{3}\u{4}"),
        ("xml/a.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("empty/a.txt", ""),
        ("none.json", "{}"),
        ("banana.toml", "deny = [\"banana\"]"),
    ]);
    for n in 0..40 {
        let page = format!("<script>a({n})</script>");
        fs::create_dir_all(folder.path().join("many")).unwrap();
        fs::write(folder.path().join(format!("many/{n}.html")), page).unwrap();
    }
    for algorithm in ["sha256", "sha384"] {
        let line = format!("hash site --format json -o {algorithm} --algorithm {algorithm}");
        assert_eq!(run(folder.path(), &words(&line)).code, 0);
    }
    for (line, message) in [
        (
            "hash escape --scope page --format vercel BASE",
            "begins an escape in it; rename the page, or use --scope site\n",
        ),
        (
            "hash many --scope site --format cloudflare BASE",
            "; --scope page would fit; --format meta --write would fit, which puts each policy into its page\n",
        ),
        (
            "hash many --scope site --format cloudflare",
            "; --scope page would not fit: a policy for each page needs a base for the paths that are no page; \
             give one with --policy, --policy-file or --preset; --format meta --write would fit, which",
        ),
        (
            "hash site --scope page --format nginx",
            "for the paths that are no page; give one with --policy, --policy-file or --preset\n",
        ),
        ("hash plain --format netlify", "there is no base; give one with --policy, --policy-file or --preset\n"),
        ("hash binary", "not a text but binary data; leave it out with --exclude\n"),
        (
            "hash xml/a.xhtml --format meta --write BASE",
            "send it a policy in a header, or leave it out with --exclude\n",
        ),
        ("hash empty", "build the site first, or name the pages with --include\n"),
        ("merge sha256 sha384", "but sha256 in sha256; hash all pages with the same --algorithm\n"),
        (
            "merge none.json",
            "that can be read; make it with `cspseal hash --format json` of this version: missing field",
        ),
        (
            "check site --deployed none.json --deployed-as json",
            "no inventory of version 1 to 2; make it with `cspseal hash --format json` of this version\n",
        ),
        (
            "hash site --format netlify --scope page",
            "netlify has no policies of scope page; `cspseal formats` says what it has\n",
        ),
        (
            "hash site --format nginx NONCE",
            "; take it out, or see `cspseal nonce --print-policy` for what sends fresh nonces\n",
        ),
        (
            "hash site --deny banana",
            "no finding has the code \"banana\"; `cspseal explain --codes` lists what there is\n",
        ),
        ("explain banana", "no finding has the code \"banana\"; `cspseal explain --codes` lists what there is\n"),
        ("hash site --config banana.toml", "help: `cspseal explain --codes` lists what there is\n"),
    ] {
        let ran = run(folder.path(), &words(line));
        assert_eq!(ran.code, 2, "{line}: {}", ran.err);
        assert!(ran.err.contains(message), "{line}: {}", ran.err);
    }
}

/// The arguments of a line, which has names for base policies.
fn words(line: &str) -> Vec<&str> {
    let words = line.split(' ').flat_map(|word| match word {
        "BASE" => vec!["--policy", "img-src 'self'"],
        "NONCE" => vec!["--policy", "script-src 'nonce-abcdefgh'"],
        word => vec![word],
    });
    words.collect()
}
