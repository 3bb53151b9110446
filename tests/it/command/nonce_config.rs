//! `[nonce]` in `cspseal.toml`: `cspseal nonce` needs no arguments then, and arguments beat it.

use crate::support::{self, Ran, folder, read};

const PAGE: &str = "<script src=a.js></script><style>p{}</style>";

/// Runs on a page under a configuration; what happened, and the page afterwards.
fn run(config: &str, line: &str) -> (Ran, String) {
    let folder = folder(&[("a.html", PAGE), ("cspseal.toml", config)]);
    let args: Vec<&str> = line.split(' ').collect();
    let ran = support::run(folder.path(), &args);
    (ran, read(&folder, "a.html"))
}

#[test]
fn the_table_says_what_is_written() {
    for (config, line, expected) in [
        (
            "[nonce]\nframework = \"django\"",
            "nonce --write a.html",
            "<script nonce=\"{{ csp_nonce }}\" src=a.js></script><style nonce=\"{{ csp_nonce }}\">p{}</style>",
        ),
        (
            "[nonce]\nvalue = \"{{ n }}\"\nelements = [\"style\"]",
            "nonce --write a.html",
            "<script src=a.js></script><style nonce=\"{{ n }}\">p{}</style>",
        ),
        (
            "[nonce]\nplaceholder = \"CSP_NONCE_x\"\nelements = [\"style\"]",
            "nonce --write --elements script a.html",
            "<script nonce=\"CSP_NONCE_x\" src=a.js></script><style>p{}</style>",
        ),
        (
            "[nonce]\nframework = \"rails\"",
            "nonce --write --value {{x}} --elements script a.html",
            "<script nonce=\"{{x}}\" src=a.js></script><style>p{}</style>",
        ),
    ] {
        let (ran, page) = run(config, line);
        assert_eq!((ran.code, &*page), (0, expected), "{config}: {}", ran.err);
    }
}

#[test]
fn an_other_nonce_is_replaced_when_the_table_says_so() {
    let folder = folder(&[
        ("a.html", "<script nonce=\"{{ a }}\" src=a.js></script>"),
        ("cspseal.toml", "[nonce]\nvalue = \"{{ b }}\"\nreplace = true"),
    ]);
    let ran = support::run(folder.path(), &["nonce", "--write"]);
    assert_eq!((ran.code, &*ran.err), (0, "cspseal: 1 nonce in 1 file changed\n"));
    assert_eq!(read(&folder, "a.html"), "<script nonce=\"{{ b }}\" src=a.js></script>");
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_is_written() {
    for (config, line, message) in [
        ("", "nonce --write", "--framework, --value or --placeholder, or in [nonce]"),
        ("[nonce]\nframework = \"djagno\"", "nonce --write", "unknown framework \"djagno\""),
        (
            "[nonce]\nvalue = \"{{ n }}\"\nplaceholder = \"x\"",
            "nonce --write",
            "keep one of framework, value and placeholder",
        ),
        ("[nonce]\nplaceholder = \"random\"", "nonce --write", "would be another text in each run"),
        ("[nonce]\nvalue = \"{{ n }}\"\nelements = [\"img\"]", "nonce --write", "write script, style or link"),
        ("[nonce]\nframwork = \"go\"", "nonce --write", "help: write framework"),
        ("[nonce]\nframework = \"go\"", "nonce --server nginx --print-policy", "--server replaces a placeholder"),
    ] {
        let (ran, page) = run(config, line);
        assert_eq!((ran.code, &*ran.out, &*page), (2, "", PAGE), "{config}");
        assert!(ran.err.contains(message), "{config}: {}", ran.err);
    }
}
